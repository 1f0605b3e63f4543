"""A fault goes on over outages, refusals, restarts and new firmware, and nobody is told of it twice."""

from dataclasses import replace
from typing import Any

from homeassistant.const import STATE_ON, STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import async_capture_events

from custom_components.alphaess_live.alphaess.scales import PROFILES, ModelFamily
from custom_components.alphaess_live.const import DOMAIN
from custom_components.alphaess_live.monitor.bus_events import EVENT_TYPE
from custom_components.alphaess_live.simulator.behaviour import FAULT_REGISTERS

from ..conftest import House, bring_back, lose, poll, set_up
from ..entities.test_fault_entities import active, complain, restart, seen, told


async def test_an_outage_mends_nothing_and_breaks_nothing(
    hass: HomeAssistant, live_house: House
) -> None:
    await complain(live_house, "battery_fault", 4)
    [before] = active(hass, live_house)
    events = async_capture_events(hass, EVENT_TYPE)
    await lose(hass, live_house)
    assert seen(hass, live_house) == (STATE_UNAVAILABLE, STATE_UNAVAILABLE)
    assert live_house.state(hass, "fault") != STATE_UNAVAILABLE
    await bring_back(hass, live_house)
    assert seen(hass, live_house) == ("slave_battery_lost", STATE_ON)
    assert active(hass, live_house) == [before]
    assert told(events) == []


async def test_what_happened_during_an_outage_is_told_after_the_return(
    hass: HomeAssistant, live_house: House
) -> None:
    await complain(live_house, "battery_fault", 4)
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


async def test_a_refused_block_neither_raises_nor_clears(
    hass: HomeAssistant, live_house: House
) -> None:
    await complain(live_house, "system_fault", 4)
    [before] = active(hass, live_house)
    events = async_capture_events(hass, EVENT_TYPE)
    whole = live_house.inverter.model
    served = tuple(span for span in whole.served if 0x08D4 not in span)
    live_house.inverter.model = replace(whole, served=served)
    await poll(live_house, full=True)
    assert live_house.coordinator.data
    assert live_house.coordinator.data.totals is None
    assert seen(hass, live_house) == ("grid_meter_lost", STATE_ON)
    live_house.inverter.model = whole
    await poll(live_house, full=True)
    assert active(hass, live_house) == [before]
    assert events == []


async def test_an_inverter_that_cannot_complain_is_not_said_to_be_well(
    hass: HomeAssistant, live_house: House
) -> None:
    await complain(live_house, "system_fault", 4)
    events = async_capture_events(hass, EVENT_TYPE)
    whole = live_house.inverter.model
    words = {register.address for register in FAULT_REGISTERS.values()}
    served = tuple(span for span in whole.served if not words & set(span))
    live_house.inverter.model = replace(whole, served=served)
    await poll(live_house, full=True)
    assert seen(hass, live_house) == (STATE_UNAVAILABLE, STATE_UNAVAILABLE)
    live_house.inverter.model = whole
    await poll(live_house, full=True)
    assert seen(hass, live_house) == ("grid_meter_lost", STATE_ON)
    assert events == []


async def test_a_restart_is_no_news_and_the_first_sight_is_remembered(
    hass: HomeAssistant, live_house: House
) -> None:
    await complain(live_house, "battery_fault", 4)
    await complain(live_house, "inverter_warning_2", 8)
    before = active(hass, live_house)
    events = async_capture_events(hass, EVENT_TYPE)
    await restart(hass, live_house)
    assert active(hass, live_house) == before
    assert seen(hass, live_house) == ("slave_battery_lost", STATE_ON)
    assert events == []


async def test_what_happened_while_home_assistant_was_off_is_told_once_it_listens(
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
    assert told(events) == [
        ("fault_cleared", "slave_battery_lost"),
        ("fault_raised", "master_battery_lost"),
    ]
    assert events[0].data["since"] == "2025-06-14T12:00:00.000Z"
    state = hass.states.get(house.entity_id(hass, "fault"))
    assert state
    assert state.attributes["code"] == "master_battery_lost"


async def test_a_start_while_the_inverter_is_off_forgets_nothing(
    hass: HomeAssistant, live_house: House
) -> None:
    await complain(live_house, "battery_fault", 4)
    [before] = active(hass, live_house)
    await lose(hass, live_house)
    await restart(hass, live_house)
    events = async_capture_events(hass, EVENT_TYPE)
    await bring_back(hass, live_house)
    assert active(hass, live_house) == [before]
    assert told(events) == []


async def test_what_was_remembered_is_thrown_away_with_the_entry(
    hass: HomeAssistant, live_house: House, hass_storage: dict[str, Any]
) -> None:
    await complain(live_house, "battery_fault", 4)
    entry = live_house.entry.entry_id
    await hass.config_entries.async_unload(entry)
    assert "battery_fault.4" in str(hass_storage[f"{DOMAIN}.{entry}.faults"])
    await hass.config_entries.async_remove(entry)
    assert f"{DOMAIN}.{entry}.faults" not in hass_storage


async def test_new_firmware_gives_a_bit_its_other_name_and_keeps_its_time(
    hass: HomeAssistant, live_house: House
) -> None:
    await complain(live_house, "battery_fault", 8)
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
    [after] = active(hass, live_house)
    assert after["code"] == "battery_cell_over_voltage"
    assert after["since"] == before["since"]
    assert told(events) == [
        ("fault_cleared", "several_master_batteries"),
        ("fault_raised", "battery_cell_over_voltage"),
    ]
