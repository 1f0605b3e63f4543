"""Finds the inverters that a target selects: by device, entity, area, floor or label.

An area, floor or label selects an inverter by its device. A single entity of it that was moved
there, such as a sensor that is shown in the living room, does not stand for the inverter.
"""

from collections.abc import Iterator, Mapping
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import ATTR_CONFIG_ENTRY_ID
from homeassistant.core import HomeAssistant, ServiceCall
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv, entity_registry as er
from homeassistant.helpers.service import (
    async_get_config_entry,
    async_get_device_and_config_entry,
)
from homeassistant.helpers.target import (
    SelectedEntities,
    TargetSelection,
    async_extract_referenced_entity_ids,
)

from ..const import DOMAIN

TARGET_FIELDS = frozenset(str(field) for field in cv.ENTITY_SERVICE_FIELDS)
"""The keys of a target in the data of an action."""


def selected_entries(call: ServiceCall) -> list[ConfigEntry]:
    """Return the loaded entries of an action: of its target or field, otherwise the only one.

    Raises ServiceValidationError for a named device or entity that belongs to no loaded
    inverter, and for a target without any inverter.
    """
    hass, entry_id = call.hass, call.data.get(ATTR_CONFIG_ENTRY_ID)
    if not TARGET_FIELDS & call.data.keys():
        return [async_get_config_entry(hass, DOMAIN, entry_id)]
    selection = TargetSelection(call.data)
    ids = {entry_id} | {
        async_get_device_and_config_entry(hass, DOMAIN, device_id)[1].entry_id
        for device_id in selection.device_ids
    }
    selected = _select(hass, selection)
    for entity_id in selected.referenced:
        _require_ours(hass, entity_id)
    ids |= {entity.config_entry_id for entity in _our_entities(hass, selected)}
    found = [
        async_get_config_entry(hass, DOMAIN, one) for one in sorted(filter(None, ids))
    ]
    if not found:
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="target_without_inverter"
        )
    return found


def selected_devices(hass: HomeAssistant, target: Mapping[str, Any]) -> set[str]:
    """Return the ids of the devices that a target selects now, by themselves or by an entity."""
    selected = _select(hass, TargetSelection(dict(target)))
    entities = (entity.device_id for entity in _our_entities(hass, selected))
    return selected.referenced_devices.union(filter(None, entities))


def entities_with_key(
    hass: HomeAssistant, target: Mapping[str, Any], key: str
) -> set[str]:
    """Return the entities with this key of the inverters that a target selects now."""
    registry = er.async_get(hass)
    selected = _select(hass, TargetSelection(dict(target)))
    entry_ids = {one.config_entry_id for one in _our_entities(hass, selected)}
    return {
        entity.entity_id
        for entry_id in filter(None, entry_ids)
        for entity in er.async_entries_for_config_entry(registry, entry_id)
        if entity.unique_id.partition("_")[2] == key
    }


def _select(hass: HomeAssistant, selection: TargetSelection) -> SelectedEntities:
    """Resolve a target, with the diagnostic entities of its devices and areas."""
    return async_extract_referenced_entity_ids(
        hass, selection, primary_entities_only=False
    )


def _our_entities(
    hass: HomeAssistant, selected: SelectedEntities
) -> Iterator[er.RegistryEntry]:
    """Yield the entities that are named, and those of the selected devices, that belong to an inverter."""
    registry = er.async_get(hass)
    for entity_id in selected.referenced | selected.indirectly_referenced:
        entity = registry.async_get(entity_id)
        if entity is None or entity.platform != DOMAIN:
            continue
        is_named = entity_id in selected.referenced
        if is_named or entity.device_id in selected.referenced_devices:
            yield entity


def _require_ours(hass: HomeAssistant, entity_id: str) -> None:
    """Raise ServiceValidationError for an entity of another integration, or an unknown one."""
    entity = er.async_get(hass).async_get(entity_id)
    if entity is None or entity.platform != DOMAIN:
        raise ServiceValidationError(
            translation_domain=DOMAIN,
            translation_key="entity_of_no_inverter",
            translation_placeholders={"entity": entity_id},
        )
