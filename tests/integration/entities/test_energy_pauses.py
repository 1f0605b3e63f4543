"""Odd numbers after a pause, at the first set-up, and without a ledger: the statistics have what really flowed."""

from datetime import datetime, timedelta
from typing import Any

from homeassistant.components.recorder.core import Recorder
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)

from custom_components.alphaess_live.alphaess.counter_samples import CONFIRM_SAMPLES
from custom_components.alphaess_live.alphaess.monotonic_counter import FEW_SAMPLES
from custom_components.alphaess_live.const import DOMAIN

from ..timeline import BOTH, IMPORT, PV, START, Timeline

HOURS = timedelta(hours=5)
ODD = CONFIRM_SAMPLES - 1
"""Snapshots for which an odd number may last."""


@pytest.mark.parametrize("odd", [250.0, 104.0, 0.0])
@pytest.mark.parametrize("reloaded", [False, True])
async def test_odd_number_after_hours_away_adds_no_energy(
    grid: Timeline, *, odd: float, reloaded: bool
) -> None:
    await grid.begin(**{IMPORT: 100})
    grid.at += HOURS
    if reloaded:
        grid.set({IMPORT: odd})
        await grid.reload()
    await grid.series(*[odd] * (ODD - reloaded), *[107.0] * ODD)
    assert set(grid.shown) == {100}
    await grid.series(107.0, 107.1)
    assert grid.shown[-2:] == [107, 107.1]
    assert await grid.sum() == pytest.approx(7.1)


async def test_odd_number_after_the_clock_was_set_back_is_not_shown(
    grid: Timeline,
) -> None:
    grid.at += timedelta(days=2)
    await grid.begin(**{IMPORT: 100})
    grid.at -= timedelta(days=1)
    await grid.series(*[250.0] * ODD, *[100.1] * CONFIRM_SAMPLES, 100.2)
    assert set(grid.shown) == {100, 100.1, 100.2}


@pytest.mark.parametrize("odd", [0.07, 6553.7, 12003.0])
@pytest.mark.parametrize("times", range(1, FEW_SAMPLES))
async def test_odd_number_at_the_first_setup_is_not_shown(
    grid: Timeline, *, odd: float, times: int
) -> None:
    await grid.begin_once(**{IMPORT: odd})
    await grid.series(*[odd] * (times - 1), *[12000] * FEW_SAMPLES)
    await grid.series(12000, 12000.1)
    assert set(grid.shown) == {12000, 12000.1}
    assert await grid.sum() == pytest.approx(0.1)


@pytest.mark.parametrize(
    "odd",
    [{"meter_2": 0}, {"meter_2": 3002.5}, {"meter_2": 3700}, {"strings": 5003}],
    ids=str,
)
@pytest.mark.parametrize("times", [1, 4, ODD])
async def test_odd_part_after_the_ledger_was_lost_adds_no_energy(
    pv: Timeline,
    hass: HomeAssistant,
    hass_storage: dict[str, Any],
    *,
    odd: dict[str, float],
    times: int,
) -> None:
    await async_wait_recording_done(hass)
    entry_id = pv.house.entry.entry_id
    await hass.config_entries.async_unload(entry_id)
    del hass_storage[f"{DOMAIN}.{entry_id}.energy"]
    right = BOTH | {"strings": 5001, "system": 8001}
    pv.set(right | odd)
    pv.at += HOURS
    await pv.reload()
    await pv.read(times=times - 1)
    assert set(pv.shown) == {8000}
    await pv.read(times=CONFIRM_SAMPLES, **right)
    await pv.read(strings=5001.1)
    assert pv.shown[-1] == pytest.approx(8001.1)
    assert await pv.sum() == pytest.approx(1.1)
    state = hass.states.get(pv.house.entity_id(hass, PV))
    assert state
    assert state.attributes["offset"] == 0


async def test_total_is_unknown_until_three_snapshots_have_shown_it(
    grid: Timeline, hass: HomeAssistant, recorder_mock: Recorder
) -> None:
    assert recorder_mock.recording
    await grid.begin_once(**{IMPORT: 12000})
    for shown in ("unavailable", "unavailable", "12000.0"):
        assert grid.house.state(hass, IMPORT) == shown
        await grid.read()


@pytest.mark.parametrize(
    ("hours", "today"),
    [(12, 0.3), (24, 12.2), (30, 18.1), (35, 23.1), (37, 1.2), (47, 11.2), (72, 12.2)],
)
@pytest.mark.parametrize("reloaded", [False, True])
async def test_today_after_days_away_has_only_what_flowed_since_midnight(
    grid: Timeline,
    hass: HomeAssistant,
    *,
    hours: int,
    today: float,
    reloaded: bool,
) -> None:
    await grid.begin(**{IMPORT: 100})
    await grid.series(100.1, 100.2)
    if reloaded:
        await hass.config_entries.async_unload(grid.house.entry.entry_id)
    grid.at += timedelta(hours=hours)
    used = round(100.2 + hours, 1)
    if reloaded:
        grid.set({IMPORT: used})
        await grid.reload()
    await grid.series(*[used] * CONFIRM_SAMPLES)
    await grid.series(used)
    assert grid.shown[-1] == used
    state = hass.states.get(grid.house.entity_id(hass, "grid_import_energy_today"))
    assert state
    assert float(state.state) == pytest.approx(today, abs=0.2)
    assert datetime.fromisoformat(state.attributes["last_reset"]).hour == 0
    await grid.series(round(used + 0.1, 1))
    state = hass.states.get(grid.house.entity_id(hass, "grid_import_energy_today"))
    assert state
    assert float(state.state) == pytest.approx(today + 0.1, abs=0.2)


async def test_pv_energy_of_the_evening_is_none_of_the_next_morning(
    pv: Timeline, hass: HomeAssistant
) -> None:
    await hass.config.async_update(latitude=52.5, longitude=0.0)
    pv.at += timedelta(hours=3)
    await pv.read(times=2)
    pv.at = START + timedelta(hours=18.5)  # The sun has risen at 6:20.
    evening = BOTH | {"strings": 5014, "system": 8014}
    await pv.read(times=CONFIRM_SAMPLES + 1, **evening)
    assert pv.shown[-1] == 8014
    today = hass.states.get(pv.house.entity_id(hass, "pv_energy_today"))
    assert today
    assert float(today.state) <= 0.25
    await pv.read(strings=5014.1)
    later = hass.states.get(pv.house.entity_id(hass, "pv_energy_today"))
    assert later
    assert float(later.state) == pytest.approx(float(today.state) + 0.1)
