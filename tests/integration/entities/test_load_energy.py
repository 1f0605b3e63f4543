"""The energy of the load grows while its power is constant."""

from datetime import datetime, timedelta

from freezegun import freeze_time
from homeassistant.core import HomeAssistant
import pytest

from ..conftest import House, set_up
from .test_energy_totals import BERLIN, poll_at

NOON = datetime(2026, 3, 11, 12, 0, tzinfo=BERLIN)


@pytest.mark.parametrize("key", ["load_energy_total", "load_energy_today"])
async def test_load_energy_of_constant_power_grows_with_each_snapshot(
    hass: HomeAssistant, house: House, key: str
) -> None:
    with freeze_time(NOON, real_asyncio=True, tick=True):
        await set_up(hass, house)
    energies, is_equal = [], []
    for seconds in range(20, 121, 20):
        before = house.coordinator.data
        at = NOON + timedelta(seconds=seconds)
        await poll_at(hass, house, at, 100, power=3000)
        is_equal.append(house.coordinator.data == before)
        energies.append(float(house.state(hass, key)))
    assert all(is_equal[3:])
    assert energies == sorted(set(energies))
