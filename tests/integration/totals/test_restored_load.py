"""The energy of the load does not fall after a crash of Home Assistant: the recorder has the last minutes."""

from datetime import datetime, timedelta

from freezegun import freeze_time
from homeassistant.components.recorder.core import Recorder
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import (
    mock_restore_cache_with_extra_data,
)
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)

from ..conftest import House, set_up
from ..entities.test_energy_totals import BERLIN, poll_at

NOON = datetime(2026, 3, 11, 12, 0, tzinfo=BERLIN)
TEN_MINUTES = timedelta(minutes=10)
RESTART = NOON + timedelta(minutes=11)
KEY = "load_energy_total"


async def use_energy(
    hass: HomeAssistant, house: House, unit: str, *, away: range = range(0)
) -> float:
    """Poll for ten minutes, but not in the seconds `away`; return the energy in the unit of the sensor."""
    with freeze_time(NOON, real_asyncio=True, tick=True):
        await set_up(hass, house)
        er.async_get(hass).async_update_entity_options(
            house.entity_id(hass, KEY), "sensor", {"unit_of_measurement": unit}
        )
    for seconds in range(20, 601, 20):
        if seconds in away:
            continue
        at = NOON + timedelta(seconds=seconds)
        await poll_at(hass, house, at, 100 + seconds / 1200, power=3000)
    await async_wait_recording_done(hass)
    return float(house.state(hass, KEY))


async def crash(hass: HomeAssistant, house: House, energy: float) -> None:
    """Drop the state of the last minutes, and start again a minute later."""
    with freeze_time(NOON + TEN_MINUTES, real_asyncio=True, tick=True):
        await hass.config_entries.async_unload(house.entry.entry_id)
        await async_wait_recording_done(hass)
    written = {"energy": energy, "until": NOON.isoformat(), "unknown_seconds": 0}
    state = State(house.entity_id(hass, KEY), str(energy))
    mock_restore_cache_with_extra_data(hass, [(state, written)])
    with freeze_time(RESTART, real_asyncio=True, tick=True):
        await hass.config_entries.async_setup(house.entry.entry_id)
        await hass.async_block_till_done()


@pytest.mark.parametrize("unit", ["kWh", "Wh"])
async def test_load_after_a_crash_continues_from_the_recorder(
    hass: HomeAssistant,
    recorder_mock: Recorder,
    house: House,
    unit: str,
) -> None:
    assert recorder_mock.recording
    used = await use_energy(hass, house, unit)
    await crash(hass, house, 0.0)
    assert used > (400 if unit == "Wh" else 0.4)
    assert used <= float(house.state(hass, KEY)) < used * 1.05


async def test_load_after_a_crash_uses_the_higher_restored_energy(
    hass: HomeAssistant, recorder_mock: Recorder, house: House
) -> None:
    assert recorder_mock.recording
    await use_energy(hass, house, "kWh")
    await crash(hass, house, 7.0)
    assert float(house.state(hass, KEY)) == pytest.approx(7.0, abs=0.02)


async def test_unknown_time_after_a_crash_includes_the_recorded_outage(
    hass: HomeAssistant, recorder_mock: Recorder, house: House
) -> None:
    assert recorder_mock.recording
    await use_energy(hass, house, "kWh", away=range(210, 410))
    unread = 420 - 200
    await crash(hass, house, 0.0)
    state = hass.states.get(house.entity_id(hass, KEY))
    assert state
    off = (RESTART - NOON - TEN_MINUTES).total_seconds()
    unknown_seconds = state.attributes["unknown_seconds"]
    assert unknown_seconds == pytest.approx(unread + off, abs=25)
