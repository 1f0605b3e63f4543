"""Logs each dispatch with its orderer, its end and its energy, and publishes when one begins, changes or ends."""

from collections import deque
from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant, callback

from ..alphaess.grid_regulator import order_seconds
from ..alphaess.lease import OrderedBy
from ..control.controller import InverterController
from ..control.dispatch_status import (
    DispatchOwner,
    DispatchStatus,
    is_past_target,
)
from ..control.order_report import EndReason, OrderReport
from ..feed.messages import DispatchUpdated, Message, PowerMeasured
from ..storage import DISPATCH_FILE, EntryFile
from .dispatch_record import (
    DispatchChange,
    DispatchEvent,
    DispatchRecord,
    EnergyMeter,
    read_counters,
)
from .failed_orders import FailedOrders, refused_record

MAX_RECORDS = 200

_NOT_ON_FEED = (DispatchChange.REFUSED, DispatchChange.TARGET_REACHED)


async def stored_records(
    hass: HomeAssistant, entry: ConfigEntry
) -> tuple[DispatchRecord, ...]:
    """Load the records of an entry that is not loaded, oldest first."""
    found: list[DispatchRecord] = []

    def restore(stored: Mapping[str, Any]) -> None:
        records, running = _from_dict(stored)
        found.extend((*records, running) if running else records)

    await EntryFile(hass, entry, DISPATCH_FILE).load(restore)
    return _sorted(found)


def _from_dict(
    stored: Mapping[str, Any],
) -> tuple[list[DispatchRecord], DispatchRecord | None]:
    """Build the records that are over, and the running one."""
    running = stored["running"] and DispatchRecord.from_dict(stored["running"])
    return [DispatchRecord.from_dict(one) for one in stored["records"]], running


def _sorted(records: Iterable[DispatchRecord]) -> tuple[DispatchRecord, ...]:
    return tuple(sorted(records, key=lambda one: one.started_at))


class DispatchLog:
    """The newest dispatches of one inverter, over restarts. Each change is reported once."""

    def __init__(self, controller: InverterController) -> None:
        """Report nothing before `start`."""
        self._controller = controller
        self._coordinator = coordinator = controller.coordinator
        self._file = EntryFile(
            coordinator.hass, coordinator.config_entry, DISPATCH_FILE
        )
        self._records: deque[DispatchRecord] = deque(maxlen=MAX_RECORDS)
        """Those that are over."""
        self._running: DispatchRecord | None = None
        self._meter = self._new_meter(resumed=True)
        self._failed = FailedOrders()
        self._was_away = True
        """Whether the inverter was not observed for a while."""
        self._ordered_at: datetime | None = None
        """When the newest order was given; None if that was before a restart."""
        self._listeners: dict[object, Callable[[DispatchEvent], None]] = {}
        self._unsubscribe: tuple[Callable[[], None], ...] = ()

    @property
    def records(self) -> tuple[DispatchRecord, ...]:
        """The dispatches and the refused orders, oldest first."""
        running = (self._running,) if self._running else ()
        return _sorted((*self._records, *running))

    async def load(self) -> None:
        """Restore the dispatches from before Home Assistant started."""
        await self._file.load(self._restore)

    def _restore(self, stored: Mapping[str, Any]) -> None:
        records, running = _from_dict(stored)
        self._records.extend(records)
        self._running = running

    def _to_dict(self) -> dict[str, Any]:
        return {
            "records": [record.to_dict() for record in self._records],
            "running": self._running and self._running.to_dict(),
        }

    @callback
    def start(self) -> None:
        """Publish what has changed since `load`, and from now on every change."""
        self._coordinator.on_updated.append(self._on_updated)
        self._controller.on_order.append(self._on_order)
        self._controller.on_renewal.append(self._on_renewal)
        self._unsubscribe = (self._coordinator.feed.subscribe(self._on_message),)
        self._on_updated()

    async def close(self) -> None:
        """Publish nothing more; save what is known."""
        if self._unsubscribe:
            self._coordinator.on_updated.remove(self._on_updated)
            self._controller.on_order.remove(self._on_order)
            self._controller.on_renewal.remove(self._on_renewal)
        for unsubscribe in self._unsubscribe:
            unsubscribe()
        await self._file.save(self._to_dict())

    @callback
    def subscribe(
        self, listener: Callable[[DispatchEvent], None]
    ) -> Callable[[], None]:
        """Call a listener for each change from now on. Returns a function that ends this."""
        key = object()
        self._listeners[key] = listener

        def unsubscribe() -> None:
            self._listeners.pop(key, None)

        return unsubscribe

    def _publish(self, event: DispatchEvent) -> None:
        self._file.schedule_save(self._to_dict)
        for listener in tuple(self._listeners.values()):
            try:
                listener(event)
            except Exception as err:  # noqa: BLE001 - a listener may have any bug
                self._coordinator.internal_errors.report(err)
        if event.change not in _NOT_ON_FEED:
            self._coordinator.feed.publish(
                DispatchUpdated(change=event.change, values=event.values())
            )

    def _new_meter(self, *, resumed: bool = False) -> EnergyMeter:
        return EnergyMeter(self._coordinator.intervals.max_gap, resumed=resumed)

    @callback
    def _on_message(self, message: Message) -> None:
        """Measure the energy of the running dispatch."""
        if isinstance(message.event, PowerMeasured):
            self._on_updated()
            if self._running and not self._was_away:
                self._meter.add(message.event.power.battery, message.at)

    @callback
    def _on_updated(self) -> None:
        """Compare the running dispatch with what was read last."""
        status = self._controller.dispatch
        if not self._coordinator.connection.connected:
            self._was_away = True
        elif status and not self._controller.lock.locked():
            self._compare(status)

    def _compare(self, status: DispatchStatus) -> None:
        self._log_ended_failures()
        running = self._running
        if not status.active:
            self._on_inactive(status)
            return
        self._was_away = False
        requested = self._pop_requested()
        applied = status.applied(requested or (running.requested if running else None))
        if running is None:
            self._begin(DispatchChange.STARTED, status, applied, requested)
        elif running.controlled_by is not status.owner:
            self._end(EndReason.OVERWRITTEN)
            over, started = DispatchChange.TAKEN_OVER, DispatchChange.STARTED
            kind = over if running.is_foreign else started
            self._begin(kind, status, applied, requested)
        elif requested:
            self._renew_or_replace(status, applied, requested)
        elif not running.runs(applied):
            self._replace(status, applied, None)
        else:
            self._running = running.updated(status)
            if status.target_reached:
                self._on_target_reached()

    def _log_ended_failures(self) -> None:
        """Log the orders without an outcome that cannot take effect any more."""
        for report in self._failed.pop_ended(self._controller.leases):
            self._add_refused(report)

    def _on_inactive(self, status: DispatchStatus) -> None:
        """End the running dispatch; but while it is being held, a grid target may only have paused."""
        if self._running and not self._controller.regulation:
            self._end(self._own_end_reason(self._running, status))

    @callback
    def _on_renewal(self) -> None:
        """Count a further order of a grid target, which is stored with the next change; or log its end."""
        if not self._controller.regulation:
            self._on_updated()
            return
        self._ordered_at = datetime.now(UTC)
        if self._running:
            renewals = self._running.renewals + 1
            self._running = replace(self._running, renewals=renewals)

    @callback
    def _on_order(self, report: OrderReport) -> None:
        """Log what an order has begun, changed or ended."""
        status, running = self._controller.dispatch, self._running
        if status is None:
            return
        if running and report.owner_before is DispatchOwner.NONE:
            # It had ended before this order.
            self._end(self._own_end_reason(running, status))
        if report.refusal:
            self._add_refused(report)
        elif not report.is_applied:
            self._failed.add(report)
        if not status.active:
            if self._running:
                self._end(report.request.end_reason, report.ordered_by)
        elif report.is_applied and report.request.requested:
            self._on_applied(report, status)
        else:
            self._compare(status)
        self._log_ended_failures()

    def _on_applied(self, report: OrderReport, status: DispatchStatus) -> None:
        requested, applied = report.request.requested or {}, report.applied or {}
        running = self._running
        if report.owner_before is DispatchOwner.OTHER:
            if running:
                by = report.ordered_by if running.is_foreign else None
                self._end(EndReason.OVERWRITTEN, by)
            self._begin(DispatchChange.TAKEN_OVER, status, applied, requested)
        elif running is None:
            self._begin(DispatchChange.STARTED, status, applied, requested)
        else:
            self._renew_or_replace(status, applied, requested)

    def _renew_or_replace(
        self,
        status: DispatchStatus,
        applied: Mapping[str, Any],
        requested: Mapping[str, Any],
    ) -> None:
        """Log another order of this program: one that only extends the running one is no event."""
        running, by, expires = self._running, status.ordered_by, status.expires_at
        if running and running.is_renewed_by(requested, by):
            self._running = replace(
                running, requested=requested, applied=applied, expires_at=expires
            )
            self._file.schedule_save(self._to_dict)
        else:
            self._replace(status, applied, requested)

    def _begin(
        self,
        kind: DispatchChange,
        status: DispatchStatus,
        applied: Mapping[str, Any],
        requested: Mapping[str, Any] | None = None,
        *,
        replaced: DispatchRecord | None = None,
    ) -> None:
        latest, now = self._coordinator.latest, datetime.now(UTC)
        soc = latest.power.soc if latest else None
        is_reached = is_past_target(status.order, soc)
        if status.grid_target:
            is_reached = status.target_reached
        self._ordered_at = now
        is_foreign = status.owner is DispatchOwner.OTHER
        self._running = DispatchRecord(
            began_as=kind,
            controlled_by=status.owner,
            ordered_by=status.ordered_by,
            requested=requested or (None if is_foreign else applied),
            applied=applied,
            started_at=now,
            expires_at=status.expires_at,
            target_reached_at=now if is_reached else None,
            counters=read_counters(latest),
        )
        self._was_away = False
        self._meter = self._new_meter()
        self._meter.add(latest.power.battery if latest else None, now)
        self._publish(
            DispatchEvent(
                change=kind,
                record=self._running,
                caused_by=status.ordered_by,
                replaced=replaced,
            )
        )

    def _on_target_reached(self) -> None:
        """Report once that the running dispatch is at its target, unless it was when it began."""
        if self._running is None or self._running.target_reached_at:
            return
        self._running = replace(self._running, target_reached_at=datetime.now(UTC))
        self._publish(
            DispatchEvent(
                change=DispatchChange.TARGET_REACHED,
                record=self._running,
                caused_by=self._running.ordered_by,
            )
        )

    def _pop_requested(self) -> Mapping[str, Any] | None:
        """Return what was requested by an order that has taken effect late; its refusal is not kept."""
        if not (lease := self._controller.lease):
            return None
        for record in self._records:
            if record.is_refusal_of(lease):
                self._records.remove(record)
                return record.requested
        return self._failed.pop_requested(lease)

    def _replace(
        self,
        status: DispatchStatus,
        applied: Mapping[str, Any],
        requested: Mapping[str, Any] | None,
    ) -> None:
        replaced = self._finish(EndReason.REPLACED, status.ordered_by)
        self._begin(
            DispatchChange.CHANGED, status, applied, requested, replaced=replaced
        )

    def _finish(
        self, reason: EndReason, ended_by: OrderedBy | None
    ) -> DispatchRecord | None:
        """Move the running dispatch to those that are over."""
        running, self._running = self._running, None
        if running is None:
            return None
        now, latest = datetime.now(UTC), self._coordinator.latest
        last_end, energy = None, None
        if self._was_away and self._ordered_at:
            seconds = order_seconds(self._coordinator.intervals.live.total_seconds())
            last_end = self._ordered_at + timedelta(seconds=seconds)
        if latest and not self._was_away:
            self._meter.add(latest.power.battery, now)
            energy = self._meter.energy(running.counters, latest)
        ended = replace(
            running,
            ended_at=running.end(reason, last_end=last_end),
            ended_by=ended_by,
            reason=reason,
            energy=energy,
        )
        self._records.append(ended)
        return ended

    def _end(self, reason: EndReason, ended_by: OrderedBy | None = None) -> None:
        if reason is EndReason.TARGET_REACHED:
            self._on_target_reached()
        if ended := self._finish(reason, ended_by):
            self._publish(
                DispatchEvent(
                    change=DispatchChange.ENDED, record=ended, caused_by=ended_by
                )
            )

    def _add_refused(self, report: OrderReport) -> None:
        """Log a refused order."""
        if record := refused_record(report):
            self._records.append(record)
            self._publish(
                DispatchEvent(
                    change=DispatchChange.REFUSED,
                    record=record,
                    caused_by=report.ordered_by,
                )
            )

    def _own_end_reason(
        self, running: DispatchRecord, status: DispatchStatus
    ) -> EndReason:
        """Return why a dispatch has ended that no order has stopped."""
        latest = self._coordinator.latest
        return running.own_end_reason(
            status.order,
            soc=latest.power.soc if latest else None,
            was_away=self._was_away,
            ordered_at=self._ordered_at,
        )
