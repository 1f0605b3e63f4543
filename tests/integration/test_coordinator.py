"""Polling over a real Modbus port: what is asked, how often, and what it costs."""

from dataclasses import replace
from datetime import timedelta

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import STATE_ON, STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
import pytest

from custom_components.alphaess_live.simulator.journal import FunctionCode
from custom_components.alphaess_live.simulator.models import MODELS

from .conftest import House, heard, poll, set_up


@pytest.mark.parametrize("model", MODELS)
async def test_setting_up_costs_no_more_than_twenty_requests_and_writes_nothing(
    hass: HomeAssistant, house: House
) -> None:
    await set_up(hass, house)
    assert house.inverter.journal.reads <= 20
    assert house.inverter.journal.writes == 0


@pytest.mark.parametrize("model", MODELS)
async def test_an_idle_hour_writes_nothing_and_reads_no_more_than_six_at_a_time(
    live_house: House,
) -> None:
    for _ in range(20):
        live_house.inverter.journal.clear()
        await poll(live_house, full=True)
        assert live_house.inverter.journal.reads <= 6
    assert live_house.inverter.journal.writes == 0


async def test_between_snapshots_only_the_power_values_are_read(
    live_house: House,
) -> None:
    live_house.inverter.journal.clear()
    await poll(live_house)
    requests = live_house.inverter.journal.requests
    assert len(requests) <= 4
    assert sum(request.count for request in requests) < 70


async def test_a_snapshot_that_says_the_same_is_the_last_one_all_the_same(
    hass: HomeAssistant, open_house: House
) -> None:
    await poll(open_house, full=True)
    before, looked = open_house.coordinator.data, dt_util.utcnow()
    await poll(open_house, full=True)
    assert open_house.coordinator.data == before
    state = hass.states.get(open_house.entity_id(hass, "last_snapshot"))
    assert state
    assert state.last_reported > looked


async def test_entities_change_with_snapshots_and_the_feed_with_every_power_value(
    hass: HomeAssistant, live_house: House
) -> None:
    types = heard(live_house)
    before = live_house.state(hass, "load_power")
    live_house.inverter.advance(3600 * 5)
    await poll(live_house)
    assert types == ["power_update"]
    assert live_house.state(hass, "load_power") == before
    await poll(live_house, full=True)
    assert live_house.state(hass, "load_power") != before


async def test_a_refused_block_takes_down_its_own_entities_alone(
    hass: HomeAssistant, live_house: House
) -> None:
    model = live_house.inverter.model
    served = tuple(span for span in model.served if 0x08D0 not in span)
    live_house.inverter.model = replace(model, served=served)
    registry = er.async_get(hass)
    total = live_house.entity_id(hass, "system_fault")
    registry.async_update_entity(total, disabled_by=None)
    await hass.config_entries.async_reload(live_house.entry.entry_id)
    await hass.async_block_till_done()
    assert live_house.state(hass, "system_fault") == STATE_UNAVAILABLE
    assert live_house.state(hass, "grid_power") != STATE_UNAVAILABLE
    assert live_house.state(hass, "modbus") == STATE_ON


async def test_a_watcher_is_served_faster_and_alone(live_house: House) -> None:
    coordinator = live_house.coordinator
    unwatch = coordinator.request_live()
    await poll(live_house)
    assert coordinator.update_interval == timedelta(seconds=2)
    unwatch()
    await poll(live_house)
    assert coordinator.update_interval == timedelta(seconds=5)


async def test_unloading_leaves_no_client_behind(
    hass: HomeAssistant, live_house: House
) -> None:
    assert live_house.inverter.journal.reads
    await hass.config_entries.async_unload(live_house.entry.entry_id)
    assert live_house.entry.state is ConfigEntryState.NOT_LOADED
    reads = live_house.inverter.journal.reads
    await hass.async_block_till_done()
    assert live_house.inverter.journal.reads == reads


async def test_new_firmware_is_asked_for_what_the_old_one_refused(
    hass: HomeAssistant, house: House
) -> None:
    old = house.entry.data["identity"] | {"firmware": "0.9.1"}
    house.entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(
        house.entry,
        data=house.entry.data | {"identity": old, "served": ["battery", "grid"]},
    )
    await hass.config_entries.async_setup(house.entry.entry_id)
    await hass.async_block_till_done()
    assert {"grid", "battery", "dispatch", "detail"} <= set(house.entry.data["served"])
    assert house.entry.data["identity"]["firmware"] == house.identity.firmware
    assert house.state(hass, "pv1_power") != STATE_UNAVAILABLE


async def test_the_journal_knows_reads_only(live_house: House) -> None:
    functions = {request.function for request in live_house.inverter.journal.requests}
    assert functions == {FunctionCode.READ}


async def test_the_one_connection_is_free_when_home_assistant_stops(
    hass: HomeAssistant, live_house: House
) -> None:
    await hass.async_stop()
    await live_house.server.free()
    assert live_house.server.serving
