"""A lifetime counter that only grows, whatever its register contains: the register's number plus an offset."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from itertools import pairwise
from typing import Any, Self

from .counter_samples import (
    CONFIRM_TIME,
    TOLERANCE_KWH,
    Candidate,
    Rebasing,
    Sample,
    energy_of,
)

FEW_SAMPLES = 3
"""Consistent samples with which a counter begins, or has a basis of before without a leap of its value."""

ROUNDING_KWH = 0.2
"""A restored value that is higher by this is no error: the coarsest counter has steps of 0.1."""

STEP_KWH = 0.1
USUAL_SHARE = 0.3
USUAL_GAP = timedelta(minutes=1)
MAX_INTERVAL = timedelta(minutes=5)
"""A sample is accepted at once if this share of the highest power explains it, for the first time at most.

Where samples are regularly further apart: for their interval, and for the second time at most.
"""

MAX_LATENESS = timedelta(minutes=15)
"""For how long a device may not update a counter that grows."""

SPIKE_TIME = timedelta(minutes=30)
"""An increase that is taken back within this time was no energy."""

RETURN_TIME = timedelta(days=1)
"""For how long an earlier basis is recognized."""

MAX_LIFETIME_HOURS = 10 * 365 * 24
"""Ten years at the highest plausible power: no counter can be higher."""

KEPT_REBASINGS = 10
KEPT_INCREASES = 30


class RejectionReason(StrEnum):
    """Why a sample was rejected."""

    DECREASED = "decreased"
    """A counter was lower than before."""
    JUMPED = "jumped"
    """A counter grew, or a value changed, by more than is possible since the last sample."""
    IMPOSSIBLE = "impossible"
    """No inverter of this size can have measured it."""
    CONTRADICTED = "contradicted"
    """Other values of the same block show something else."""


@dataclass(frozen=True, slots=True)
class _Basis:
    """An offset, and the last number to which it applied."""

    offset: float
    last: Sample


@dataclass(slots=True)
class MonotonicCounter:
    """One lifetime counter, in kWh.

    Its value is the register's number plus an offset, and never falls. More growth than
    usual, as after an outage, is shown when many samples have confirmed it. A sample that
    is lower than before, or higher than possible, is rejected: the value stays. If such
    samples continue consistently for long, the register has another basis, and the
    offset changes so that the value continues, with what was counted meanwhile.
    Zeros are never accepted instead of a number: an inverter sends them while it starts.
    """

    value: float | None = None
    """None before the first plausible sample."""
    offset: float = 0.0
    last: Sample | None = None
    """The last accepted sample."""
    rebasings: list[Rebasing] = field(default_factory=list)
    """The last ones, oldest first."""
    begins_late: bool = False
    """Whether the first value is confirmed like unusual growth, because a total that was shown contains it."""
    _recent: list[Sample] = field(default_factory=list)
    """The numbers before the last one, each with the time of the increase that followed it."""
    _candidates: list[Candidate] = field(default_factory=list)
    _earlier: list[_Basis] = field(default_factory=list)
    _first_zero: Sample | None = None
    _zero_count: int = 0
    _rounding: float = 0.0
    """By how much the next sample may be lower than a restored value."""
    _newest_at: datetime | None = None
    _interval: timedelta = timedelta()
    """Between the last two samples."""
    _usual_gap: timedelta = USUAL_GAP

    def restore(self, value: float, at: datetime) -> None:
        """Continue at least at a value that was shown, in kWh, also if the register is not read."""
        if self.value is not None and value <= self.value:
            return
        self.value, self._rounding = value, ROUNDING_KWH
        if self.last:
            at = max(at, self.last.at)
            self._increase(self.last, at)
        self.last = Sample(round(value - self.offset, 2), at)

    def update(
        self, sample: float, at: datetime, *, max_power: float
    ) -> RejectionReason | None:
        """Accept a sample, or return why it is rejected. `max_power` is in W."""
        if at == self._newest_at:
            return None  # The same sample again confirms nothing.
        self._measure_interval(at)
        here = Sample(sample, at)
        if not 0 <= sample <= max_power / 1000 * MAX_LIFETIME_HOURS:
            return RejectionReason.IMPOSSIBLE
        if self.last is None:
            self._begin(here, max_power)
        elif self._passes(self.last, here, max_power):
            return self._collect(self.last, here, max_power)
        elif self._continues(self.last, here, max_power):
            self._accept(self.last, here)
        elif not sample:
            return RejectionReason.DECREASED
        elif self._ends_spike(self.last, here):
            self._recent = [one for one in self._recent if one.value <= sample]
            self.last = here
        else:
            return self._collect(self.last, here, max_power)
        return None

    def _measure_interval(self, at: datetime) -> None:
        interval = abs(at - self._newest_at) if self._newest_at else timedelta()
        regular = min(interval, self._interval, MAX_INTERVAL)
        self._usual_gap = max(regular, USUAL_GAP)
        self._interval, self._newest_at = interval, at

    def _begin(self, here: Sample, max_power: float) -> None:
        """Begin with a number if it is confirmed; with a zero only if it stays."""
        if here.value:
            if not self.begins_late:
                # An odd number among few samples would be where the counter begins.
                self._candidates = [
                    one
                    for one in self._candidates
                    if self._continues(one.last, here, max_power)
                ]
            candidate = self._extend(here, max_power)
            few = not self.begins_late and candidate.count >= FEW_SAMPLES
            if few or candidate.is_confirmed:
                self._adopt(candidate, max_power)
                self._increase(candidate.first, here.at)
            return
        self._zero_count += 1
        self._discount(None)
        self._first_zero = self._first_zero or here
        lasted = here.at - self._first_zero.at
        if self._zero_count >= FEW_SAMPLES and lasted >= CONFIRM_TIME:
            self._candidates.clear()
            self._set(here)

    def _adopt(self, candidate: Candidate, max_power: float) -> None:
        """Continue with a confirmed candidate; what it has beyond its level is confirmed next."""
        self._candidates.clear()
        self._set(candidate.level)
        if candidate.level != candidate.last:
            self._extend(candidate.last, max_power)

    def _continues(self, last: Sample, here: Sample, max_power: float) -> bool:
        if here.value == last.value:
            return True
        gap = min(abs(here.at - last.at), self._usual_gap)
        possible = STEP_KWH + energy_of(USUAL_SHARE * max_power, gap)
        return -self._rounding <= last.growth_to(here) <= possible

    def _passes(self, last: Sample, here: Sample, max_power: float) -> bool:
        """Whether a lower basis has only grown to where the counter was before it fell."""
        return any(
            one.count >= FEW_SAMPLES
            and one.first.growth_to(last) > TOLERANCE_KWH
            and self._continues(one.last, here, max_power)
            for one in self._candidates
        )

    def _accept(self, last: Sample, here: Sample) -> None:
        self._rounding = 0.0
        if here.value > last.value:
            self._increase(last, here.at)
            self._candidates.clear()
        else:
            self._discount(None)
        self._set(here)

    def _increase(self, last: Sample, at: datetime) -> None:
        self._recent = [*self._recent[1 - KEPT_INCREASES :], Sample(last.value, at)]

    def _set(self, here: Sample) -> None:
        self.last = here
        self.value = max(round(here.value + self.offset, 2), self.value or 0.0)

    def _ends_spike(self, last: Sample, here: Sample) -> bool:
        """Whether a lower sample only takes back one increase: what was before it continues.

        A register with a lower basis hardly falls by as much as it has just risen.
        """
        fallen = here.growth_to(last)
        return fallen > 0 and any(
            before.value <= here.value
            and before.growth_to(after) >= fallen
            and abs(here.at - before.at) <= SPIKE_TIME
            for before, after in pairwise((*self._recent, last))
        )

    def _collect(
        self, last: Sample, here: Sample, max_power: float
    ) -> RejectionReason | None:
        """Add a sample to its candidate, and continue with that if it is confirmed."""
        if last.can_reach(here, USUAL_SHARE * max_power):
            # The register has reached the value that waited for it.
            self._candidates = [
                one
                for one in self._candidates
                if not self._is_slightly_lower(last, one.first)
            ]
        candidate = self._extend(here, max_power)
        usual = last.can_reach(candidate.first, USUAL_SHARE * max_power)
        if usual and candidate.is_confirmed:
            self._grow(candidate)
        elif usual:
            return None  # Not rejected, but shown only if it is confirmed.
        elif not self._switch(last, candidate, max_power):
            fell = here.value < last.value
            return RejectionReason.DECREASED if fell else RejectionReason.JUMPED
        self._adopt(candidate, max_power)
        return None

    def _extend(self, here: Sample, max_power: float) -> Candidate:
        """Add a sample to the candidate that it continues, or else to a new one."""
        fitting = [
            one
            for one in self._candidates
            if one.fits(here, max_power)
            and not self._is_odd_before_pause(one, here, max_power)
        ]
        candidate = max(fitting, key=lambda one: one.last.value, default=None)
        if candidate is None:
            candidate = Candidate(here, here, here)
            self._candidates.append(candidate)
        level = candidate.level
        if here.value <= level.value or self._continues(level, here, max_power):
            candidate.level = here
        candidate.last, candidate.count = here, candidate.count + 1
        self._discount(candidate)
        return candidate

    def _is_odd_before_pause(
        self, one: Candidate, here: Sample, max_power: float
    ) -> bool:
        """Whether a sample after a pause has grown from the last one: so much fits odd numbers of before, too."""
        power = USUAL_SHARE * max_power
        return (
            self.last is not None
            and abs(here.at - one.last.at) > self._usual_gap
            and self.last.can_reach(here, power)
            and not self.last.can_reach(one.first, power)
        )

    def _discount(self, chosen: Candidate | None) -> None:
        """Count a sample that is none of the other candidates; remove those that have no more left."""
        for one in self._candidates:
            one.count -= one is not chosen
        self._candidates = [one for one in self._candidates if one.count > 0]

    def _switch(self, last: Sample, to: Candidate, max_power: float) -> bool:
        """Continue on the basis of a candidate if that is confirmed; return whether it is."""
        known = self._find_earlier(to.first, max_power)
        is_close = known and self._is_close(known, to.level, max_power)
        if not (to.is_confirmed or (is_close and to.count >= FEW_SAMPLES)):
            return False
        if known:
            self._rebase(last, to, known.offset)
        elif self._takes_back(last, to.first):
            self._recent = [one for one in self._recent if one.value <= to.level.value]
        elif not to.is_basis:
            return False
        elif last.can_reach(to.first, max_power) or self._is_late(
            last, to.first, max_power
        ):
            self._grow(to)
        else:
            self._rebase(last, to, round(self.offset - last.growth_to(to.first), 2))
        return True

    def _grow(self, to: Candidate) -> None:
        """Regard confirmed growth as no spike: nothing lower takes it back."""
        self._recent = [Sample(to.level.value, to.last.at)]

    def _takes_back(self, last: Sample, first: Sample) -> bool:
        """Whether a lower number only takes back several small increases."""
        return self._is_slightly_lower(last, first) and any(
            before.value <= first.value and abs(first.at - before.at) <= CONFIRM_TIME
            for before in self._recent
        )

    def _is_slightly_lower(self, last: Sample, first: Sample) -> bool:
        """Whether a number is so little lower that the value waits until the register is there."""
        return 0 < first.growth_to(last) <= TOLERANCE_KWH

    def _is_close(self, known: _Basis, level: Sample, max_power: float) -> bool:
        """Whether the value hardly grows with an earlier basis: few samples can do no harm then."""
        shown = Sample(round((self.value or 0) - known.offset, 2), known.last.at)
        return level.value <= shown.value or self._continues(shown, level, max_power)

    def _is_late(self, last: Sample, first: Sample, max_power: float) -> bool:
        """Whether the device only updates its register seldom."""
        changed_at = self._recent[-1].at if self._recent else last.at
        late = min(abs(first.at - changed_at), MAX_LATENESS)
        possible = TOLERANCE_KWH + energy_of(USUAL_SHARE * max_power, late)
        return 0 <= last.growth_to(first) <= possible

    def _find_earlier(self, first: Sample, max_power: float) -> _Basis | None:
        """Find a basis of before that the register has again."""
        for one in reversed(self._earlier):
            is_recent = abs(first.at - one.last.at) <= RETURN_TIME
            if is_recent and one.last.can_reach(first, max_power):
                return one
        return None

    def _rebase(self, last: Sample, to: Candidate, offset: float) -> None:
        others = [one for one in self._earlier if one.offset != offset]
        self._earlier = [*others, _Basis(self.offset, last)][-FEW_SAMPLES:]
        self.offset, self._recent, self._rounding = offset, [], 0.0
        rebasing = Rebasing(
            at=to.last.at, before=last.value, after=to.last.value, offset=offset
        )
        self.rebasings = [*self.rebasings, rebasing][-KEPT_REBASINGS:]

    def to_dict(self) -> dict[str, Any]:
        """Return what is stored."""
        return {
            "value": self.value,
            "offset": self.offset,
            "last": self.last and self.last.to_list(),
            "recent": [one.to_list() for one in self._recent],
            "candidates": [one.to_list() for one in self._candidates],
            "earlier": [[one.offset, one.last.to_list()] for one in self._earlier],
            "rebasings": [one.to_dict() for one in self.rebasings],
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """Build from what was stored. Raises KeyError, TypeError or ValueError."""
        last = stored["last"] and Sample.from_list(stored["last"])
        return cls(
            value=float(stored["value"]) if last else None,
            offset=float(stored["offset"]),
            last=last,
            rebasings=[Rebasing.from_dict(one) for one in stored["rebasings"]],
            _recent=[Sample.from_list(one) for one in stored["recent"]],
            _candidates=[Candidate.from_list(one) for one in stored["candidates"]],
            _earlier=[
                _Basis(float(offset), Sample.from_list(sample))
                for offset, sample in stored["earlier"]
            ],
        )
