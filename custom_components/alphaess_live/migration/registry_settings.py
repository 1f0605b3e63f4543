"""What a user made of an old entity – its name, area, labels and so on – for ours that goes on in its place."""

from typing import Any

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er

type _Known = er.RegistryEntry | er.DeletedRegistryEntry


@callback
def registry_settings(hass: HomeAssistant, old: str, ours: str) -> dict[str, Any]:
    """Say what ours takes over, as the registry's update wants it.

    What a user gave to ours stays: only what it lacks is added. Whether the old one
    was disabled is not taken over: that is how another integration is silenced.
    """
    registry = er.async_get(hass)
    before, mine = _known(registry, old), registry.entities[ours]
    if before is None:
        return {}
    offered: dict[str, Any] = {
        "name": mine.name or before.name,
        "icon": mine.icon or before.icon,
        "area_id": mine.area_id or before.area_id,
        "hidden_by": mine.hidden_by or _by_user(before),
        "labels": mine.labels | before.labels,
        "categories": before.categories | mine.categories,
        "aliases": _aliases(before, mine),
    }
    return {
        what: value for what, value in offered.items() if value != getattr(mine, what)
    }


def _known(registry: er.EntityRegistry, old: str) -> _Known | None:
    """Find the old entity; of those that were deleted, the one that bore the name last."""
    if there := registry.async_get(old):
        return there
    gone = (one for one in registry.deleted_entities.values() if one.entity_id == old)
    return max(gone, key=lambda one: one.modified_at, default=None)


def _by_user(before: _Known) -> er.RegistryEntryHider | None:
    """Whether a user hid it: what an integration hides is its own affair."""
    user = er.RegistryEntryHider.USER
    return user if before.hidden_by is user else None


def _aliases(before: _Known, mine: er.RegistryEntry) -> list[er.AliasEntry]:
    """Add what the old one was called, too; that it answers to its own name is no alias."""
    more = (
        alias
        for alias in before.aliases
        if isinstance(alias, str) and alias not in mine.aliases
    )
    return [*mine.aliases, *more]
