"""The steps of a set-up, each of which may have a bug, and what a set-up leaves open."""

from collections import Counter
import re
from typing import Any, Never

from homeassistant.config_entries import ConfigEntries
from homeassistant.const import EVENT_HOMEASSISTANT_FINAL_WRITE
from homeassistant.core import HomeAssistant

import custom_components.alphaess_live as integration
from custom_components.alphaess_live.control.supervisor import DispatchSupervisor
from custom_components.alphaess_live.coordinator import InverterCoordinator
from custom_components.alphaess_live.monitor.dispatch_log import DispatchLog
from custom_components.alphaess_live.monitor.fault_persistence import FaultPersistence
from custom_components.alphaess_live.monitor.issues import IssueMonitor
from custom_components.alphaess_live.monitor.orphaned_entities import OrphanTracker
from custom_components.alphaess_live.totals.ledger_persistence import LedgerPersistence
from custom_components.alphaess_live.web import card_resource

from .consistency_checker import resource_counts

STEPS: list[tuple[Any, str]] = [
    (integration, "open_link"),
    (integration, "restore_inverter"),
    (integration, "InverterCoordinator"),
    (integration, "load_runtime_data"),
    (FaultPersistence, "load"),
    (LedgerPersistence, "__init__"),
    (LedgerPersistence, "load"),
    (DispatchLog, "load"),
    (InverterCoordinator, "async_refresh"),
    (DispatchSupervisor, "__init__"),
    (DispatchSupervisor, "_on_update"),
    (integration, "fire_bus_events"),
    (integration, "fire_dispatch_events"),
    (IssueMonitor, "_check_link"),
    (IssueMonitor, "_check_counters"),
    (ConfigEntries, "async_forward_entry_setups"),
    (OrphanTracker, "__init__"),
    (FaultPersistence, "start"),
    (DispatchLog, "start"),
    (card_resource, "register_resource"),
]
"""What `async_setup_entry` calls, in order."""

_ADDRESSES = re.compile(r"0x[0-9a-f]+|when=[0-9.]+")
"""What differs from one timer to another of the same kind."""


def explode(*_: Any, **__: Any) -> Never:
    """Stand for a step that has a bug."""
    raise ZeroDivisionError


def open_things(hass: HomeAssistant) -> dict[str, Any]:
    """Count what a set-up opens and what it subscribes to, but not its timers."""
    listeners = hass.bus.async_listeners()
    listeners.pop(EVENT_HOMEASSISTANT_FINAL_WRITE, None)
    return resource_counts() | {
        "listeners": listeners,
        "links": dict(hass.data.get("alphaess_live_links", {})),
    }


def count_timers(hass: HomeAssistant) -> Counter[str]:
    """Count the timers by what they call, but not those of files that are saved later."""
    scheduled = hass.loop._scheduled  # type: ignore[attr-defined] # noqa: SLF001 - no public list
    calls = (repr(one) for one in scheduled if not one.cancelled())
    return Counter(_ADDRESSES.sub("", one) for one in calls if "Store" not in one)
