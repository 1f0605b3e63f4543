"""What a schedule does, as a user sees it: the demo house lives by it."""

from dataclasses import replace

from homeassistant.core import HomeAssistant
import pytest

from custom_components.alphaess_live.simulator.models import MODELS

from .conftest import House, poll
from .test_control import APP, app_orders
from .test_services import call

EVENING = {
    "active_periods": "charge",
    "charge_period_1_start": "20:00",
    "charge_period_1_end": "22:00",
    "charge_target": 100,
}


async def _battery_at(hass: HomeAssistant, house: House, hour: int) -> float:
    """Let time pass until this hour of the house's day, and tell what the battery shows."""
    clock = house.inverter.house.clock
    house.inverter.advance((hour - clock.hour) * 3600 + 1)
    await poll(house, full=True)
    return float(house.state(hass, "battery_power"))


@pytest.mark.parametrize("model", MODELS)
async def test_a_charge_period_that_covers_now_charges_from_the_grid_until_it_ends(
    hass: HomeAssistant, live_house: House
) -> None:
    assert await _battery_at(hass, live_house, 21) > 0
    await call(hass, "set_schedule", EVENING)
    assert await _battery_at(hass, live_house, 21) < -100
    assert float(live_house.state(hass, "grid_power")) > 100
    assert await _battery_at(hass, live_house, 22) > 0


async def test_what_the_app_orders_goes_before_the_schedule(
    hass: HomeAssistant, live_house: House
) -> None:
    await call(hass, "set_schedule", {"active_periods": "discharge"})
    assert await _battery_at(hass, live_house, 21) == 0
    app_orders(live_house, replace(APP, power=2500, target_soc=10))
    assert await _battery_at(hass, live_house, 21) == 2500
