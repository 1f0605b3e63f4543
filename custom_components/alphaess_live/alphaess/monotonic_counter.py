"""Counters that may only grow: accepts, rejects, explains."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise

CONSISTENT = 3
"""So many samples in a row that agree with each other are believed, whatever went before."""

ROUNDING = 0.2
"""kWh; the coarsest counter steps by 0.1, and so may what was remembered of it."""

LATE = 0.5
"""kWh; a counter may be carried forward some minutes late."""

LIFETIME = timedelta(days=365 * 10)
"""Ten years at the highest power that can be are a century at the usual one: nothing counts that far."""

_JOULES = 3_600_000


class Reason(StrEnum):
    """Why a sample was not believed."""

    FELL = "fell"
    """A counter was lower than before."""
    LEAPT = "leapt"
    """A counter grew by more than the house can have used since the last sample."""
    IMPOSSIBLE = "impossible"
    """No inverter of this size can have measured it."""


@dataclass(frozen=True, slots=True)
class _Mark:
    """Where a counter stood, and when."""

    value: float
    at: datetime

    def reaches(self, later: _Mark, most: float) -> bool:
        """Whether a counter that stood here can stand there, with at most so many W."""
        seconds = max((later.at - self.at).total_seconds(), 0)
        return later.value <= self.value + LATE + most * seconds / _JOULES

    def power(self, later: _Mark) -> float:
        """Say how many W lead from here to there; 0 if none do."""
        seconds = (later.at - self.at).total_seconds()
        return (later.value - self.value) * _JOULES / seconds if seconds > 0 else 0


class Total:
    """One lifetime counter, in kWh.

    A sample that is lower than before, or higher than can be, is not shown: the last
    good one is. Three of them in a row that agree are a counter that begins anew, or
    a house with more power than its inverter lets one think. Zeros never are: an
    inverter that wakes up sends them before it knows better, and a counter that was
    reset shows it with the first energy that it counts.
    """

    def __init__(self, value: float | None = None, at: datetime | None = None) -> None:
        """Begin where the counter stood before, if that is known."""
        self._mark: _Mark | None = None
        if value is not None and at is not None:
            self._mark = _Mark(value, at)
        self._doubted: tuple[_Mark, ...] = ()
        """The last samples in a row that were not believed."""
        self._agreeing = 0
        self._proven = 0.0
        """W; what this house has shown to be possible."""
        self._newest: datetime | None = None

    @property
    def value(self) -> float | None:
        """The last good value; None before the first."""
        return self._mark.value if self._mark else None

    def admit(self, sample: float, at: datetime, *, most: float) -> Reason | None:
        """Take a sample, or say why not. `most` is the highest power that can be, in W."""
        if at == self._newest:
            return None  # The same sample again is no second opinion.
        self._newest = at
        here, most = _Mark(sample, at), max(most, self._proven)
        reason = self._doubt(here, most)
        if reason is None:
            self._accept(_Mark(max(sample, self.value or 0), at))
        elif reason is not Reason.IMPOSSIBLE and self._insists(here, most):
            self._accept(here)
            return None
        return reason

    def _doubt(self, here: _Mark, most: float) -> Reason | None:
        if not 0 <= here.value <= most * LIFETIME.total_seconds() / _JOULES:
            return Reason.IMPOSSIBLE
        if self._mark is None:
            return None
        if here.value < self._mark.value - ROUNDING:
            return Reason.FELL
        return None if self._mark.reaches(here, most) else Reason.LEAPT

    def _insists(self, here: _Mark, most: float) -> bool:
        """Whether enough samples in a row tell of the same counter."""
        if not here.value:
            self._doubted, self._agreeing = (), 0
            return False
        last = self._doubted[-1] if self._doubted else None
        agrees = last and last.value <= here.value and last.reaches(here, most)
        self._agreeing = self._agreeing + 1 if agrees else 1
        self._doubted = (*self._doubted, here)[-CONSISTENT - 1 :]
        return self._agreeing >= CONSISTENT or self._climbs()

    def _climbs(self) -> bool:
        """Whether the counter goes up steadily, though faster than was thought possible."""
        before = (self._mark,) if self._mark else ()
        climb = (*before, *self._doubted)[-CONSISTENT - 1 :]
        powers = [one.power(other) for one, other in pairwise(climb)]
        if len(powers) < CONSISTENT or not 0 < max(powers) <= 2 * min(powers):
            return False
        self._proven = 2 * max(powers)
        return True

    def _accept(self, mark: _Mark) -> None:
        self._mark, self._doubted, self._agreeing = mark, (), 0
