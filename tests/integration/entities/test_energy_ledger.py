"""Odd, missing and exchanged counters, as the user sees them: states never fall, sums are what really flowed."""

from dataclasses import replace
from datetime import timedelta
from http import HTTPStatus
from typing import Any

from freezegun import freeze_time
from homeassistant.components.recorder.core import Recorder
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import issue_registry as ir
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    async_fire_time_changed,
    mock_restore_cache_with_extra_data,
)
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.alphaess_live.alphaess.monotonic_counter import FEW_SAMPLES
from custom_components.alphaess_live.alphaess.registers import System
from custom_components.alphaess_live.const import DOMAIN

from ..conftest import House, bring_back, lose
from ..repair_flows import run_fix_flow
from ..timeline import BOTH, IMPORT, MANY, POLL, PV, START, Timeline


@pytest.mark.parametrize("snapshots", [1, 2, 4, 8])
@pytest.mark.parametrize("part", ["strings", "meter_2"])
async def test_part_missing_after_a_reload_adds_no_energy(
    pv: Timeline, part: str, snapshots: int
) -> None:
    pv.set({part: 0})
    await pv.reload()
    await pv.read(times=snapshots)
    pv.set(BOTH)
    await pv.read(times=5)
    assert set(pv.shown) == {8000}
    assert await pv.sum() == 0


async def test_firmware_night_adds_no_energy(pv: Timeline, hass: HomeAssistant) -> None:
    model = pv.house.inverter.model
    served = tuple(span for span in model.served if 0x0090 not in span)
    await lose(hass, pv.house)
    pv.house.inverter.model = replace(model, served=served)
    pv.words |= System.registers["version_low"].encode(99)
    pv.set({})
    pv.at += timedelta(minutes=20)
    with freeze_time(pv.at, real_asyncio=True, tick=True):
        await bring_back(hass, pv.house)
    await pv.read(times=2)
    pv.house.inverter.model = model
    await pv.read(times=5)
    assert set(pv.shown) == {8000}
    assert await pv.sum() == 0


async def test_new_meter_adds_only_what_it_counts_from_now_on(
    hass: HomeAssistant, recorder_mock: Recorder, house: House
) -> None:
    assert recorder_mock.recording
    timeline = Timeline(hass, house, PV)
    model = house.inverter.model
    served = tuple(span for span in model.served if 0x0090 not in span)
    house.inverter.model = replace(model, served=served)
    await timeline.begin(strings=5000, system=5000, meter_1=0.05, meter_2=3204.9)
    await timeline.read(times=MANY)
    house.inverter.model = model
    timeline.rediscover()
    await timeline.read(times=3)
    await timeline.read(meter_2=3205)
    assert timeline.shown[-1] == pytest.approx(5000.1)
    assert await timeline.sum() == pytest.approx(0.1)
    assert float(house.state(hass, "pv_energy_today")) == pytest.approx(0.1)


async def test_snapshot_of_zeros_on_a_live_link_moves_nothing(
    pv: Timeline, hass: HomeAssistant
) -> None:
    keys = (PV, IMPORT, "grid_export_energy_total", "battery_discharge_energy_total")
    before = [pv.house.state(hass, key) for key in keys]
    words = pv.words
    pv.words = dict.fromkeys(pv.house.inverter.words(), 0)
    pv.house.coordinator.inverter.expire_slow_blocks()
    await pv.read()
    assert [pv.house.state(hass, key) for key in keys] == before
    pv.words = words
    pv.house.coordinator.inverter.expire_slow_blocks()
    await pv.read(times=3)
    assert [pv.house.state(hass, key) for key in keys] == before
    assert await pv.sum() == 0


async def test_strange_number_for_a_while_adds_no_energy(grid: Timeline) -> None:
    await grid.begin(**{IMPORT: 1500})
    await grid.series(*[2261.6] * 5, 1500.1)
    assert grid.shown[-1] == 1500.1
    assert await grid.sum() == pytest.approx(0.1)


@pytest.mark.parametrize(
    ("before", "after"),
    [(290, 1311), (12000, 10800), (1000, 998.7), (15000, 3)],
    ids=["higher", "lower", "a little lower", "another inverter"],
)
async def test_another_basis_for_good_adds_only_what_flows(
    grid: Timeline, *, before: float, after: float
) -> None:
    await grid.begin(**{IMPORT: before})
    await grid.series(*[after] * 5, *[after + 0.1] * MANY, after + 0.3)
    assert grid.shown[-1] == pytest.approx(before + 0.3)
    assert await grid.sum() == pytest.approx(0.3)


async def test_zeros_at_the_first_setup_are_not_shown(grid: Timeline) -> None:
    await grid.begin(**{IMPORT: 0})
    await grid.series(0, 0)
    assert grid.shown == []
    await grid.series(19913.5, 19913.5, 19913.5, 19913.6)
    assert grid.shown == [19913.5, 19913.6]
    assert await grid.sum() == pytest.approx(0.1)


async def test_small_spike_adds_no_energy(grid: Timeline) -> None:
    await grid.begin(**{IMPORT: 100})
    await grid.series(100.5, *[100] * 5, 100.1)
    assert grid.shown[-1] == 100.1
    assert await grid.sum() == pytest.approx(0.1)


async def test_crash_with_the_inverter_off_keeps_the_recorded_total(
    grid: Timeline, hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    await grid.begin(**{IMPORT: 100.02})
    entry_id, ledger = grid.house.entry.entry_id, grid.house.coordinator.inverter.ledger
    stored = ledger.to_dict()
    await grid.series(100.2, 100.4, 100.5)
    await async_wait_recording_done(hass)
    entity_id = grid.house.entity_id(hass, IMPORT)
    await lose(hass, grid.house)
    await hass.config_entries.async_unload(entry_id)
    hass_storage[f"{DOMAIN}.{entry_id}.energy"]["data"] = stored
    extra = {"native_value": 100.02, "native_unit_of_measurement": "kWh"}
    state = State(entity_id, "100.02", last_updated=START)
    mock_restore_cache_with_extra_data(hass, [(state, extra)])
    grid.at += POLL
    with freeze_time(grid.at, real_asyncio=True, tick=True):
        await hass.config_entries.async_setup(entry_id)
        await hass.async_block_till_done()
    grid.note()
    assert grid.shown[-1] == 100.5
    grid.at += POLL
    with freeze_time(grid.at, real_asyncio=True, tick=True):
        await bring_back(hass, grid.house)
    await grid.series(100.5, 100.6)
    assert grid.shown[-1] == 100.6


async def test_first_impossible_total_is_withheld_everywhere(
    grid: Timeline, hass: HomeAssistant, hass_client: ClientSessionGenerator
) -> None:
    await grid.begin(**{IMPORT: 42949672.95})
    assert grid.shown == []
    response = await (await hass_client()).get("/api/alphaess/complete-status")
    assert response.status == HTTPStatus.OK
    status = await response.json()
    assert status["grid"]["importEnergyTotal"] is None
    assert isinstance(status["grid"]["exportEnergyTotal"], float)
    await grid.series(*[3562.1] * FEW_SAMPLES)
    assert grid.shown == [3562.1]
    assert hass.states.get(grid.house.entity_id(hass, IMPORT))


async def test_entry_of_0_1_0_with_a_missing_part_adds_no_energy(
    pv: Timeline, hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    await async_wait_recording_done(hass)
    await hass.config_entries.async_unload(pv.house.entry.entry_id)
    del hass_storage[f"{DOMAIN}.{pv.house.entry.entry_id}.energy"]
    pv.set({"meter_2": 0, "meter_1": 0})
    await pv.reload()
    await pv.read(times=3)
    await pv.read(times=MANY, meter_1=0.05, meter_2=3000.1)
    assert pv.shown[-1] == pytest.approx(8000.1)
    assert await pv.sum() == pytest.approx(0.1)
    state = hass.states.get(pv.house.entity_id(hass, PV))
    assert state
    assert state.attributes["offset"] == 0


async def test_rebased_counter_is_reported_until_it_is_acknowledged(
    grid: Timeline,
    hass: HomeAssistant,
    hass_client: ClientSessionGenerator,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await grid.begin(**{IMPORT: 12000})
    await grid.series(*[10800] * (MANY + 3))
    entity_id = grid.house.entity_id(hass, IMPORT)
    state = hass.states.get(entity_id)
    assert state
    assert state.attributes["offset"] == 1200
    assert state.attributes["register_value"] == 10800
    registry = ir.async_get(hass)
    (issue,) = (
        one for one in registry.issues.values() if one.issue_id.startswith("rebased")
    )
    assert issue.is_persistent
    ((_, rebased),) = grid.house.coordinator.inverter.ledger.rebasings
    assert timedelta(minutes=10) < rebased.at - START <= timedelta(minutes=11.5)
    assert issue.translation_placeholders == {
        "inverter": "AlphaESS",
        "counter": entity_id,
        "before": "12000.00",
        "after": "10800.00",
        "offset": "+1200.00",
        "when": rebased.at.strftime("%Y-%m-%d %H:%M"),
    }
    text = f"counter of {entity_id} was 12000.00 kWh and is 10800.00 kWh"
    assert caplog.text.count(text) == 1
    await grid.reload()
    await grid.series(10800)
    assert caplog.text.count(text) == 1
    form, result = await run_fix_flow(
        hass, hass_client, grid.house, f"rebased_{IMPORT}"
    )
    assert (form["step_id"], result["type"]) == ("confirm", "create_entry")
    assert registry.async_get_issue(DOMAIN, issue.issue_id) is None
    await grid.reload()
    assert registry.async_get_issue(DOMAIN, issue.issue_id) is None


async def test_changed_offset_is_saved_at_once(
    grid: Timeline, hass_storage: dict[str, Any], hass: HomeAssistant
) -> None:
    await grid.begin(**{IMPORT: 12000})
    await grid.series(*[10800] * MANY)
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=1))
    await hass.async_block_till_done(wait_background_tasks=True)
    stored = hass_storage[f"{DOMAIN}.{grid.house.entry.entry_id}.energy"]["data"]
    assert stored["counters"][IMPORT]["offset"] == 1200


async def test_inverter_that_is_added_again_continues_its_series(
    grid: Timeline, hass: HomeAssistant, hass_storage: dict[str, Any]
) -> None:
    await grid.begin(**{IMPORT: 12000})
    await grid.series(*[10800] * MANY)
    assert grid.shown[-1] == 12000
    entry_id = grid.house.entry.entry_id
    await hass.config_entries.async_remove(entry_id)
    await hass.async_block_till_done()
    assert f"{DOMAIN}.{entry_id}.energy" not in hass_storage
    await grid.begin()
    await grid.series(*[10800] * 3)
    assert grid.shown[-1] == 12000
