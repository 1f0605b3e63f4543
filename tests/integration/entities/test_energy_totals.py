"""Energy of the house and of the day: over midnight, restarts and outages, in Berlin."""

from collections.abc import AsyncIterator
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from freezegun import freeze_time
from homeassistant.const import STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant, State
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    async_fire_time_changed,
    mock_restore_cache_with_extra_data,
)

from custom_components.alphaess_live.alphaess.registers import Grid
from custom_components.alphaess_live.entities.energy_totals import TODAY_KEYS

from ..conftest import House, poll, set_up
from ..test_sensor import with_words

BERLIN = ZoneInfo("Europe/Berlin")
IMPORT = Grid.registers["import_energy_total"]
NOON = datetime(2026, 3, 28, 12, 0, tzinfo=BERLIN)
"""The clocks are set forward in the following night."""
MIDNIGHT = datetime(2026, 3, 29, tzinfo=BERLIN)
TODAY_ID = "sensor.alphaess_grid_energy_imported_today"


@pytest.fixture(autouse=True)
async def _in_berlin(hass: HomeAssistant) -> AsyncIterator[None]:
    await hass.config.async_set_time_zone(BERLIN.key)
    yield
    dt_util.set_default_time_zone(dt_util.UTC)


async def counting(
    hass: HomeAssistant,
    house: House,
    at: datetime,
    imported: float,
    *,
    power: int | None = None,
) -> None:
    """Read a counter at some time, and the power from the grid: W, or what the house takes."""
    words = IMPORT.encode(imported)
    if power is not None:
        words |= Grid.registers["power"].encode(power)
    house.inverter.behaviour = with_words(house, words)
    with freeze_time(at, real_asyncio=True, tick=True):
        await poll(house, full=True)
        await hass.async_block_till_done()


def shown(hass: HomeAssistant) -> tuple[float, datetime]:
    """Say what was imported today, and since when."""
    state = hass.states.get(TODAY_ID)
    assert state
    reset = datetime.fromisoformat(state.attributes["last_reset"])
    assert state.attributes["state_class"] == "total"
    return float(state.state), reset


async def begin(hass: HomeAssistant, house: House, imported: float) -> None:
    """Set the house up at noon."""
    house.inverter.behaviour = with_words(house, IMPORT.encode(imported))
    with freeze_time(NOON, real_asyncio=True, tick=True):
        await set_up(hass, house)


async def test_today_begins_when_it_is_set_up_and_then_at_each_midnight(
    hass: HomeAssistant, house: House
) -> None:
    await begin(hass, house, 100)
    energy, since = shown(hass)
    assert energy == 0
    assert abs(since - NOON) < timedelta(seconds=10)
    await counting(hass, house, NOON + timedelta(hours=6), 107)
    assert shown(hass)[0] == 7
    with freeze_time(MIDNIGHT, real_asyncio=True, tick=True):
        async_fire_time_changed(hass, MIDNIGHT)
        await hass.async_block_till_done()
    assert shown(hass) == (0, MIDNIGHT)
    # 23 hours later: the day that lacks an hour is over.
    await counting(hass, house, MIDNIGHT + timedelta(hours=23), 112)
    assert shown(hass) == (5, MIDNIGHT)
    await counting(hass, house, datetime(2026, 3, 30, 0, 1, tzinfo=BERLIN), 113)
    assert shown(hass) == (1, datetime(2026, 3, 30, tzinfo=BERLIN))


def before(hass: HomeAssistant, at: datetime) -> None:
    """Remember a today from before a restart: 4 kWh, the last of them at that time."""
    day = {
        "begun": NOON.replace(hour=0).isoformat(),
        "baseline": 96.0,
        "newest": 100.0,
        "at": at.isoformat(),
    }
    state = State(TODAY_ID, "4.0", last_updated=at)
    mock_restore_cache_with_extra_data(hass, [(state, day)])


@pytest.mark.parametrize(
    ("back", "imported", "expected"),
    [(NOON, 101.5, 5.5), (MIDNIGHT + timedelta(hours=8), 102, 2)],
    ids=["the same day", "over midnight"],
)
async def test_a_restart_goes_on_with_what_was_known_last(
    hass: HomeAssistant,
    house: House,
    *,
    back: datetime,
    imported: float,
    expected: float,
) -> None:
    before(hass, NOON - timedelta(hours=1))
    house.inverter.behaviour = with_words(house, IMPORT.encode(imported))
    with freeze_time(back, real_asyncio=True, tick=True):
        await set_up(hass, house)
    day = datetime(back.year, back.month, back.day, tzinfo=BERLIN)
    assert shown(hass) == (expected, day)


async def test_today_stays_while_the_inverter_is_away(
    hass: HomeAssistant, house: House
) -> None:
    before(hass, NOON - timedelta(hours=1))
    await house.server.switch_off()
    with freeze_time(NOON, real_asyncio=True, tick=True):
        await set_up(hass, house)
    assert shown(hass) == (4, NOON.replace(hour=0))
    assert house.state(hass, "load_energy_today") == STATE_UNAVAILABLE


async def test_a_counter_that_begins_anew_takes_nothing_from_today(
    hass: HomeAssistant, house: House
) -> None:
    before(hass, NOON - timedelta(hours=1))
    await begin(hass, house, 100)
    for minute in range(1, 5):
        await counting(hass, house, NOON + timedelta(minutes=minute), 3.2)
        assert shown(hass)[0] == 4
    assert house.state(hass, "grid_import_energy_total") == "3.2"
    await counting(hass, house, NOON + timedelta(minutes=30), 4.2)
    assert shown(hass)[0] == 5


async def test_each_total_has_its_today(hass: HomeAssistant, house: House) -> None:
    await begin(hass, house, 100)
    for total, today in TODAY_KEYS.items():
        assert house.state(hass, total) != STATE_UNAVAILABLE
        assert float(house.state(hass, today)) == 0


async def test_the_load_is_summed_up_and_goes_on_after_a_reload(
    hass: HomeAssistant, house: House
) -> None:
    await begin(hass, house, 100)
    watts = float(house.state(hass, "load_power"))
    for seconds in range(20, 1801, 20):
        at = NOON + timedelta(seconds=seconds)
        await counting(hass, house, at, 100 + seconds / 10_000)
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


@pytest.mark.usefixtures("loop_clock")
async def test_a_clock_that_was_a_year_ahead_does_not_stop_today(
    hass: HomeAssistant, house: House
) -> None:
    with freeze_time(NOON + timedelta(days=400), real_asyncio=True, tick=True):
        house.inverter.behaviour = with_words(house, IMPORT.encode(100))
        await set_up(hass, house)
    for minutes, imported in enumerate((100.2, 100.5, 100.6)):
        await counting(hass, house, NOON + timedelta(minutes=minutes), imported)
    energy, since = shown(hass)
    assert energy == pytest.approx(0.4)
    assert NOON <= since < NOON + timedelta(minutes=1)
