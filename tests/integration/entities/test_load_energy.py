"""In a house where nothing changes energy is used all the same, and it is shown."""

from datetime import datetime, timedelta

from freezegun import freeze_time
from homeassistant.core import HomeAssistant
import pytest

from ..conftest import House, set_up
from .test_energy_totals import BERLIN, counting

NOON = datetime(2026, 3, 11, 12, 0, tzinfo=BERLIN)


@pytest.mark.parametrize("key", ["load_energy_total", "load_energy_today"])
async def test_energy_grows_while_each_snapshot_says_the_same(
    hass: HomeAssistant, house: House, key: str
) -> None:
    with freeze_time(NOON, real_asyncio=True, tick=True):
        await set_up(hass, house)
    shown, same = [], []
    for seconds in range(20, 121, 20):
        before = house.coordinator.data
        at = NOON + timedelta(seconds=seconds)
        await counting(hass, house, at, 100, power=3000)
        same.append(house.coordinator.data == before)
        shown.append(float(house.state(hass, key)))
    assert all(same[3:])
    assert shown == sorted(set(shown))
