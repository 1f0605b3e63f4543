"""Automations from the blueprints, and the time at which they run."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from freezegun import freeze_time
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.alphaess_live.const import DOMAIN

from ..conftest import House
from ..service_calls import device_of

FOLDER = Path(__file__).parents[3] / "blueprints" / "automation" / DOMAIN


async def automate(
    hass: HomeAssistant, house: House, blueprint: str, **inputs: Any
) -> None:
    """Create an automation from a blueprint."""
    use = {
        "path": f"{DOMAIN}/{blueprint}.yaml",
        "input": {"inverter": device_of(hass, house), **inputs},
    }
    config = {"automation": [{"alias": blueprint, "use_blueprint": use}]}
    assert await async_setup_component(hass, "automation", config)
    await hass.async_block_till_done()
    state = hass.states.get(f"automation.{blueprint}")
    assert state
    assert state.state == "on"


def around_now(**hours: float) -> dict[str, str]:
    """Return local times of day, some hours from now."""
    now = dt_util.now()
    return {key: f"{now + timedelta(hours=by):%H:%M:%S}" for key, by in hours.items()}


def is_waiting(hass: HomeAssistant, blueprint: str) -> bool:
    """Return whether the automation still runs."""
    state = hass.states.get(f"automation.{blueprint}")
    return state is not None and state.attributes["current"] > 0


async def until(is_true: Callable[[], bool]) -> None:
    """Wait for what an automation brings about that goes on to wait itself."""
    async with asyncio.timeout(20):
        while not is_true():
            await asyncio.sleep(0.01)


async def change(hass: HomeAssistant, entity_id: str, value: str) -> None:
    """Change the state of an entity, and wait for the automation."""
    hass.states.async_set(entity_id, value)
    await hass.async_block_till_done()


@contextmanager
def at_local_time(text: str, **earlier: float) -> Iterator[datetime]:
    """Set the host's clock to a local time, as in 2091-07-02 22:00, or so much earlier."""
    at = datetime.fromisoformat(text).replace(tzinfo=dt_util.get_default_time_zone())
    at -= timedelta(**earlier)
    with freeze_time(at, real_asyncio=True):
        yield at


@contextmanager
def from_local_time(text: str) -> Iterator[None]:
    """Set the host's clock to a local time, from which it goes on."""
    at = datetime.fromisoformat(text).replace(tzinfo=dt_util.get_default_time_zone())
    with freeze_time(at, real_asyncio=True, tick=True):
        yield


async def run_from(
    hass: HomeAssistant, house: House, blueprint: str, at: str, **inputs: Any
) -> None:
    """Create an automation just before a local time, and let this time come."""
    with at_local_time(at, seconds=0.1):
        await automate(hass, house, blueprint, **inputs)
    with at_local_time(at) as now:
        async_fire_time_changed(hass, now + timedelta(seconds=1))
        await hass.async_block_till_done()
