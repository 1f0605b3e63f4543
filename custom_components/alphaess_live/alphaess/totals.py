"""Counters that may only grow: accepts, rejects, explains."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

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

    def reaches(self, sample: float, at: datetime, most: float) -> bool:
        """Whether a counter that stood here can stand there now."""
        seconds = max((at - self.at).total_seconds(), 0)
        return sample <= self.value + LATE + most * seconds / _JOULES


class Total:
    """One lifetime counter, in kWh.

    A sample that is lower than before, or higher than can be, is not shown: the last
    good one is. Three of them in a row that agree are a counter that begins anew.
    Zeros never are: an inverter that wakes up sends them before it knows better, and
    a counter that was reset shows it with the first energy that it counts.
    """

    def __init__(self, value: float | None = None, at: datetime | None = None) -> None:
        """Begin where the counter stood before, if that is known."""
        self._mark: _Mark | None = None
        if value is not None and at is not None:
            self._mark = _Mark(value, at)
        self._rival: _Mark | None = None
        self._agreeing = 0
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
        reason = self._doubt(sample, at, most)
        if reason is None:
            self._accept(max(sample, self.value or 0), at)
        elif reason is not Reason.IMPOSSIBLE and self._insists(sample, at, most):
            self._accept(sample, at)
            return None
        return reason

    def _doubt(self, sample: float, at: datetime, most: float) -> Reason | None:
        if not 0 <= sample <= most * LIFETIME.total_seconds() / _JOULES:
            return Reason.IMPOSSIBLE
        if self._mark is None:
            return None
        if sample < self._mark.value - ROUNDING:
            return Reason.FELL
        return None if self._mark.reaches(sample, at, most) else Reason.LEAPT

    def _insists(self, sample: float, at: datetime, most: float) -> bool:
        """Whether enough samples in a row tell of the same counter."""
        rival = self._rival
        agrees = (
            rival is not None
            and sample >= rival.value
            and rival.reaches(sample, at, most)
        )
        self._rival = _Mark(sample, at) if sample else None
        self._agreeing = (self._agreeing + 1 if agrees else 1) if sample else 0
        return self._agreeing >= CONSISTENT

    def _accept(self, value: float, at: datetime) -> None:
        self._mark = _Mark(value, at)
        self._rival, self._agreeing = None, 0
