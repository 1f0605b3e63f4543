"""How much an energy total has grown since local midnight, over restarts, outages and counter resets."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import isfinite
from typing import Any, Self

from ..alphaess.counter_samples import parse_moment

DAY = timedelta(days=1)

SHORT_GAP = timedelta(hours=2)
"""What is counted in a gap over midnight of at most this length belongs to the new day."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyTotal:
    """A total at the start of the day, and now: kWh."""

    started_at: datetime
    """Local midnight, or when counting started on the first day."""
    baseline: float
    newest: float
    newest_at: datetime
    """When the newest total was confirmed."""

    @classmethod
    def start(cls, total: float, at: datetime) -> Self:
        """Start counting at a total. What was counted before is not known."""
        return cls(started_at=at, baseline=total, newest=total, newest_at=at)

    @property
    def energy(self) -> float:
        """How much the total has grown today."""
        return max(round(self.newest - self.baseline, 2), 0.0)

    def update(self, total: float, at: datetime, *, midnight: datetime) -> Self:
        """Return the day with a total confirmed at `at`; `midnight` is when the current day started.

        Of what was counted in a long gap over midnight, the new day has the share of its time.
        """
        if self.newest_at < midnight - DAY or max(at, midnight) < self.started_at:
            # There was no sample for more than a day, or the clock was days ahead and is
            # set back: today's part of the total is not known.
            return self.start(total, at)
        day = self.roll_over(midnight)
        baseline = day.baseline
        if total < day.newest:
            # The counter was reset: what was counted before stays counted.
            baseline = total - (day.newest - day.baseline)
        elif self.newest_at < midnight < at and at - self.newest_at > SHORT_GAP:
            before_midnight = (midnight - self.newest_at) / (at - self.newest_at)
            baseline += (total - day.newest) * before_midnight
        return replace(day, baseline=baseline, newest=total, newest_at=at)

    def roll_over(self, midnight: datetime) -> Self:
        """Start a new day at 0 if `midnight` is later than the start of this one."""
        if midnight <= self.started_at:
            return self
        return replace(self, started_at=midnight, baseline=self.newest)

    def to_dict(self) -> dict[str, Any]:
        """Convert to JSON types for the restore state."""
        return {
            "begun": self.started_at.isoformat(),
            "baseline": self.baseline,
            "newest": self.newest,
            "at": self.newest_at.isoformat(),
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """Read the restore state. Raises KeyError, TypeError or ValueError."""
        baseline, newest = float(stored["baseline"]), float(stored["newest"])
        if not (isfinite(baseline) and isfinite(newest)):
            raise ValueError(stored)
        return cls(
            started_at=parse_moment(stored["begun"]),
            baseline=baseline,
            newest=newest,
            newest_at=parse_moment(stored["at"]),
        )
