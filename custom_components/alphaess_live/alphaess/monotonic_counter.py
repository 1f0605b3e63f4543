"""Counters that only grow: accepts a sample, or rejects it with a reason."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

CONFIRMATIONS = 3
"""Consistent samples in a row that are accepted, whatever was before them."""

ROUNDING_KWH = 0.2
"""A decrease that is no error: the coarsest counter has steps of 0.1, and so has its stored value."""

TOLERANCE_KWH = 0.5
"""An increase that is always plausible: a device may update a counter some minutes late."""

MAX_LIFETIME = timedelta(days=365 * 10)
"""Ten years at the highest plausible power: no counter can be higher."""

JOULES_PER_KWH = 3_600_000


class RejectionReason(StrEnum):
    """Why a sample was rejected."""

    DECREASED = "fell"
    """A counter was lower than before."""
    JUMPED = "leapt"
    """A counter grew, or a value changed, by more than is possible since the last sample."""
    IMPOSSIBLE = "impossible"
    """No inverter of this size can have measured it."""
    CONTRADICTED = "contradicted"
    """Other values of the same block show something else."""


@dataclass(frozen=True, slots=True)
class _Sample:
    """A value of the counter, in kWh, and when it was read."""

    value: float
    at: datetime

    def can_reach(self, later: _Sample, max_power: float) -> bool:
        """Whether the counter can have the later value, with at most this power in W."""
        seconds = max((later.at - self.at).total_seconds(), 0)
        growth = TOLERANCE_KWH + max_power * seconds / JOULES_PER_KWH
        return later.value <= self.value + growth

    def mean_power(self, later: _Sample) -> float:
        """Return the mean power between two samples in W; 0 if no time has passed."""
        seconds = (later.at - self.at).total_seconds()
        if seconds <= 0:
            return 0
        return (later.value - self.value) * JOULES_PER_KWH / seconds


class MonotonicCounter:
    """One lifetime counter, in kWh.

    A sample that is lower than before, or higher than possible, is rejected: the value
    stays the last good one. Three consistent samples in a row are accepted: the counter
    was reset, or the house has more power than its inverter suggests. Zeros are never
    accepted in this way: an inverter sends them while it starts, and a counter that was
    reset shows so with the first energy that it counts.
    """

    def __init__(self, value: float | None = None, at: datetime | None = None) -> None:
        """Start with the last known value, if there is one."""
        self._last: _Sample | None = None
        if value is not None and at is not None:
            self._last = _Sample(value, at)
        self._rejected: tuple[_Sample, ...] = ()
        """The last samples, if they were rejected one after the other."""
        self._consistent_count = 0
        self._confirmed_power = 0.0
        """W; a power that this house has shown to be possible."""
        self._newest_at: datetime | None = None

    @property
    def value(self) -> float | None:
        """The last good value; None before the first."""
        return self._last.value if self._last else None

    def update(
        self, sample: float, at: datetime, *, max_power: float
    ) -> RejectionReason | None:
        """Accept a sample, or return why it is rejected. `max_power` is in W."""
        if at == self._newest_at:
            return None  # The same sample again confirms nothing.
        self._newest_at = at
        here, max_power = _Sample(sample, at), max(max_power, self._confirmed_power)
        reason = self._check(here, max_power)
        if reason is None:
            self._accept(_Sample(max(sample, self.value or 0), at))
        elif reason is not RejectionReason.IMPOSSIBLE and self._confirm_reset(
            here, max_power
        ):
            self._accept(here)
            return None
        return reason

    def _check(self, here: _Sample, max_power: float) -> RejectionReason | None:
        limit = max_power * MAX_LIFETIME.total_seconds() / JOULES_PER_KWH
        if not 0 <= here.value <= limit:
            return RejectionReason.IMPOSSIBLE
        if self._last is None:
            return None
        if here.value < self._last.value - ROUNDING_KWH:
            return RejectionReason.DECREASED
        return None if self._last.can_reach(here, max_power) else RejectionReason.JUMPED

    def _confirm_reset(self, here: _Sample, max_power: float) -> bool:
        """Whether enough rejected samples in a row are consistent with each other."""
        if not here.value:
            self._rejected, self._consistent_count = (), 0
            return False
        last = self._rejected[-1] if self._rejected else None
        consistent = (
            last and last.value <= here.value and last.can_reach(here, max_power)
        )
        self._consistent_count = self._consistent_count + 1 if consistent else 1
        self._rejected = (*self._rejected, here)[-CONFIRMATIONS - 1 :]
        return self._consistent_count >= CONFIRMATIONS or self._confirm_fast_growth()

    def _confirm_fast_growth(self) -> bool:
        """Whether the counter grows steadily, though faster than was thought possible."""
        before = (self._last,) if self._last else ()
        samples = (*before, *self._rejected)[-CONFIRMATIONS - 1 :]
        powers = [one.mean_power(other) for one, other in pairwise(samples)]
        if len(powers) < CONFIRMATIONS or not 0 < max(powers) <= 2 * min(powers):
            return False
        self._confirmed_power = 2 * max(powers)
        return True

    def _accept(self, sample: _Sample) -> None:
        self._last, self._rejected, self._consistent_count = sample, (), 0
