"""Publishes the changes of active faults, and stores over restarts since when each one is active."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from homeassistant.core import callback

from ..coordinator import InverterCoordinator
from ..feed.messages import FaultChanged
from ..storage import FAULT_FILE, EntryFile

SAVE_DELAY_SECONDS = 30
"""A warning may come and go with each cloud: saving is delayed to spare a memory card."""


class FaultPersistence:
    """Publishes and saves the faults of one inverter after each snapshot."""

    def __init__(self, coordinator: InverterCoordinator) -> None:
        """Publish nothing before `start`."""
        self._coordinator = coordinator
        self._file = EntryFile(coordinator.hass, coordinator.config_entry, FAULT_FILE)
        self._saved = coordinator.fault_tracker.to_dict()

    async def load(self) -> None:
        """Restore the faults that were active before Home Assistant started."""
        await self._file.load(self._restore)

    def _restore(self, stored: Mapping[str, Any]) -> None:
        self._coordinator.fault_tracker.restore(stored)
        self._saved = dict(stored)

    @callback
    def start(self) -> None:
        """Publish what has changed since `load`, and from now on every change."""
        self._coordinator.on_updated.append(self._on_updated)
        self._on_updated()

    async def close(self) -> None:
        """Publish nothing more; save what is known."""
        with suppress(ValueError):  # Setup has failed before `start`.
            self._coordinator.on_updated.remove(self._on_updated)
        await self._file.save(self._saved)

    @callback
    def _on_updated(self) -> None:
        tracker, feed = self._coordinator.fault_tracker, self._coordinator.feed
        for change in tracker.drain():
            feed.publish(FaultChanged(change=change))
        if (current := tracker.to_dict()) != self._saved:
            self._saved = current
            self._file.schedule_save(lambda: current, delay_seconds=SAVE_DELAY_SECONDS)
