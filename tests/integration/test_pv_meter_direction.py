"""A PV meter whose transformer was turned: the PV energy continues, also after a reload."""

from datetime import timedelta

from freezegun import freeze_time
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest

from custom_components.alphaess_live.alphaess.counter_samples import CONFIRM_SAMPLES
from custom_components.alphaess_live.alphaess.pv_meter_direction import (
    EVALUATION_PERIOD,
)
from custom_components.alphaess_live.alphaess.registers import PvMeter, SystemTotals
from custom_components.alphaess_live.const import CONF_PV_METER

from .conftest import House, poll, set_behaviour, set_up

FIRST, SECOND = (PvMeter.registers[f"energy_{n}_total"] for n in (1, 2))
SYSTEM = SystemTotals.registers["pv_energy_total"]


def set_counters(house: House, first: float, second: float) -> None:
    """Set the two counters of the meter, in kWh."""
    words = FIRST.encode(first) | SECOND.encode(second)
    words |= SYSTEM.encode(first, house.inverter.model.profile)
    set_behaviour(house, word_overrides=words)


@pytest.mark.parametrize("model", ["ac_coupled"])
async def test_pv_energy_of_a_turned_transformer_continues_after_a_reload(
    hass: HomeAssistant, house: House
) -> None:
    set_counters(house, 3000, 40)
    await set_up(hass, house)
    before = float(house.state(hass, "pv_energy_total"))
    assert CONF_PV_METER not in house.entry.data
    set_counters(house, 3000.05, 46)
    start = dt_util.utcnow()
    for at in (start + EVALUATION_PERIOD / 2, start + EVALUATION_PERIOD):
        for number in range(1, CONFIRM_SAMPLES + 2):
            now = at + number * timedelta(seconds=10)
            with freeze_time(now, real_asyncio=True, tick=True):
                await poll(house, full=True)
    with freeze_time(now + timedelta(seconds=10), real_asyncio=True):
        await poll(house, full=True)
        after = float(house.state(hass, "pv_energy_total"))
    assert after == pytest.approx(before + 6)
    assert house.entry.data[CONF_PV_METER] == {"counter": 2, "before": 2960}
    set_counters(house, 3000.05, 46.3)
    await hass.config_entries.async_reload(house.entry.entry_id)
    await hass.async_block_till_done()
    assert float(house.state(hass, "pv_energy_total")) == pytest.approx(before + 6.3)
