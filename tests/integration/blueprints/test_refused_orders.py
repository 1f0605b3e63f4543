"""An order that is refused or cannot be given yet is given once, as soon as that is possible, within its time."""

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

from homeassistant.core import Event, HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    async_capture_events,
    async_fire_time_changed,
)

from custom_components.alphaess_live.alphaess.identity_detection import IdentityDetector
from custom_components.alphaess_live.alphaess.registers import Battery
from custom_components.alphaess_live.control import orders
from custom_components.alphaess_live.monitor.bus_events import DISPATCH_EVENT_TYPE

from ..conftest import House, bring_back, lose, poll, set_behaviour, set_up
from ..orders import charge, dispatch_status, read_order, set_soc, write_app_order
from .automations import (
    around_now,
    automate,
    from_local_time,
    is_waiting,
    until,
)

PRICE = "input_number.price"
WARNING = "input_boolean.warning"
PERIOD = ("night_tariff_charge", "evening_discharge", "weekly_plan")
ALL_BLUEPRINTS = pytest.mark.parametrize(
    ("blueprint", "inputs", "action"),
    [
        ("night_tariff_charge", {}, "charging"),
        ("evening_discharge", {}, "discharging"),
        ("weekly_plan", {}, "charging"),
        ("weekly_plan", {"action_1": "no_discharge"}, "holding"),
        ("cheap_tariff_charge", {"price": PRICE, "limit": 0.2}, "charging"),
        ("negative_price_charge", {"price": PRICE}, "charging"),
        ("storm_reserve", {"warning": WARNING}, "charging"),
    ],
)


@pytest.fixture(autouse=True)
def ticking_clock() -> Iterator[None]:
    """Let the host's clock go on from five past an hour: nothing is renewed then."""
    with from_local_time(f"{dt_util.now():%Y-%m-%d %H}:05"):
        yield


@pytest.fixture
def refusals(hass: HomeAssistant) -> list[Event]:
    """Collect the events of the dispatch."""
    return async_capture_events(hass, DISPATCH_EVENT_TYPE)


async def automate_now(
    hass: HomeAssistant, house: House, blueprint: str, **inputs: Any
) -> None:
    """Create an automation whose time is now, for another hour where it has a time."""
    hass.states.async_set(PRICE, "-0.05")
    hass.states.async_set(WARNING, "on")
    if blueprint in PERIOD:
        suffix = "_1" if blueprint == "weekly_plan" else ""
        times = around_now(begin=-1, end=1)
        inputs |= {f"{key}{suffix}": at for key, at in times.items()}
    await automate(hass, house, blueprint, **inputs)
    hass.bus.async_fire("automation_reloaded")


async def settle() -> None:
    """Let what has been answered have its consequences, until the automation waits."""
    for _ in range(100):
        await asyncio.sleep(0)


async def let_pass(hass: HomeAssistant, seconds: float) -> None:
    """Let the timers end that are due in so many seconds."""
    await settle()
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=seconds))


@ALL_BLUEPRINTS
async def test_refused_order_is_given_once_when_it_is_accepted(
    hass: HomeAssistant,
    live_house: House,
    refusals: list[Event],
    *,
    blueprint: str,
    inputs: dict[str, Any],
    action: str,
) -> None:
    await set_soc(live_house, 40)
    set_behaviour(live_house, ignores_writes=True)
    await automate_now(hass, live_house, blueprint, **inputs)
    await until(lambda: len(refusals) == 1)
    assert is_waiting(hass, blueprint)
    set_behaviour(live_house, ignores_writes=False)
    await let_pass(hass, 61)
    await until(lambda: dispatch_status(live_house) == (action, "alphaess_live"))
    await until(lambda: not is_waiting(hass, blueprint))
    writes = live_house.inverter.journal.writes
    await orders.stop(live_house.controller)
    await let_pass(hass, 200)
    await hass.async_block_till_done()
    # The user has stopped it: it is not given again.
    assert live_house.inverter.journal.writes == writes + 1
    assert not read_order(live_house).start


@ALL_BLUEPRINTS
async def test_order_that_is_lost_on_the_way_is_given_when_connected_again(
    hass: HomeAssistant,
    live_house: House,
    *,
    blueprint: str,
    inputs: dict[str, Any],
    action: str,
) -> None:
    await set_soc(live_house, 40)
    await lose(hass, live_house)
    await automate_now(hass, live_house, blueprint, **inputs)
    await until(lambda: is_waiting(hass, blueprint))
    assert live_house.inverter.journal.writes == 0
    await bring_back(hass, live_house)
    await hass.async_block_till_done()
    assert dispatch_status(live_house) == (action, "alphaess_live")
    # The trigger, too, has seen the return: once is enough.
    assert live_house.inverter.journal.writes == 1
    assert not is_waiting(hass, blueprint)


@ALL_BLUEPRINTS
async def test_order_is_given_when_the_soc_and_rated_power_are_known(
    hass: HomeAssistant,
    house: House,
    *,
    blueprint: str,
    inputs: dict[str, Any],
    action: str,
) -> None:
    # As in the first minute of an inverter.
    soc = Battery.registers["soc"].address
    set_behaviour(house, word_overrides={soc: 0xFFFF})
    await set_up(hass, house)
    known = house.identity
    first = replace(known, unconfirmed=frozenset({"rated_power"}))
    house.coordinator.inverter.identity_detector = IdentityDetector(first)
    await automate_now(hass, house, blueprint, **inputs)
    if blueprint == "negative_price_charge":
        # It needs neither.
        await until(lambda: dispatch_status(house) == (action, "alphaess_live"))
        return
    await until(lambda: is_waiting(hass, blueprint))
    assert house.inverter.journal.writes == 0
    set_behaviour(house, word_overrides={})
    house.coordinator.inverter.identity_detector = IdentityDetector(known)
    await set_soc(house, 40)
    await let_pass(hass, 61)
    await until(lambda: dispatch_status(house) == (action, "alphaess_live"))
    assert house.inverter.journal.writes == 1


@ALL_BLUEPRINTS
async def test_order_is_given_when_another_program_has_ended_its_own(
    hass: HomeAssistant,
    live_house: House,
    refusals: list[Event],
    *,
    blueprint: str,
    inputs: dict[str, Any],
    action: str,
) -> None:
    await set_soc(live_house, 40)
    write_app_order(live_house)
    await poll(live_house, full=True)
    await automate_now(hass, live_house, blueprint, **inputs)
    await until(lambda: any(one.data["type"] == "refused" for one in refusals))
    for _ in range(2):
        await let_pass(hass, 200)
    assert sum(one.data["type"] == "refused" for one in refusals) == 1
    assert dispatch_status(live_house)[1] == "other"
    live_house.inverter.write_as_app(0x0880, 0)
    await poll(live_house, full=True)
    await until(lambda: dispatch_status(live_house) == (action, "alphaess_live"))
    assert live_house.inverter.journal.writes == 1


@ALL_BLUEPRINTS
async def test_refused_order_does_not_replace_one_that_was_given_meanwhile(
    hass: HomeAssistant,
    live_house: House,
    refusals: list[Event],
    *,
    blueprint: str,
    inputs: dict[str, Any],
    action: str,
) -> None:
    await set_soc(live_house, 40)
    set_behaviour(live_house, ignores_writes=True)
    await automate_now(hass, live_house, blueprint, **inputs)
    await until(lambda: len(refusals) == 1)
    set_behaviour(live_house, ignores_writes=False)
    await charge(live_house, power=1234)
    await let_pass(hass, 61)
    await until(lambda: not is_waiting(hass, blueprint))
    assert read_order(live_house).power == -1234
    assert action in ("charging", "discharging", "holding")


@pytest.mark.parametrize(
    ("blueprint", "inputs"),
    [
        ("cheap_tariff_charge", {"price": PRICE, "limit": 0.2}),
        ("negative_price_charge", {"price": PRICE}),
        ("storm_reserve", {"warning": WARNING}),
    ],
)
async def test_order_whose_reason_has_gone_is_not_given_any_more(
    hass: HomeAssistant,
    live_house: House,
    refusals: list[Event],
    *,
    blueprint: str,
    inputs: dict[str, Any],
) -> None:
    await set_soc(live_house, 40)
    set_behaviour(live_house, ignores_writes=True)
    await automate_now(hass, live_house, blueprint, **inputs)
    await until(lambda: len(refusals) == 1)
    set_behaviour(live_house, ignores_writes=False)
    await settle()
    hass.states.async_set(PRICE, "0.30")
    hass.states.async_set(WARNING, "off")
    await until(lambda: not is_waiting(hass, blueprint))
    await let_pass(hass, 200)
    await hass.async_block_till_done()
    assert not read_order(live_house).start


@pytest.mark.parametrize("blueprint", PERIOD)
async def test_order_whose_period_is_over_is_not_given_any_more(
    hass: HomeAssistant, live_house: House, blueprint: str
) -> None:
    await set_soc(live_house, 40)
    suffix = "_1" if blueprint == "weekly_plan" else ""
    times = {f"begin{suffix}": "22:00:00", f"end{suffix}": "23:00:00"}
    with from_local_time("2091-07-02 22:58"):
        await lose(hass, live_house)
        await automate(hass, live_house, blueprint, **times)
        for _ in range(2):
            hass.bus.async_fire("automation_reloaded")
        await until(lambda: is_waiting(hass, blueprint))
    with from_local_time("2091-07-02 23:00:01"):
        await bring_back(hass, live_house)
        await until(lambda: not is_waiting(hass, blueprint))
    assert live_house.inverter.journal.writes == 0
