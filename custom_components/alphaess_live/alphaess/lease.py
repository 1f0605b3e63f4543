"""Leases: which orders of this program may run, and when the inverter ends them by itself."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from .dispatch import MAX_PENDING_ORDERS, may_result_from
from .grid_regulator import LEASE_SECONDS, GridTarget, order_seconds
from .host_clock import clock_offset
from .registers import DispatchOrder
from .write_policy import DISPATCH_ADDRESSES

LATE_EFFECT = timedelta(minutes=2)
"""Time in which an order that was ignored, or not answered, may still take effect."""

LATE_RENEWAL = timedelta(seconds=10)
"""The same for an order of a grid target that was written before a restart: another program may write a similar one."""

END_TOLERANCE = timedelta(seconds=60)
"""How late an inverter may end an order by its own clock."""

MAX_OBSERVATION_GAP = timedelta(minutes=5)
"""After a longer gap, an order that should be over is not ours: another program may have written it."""


@dataclass(frozen=True, kw_only=True)
class OrderedBy:
    """The user, automation or script that gave an order, and the ids of its call."""

    name: str | None = None
    context_id: str | None = None
    user_id: str | None = None
    parent_id: str | None = None

    def to_dict(self) -> dict[str, str]:
        """Return the fields that are known, for storage."""
        return {name: value for name, value in asdict(self).items() if value}

    @classmethod
    def from_dict(cls, stored: Mapping[str, str]) -> Self:
        """Build it from its stored form."""
        return cls(**{one.name: stored.get(one.name) for one in fields(cls)})


@dataclass(frozen=True, kw_only=True)
class Lease:
    """An order of this program, and when it was written."""

    order: DispatchOrder
    started_at: datetime
    """By the host's clock at that time; after a restart, by the clock as it was set when this was stored."""
    is_verified: bool = True
    """Whether the order, or one of the grid target, has read back. Otherwise it may run, also with less power or time, or not."""
    clock_offset_seconds: float | None = field(default=None, compare=False)
    """How far that clock was ahead of the loop's clock; None after a restart, which resets the loop's."""

    first_started_at: datetime | None = field(default=None, compare=False)
    """What `started_at` was before a restart, if the host's clock was set meanwhile."""
    ordered_by: OrderedBy | None = field(default=None, compare=False)
    """None if that is unknown, as after an update from 0.1.0."""
    grid_target: GridTarget | None = None
    """What this lease as a whole is for, if its orders change all the time. It is stored in their place."""
    order_seconds: int = LEASE_SECONDS
    """How long each order of the grid target runs."""
    part_of: Lease | None = field(default=None, compare=False)
    """The whole lease of a grid target that this order is for."""

    @classmethod
    def start_now(
        cls, order: DispatchOrder, ordered_by: OrderedBy | None = None
    ) -> Self:
        """Return a lease of an order that is about to be written."""
        return cls(
            order=order,
            started_at=datetime.now(UTC),
            clock_offset_seconds=clock_offset(),
            is_verified=False,
            ordered_by=ordered_by,
        )

    @classmethod
    def of_grid_target(
        cls, target: GridTarget, ordered_by: OrderedBy | None, *, interval: float
    ) -> Self:
        """Return the whole lease of a grid target that is about to begin; `interval` is that of its readings, in s."""
        lease = cls.start_now(target.order(0, duration=target.duration), ordered_by)
        return replace(lease, grid_target=target, order_seconds=order_seconds(interval))

    def matches(self, running: DispatchOrder) -> bool:
        """Whether the running order can be this one, or one of the grid target."""
        if self.grid_target:
            left = (self.expires - datetime.now(UTC)).total_seconds()
            return self.grid_target.may_have_ordered(
                running, order_seconds=self.order_seconds, seconds_left=left
            )
        if self.is_verified:
            return running == self.order
        return may_result_from(self.order, running)

    def verified(self, running: DispatchOrder) -> Self:
        """Return the lease of this order as it has read back.

        After a restart nothing renews the orders of a grid target: the one that runs is the
        last, and no other order is of this program.
        """
        if self.grid_target:
            last = replace(
                self.restarted(),
                order=running,
                is_verified=True,
                grid_target=None,
                part_of=self,
            )
            # It ends with the grid target at the latest.
            beyond = max(last.expires - self.expires, timedelta(0))
            return replace(last, started_at=last.started_at - beyond)
        whole = self.part_of
        if whole and not whole.is_verified:
            whole = replace(whole, is_verified=True)
        return replace(self, order=running, is_verified=True, part_of=whole)

    def restarted(self) -> Self:
        """Return the lease of this order as it begins now; the first order of a grid target begins the whole."""
        whole = self.part_of
        if whole and not whole.is_verified:
            whole = whole.restarted()
        return replace(
            self,
            started_at=datetime.now(UTC),
            clock_offset_seconds=clock_offset(),
            first_started_at=None,
            part_of=whole,
        )

    @property
    def whole(self) -> Lease:
        """The lease that is shown and stored: that of the grid target, if this is an order of one."""
        return self.part_of or self

    @property
    def identity(self) -> datetime:
        """What distinguishes the order or grid target from others, also after a restart."""
        return self.whole.first_started_at or self.whole.started_at

    def is_same(self, other: Lease) -> bool:
        """Whether the other lease is of the same order or grid target, perhaps as it has read back."""
        return self.identity == other.identity

    def may_take_effect(self, at: datetime) -> bool:
        """Whether the order may still begin to run after this time."""
        return not self.is_verified and at < self.adjusted_start + LATE_EFFECT

    @property
    def expires(self) -> datetime:
        """When the inverter ends the order by itself, by the host's clock as it is set now."""
        return self.adjusted_start + timedelta(seconds=self.order.duration)

    def has_ended(self, at: datetime) -> bool:
        """Whether the inverter should have ended the order by this time, also by its own clock."""
        return self.expires + END_TOLERANCE < at

    @property
    def adjusted_start(self) -> datetime:
        """The start by the host's clock as it is set now."""
        if self.clock_offset_seconds is None:
            return self.started_at
        # Rounded to seconds, because the two clocks drift apart a little.
        return self.started_at + timedelta(
            seconds=round(clock_offset() - self.clock_offset_seconds)
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the lease for storage."""
        words = self.order.encode()
        content: dict[str, Any] = {
            "words": [words[at] for at in DISPATCH_ADDRESSES],
            "begun": self.adjusted_start.isoformat(),
        }
        if self.identity != self.adjusted_start:
            content["first_begun"] = self.identity.isoformat()
        if not self.is_verified:
            content["verified"] = False
        if self.ordered_by:
            content["ordered_by"] = self.ordered_by.to_dict()
        if self.grid_target:
            content["grid_target"] = self.grid_target.to_dict()
            content["order_seconds"] = self.order_seconds
        return content

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """Build a lease from its stored form."""
        words = dict(zip(DISPATCH_ADDRESSES, stored["words"], strict=True))
        by, target = stored.get("ordered_by"), stored.get("grid_target")
        first = stored.get("first_begun")
        return cls(
            order=DispatchOrder.decode(words),
            started_at=datetime.fromisoformat(stored["begun"]),
            first_started_at=first and datetime.fromisoformat(first),
            is_verified=bool(stored.get("verified", True)),
            ordered_by=by and OrderedBy.from_dict(by),
            grid_target=target and GridTarget.from_dict(target),
            order_seconds=stored.get("order_seconds", LEASE_SECONDS),
        )


def _may_continue(running: Lease, whole: Lease, at: datetime) -> bool:
    """Whether another order of a grid target, written before a restart, may still follow the one that runs."""
    is_part = whole.grid_target and running.part_of and running.is_same(whole)
    return bool(is_part) and at < running.started_at + LATE_RENEWAL


class LeaseTracker:
    """The orders of this program that may run, until the inverter or the time shows which one does."""

    def __init__(self) -> None:
        """Start without a lease."""
        self.leases: tuple[Lease, ...] = ()
        """Oldest first: the order that ran last as far as is known, and those that may replace it."""
        self.overwritten_until: datetime | None = None
        """When an order of ours would have ended that another program has overwritten."""
        self._matched_at: datetime | None = None

    def to_store(self, held: Lease | None) -> tuple[Lease, ...]:
        """Return the leases for storage; `held` is that of the grid target that is being held.

        One of a grid target is verified once one of its orders is.
        """
        leases = [one.whole for one in self.leases]
        verified = {one.identity for one in self.leases if one.is_verified}
        if held:
            leases.append(held)
            verified.add(held.identity)
        return tuple(
            dict.fromkeys(
                replace(one, is_verified=one.identity in verified) for one in leases
            )
        )

    def add(self, lease: Lease) -> None:
        """Add an order that is about to be written. It replaces none before it has read back.

        Of too many, the oldest one is forgotten that does not run.
        """
        leases = [*self.leases, lease]
        if len(leases) > MAX_PENDING_ORDERS:
            leases.remove(next(one for one in leases if not one.is_verified))
        self.leases = tuple(leases)

    def replace(self, *leases: Lease) -> None:
        """Hold these leases and no others."""
        self.leases, self.overwritten_until = leases, None

    def end(self, at: datetime) -> None:
        """End the leases after a stop at this time; an order may still take effect late."""
        self.replace(*(one for one in self.leases if one.may_take_effect(at)))

    def find(self, running: DispatchOrder) -> Lease | None:
        """Return the lease of the running order: an exact one before one with less power, and that before one with less time.

        Of several, it is the newest one.
        """
        if not running.start:
            return None
        return min(
            (one for one in reversed(self.leases) if one.matches(running)),
            key=lambda one: (
                one.order != running,
                one.order.duration != running.duration,
            ),
            default=None,
        )

    def contradicts(self, order: DispatchOrder) -> bool:
        """Whether an order of ours was running, and this one is not it."""
        return any(one.is_verified for one in self.leases) and self.find(order) is None

    def observe(self, running: DispatchOrder, at: datetime) -> None:
        """Update the leases by the order that was read at this time."""
        lease = self.find(running)
        if lease and self._is_over(lease, at):
            lease = None
        if lease:
            newer = self.leases[self.leases.index(lease) + 1 :]
            verified = lease.verified(running)
            if lease.grid_target:
                newer = (lease, *newer)
            pending = (
                one
                for one in newer
                if one.may_take_effect(at) or _may_continue(verified, one, at)
            )
            self.leases = (verified, *pending)
            self._matched_at, self.overwritten_until = at, None
            return
        # The orders of a grid target end by themselves within a minute.
        ended = [one for one in self.leases if one.is_verified and not one.grid_target]
        if running.start and ended:
            self.overwritten_until = max(one.expires for one in ended)
        self.leases = tuple(one for one in self.leases if one.may_take_effect(at))

    def _is_over(self, lease: Lease, at: datetime) -> bool:
        """Whether this order must have ended, unless it was seen running all the time."""
        seen = self._matched_at and at - self._matched_at <= MAX_OBSERVATION_GAP
        return lease.has_ended(at) and not seen
