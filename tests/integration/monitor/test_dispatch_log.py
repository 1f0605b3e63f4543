"""Each dispatch is logged and reported: who ordered it, why it ended, and the energy that flowed."""

from dataclasses import replace
from datetime import timedelta

from homeassistant.core import Context, Event, HomeAssistant, State
import pytest

from custom_components.alphaess_live.alphaess.errors import (
    CommunicationError,
    NotAppliedError,
    WriteOutcomeUnknownError,
)
from custom_components.alphaess_live.control import orders
from custom_components.alphaess_live.control.order_report import EndReason
from custom_components.alphaess_live.exceptions import ForeignDispatchError
from custom_components.alphaess_live.feed.messages import Message
from custom_components.alphaess_live.monitor.dispatch_log import (
    MAX_RECORDS,
)
from custom_components.alphaess_live.monitor.dispatch_record import DispatchRecord

from ..conftest import House, poll, set_behaviour
from ..orders import APP_ORDER, charge, write_app_order
from ..service_calls import find_entity_id
from .dispatches import (
    CHARGE,
    SteppedClock,
    dispatch_log,
    newest,
    reload,
    run_for,
    types,
)


async def test_order_is_an_event_with_its_caller_on_bus_and_entity(
    hass: HomeAssistant, enabled_house: House, events: list[Event], anna: Context
) -> None:
    await charge(enabled_house, context=anna)
    await hass.async_block_till_done()
    [event] = events
    assert event.context.id == anna.id
    assert event.data["type"] == "started"
    assert event.data["serial"] == enabled_house.identity.serial
    assert event.data["device_id"]
    expected = {
        "requested": CHARGE,
        "applied": CHARGE,
        "ordered_by": "Anna",
        "controlled_by": "alphaess_live",
        "reason": None,
        "ended_by": None,
        "energy": None,
    }
    assert expected.items() <= event.data.items()
    state = hass.states.get(find_entity_id(hass, enabled_house, "event", "dispatch"))
    assert isinstance(state, State)
    assert state.attributes["event_type"] == "started"
    assert expected.items() <= state.attributes.items()
    assert state.context.id == anna.id


async def test_stop_ends_with_who_stopped_and_the_energy_of_the_power(
    hass: HomeAssistant,
    half_full_house: House,
    events: list[Event],
    anna: Context,
    clock: SteppedClock,
) -> None:
    await charge(half_full_house)
    await run_for(half_full_house, 600, clock)
    await orders.stop(half_full_house.controller, context=anna)
    await hass.async_block_till_done()
    assert types(events) == [("started", None), ("ended", "stopped")]
    ended = events[-1]
    assert ended.context.id == anna.id
    assert ended.data["ended_by"] == "Anna"
    assert ended.data["ordered_by"] is None
    energy = ended.data["energy"]
    assert energy["charged"] == pytest.approx(0.5, abs=0.03)
    assert energy["discharged"] == 0
    assert energy["source"] == "power"


async def test_target_reached_is_one_event_and_kept_in_the_record(
    hass: HomeAssistant,
    half_full_house: House,
    events: list[Event],
    anna: Context,
    clock: SteppedClock,
) -> None:
    await charge(half_full_house, target_soc=41, context=anna)
    await run_for(half_full_house, 30, clock)
    assert newest(half_full_house).target_reached_at is None
    await run_for(half_full_house, 600, clock)
    await hass.async_block_till_done()
    assert types(events) == [("started", None), ("target_reached", None)]
    assert [event.data["target_reached"] for event in events] == [False, True]
    assert events[1].context.id == anna.id
    record = newest(half_full_house)
    assert record.target_reached_at
    assert 30 < (record.target_reached_at - record.started_at).total_seconds() < 600
    assert DispatchRecord.from_dict(record.to_dict()) == record
    await reload(hass, half_full_house)
    assert types(events)[2:] == [("ended", "unload")]
    assert events[2].data["target_reached"] is True


async def test_order_to_a_target_that_is_passed_begins_with_it_reached(
    hass: HomeAssistant, live_house: House, events: list[Event]
) -> None:
    await charge(live_house, target_soc=50)
    await poll(live_house, full=True)
    await hass.async_block_till_done()
    assert types(events) == [("started", None)]
    assert events[0].data["target_reached"] is True
    assert newest(live_house).is_reached_at_start


async def test_end_by_time_is_logged_with_the_time_of_its_end(
    hass: HomeAssistant,
    live_house: House,
    events: list[Event],
    clock: SteppedClock,
) -> None:
    await charge(live_house, duration=60)
    await run_for(live_house, 65, clock)
    await hass.async_block_till_done()
    assert types(events) == [("started", None), ("ended", "time_over")]
    record = newest(live_house)
    assert record.ended_at
    assert record.expires_at
    assert record.ended_at <= record.expires_at
    assert 58 <= (record.ended_at - record.started_at).total_seconds() <= 61


async def test_stop_of_an_order_that_had_ended_does_not_change_its_reason(
    live_house: House, clock: SteppedClock
) -> None:
    await charge(live_house, duration=60)
    live_house.inverter.advance(61)
    clock.tick(61)
    await orders.stop(live_house.controller)
    assert newest(live_house).reason is EndReason.TIME_OVER
    await charge(live_house, duration=60)
    live_house.inverter.advance(61)
    clock.tick(61)
    await charge(live_house, power=2000)
    assert [record.reason for record in dispatch_log(live_house).records] == [
        EndReason.TIME_OVER,
        EndReason.TIME_OVER,
        None,
    ]


async def test_another_order_is_a_change_with_the_energy_of_the_replaced_one(
    hass: HomeAssistant,
    half_full_house: House,
    events: list[Event],
    clock: SteppedClock,
) -> None:
    await charge(half_full_house)
    await run_for(half_full_house, 120, clock)
    await orders.hold(half_full_house.controller, duration=900)
    await hass.async_block_till_done()
    assert types(events) == [("started", None), ("changed", "replaced")]
    assert events[-1].data["requested"] == {"action": "hold", "duration": 900}
    assert events[-1].data["energy"]["charged"] == pytest.approx(0.1, abs=0.02)
    first, second = dispatch_log(half_full_house).records
    assert (first.reason, second.reason) == (EndReason.REPLACED, None)


async def test_renewal_by_the_same_caller_is_no_event(
    hass: HomeAssistant, live_house: House, events: list[Event], anna: Context
) -> None:
    await charge(live_house, context=anna)
    await charge(live_house, context=anna, duration=7200)
    await hass.async_block_till_done()
    assert types(events) == [("started", None)]
    [record] = dispatch_log(live_house).records
    assert record.requested == CHARGE | {"duration": 7200}
    assert record.expires_at
    assert record.expires_at - record.started_at > timedelta(hours=1.9)
    await charge(live_house)
    await hass.async_block_till_done()
    assert types(events)[1:] == [("changed", "replaced")]


async def test_order_of_another_program_overwrites_and_is_taken_over(
    hass: HomeAssistant, live_house: House, events: list[Event], anna: Context
) -> None:
    await charge(live_house)
    write_app_order(live_house)
    await poll(live_house, full=True)
    with pytest.raises(ForeignDispatchError):
        await charge(live_house, context=anna)
    await charge(live_house, context=anna, take_over=True)
    await hass.async_block_till_done()
    assert types(events) == [
        ("started", None),
        ("ended", "overwritten"),
        ("started", None),
        ("refused", "foreign_dispatch"),
        ("ended", "overwritten"),
        ("taken_over", None),
    ]
    owners = [event.data["controlled_by"] for event in events]
    ours, other = "alphaess_live", "other"
    assert owners == [ours, ours, other, ours, other, ours]
    foreign = events[2].data
    assert (foreign["requested"], foreign["ordered_by"]) == (None, None)
    assert foreign["applied"]["power"] == -APP_ORDER.power
    assert [event.data["ended_by"] for event in events[1::3]] == [None, "Anna"]


async def test_foreign_order_that_was_not_polled_yet_is_taken_over(
    hass: HomeAssistant, live_house: House, events: list[Event]
) -> None:
    write_app_order(live_house)
    await charge(live_house, take_over=True)
    await orders.stop(live_house.controller)
    await charge(live_house)
    write_app_order(live_house)
    await charge(live_house, take_over=True)
    await hass.async_block_till_done()
    assert types(events) == [
        ("taken_over", None),
        ("ended", "stopped"),
        ("started", None),
        ("ended", "overwritten"),
        ("taken_over", None),
    ]


async def test_foreign_program_that_regulates_is_one_dispatch_until_it_stops(
    hass: HomeAssistant, live_house: House, events: list[Event]
) -> None:
    for power in (-5000, -4000, -3000, 0):
        write_app_order(live_house, replace(APP_ORDER, power=power))
        await poll(live_house, full=True)
    live_house.inverter.write_as_app(0x0880, 0)
    await poll(live_house, full=True)
    await hass.async_block_till_done()
    assert types(events) == [
        ("started", None),
        ("changed", "replaced"),
        ("ended", "unknown"),
    ]


async def test_refused_order_is_an_event_and_a_record(
    hass: HomeAssistant,
    live_house: House,
    events: list[Event],
    anna: Context,
) -> None:
    set_behaviour(live_house, ignores_writes=True)
    with pytest.raises(NotAppliedError):
        await charge(live_house, context=anna)
    await hass.async_block_till_done()
    assert types(events) == [("refused", "not_applied")]
    assert events[0].data["requested"] == CHARGE
    assert events[0].data["applied"] == {"action": "stop"}
    assert newest(live_house).ended_at


async def test_stops_of_the_program_itself_are_not_logged_as_refused(
    hass: HomeAssistant, live_house: House, events: list[Event]
) -> None:
    write_app_order(live_house)
    with pytest.raises(ForeignDispatchError):
        await orders.stop(live_house.controller)
    await hass.async_block_till_done()
    assert types(events) == [("started", None)]


async def test_order_whose_answer_is_lost_starts_with_what_was_requested(
    hass: HomeAssistant, live_house: House, events: list[Event], anna: Context
) -> None:
    set_behaviour(live_house, power_limit=2000, drops_link_after_write=True)
    with pytest.raises(WriteOutcomeUnknownError):
        await charge(live_house, context=anna)
    set_behaviour(live_house, drops_link_after_write=False, silent=False)
    await poll(live_house, full=True)
    await hass.async_block_till_done()
    assert types(events) == [("started", None)]
    assert events[0].data["requested"] == CHARGE
    assert events[0].data["applied"]["power"] == 2000
    assert events[0].data["ordered_by"] == "Anna"


async def test_orders_without_an_outcome_are_all_logged_when_they_cannot_run(
    hass: HomeAssistant,
    live_house: House,
    events: list[Event],
    anna: Context,
    clock: SteppedClock,
) -> None:
    for power in (1000, 2000):
        set_behaviour(live_house, ignores_writes=True, drops_link_after_write=True)
        context = Context(user_id=anna.user_id)
        with pytest.raises(WriteOutcomeUnknownError):
            await charge(live_house, power=power, context=context)
        set_behaviour(live_house, drops_link_after_write=False, silent=False)
        await poll(live_house, full=True)
    assert types(events) == []
    await run_for(live_house, 130, clock)
    await hass.async_block_till_done()
    assert types(events) == [("refused", "not_applied")] * 2
    powers = [event.data["requested"]["power"] for event in events]
    assert powers == [1000, 2000]


async def test_order_without_an_outcome_is_logged_after_another_one_runs(
    hass: HomeAssistant, live_house: House, events: list[Event], anna: Context
) -> None:
    set_behaviour(live_house, ignores_writes=True, drops_link_after_write=True)
    with pytest.raises(WriteOutcomeUnknownError):
        await charge(live_house, power=1000, context=anna)
    set_behaviour(
        live_house, drops_link_after_write=False, silent=False, ignores_writes=False
    )
    await poll(live_house, full=True)
    await charge(live_house, context=Context(user_id=anna.user_id))
    await poll(live_house, full=True)
    await hass.async_block_till_done()
    kinds = [(one.data["type"], one.data["requested"]["power"]) for one in events]
    assert kinds == [("started", 3000), ("refused", 1000)]


async def test_order_that_cannot_be_read_does_not_end_the_running_one(
    hass: HomeAssistant, live_house: House, events: list[Event]
) -> None:
    await charge(live_house)
    set_behaviour(live_house, exception=4)
    with pytest.raises(CommunicationError):
        await charge(live_house, power=1000)
    await hass.async_block_till_done()
    assert types(events) == [("started", None)]


async def test_feed_publishes_start_and_end_in_camel_case(
    hass: HomeAssistant, live_house: House
) -> None:
    messages: list[Message] = []
    live_house.coordinator.feed.subscribe(messages.append)
    write_app_order(live_house)
    await charge(live_house, take_over=True)
    await orders.stop(live_house.controller)
    await hass.async_block_till_done()
    sent = [one.event for one in messages if one.event.type.startswith("dispatch")]
    assert [event.type for event in sent] == ["dispatch_started", "dispatch_ended"]
    assert sent[0].fields["requested"]["targetSoc"] == 80
    assert sent[0].fields["expiresAt"].endswith("Z")
    assert sent[1].fields["reason"] == "stopped"
    assert b'"orderedBy":null' in messages[-1].encoded


async def test_log_is_bounded(live_house: House) -> None:
    log = dispatch_log(live_house)
    for _ in range(MAX_RECORDS // 2 + 1):
        await charge(live_house)
        await orders.stop(live_house.controller)
        await charge(live_house, power=2000)
        await orders.stop(live_house.controller)
    assert len(log.records) == MAX_RECORDS


async def test_listener_with_an_error_does_not_make_the_order_fail(
    live_house: House, events: list[Event]
) -> None:
    def explode(_: object) -> None:
        raise ZeroDivisionError

    dispatch_log(live_house).subscribe(explode)
    live_house.controller.on_order.insert(0, explode)
    outcome = await charge(live_house)
    assert outcome.verified
    assert types(events) == [("started", None)]
    assert live_house.coordinator.connection.connected
