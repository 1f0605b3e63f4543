"""One dispatch as it is logged: who ordered it, what ran, why it ended, and the energy that flowed."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Self

from homeassistant.core import Context

from ..alphaess.energy_integrator import EnergyIntegrator
from ..alphaess.grid_regulator import (
    HOLD_GRID,
    LEASE_SECONDS,
    MAX_LEASE_SECONDS,
)
from ..alphaess.lease import Lease, OrderedBy
from ..alphaess.registers import DispatchOrder
from ..alphaess.snapshot import Snapshot
from ..control.dispatch_status import (
    TARGET_TOLERANCE_PERCENT,
    DispatchOwner,
    DispatchStatus,
)
from ..control.order_report import EndReason, Refusal, as_context

EARLY_END = timedelta(seconds=15)
"""How much earlier than by the host's clock an inverter may end an order when its time is over."""


class DispatchChange(StrEnum):
    """What happened to a dispatch: the event types."""

    STARTED = "started"
    CHANGED = "changed"
    """Another order of the same program replaced it."""
    ENDED = "ended"
    REFUSED = "refused"
    TARGET_REACHED = "target_reached"
    """Once for a dispatch that was not at its target when it began. It runs on, and holds the battery."""
    TAKEN_OVER = "taken_over"
    """An order of this program replaced the dispatch of another one."""


@dataclass(frozen=True, kw_only=True)
class Energy:
    """What flowed during a dispatch, in kWh at the battery."""

    charged: float
    discharged: float
    source: str
    """Integrated from its power, or the difference of its lifetime counters."""


@dataclass(frozen=True, kw_only=True)
class DispatchRecord:
    """A dispatch from its start to its end, or an order that was refused."""

    began_as: DispatchChange
    controlled_by: DispatchOwner
    ordered_by: OrderedBy | None
    requested: Mapping[str, Any] | None
    """Both as `alphaess.dispatch.to_dict` returns them. None for a dispatch of another program."""
    applied: Mapping[str, Any] | None
    started_at: datetime
    expires_at: datetime | None = None
    ended_at: datetime | None = None
    """None while it runs."""
    ended_by: OrderedBy | None = None
    """Who stopped or replaced it; None if it ended by itself."""
    reason: EndReason | Refusal | None = None
    target_reached_at: datetime | None = None
    """When its target was reached; at the start if that was passed already."""
    energy: Energy | None = None
    """None while it runs, and if it is not known."""
    counters: tuple[float, float] | None = None
    """The battery's lifetime counters at the start: charged and discharged kWh."""
    renewals: int = 0
    """Further orders of a grid target, after the first one."""

    @property
    def is_reached_at_start(self) -> bool:
        """Whether its target was passed already when it began."""
        return self.target_reached_at == self.started_at

    @property
    def is_foreign(self) -> bool:
        """Whether it is a dispatch of another program."""
        return self.controlled_by is DispatchOwner.OTHER

    @property
    def is_grid_target(self) -> bool:
        """Whether its orders change all the time."""
        return (self.applied or {}).get("action") == HOLD_GRID

    def is_refusal_of(self, lease: Lease) -> bool:
        """Whether this order was reported as not applied that has this lease."""
        is_refused = self.began_as is DispatchChange.REFUSED
        return is_refused and self.started_at == lease.identity

    def runs(self, applied: Mapping[str, Any]) -> bool:
        """Whether this is what runs. Programs that regulate change the power all the time."""
        names, before = ["action", "mode", "block", "target_soc"], self.applied or {}
        if not self.is_foreign and before.get("action") != "hold":
            names.append("power")
        return all(before.get(name) == applied.get(name) for name in names)

    def updated(self, status: DispatchStatus) -> Self:
        """Return the record of the same dispatch with what was read last; of a grid target only PV changes."""
        before = {**(self.applied or {})}
        # Also a switch that could not be read is as it was.
        pv = {"pv": before.pop("pv")} if "pv" in before and status.pv is None else {}
        applied = status.applied(self.requested) | pv
        if self.is_grid_target:
            before.pop("pv", None)
            applied |= before
        elif applied["action"] == "hold" and "power" in before:
            # Its limit.
            applied |= {"power": before["power"]}
        return replace(self, applied=applied, expires_at=status.expires_at)

    def _ran_out(self, ordered_at: datetime | None) -> bool:
        """Whether the last order of a grid target has ended before the target's own time."""
        if not (self.is_grid_target and self.expires_at and ordered_at):
            return False
        return self.expires_at - ordered_at > timedelta(seconds=MAX_LEASE_SECONDS)

    def own_end_reason(
        self,
        order: DispatchOrder,
        *,
        soc: float | None,
        was_away: bool,
        ordered_at: datetime | None,
    ) -> EndReason:
        """Return why it has ended if no order has stopped it; `order` is what its registers contain now.

        `was_away` is whether the inverter was not observed for a while, `ordered_at` when
        the newest order was given, None if that was before a restart.
        """
        now = datetime.now(UTC)
        if self.expires_at and now >= self.expires_at - EARLY_END:
            ran_out = self._ran_out(ordered_at)
            return EndReason.NOT_RENEWED if ran_out else EndReason.TIME_OVER
        if was_away and not (order.power or order.duration):
            return EndReason.INVERTER_RESTARTED
        if self.is_grid_target:
            lease = timedelta(seconds=LEASE_SECONDS) - EARLY_END
            is_late = ordered_at is None or now - ordered_at >= lease
            return EndReason.NOT_RENEWED if is_late else EndReason.UNKNOWN
        if self._is_at_target(soc):
            return EndReason.TARGET_REACHED
        return EndReason.UNKNOWN

    def end(self, reason: EndReason, *, last_end: datetime | None) -> datetime:
        """Return when it has ended that does not run any more.

        `last_end` is when the newest order of a grid target has ended by itself, if
        nothing was read then.
        """
        ends = {EndReason.TIME_OVER: self.expires_at, EndReason.NOT_RENEWED: last_end}
        now = datetime.now(UTC)
        return min(now, ends.get(reason) or now)

    def _is_at_target(self, soc: float | None) -> bool:
        applied = self.applied or {}
        target = applied.get("target_soc")
        if soc is None or target is None:
            return False
        missing = target - soc if applied["action"] == "charge" else soc - target
        return bool(missing <= TARGET_TOLERANCE_PERCENT)

    def is_renewed_by(
        self, requested: Mapping[str, Any], ordered_by: OrderedBy | None
    ) -> bool:
        """Whether an order only extends this one, or adapts it."""
        caller = self.ordered_by and self.ordered_by.name
        same_caller = caller == (ordered_by and ordered_by.name)
        return same_caller and _without_duration(requested) == _without_duration(
            self.requested or {}
        )

    def values(self) -> dict[str, Any]:
        """Return what events and the API show; times are not formatted, names are snake case."""
        return {
            "requested": self.requested,
            "applied": self.applied,
            "ordered_by": self.ordered_by and self.ordered_by.name,
            "controlled_by": self.controlled_by.value,
            "expires_at": self.expires_at,
            "reason": self.reason and self.reason.value,
            "ended_by": self.ended_by and self.ended_by.name,
            "target_reached": self.target_reached_at is not None,
            "energy": self.energy and asdict(self.energy),
            "renewals": self.renewals if self.is_grid_target else None,
        }

    def to_dict(self) -> dict[str, Any]:
        """Return the record for storage."""
        times = (self.started_at, self.expires_at, self.ended_at)
        reached = self.target_reached_at
        return {
            "began_as": self.began_as,
            "controlled_by": self.controlled_by,
            "ordered_by": self.ordered_by and self.ordered_by.to_dict(),
            "requested": self.requested,
            "applied": self.applied,
            "times": [at and at.isoformat() for at in times],
            "ended_by": self.ended_by and self.ended_by.to_dict(),
            "reason": self.reason,
            "target_reached_at": reached and reached.isoformat(),
            "energy": self.energy and asdict(self.energy),
            "counters": self.counters,
            "renewals": self.renewals,
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """Build a record from its stored form."""
        started, expires, ended = stored["times"]
        by, ended_by = stored["ordered_by"], stored["ended_by"]
        energy, counters = stored["energy"], stored["counters"]
        # Records of 0.1.0 have no such key.
        reached = stored.get("target_reached_at")
        return cls(
            began_as=DispatchChange(stored["began_as"]),
            controlled_by=DispatchOwner(stored["controlled_by"]),
            ordered_by=by and OrderedBy.from_dict(by),
            requested=stored["requested"],
            applied=stored["applied"],
            started_at=datetime.fromisoformat(started),
            expires_at=expires and datetime.fromisoformat(expires),
            ended_at=ended and datetime.fromisoformat(ended),
            ended_by=ended_by and OrderedBy.from_dict(ended_by),
            reason=_reason(stored["reason"]),
            target_reached_at=reached and datetime.fromisoformat(reached),
            energy=energy and Energy(**energy),
            counters=counters and (float(counters[0]), float(counters[1])),
            renewals=stored.get("renewals", 0),
        )


def _reason(stored: str | None) -> EndReason | Refusal | None:
    if stored is None:
        return None
    return Refusal(stored) if stored in set(Refusal) else EndReason(stored)


def _without_duration(order: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in order.items() if name != "duration"}


@dataclass(frozen=True, kw_only=True)
class DispatchEvent:
    """A change of a dispatch, for entities, the event bus and the feed."""

    change: DispatchChange
    record: DispatchRecord
    """What began, was refused or ended; after a change the new one."""
    caused_by: OrderedBy | None
    replaced: DispatchRecord | None = None
    """What the new one replaced, with its energy."""

    @property
    def context(self) -> Context | None:
        """What has caused the change, for Home Assistant; None if that was no call."""
        return as_context(self.caused_by) if self.caused_by else None

    def values(self) -> dict[str, Any]:
        """Return the values of the record; a change shows the energy of what it replaced."""
        values = self.record.values()
        if self.replaced:
            before = self.replaced.values()
            values |= {name: before[name] for name in ("reason", "energy")}
        return values


class EnergyMeter:
    """Measures what flows during a dispatch."""

    def __init__(self, max_gap: timedelta, *, resumed: bool) -> None:
        """Start at 0. A dispatch that ran before a restart is measured by the counters."""
        self._charged = EnergyIntegrator(max_gap)
        self._discharged = EnergyIntegrator(max_gap)
        self._is_complete = not resumed

    def add(self, power: float | None, at: datetime) -> None:
        """Add the power of the battery in W, positive while it discharges."""
        if power is None:
            return
        self._charged.add(max(0.0, -power), at)
        self._discharged.add(max(0.0, power), at)

    def energy(
        self, before: tuple[float, float] | None, snapshot: Snapshot
    ) -> Energy | None:
        """Return what has flowed until now; None if that is not known."""
        last_at, unknown_time = self._charged.last_at, self._charged.unknown_time
        if self._is_complete and last_at and not unknown_time:
            charged, discharged = self._charged.energy, self._discharged.energy
            return _energy(charged, discharged, "power")
        now = read_counters(snapshot)
        if not before or not now or now[0] < before[0] or now[1] < before[1]:
            return None
        return _energy(now[0] - before[0], now[1] - before[1], "counters")


def _energy(charged: float, discharged: float, source: str) -> Energy:
    return Energy(
        charged=round(charged, 3), discharged=round(discharged, 3), source=source
    )


def read_counters(snapshot: Snapshot | None) -> tuple[float, float] | None:
    """Return the lifetime counters of a snapshot: charged and discharged kWh; None before their first number."""
    battery = snapshot and snapshot.battery
    if not battery:
        return None
    counters = battery.charge_energy_total, battery.discharge_energy_total
    return None if None in counters else counters
