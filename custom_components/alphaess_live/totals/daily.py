"""How much an energy total has grown since local midnight, over restarts, outages and counter resets."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from math import cos, isfinite, pi, radians, sin
from typing import Any, Self

from ..alphaess.counter_samples import parse_moment
from ..alphaess.pv_energy import LateEnergy

DAY = timedelta(days=1)

LATE_TIME = timedelta(minutes=5)
"""What was counted since so long before midnight, but not read then, belongs to the new day.

Yesterday is over when it is read: divided too, it would be lost at each midnight.
"""

SUN_STEP = timedelta(minutes=10)

type Weigh = Callable[[datetime, datetime], float]
"""Returns how much is usually counted from one time to a later one, in any unit."""


def weigh_time(since: datetime, until: datetime) -> float:
    """Weigh a time by its length: what flows at any hour."""
    return (until - since) / DAY


@dataclass(frozen=True, slots=True)
class Sunlight:
    """Weighs a time by the height of the sun at a place: what flat panels generate under a clear sky."""

    latitude: float
    longitude: float
    """Degrees north and east."""

    def __call__(self, since: datetime, until: datetime) -> float:
        """Return the sum of the heights; of whole days the last one is computed."""
        days, rest = divmod(until - since, DAY)
        last_day = self._sum(until - DAY, until) if days else 0.0
        return self._sum(since, since + rest) + days * last_day

    def _sum(self, since: datetime, until: datetime) -> float:
        steps = -((since - until) // SUN_STEP)
        step = (until - since) / max(steps, 1)
        middles = (since + (n + 0.5) * step for n in range(steps))
        return sum(map(self._height, middles)) * (step / DAY)

    def _height(self, at: datetime) -> float:
        """Return the sine of the sun's elevation, within some minutes; 0 below the horizon."""
        at = at.astimezone(UTC)
        days, hours = at.timetuple().tm_yday, at.hour + at.minute / 60
        declination = radians(-23.44 * cos(2 * pi * (days + 10) / 365))
        angle = radians(15 * (hours - 12) + self.longitude)
        latitude = radians(self.latitude)
        level = cos(latitude) * cos(declination) * cos(angle)
        return max(sin(latitude) * sin(declination) + level, 0.0)


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
        weigh: Weigh = weigh_time,
    ) -> Self | None:
        """Return the day with the newest state of a total; None before the first."""
        day = day and day.roll_over(midnight)
        if total is None or at is None:
            return day
        if day is None:
            return cls.start(total, at).roll_over(midnight)
        if at == day.newest_at:
            return day
        return day.update(total, at, midnight=midnight, late=late, weigh=weigh)

    def update(
        self,
        total: float,
        at: datetime,
        *,
        midnight: datetime,
        late: Sequence[LateEnergy] = (),
        weigh: Weigh = weigh_time,
    ) -> Self:
        """Return the day with a total confirmed at `at`; `midnight` is when the current day started.

        Of what was counted in a gap over midnight, of any length, the day has the share
        that `weigh` gives its part of the gap. What a part has added `late` has a gap of
        its own.
        """
        if max(at, midnight) < self.started_at:
            # The clock was days ahead, and is set back: today's part is not known.
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
                    baseline += energy * _share_before(
                        midnight, one.since, until=one.until, weigh=weigh
                    )
            baseline += own * _share_before(
                midnight, self.newest_at, until=at, weigh=weigh
            )
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


def _share_before(
    midnight: datetime, since: datetime, *, until: datetime, weigh: Weigh
) -> float:
    """Return which share of a gap belongs to the day before; 0 if the clock was set back."""
    begin = midnight - LATE_TIME
    if since >= min(begin, until):
        return 0.0
    after = weigh(begin, until) if begin < until else 0.0
    return weigh(since, begin) / (weigh(since, begin) + after) if after else 1.0
