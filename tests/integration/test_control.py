"""Control that can be trusted: what is ordered is verified, bounded in time, and never fights."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest

from custom_components.alphaess_live import control
from custom_components.alphaess_live.alphaess.datasheet import (
    DispatchMode,
    DispatchOrder,
)
from custom_components.alphaess_live.alphaess.errors import (
    ControlsOffError,
    ForeignDispatchError,
    InvalidOrderError,
    NotAppliedError,
    UnansweredError,
    UnverifiedError,
)
from custom_components.alphaess_live.alphaess.writable import ORDER
from custom_components.alphaess_live.alphaess.writing import START
from custom_components.alphaess_live.const import DOMAIN
from custom_components.alphaess_live.dispatch_status import status
from custom_components.alphaess_live.simulator.behaviour import Reply
from custom_components.alphaess_live.simulator.journal import Function
from custom_components.alphaess_live.simulator.models import MODELS

from .conftest import House, poll, set_up

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
    house.inverter.press(START, *(words[at] for at in ORDER))


def misbehave(house: House, **habits: Any) -> None:
    """Change how the simulated inverter behaves."""
    house.inverter.behaviour = replace(house.inverter.behaviour, **habits)


async def charge(house: House, **changes: Any) -> control.Outcome:
    """Charge with 3 kW to 80 % for an hour, unless told otherwise."""
    usual = {"power": 3000, "target_soc": 80, "duration": 3600}
    return await control.charge(house.coordinator, **usual | changes)


def seen(house: House) -> tuple[str, str]:
    """Say what runs and who controls it, as entities do."""
    told = status(house.coordinator)
    assert told
    return told.doing.value, told.holder.value


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
    for order in (charge(live_house), control.stop(live_house.coordinator)):
        live_house.inverter.journal.clear()
        await order
        assert len(live_house.inverter.journal.requests) == 3
        assert len(live_house.inverter.journal.written) == 1


async def test_an_order_is_one_write_of_nine_registers(live_house: House) -> None:
    live_house.inverter.journal.clear()
    await charge(live_house, target_soc=100)
    (request,) = live_house.inverter.journal.written
    assert request.function is Function.WRITE
    assert request.address == 0x0880
    assert request.values == (1, 0, 29000, 0, 32000, 2, 255, 0, 3600)


async def test_discharging_and_holding_are_orders_too(live_house: House) -> None:
    coordinator = live_house.coordinator
    await control.discharge(coordinator, power=2000, target_soc=20, duration=600)
    assert order_of(live_house).power == 2000
    assert seen(live_house) == ("discharging", "alphaess_live")
    outcome = await control.hold(coordinator, duration=900)
    assert outcome.applied == {"action": "hold", "duration": 900}
    assert seen(live_house) == ("holding", "alphaess_live")


async def test_a_stop_ends_ours_and_repeats_without_writing(live_house: House) -> None:
    await charge(live_house)
    outcome = await control.stop(live_house.coordinator)
    assert outcome.applied == {"action": "stop"}
    assert outcome.expires_at is None
    assert seen(live_house) == ("idle", "none")
    live_house.inverter.journal.clear()
    again = await control.stop(live_house.coordinator)
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
    with pytest.raises(InvalidOrderError) as caught:
        await charge(live_house, **changes)
    assert caught.value.field == field
    assert not live_house.inverter.journal.requests


async def test_an_inverter_that_ignores_writes_is_found_out(live_house: House) -> None:
    misbehave(live_house, ignores_writes=True)
    with pytest.raises(NotAppliedError) as caught:
        await charge(live_house)
    assert caught.value.requested["action"] == "charge"
    assert caught.value.applied == {"action": "stop"}
    assert seen(live_house) == ("idle", "none")


async def test_an_ignored_change_leaves_the_order_that_runs_ours(
    live_house: House,
) -> None:
    await charge(live_house)
    misbehave(live_house, ignores_writes=True)
    with pytest.raises(NotAppliedError) as caught:
        await charge(live_house)
    assert caught.value.applied["power"] == 3000
    assert seen(live_house) == ("charging", "alphaess_live")


async def test_an_ignored_stop_is_an_error(live_house: House) -> None:
    await charge(live_house)
    misbehave(live_house, ignores_writes=True)
    with pytest.raises(NotAppliedError):
        await control.stop(live_house.coordinator)
    assert seen(live_house) == ("charging", "alphaess_live")


async def test_a_discharge_that_is_not_allowed_does_not_stay_as_a_hold(
    live_house: House,
) -> None:
    misbehave(live_house, ignores_discharge=True)
    with pytest.raises(NotAppliedError) as caught:
        await control.discharge(
            live_house.coordinator, power=2000, target_soc=20, duration=600
        )
    assert caught.value.applied["action"] == "hold"
    assert not order_of(live_house).start
    assert seen(live_house) == ("idle", "none")


async def test_a_clamped_order_says_to_what(live_house: House) -> None:
    misbehave(live_house, power_limit=2500, duration_limit=1800)
    outcome = await charge(live_house)
    assert (outcome.requested["power"], outcome.requested["duration"]) == (3000, 3600)
    assert (outcome.applied["power"], outcome.applied["duration"]) == (2500, 1800)
    assert outcome.expires_at
    assert outcome.expires_at <= datetime.now(UTC) + timedelta(seconds=1800)
    assert seen(live_house) == ("charging", "alphaess_live")


async def test_a_read_back_that_lags_is_waited_for(live_house: House) -> None:
    misbehave(live_house, lag=0.6)
    outcome = await charge(live_house)
    assert outcome.applied["power"] == 3000


async def test_where_single_block_writes_are_refused_the_other_function_is_learned(
    live_house: House,
) -> None:
    misbehave(live_house, block_write_of_one=Reply.REFUSED)
    await charge(live_house)
    await control.stop(live_house.coordinator)
    await charge(live_house)
    live_house.inverter.journal.clear()
    await control.stop(live_house.coordinator)
    (request,) = live_house.inverter.journal.written
    assert request.function is Function.WRITE_ONE


async def test_an_inverter_that_never_answers_single_writes_is_not_asked_for_one(
    live_house: House,
) -> None:
    misbehave(live_house, single_write=Reply.SILENT)
    await charge(live_house)
    await control.stop(live_house.coordinator)
    functions = {one.function for one in live_house.inverter.journal.written}
    assert functions == {Function.WRITE}


async def test_without_block_writes_the_start_flag_is_written_last(
    live_house: House,
) -> None:
    misbehave(live_house, block_write=Reply.REFUSED, block_write_of_one=Reply.REFUSED)
    await charge(live_house)
    assert order_of(live_house).power == -3000
    live_house.inverter.journal.clear()
    await charge(live_house, power=2000)
    written = live_house.inverter.journal.written
    assert all(one.function is Function.WRITE_ONE for one in written)
    assert (written[0].address, written[0].values) == (START, (0,))
    assert (written[-1].address, written[-1].values) == (START, (1,))
    assert order_of(live_house).power == -2000


async def test_an_inverter_that_takes_no_function_refuses(live_house: House) -> None:
    misbehave(
        live_house,
        block_write=Reply.REFUSED,
        block_write_of_one=Reply.REFUSED,
        single_write=Reply.REFUSED,
    )
    with pytest.raises(NotAppliedError):
        await charge(live_house)
    assert seen(live_house) == ("idle", "none")


async def test_a_busy_inverter_is_no_unknown_state(live_house: House) -> None:
    misbehave(live_house, exception=6)
    with pytest.raises(UnansweredError) as caught:
        await charge(live_house)
    assert not isinstance(caught.value, UnverifiedError)


async def test_somebody_elses_dispatch_is_left_alone(live_house: House) -> None:
    app_orders(live_house)
    live_house.inverter.journal.clear()
    for order in (charge(live_house), control.stop(live_house.coordinator)):
        with pytest.raises(ForeignDispatchError):
            await order
    assert not live_house.inverter.journal.written
    assert seen(live_house) == ("charging", "other")


async def test_somebody_elses_dispatch_is_taken_over_when_asked_for(
    live_house: House,
) -> None:
    app_orders(live_house)
    await charge(live_house, take_over=True)
    assert seen(live_house) == ("charging", "alphaess_live")
    app_orders(live_house)
    await control.stop(live_house.coordinator, take_over=True)
    assert seen(live_house) == ("idle", "none")


async def test_somebody_elses_dispatch_shows_with_the_next_snapshot(
    live_house: House,
) -> None:
    app_orders(live_house)
    await poll(live_house, full=True)
    assert seen(live_house) == ("charging", "other")
    told = status(live_house.coordinator)
    assert told
    assert told.remaining is None


async def test_an_order_that_overwrites_ours_is_a_repair_until_it_is_gone(
    live_house: House, issue_registry: ir.IssueRegistry
) -> None:
    issue = f"dispatch_overwritten_{live_house.entry.entry_id}"
    await charge(live_house)
    app_orders(live_house)
    await poll(live_house, full=True)
    assert seen(live_house) == ("charging", "other")
    assert issue_registry.async_get_issue(DOMAIN, issue)
    live_house.inverter.press(START, 0)
    await poll(live_house, full=True)
    assert not issue_registry.async_get_issue(DOMAIN, issue)


async def test_somebody_elses_dispatch_after_ours_is_no_repair(
    live_house: House, issue_registry: ir.IssueRegistry
) -> None:
    await charge(live_house)
    await control.stop(live_house.coordinator)
    app_orders(live_house)
    await poll(live_house, full=True)
    assert seen(live_house) == ("charging", "other")
    issue = f"dispatch_overwritten_{live_house.entry.entry_id}"
    assert not issue_registry.async_get_issue(DOMAIN, issue)


async def test_an_order_that_is_overwritten_before_it_reads_back_is_an_error(
    live_house: House,
) -> None:
    misbehave(live_house, delay=0.05)
    order = asyncio.create_task(charge(live_house))
    while order_of(live_house).power != -3000:
        await asyncio.sleep(0.005)
    app_orders(live_house)
    with pytest.raises(NotAppliedError) as caught:
        await order
    assert caught.value.applied["power"] == 5000
    assert order_of(live_house) == APP
    assert seen(live_house) == ("charging", "other")


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
    with pytest.raises(UnverifiedError, match="unknown"):
        await order
    misbehave(live_house, silent=False, delay=0)
    await poll(live_house, full=True)
    assert seen(live_house) == ("charging", "alphaess_live")
    told = status(live_house.coordinator)
    assert told
    assert told.order.power == -2000


async def test_an_order_that_never_arrived_leaves_the_one_before_ours(
    live_house: House,
) -> None:
    await charge(live_house)
    misbehave(live_house, block_write=Reply.SILENT, block_write_of_one=Reply.SILENT)
    with pytest.raises(UnverifiedError):
        await charge(live_house, power=2000)
    await poll(live_house, full=True)
    assert seen(live_house) == ("charging", "alphaess_live")
    assert order_of(live_house).power == -3000


async def test_while_the_inverter_is_away_nothing_is_tried(live_house: House) -> None:
    await live_house.server.switch_off()
    live_house.inverter.switch_off()
    await poll(live_house)
    live_house.inverter.journal.clear()
    with pytest.raises(UnansweredError):
        await charge(live_house)
    assert not live_house.inverter.journal.requests


async def test_two_orders_at_once_come_one_after_the_other(live_house: House) -> None:
    misbehave(live_house, delay=0.01)
    first, second = await asyncio.gather(
        charge(live_house),
        control.discharge(
            live_house.coordinator, power=1000, target_soc=20, duration=600
        ),
    )
    assert first.applied["action"] == "charge"
    assert second.applied["action"] == "discharge"
    assert seen(live_house) == ("discharging", "alphaess_live")
    assert [one.values[2] for one in live_house.inverter.journal.written] == [
        29000,
        33000,
    ]


async def test_an_order_outlives_home_assistant_and_is_still_ours(
    hass: HomeAssistant, live_house: House, hass_storage: dict[str, Any]
) -> None:
    outcome = await charge(live_house)
    await hass.async_block_till_done()
    kept = hass_storage[f"{DOMAIN}.{live_house.entry.entry_id}"]["data"]
    assert len(kept["leases"]) == 1
    told = status(live_house.coordinator)
    assert told
    assert told.expires_at == outcome.expires_at


async def test_a_restarted_inverter_has_forgotten_our_order(live_house: House) -> None:
    await charge(live_house)
    live_house.inverter.switch_off()
    live_house.inverter.switch_on()
    await poll(live_house, full=True)
    assert seen(live_house) == ("idle", "none")
    await charge(live_house)
    assert seen(live_house) == ("charging", "alphaess_live")


async def test_an_order_ends_by_itself(live_house: House) -> None:
    await charge(live_house, duration=60)
    live_house.inverter.advance(61)
    live_house.inverter.journal.clear()
    await poll(live_house, full=True)
    assert seen(live_house) == ("idle", "none")
    assert not live_house.inverter.journal.written


@pytest.mark.parametrize("options", [{"message_spacing": 0, "controls": False}])
async def test_without_controls_nothing_is_ever_written(
    hass: HomeAssistant, live_house: House
) -> None:
    app_orders(live_house)
    coordinator = live_house.coordinator
    for order in (
        charge(live_house),
        control.discharge(coordinator, power=1, target_soc=4, duration=60),
        control.hold(coordinator, duration=60),
        control.stop(coordinator, take_over=True),
    ):
        with pytest.raises(ControlsOffError):
            await order
    await poll(live_house, full=True)
    await hass.config_entries.async_unload(live_house.entry.entry_id)
    assert live_house.inverter.journal.writes == 0


async def test_starting_writes_nothing_whatever_runs(
    hass: HomeAssistant, house: House
) -> None:
    app_orders(house)
    await set_up(hass, house)
    assert house.inverter.journal.writes == 0
    assert order_of(house) == APP


async def test_unloading_stops_ours(hass: HomeAssistant, live_house: House) -> None:
    await charge(live_house)
    await hass.config_entries.async_unload(live_house.entry.entry_id)
    assert not order_of(live_house).start


@pytest.mark.parametrize("options", [{"message_spacing": 0, "stop_on_unload": False}])
async def test_unloading_lets_ours_run_on_if_the_user_wants_so(
    hass: HomeAssistant, live_house: House
) -> None:
    await charge(live_house)
    entry = live_house.entry
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert seen(live_house) == ("charging", "alphaess_live")


async def test_unloading_leaves_somebody_elses_dispatch_running(
    hass: HomeAssistant, live_house: House
) -> None:
    await charge(live_house)
    app_orders(live_house)
    await hass.config_entries.async_unload(live_house.entry.entry_id)
    assert order_of(live_house) == APP


async def test_removing_an_inverter_forgets_its_leases(
    hass: HomeAssistant, live_house: House, hass_storage: dict[str, Any]
) -> None:
    await charge(live_house)
    await hass.config_entries.async_remove(live_house.entry.entry_id)
    await hass.async_block_till_done()
    assert f"{DOMAIN}.{live_house.entry.entry_id}" not in hass_storage
    assert not order_of(live_house).start
