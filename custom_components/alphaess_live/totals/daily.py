"""How much an energy total has grown since local midnight, over restarts, outages and counter resets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from math import isfinite
from typing import Any, Self

from ..alphaess.counter_samples import parse_moment
from ..alphaess.pv_energy import LateEnergy

DAY = timedelta(days=1)

LATE_TIME = timedelta(minutes=5)
"""What was counted since so long before midnight, but not read then, belongs to the new day.

Yesterday is over when it is read: divided too, it would be lost at each midnight.
"""


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

    @classmethod
    def follow(
        cls,
        day: Self | None,
        total: float | None,
        *,
        at: datetime | None,
        midnight: datetime,
        late: Sequence[LateEnergy],
    ) -> Self | None:
        """Return the day with the newest state of a total; None before the first."""
        day = day and day.roll_over(midnight)
        if total is None or at is None:
            return day
        if day is None:
            return cls.start(total, at).roll_over(midnight)
        if at == day.newest_at:
            return day
        return day.update(total, at, midnight=midnight, late=late)

    def update(
        self,
        total: float,
        at: datetime,
        *,
        midnight: datetime,
        late: Sequence[LateEnergy] = (),
    ) -> Self:
        """Return the day with a total confirmed at `at`; `midnight` is when the current day started.

        Of what was counted in a gap over midnight, the day has the share of its time. What
        a part has added `late` has a gap of its own.
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
        else:
            own = total - day.newest
            for one in late:
                if self.newest_at < one.until <= at:
                    energy = min(one.energy, own)
                    own -= energy
                    baseline += energy * _share_of_late(midnight, one)
            baseline += own * _share_before(midnight, since=self.newest_at, until=at)
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


def _share_before(midnight: datetime, *, since: datetime, until: datetime) -> float:
    """Return which share of a gap belongs to the day before; 0 if the clock was set back."""
    begin = midnight - LATE_TIME
    if since >= min(begin, until):
        return 0.0
    return min((begin - since) / (until - since), 1.0)


def _share_of_late(midnight: datetime, late: LateEnergy) -> float:
    if late.since < midnight - DAY:
        return 1.0  # How much of it was today is not known.
    return _share_before(midnight, since=late.since, until=late.until)
