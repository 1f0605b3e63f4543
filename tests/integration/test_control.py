"""Control that can be trusted: what is ordered is verified, bounded in time, and never fights."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

from homeassistant.core import HomeAssistant
import pytest

from custom_components.alphaess_live.alphaess.errors import (
    CommunicationError,
    InvalidDispatchError,
    WriteOutcomeUnknownError,
)
from custom_components.alphaess_live.alphaess.registers import (
    DispatchMode,
    DispatchOrder,
)
from custom_components.alphaess_live.alphaess.write_policy import DISPATCH_ADDRESSES
from custom_components.alphaess_live.alphaess.writer import START_ADDRESS
from custom_components.alphaess_live.control import orders
from custom_components.alphaess_live.coordinator import ON_SNAPSHOT
from custom_components.alphaess_live.exceptions import ControlsOffError
from custom_components.alphaess_live.simulator.behaviour import Reply
from custom_components.alphaess_live.simulator.journal import FunctionCode
from custom_components.alphaess_live.simulator.models import MODELS

from .conftest import House, poll

APP = DispatchOrder(
    start=1,
    power=-5000,
    reactive_power=0,
    mode=DispatchMode.SOC_CONTROL,
    target_soc=100,
    duration=5580,
)
"""What the vendor's app writes: 5 kW, 93 minutes."""


def order_of(house: House) -> DispatchOrder:
    """Read the order that the simulated inverter is under, at its source."""
    return DispatchOrder.decode(house.inverter.words())


def app_orders(house: House, order: DispatchOrder = APP) -> None:
    """Write an order as the vendor's app does: behind our back."""
    words = order.encode()
    house.inverter.write_as_app(
        START_ADDRESS, *(words[at] for at in DISPATCH_ADDRESSES)
    )


def misbehave(house: House, **habits: Any) -> None:
    """Change how the simulated inverter behaves."""
    house.inverter.behaviour = replace(house.inverter.behaviour, **habits)


async def charge(house: House, **changes: Any) -> orders.Outcome:
    """Charge with 3 kW to 80 % for an hour, unless told otherwise."""
    usual = {"power": 3000, "target_soc": 80, "duration": 3600}
    return await orders.charge(house.controller, **usual | changes)


def seen(house: House) -> tuple[str, str]:
    """Say what runs and who controls it, as entities do."""
    told = house.controller.dispatch
    assert told
    return told.battery_action.value, told.owner.value


@pytest.mark.parametrize("model", MODELS)
async def test_an_order_is_carried_out_and_verified(live_house: House) -> None:
    asked = {"action": "charge", "power": 3000, "target_soc": 80, "duration": 3600}
    before = datetime.now(UTC)
    outcome = await charge(live_house)
    assert outcome.requested == outcome.applied == asked
    assert outcome.verified
    assert outcome.expires_at
    assert outcome.expires_at >= before + timedelta(hours=1)
    assert order_of(live_house).power == -3000
    assert seen(live_house) == ("charging", "alphaess_live")


async def test_an_order_costs_three_requests_and_one_of_them_writes(
    live_house: House,
) -> None:
    for order in (charge(live_house), orders.stop(live_house.controller)):
        live_house.inverter.journal.clear()
        await order
        assert len(live_house.inverter.journal.requests) == 3
        assert len(live_house.inverter.journal.written) == 1


async def test_an_order_is_no_news_to_who_shows_something_else(
    live_house: House,
) -> None:
    told: list[str | None] = []
    for part in (None, DispatchOrder.name, "battery", ON_SNAPSHOT):
        live_house.coordinator.async_add_listener(partial(told.append, part), part)
    await charge(live_house)
    assert told == [None, DispatchOrder.name]


async def test_an_order_is_one_write_of_nine_registers(live_house: House) -> None:
    live_house.inverter.journal.clear()
    await charge(live_house, target_soc=100)
    (request,) = live_house.inverter.journal.written
    assert request.function is FunctionCode.WRITE
    assert request.address == 0x0880
    assert request.values == (1, 0, 29000, 0, 32000, 2, 255, 0, 3600)


async def test_discharging_and_holding_are_orders_too(live_house: House) -> None:
    controller = live_house.controller
    await orders.discharge(controller, power=2000, target_soc=20, duration=600)
    assert order_of(live_house).power == 2000
    assert seen(live_house) == ("discharging", "alphaess_live")
    outcome = await orders.hold(controller, duration=900)
    assert outcome.applied == {"action": "hold", "duration": 900}
    assert seen(live_house) == ("holding", "alphaess_live")


async def test_a_stop_ends_ours_and_repeats_without_writing(live_house: House) -> None:
    await charge(live_house)
    outcome = await orders.stop(live_house.controller)
    assert outcome.applied == {"action": "stop"}
    assert outcome.expires_at is None
    assert seen(live_house) == ("idle", "none")
    live_house.inverter.journal.clear()
    again = await orders.stop(live_house.controller)
    assert again.verified
    assert not live_house.inverter.journal.written


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("power", {"power": 0}),
        ("power", {"power": 20_001}),
        ("target_soc", {"target_soc": 3.9}),
        ("target_soc", {"target_soc": 100.1}),
        ("target_soc", {"target_soc": float("nan")}),
        ("duration", {"duration": 59}),
        ("duration", {"duration": 86_401}),
    ],
)
async def test_an_impossible_order_is_never_sent(
    live_house: House, field: str, changes: dict[str, float]
) -> None:
    live_house.inverter.journal.clear()
    with pytest.raises(InvalidDispatchError) as caught:
        await charge(live_house, **changes)
    assert caught.value.field == field
    assert not live_house.inverter.journal.requests


async def test_a_link_that_dies_before_the_read_back_leaves_the_next_snapshot_to_tell(
    live_house: House,
) -> None:
    await charge(live_house)
    misbehave(live_house, delay=0.05)
    live_house.inverter.journal.clear()
    order = asyncio.create_task(charge(live_house, power=2000))
    while order_of(live_house).power != -2000:
        await asyncio.sleep(0.005)
    live_house.inverter.behaviour = replace(live_house.inverter.behaviour, silent=True)
    with pytest.raises(WriteOutcomeUnknownError):
        await order
    misbehave(live_house, silent=False, delay=0)
    await poll(live_house, full=True)
    assert seen(live_house) == ("charging", "alphaess_live")
    told = live_house.controller.dispatch
    assert told
    assert told.order.power == -2000


async def test_an_order_that_never_arrived_leaves_the_one_before_ours(
    live_house: House,
) -> None:
    await charge(live_house)
    misbehave(live_house, block_write=Reply.SILENT, block_write_of_one=Reply.SILENT)
    with pytest.raises(WriteOutcomeUnknownError):
        await charge(live_house, power=2000)
    await poll(live_house, full=True)
    assert seen(live_house) == ("charging", "alphaess_live")
    assert order_of(live_house).power == -3000


async def test_while_the_inverter_is_away_nothing_is_tried(live_house: House) -> None:
    await live_house.server.switch_off()
    live_house.inverter.switch_off()
    await poll(live_house)
    live_house.inverter.journal.clear()
    with pytest.raises(CommunicationError):
        await charge(live_house)
    assert not live_house.inverter.journal.requests


async def test_two_orders_at_once_come_one_after_the_other(live_house: House) -> None:
    misbehave(live_house, delay=0.01)
    first, second = await asyncio.gather(
        charge(live_house),
        orders.discharge(
            live_house.controller, power=1000, target_soc=20, duration=600
        ),
    )
    assert first.applied["action"] == "charge"
    assert second.applied["action"] == "discharge"
    assert seen(live_house) == ("discharging", "alphaess_live")
    assert [one.values[2] for one in live_house.inverter.journal.written] == [
        29000,
        33000,
    ]


@pytest.mark.parametrize("options", [{"message_spacing": 0, "controls": False}])
async def test_without_controls_nothing_is_ever_written(
    hass: HomeAssistant, live_house: House
) -> None:
    app_orders(live_house)
    controller = live_house.controller
    for order in (
        charge(live_house),
        orders.discharge(controller, power=1, target_soc=4, duration=60),
        orders.hold(controller, duration=60),
        orders.stop(controller, take_over=True),
    ):
        with pytest.raises(ControlsOffError):
            await order
    await poll(live_house, full=True)
    await hass.config_entries.async_unload(live_house.entry.entry_id)
    assert live_house.inverter.journal.writes == 0
