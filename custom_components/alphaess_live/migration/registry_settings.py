"""Registry settings of an old entity (name, area, labels, …) that our entity takes over."""

from typing import Any

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

type _Entry = er.RegistryEntry | er.DeletedRegistryEntry


@callback
def registry_settings(hass: HomeAssistant, old: str, ours: str) -> dict[str, Any]:
    """Build the arguments of the registry update for our entity.

    Settings of our entity stay; only missing ones are added. `disabled_by` is not taken
    over, because users disable the entities of the old integration to stop it.
    """
    registry = er.async_get(hass)
    old_entry, our_entry = _find_entry(registry, old), registry.entities[ours]
    if old_entry is None:
        return {}
    combined: dict[str, Any] = {
        "name": our_entry.name or old_entry.name,
        "icon": our_entry.icon or old_entry.icon,
        "area_id": our_entry.area_id or old_entry.area_id,
        "hidden_by": our_entry.hidden_by or _hidden_by_user(old_entry),
        "labels": our_entry.labels | old_entry.labels,
        "categories": old_entry.categories | our_entry.categories,
        "aliases": _aliases(old_entry, our_entry),
    }
    return {
        field: value
        for field, value in combined.items()
        if value != getattr(our_entry, field)
    }


def _find_entry(registry: er.EntityRegistry, old: str) -> _Entry | None:
    """Find the registry entry of the old entity; of deleted ones the latest."""
    if entry := registry.async_get(old):
        return entry
    deleted = (
        one for one in registry.deleted_entities.values() if one.entity_id == old
    )
    return max(deleted, key=lambda one: one.modified_at, default=None)


def _hidden_by_user(old_entry: _Entry) -> er.RegistryEntryHider | None:
    """Return who hid the entity, if it was the user and not an integration."""
    user = er.RegistryEntryHider.USER
    return user if old_entry.hidden_by is user else None


def _aliases(old_entry: _Entry, our_entry: er.RegistryEntry) -> list[er.AliasEntry]:
    """Add the aliases of the old entity; the marker for its own name is no alias."""
    added = (
        alias
        for alias in old_entry.aliases
        if isinstance(alias, str) and alias not in our_entry.aliases
    )
    return [*our_entry.aliases, *added]
