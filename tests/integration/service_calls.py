"""Calls of actions on entities and inverters, and the states of entities."""

from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.helpers import device_registry as dr, entity_registry as er

from custom_components.alphaess_live.const import DOMAIN

from .conftest import House

CHARGE = {"power": 3000, "target_soc": 80, "duration": 3600}


async def call_action(
    hass: HomeAssistant, action: str, data: dict[str, Any], **options: Any
) -> Any:
    """Call an action of the integration, and return its response."""
    default: dict[str, Any] = {"blocking": True, "return_response": True}
    return await hass.services.async_call(DOMAIN, action, data, **default | options)


def find_entity_id(hass: HomeAssistant, house: House, domain: str, key: str) -> str:
    """Find an entity by domain and key: a number and a sensor may share a key."""
    found = er.async_get(hass).async_get_entity_id(
        domain, DOMAIN, f"{house.identity.serial}_{key}"
    )
    assert found, f"no {domain} has the key {key}"
    return found


def device_of(hass: HomeAssistant, house: House) -> str:
    """Return the id of the device of an inverter."""
    [device] = dr.async_entries_for_config_entry(
        dr.async_get(hass), house.entry.entry_id
    )
    return device.id


def entity_state(hass: HomeAssistant, house: House, domain: str, key: str) -> str:
    """Return the state of an entity."""
    state = hass.states.get(find_entity_id(hass, house, domain, key))
    assert state
    return state.state


async def press_button(hass: HomeAssistant, house: House, key: str) -> None:
    """Press a button."""
    target = {"entity_id": find_entity_id(hass, house, "button", key)}
    await hass.services.async_call("button", "press", target, blocking=True)


async def set_number(hass: HomeAssistant, house: House, key: str, value: float) -> None:
    """Set a number."""
    data = {"entity_id": find_entity_id(hass, house, "number", key), "value": value}
    await hass.services.async_call("number", "set_value", data, blocking=True)


async def set_time(hass: HomeAssistant, house: House, key: str, value: str) -> None:
    """Set a time entity."""
    data = {"entity_id": find_entity_id(hass, house, "time", key), "time": value}
    await hass.services.async_call("time", "set_value", data, blocking=True)


async def select_periods(hass: HomeAssistant, house: House, option: str) -> None:
    """Select which charging periods are active."""
    periods = find_entity_id(hass, house, "select", "active_periods")
    data = {"entity_id": periods, "option": option}
    await hass.services.async_call("select", "select_option", data, blocking=True)
