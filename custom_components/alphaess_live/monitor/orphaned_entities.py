"""Entities that the inverter has not served for a week: reported once, and removed when the user confirms."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import ATTR_RESTORED
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er, issue_registry as ir
from homeassistant.util import dt as dt_util

from ..alphaess.registers.register import Quantity
from ..alphaess.snapshot import DERIVED, READINGS, Snapshot
from ..const import CONF_MISSING, DOMAIN, entity_unique_id
from ..coordinator import ON_SNAPSHOT, InverterCoordinator
from ..storage import persist_learned, update_entry_data
from .issues import ORPHANED, issue_id

ORPHANED_AFTER_DAYS = 7
"""Days on which the inverter answered without them: a failed firmware update is undone by then."""

IGNORED = 0
"""Stored as the days of an entity that the user wants to keep."""

_BLOCK_OF_KEY = {one.key: one.part for one in READINGS if one.part != DERIVED}
_TOTAL_KEYS = {one.key for one in READINGS if one.quantity is Quantity.ENERGY}


class OrphanTracker:
    """Counts for each entity the days on which the inverter did not serve it."""

    def __init__(self, coordinator: InverterCoordinator) -> None:
        """Subscribe to full snapshots, until `close`."""
        self._coordinator = coordinator
        self.close: Callable[[], None] = coordinator.async_add_listener(
            self._count_missing, ON_SNAPSHOT
        )

    @callback
    def _count_missing(self) -> None:
        """Count the missing entities of a full snapshot. During an outage none is counted."""
        coordinator = self._coordinator
        if coordinator.data is None or not coordinator.connection.connected:
            return
        entry = coordinator.config_entry
        before: Mapping[str, Any] = entry.data.get(CONF_MISSING, {})
        today = dt_util.now().date().isoformat()
        counted = {
            key: _count(before.get(key), today)
            for key in _missing(coordinator, coordinator.data)
        }
        if counted != before:
            update_entry_data(coordinator.hass, entry, **{CONF_MISSING: counted})
        if any(one["days"] >= ORPHANED_AFTER_DAYS for one in counted.values()):
            _update_issue(coordinator.hass, entry)
        else:
            ir.async_delete_issue(coordinator.hass, DOMAIN, issue_id(ORPHANED, entry))


def orphaned(coordinator: InverterCoordinator, *, totals: bool) -> list[str]:
    """List the entity ids that may be removed: lifetime counters, or all others."""
    missing = coordinator.config_entry.data.get(CONF_MISSING, {})
    return sorted(
        entry.entity_id
        for entry in _entries(coordinator)
        if missing.get(key := _key(coordinator, entry), {}).get("days", 0)
        >= ORPHANED_AFTER_DAYS
        and (key in _TOTAL_KEYS) is totals
    )


@callback
def remove_orphaned(coordinator: InverterCoordinator, *, totals: bool) -> None:
    """Remove orphaned entities. Lifetime counters only if `totals`; else they are kept for good."""
    entry, registry = coordinator.config_entry, er.async_get(coordinator.hass)
    entity_ids = orphaned(coordinator, totals=False)
    entity_ids += orphaned(coordinator, totals=True) if totals else []
    missing = dict(entry.data.get(CONF_MISSING, {}))
    for entity_id in entity_ids:
        key = _key(coordinator, registry.entities[entity_id])
        missing.pop(key, None)
        _forget_block(coordinator, key)
        registry.async_remove(entity_id)
    for entity_id in orphaned(coordinator, totals=True):
        key = _key(coordinator, registry.entities[entity_id])
        missing[key] = missing[key] | {"days": IGNORED}
    update_entry_data(coordinator.hass, entry, **{CONF_MISSING: missing})
    persist_learned(coordinator.hass, entry, inverter=coordinator.inverter)


def _forget_block(coordinator: InverterCoordinator, key: str) -> None:
    """Treat a block as one that was never served: it is requested ever more rarely."""
    inverter = coordinator.inverter
    inverter.served_blocks -= inverter.register_map.named({_BLOCK_OF_KEY.get(key, "")})


def _missing(coordinator: InverterCoordinator, snapshot: Snapshot) -> Iterator[str]:
    """Find the keys of the entities that the inverter does not serve now."""
    for entry in _entries(coordinator):
        key = _key(coordinator, entry)
        if key in _BLOCK_OF_KEY:
            if getattr(snapshot, _BLOCK_OF_KEY[key]) is None:
                yield key
        elif _is_orphaned(coordinator.hass, entry):
            yield key


def _is_orphaned(hass: HomeAssistant, entry: er.RegistryEntry) -> bool:
    """Whether no platform provides an entity; unknown, and so False, for a disabled one."""
    state = hass.states.get(entry.entity_id)
    return state is not None and bool(state.attributes.get(ATTR_RESTORED))


def _entries(coordinator: InverterCoordinator) -> list[er.RegistryEntry]:
    registry, entry_id = (
        er.async_get(coordinator.hass),
        coordinator.config_entry.entry_id,
    )
    return er.async_entries_for_config_entry(registry, entry_id)


def _key(coordinator: InverterCoordinator, entry: er.RegistryEntry) -> str:
    prefix = entity_unique_id(coordinator.identity.serial, "")
    return entry.unique_id.removeprefix(prefix)


def _count(before: Mapping[str, Any] | None, today: str) -> dict[str, Any]:
    """Count a day once; do not count what the user keeps."""
    if before is None:
        return {"days": 1, "last": today}
    if before["days"] == IGNORED or before["last"] == today:
        return dict(before)
    return {"days": before["days"] + 1, "last": today}


def _update_issue(hass: HomeAssistant, entry: ConfigEntry) -> None:
    ir.async_create_issue(
        hass,
        DOMAIN,
        issue_id(ORPHANED, entry),
        data={"entry_id": entry.entry_id},
        is_fixable=True,
        severity=ir.IssueSeverity.WARNING,
        translation_key="stale",
        translation_placeholders={"inverter": entry.title},
    )
