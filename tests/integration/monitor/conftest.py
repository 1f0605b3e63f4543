"""Fixtures for the log of dispatches."""

from collections.abc import Iterator
from datetime import UTC, datetime

from freezegun import freeze_time
from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import Context, Event, HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import (
    MockUser,
    async_capture_events,
)

from custom_components.alphaess_live.monitor.bus_events import DISPATCH_EVENT_TYPE
from custom_components.alphaess_live.simulator.simulated_battery import (
    SimulatedBattery,
)

from ..conftest import House, LoopClock, set_up
from .dispatches import SteppedClock


@pytest.fixture
def events(hass: HomeAssistant) -> list[Event]:
    """Collect the events of the bus."""
    return async_capture_events(hass, DISPATCH_EVENT_TYPE)


@pytest.fixture
def anna(hass: HomeAssistant) -> Context:
    """Return the context of a user with a name."""
    return Context(user_id=MockUser(id="anna", name="Anna").add_to_hass(hass).id)


@pytest.fixture
def clock(loop_clock: LoopClock) -> Iterator[SteppedClock]:
    """Stop the host's clock. With a frozen clock of asyncio, no request would be answered."""
    with freeze_time(datetime.now(UTC), real_asyncio=True) as frozen:
        assert isinstance(frozen, FrozenDateTimeFactory)
        yield SteppedClock(frozen, loop_clock)


@pytest.fixture
async def half_full_house(hass: HomeAssistant, house: House) -> House:
    """Load the entry of a house whose battery can be charged."""
    simulated = house.inverter.house
    simulated.battery = SimulatedBattery(simulated.equipment.pack, 40)
    house.inverter.advance(1)
    await set_up(hass, house)
    return house
