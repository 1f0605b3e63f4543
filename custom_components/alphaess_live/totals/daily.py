"""How much a total has grown since the house's day began, over restarts, outages and new counters."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, Self

DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class DailyTotal:
    """A total at the beginning of the day, and now: kWh."""

    begun: datetime
    """Local midnight; in the middle of a day where counting began then."""
    baseline: float
    newest: float
    at: datetime
    """When the newest total was known."""

    @classmethod
    def start(cls, total: float, at: datetime) -> Self:
        """Begin to count: what was before is not known."""
        return cls(begun=at, baseline=total, newest=total, at=at)

    @property
    def energy(self) -> float:
        """How much it has grown today."""
        return max(round(self.newest - self.baseline, 2), 0.0)

    def update(self, total: float, at: datetime, *, midnight: datetime) -> Self:
        """Take the total as it is now; midnight is when the present day began."""
        if self.at < midnight - DAY or max(at, midnight) < self.begun:
            # Nobody looked for more than a day, or the clock was days ahead and is set
            # back: how much of it is today's is anybody's guess.
            return self.start(total, at)
        day = self.roll_over(midnight)
        baseline = day.baseline
        if total < day.newest:
            # A counter begins anew: what was counted before that stays counted.
            baseline = total - (day.newest - day.baseline)
        return replace(day, baseline=baseline, newest=total, at=at)

    def roll_over(self, midnight: datetime) -> Self:
        """Begin a new day at 0 if there is one.

        What was counted unseen, while Home Assistant or the inverter was away over
        midnight, belongs to the new day: the last total before it is all that is known.
        """
        if midnight <= self.begun:
            return self
        return replace(self, begun=midnight, baseline=self.newest)

    def to_dict(self) -> dict[str, Any]:
        """Lay it out for storage."""
        return {
            "begun": self.begun.isoformat(),
            "baseline": self.baseline,
            "newest": self.newest,
            "at": self.at.isoformat(),
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """Take it back out of storage."""
        return cls(
            begun=datetime.fromisoformat(stored["begun"]),
            baseline=float(stored["baseline"]),
            newest=float(stored["newest"]),
            at=datetime.fromisoformat(stored["at"]),
        )
