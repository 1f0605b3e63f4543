"""Rejects implausible samples, so that no snapshot contains a spike."""

from collections import deque
from collections.abc import Awaitable, Callable, Set as AbstractSet
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from .maps import RegisterMap
from .modbus_request import PollStats
from .monotonic_counter import RejectionReason
from .registers.block import Block
from .scales import ScaleProfile
from .snapshot import Snapshot
from .value_filter import ValueFilter
from .value_ranges import MAX_POWER_FACTOR, MIN_RATED_POWER

KEPT_REJECTIONS = 20


class Rejection(NamedTuple):
    """A sample that was rejected, and what the snapshot has instead."""

    key: str
    at: datetime
    sample: float
    shown: float | None
    """None where the value is unknown, or the whole block was removed."""
    reason: RejectionReason


class PlausibilityFilter:
    """Filters the snapshots of one inverter before anything else uses them, and records what it rejects.

    The lifetime counters are checked by the energy ledger.
    """

    def __init__(self, stats: PollStats, register_map: RegisterMap) -> None:
        """Start without any history; `stats` counts the rejected samples."""
        self._stats = stats
        self.value_filter = ValueFilter(register_map, self.record_value)
        """Filters all values but the counters."""
        self.rejections: deque[Rejection] = deque(maxlen=KEPT_REJECTIONS)
        """The last ones, oldest first."""

    @property
    def rated_power(self) -> float:
        """The battery's power that several readings have shown, in W; 0 before."""
        return self.value_filter.rated_power

    def set_rated_power(self, watts: float) -> None:
        """Set the battery's power; 0 for a power that is not certain yet."""
        self.value_filter.set_rated_power(watts)

    @property
    def max_power(self) -> float:
        """The highest plausible power in this house, in W."""
        return MAX_POWER_FACTOR * max(self.rated_power, MIN_RATED_POWER)

    async def filter(
        self,
        snapshot: Snapshot,
        profile: ScaleProfile,
        read_again: Callable[[AbstractSet[str]], Awaitable[dict[str, Block]]],
        *,
        whole: AbstractSet[str] | None = None,
    ) -> Snapshot:
        """Return a snapshot without implausible samples; doubtful blocks are read again.

        `whole` as in `ValueFilter.examine`. Raises what `read_again` raises.
        """
        findings = self.value_filter.examine(snapshot, profile, whole=whole)
        doubtful = self.value_filter.doubtful(findings)
        if doubtful and (fresh := await read_again(doubtful)):
            blocks: dict[str, Any] = fresh
            snapshot = replace(snapshot, **blocks)
            whole = None if whole is None else fresh.keys()
            findings = self.value_filter.examine(snapshot, profile, whole=whole)
        return self.value_filter.settle(snapshot, findings, whole=whole)

    def record(self, rejection: Rejection) -> None:
        """Count a rejected sample and keep it for diagnostics."""
        self._stats.rejected_samples += 1
        self.rejections.append(rejection)

    def record_value(
        self,
        key: str,
        at: datetime,
        sample: float,
        shown: float | None,
        reason: RejectionReason,
    ) -> None:
        """Count and keep a rejected value, with what is shown instead."""
        self.record(Rejection(key, at, sample, shown, reason))
