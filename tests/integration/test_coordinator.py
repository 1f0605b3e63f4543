"""Polling over a real Modbus port: what is read, how often, and what an order meanwhile changes."""

import asyncio
from dataclasses import replace
from datetime import timedelta
from itertools import count

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import STATE_ON, STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.util import dt as dt_util
import pytest

from custom_components.alphaess_live.alphaess import inverter
from custom_components.alphaess_live.alphaess.registers import Battery, Grid, PvMeter
from custom_components.alphaess_live.simulator.journal import FunctionCode
from custom_components.alphaess_live.simulator.models import MODELS

from .conftest import (
    House,
    bring_back,
    load_entry,
    lose,
    poll,
    record_event_types,
    set_behaviour,
)
from .orders import charge
from .service_calls import entity_state, set_number


@pytest.mark.parametrize("model", MODELS)
async def test_set_up_takes_at_most_twenty_reads_and_no_write(
    hass: HomeAssistant, house: House
) -> None:
    await load_entry(hass, house)
    assert house.inverter.journal.reads <= 20
    assert house.inverter.journal.writes == 0


@pytest.mark.parametrize("model", MODELS)
async def test_snapshot_takes_at_most_six_reads_and_no_write(
    live_house: House,
) -> None:
    for _ in range(20):
        live_house.inverter.journal.clear()
        await poll(live_house, full=True)
        assert live_house.inverter.journal.reads <= 6
    assert live_house.inverter.journal.writes == 0


async def test_poll_between_snapshots_reads_power_values_only(
    live_house: House,
) -> None:
    live_house.inverter.journal.clear()
    await poll(live_house)
    requests = live_house.inverter.journal.requests
    assert len(requests) <= 4
    assert sum(request.count for request in requests) < 90


async def test_equal_snapshot_updates_the_last_snapshot_sensor(
    hass: HomeAssistant, enabled_house: House
) -> None:
    await poll(enabled_house, full=True)
    before, polled_at = enabled_house.coordinator.data, dt_util.utcnow()
    await poll(enabled_house, full=True)
    assert enabled_house.coordinator.data == before
    state = hass.states.get(enabled_house.entity_id(hass, "last_snapshot"))
    assert state
    assert state.last_reported > polled_at


async def test_power_values_update_the_feed_and_snapshots_the_entities(
    hass: HomeAssistant, live_house: House
) -> None:
    types = record_event_types(live_house)
    before = live_house.state(hass, "load_power")
    live_house.inverter.advance(3600 * 5)
    await poll(live_house)
    assert types == ["power_update"]
    assert live_house.state(hass, "load_power") == before
    await poll(live_house, full=True)
    assert live_house.state(hass, "load_power") != before


async def test_refused_block_makes_only_its_entities_unavailable(
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


async def test_live_client_shortens_the_update_interval(live_house: House) -> None:
    coordinator = live_house.coordinator
    release = coordinator.request_live()
    await poll(live_house)
    assert coordinator.update_interval == timedelta(seconds=2)
    release()
    await poll(live_house)
    assert coordinator.update_interval == timedelta(seconds=5)


async def test_unload_ends_all_requests(hass: HomeAssistant, live_house: House) -> None:
    assert live_house.inverter.journal.reads
    await hass.config_entries.async_unload(live_house.entry.entry_id)
    assert live_house.entry.state is ConfigEntryState.NOT_LOADED
    reads = live_house.inverter.journal.reads
    await hass.async_block_till_done()
    assert live_house.inverter.journal.reads == reads


async def test_new_firmware_is_probed_for_refused_blocks(
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
    # One reading is enough to try the blocks, but not to store the version.
    assert house.entry.data["identity"]["firmware"] == "0.9.1"
    assert house.state(hass, "pv1_power") != STATE_UNAVAILABLE


async def test_odd_first_identity_is_corrected_in_entry_and_device(
    hass: HomeAssistant, house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = count(0, 30)
    monkeypatch.setattr(inverter, "monotonic", lambda: next(clock))
    names = ["phases", "strings", "battery_modules", "rated_power", "firmware"]
    odd = replace(
        house.identity, strings=0, model="AC-coupled inverter, single-phase"
    ).to_dict() | {"phases": 2, "battery_modules": 84, "rated_power": 5296}
    odd |= {"firmware": "9.9.9", "unconfirmed": names}
    house.entry.add_to_hass(hass)
    data = house.entry.data | {"identity": odd}
    hass.config_entries.async_update_entry(house.entry, data=data)
    await hass.config_entries.async_setup(house.entry.entry_id)
    await hass.async_block_till_done()
    for _ in range(4):
        house.coordinator.inverter.expire_slow_blocks()
        await poll(house, full=True)
    assert house.coordinator.identity == house.identity
    stored = house.entry.data["identity"]
    less_certain = sorted(set(names) - {"firmware"})
    certainty = {"unconfirmed": less_certain, "proven": less_certain}
    assert stored == house.identity.to_dict() | certainty
    [device] = dr.async_entries_for_config_entry(
        dr.async_get(hass), house.entry.entry_id
    )
    assert device.model == house.identity.model
    assert device.sw_version == house.identity.firmware


async def test_firmware_of_a_later_reading_is_used_without_an_outage(
    live_house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    clock = count(0, 60)
    monkeypatch.setattr(inverter, "monotonic", lambda: next(clock))
    coordinator, model = live_house.coordinator, live_house.inverter.model
    coordinator.inverter.served_blocks.discard(PvMeter)
    coordinator.inverter.unsupported.mark_refused(PvMeter)
    live_house.inverter.model = replace(model, firmware=(1, 0, 99))
    for _ in range(4):
        coordinator.inverter.expire_slow_blocks()
        await poll(live_house, full=True)
    assert coordinator.identity.firmware == "1.0.99R1"
    assert coordinator.data
    assert coordinator.data.pv_meter


async def test_meter_refused_after_an_update_is_back_with_its_first_answer(
    hass: HomeAssistant, live_house: House
) -> None:
    before = live_house.state(hass, "pv_energy_total")
    await lose(hass, live_house)
    live_house.inverter.model = replace(live_house.inverter.model, firmware=(1, 0, 99))
    meter = frozenset(PvMeter.addresses())
    set_behaviour(live_house, refused_addresses=meter)
    await bring_back(hass, live_house)
    for _ in range(5):
        await poll(live_house, full=True)
        assert live_house.coordinator.inverter.stats.last_requests <= 8
        assert live_house.coordinator.data
        assert live_house.coordinator.data.power.pv is None
        assert live_house.state(hass, "pv_energy_total") == before
    set_behaviour(live_house, refused_addresses=frozenset())
    await poll(live_house, full=True)
    assert live_house.coordinator.data
    assert live_house.coordinator.data.pv_meter
    assert live_house.state(hass, "pv_energy_total") == before


async def test_block_awaited_after_an_update_is_awaited_after_a_restart(
    hass: HomeAssistant, live_house: House
) -> None:
    await lose(hass, live_house)
    live_house.inverter.model = replace(live_house.inverter.model, firmware=(1, 0, 99))
    meter = frozenset(PvMeter.addresses())
    set_behaviour(live_house, refused_addresses=meter)
    await bring_back(hass, live_house)
    assert live_house.entry.data["limits"]["awaited"] == ["pv_meter"]
    await hass.config_entries.async_reload(live_house.entry.entry_id)
    await hass.async_block_till_done()
    assert live_house.coordinator.inverter.unsupported.awaited == {PvMeter}
    set_behaviour(live_house, refused_addresses=frozenset())
    await poll(live_house, full=True)
    assert "limits" not in live_house.entry.data


async def test_one_refused_register_makes_only_its_entity_unavailable(
    hass: HomeAssistant, enabled_house: House
) -> None:
    grid, fault = Grid.registers["import_energy_total"], Battery.registers["fault"]
    refused = frozenset({grid.address, fault.address})
    before = _states(hass)
    set_behaviour(enabled_house, refused_addresses=refused)
    await poll(enabled_house, full=True)
    await hass.async_block_till_done()
    after = _states(hass)
    lost = {name for name, state in after.items() if state != before[name]}
    assert enabled_house.entity_id(hass, "battery_fault") in lost
    assert enabled_house.state(hass, "battery_fault") == STATE_UNAVAILABLE
    assert enabled_house.state(hass, "battery_soc") != STATE_UNAVAILABLE
    assert len(lost) <= 4
    assert not enabled_house.coordinator.internal_errors.reported
    learned = enabled_house.entry.data["limits"]["refused_fields"]
    assert learned == {"battery": ["fault"], "grid": ["import_energy_total"]}
    for _ in range(2):
        await poll(enabled_house, full=True)
        assert enabled_house.coordinator.inverter.stats.last_requests <= 8


def _states(hass: HomeAssistant) -> dict[str, str]:
    """Return the states of all sensors but those that show a time."""
    return {
        one.entity_id: one.state
        for one in hass.states.async_all("sensor")
        if one.attributes.get("device_class") != "timestamp"
    }


async def test_set_up_sends_read_requests_only(live_house: House) -> None:
    functions = {request.function for request in live_house.inverter.journal.requests}
    assert functions == {FunctionCode.READ}


async def test_home_assistant_stop_closes_the_connection(
    hass: HomeAssistant, live_house: House
) -> None:
    await hass.async_stop()
    await live_house.server.free()
    assert live_house.server.serving


def ordered_power(hass: HomeAssistant, house: House) -> float:
    """Return the power of the order, which entities and the feed must agree on."""
    assert entity_state(hass, house, "sensor", "dispatch_status") == "holding_at_target"
    latest, data = house.coordinator.latest, house.coordinator.data
    assert latest
    assert latest.dispatch
    assert data
    assert data.dispatch == latest.dispatch
    return latest.dispatch.power


async def begin_snapshot(
    hass: HomeAssistant, house: House, *, until: int
) -> asyncio.Task[None]:
    """Start a slow snapshot; return when it has read this register."""
    house.coordinator.inverter.expire_slow_blocks()
    set_behaviour(house, delay=0.02)
    underway = hass.async_create_task(poll(house, full=True))
    while not any(r.address == until for r in house.inverter.journal.requests):
        await hass.async_add_executor_job(lambda: None)
    return underway


async def test_snapshot_begun_before_a_setting_does_not_undo_it(
    hass: HomeAssistant, enabled_house: House
) -> None:
    underway = await begin_snapshot(hass, enabled_house, until=0x084F)
    await set_number(hass, enabled_house, "charge_target", 80)
    await underway
    await poll(enabled_house, full=True)
    assert entity_state(hass, enabled_house, "number", "charge_target") == "80"


async def test_snapshot_begun_before_an_order_does_not_undo_it(
    hass: HomeAssistant, enabled_house: House
) -> None:
    underway = await begin_snapshot(hass, enabled_house, until=0x0880)
    await charge(enabled_house)
    assert not underway.done()
    await underway
    assert ordered_power(hass, enabled_house) == -3000


async def test_power_values_begun_before_an_order_do_not_undo_it(
    hass: HomeAssistant, enabled_house: House
) -> None:
    set_behaviour(enabled_house, delay=0.02)
    ordered = hass.async_create_task(charge(enabled_house))
    while not enabled_house.inverter.journal.written:
        await hass.async_add_executor_job(lambda: None)
    underway = hass.async_create_task(poll(enabled_house))
    await ordered
    assert not underway.done()
    await underway
    assert ordered_power(hass, enabled_house) == -3000
