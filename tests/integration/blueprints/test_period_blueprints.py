"""The blueprints with times of day: when their periods begin and end, over restarts and outages."""

from typing import Any

from homeassistant.const import EVENT_HOMEASSISTANT_STARTED
from homeassistant.core import HomeAssistant
import pytest

from custom_components.alphaess_live.control import orders

from ..conftest import House, bring_back, lose, poll
from ..orders import charge, dispatch_status, read_order, set_soc
from .automations import (
    around_now,
    at_local_time,
    automate,
    is_waiting,
    run_from,
    until,
)

MONDAY, TUESDAY, SUNDAY = "2091-07-02", "2091-07-03", "2091-07-08"
"""Days in the future: timers for times that are over do not fire."""
NIGHT = {"begin": "22:00:00", "end": "05:30:00"}
PLAN = {
    "days_1": ["mon"],
    "begin_1": "22:00:00",
    "end_1": "06:00:00",
    "target_1": 90,
    "power_1": 4000,
    "days_2": ["mon", "tue"],
    "begin_2": "06:00:00",
    "end_2": "08:00:00",
    "action_2": "no_discharge",
    "days_3": ["tue"],
    "begin_3": "18:00:00",
    "end_3": "21:00:00",
    "action_3": "discharge",
    "power_3": 2500,
    "days_4": ["tue"],
    "begin_4": "19:00:00",
    "end_4": "19:30:00",
    "action_4": "hold",
    "reserve": 25,
}


def order_of(house: House) -> tuple[float, float, float] | None:
    """Return power, target and duration of the running order."""
    order = read_order(house)
    return (order.power, order.target_soc, order.duration) if order.start else None


@pytest.mark.parametrize(
    ("soc", "expected"), [(40, (-3000, 80, 27000)), (80, None), (95, None)]
)
async def test_night_tariff_charges_below_its_target_until_its_end(
    hass: HomeAssistant,
    live_house: House,
    soc: float,
    expected: tuple[int, float, int] | None,
) -> None:
    await set_soc(live_house, soc)
    await run_from(hass, live_house, "night_tariff_charge", f"{MONDAY} 22:00", **NIGHT)
    assert order_of(live_house) == expected
    live_house.inverter.advance(27001)
    assert order_of(live_house) is None


@pytest.mark.parametrize(("soc", "expected"), [(60, (2000, 30, 3 * 3600)), (30, None)])
async def test_evening_discharge_ends_at_its_time_and_above_its_floor(
    hass: HomeAssistant,
    live_house: House,
    soc: float,
    expected: tuple[int, float, int] | None,
) -> None:
    await set_soc(live_house, soc)
    await run_from(hass, live_house, "evening_discharge", f"{MONDAY} 18:00", floor=30)
    assert order_of(live_house) == expected


@pytest.mark.parametrize("event", [EVENT_HOMEASSISTANT_STARTED, "automation_reloaded"])
@pytest.mark.parametrize(
    ("at", "seconds"),
    [
        (f"{MONDAY} 21:59", None),
        (f"{MONDAY} 22:01", 7.5 * 3600 - 60),
        # After midnight it is still the night of Monday.
        (f"{TUESDAY} 02:00", 3.5 * 3600),
        (f"{TUESDAY} 05:29:30", None),
        (f"{TUESDAY} 05:30", None),
        (f"{TUESDAY} 23:00", None),
        (f"{MONDAY} 02:00", None),
    ],
)
async def test_start_or_reload_in_the_night_charges_the_rest_of_it(
    hass: HomeAssistant, live_house: House, event: str, at: str, seconds: float | None
) -> None:
    await set_soc(live_house, 40)
    with at_local_time(at):
        await automate(hass, live_house, "night_tariff_charge", days=["mon"], **NIGHT)
        hass.bus.async_fire(event)
        await hass.async_block_till_done()
    expected = seconds and (-3000, 80, seconds)
    assert order_of(live_house) == expected


async def test_order_that_runs_on_over_a_restart_is_not_repeated(
    hass: HomeAssistant, live_house: House
) -> None:
    await set_soc(live_house, 40)
    with at_local_time(f"{TUESDAY} 01:00"):
        await charge(live_house, power=1000)
        await hass.async_block_till_done()
        writes = live_house.inverter.journal.writes
        await automate(hass, live_house, "night_tariff_charge", **NIGHT)
        hass.bus.async_fire(EVENT_HOMEASSISTANT_STARTED)
        await hass.async_block_till_done()
    assert live_house.inverter.journal.writes == writes
    assert read_order(live_house).power == -1000


@pytest.mark.parametrize(
    ("blueprint", "inputs", "power", "target"),
    [
        ("night_tariff_charge", {}, -3000, 80),
        ("evening_discharge", {}, 2000, 30),
        ("weekly_plan", {"power_1": 4000}, -4000, 80),
    ],
)
async def test_inverter_that_is_away_at_the_beginning_begins_when_it_is_back(
    hass: HomeAssistant,
    live_house: House,
    caplog: pytest.LogCaptureFixture,
    *,
    blueprint: str,
    inputs: dict[str, Any],
    power: int,
    target: int,
) -> None:
    times = around_now(begin=2 / 3600, end=1)
    suffix = "_1" if blueprint == "weekly_plan" else ""
    inputs = inputs | {f"{key}{suffix}": at for key, at in times.items()}
    await set_soc(live_house, 40)
    await lose(hass, live_house)
    await automate(hass, live_house, blueprint, **inputs)
    await until(lambda: is_waiting(hass, blueprint))
    assert "Error executing script" not in caplog.text
    assert live_house.inverter.journal.writes == 0
    await bring_back(hass, live_house)
    order = order_of(live_house)
    assert order
    assert order[:2] == (power, target)
    assert order[2] == pytest.approx(3600, abs=90)


async def test_inverter_that_is_back_after_the_end_gets_no_order(
    hass: HomeAssistant, live_house: House
) -> None:
    await set_soc(live_house, 40)
    times = around_now(begin=-2, end=-1)
    await automate(hass, live_house, "night_tariff_charge", **times)
    await lose(hass, live_house)
    await bring_back(hass, live_house)
    assert order_of(live_house) is None


@pytest.mark.parametrize(
    ("begin", "seconds"),
    [("2091-03-24 22:00", 6.5 * 3600), ("2091-10-27 22:00", 8.5 * 3600)],
)
async def test_night_in_which_the_clocks_change_ends_at_its_time(
    hass: HomeAssistant, live_house: House, begin: str, seconds: float
) -> None:
    await hass.config.async_set_time_zone("Europe/Berlin")
    await set_soc(live_house, 40)
    await run_from(hass, live_house, "night_tariff_charge", begin, **NIGHT)
    assert order_of(live_house) == (-3000, 80, seconds)


@pytest.mark.parametrize(
    ("at", "soc", "expected"),
    [
        (f"{MONDAY} 22:00", 40, (-4000, 90, 8 * 3600)),
        (f"{MONDAY} 22:00", 90, None),
        (f"{TUESDAY} 22:00", 40, None),
        (f"{TUESDAY} 06:00", 40, "discharge"),
        (f"{TUESDAY} 18:00", 60, (2500, 24.8, 3 * 3600)),
        (f"{TUESDAY} 18:00", 25, None),
        (f"{TUESDAY} 19:00", 60, "both"),
        (f"{SUNDAY} 18:00", 60, None),
    ],
)
async def test_weekly_plan_gives_the_order_of_the_period_that_begins(
    hass: HomeAssistant, live_house: House, at: str, soc: float, expected: Any
) -> None:
    await set_soc(live_house, soc)
    await run_from(hass, live_house, "weekly_plan", at, **PLAN)
    dispatch = live_house.controller.dispatch
    assert dispatch
    if isinstance(expected, str):
        assert (dispatch.block, dispatch.order.duration) in {
            ("discharge", 7200),
            ("both", 1800),
        }
        assert dispatch.block == expected
    else:
        assert order_of(live_house) == expected


async def test_weekly_plan_goes_on_after_a_period_within_another_one(
    hass: HomeAssistant, live_house: House
) -> None:
    await set_soc(live_house, 60)
    # The first period has begun at 18:00.
    await run_from(hass, live_house, "weekly_plan", f"{TUESDAY} 19:00", **PLAN)
    assert dispatch_status(live_house)[0] == "holding"
    with at_local_time(f"{TUESDAY} 19:30"):
        live_house.inverter.advance(1801)
        await poll(live_house, full=True)
        await hass.async_block_till_done()
    assert order_of(live_house) == (2500, 24.8, 1.5 * 3600)


async def test_period_that_a_user_has_stopped_stays_stopped(
    hass: HomeAssistant, live_house: House
) -> None:
    await set_soc(live_house, 40)
    await automate(hass, live_house, "weekly_plan", **around_now(begin_1=-2, end_1=1))
    await lose(hass, live_house)
    await bring_back(hass, live_house)
    assert order_of(live_house)
    await orders.stop(live_house.controller)
    await poll(live_house, full=True)
    await hass.async_block_till_done()
    assert order_of(live_house) is None
