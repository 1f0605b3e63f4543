"""What may be written to one inverter, and what was: one order at a time, with its leases."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any, Protocol

from homeassistant.core import Context, callback
from homeassistant.util import dt as dt_util

from ..alphaess.dispatch import pv_enabled
from ..alphaess.errors import (
    CommunicationError,
    ErrorKind,
    InverterError,
    WriteOutcomeUnknownError,
)
from ..alphaess.flash_wear import FlashWriteCounter
from ..alphaess.lease import Lease, LeaseTracker, OrderedBy
from ..alphaess.registers import DispatchDetail, DispatchOrder
from ..alphaess.snapshot import Snapshot
from ..alphaess.writer import WriteFunction, Writer
from ..coordinator import ON_SNAPSHOT, InverterCoordinator
from ..storage import CONTROL_FILE, EntryFile
from .dispatch_status import DispatchOwner, DispatchStatus, has_reached_target
from .options import require_controls
from .order_report import Callers, OrderReport, require_permission

type _LastRead = tuple[float, DispatchOrder, DispatchDetail | None]
"""When, by the loop's clock, and what."""

MAX_CLOCK_DRIFT = timedelta(seconds=30)
"""How far the host's clock may move before the leases are stored again."""


class Regulation(Protocol):
    """A grid target that is being held."""

    @property
    def lease(self) -> Lease:
        """Its whole lease."""

    @property
    def target_reached(self) -> bool:
        """Whether the battery is at the floor or ceiling beyond which it would have to go."""

    def close(self) -> None:
        """Write nothing more for it; the order that runs ends within a minute."""


class InverterController:
    """Writes to one inverter. A lease counts only while the registers contain its order."""

    ordered_by: OrderedBy | None = None
    """Whose order is carried out just now; None for one of this program itself."""
    candidate: Lease | None = None
    """The order that was written last, unless the inverter has refused it."""

    def __init__(self, coordinator: InverterCoordinator) -> None:
        """Start without a lease; `load` restores those from before a restart."""
        inverter = coordinator.inverter
        self.coordinator = coordinator
        self.lock = asyncio.Lock()
        """Held during an order: the next one reads what this one has done."""
        self.closed = False
        """Whether the entry is unloaded: then nothing more is written."""
        self.keeps_dispatch = False
        """Whether the next unload leaves our dispatch alone, because the entry is loaded again."""
        self.flash_writes = FlashWriteCounter(
            lambda: dt_util.now().date(), self._on_flash_write
        )
        self.writer = Writer(
            inverter.unit,
            inverter.stats,
            self.flash_writes,
            served=inverter.served_blocks,
            may_write=not inverter.register_map.probable,
            on_start=self.restart_candidate,
        )
        self.has_switched_pv_off = False
        """Whether the PV switch may still be off by an order of ours."""
        self.callers = Callers(coordinator.hass)
        self.on_order: list[Callable[[OrderReport], None]] = []
        """Called after each order."""
        self.on_renewal: list[Callable[[], None]] = []
        """Called after each further order of a grid target, and when it has ended without one."""
        self.regulation: Regulation | None = None
        """The grid target that is being held."""
        self._tracker = LeaseTracker()
        self._stored_leases: tuple[Lease, ...] = ()
        self._stored_ends: tuple[datetime, ...] = ()
        """Their ends by the host's clock of then."""
        self._last_read: _LastRead | None = None
        self._file = EntryFile(coordinator.hass, coordinator.config_entry, CONTROL_FILE)
        coordinator.confirm = self._confirm
        unsubscribe = coordinator.async_add_listener(self._on_snapshot, ON_SNAPSHOT)
        coordinator.config_entry.async_on_unload(unsubscribe)
        coordinator.config_entry.async_on_unload(self.callers.close)

    async def load(self) -> None:
        """Restore what was known before Home Assistant started. Nothing is written."""
        await self._file.load(self._restore)

    async def close(self) -> None:
        """Write nothing more once the running order is done; save what is known."""
        self.closed = True
        self.end_regulation()
        async with self.lock:
            await self.save()

    def require_open(self) -> None:
        """Raise CommunicationError if the entry is unloaded."""
        if self.closed:
            raise CommunicationError(ErrorKind.RESET, "the inverter was unloaded")

    @asynccontextmanager
    async def exclusive(
        self, context: Context | None = None, *, closing: bool = False
    ) -> AsyncIterator[Writer]:
        """Wait for the lock, and hold it; `closing` is for the last order before the entry is unloaded.

        Raises ControlsOffError, CommunicationError, NotPermittedError.
        """
        async with self.lock:
            # While this waited, any of it may have changed.
            await require_permission(context)
            require_controls(self.coordinator)
            if not closing:
                self.require_open()
            if not (connection := self.coordinator.connection).connected:
                kind = connection.error_kind or ErrorKind.TIMEOUT
                text = connection.error_message or "the inverter is not connected"
                raise CommunicationError(kind, text)
            try:
                yield self.writer
            except InverterError as err:
                if isinstance(err, CommunicationError):
                    self._refresh_in_background()
                raise
            except Exception as err:
                # It may have been raised after a write.
                message = self.coordinator.on_internal_error(err)
                raise WriteOutcomeUnknownError(ErrorKind.INTERNAL, message) from err

    @callback
    def _refresh_in_background(self) -> None:
        """Let the coordinator find out whether the connection is lost."""
        self.coordinator.config_entry.async_create_background_task(
            self.coordinator.hass,
            self.coordinator.async_refresh(),
            "refresh after a failed order",
        )

    @property
    def leases(self) -> tuple[Lease, ...]:
        """Our orders that run, or may run."""
        return self._tracker.leases

    def set_leases(self, *leases: Lease) -> None:
        """Hold these leases and no others, and save them at once, without waiting."""
        self._tracker.replace(*leases)
        self._save_leases()

    def end_leases(self) -> None:
        """End our leases after a stop, and save that at once, without waiting."""
        self.end_regulation()
        self._tracker.end(datetime.now(UTC))
        self._save_leases()

    def end_regulation(self, *, unless: Lease | None = None) -> None:
        """Write nothing more for a grid target, unless this is its lease."""
        if self.regulation and self.regulation.lease is not unless:
            self.regulation.close()

    async def save_candidate(self, lease: Lease) -> Lease:
        """Save an order that is about to be written, so that it is known after a crash.

        Only the first order of a grid target is saved, as a lease of the whole. Returns the
        lease as it begins. Raises CommunicationError if the entry was unloaded meanwhile.
        """
        known = self.leases
        self._tracker.add(lease)
        if self._have_leases_changed():
            await self.save()
        if self.closed:
            self.set_leases(*known)
        self.require_open()
        return self.restart_candidate()

    def restart_candidate(self) -> Lease:
        """Let the time of the order begin now: saving it, or its first writes, may have taken long."""
        self.candidate = lease = self.leases[-1].restarted()
        self._tracker.leases = (*self.leases[:-1], lease)
        return lease

    def remove_candidate(self) -> None:
        """Remove an order that the inverter has refused: it cannot take effect any more."""
        lease, self.candidate = self.candidate, None
        self._tracker.leases = tuple(one for one in self.leases if one != lease)
        self._save_leases()

    def _have_leases_changed(self) -> bool:
        """Whether other leases are to be stored than before; the orders of a grid target are none."""
        leases, ends = self._leases_to_store(), self._lease_ends()
        if leases == self._stored_leases and not self._clock_was_set(ends):
            return False
        self._stored_leases, self._stored_ends = leases, ends
        return True

    def _lease_ends(self) -> tuple[datetime, ...]:
        return tuple(lease.expires for lease in self._leases_to_store())

    def _clock_was_set(self, ends: tuple[datetime, ...]) -> bool:
        """Whether the host's clock was set since the leases were stored: they would end with a restart."""
        pairs = zip(self._stored_ends, ends, strict=True)
        return any(abs(before - now) > MAX_CLOCK_DRIFT for before, now in pairs)

    def _leases_to_store(self) -> tuple[Lease, ...]:
        held = self.regulation.lease if self.regulation else None
        return self._tracker.to_store(held)

    def _save_leases(self) -> None:
        if self._have_leases_changed():
            self.schedule_save()

    def report(self, report: OrderReport) -> None:
        """Report what became of an order. An exception of a listener must not make it fail."""
        self._call(*(partial(listener, report) for listener in self.on_order))

    def report_renewal(self) -> None:
        """Report a further order of a grid target, or that it has ended, as `report` does."""
        self._call(*self.on_renewal)

    def _call(self, *listeners: Callable[[], None]) -> None:
        for listener in listeners:
            try:
                listener()
            except Exception as err:  # noqa: BLE001 - a listener may have any bug
                self.coordinator.internal_errors.report(err)

    async def save(self) -> None:
        """Save what is known, and wait until it is written."""
        await self._file.save(self._to_dict())

    def schedule_save(self) -> None:
        """Save what is known, without waiting."""
        self._file.schedule_save(self._to_dict)

    async def read_order(self) -> DispatchOrder:
        """Read the present order, and use it until the next snapshot. Raises CommunicationError."""
        order = await self.writer.read_order()
        if self._tracker.contradicts(order):
            # One odd word must not make an order of ours look ended, or foreign.
            order = await self.writer.read_order()
        self.record_order(order)
        return order

    async def _confirm(self, snapshot: Snapshot) -> Snapshot:
        """Read the order again if ours seems to have ended: one odd word must not end its lease."""
        order = snapshot.dispatch
        if order is None or self.closed or self.lock.locked():
            return snapshot
        if not self._tracker.contradicts(order):
            return snapshot
        async with self.lock:
            order = await self.writer.read_order()
        self.record_order(order)
        detail = self.writer.detail or snapshot.dispatch_detail
        return replace(snapshot, dispatch=order, dispatch_detail=detail)

    @callback
    def _on_snapshot(self) -> None:
        """Update the leases by the order in the newest snapshot."""
        order, snapshot = self.order, self.coordinator.latest
        connected = self.coordinator.connection.connected
        if order and snapshot and connected and not self.lock.locked():
            self._observe(order, snapshot.measured_at)

    def _observe(self, order: DispatchOrder, at: datetime) -> None:
        self._tracker.observe(order, at)
        self._save_leases()

    def record_order(self, order: DispatchOrder) -> None:
        """Use an order that was read just now, until the next snapshot."""
        at = self.coordinator.hass.loop.time()
        self._last_read = (at, order, self.writer.detail)
        self._observe(order, datetime.now(UTC))
        if pv_enabled(self.writer.detail):
            self.has_switched_pv_off = False

    @property
    def order(self) -> DispatchOrder | None:
        """The order in the registers, as read last."""
        return self._current[0]

    @property
    def detail(self) -> DispatchDetail | None:
        """What recent firmware adds to that order."""
        return self._current[1]

    @property
    def _current(self) -> tuple[DispatchOrder | None, DispatchDetail | None]:
        snapshot = self.coordinator.latest
        if self._last_read and (
            snapshot is None or snapshot.read_started <= self._last_read[0]
        ):
            # A snapshot that was being read during the write may be older than it.
            return self._last_read[1:]
        if snapshot is None:
            return None, None
        return snapshot.dispatch, snapshot.dispatch_detail

    @property
    def lease(self) -> Lease | None:
        """The lease of the running order; None if that is not ours, or none runs."""
        return self._tracker.find(self.order) if self.order else None

    @property
    def owner(self) -> DispatchOwner:
        """Who controls the battery."""
        if self.order is None or not self.order.start:
            return DispatchOwner.NONE
        return DispatchOwner.OURS if self.lease else DispatchOwner.OTHER

    @property
    def dispatch(self) -> DispatchStatus | None:
        """The dispatch as it was read last; None where its registers are unknown."""
        if self.order is None:
            return None
        lease, latest = self.lease, self.coordinator.latest
        whole = lease.whole if lease else None
        if target := whole.grid_target if whole else None:
            is_reached = bool(self.regulation and self.regulation.target_reached)
        else:
            since = lease.adjusted_start if lease else None
            is_reached = has_reached_target(self.order, latest, since=since)
        return DispatchStatus(
            order=self.order,
            detail=self.detail,
            owner=self.owner,
            expires_at=whole.expires if whole else None,
            ordered_by=whole.ordered_by if whole else None,
            target_reached=is_reached,
            grid_target=target,
        )

    @property
    def is_overdue(self) -> bool:
        """Whether an order of ours still runs though its time is well over."""
        lease = self.lease
        return lease is not None and lease.has_ended(datetime.now(UTC))

    @property
    def has_valid_lease(self) -> bool:
        """Whether an order of ours may still run."""
        return any(datetime.now(UTC) < lease.expires for lease in self.leases)

    @property
    def has_pending_order(self) -> bool:
        """Whether an order of ours that was ignored or not answered may still take effect."""
        return any(one.may_take_effect(datetime.now(UTC)) for one in self.leases)

    @property
    def is_overwritten(self) -> bool:
        """Whether another program's order runs in the time of ours."""
        until = self._tracker.overwritten_until
        return (
            self.owner is DispatchOwner.OTHER
            and until is not None
            and datetime.now(UTC) < until
        )

    def _on_flash_write(self) -> None:
        """Save the count at once, and update the entities that show it."""
        self.schedule_save()
        self.coordinator.async_update_listeners()

    def _to_dict(self) -> dict[str, Any]:
        return {
            "leases": [lease.to_dict() for lease in self._leases_to_store()],
            "has_switched_off": self.has_switched_pv_off,
            "wear": self.flash_writes.to_dict(),
            "functions": {k: f.value for k, f in self.writer.learned.items()},
        }

    def _restore(self, stored: Mapping[str, Any]) -> None:
        leases = tuple(Lease.from_dict(one) for one in stored.get("leases", ()))
        now = datetime.now(UTC)
        valid = tuple(lease for lease in leases if not lease.has_ended(now))
        learned = {k: WriteFunction(n) for k, n in stored.get("functions", {}).items()}
        if flash_writes := stored.get("wear"):
            self.flash_writes.restore(flash_writes)
        self.writer.learned |= learned
        self.has_switched_pv_off = stored.get("has_switched_off", False)
        self._tracker.replace(*valid)
        self._stored_leases = self._leases_to_store()
        self._stored_ends = self._lease_ends()
