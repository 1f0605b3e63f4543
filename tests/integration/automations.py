"""Automations with the triggers of the integration, and what they fire."""

from datetime import timedelta
from typing import Any

from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.alphaess_live.const import DOMAIN
from custom_components.alphaess_live.trigger import TRIGGERS

from .conftest import House
from .service_calls import device_of


async def automate(
    hass: HomeAssistant, target: dict[str, Any], *keys: str, **options: Any
) -> None:
    """Create an automation with these triggers, or all of them."""
    triggers = [
        {
            "trigger": f"{DOMAIN}.{key}",
            "target": target,
            "id": key,
            **({"options": options} if options else {}),
        }
        for key in keys or TRIGGERS
    ]
    action = {
        "action": "test.fired",
        "data": {
            "id": "{{ trigger.id }}",
            "device_id": "{{ trigger.device_id }}",
            "reason": "{{ trigger.reason | default }}",
            "cause": "{{ trigger.error_kind | default }}",
            "code": "{{ trigger.code | default }}",
        },
    }
    config = {
        "alias": "test",
        "mode": "queued",
        "triggers": triggers,
        "actions": action,
    }
    assert await async_setup_component(hass, "automation", {"automation": [config]})
    await hass.async_block_till_done()
    state = hass.states.get("automation.test")
    assert state
    assert state.state == "on", "the triggers are not valid"


async def wait(hass: HomeAssistant, *, minutes: float) -> None:
    """Let some minutes pass."""
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(minutes=minutes))
    await hass.async_block_till_done()


def ids(fired: list[ServiceCall]) -> list[str]:
    return [call.data["id"] for call in fired]


def own(hass: HomeAssistant, house: House) -> dict[str, Any]:
    return {"device_id": device_of(hass, house)}
