"""A PV meter whose transformer was turned: the PV energy continues, also after a reload."""

from datetime import UTC, datetime, timedelta

from freezegun import freeze_time
from homeassistant.core import HomeAssistant
import pytest

from custom_components.alphaess_live.alphaess.pv_meter_direction import (
    DAYS_TO_REVERSE,
)
from custom_components.alphaess_live.alphaess.registers import (
    Battery,
    Grid,
    PvMeter,
    SystemTotals,
)
from custom_components.alphaess_live.const import CONF_PV_METER

from .conftest import House, poll, set_behaviour, set_up

FIRST, SECOND = (PvMeter.registers[f"energy_{n}_total"] for n in (1, 2))
SYSTEM = SystemTotals.registers["pv_energy_total"]


def set_counters(
    house: House, first: float, second: float, *, power: float = 0, grid: float = 300
) -> None:
    """Set the two counters of the meter, in kWh, and powers, in W."""
    profile = house.inverter.model.profile
    words = FIRST.encode(first, profile) | SECOND.encode(second, profile)
    words |= SYSTEM.encode(max(first, second), profile)
    for block, value in ((PvMeter, power), (Grid, grid)):
        words |= block.registers["power"].encode(value, profile)
        words |= block.registers["power_l1"].encode(value, profile)
    words |= Battery.registers["power"].encode(0, profile)
    words |= Battery.registers["current"].encode(0, profile)
    set_behaviour(house, word_overrides=words)


async def read(house: House, at: datetime, *, minutes: int) -> None:
    """Read two snapshots a minute."""
    for number in range(2 * minutes):
        now = at + number * timedelta(seconds=30)
        with freeze_time(now, real_asyncio=True, tick=True):
            await poll(house, full=True)


@pytest.mark.parametrize("model", ["ac_coupled"])
async def test_pv_energy_of_a_turned_transformer_continues_after_a_reload(
    hass: HomeAssistant, house: House
) -> None:
    start = datetime(2026, 6, 15, 10, tzinfo=UTC)
    set_counters(house, 3000, 40)
    with freeze_time(start, real_asyncio=True, tick=True):
        await set_up(hass, house)
        before = float(house.state(hass, "pv_energy_total"))
    await read(house, start, minutes=11)
    assert house.entry.data[CONF_PV_METER] == {"counter": 1, "before": 0}
    for day in range(DAYS_TO_REVERSE):
        # 3 kW for half an hour, of which 2.5 kW are exported.
        for minute in range(31):
            at = start + timedelta(days=day, hours=1, minutes=minute)
            second = 40 + 1.5 * day + 0.05 * minute
            set_counters(house, 3000, second, power=3000, grid=-2500)
            await read(house, at, minutes=1)
    assert float(house.state(hass, "pv_energy_total")) == pytest.approx(
        before + 1.5 * DAYS_TO_REVERSE, abs=0.06
    )
    assert house.entry.data[CONF_PV_METER] == {"counter": 2, "before": 2960}
    with freeze_time(at, real_asyncio=True, tick=True):
        await hass.config_entries.async_reload(house.entry.entry_id)
        await hass.async_block_till_done()
    set_counters(house, 3000, 44.6)
    await read(house, at, minutes=1)
    assert float(house.state(hass, "pv_energy_total")) == pytest.approx(before + 4.6)


@pytest.mark.parametrize("model", ["ac_coupled"])
async def test_wallbox_behind_the_meter_is_no_pv_energy(
    hass: HomeAssistant, house: House
) -> None:
    start = datetime(2026, 12, 1, 18, tzinfo=UTC)
    set_counters(house, 150, 3204.9)
    with freeze_time(start, real_asyncio=True, tick=True):
        await set_up(hass, house)
        before = float(house.state(hass, "pv_energy_total"))
    await read(house, start, minutes=11)
    for day in range(2):
        for minute in range(31):
            at = start + timedelta(days=day, hours=1, minutes=minute)
            first = 150 + 5.5 * day + 5.5 * minute / 30
            set_counters(house, first, 3204.9, power=-11000, grid=11300)
            await read(house, at, minutes=1)
            assert float(house.state(hass, "pv_power")) == 0
    assert float(house.state(hass, "pv_energy_total")) == before


@pytest.mark.parametrize("model", ["ac_coupled"])
@pytest.mark.parametrize("stored", [{"counter": "2", "before": 0}, 5, ["x"]])
async def test_damaged_direction_is_logged_once_and_ignored(
    hass: HomeAssistant,
    house: House,
    caplog: pytest.LogCaptureFixture,
    stored: object,
) -> None:
    set_counters(house, 3000, 40)
    house.entry.add_to_hass(hass)
    data = {**house.entry.data, CONF_PV_METER: stored}
    hass.config_entries.async_update_entry(house.entry, data=data)
    await set_up(hass, house)
    assert float(house.state(hass, "pv_energy_total")) == 3000
    assert caplog.text.count("the direction of the PV meter") == 1
