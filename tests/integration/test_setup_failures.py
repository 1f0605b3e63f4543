"""A set-up that fails at any step, and a flow that fails at any step, leaves nothing open."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
import re
from typing import Any, Never

from homeassistant.config_entries import ConfigEntries, ConfigEntryState
from homeassistant.const import EVENT_HOMEASSISTANT_FINAL_WRITE
from homeassistant.core import HomeAssistant
import pytest

import custom_components.alphaess_live as integration
from custom_components.alphaess_live.connection import connector
from custom_components.alphaess_live.control.supervisor import DispatchSupervisor
from custom_components.alphaess_live.coordinator import InverterCoordinator
from custom_components.alphaess_live.monitor.dispatch_log import DispatchLog
from custom_components.alphaess_live.monitor.fault_persistence import FaultPersistence
from custom_components.alphaess_live.monitor.issues import IssueMonitor
from custom_components.alphaess_live.monitor.orphaned_entities import OrphanTracker
from custom_components.alphaess_live.totals.ledger_persistence import LedgerPersistence
from custom_components.alphaess_live.web import card_resource
from tests.consistency_checker import resource_counts

from .conftest import House, set_up

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
"""What `async_setup_entry` calls, in order; each may have a bug."""

ADDRESSES = re.compile(r"0x[0-9a-f]+|when=[0-9.]+")
"""What differs from one timer to another of the same kind."""


@pytest.fixture(autouse=True)
def short_reconnect_delay(monkeypatch: pytest.MonkeyPatch) -> None:
    """Reconnect soon."""
    monkeypatch.setattr(connector, "MIN_RECONNECT_DELAY", timedelta(seconds=0.02))


def explode(*_: Any, **__: Any) -> Never:
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
    return Counter(ADDRESSES.sub("", one) for one in calls if "Store" not in one)


async def fail_then_load(
    hass: HomeAssistant, house: House, fail: Callable[[pytest.MonkeyPatch], None]
) -> None:
    """Load once, fail a set-up, compare what is open, and load again."""
    await set_up(hass, house)
    await hass.config_entries.async_unload(house.entry.entry_id)
    await hass.async_block_till_done()
    await house.server.free()
    before, timers = open_things(hass), count_timers(hass)
    with pytest.MonkeyPatch.context() as patch:
        fail(patch)
        assert not await hass.config_entries.async_setup(house.entry.entry_id)
        await hass.async_block_till_done()
    await house.server.free()
    assert open_things(hass) == before
    # A timer of Home Assistant's own may have come to its end meanwhile.
    assert not count_timers(hass) - timers
    await hass.config_entries.async_reload(house.entry.entry_id)
    await hass.async_block_till_done()
    assert house.entry.state is ConfigEntryState.LOADED
    assert house.coordinator.connection.connected
    assert float(house.state(hass, "battery_soc")) > 0


@pytest.mark.parametrize(
    ("owner", "name"), STEPS, ids=lambda one: getattr(one, "__name__", one)
)
async def test_set_up_that_fails_at_a_step_closes_everything(
    hass: HomeAssistant, house: House, owner: Any, name: str
) -> None:
    await fail_then_load(hass, house, lambda patch: patch.setattr(owner, name, explode))
