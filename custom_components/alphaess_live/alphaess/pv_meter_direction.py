"""Which of a PV meter's two counters counts generation, also after its current transformer was reversed."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from math import isfinite
from typing import Any, Self

from .counter_samples import CONFIRM_SAMPLES, CONFIRM_TIME, energy_of
from .registers import PvMeter

MIN_KNOWN_KWH = 100.0
KNOWN_RATIO = 10
"""A counter that is so high when it is first read, and higher by this factor, counts generation.

What is counted from then on shows nothing: in a dark month, a wallbox behind the meter
uses more than ten times what a small roof generates.
"""

MIN_PROVEN_KWH = 1.0
"""What the meter's power must add up to while it certainly was generation."""

MAX_OTHER_SHARE = 0.1
"""The counter that does not count generation grows by at most this share of the other one."""

MAX_ERROR = 0.5
"""By which share the growth of the counter may differ from what its power adds up to."""

DAYS_TO_REVERSE = 3
"""On so many days, with none between that confirms it, a known direction is disproved before it is replaced."""

MAX_GAP = timedelta(minutes=6)
"""What happened between two readings that are further apart is not known."""

MIN_POWER_WATTS = 200
"""Below this power its sign, and what the others show of it, is no evidence."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterDirection:
    """How the generated energy follows from a PV meter's two counters."""

    counter: int | None = None
    """1 or 2; None before it is known."""
    offset: float = 0.0
    """kWh to add to the counter, so that the energy does not jump at a reversal."""
    sign: int = 1
    """1 if the second counter grows at a positive power, as at the grid meter; otherwise -1."""
    doubted_at: tuple[float, float] | None = None
    """Both counters, in kWh, since when the direction is in doubt: the energy waits there."""

    def generated_power(self, meter: PvMeter, others: float | None) -> float | None:
        """Return the power of generation in W; None if it may as well be a consumption.

        A power of the other sign is a consumption of the branch that is measured: of the
        PV inverter at night, or of a wallbox behind the meter. It generates nothing.
        `others` is the sum of strings, battery and grid, in W; None if it is not known.
        """
        signed, power = self.signed_power(meter), power_of(meter)
        if power is None or signed is not None:
            return None if signed is None else max(signed, 0)
        shown = abs(power) < MIN_POWER_WATTS or is_generation(meter, others)
        return abs(power) if shown else None

    def signed_power(self, meter: PvMeter) -> float | None:
        """Return the power with generation as positive, in W; None if it or the orientation is unknown."""
        counters: tuple[float | None, ...] = meter.energy_1_total, meter.energy_2_total
        energies = energies_of(meter)
        is_new = None not in counters and not self.doubted_at
        is_known = self.counter is not None or (is_new and _is_clear(energies))
        power = power_of(meter)
        if power is None or not is_known:
            return None
        return power * self.sign * (1 if self.index(energies) else -1)

    def generated_energy(self, meter: PvMeter) -> float | None:
        """Return the energy that the meter has counted in its lifetime, in kWh; None if that is unknown."""
        counters: tuple[float | None, ...] = meter.energy_1_total, meter.energy_2_total
        if None in counters:
            return None
        energies = self.doubted_at or energies_of(meter)
        return round(energies[self.index(energies)] + self.offset, 2)

    def index(self, energies: tuple[float, float]) -> int:
        """Return which counter counts generation: 0 for the first, 1 for the second.

        It depends on the orientation of the current transformer, which no register has
        [dxoverdy; openwb]. The other counter holds what a PV inverter draws at night:
        0.05 against 3204.90 kWh in a recorded meter [dxoverdy-dump]. So it is the
        higher one, as long as nothing else is known.
        """
        if self.counter is not None:
            return self.counter - 1
        first, second = energies
        return 0 if first >= second else 1

    def proven(self, index: int, now: tuple[float, float]) -> Self:
        """Return the direction with this counter: it adds what it has counted in doubt."""
        before = self.doubted_at or now
        offset = self.offset + before[self.index(before)] - before[index]
        return replace(
            self, counter=index + 1, offset=round(offset, 2), doubted_at=None
        )

    def to_dict(self) -> dict[str, Any]:
        """Return what is stored."""
        sign = {} if self.sign == 1 else {"sign": self.sign}
        doubt = {"doubted_at": list(self.doubted_at)} if self.doubted_at else {}
        return {"counter": self.counter, "before": self.offset, **sign, **doubt}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """Build from what was stored. Raises LookupError, TypeError or ValueError."""
        counter, sign = stored["counter"], stored.get("sign", 1)
        doubted = stored.get("doubted_at")
        if counter not in (None, 1, 2) or sign not in (1, -1):
            raise ValueError(stored)
        first, second = map(_number, doubted or (0, 0))
        return cls(
            counter=None if counter is None else int(counter),
            offset=_number(stored["before"]),
            sign=int(sign),
            doubted_at=(first, second) if doubted else None,
        )


DEFAULT_DIRECTION = MeterDirection()
"""The direction of a meter that was not read yet."""


@dataclass(slots=True)
class DirectionEvidence:
    """What was seen while the meter certainly measured generation."""

    grown: list[float] = field(default_factory=lambda: [0.0, 0.0])
    """kWh by which both counters grew."""
    expected: float = 0.0
    """kWh to which the power adds up."""
    day: date | None = None
    """When it was collected: another day begins anew, as the night between may be odd."""
    began_at: tuple[float, float] | None = None
    """Both counters when it began."""
    against: list[date] = field(default_factory=list)
    """Days on which it has disproved the direction."""

    def clear(self, day: date) -> None:
        """Begin again."""
        self.day, self.grown = day, [0.0, 0.0]
        self.expected, self.began_at = 0.0, None

    def index(self) -> int | None:
        """Return which counter grew as the power shows it; None if none did, or both."""
        index = 0 if self.grown[0] >= self.grown[1] else 1
        matches = abs(self.grown[index] - self.expected) <= MAX_ERROR * self.expected
        alone = self.grown[1 - index] <= MAX_OTHER_SHARE * self.grown[index]
        return index if matches and alone else None

    def to_dict(self) -> dict[str, Any]:
        """Return what is stored."""
        began = self.began_at and list(self.began_at)
        days = [day.isoformat() for day in self.against]
        return {
            "grown": self.grown,
            "expected": self.expected,
            "day": self.day and self.day.isoformat(),
            "began_at": began,
            "against": days,
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """Build from what was stored. Raises LookupError, TypeError or ValueError."""
        first, second = map(_number, stored["grown"])
        began = stored["began_at"]
        one, other = map(_number, began or (0, 0))
        return cls(
            [first, second],
            _number(stored["expected"]),
            stored["day"] and date.fromisoformat(stored["day"]),
            (one, other) if began else None,
            [date.fromisoformat(day) for day in stored["against"]],
        )


@dataclass(slots=True)
class _Higher:
    """The counter whose register is much higher than the other one, and since when."""

    index: int
    since: datetime
    count: int = 0


class MeterDirectionDetector:
    """Detects which counter counts generation, by what no consumption can cause.

    A consumer behind the meter is fed by strings, battery and grid: together they give
    at least its power. If they give less than half of the meter's power, then the
    meter measures generation, and the counter that grows meanwhile is the right one.
    """

    def __init__(self) -> None:
        """Start with the default direction."""
        self.direction = DEFAULT_DIRECTION
        self.evidence = DirectionEvidence()
        self._last: tuple[datetime, PvMeter, bool] | None = None
        """The last reading, and whether it certainly was generation."""
        self._grown = [0.0, 0.0]
        """kWh that the counter of generation grew at a positive, and at a negative power."""
        self._higher: _Higher | None = None

    def update(
        self,
        meter: PvMeter,
        at: datetime,
        *,
        registers: tuple[float, float],
        are_accepted: bool = True,
        others: float | None,
    ) -> None:
        """Evaluate a reading; the counters as the energy ledger has them: they never fall.

        `registers` are their own numbers, in kWh, which the ledger may have accepted.
        `others` is the sum of strings, battery and grid, in W; None if it is not known.
        """
        if power_of(meter) is None:
            return
        if self.direction.counter is None and max(registers):
            self._begin(energies_of(meter), registers, at, are_accepted=are_accepted)
        generates = is_generation(meter, others)
        last, self._last = self._last, (at, meter, generates)
        if last is None:
            return
        self._evaluate_sign(meter, last[1])
        if generates and last[2] and timedelta() < at - last[0] <= MAX_GAP:
            if self.evidence.day != at.date():
                self.evidence.clear(at.date())
            self._collect(last[1], meter, at - last[0])
            if self.evidence.expected >= MIN_PROVEN_KWH:
                self._conclude(meter, at.date())

    def _begin(
        self,
        now: tuple[float, float],
        registers: tuple[float, float],
        at: datetime,
        *,
        are_accepted: bool,
    ) -> None:
        """Use the counter that was much higher at first, for long; let the energy wait if none was.

        What has grown since then is deducted, so only another basis of a register is a
        first sight again.
        """
        if not _is_clear(now) or (are_accepted and not _is_clear(registers)):
            doubted_at = self.direction.doubted_at or now
            self.direction = replace(self.direction, doubted_at=doubted_at)
        before = self.direction.doubted_at or now
        first = _first_numbers(registers, now, before)
        if not _is_clear(first):
            self._higher = None
            return
        higher = DEFAULT_DIRECTION.index(first)
        if self._higher is None or self._higher.index != higher:
            self._higher = _Higher(higher, at)
        self._higher.count += 1
        lasted = at - self._higher.since
        is_long = self._higher.count >= CONFIRM_SAMPLES and lasted >= CONFIRM_TIME
        if is_long and are_accepted:
            self.direction = self.direction.proven(higher, now)

    def _collect(self, last: PvMeter, meter: PvMeter, duration: timedelta) -> None:
        """Add what was counted between two readings that certainly were generation."""
        evidence, before = self.evidence, energies_of(last)
        evidence.began_at = evidence.began_at or before
        for index, new in enumerate(energies_of(meter)):
            evidence.grown[index] += new - before[index]
        power = (abs(last.power) + abs(meter.power)) / 2
        evidence.expected += energy_of(power, duration)

    def _conclude(self, meter: PvMeter, day: date) -> None:
        """Compare what was collected with the direction, and collect anew."""
        evidence, direction, now = self.evidence, self.direction, energies_of(meter)
        index, began_at = evidence.index(), evidence.began_at
        evidence.clear(day)
        if index is None:
            return
        if direction.counter in (None, index + 1):
            self.direction, evidence.against = direction.proven(index, now), []
            return
        if not direction.doubted_at:
            self.direction = replace(direction, doubted_at=began_at or now)
        if day not in evidence.against:
            evidence.against.append(day)
        if len(evidence.against) >= DAYS_TO_REVERSE:
            self.direction, evidence.against = self.direction.proven(index, now), []

    def _evaluate_sign(self, meter: PvMeter, last: PvMeter) -> None:
        """Reverse the sign if the counter of generation grows at the power of a consumption."""
        power = self.direction.signed_power(meter)
        before = self.direction.signed_power(last)
        if power is None or before is None:
            return
        if min(abs(power), abs(before)) < MIN_POWER_WATTS or power * before < 0:
            return
        own = self.direction.index(energies_of(meter))
        self._grown[power < 0] += energies_of(meter)[own] - energies_of(last)[own]
        if max(self._grown) < MIN_PROVEN_KWH:
            return
        if self._grown[1] > self._grown[0] / MAX_OTHER_SHARE:
            self.direction = replace(self.direction, sign=-self.direction.sign)
        self._grown = [0.0, 0.0]


def is_generation(meter: PvMeter, others: float | None) -> bool:
    """Whether strings, battery and grid give too little for the meter to measure a consumption."""
    power = power_of(meter)
    if others is None or power is None:
        return False
    return abs(power) >= MIN_POWER_WATTS and others < abs(power) / 2


def _first_numbers(
    registers: tuple[float, float],
    now: tuple[float, float],
    before: tuple[float, float],
) -> tuple[float, float]:
    """Return what the registers had before the energies have grown to what they are now."""
    first, second = (
        register - (new - old)
        for register, new, old in zip(registers, now, before, strict=True)
    )
    return first, second


def _is_clear(energies: tuple[float, float]) -> bool:
    """Whether the counters show by their numbers which one counts generation."""
    return max(energies) >= max(MIN_KNOWN_KWH, KNOWN_RATIO * min(energies))


def power_of(meter: PvMeter) -> float | None:
    """Return the power in W; None if it is not known."""
    return meter.power


def energies_of(meter: PvMeter) -> tuple[float, float]:
    """Return both energies; 0 for one that is not known."""
    return meter.energy_1_total or 0.0, meter.energy_2_total or 0.0


def _number(stored: Any) -> float:
    """Return a stored number. Raises TypeError or ValueError for anything else."""
    if isinstance(stored, bool) or not isinstance(stored, int | float):
        raise TypeError(stored)
    if not isfinite(stored):
        raise ValueError(stored)
    return float(stored)
