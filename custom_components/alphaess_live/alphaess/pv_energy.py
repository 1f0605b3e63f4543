"""The PV energy of one inverter: the sum of all parts that were ever counted."""

from collections.abc import Mapping, Set as AbstractSet
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, NamedTuple, Self

from .counter_samples import (
    CONFIRM_SAMPLES,
    CONFIRM_TIME,
    TOLERANCE_KWH,
    Rebasing,
    Sample,
    parse_moment,
)
from .monotonic_counter import ROUNDING_KWH, USUAL_SHARE

KEPT_LATE = 10
_SYSTEM_SHARE = 0.002
"""By how much the system's PV total may differ from the sum of the parts: it is updated at another time."""


@dataclass(slots=True)
class _Part:
    """A part of the PV energy: what it has counted, and the offset with which it joined, in kWh."""

    value: float
    offset: float
    confirmed_at: datetime | None = None
    """Until when it contains all that was counted; None if that is not known."""

    @property
    def energy(self) -> float:
        return self.value + self.offset


class LateEnergy(NamedTuple):
    """Energy in kWh that one part has counted in a gap, while other parts were known."""

    energy: float
    since: datetime
    until: datetime


@dataclass(slots=True)
class _Opening:
    """The parts that are there while others are still missing."""

    names: frozenset[str]
    first: Sample
    """Their sum."""
    count: int = 0


@dataclass(slots=True)
class PvEnergy:
    """The PV energy: the sum of all parts that were ever counted, in kWh. It never falls.

    A part that is missing keeps its value. A part that is new adds only what it counts
    from then on, except at the very first setup.
    """

    value: float | None = None
    """None before all parts are known."""
    base: float = 0.0
    """What the sum had more than its parts when they were first known."""
    parts: dict[str, _Part] = field(default_factory=dict)
    rebasings: list[Rebasing] = field(default_factory=list)
    confirmed_at: datetime | None = None
    """Until when it contains what its parts have counted, except for what comes late."""
    late: list[LateEnergy] = field(default_factory=list)
    """What came late recently, oldest first."""
    _restored: Sample | None = None
    _opening: _Opening | None = None

    @property
    def offset(self) -> float:
        """What is added to the values of the parts."""
        return round(self.base + sum(one.offset for one in self.parts.values()), 2)

    def restore(self, value: float, at: datetime) -> None:
        """Continue at least at a value that was shown."""
        if self.value is None or value > self.value:
            self.value = value
            if not self.parts:
                self._restored = Sample(value, at)

    def update(
        self,
        values: Mapping[str, float | None],
        at: datetime,
        *,
        confirmed: AbstractSet[str],
        system_total: float | None,
        max_power: float,
    ) -> None:
        """Update the parts that an inverter serves; None for one that is missing or reads 0.

        `confirmed` are those that contain now all that was counted.
        """
        counted = {name: one for name, one in values.items() if one is not None}
        if not self.parts:
            missing = values.keys() - counted.keys()
            agrees = _agrees(sum(counted.values()), system_total)
            self._open(counted, at, is_complete=not missing or agrees, power=max_power)
        if not self.parts:
            return
        for name, one in counted.items():
            part = self.parts.setdefault(name, _Part(one, 0.0 - one, at))
            self._grow(part, one, at)
            if name in confirmed:
                part.confirmed_at = at
        self.confirmed_at = at
        total = self.base + sum(one.energy for one in self.parts.values())
        self.value = max(round(total, 2), self.value or 0.0)

    def _grow(self, part: _Part, value: float, at: datetime) -> None:
        """Grow a part; what it has counted since before the last update comes late."""
        grown, since, last_at = value - part.value, part.confirmed_at, self.confirmed_at
        if grown <= 0:
            return
        part.value, part.confirmed_at = value, at
        if since and last_at and since < last_at:
            self.late = [*self.late[1 - KEPT_LATE :], LateEnergy(grown, since, at)]

    def _open(
        self,
        counted: Mapping[str, float],
        at: datetime,
        *,
        is_complete: bool,
        power: float,
    ) -> None:
        """Begin with the parts that are there, if they are all, and continue what was shown before."""
        if not counted:
            return
        here = Sample(sum(counted.values()), at)
        names = frozenset(name for name, one in counted.items() if one)
        if self._opening is None or self._opening.names != names:
            self._opening = _Opening(names, here)
        opening, restored = self._opening, self._restored
        opening.count += 1
        lasted = at - opening.first.at
        waited = opening.count >= CONFIRM_SAMPLES and lasted >= CONFIRM_TIME
        lowest = restored and Sample(restored.value - ROUNDING_KWH, restored.at)
        continues = lowest is None or lowest.can_reach(here, USUAL_SHARE * power)
        if not waited and not (is_complete and continues):
            return
        if restored and not continues:
            self.base = restored.growth_to(opening.first) * -1
            rebasing = Rebasing(
                at=at, before=restored.value, after=here.value, offset=self.base
            )
            self.rebasings.append(rebasing)
        self.parts = {name: _Part(one, 0.0, at) for name, one in counted.items()}

    def to_dict(self) -> dict[str, Any]:
        """Return what is stored."""
        return {
            "value": self.value,
            "base": self.base,
            "parts": {
                name: [one.value, one.offset] for name, one in self.parts.items()
            },
            "rebasings": [one.to_dict() for one in self.rebasings],
            "restored": self._restored and self._restored.to_list(),
            "confirmed": {
                name: one.confirmed_at.isoformat()
                for name, one in self.parts.items()
                if one.confirmed_at
            },
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """Build from what was stored. Raises KeyError, TypeError or ValueError."""
        value, restored = stored["value"], stored["restored"]
        confirmed = {
            name: parse_moment(at) for name, at in stored.get("confirmed", {}).items()
        }
        return cls(
            value=None if value is None else float(value),
            base=float(stored["base"]),
            parts={
                name: _Part(float(value), float(offset), confirmed.get(name))
                for name, (value, offset) in stored["parts"].items()
            },
            rebasings=[Rebasing.from_dict(one) for one in stored["rebasings"]],
            _restored=restored and Sample.from_list(restored),
        )


def _agrees(total: float, system_total: float | None) -> bool:
    """Whether the system's own PV total, if its scale is known, is the sum of the parts."""
    margin = max(_SYSTEM_SHARE * total, 2 * TOLERANCE_KWH)
    return system_total is not None and abs(system_total - total) <= margin
