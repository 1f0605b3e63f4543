"""Charge, discharge, hold and stop: what is written, and who may replace whose dispatch."""

import asyncio
from datetime import UTC, datetime, timedelta
from functools import partial

from homeassistant.core import HomeAssistant
import pytest

from custom_components.alphaess_live.alphaess.dispatch import HoldBlock
from custom_components.alphaess_live.alphaess.errors import (
    CommunicationError,
    InvalidDispatchError,
    NotAppliedError,
    WriteOutcomeUnknownError,
)
from custom_components.alphaess_live.alphaess.registers import (
    DispatchOrder,
)
from custom_components.alphaess_live.control import orders
from custom_components.alphaess_live.coordinator import ON_SNAPSHOT
from custom_components.alphaess_live.exceptions import (
    ControlsOffError,
    ForeignDispatchError,
)
from custom_components.alphaess_live.simulator.behaviour import Reply
from custom_components.alphaess_live.simulator.journal import FunctionCode
from custom_components.alphaess_live.simulator.models import MODELS
from custom_components.alphaess_live.simulator.simulated_battery import SimulatedBattery

from ..conftest import House, poll, set_behaviour
from ..orders import charge, dispatch_status, read_order, write_app_order


@pytest.mark.parametrize("model", MODELS)
async def test_charge_on_every_model_is_applied_and_verified(live_house: House) -> None:
    requested = {"action": "charge", "power": 3000, "target_soc": 80, "duration": 3600}
    before = datetime.now(UTC)
    outcome = await charge(live_house)
    assert outcome.requested == outcome.applied == requested
    assert outcome.verified
    assert outcome.expires_at
    assert outcome.expires_at >= before + timedelta(hours=1)
    assert read_order(live_house).power == -3000
    assert dispatch_status(live_house) == ("charging", "alphaess_live")


async def test_order_takes_three_requests_one_of_them_a_write(
    live_house: House,
) -> None:
    for order in (charge(live_house), orders.stop(live_house.controller)):
        live_house.inverter.journal.clear()
        await order
        assert len(live_house.inverter.journal.requests) == 3
        assert len(live_house.inverter.journal.written) == 1


async def test_order_notifies_only_listeners_of_its_block(
    live_house: House,
) -> None:
    notified: list[str | None] = []
    for part in (None, DispatchOrder.name, "battery", ON_SNAPSHOT):
        live_house.coordinator.async_add_listener(partial(notified.append, part), part)
    await charge(live_house)
    assert notified == [None, DispatchOrder.name]


async def test_order_is_one_write_of_nine_registers(live_house: House) -> None:
    live_house.inverter.journal.clear()
    await charge(live_house, target_soc=100)
    (request,) = live_house.inverter.journal.written
    assert request.function is FunctionCode.WRITE
    assert request.address == 0x0880
    assert request.values == (1, 0, 29000, 0, 32000, 2, 255, 0, 3600)


async def test_discharge_and_hold_are_applied(live_house: House) -> None:
    controller = live_house.controller
    await orders.discharge(controller, power=2000, target_soc=20, duration=600)
    assert read_order(live_house).power == 2000
    assert dispatch_status(live_house) == ("discharging", "alphaess_live")
    outcome = await orders.hold(controller, duration=900)
    assert outcome.applied == {"action": "hold", "duration": 900}
    assert dispatch_status(live_house) == ("holding", "alphaess_live")


async def test_stop_ends_our_dispatch_and_is_not_written_twice(
    live_house: House,
) -> None:
    await charge(live_house)
    outcome = await orders.stop(live_house.controller)
    assert outcome.applied == {"action": "stop"}
    assert outcome.expires_at is None
    assert dispatch_status(live_house) == ("idle", "none")
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
async def test_order_out_of_range_sends_no_request(
    live_house: House, field: str, changes: dict[str, float]
) -> None:
    live_house.inverter.journal.clear()
    with pytest.raises(InvalidDispatchError) as caught:
        await charge(live_house, **changes)
    assert caught.value.field == field
    assert not live_house.inverter.journal.requests


async def test_link_lost_before_read_back_next_snapshot_shows_the_order(
    live_house: House,
) -> None:
    await charge(live_house)
    set_behaviour(live_house, delay=0.05)
    live_house.inverter.journal.clear()
    order = asyncio.create_task(charge(live_house, power=2000))
    while read_order(live_house).power != -2000:
        await asyncio.sleep(0.005)
    set_behaviour(live_house, silent=True)
    with pytest.raises(WriteOutcomeUnknownError):
        await order
    set_behaviour(live_house, silent=False, delay=0)
    await poll(live_house, full=True)
    assert dispatch_status(live_house) == ("charging", "alphaess_live")
    dispatch = live_house.controller.dispatch
    assert dispatch
    assert dispatch.order.power == -2000


async def test_unanswered_order_not_applied_previous_one_stays_ours(
    live_house: House,
) -> None:
    await charge(live_house)
    set_behaviour(live_house, block_write=Reply.SILENT, block_write_of_one=Reply.SILENT)
    with pytest.raises(WriteOutcomeUnknownError):
        await charge(live_house, power=2000)
    await poll(live_house, full=True)
    assert dispatch_status(live_house) == ("charging", "alphaess_live")
    assert read_order(live_house).power == -3000


async def test_order_while_disconnected_sends_no_request(live_house: House) -> None:
    await live_house.server.switch_off()
    live_house.inverter.switch_off()
    await poll(live_house)
    live_house.inverter.journal.clear()
    with pytest.raises(CommunicationError):
        await charge(live_house)
    assert not live_house.inverter.journal.requests


async def test_simultaneous_orders_are_written_one_after_the_other(
    live_house: House,
) -> None:
    set_behaviour(live_house, delay=0.01)
    first, second = await asyncio.gather(
        charge(live_house),
        orders.discharge(
            live_house.controller, power=1000, target_soc=20, duration=600
        ),
    )
    assert first.applied["action"] == "charge"
    assert second.applied["action"] == "discharge"
    assert dispatch_status(live_house) == ("discharging", "alphaess_live")
    assert [one.values[2] for one in live_house.inverter.journal.written] == [
        29000,
        33000,
    ]


@pytest.mark.parametrize("options", [{"message_spacing": 0, "controls": False}])
async def test_orders_with_controls_off_write_nothing(
    hass: HomeAssistant, live_house: House
) -> None:
    write_app_order(live_house)
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


async def test_order_during_foreign_dispatch_raises_and_writes_nothing(
    live_house: House,
) -> None:
    write_app_order(live_house)
    live_house.inverter.journal.clear()
    for order in (charge(live_house), orders.stop(live_house.controller)):
        with pytest.raises(ForeignDispatchError):
            await order
    assert not live_house.inverter.journal.written
    assert dispatch_status(live_house) == ("charging", "other")


async def test_order_with_take_over_replaces_a_foreign_dispatch(
    live_house: House,
) -> None:
    write_app_order(live_house)
    await charge(live_house, take_over=True)
    assert dispatch_status(live_house) == ("charging", "alphaess_live")
    write_app_order(live_house)
    await orders.stop(live_house.controller, take_over=True)
    assert dispatch_status(live_house) == ("idle", "none")


@pytest.mark.parametrize(
    ("block", "mode", "power", "discharges", "charges"),
    [
        (HoldBlock.BOTH, 2, 0, False, False),
        (HoldBlock.DISCHARGE, 1, -8000, False, True),
        (HoldBlock.CHARGE, 19, 0, True, False),
    ],
)
async def test_hold_blocks_what_is_ordered(
    live_house: House,
    block: HoldBlock,
    mode: int,
    power: int,
    *,
    discharges: bool,
    charges: bool,
) -> None:
    simulated = live_house.inverter.house
    simulated.battery = SimulatedBattery(simulated.equipment.pack, 30)
    outcome = await orders.hold(live_house.controller, duration=86_400, block=block)
    assert outcome.applied.get("block", "both") == block
    assert live_house.inverter.words()[0x0885] == mode
    assert read_order(live_house).power == power
    assert dispatch_status(live_house) == ("holding", "alphaess_live")
    flows = []
    for _ in range(23):
        live_house.inverter.advance(3600)
        flows.append(simulated.flow)
    assert any(flow.battery > 0 for flow in flows) == discharges
    assert any(flow.battery < 0 for flow in flows) == charges
    # The loss of the inverter is not in the surplus.
    assert all(flow.grid < 50 for flow in flows if flow.battery < 0)


async def test_hold_in_another_mode_is_stopped(live_house: House) -> None:
    set_behaviour(live_house, word_overrides={0x0885: 2})
    with pytest.raises(NotAppliedError):
        await orders.hold(
            live_house.controller, duration=3600, block=HoldBlock.DISCHARGE
        )
    assert not read_order(live_house).start
