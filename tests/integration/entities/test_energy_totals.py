"""Energy sensors over midnight, restarts and outages, in a time zone with clock changes."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from freezegun import freeze_time
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    async_fire_time_changed,
    mock_restore_cache_with_extra_data,
)

from custom_components.alphaess_live.alphaess.counter_samples import CONFIRM_SAMPLES
from custom_components.alphaess_live.alphaess.registers import Grid
from custom_components.alphaess_live.entities.energy_totals import TODAY_KEYS

from ..conftest import House, lose, poll, set_behaviour, set_up

BERLIN = ZoneInfo("Europe/Berlin")
IMPORT = Grid.registers["import_energy_total"]
NOON = datetime(2026, 3, 28, 12, 0, tzinfo=BERLIN)
"""The clocks are set forward in the following night."""
MIDNIGHT = datetime(2026, 3, 29, tzinfo=BERLIN)
INTERVAL = timedelta(seconds=10)
MANY = CONFIRM_SAMPLES + 1
"""Polls after which growth during a pause is shown, though they may last a little less than they should."""
TODAY_ID = "sensor.alphaess_grid_energy_imported_today"


@pytest.fixture(autouse=True)
async def _in_berlin(hass: HomeAssistant) -> AsyncIterator[None]:
    await hass.config.async_set_time_zone(BERLIN.key)
    yield
    dt_util.set_default_time_zone(dt_util.UTC)


def grid_words(power: int) -> dict[int, int]:
    """Encode a power from the grid in W, the same on each phase."""
    words = Grid.registers["power"].encode(power)
    for phase in (1, 2, 3):
        words |= Grid.registers[f"power_l{phase}"].encode(power / 3)
        words |= Grid.registers[f"voltage_l{phase}"].encode(230)
        words |= Grid.registers[f"current_l{phase}"].encode(power / 3 / 230)
    return words


async def poll_at(
    hass: HomeAssistant,
    house: House,
    at: datetime,
    imported: float,
    *,
    power: int | None = None,
    times: int = 1,
) -> None:
    """Poll so often until a time, with this import counter (kWh) and grid power (W; None for that of the house).

    Energy that flowed while no poll was made is shown after `MANY`.
    """
    words = IMPORT.encode(imported)
    if power is not None:
        words |= grid_words(power)
    set_behaviour(house, word_overrides=words)
    for earlier in range(times - 1, -1, -1):
        with freeze_time(at - earlier * INTERVAL, real_asyncio=True, tick=True):
            await poll(house, full=True)
            await hass.async_block_till_done()


def today(hass: HomeAssistant) -> tuple[float, datetime]:
    """Return the energy imported today, and the start of the day."""
    state = hass.states.get(TODAY_ID)
    assert state
    reset = datetime.fromisoformat(state.attributes["last_reset"])
    assert state.attributes["state_class"] == "total"
    return float(state.state), reset


async def set_up_at_noon(hass: HomeAssistant, house: House, imported: float) -> None:
    """Load the entry at noon."""
    set_behaviour(house, word_overrides=IMPORT.encode(imported))
    with freeze_time(NOON, real_asyncio=True, tick=True):
        await set_up(hass, house)


async def test_today_starts_at_setup_and_then_at_each_midnight(
    hass: HomeAssistant, house: House
) -> None:
    await set_up_at_noon(hass, house, 100)
    energy, since = today(hass)
    assert energy == 0
    assert abs(since - NOON) < timedelta(seconds=10)
    await poll_at(hass, house, NOON + timedelta(hours=6), 107, times=MANY)
    assert today(hass)[0] == 7
    await poll_at(hass, house, MIDNIGHT - timedelta(minutes=1), 107)
    with freeze_time(MIDNIGHT, real_asyncio=True, tick=True):
        async_fire_time_changed(hass, MIDNIGHT)
        await hass.async_block_till_done()
    assert today(hass) == (0, MIDNIGHT)
    await poll_at(hass, house, MIDNIGHT + timedelta(minutes=1), 107)
    # 23 hours later: the day that lacks an hour is over.
    await poll_at(hass, house, MIDNIGHT + timedelta(hours=23), 112, times=MANY)
    assert today(hass) == (5, MIDNIGHT)
    await poll_at(hass, house, datetime(2026, 3, 29, 23, 56, tzinfo=BERLIN), 112)
    await poll_at(
        hass, house, datetime(2026, 3, 30, 0, 1, tzinfo=BERLIN), 113, times=MANY
    )
    assert today(hass) == (1, datetime(2026, 3, 30, tzinfo=BERLIN))


def mock_today(hass: HomeAssistant, at: datetime) -> None:
    """Mock the restore state of today: 4 kWh, at this time."""
    day = {
        "begun": NOON.replace(hour=0).isoformat(),
        "baseline": 96.0,
        "newest": 100.0,
        "at": at.isoformat(),
    }
    state = State(TODAY_ID, "4.0", last_updated=at)
    mock_restore_cache_with_extra_data(hass, [(state, day)])


@pytest.mark.parametrize(
    ("restart", "imported", "expected"),
    [(NOON, 101.5, 5.5), (MIDNIGHT + timedelta(hours=8), 102.1, 0.75)],
    ids=["same day", "over midnight"],
)
async def test_today_after_a_restart_continues_from_the_last_total(
    hass: HomeAssistant,
    house: House,
    *,
    restart: datetime,
    imported: float,
    expected: float,
) -> None:
    mock_today(hass, NOON - timedelta(hours=1))
    set_behaviour(house, word_overrides=IMPORT.encode(imported))
    with freeze_time(restart, real_asyncio=True, tick=True):
        await set_up(hass, house)
    await poll_at(hass, house, restart + MANY * INTERVAL, imported, times=MANY)
    day = datetime(restart.year, restart.month, restart.day, tzinfo=BERLIN)
    energy, since = today(hass)
    assert energy == pytest.approx(expected, abs=0.02)
    assert since == day


@pytest.mark.parametrize(
    ("entity_id", "stored"),
    [
        (
            TODAY_ID,
            {
                "begun": "2026-03-28T00:00:00",
                "baseline": 96.0,
                "newest": 100.0,
                "at": "2026-03-28T11:00:00",
            },
        ),
        (
            "sensor.alphaess_house_load_energy_calculated",
            {"energy": 7.0, "until": "2026-03-28T11:00:00", "unknown_seconds": 0},
        ),
    ],
)
async def test_stored_time_without_a_zone_is_logged_once_and_ignored(
    hass: HomeAssistant,
    house: House,
    caplog: pytest.LogCaptureFixture,
    *,
    entity_id: str,
    stored: dict[str, Any],
) -> None:
    state = State(entity_id, "4.0", last_updated=NOON - timedelta(hours=1))
    mock_restore_cache_with_extra_data(hass, [(state, stored)])
    await set_up_at_noon(hass, house, 100)
    await poll_at(hass, house, MIDNIGHT + timedelta(hours=1), 100, times=2)
    assert caplog.text.count("cannot be read, and starts empty") == 1
    assert today(hass)[0] == 0
    restored = hass.states.get(entity_id)
    assert restored
    assert float(restored.state) < 1


async def test_reload_while_today_is_unknown_logs_nothing(
    hass: HomeAssistant, house: House, caplog: pytest.LogCaptureFixture
) -> None:
    set_behaviour(house, word_overrides=IMPORT.encode(42_949_672.95))
    await set_up(hass, house)
    state = hass.states.get(TODAY_ID)
    assert state
    assert state.state == STATE_UNAVAILABLE
    assert await hass.config_entries.async_reload(house.entry.entry_id)
    await hass.async_block_till_done()
    assert "cannot be read" not in caplog.text


async def test_today_during_an_outage_keeps_its_value(
    hass: HomeAssistant, house: House
) -> None:
    mock_today(hass, NOON - timedelta(hours=1))
    await house.server.switch_off()
    with freeze_time(NOON, real_asyncio=True, tick=True):
        await set_up(hass, house)
    assert today(hass) == (4, NOON.replace(hour=0))
    assert house.state(hass, "load_energy_today") == STATE_UNAVAILABLE


async def test_today_after_a_counter_reset_keeps_its_energy(
    hass: HomeAssistant, house: House
) -> None:
    mock_today(hass, NOON - timedelta(hours=1))
    await set_up_at_noon(hass, house, 100)
    for minute in range(1, 25):
        await poll_at(hass, house, NOON + timedelta(minutes=minute), 3.2)
        assert today(hass)[0] == 4
    assert house.state(hass, "grid_import_energy_total") == "100.0"
    await poll_at(hass, house, NOON + timedelta(minutes=30), 4.2, times=MANY)
    assert today(hass)[0] == 5
    assert house.state(hass, "grid_import_energy_total") == "101.0"


async def test_each_total_has_a_sensor_for_today(
    hass: HomeAssistant, house: House
) -> None:
    await set_up_at_noon(hass, house, 100)
    for total, today in TODAY_KEYS.items():
        assert house.state(hass, total) != STATE_UNAVAILABLE
        assert float(house.state(hass, today)) == 0


async def test_load_energy_is_integrated_and_continues_after_a_reload(
    hass: HomeAssistant, house: House
) -> None:
    await set_up_at_noon(hass, house, 100)
    watts = float(house.state(hass, "load_power"))
    for seconds in range(20, 1801, 20):
        at = NOON + timedelta(seconds=seconds)
        await poll_at(hass, house, at, 100 + seconds / 10_000)
    expected = watts * 1800 / 3.6e6
    total = float(house.state(hass, "load_energy_total"))
    assert total == pytest.approx(expected, abs=0.02)
    assert float(house.state(hass, "load_energy_today")) == pytest.approx(
        total, abs=0.01
    )
    with freeze_time(NOON + timedelta(hours=1), real_asyncio=True, tick=True):
        await hass.config_entries.async_reload(house.entry.entry_id)
        await hass.async_block_till_done()
    assert 0 <= float(house.state(hass, "load_energy_total")) - total < 0.02
    state = hass.states.get(house.entity_id(hass, "load_energy_total"))
    assert state
    assert state.attributes["unknown_seconds"] == pytest.approx(1800, abs=30)


async def test_renamed_total_keeps_its_value_whatever_the_id_had_before(
    hass: HomeAssistant, house: House
) -> None:
    await set_up_at_noon(hass, house, 100)
    for seconds in range(20, 401, 20):
        await poll_at(hass, house, NOON + timedelta(seconds=seconds), 100)
    registry = er.async_get(hass)

    async def rename(key: str, entity_id: str) -> None:
        old = house.entity_id(hass, key)
        with freeze_time(NOON + timedelta(minutes=7), real_asyncio=True):
            registry.async_update_entity(old, new_entity_id=entity_id)
            await hass.async_block_till_done()

    bought, sold = "grid_import_energy_total", "grid_export_energy_total"
    keys = (bought, sold, "load_energy_total", "load_energy_today")
    before = {key: house.state(hass, key) for key in keys}
    first, second = house.entity_id(hass, bought), house.entity_id(hass, sold)
    await rename(bought, "sensor.other")
    await rename(sold, first)
    await rename(bought, second)
    for key in keys[2:]:
        own = house.entity_id(hass, key)
        for entity_id in ("sensor.other", own) * 2:
            await rename(key, entity_id)
    assert {key: house.state(hass, key) for key in keys} == before


async def test_today_after_a_clock_a_year_ahead_counts_again(
    hass: HomeAssistant, house: House
) -> None:
    with freeze_time(NOON + timedelta(days=400), real_asyncio=True, tick=True):
        set_behaviour(house, word_overrides=IMPORT.encode(100))
        await set_up(hass, house)
    for minutes, imported in enumerate((100.2, 100.5, 100.6)):
        await poll_at(hass, house, NOON + timedelta(minutes=minutes), imported)
    energy, since = today(hass)
    assert energy == pytest.approx(0.4)
    assert NOON <= since < NOON + timedelta(minutes=1)


async def test_today_begins_where_the_clocks_skip_midnight(
    hass: HomeAssistant, house: House
) -> None:
    cairo = ZoneInfo("Africa/Cairo")
    await hass.config.async_set_time_zone(cairo.key)
    evening = datetime(2026, 4, 23, 18, tzinfo=cairo)
    set_behaviour(house, word_overrides=IMPORT.encode(100))
    with freeze_time(evening - timedelta(hours=6), real_asyncio=True, tick=True):
        await set_up(hass, house)
    await poll_at(hass, house, evening, 107, times=MANY)
    assert today(hass)[0] == 7
    with freeze_time(evening + timedelta(hours=1), real_asyncio=True, tick=True):
        await lose(hass, house)
    # Midnight of this night does not exist: it is one o'clock then.
    morning = datetime(2026, 4, 24, 1, tzinfo=cairo)
    with freeze_time(morning, real_asyncio=True, tick=True):
        async_fire_time_changed(hass, morning)
        await hass.async_block_till_done()
    assert today(hass) == (0, morning)
