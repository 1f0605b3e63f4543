"""Keeps the energy ledger over restarts and crashes; its totals continue at least at what was shown before."""

from contextlib import suppress

from homeassistant.const import Platform
from homeassistant.core import callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.restore_state import StoredState

from ..alphaess.energy_ledger import COUNTER_KEYS
from ..const import DOMAIN, entity_unique_id
from ..coordinator import ON_SNAPSHOT, InverterCoordinator
from ..storage import LEDGER_FILE, UNREADABLE, EntryFile, stored_state
from .daily import DailyTotal
from .restored import latest_recorded

SAVE_DELAY_SECONDS = 15 * 60
"""For numbers without a changed offset; Home Assistant stores the states of entities as often."""


class LedgerPersistence:
    """Loads and saves the ledger of one inverter.

    A changed offset is saved at once: after a crash, the difference would be counted as energy.
    """

    def __init__(self, coordinator: InverterCoordinator) -> None:
        """Save after each snapshot that needs it, until `close`."""
        self._coordinator = coordinator
        self._ledger = coordinator.inverter.ledger
        self._file = EntryFile(coordinator.hass, coordinator.config_entry, LEDGER_FILE)
        self._offsets = self._ledger.offsets
        self._next_save = 0.0
        self._unsubscribe = coordinator.async_add_listener(
            self._on_snapshot, ON_SNAPSHOT
        )

    async def load(self) -> None:
        """Restore the ledger before the inverter is read, and what was shown after it was saved."""
        await self._file.load(self._ledger.load)
        for key in COUNTER_KEYS:
            await self._restore_shown(key)
        self._offsets = self._ledger.offsets

    async def close(self) -> None:
        """Save the newest numbers."""
        self._unsubscribe()
        await self._file.save(self._ledger.to_dict())

    async def _restore_shown(self, key: str) -> None:
        """Restore a total from its sensor, that of today, and the recorder: the restore state is older after a crash."""
        hass, ledger = self._coordinator.hass, self._ledger
        if today := self._stored_state(f"{key.removesuffix('total')}today"):
            with suppress(*UNREADABLE):  # The sensor logs it.
                data = today.extra_data.as_dict() if today.extra_data else {}
                day = DailyTotal.from_dict(data)
                ledger.restore(key, day.newest, day.newest_at)
        if not (stored := self._stored_state(key)):
            return
        at, extra = stored.state.last_updated, stored.extra_data
        value = extra.as_dict().get("native_value") if extra else None
        if isinstance(value, int | float):
            ledger.restore(key, float(value), at)
        if recorded := await latest_recorded(hass, stored.state.entity_id, at):
            ledger.restore(key, recorded.value, recorded.at)

    def _stored_state(self, key: str) -> StoredState | None:
        hass, serial = self._coordinator.hass, self._coordinator.identity.serial
        entity_id = er.async_get(hass).async_get_entity_id(
            Platform.SENSOR, DOMAIN, entity_unique_id(serial, key)
        )
        return stored_state(hass, entity_id) if entity_id else None

    @callback
    def _on_snapshot(self) -> None:
        now, offsets = self._coordinator.hass.loop.time(), self._ledger.offsets
        if offsets != self._offsets:
            self._offsets, self._next_save = offsets, now
            self._file.schedule_save(self._ledger.to_dict)
        elif now >= self._next_save:
            self._next_save = now + SAVE_DELAY_SECONDS
            self._file.schedule_save(
                self._ledger.to_dict, delay_seconds=SAVE_DELAY_SECONDS
            )
