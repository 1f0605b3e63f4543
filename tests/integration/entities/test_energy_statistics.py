"""Recorded energies: the sums are right over midnight, with at most one recorded state per snapshot."""

from datetime import datetime, timedelta
from typing import Any

from freezegun import freeze_time
from homeassistant.components.recorder.core import Recorder
from homeassistant.components.recorder.history import get_significant_states
from homeassistant.components.recorder.statistics import statistics_during_period
from homeassistant.core import HomeAssistant
from homeassistant.helpers.recorder import get_instance
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
    do_adhoc_statistics,
)

from custom_components.alphaess_live.alphaess.monotonic_counter import FEW_SAMPLES
from custom_components.alphaess_live.entities.energy_totals import TODAY_KEYS

from ..conftest import House, set_behaviour, set_up
from .test_energy_totals import BERLIN, IMPORT, grid_words, poll_at

MIDNIGHT = datetime(2026, 3, 11, tzinfo=BERLIN)
BEGIN = MIDNIGHT - timedelta(minutes=10)
END = MIDNIGHT + timedelta(minutes=10)
SLOT = timedelta(minutes=5)
TICK = timedelta(seconds=20)
POWER = 3000
"""W from the grid, which are 1 kWh in 1200 s."""
SUMMED = ("load_energy_total", "load_energy_today", "grid_import_energy_today")


@pytest.fixture(autouse=True)
async def _in_berlin(hass: HomeAssistant, recorder_mock: Recorder) -> None:  # noqa: ARG001 - asked for, so that there is one
    await hass.config.async_set_time_zone(BERLIN.key)


async def poll_over_midnight(hass: HomeAssistant, house: House) -> int:
    """Poll every 20 s while the house imports 3 kW; return the number of polls."""
    words = IMPORT.encode(100.0) | grid_words(POWER)
    set_behaviour(house, word_overrides=words)
    with freeze_time(BEGIN, real_asyncio=True, tick=True):
        await set_up(hass, house)
    polls, at = FEW_SAMPLES, BEGIN + TICK
    while at < END:
        if at == MIDNIGHT:
            with freeze_time(at, real_asyncio=True, tick=True):
                async_fire_time_changed(hass, at)
                await hass.async_block_till_done()
        imported = 100 + (at - BEGIN).total_seconds() / 1200
        await poll_at(hass, house, at, imported, power=POWER)
        polls, at = polls + 1, at + TICK
    await async_wait_recording_done(hass)
    return polls


async def sums(hass: HomeAssistant, entity_id: str) -> list[float]:
    """Read the five-minute sums of the recorder."""
    found: dict[str, list[Any]] = await get_instance(hass).async_add_executor_job(
        statistics_during_period,
        hass,
        BEGIN - SLOT,
        None,
        {entity_id},
        "5minute",
        None,
        {"sum"},
    )
    return [row["sum"] for row in found[entity_id]]


async def count_states(hass: HomeAssistant, entity_id: str) -> int:
    """Count the recorded states of an entity."""
    found = await get_instance(hass).async_add_executor_job(
        lambda: get_significant_states(
            hass,
            BEGIN - SLOT,
            END,
            [entity_id],
            include_start_time_state=False,
            significant_changes_only=False,
        )
    )
    return len(found[entity_id])


async def test_sums_over_midnight_are_right_with_at_most_a_row_per_snapshot(
    hass: HomeAssistant, house: House
) -> None:
    polls = await poll_over_midnight(hass, house)
    for slot in range(4):
        do_adhoc_statistics(hass, start=dt_util.as_utc(BEGIN) + slot * SLOT)
        await async_wait_recording_done(hass)
    watts = float(house.state(hass, "load_power"))
    duration = (END - TICK - BEGIN).total_seconds()
    used = watts * duration / 3.6e6
    assert used > 0.9
    for key, expected in zip(SUMMED, (used, used, duration / 1200), strict=True):
        sums_of_key = await sums(hass, house.entity_id(hass, key))
        assert len(sums_of_key) == 4
        assert sums_of_key == sorted(sums_of_key)
        assert sums_of_key[-1] == pytest.approx(expected, abs=0.02), key
    # One more at midnight, when today starts at 0.
    for key in (*TODAY_KEYS, *TODAY_KEYS.values()):
        assert 1 <= await count_states(hass, house.entity_id(hass, key)) <= polls + 1, (
            key
        )
