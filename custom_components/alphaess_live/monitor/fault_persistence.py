"""Remembers over restarts since when the inverter complains, and tells what is new of it."""

from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.storage import Store

from ..const import DOMAIN
from ..coordinator import InverterCoordinator
from ..feed.messages import FaultChanged
from ..storage import reset_if_unreadable

_STORE_VERSION = 1

SAVE_DELAY_SECONDS = 30
"""s; a limit that clouds switch on and off is written down once they have gone, to spare a memory card."""


class FaultPersistence:
    """Looks at the complaints of one inverter after each snapshot."""

    def __init__(self, coordinator: InverterCoordinator) -> None:
        """Tell nothing yet; what is found before `begin` is told then."""
        self._coordinator = coordinator
        self._store = _store(coordinator.hass, coordinator.config_entry)
        self._kept = coordinator.fault_tracker.to_dict()

    async def load(self) -> None:
        """Remember what was complained about before Home Assistant started."""
        with reset_if_unreadable(self._store.key):
            if stored := await self._store.async_load():
                self._coordinator.fault_tracker.restore(stored)
                self._kept = stored

    @callback
    def begin(self) -> None:
        """Tell what is new, now that somebody listens, and from now on."""
        self._coordinator.on_updated = self._on_snapshot
        self._on_snapshot()

    async def close(self) -> None:
        """Tell no more; write down what is known, and wait until it is."""
        self._coordinator.on_updated = None
        await self._store.async_save(self._kept)

    @callback
    def _on_snapshot(self) -> None:
        complaints, feed = self._coordinator.fault_tracker, self._coordinator.feed
        for change in complaints.drain():
            feed.publish(FaultChanged(change=change))
        if (known := complaints.to_dict()) != self._kept:
            self._kept = known
            self._store.async_delay_save(lambda: known, SAVE_DELAY_SECONDS)


async def open_fault_watch(coordinator: InverterCoordinator) -> FaultPersistence:
    """Watch one inverter's complaints, until its entry is unloaded."""
    watch = FaultPersistence(coordinator)
    await watch.load()
    coordinator.config_entry.async_on_unload(watch.close)
    return watch


async def forget_faults(hass: HomeAssistant, entry: ConfigEntry) -> None:
    """Throw away what was written down about an inverter that is removed."""
    await _store(hass, entry).async_remove()


def _store(hass: HomeAssistant, entry: ConfigEntry) -> Store[dict[str, Any]]:
    key = f"{DOMAIN}.{entry.entry_id}.faults"
    return Store(hass, _STORE_VERSION, key, atomic_writes=True)
