"""What the recorder makes of our energies: sums that are right over midnight, from no more rows than snapshots."""

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

from custom_components.alphaess_live.alphaess.registers import Grid
from custom_components.alphaess_live.entities.energy_totals import TODAY_KEYS

from ..conftest import House, set_up
from ..test_sensor import with_words
from .test_energy_totals import BERLIN, IMPORT, counting

MIDNIGHT = datetime(2026, 3, 11, tzinfo=BERLIN)
BEGIN = MIDNIGHT - timedelta(minutes=10)
END = MIDNIGHT + timedelta(minutes=10)
SLOT = timedelta(minutes=5)
TICK = timedelta(seconds=20)
POWER = 3000
"""W from the grid: a kWh in 1200 s."""
SUMMED = ("load_energy_total", "load_energy_today", "grid_import_energy_today")


@pytest.fixture(autouse=True)
async def _in_berlin(hass: HomeAssistant, recorder_mock: Recorder) -> None:  # noqa: ARG001 - asked for, so that there is one
    await hass.config.async_set_time_zone(BERLIN.key)


async def live_through_midnight(hass: HomeAssistant, house: House) -> int:
    """Read the house every 20 s while it imports 3 kW; answers with how often."""
    words = IMPORT.encode(100.0) | Grid.registers["power"].encode(POWER)
    house.inverter.behaviour = with_words(house, words)
    with freeze_time(BEGIN, real_asyncio=True, tick=True):
        await set_up(hass, house)
    read, at = 1, BEGIN + TICK
    while at < END:
        if at == MIDNIGHT:
            with freeze_time(at, real_asyncio=True, tick=True):
                async_fire_time_changed(hass, at)
                await hass.async_block_till_done()
        imported = 100 + (at - BEGIN).total_seconds() / 1200
        await counting(hass, house, at, imported, power=POWER)
        read, at = read + 1, at + TICK
    await async_wait_recording_done(hass)
    return read


async def sums(hass: HomeAssistant, entity_id: str) -> list[float]:
    """Let the recorder sum up every five minutes."""
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


async def rows(hass: HomeAssistant, entity_id: str) -> int:
    """Count what the recorder wrote down of an entity."""
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


async def test_sums_over_midnight_are_what_was_used_from_a_row_per_snapshot_at_most(
    hass: HomeAssistant, house: House
) -> None:
    read = await live_through_midnight(hass, house)
    for slot in range(4):
        do_adhoc_statistics(hass, start=dt_util.as_utc(BEGIN) + slot * SLOT)
        await async_wait_recording_done(hass)
    watts = float(house.state(hass, "load_power"))
    lasted = (END - TICK - BEGIN).total_seconds()
    used = watts * lasted / 3.6e6
    assert used > 0.9
    for key, expected in zip(SUMMED, (used, used, lasted / 1200), strict=True):
        summed = await sums(hass, house.entity_id(hass, key))
        assert len(summed) == 4
        assert summed == sorted(summed)
        assert summed[-1] == pytest.approx(expected, abs=0.02), key
    # One more at midnight, where today begins at 0.
    for key in (*TODAY_KEYS, *TODAY_KEYS.values()):
        assert 1 <= await rows(hass, house.entity_id(hass, key)) <= read + 1, key
