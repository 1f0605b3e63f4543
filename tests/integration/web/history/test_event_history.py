"""The history of dispatches, and of all events in one list, also while the inverter is disconnected."""

from datetime import UTC, datetime, timedelta

from homeassistant.core import HomeAssistant, State
from homeassistant.helpers.translation import async_get_translations
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)

from custom_components.alphaess_live.const import DOMAIN
from custom_components.alphaess_live.control import orders
from custom_components.alphaess_live.feed.messages import rfc3339
from custom_components.alphaess_live.statistics.buckets import Period, TimeRange
from custom_components.alphaess_live.web.event_history import _fault_changes

from ...conftest import House, poll
from ...orders import charge, set_soc, write_app_order
from ...service_calls import find_entity_id
from ..conftest import Client, Clients, bring_back, create_token, lose
from .conftest import RecordedHouse, get


async def order_and_stop(house: House) -> None:
    """Charge, change that to a hold, and stop it."""
    await charge(house)
    await orders.hold(house.controller, duration=900)
    await orders.stop(house.controller)


async def test_dispatch_history_has_orders_over_an_outage_and_a_reload(
    hass: HomeAssistant, client: Client, recorded: RecordedHouse
) -> None:
    await order_and_stop(recorded.house)
    await hass.config_entries.async_reload(recorded.house.entry.entry_id)
    await lose(hass, recorded.house)
    first, second = (await get(client, "dispatch"))["orders"]
    assert first["beganAs"] == "started"
    assert first["requested"] == {
        "action": "charge",
        "power": 3000,
        "targetSoc": 80,
        "duration": 3600,
    }
    assert first["reason"] == "replaced"
    assert first["endedAt"] <= second["startedAt"]
    assert second["beganAs"] == "changed"
    assert second["applied"] == {"action": "hold", "duration": 900}
    assert second["reason"] == "stopped"
    assert second["energy"]["source"] == "power"
    assert second["orderedBy"] is None
    response = await client.get("/api/alphaess/history/dispatch")
    assert (await response.json())["orders"] == [first, second]


async def test_dispatch_history_has_what_ran_in_the_range(
    client: Client, recorded: RecordedHouse
) -> None:
    await order_and_stop(recorded.house)
    write_app_order(recorded.house)
    await poll(recorded.house, full=True)
    now = datetime.now(UTC)
    later = rfc3339(now + timedelta(hours=1))
    query = f"?start={rfc3339(now + timedelta(seconds=1))}&end={later}"
    assert (await get(client, f"dispatch{query}"))["orders"] == []
    [running] = (await get(client, f"dispatch?start={rfc3339(now)}&end={later}"))[
        "orders"
    ]
    assert (running["controlledBy"], running["endedAt"]) == ("other", None)
    before = rfc3339(now - timedelta(hours=1))
    query = f"?start={rfc3339(now - timedelta(hours=2))}&end={before}"
    assert (await get(client, f"dispatch{query}"))["orders"] == []
    assert (await get(client, f"events{query}"))["events"] == []


async def test_events_of_all_kinds_are_one_list_oldest_first(
    hass: HomeAssistant, client: Client, recorded: RecordedHouse
) -> None:
    house = recorded.house
    await order_and_stop(house)
    house.inverter.set_faults("system_fault", 4)
    await poll(house, full=True)
    await hass.async_block_till_done()
    await lose(hass, house)
    await bring_back(hass, house)
    await async_wait_recording_done(hass)
    events = (await get(client, "events"))["events"]
    assert [event["type"] for event in events] == [
        "dispatch_started",
        "dispatch_changed",
        "dispatch_ended",
        "fault_raised",
        "modbus_disconnected",
        "modbus_connected",
    ]
    times = [event["timestamp"] for event in events]
    assert times == sorted(times)
    assert events[0]["reason"] is None
    # As on the feed, the change has the reason and the energy of what it replaced.
    assert events[1]["reason"] == "replaced"
    assert events[1]["energy"]
    assert events[2]["reason"] == "stopped"
    assert events[0]["targetReached"] is True
    assert "targetReached" in events[1]
    fault = events[3]
    assert fault["code"] == "grid_meter_lost"
    assert fault["source"] == "system_fault"
    assert fault["text"] == "Grid meter lost"
    assert fault["bit"] == 4
    assert fault["probable"] is False
    assert fault["since"] <= fault["timestamp"]


async def test_fault_in_the_events_has_the_fields_of_an_active_one(
    hass: HomeAssistant, client: Client, recorded: RecordedHouse
) -> None:
    # The text is recorded in this language; the API's is English.
    hass.config.language = "de"
    await async_get_translations(hass, "de", "entity", {DOMAIN})
    recorded.house.inverter.set_faults("battery_fault", 4)
    await poll(recorded.house, full=True)
    await hass.async_block_till_done()
    await async_wait_recording_done(hass)
    state = hass.states.get(find_entity_id(hass, recorded.house, "event", "fault"))
    assert state
    assert state.attributes["text"] != "Slave battery lost"
    status = await (await client.get("/api/alphaess/complete-status")).json()
    [event] = (await get(client, "events"))["events"]
    [active] = status["faults"]
    assert active["text"] == "Slave battery lost"
    assert active["probable"] is True
    assert active.items() <= event.items()


async def test_target_that_is_reached_is_an_event_of_its_own(
    client: Client, recorded: RecordedHouse
) -> None:
    house = recorded.house
    await set_soc(house, 40)
    await charge(house, target_soc=45)
    await set_soc(house, 46)
    await orders.stop(house.controller)
    began, reached, ended = (await get(client, "events"))["events"]
    assert [event["type"] for event in (began, reached, ended)] == [
        "dispatch_started",
        "dispatch_target_reached",
        "dispatch_ended",
    ]
    assert [one["targetReached"] for one in (began, reached, ended)] == [
        False,
        True,
        True,
    ]
    assert reached["reason"] is None


async def test_events_that_the_user_may_not_read_are_left_out(
    hass: HomeAssistant, recorded: RecordedHouse, hass_client: Clients
) -> None:
    await order_and_stop(recorded.house)
    policy = {"entities": {"entity_ids": {"sensor.other": {"read": True}}}}
    client = await hass_client(await create_token(hass, policy))
    assert await get(client, "dispatch") == {"orders": []}
    assert await get(client, "events") == {"events": []}
    entity_id = find_entity_id(hass, recorded.house, "event", "dispatch")
    policy = {"entities": {"entity_ids": {entity_id: {"read": True}}}}
    client = await hass_client(await create_token(hass, policy))
    assert len((await get(client, "dispatch"))["orders"]) == 2


def test_restored_and_unknown_states_are_no_fault_events() -> None:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    span = TimeRange(start=start, end=start + timedelta(days=1), period=Period.HOUR)
    before, at = (start + timedelta(hours=hours) for hours in (-1, 1))
    fault = {"event_type": "fault_raised", "code": "a", "source": "b"}
    states = [
        State("event.fault", text, fault)
        for text in (
            before.isoformat(),
            "unavailable",
            at.isoformat(),
            "unknown",
            at.isoformat(),
            "no time",
        )
    ]
    assert [event["timestamp"] for event in _fault_changes(states, span)] == [
        rfc3339(at)
    ]
