"""Counters that may only grow: accepts, rejects, explains."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

CONFIRMATIONS = 3
"""So many samples in a row that agree with each other are believed, whatever went before."""

ROUNDING_KWH = 0.2
"""kWh; the coarsest counter steps by 0.1, and so may what was remembered of it."""

TOLERANCE_KWH = 0.5
"""kWh; a counter may be carried forward some minutes late."""

MAX_LIFETIME = timedelta(days=365 * 10)
"""Ten years at the highest power that can be are a century at the usual one: nothing counts that far."""

JOULES_PER_KWH = 3_600_000


class RejectionReason(StrEnum):
    """Why a sample was not believed."""

    DECREASED = "fell"
    """A counter was lower than before."""
    JUMPED = "leapt"
    """A counter grew by more than the house can have used since the last sample."""
    IMPOSSIBLE = "impossible"
    """No inverter of this size can have measured it."""


@dataclass(frozen=True, slots=True)
class _Sample:
    """Where a counter stood, and when."""

    value: float
    at: datetime

    def can_reach(self, later: _Sample, max_power: float) -> bool:
        """Whether a counter that stood here can stand there, with at most so many W."""
        seconds = max((later.at - self.at).total_seconds(), 0)
        return (
            later.value
            <= self.value + TOLERANCE_KWH + max_power * seconds / JOULES_PER_KWH
        )

    def mean_power(self, later: _Sample) -> float:
        """Say how many W lead from here to there; 0 if none do."""
        seconds = (later.at - self.at).total_seconds()
        return (
            (later.value - self.value) * JOULES_PER_KWH / seconds if seconds > 0 else 0
        )


class MonotonicCounter:
    """One lifetime counter, in kWh.

    A sample that is lower than before, or higher than can be, is not shown: the last
    good one is. Three of them in a row that agree are a counter that begins anew, or
    a house with more power than its inverter lets one think. Zeros never are: an
    inverter that wakes up sends them before it knows better, and a counter that was
    reset shows it with the first energy that it counts.
    """

    def __init__(self, value: float | None = None, at: datetime | None = None) -> None:
        """Begin where the counter stood before, if that is known."""
        self._last: _Sample | None = None
        if value is not None and at is not None:
            self._last = _Sample(value, at)
        self._rejected: tuple[_Sample, ...] = ()
        """The last samples in a row that were not believed."""
        self._consistent_count = 0
        self._confirmed_power = 0.0
        """W; what this house has shown to be possible."""
        self._newest_at: datetime | None = None

    @property
    def value(self) -> float | None:
        """The last good value; None before the first."""
        return self._last.value if self._last else None

    def update(
        self, sample: float, at: datetime, *, max_power: float
    ) -> RejectionReason | None:
        """Take a sample, or say why not. `most` is the highest power that can be, in W."""
        if at == self._newest_at:
            return None  # The same sample again is no second opinion.
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
        if (
            not 0
            <= here.value
            <= max_power * MAX_LIFETIME.total_seconds() / JOULES_PER_KWH
        ):
            return RejectionReason.IMPOSSIBLE
        if self._last is None:
            return None
        if here.value < self._last.value - ROUNDING_KWH:
            return RejectionReason.DECREASED
        return None if self._last.can_reach(here, max_power) else RejectionReason.JUMPED

    def _confirm_reset(self, here: _Sample, max_power: float) -> bool:
        """Whether enough samples in a row tell of the same counter."""
        if not here.value:
            self._rejected, self._consistent_count = (), 0
            return False
        last = self._rejected[-1] if self._rejected else None
        agrees = last and last.value <= here.value and last.can_reach(here, max_power)
        self._consistent_count = self._consistent_count + 1 if agrees else 1
        self._rejected = (*self._rejected, here)[-CONFIRMATIONS - 1 :]
        return self._consistent_count >= CONFIRMATIONS or self._confirm_fast_growth()

    def _confirm_fast_growth(self) -> bool:
        """Whether the counter goes up steadily, though faster than was thought possible."""
        before = (self._last,) if self._last else ()
        climb = (*before, *self._rejected)[-CONFIRMATIONS - 1 :]
        powers = [one.mean_power(other) for one, other in pairwise(climb)]
        if len(powers) < CONFIRMATIONS or not 0 < max(powers) <= 2 * min(powers):
            return False
        self._confirmed_power = 2 * max(powers)
        return True

    def _accept(self, mark: _Sample) -> None:
        self._last, self._rejected, self._consistent_count = mark, (), 0
