"""Which of a PV meter's two counters counts what the sun gives, also after its transformer was turned round."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from .registers import PvMeter

JUDGED_AFTER = timedelta(days=1)
"""A day and a night: by then a roof has had its sun."""

PROOF = 1.0
"""kWh; more in a day than a PV inverter draws at night."""

SHARE = 0.1
"""The counter that does not count generation moves by at most this much of the other one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """How generation follows from a PV meter's two counters."""

    counter: int | None = None
    """1 or 2; None until it has changed: then the one that has come further."""
    before: float = 0.0
    """kWh that the other one had counted more, before the change."""

    def energy(self, meter: PvMeter) -> float:
        """Say what the meter has seen generated in its life, in kWh."""
        return round(_counts(meter)[self.which(meter)] + self.before, 2)

    def which(self, meter: PvMeter) -> int:
        """Say which counter counts generation: 0 for the first, 1 for the second.

        Which one it is depends on how round the installer put the transformer; no
        register tells. The other one holds what a PV inverter draws at night: 0.05
        against 3204.90 kWh in the one meter that is known. So the higher one it is.
        """
        if self.counter is not None:
            return self.counter - 1
        first, second = _counts(meter)
        return 0 if first >= second else 1

    def as_dict(self) -> dict[str, Any]:
        """Lay it out for storage."""
        return {"counter": self.counter, "before": self.before}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """Take it back out of storage."""
        return cls(counter=stored["counter"], before=stored["before"])


UNTURNED = Course()
"""As nearly every meter is for ever."""


class MeterWatch:
    """Notices that a transformer was turned round: from then on the other counter grows.

    The higher one would stand still until the other one has caught up, for years.
    Each day is judged on its own, by energy rather than by a moment's power: what a
    garage behind the meter draws in one night must not look like generation.
    """

    def __init__(self) -> None:
        """Begin with a transformer that was never turned."""
        self.course = UNTURNED
        self._since: tuple[datetime, PvMeter] | None = None

    def follow(self, meter: PvMeter, at: datetime) -> None:
        """Take what both counters say now; zeros are those of an inverter that wakes up."""
        if not any(_counts(meter)):
            return
        if self._since is None:
            self._since = at, meter
            return
        begun, earlier = self._since
        own = self.course.which(earlier)
        grown = [now - then for now, then in _pairs(meter, earlier)]
        if grown[own] < 0:
            # Another meter: what the old one had counted is not in this one.
            self.course, self._since = UNTURNED, (at, meter)
        elif at - begun >= JUDGED_AFTER:
            self._since = at, meter
            if grown[1 - own] >= max(PROOF, grown[own] / SHARE):
                self._turn(earlier, own)

    def _turn(self, earlier: PvMeter, own: int) -> None:
        """Go on with the other counter, from where generation stood."""
        other = _counts(earlier)[1 - own]
        before = round(self.course.energy(earlier) - other, 2)
        self.course = Course(counter=2 - own, before=before)


def _counts(meter: PvMeter) -> tuple[float, float]:
    return meter.energy_1_total, meter.energy_2_total


def _pairs(one: PvMeter, other: PvMeter) -> zip[tuple[float, float]]:
    return zip(_counts(one), _counts(other), strict=True)
