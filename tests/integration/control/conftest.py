"""Fixtures of a house in which a grid target is held."""

from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from freezegun import freeze_time
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import Event, HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import async_capture_events

from custom_components.alphaess_live.monitor.bus_events import DISPATCH_EVENT_TYPE
from custom_components.alphaess_live.simulator.simulated_battery import SimulatedBattery

from ..conftest import House, LoopClock, set_behaviour, set_up
from .grid_house import NIGHT, GridHouse, Load


@pytest.fixture
def behaviour() -> dict[str, Any]:
    """Return the deviations of the inverter; tests parametrize them."""
    return {}


@pytest.fixture
async def night(
    hass: HomeAssistant, house: House, loop_clock: LoopClock, behaviour: dict[str, Any]
) -> AsyncIterator[GridHouse]:
    """Load a house without sun, whose only appliance a test controls."""
    simulated, load = house.inverter.house, Load()
    simulated.equipment = replace(simulated.equipment, appliances=(load,))
    simulated.clock = NIGHT
    simulated.battery = SimulatedBattery(simulated.equipment.pack, 50)
    set_behaviour(house, **behaviour)
    house.inverter.advance(5)
    with freeze_time(datetime.now(UTC), real_asyncio=True) as clock:
        assert isinstance(clock, FrozenDateTimeFactory)
        await set_up(hass, house)
        house.inverter.journal.clear()
        yield GridHouse(hass, house, load, clock, loop_clock)


@pytest.fixture
def events(hass: HomeAssistant) -> list[Event]:
    """Collect the events of the bus."""
    return async_capture_events(hass, DISPATCH_EVENT_TYPE)
