"""Automations from the blueprints, and the time at which they run."""

from collections.abc import Iterator
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


async def run_from(
    hass: HomeAssistant, house: House, blueprint: str, at: str, **inputs: Any
) -> None:
    """Create an automation just before a local time, and let this time come."""
    with at_local_time(at, seconds=0.1):
        await automate(hass, house, blueprint, **inputs)
    with at_local_time(at) as now:
        async_fire_time_changed(hass, now + timedelta(seconds=1))
        await hass.async_block_till_done()
