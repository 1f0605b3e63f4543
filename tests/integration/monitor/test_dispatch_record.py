"""How a dispatch ends without a stop, over outages and restarts, and what is kept of it."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from homeassistant.core import Context, Event, HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.alphaess_live.alphaess.errors import (
    NotAppliedError,
    WriteOutcomeUnknownError,
)
from custom_components.alphaess_live.control import orders
from custom_components.alphaess_live.control.feed_in import limit_feed_in
from custom_components.alphaess_live.control.grid_target import hold_grid
from custom_components.alphaess_live.control.order_report import EndReason
from custom_components.alphaess_live.monitor.dispatch_record import (
    Energy,
    EnergyMeter,
    read_counters,
)
from custom_components.alphaess_live.simulator.behaviour import (
    DEFAULT_BEHAVIOUR,
    Reply,
)

from ..conftest import House, bring_back, lose, poll, set_behaviour
from ..orders import PV_SWITCH_ADDRESS, charge, write_app_order
from .dispatches import (
    CHARGE,
    RUNS_ON,
    SteppedClock,
    dispatch_log,
    newest,
    reload,
    run_for,
    types,
)


async def take_effect_late(house: House, **fields: Any) -> None:
    """Give a charge that reads back only after it was reported as not applied."""
    set_behaviour(house, readback_lag=6)
    with pytest.raises(NotAppliedError):
        await charge(house, **fields)
    set_behaviour(house, readback_lag=0)
    house.inverter._delayed_words = (0.0, {})  # noqa: SLF001 - time, not behaviour


async def test_restarted_inverter_has_ended_the_order(
    hass: HomeAssistant, live_house: House, events: list[Event]
) -> None:
    await charge(live_house)
    await lose(hass, live_house)
    await bring_back(hass, live_house)
    await poll(live_house, full=True)
    await hass.async_block_till_done()
    assert types(events)[1:] == [("ended", "inverter_restarted")]


async def test_order_that_another_program_stops_has_an_unknown_end(
    hass: HomeAssistant, half_full_house: House, events: list[Event]
) -> None:
    await charge(half_full_house)
    half_full_house.inverter.write_as_app(0x0880, 0)
    await poll(half_full_house, full=True)
    await hass.async_block_till_done()
    assert types(events)[1:] == [("ended", "unknown")]


async def test_order_stopped_by_another_program_at_its_target_reached_it(
    hass: HomeAssistant, live_house: House, events: list[Event]
) -> None:
    await charge(live_house, target_soc=50)
    live_house.inverter.write_as_app(0x0880, 0)
    await poll(live_house, full=True)
    await hass.async_block_till_done()
    assert types(events)[1:] == [("ended", "target_reached")]


async def test_unloaded_entry_ends_its_order_and_keeps_the_log(
    hass: HomeAssistant, live_house: House, events: list[Event], anna: Context
) -> None:
    await charge(live_house, context=anna)
    await reload(hass, live_house)
    assert types(events) == [("started", None), ("ended", "unload")]
    [record] = dispatch_log(live_house).records
    assert record.reason is EndReason.UNLOAD
    assert record.ordered_by
    assert record.ordered_by.name == "Anna"
    assert record.ordered_by.user_id == "anna"


@pytest.mark.parametrize("options", [RUNS_ON])
async def test_order_over_a_restart_is_one_dispatch_measured_by_counters(
    hass: HomeAssistant,
    half_full_house: House,
    events: list[Event],
    clock: SteppedClock,
) -> None:
    await charge(half_full_house)
    await run_for(half_full_house, 60, clock)
    await reload(hass, half_full_house)
    await run_for(half_full_house, 540, clock)
    await orders.stop(half_full_house.controller)
    await hass.async_block_till_done()
    assert types(events) == [("started", None), ("ended", "stopped")]
    energy = events[-1].data["energy"]
    assert energy["charged"] == pytest.approx(0.5, abs=0.11)
    assert energy["source"] == "counters"


@pytest.mark.parametrize("options", [RUNS_ON])
async def test_order_that_ended_while_home_assistant_was_off_has_no_energy(
    hass: HomeAssistant,
    live_house: House,
    events: list[Event],
    clock: SteppedClock,
) -> None:
    await charge(live_house, duration=600)
    await hass.config_entries.async_unload(live_house.entry.entry_id)
    live_house.inverter.advance(3600)
    clock.tick(3600)
    await hass.config_entries.async_setup(live_house.entry.entry_id)
    await poll(live_house, full=True)
    await hass.async_block_till_done()
    assert types(events) == [("started", None), ("ended", "time_over")]
    assert newest(live_house).energy is None
    ended = newest(live_house).ended_at
    assert ended
    duration = (ended - newest(live_house).started_at).total_seconds()
    assert duration == pytest.approx(600, abs=2)


async def test_order_without_answer_that_never_runs_is_refused_later(
    hass: HomeAssistant,
    live_house: House,
    events: list[Event],
    anna: Context,
    clock: SteppedClock,
) -> None:
    await charge(live_house)
    await orders.stop(live_house.controller)
    await hass.async_block_till_done()
    events.clear()
    set_behaviour(live_house, block_write=Reply.SILENT, block_write_of_one=Reply.SILENT)
    with pytest.raises(WriteOutcomeUnknownError):
        await charge(live_house, context=anna)
    live_house.inverter.behaviour = DEFAULT_BEHAVIOUR
    await poll(live_house, full=True)
    assert events == []
    clock.tick(130)
    await poll(live_house, full=True)
    await poll(live_house, full=True)
    await hass.async_block_till_done()
    assert types(events) == [("refused", "not_applied")]
    assert events[0].data["ordered_by"] == "Anna"


async def test_order_that_takes_effect_late_has_taken_over(
    hass: HomeAssistant, live_house: House, events: list[Event], anna: Context
) -> None:
    write_app_order(live_house)
    await poll(live_house, full=True)
    await take_effect_late(live_house, context=anna, take_over=True)
    await poll(live_house, full=True)
    await hass.async_block_till_done()
    assert types(events) == [
        ("started", None),
        ("refused", "not_applied"),
        ("ended", "overwritten"),
        ("taken_over", None),
    ]
    assert events[-1].data["requested"] == CHARGE
    assert [one.reason for one in dispatch_log(live_house).records] == [
        EndReason.OVERWRITTEN,
        None,
    ]


@pytest.mark.parametrize("options", [RUNS_ON])
@pytest.mark.parametrize("restarts", [False, True])
async def test_order_that_takes_effect_late_has_one_record(
    hass: HomeAssistant,
    live_house: House,
    events: list[Event],
    anna: Context,
    *,
    restarts: bool,
) -> None:
    await take_effect_late(live_house, context=anna)
    assert [one.began_as.value for one in dispatch_log(live_house).records] == [
        "refused"
    ]
    if restarts:
        await reload(hass, live_house)
    await poll(live_house, full=True)
    await hass.async_block_till_done()
    assert types(events) == [("refused", "not_applied"), ("started", None)]
    [record] = dispatch_log(live_house).records
    assert record.began_as.value == "started"
    assert record.requested == CHARGE
    await orders.stop(live_house.controller)
    assert [one.reason for one in dispatch_log(live_house).records] == [
        EndReason.STOPPED
    ]


@pytest.mark.parametrize("options", [RUNS_ON])
async def test_order_that_takes_effect_after_a_new_clock_has_one_record(
    hass: HomeAssistant, live_house: House, anna: Context, clock: SteppedClock
) -> None:
    await take_effect_late(live_house, context=anna)
    clock.set(50 * 60)
    await reload(hass, live_house)
    await poll(live_house, full=True)
    [record] = dispatch_log(live_house).records
    assert record.began_as.value == "started"
    assert record.requested == CHARGE


@pytest.mark.parametrize("caller", ["anna", "berta"])
async def test_longer_order_that_takes_effect_late_has_one_record(
    hass: HomeAssistant,
    live_house: House,
    events: list[Event],
    anna: Context,
    caller: str,
) -> None:
    user = MockUser(id="berta", name="Berta").add_to_hass(hass)
    contexts = {"anna": Context(user_id="anna"), "berta": Context(user_id=user.id)}
    await charge(live_house, context=anna)
    await take_effect_late(live_house, duration=7200, context=contexts[caller])
    await poll(live_house, full=True)
    await hass.async_block_till_done()
    is_extended = caller == "anna"
    records = dispatch_log(live_house).records
    assert len(records) == (1 if is_extended else 2)
    assert records[-1].requested == CHARGE | {"duration": 7200}
    by = records[-1].ordered_by
    assert by
    assert by.name == caller.capitalize()
    changes = [("started", None), ("refused", "not_applied"), ("changed", "replaced")]
    assert types(events) == changes[: 2 if is_extended else 3]


async def test_order_of_a_script_that_is_refused_is_not_the_one_that_runs(
    hass: HomeAssistant, live_house: House, events: list[Event], anna: Context
) -> None:
    await charge(live_house, context=anna)
    set_behaviour(live_house, ignores_writes=True)
    with pytest.raises(NotAppliedError):
        await charge(live_house, duration=7200, context=anna)
    await poll(live_house, full=True)
    await hass.async_block_till_done()
    assert types(events) == [("started", None), ("refused", "not_applied")]
    first, second = dispatch_log(live_house).records
    assert (first.requested, first.reason) == (CHARGE, None)
    assert second.requested == CHARGE | {"duration": 7200}


async def test_unknown_power_or_lower_counters_give_no_energy(
    live_house: House,
) -> None:
    snapshot = live_house.coordinator.latest
    assert snapshot
    assert snapshot.battery
    counters = read_counters(snapshot)
    assert counters
    assert read_counters(replace(snapshot, battery=None)) is None
    new: dict[str, Any] = {"charge_energy_total": None}
    battery = replace(snapshot.battery, **new)
    assert read_counters(replace(snapshot, battery=battery)) is None
    meter = EnergyMeter(timedelta(seconds=15), resumed=False)
    meter.add(None, snapshot.measured_at)
    assert meter.energy(counters, snapshot) == Energy(
        charged=0, discharged=0, source="counters"
    )
    charged, discharged = counters
    assert meter.energy((charged + 1, discharged), snapshot) is None
    assert meter.energy(None, snapshot) is None


@pytest.mark.parametrize("ends_by", ["feed_in_limit", "stop", "time", "reload"])
async def test_pv_off_is_reported_as_applied_until_the_end_and_after_it(
    hass: HomeAssistant,
    half_full_house: House,
    events: list[Event],
    clock: SteppedClock,
    *,
    ends_by: str,
) -> None:
    house, applied = half_full_house, CHARGE | {"duration": 60, "pv": "off"}
    outcome = await charge(house, duration=60, pv=False)
    await run_for(house, 30, clock)
    assert outcome.applied == newest(house).applied == applied
    match ends_by:
        case "feed_in_limit":
            await limit_feed_in(house.controller, share=50)
        case "stop":
            await orders.stop(house.controller)
        case "reload":
            await reload(hass, house)
        case _:
            await run_for(house, 35, clock)
    await hass.async_block_till_done()
    assert [one.data["type"] for one in events] == ["started", "ended"]
    assert [one.data["applied"] for one in events] == [applied, applied]
    assert newest(house).applied == applied


async def test_pv_switch_by_hand_changes_what_the_log_has_as_applied(
    half_full_house: House, clock: SteppedClock
) -> None:
    await charge(half_full_house)
    for on, applied in ((False, CHARGE | {"pv": "off"}), (True, CHARGE)):
        await orders.switch_pv(half_full_house.controller, on=on)
        assert newest(half_full_house).applied == applied
        await run_for(half_full_house, 10, clock)
        assert newest(half_full_house).applied == applied


async def test_pv_switch_that_another_program_changes_is_logged_as_it_is(
    half_full_house: House, clock: SteppedClock
) -> None:
    applied = CHARGE | {"pv": "on"}
    await charge(half_full_house, pv=False)
    half_full_house.inverter.write_as_app(PV_SWITCH_ADDRESS, 1)
    await run_for(half_full_house, 10, clock)
    assert newest(half_full_house).requested == CHARGE | {"pv": "off"}
    assert newest(half_full_house).applied == applied


async def test_grid_target_with_pv_off_is_logged_with_it(
    half_full_house: House, clock: SteppedClock
) -> None:
    outcome = await hold_grid(half_full_house.controller, power=0, duration=3600)
    await orders.switch_pv(half_full_house.controller, on=False)
    await run_for(half_full_house, 10, clock)
    assert newest(half_full_house).applied == outcome.applied | {"pv": "off"}


async def test_pv_off_is_kept_in_the_log_while_its_register_is_not_answered(
    half_full_house: House, clock: SteppedClock
) -> None:
    await charge(half_full_house, pv=False)
    set_behaviour(half_full_house, refused_addresses=frozenset({PV_SWITCH_ADDRESS}))
    await run_for(half_full_house, 10, clock)
    assert newest(half_full_house).applied == CHARGE | {"pv": "off"}
    await orders.stop(half_full_house.controller)
    assert newest(half_full_house).applied == CHARGE | {"pv": "off"}
