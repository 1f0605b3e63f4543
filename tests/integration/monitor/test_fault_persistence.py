"""A fault continues over outages, refused blocks, restarts and new firmware, without a second event."""

from dataclasses import replace
from time import monotonic
from typing import Any

from homeassistant.const import STATE_ON, STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import async_capture_events

from custom_components.alphaess_live.alphaess import inverter as reading, slow_blocks
from custom_components.alphaess_live.alphaess.scales import PROFILES, ModelFamily
from custom_components.alphaess_live.const import DOMAIN
from custom_components.alphaess_live.monitor.bus_events import EVENT_TYPE
from custom_components.alphaess_live.simulator.behaviour import FAULT_REGISTERS

from ..conftest import House, bring_back, lose, poll, set_up
from ..entities.test_fault_entities import (
    active,
    fault_events,
    restart,
    seen,
    set_faults,
)


async def test_fault_continues_over_an_outage(
    hass: HomeAssistant, live_house: House
) -> None:
    await set_faults(live_house, "battery_fault", 4)
    [before] = active(hass, live_house)
    events = async_capture_events(hass, EVENT_TYPE)
    await lose(hass, live_house)
    assert seen(hass, live_house) == (STATE_UNAVAILABLE, STATE_UNAVAILABLE)
    assert live_house.state(hass, "fault") != STATE_UNAVAILABLE
    await bring_back(hass, live_house)
    assert seen(hass, live_house) == ("slave_battery_lost", STATE_ON)
    assert active(hass, live_house) == [before]
    assert fault_events(events) == []


async def test_changes_during_an_outage_are_fired_after_the_reconnect(
    hass: HomeAssistant, live_house: House
) -> None:
    await set_faults(live_house, "battery_fault", 4)
    events = async_capture_events(hass, EVENT_TYPE)
    await lose(hass, live_house)
    live_house.inverter.set_faults("battery_fault", 6)
    await bring_back(hass, live_house)
    assert [event.data["type"] for event in events] == [
        "modbus_disconnected",
        "modbus_connected",
        "fault_cleared",
        "fault_raised",
    ]


async def test_refused_block_changes_no_fault(
    hass: HomeAssistant, live_house: House
) -> None:
    await set_faults(live_house, "system_fault", 4)
    [before] = active(hass, live_house)
    events = async_capture_events(hass, EVENT_TYPE)
    model = live_house.inverter.model
    served = tuple(span for span in model.served if 0x08D4 not in span)
    live_house.inverter.model = replace(model, served=served)
    await poll(live_house, full=True)
    assert live_house.coordinator.data
    assert live_house.coordinator.data.totals is None
    assert seen(hass, live_house) == ("grid_meter_lost", STATE_ON)
    live_house.inverter.model = model
    await poll(live_house, full=True)
    assert active(hass, live_house) == [before]
    assert events == []


async def test_faults_without_fault_registers_are_unavailable(
    hass: HomeAssistant, live_house: House
) -> None:
    await set_faults(live_house, "system_fault", 4)
    events = async_capture_events(hass, EVENT_TYPE)
    model = live_house.inverter.model
    words = {register.address for register in FAULT_REGISTERS.values()}
    served = tuple(span for span in model.served if not words & set(span))
    live_house.inverter.model = replace(model, served=served)
    await poll(live_house, full=True)
    assert seen(hass, live_house) == (STATE_UNAVAILABLE, STATE_UNAVAILABLE)
    live_house.inverter.model = model
    await poll(live_house, full=True)
    assert seen(hass, live_house) == ("grid_meter_lost", STATE_ON)
    assert events == []


async def test_restart_fires_no_event_and_keeps_the_start_of_each_fault(
    hass: HomeAssistant, live_house: House
) -> None:
    await set_faults(live_house, "battery_fault", 4)
    await set_faults(live_house, "inverter_warning_2", 8)
    before = active(hass, live_house)
    events = async_capture_events(hass, EVENT_TYPE)
    await restart(hass, live_house)
    assert active(hass, live_house) == before
    assert seen(hass, live_house) == ("slave_battery_lost", STATE_ON)
    assert events == []


async def test_changes_while_home_assistant_was_off_are_fired_after_start(
    hass: HomeAssistant, house: House, hass_storage: dict[str, Any]
) -> None:
    since = "2025-06-14T12:00:00+00:00"
    hass_storage[f"{DOMAIN}.{house.entry.entry_id}.faults"] = {
        "version": 1,
        "data": {"family": "ems_3_5", "since": {"battery_fault.4": since}},
    }
    house.inverter.set_faults("battery_fault", 6)
    events = async_capture_events(hass, EVENT_TYPE)
    await set_up(hass, house)
    assert fault_events(events) == [
        ("fault_cleared", "slave_battery_lost"),
        ("fault_raised", "master_battery_lost"),
    ]
    assert events[0].data["since"] == "2025-06-14T12:00:00.000Z"
    state = hass.states.get(house.entity_id(hass, "fault"))
    assert state
    assert state.attributes["code"] == "master_battery_lost"


async def test_start_during_an_outage_keeps_the_faults(
    hass: HomeAssistant, live_house: House
) -> None:
    await set_faults(live_house, "battery_fault", 4)
    [before] = active(hass, live_house)
    await lose(hass, live_house)
    await restart(hass, live_house)
    events = async_capture_events(hass, EVENT_TYPE)
    await bring_back(hass, live_house)
    assert active(hass, live_house) == [before]
    assert fault_events(events) == []


async def test_removed_entry_removes_the_stored_faults(
    hass: HomeAssistant, live_house: House, hass_storage: dict[str, Any]
) -> None:
    await set_faults(live_house, "battery_fault", 4)
    entry = live_house.entry.entry_id
    await hass.config_entries.async_unload(entry)
    assert "battery_fault.4" in str(hass_storage[f"{DOMAIN}.{entry}.faults"])
    await hass.config_entries.async_remove(entry)
    assert f"{DOMAIN}.{entry}.faults" not in hass_storage


async def test_other_scales_change_the_code_of_a_bit_and_keep_its_start(
    hass: HomeAssistant, live_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    await set_faults(live_house, "battery_fault", 8)
    [before] = active(hass, live_house)
    assert before["code"] == "several_master_batteries"
    events = async_capture_events(hass, EVENT_TYPE)
    await lose(hass, live_house)
    live_house.inverter.model = replace(
        live_house.inverter.model,
        firmware=(9, 9, 9),
        profile=PROFILES[ModelFamily.SMILE_B3],
    )
    await bring_back(hass, live_house)
    start = monotonic()
    for minute in range(33):
        now = start + 60 * minute
        for module in (reading, slow_blocks):
            monkeypatch.setattr(module, "monotonic", lambda now=now: now)
        await poll(live_house, full=True)
    [after] = active(hass, live_house)
    assert after["code"] == "battery_cell_over_voltage"
    assert after["since"] == before["since"]
    assert fault_events(events) == [
        ("fault_cleared", "several_master_batteries"),
        ("fault_raised", "battery_cell_over_voltage"),
    ]
