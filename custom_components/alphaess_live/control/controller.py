"""Whose dispatch is running: what we ordered, when and until when, remembered over restarts."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.storage import Store
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey

from ..alphaess.dispatch import pv_enabled
from ..alphaess.errors import CommunicationError, ErrorKind
from ..alphaess.flash_wear import FlashWriteCounter
from ..alphaess.lease import Lease
from ..alphaess.registers import DispatchDetail, DispatchOrder
from ..alphaess.writer import WriteFunction, Writer
from ..const import DOMAIN
from ..coordinator import AlphaEssConfigEntry, InverterCoordinator
from ..storage import reset_if_unreadable
from .options import require_controls
from .setpoints import DEFAULTS

END_TOLERANCE = timedelta(seconds=60)
"""How late an inverter may end an order by its own clock."""

_STORE_VERSION = 1


class DispatchOwner(StrEnum):
    """Who controls the battery."""

    NONE = "none"
    """Nobody: the inverter follows the house."""
    OURS = "alphaess_live"
    OTHER = "other"
    """The vendor's app, or another program."""


class InverterController:
    """The leases on one inverter. A lease is believed only while the registers say the same."""

    def __init__(self, coordinator: InverterCoordinator) -> None:
        """Begin without a lease; `load` brings back those from before a restart."""
        inverter = coordinator.inverter
        self.coordinator = coordinator
        self.lock = asyncio.Lock()
        """One order at a time: the second one sees what the first has done."""
        self.closed = False
        """Whether the entry is unloaded: then nothing more is ordered."""
        self.setpoints = dict(DEFAULTS)
        """What a click on a button orders."""
        self.flash_writes = FlashWriteCounter(
            lambda: dt_util.now().date(), self._on_flash_write
        )
        self.writer = Writer(
            inverter.unit,
            inverter.stats,
            self.flash_writes,
            served=inverter.served_blocks,
        )
        self.has_switched_pv_off = False
        """Whether the PV switch may still be off by an order of ours."""
        self._leases: tuple[Lease, ...] = ()
        """Usually one; two after a silence in which either order may have prevailed."""
        self._last_read: tuple[float, DispatchOrder, DispatchDetail | None] | None = (
            None
        )
        self._store = _store(coordinator.hass, coordinator.config_entry)

    async def load(self) -> None:
        """Remember what was ordered before Home Assistant started. Nothing is written."""
        with reset_if_unreadable(self._store.key):
            self._restore(await self._store.async_load() or {})

    def _restore(self, stored: Mapping[str, Any]) -> None:
        leases = tuple(Lease.from_dict(one) for one in stored.get("leases", ()))
        now = datetime.now(UTC)
        valid = tuple(lease for lease in leases if now < lease.expires)
        known = stored.get("functions", {})
        learned = {kind: WriteFunction(name) for kind, name in known.items()}
        if worn := stored.get("wear"):
            self.flash_writes.restore(worn)
        self.writer.learned |= learned
        self.has_switched_pv_off = stored.get("has_switched_off", False)
        self._leases = valid

    def set_leases(self, *leases: Lease) -> None:
        """Hold these leases and no others, and write them down at once, without waiting."""
        self._leases = leases
        self._store.async_delay_save(self._to_dict)

    async def save(self) -> None:
        """Write down what is known, and wait until it is."""
        await self._store.async_save(self._to_dict())

    @property
    def leases(self) -> tuple[Lease, ...]:
        """What we ordered last, whether or not it still runs."""
        return self._leases

    def record_order(self, order: DispatchOrder) -> None:
        """Take an order that was read just now, ahead of the next snapshot."""
        at = self.coordinator.hass.loop.time()
        self._last_read = (at, order, self.writer.detail)
        if pv_enabled(self.writer.detail):
            self.has_switched_pv_off = False

    @property
    def order(self) -> DispatchOrder | None:
        """The order the inverter is under, as read last."""
        return self._current[0]

    @property
    def detail(self) -> DispatchDetail | None:
        """What recent firmware adds to that order."""
        return self._current[1]

    @property
    def _current(self) -> tuple[DispatchOrder | None, DispatchDetail | None]:
        snapshot = self.coordinator.data
        if self._last_read and (
            snapshot is None or snapshot.read_started <= self._last_read[0]
        ):
            # A snapshot that was on its way while we wrote knows less.
            return self._last_read[1:]
        if snapshot is None:
            return None, None
        return snapshot.dispatch, snapshot.dispatch_detail

    def lease_of(self, order: DispatchOrder | None) -> Lease | None:
        """Find the lease that an order is under; None if it is not ours, or no order."""
        if order is None or not order.start:
            return None
        return next((lease for lease in self._leases if lease.order == order), None)

    @property
    def lease(self) -> Lease | None:
        """The lease that the running order is under."""
        return self.lease_of(self.order)

    @property
    def is_overdue(self) -> bool:
        """Whether an order of ours still runs though its time is well over."""
        lease = self.lease
        return lease is not None and lease.expires + END_TOLERANCE < datetime.now(UTC)

    @property
    def owner(self) -> DispatchOwner:
        """Who controls the battery."""
        order = self.order
        if order is None or not order.start:
            return DispatchOwner.NONE
        return DispatchOwner.OURS if self.lease_of(order) else DispatchOwner.OTHER

    @property
    def is_overwritten(self) -> bool:
        """Whether somebody else's order runs in the time of ours."""
        return self.has_valid_lease and self.owner is DispatchOwner.OTHER

    @property
    def has_valid_lease(self) -> bool:
        """Whether an order of ours may still run."""
        now = datetime.now(UTC)
        return any(now < lease.expires for lease in self._leases)

    def _on_flash_write(self) -> None:
        """Write down at once how often flash was written, and tell who shows it."""
        self._store.async_delay_save(self._to_dict)
        self.coordinator.async_update_listeners()

    def _to_dict(self) -> dict[str, Any]:
        return {
            "leases": [lease.to_dict() for lease in self._leases],
            "has_switched_off": self.has_switched_pv_off,
            "wear": self.flash_writes.to_dict(),
            "functions": {k: f.value for k, f in self.writer.learned.items()},
        }


_BOOKS: HassKey[dict[str, InverterController]] = HassKey(f"{DOMAIN}_leases")


async def open_controller(coordinator: InverterCoordinator) -> InverterController:
    """Open the controller of a config entry's leases."""
    controller = InverterController(coordinator)
    await controller.load()
    books = coordinator.hass.data.setdefault(_BOOKS, {})
    books[coordinator.config_entry.entry_id] = controller
    return controller


def controller_of(coordinator: InverterCoordinator) -> InverterController:
    """Find the controller of an inverter; a closed one, after its entry was unloaded."""
    return coordinator.hass.data[_BOOKS][coordinator.config_entry.entry_id]


async def close_controller(coordinator: InverterCoordinator) -> None:
    """Close the controller once an order on its way is written down; what is stays."""
    controller = controller_of(coordinator)
    controller.closed = True
    async with controller.lock:
        await controller.save()


async def remove_stored(hass: HomeAssistant, entry: AlphaEssConfigEntry) -> None:
    """Throw away what was written down about an inverter that is removed."""
    hass.data.get(_BOOKS, {}).pop(entry.entry_id, None)
    await _store(hass, entry).async_remove()


def _store(hass: HomeAssistant, entry: AlphaEssConfigEntry) -> Store[dict[str, Any]]:
    return Store(hass, _STORE_VERSION, f"{DOMAIN}.{entry.entry_id}", atomic_writes=True)


@asynccontextmanager
async def exclusive(
    coordinator: InverterCoordinator,
) -> AsyncIterator[InverterController]:
    """Wait for one's turn to write, and hold it. Raises ControlsOffError, UnansweredError."""
    controller = controller_of(coordinator)
    async with controller.lock:
        # Whoever waited may find that the controls were switched off meanwhile, or all is over.
        require_controls(coordinator)
        if controller.closed:
            raise CommunicationError(ErrorKind.RESET, "the inverter was unloaded")
        connection = coordinator.connection
        if not connection.connected:
            raise CommunicationError(
                connection.error_kind or ErrorKind.TIMEOUT,
                connection.error_message or "the inverter is not connected",
            )
        try:
            yield controller
        except CommunicationError:
            _refresh_in_background(coordinator)
            raise


@callback
def _refresh_in_background(coordinator: InverterCoordinator) -> None:
    """Let the coordinator find out by itself whether the inverter is lost."""
    coordinator.config_entry.async_create_background_task(
        coordinator.hass, coordinator.async_refresh(), "look after a failed order"
    )
