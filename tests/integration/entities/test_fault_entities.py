"""A fault bit of the inverter: what entities and events show while it is set, and when it is cleared."""

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from homeassistant.const import STATE_OFF, STATE_ON, STATE_UNKNOWN
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import (
    device_registry as dr,
    entity_registry as er,
    translation,
)
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_capture_events

from custom_components.alphaess_live.entities.fault_entities import MAX_LISTED_FAULTS
from custom_components.alphaess_live.monitor.bus_events import EVENT_TYPE
from custom_components.alphaess_live.simulator.behaviour import FAULT_REGISTERS

from ..conftest import House, poll, set_up


async def set_faults(house: House, source: str, *bits: int) -> None:
    """Set these bits of a fault register, and poll."""
    house.inverter.set_faults(source, *bits)
    await poll(house, full=True)
    await house.coordinator.hass.async_block_till_done()


def active(hass: HomeAssistant, house: House) -> list[dict[str, Any]]:
    """Return the list in the attributes of the sensor."""
    state = hass.states.get(house.entity_id(hass, "faults"))
    assert state
    listed: list[dict[str, Any]] = state.attributes["active"]
    return listed


def seen(hass: HomeAssistant, house: House) -> tuple[str, str]:
    """Return the states of the sensor and of the problem."""
    return house.state(hass, "faults"), house.state(hass, "problem")


def fault_events(events: Sequence[Event[Any]]) -> list[tuple[str, str]]:
    """Return type and code of each event."""
    return [
        (event.data["type"], event.data["code"])
        for event in events
        if "code" in event.data
    ]


async def restart(hass: HomeAssistant, house: House) -> None:
    """Reload the entry, as a start of Home Assistant does."""
    await hass.config_entries.async_reload(house.entry.entry_id)
    await hass.async_block_till_done()


@pytest.mark.parametrize("model", ["three_phase", "single_phase", "ac_coupled"])
async def test_inverter_without_faults_shows_none(
    hass: HomeAssistant, house: House
) -> None:
    events = async_capture_events(hass, EVENT_TYPE)
    await set_up(hass, house)
    assert seen(hass, house) == ("none", STATE_OFF)
    assert active(hass, house) == []
    assert house.state(hass, "fault") == STATE_UNKNOWN
    assert events == []


async def test_fault_and_its_end_are_shown_and_fired_with_the_next_snapshot(
    hass: HomeAssistant, live_house: House
) -> None:
    events = async_capture_events(hass, EVENT_TYPE)
    before = dt_util.utcnow()
    await set_faults(live_house, "inverter_fault_1", 0)
    assert seen(hass, live_house) == ("grid_over_voltage", STATE_ON)
    [fault] = active(hass, live_house)
    since = dt_util.parse_datetime(fault["since"])
    assert since
    assert before - timedelta(milliseconds=1) <= since <= dt_util.utcnow()
    assert fault == {
        "code": "grid_over_voltage",
        "source": "inverter_fault_1",
        "severity": "fault",
        "text": "Grid over-voltage",
        "since": fault["since"],
        "bit": 0,
        "probable": True,
    }
    await set_faults(live_house, "inverter_fault_1")
    assert seen(hass, live_house) == ("none", STATE_OFF)
    [device] = dr.async_entries_for_config_entry(
        dr.async_get(hass), live_house.entry.entry_id
    )
    source = {"device_id": device.id, "serial": live_house.identity.serial} | fault
    assert [event.data for event in events] == [
        {"type": "fault_raised"} | source,
        {"type": "fault_cleared"} | source,
    ]


async def test_event_entity_shows_each_fault_in_turn(
    hass: HomeAssistant, live_house: House
) -> None:
    entity_id = live_house.entity_id(hass, "fault")
    changes = async_capture_events(hass, "state_changed")
    await set_faults(live_house, "battery_fault", 4, 6)
    await set_faults(live_house, "battery_fault", 6)
    states = [
        event.data["new_state"]
        for event in changes
        if event.data["entity_id"] == entity_id
    ]
    assert [
        (state.attributes["event_type"], state.attributes["code"]) for state in states
    ] == [
        ("fault_raised", "slave_battery_lost"),
        ("fault_raised", "master_battery_lost"),
        ("fault_cleared", "slave_battery_lost"),
    ]
    assert len({state.state for state in states}) == 3
    assert all(state.attributes["text"] for state in states)


async def test_entities_are_up_to_date_when_a_fault_event_is_fired(
    hass: HomeAssistant, live_house: House
) -> None:
    found: list[tuple[str, str]] = []

    @callback
    def on_event(_: Event) -> None:
        found.append(seen(hass, live_house))

    hass.bus.async_listen(EVENT_TYPE, on_event)
    await set_faults(live_house, "system_fault", 4)
    await set_faults(live_house, "system_fault")
    assert found == [("grid_meter_lost", STATE_ON), ("none", STATE_OFF)]


async def test_warning_fires_an_event_and_is_no_problem(
    hass: HomeAssistant, live_house: House
) -> None:
    events = async_capture_events(hass, EVENT_TYPE)
    await set_faults(live_house, "inverter_warning_1", 11)
    assert seen(hass, live_house) == ("grid_lost", STATE_OFF)
    await set_faults(live_house, "inverter_fault_2", 3)
    assert seen(hass, live_house) == ("inverter_over_temperature", STATE_ON)
    assert [one["code"] for one in active(hass, live_house)] == [
        "inverter_over_temperature",
        "grid_lost",
    ]
    await set_faults(live_house, "inverter_warning_1")
    assert fault_events(events) == [
        ("warning_raised", "grid_lost"),
        ("fault_raised", "inverter_over_temperature"),
        ("warning_cleared", "grid_lost"),
    ]


async def test_nightly_warning_is_listed_and_fires_no_event(
    hass: HomeAssistant, live_house: House
) -> None:
    events = async_capture_events(hass, EVENT_TYPE)
    await set_faults(live_house, "inverter_warning_2", 8)
    assert seen(hass, live_house) == ("none", STATE_OFF)
    assert [one["text"] for one in active(hass, live_house)] == ["No PV input"]
    await set_faults(live_house, "inverter_warning_2")
    assert events == []


async def test_routine_warnings_are_counted_separately(
    hass: HomeAssistant, live_house: House
) -> None:
    await set_faults(live_house, "system_fault", 4)
    await set_faults(live_house, "inverter_warning_2", 8, 10, 13)
    state = hass.states.get(live_house.entity_id(hass, "faults"))
    assert state
    counts = {
        name: count for name, count in state.attributes.items() if "count" in name
    }
    assert counts == {"fault_count": 1, "warning_count": 3, "everyday_count": 2}


@pytest.mark.parametrize("model", ["ac_coupled"])
async def test_bit_of_an_older_ems_has_its_own_code(
    hass: HomeAssistant, live_house: House
) -> None:
    await set_faults(live_house, "battery_fault", 8)
    assert seen(hass, live_house) == ("battery_cell_over_voltage", STATE_ON)


async def test_undocumented_bit_is_shown_with_its_number(
    hass: HomeAssistant, live_house: House
) -> None:
    await set_faults(live_house, "battery_fault", 30)
    assert seen(hass, live_house) == ("unknown_bit_30", STATE_ON)
    assert active(hass, live_house)[0]["text"] == "Unknown bit 30"


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("de", "Keine Verbindung zum Netzzähler"),
        ("nl", "Geen verbinding met de netmeter"),
        ("fi", "Grid meter lost"),
    ],
)
async def test_fault_text_is_in_the_configured_language_or_english(
    hass: HomeAssistant, house: House, language: str, text: str
) -> None:
    hass.config.language = language
    await set_up(hass, house)
    events = async_capture_events(hass, EVENT_TYPE)
    await set_faults(house, "system_fault", 4)
    assert active(hass, house)[0]["text"] == text
    assert events[0].data["text"] == text
    assert events[0].data["code"] == "grid_meter_lost"


async def test_fault_text_follows_a_change_of_language(
    hass: HomeAssistant, live_house: House
) -> None:
    translation.async_setup(hass)  # As Home Assistant does when it starts.
    await set_faults(live_house, "system_fault", 4)
    assert active(hass, live_house)[0]["text"] == "Grid meter lost"
    await hass.config.async_update(language="de")
    await hass.async_block_till_done()
    await set_faults(live_house, "system_fault", 4, 5)
    texts = [one["text"] for one in active(hass, live_house)]
    assert texts == [
        "Keine Verbindung zum Netzzähler",
        "Keine Verbindung zum PV-Zähler",
    ]


async def test_all_faults_at_once_fit_the_limits_of_state_and_attributes(
    hass: HomeAssistant, live_house: House
) -> None:
    for source in FAULT_REGISTERS:
        live_house.inverter.set_faults(source, *range(31))
    await poll(live_house, full=True)
    await hass.async_block_till_done()
    state = hass.states.get(live_house.entity_id(hass, "faults"))
    assert state
    assert len(state.state) <= 255
    assert state.attributes["fault_count"] == 6 * 31
    assert state.attributes["warning_count"] == 3 * 31
    listed = state.attributes["active"]
    assert len(listed) == MAX_LISTED_FAULTS
    assert all(one["severity"] == "fault" for one in listed)
    assert len(str(listed)) < 16384


async def test_fault_event_is_fired_with_disabled_entities(
    hass: HomeAssistant, live_house: House
) -> None:
    registry = er.async_get(hass)
    for key in ("faults", "problem", "fault"):
        registry.async_update_entity(
            live_house.entity_id(hass, key), disabled_by=er.RegistryEntryDisabler.USER
        )
    await restart(hass, live_house)
    events = async_capture_events(hass, EVENT_TYPE)
    await set_faults(live_house, "system_fault", 4)
    assert fault_events(events) == [("fault_raised", "grid_meter_lost")]


async def test_unloaded_entry_fires_no_fault_event(
    hass: HomeAssistant, live_house: House
) -> None:
    coordinator = live_house.coordinator
    await hass.config_entries.async_unload(live_house.entry.entry_id)
    events = async_capture_events(hass, EVENT_TYPE)
    coordinator.async_update_listeners()
    assert coordinator.on_updated == []
    assert events == []
