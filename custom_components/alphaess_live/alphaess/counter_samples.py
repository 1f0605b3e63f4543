"""Numbers of a register at a time: what is possible between two of them, and which of them confirm each other."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from math import isfinite
from typing import Any, Self

CONFIRM_SAMPLES = 21
"""Consistent samples that confirm unusual growth: an odd number lasts for at most 20."""

ODD_TIME = timedelta(seconds=200)
"""And for less than this, also if snapshots were read out of turn."""

CONFIRM_TIME = timedelta(minutes=10)
"""Another basis of a counter is confirmed by so many samples over at least this time."""

TOLERANCE_KWH = 0.5
"""An increase that is always possible: a device may update a counter some minutes late."""

JOULES_PER_KWH = 3_600_000


def energy_of(power: float, duration: timedelta) -> float:
    """Return the energy in kWh of a power in W."""
    return power * duration.total_seconds() / JOULES_PER_KWH


@dataclass(frozen=True, slots=True)
class Sample:
    """A number of the register, in kWh, and when it was read."""

    value: float
    at: datetime

    def growth_to(self, later: Sample) -> float:
        """Return the difference, without the noise of binary fractions."""
        return round(later.value - self.value, 2)

    def can_reach(self, later: Sample, max_power: float) -> bool:
        """Whether the register can have the later number, with at most this power in W.

        A clock that was set back was wrong by the difference: the time between is unknown.
        """
        possible = TOLERANCE_KWH + energy_of(max_power, abs(later.at - self.at))
        return 0 <= self.growth_to(later) <= possible

    def to_list(self) -> list[Any]:
        """Return what is stored."""
        return [self.value, self.at.isoformat()]

    @classmethod
    def from_list(cls, stored: list[Any]) -> Self:
        """Build from what was stored. Raises LookupError, TypeError or ValueError."""
        value = float(stored[0])
        if not isfinite(value):
            raise ValueError(value)
        return cls(value, parse_moment(stored[1]))


def parse_moment(text: str) -> datetime:
    """Parse a stored time. Raises TypeError, or ValueError for one without a time zone."""
    at = datetime.fromisoformat(text)
    if at.tzinfo is None:
        raise ValueError(text)
    return at


@dataclass(frozen=True, slots=True, kw_only=True)
class Rebasing:
    """A change of a register's basis: its number before and after, and the new offset, in kWh."""

    at: datetime
    before: float
    after: float
    offset: float

    def to_dict(self) -> dict[str, Any]:
        """Return what is stored."""
        return asdict(self) | {"at": self.at.isoformat()}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """Build from what was stored."""
        numbers = {key: float(stored[key]) for key in ("before", "after", "offset")}
        return cls(at=parse_moment(stored["at"]), **numbers)


@dataclass(slots=True)
class Candidate:
    """Rejected samples that are consistent with each other: perhaps the counter's new basis."""

    first: Sample
    last: Sample
    level: Sample
    """The newest sample to which only usual growth leads: a false rise at the end is not confirmed."""
    count: int = 0
    """Its samples, less the others since."""

    def fits(self, here: Sample, max_power: float) -> bool:
        """Whether a sample continues this one; it may take back a small increase."""
        growth = self.last.growth_to(here)
        return -TOLERANCE_KWH <= growth <= 0 or self.last.can_reach(here, max_power)

    @property
    def is_confirmed(self) -> bool:
        """Whether the samples are too many to be a disturbance."""
        return self.count >= CONFIRM_SAMPLES and self._lasted >= ODD_TIME

    @property
    def is_basis(self) -> bool:
        """Whether the samples have lasted so long that the register has another basis."""
        return self.is_confirmed and self._lasted >= CONFIRM_TIME

    @property
    def _lasted(self) -> timedelta:
        return abs(self.last.at - self.first.at)

    def to_list(self) -> list[Any]:
        """Return what is stored."""
        samples = (self.first, self.last, self.level)
        return [*(one.to_list() for one in samples), self.count]

    @classmethod
    def from_list(cls, stored: list[Any]) -> Self:
        """Build from what was stored. Raises LookupError, TypeError or ValueError."""
        *samples, count = stored
        first, last, level = map(Sample.from_list, samples)
        return cls(first, last, level, int(count))
