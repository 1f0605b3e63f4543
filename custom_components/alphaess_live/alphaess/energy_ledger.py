"""The energy ledger: the lifetime counters of one inverter, and the PV energy as the sum of its parts."""

from collections.abc import Callable, Iterator, Mapping, Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, NamedTuple, Self

from .counter_samples import (
    CONFIRM_SAMPLES,
    CONFIRM_TIME,
    TOLERANCE_KWH,
    Rebasing,
    Sample,
)
from .monotonic_counter import ROUNDING_KWH, USUAL_SHARE, MonotonicCounter
from .plausibility import Rejection
from .pv_meter_direction import (
    DirectionEvidence,
    MeterDirection,
    MeterDirectionDetector,
    energies_of,
)
from .registers import BLOCKS, InverterState, PvMeter
from .registers.register import Quantity as Q
from .snapshot import PV_ENERGY_BLOCKS, PV_ENERGY_KEY, READINGS, Snapshot

COUNTERS = tuple(
    one
    for one in READINGS
    if one.quantity is Q.ENERGY
    and one.part in {block.name for block in BLOCKS if not block.slow}
)
"""The readings of lifetime registers."""

COUNTER_KEYS = (*(one.key for one in COUNTERS), PV_ENERGY_KEY)
"""The keys of all totals of the ledger."""

_STRINGS_KEY = f"{InverterState.prefix}pv_energy_total"
_METER_KEYS = tuple(one.key for one in COUNTERS if one.part == PvMeter.name)
_SYSTEM_SHARE = 0.002
"""By how much the system's PV total may differ from the sum of the parts: it is updated at another time."""


class CounterRebasing(NamedTuple):
    """A rebasing, and the key of its counter."""

    key: str
    rebasing: Rebasing


@dataclass(slots=True)
class _Part:
    """A part of the PV energy: what it has counted, and the offset with which it joined, in kWh."""

    value: float
    offset: float

    @property
    def energy(self) -> float:
        return self.value + self.offset


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
    """Until when it contains all that its parts have counted."""
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
        system_total: float | None,
        max_power: float,
    ) -> None:
        """Update the parts that an inverter serves; None for one that is missing or reads 0."""
        counted = {name: one for name, one in values.items() if one is not None}
        if not self.parts:
            missing = values.keys() - counted.keys()
            agrees = _agrees(sum(counted.values()), system_total)
            self._open(counted, at, is_complete=not missing or agrees, power=max_power)
        if not self.parts:
            return
        for name, one in counted.items():
            part = self.parts.setdefault(name, _Part(one, 0.0 - one))
            part.value = max(part.value, one)
        total = self.base + sum(one.energy for one in self.parts.values())
        self.value = max(round(total, 2), self.value or 0.0)

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
        self.parts = {name: _Part(one, 0.0) for name, one in counted.items()}

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
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """Build from what was stored. Raises KeyError, TypeError or ValueError."""
        value, restored = stored["value"], stored["restored"]
        return cls(
            value=None if value is None else float(value),
            base=float(stored["base"]),
            parts={
                name: _Part(float(value), float(offset))
                for name, (value, offset) in stored["parts"].items()
            },
            rebasings=[Rebasing.from_dict(one) for one in stored["rebasings"]],
            _restored=restored and Sample.from_list(restored),
        )


def _agrees(total: float, system_total: float | None) -> bool:
    """Whether the system's own PV total, if its scale is known, is the sum of the parts."""
    margin = max(_SYSTEM_SHARE * total, 2 * TOLERANCE_KWH)
    return system_total is not None and abs(system_total - total) <= margin


class EnergyLedger:
    """All energy totals of one inverter, over restarts, outages and exchanged parts.

    What it returns is what sensors, REST and feed show. Firmware, serial numbers and
    outages reset nothing.
    """

    def __init__(self) -> None:
        """Start without any history."""
        self.pv = PvEnergy()
        self._counters = {one.key: MonotonicCounter() for one in COUNTERS}
        self._detector = MeterDirectionDetector()
        self._reported: set[CounterRebasing] = set()

    @property
    def direction(self) -> MeterDirection:
        """Which of the PV meter's counters counts generation."""
        return self._detector.direction

    def restore_direction(self, direction: MeterDirection) -> None:
        """Restore what was known of the PV meter before a restart."""
        self._detector.direction = direction

    def value(self, key: str) -> float | None:
        """Return a total in kWh; None before the first plausible number."""
        return self._total(key).value

    def confirmed_at(self, key: str) -> datetime | None:
        """Return until when a total contains all energy; None before the first number."""
        if key == PV_ENERGY_KEY:
            return self.pv.confirmed_at
        last = self._counters[key].last
        return last.at if last else None

    def offset(self, key: str) -> float:
        """Return what is added to the register's number, in kWh."""
        return self._total(key).offset

    def register_value(self, key: str) -> float | None:
        """Return the number of the register that was accepted last; of the PV energy, the sum of its parts."""
        if key == PV_ENERGY_KEY:
            parts = self.pv.parts.values()
            return round(sum(one.value for one in parts), 2) if parts else None
        last = self._counters[key].last
        return last.value if last else None

    def restore(self, key: str, value: float, at: datetime) -> None:
        """Continue a total at least at a value that was shown."""
        self._total(key).restore(value, at)
        if key == PV_ENERGY_KEY and not self.pv.parts:
            # The total contains what its parts have counted, and would keep an odd number.
            for part in (_STRINGS_KEY, *_METER_KEYS):
                self._counters[part].begins_late = True

    def _total(self, key: str) -> MonotonicCounter | PvEnergy:
        return self.pv if key == PV_ENERGY_KEY else self._counters[key]

    def update(
        self,
        snapshot: Snapshot,
        served: AbstractSet[str],
        *,
        max_power: float,
        record: Callable[[Rejection], None],
    ) -> Snapshot:
        """Return the snapshot with the totals instead of the registers' numbers.

        `served` has the names of the blocks that the inverter serves. A number that
        cannot be true is None before the first good one.
        """
        at = confirmed_at = snapshot.measured_at
        for one in COUNTERS:
            sample, counter = one.of(snapshot), self._counters[one.key]
            if isinstance(sample, int | float) and (
                reason := counter.update(sample, at, max_power=max_power)
            ):
                record(Rejection(one.key, at, sample, counter.value, reason))
            if sample and counter.last and one.key in (_STRINGS_KEY, *_METER_KEYS):
                confirmed_at = min(confirmed_at, counter.last.at)
        self.pv.confirmed_at = confirmed_at
        system = snapshot.totals.pv_energy_total if snapshot.totals else None
        registers = snapshot.pv_meter
        snapshot = self.show(snapshot)
        parts: dict[str, float | None] = dict.fromkeys(PV_ENERGY_BLOCKS & served)
        if snapshot.state:
            parts[InverterState.name] = self.value(_STRINGS_KEY)
        meter = snapshot.pv_meter
        if meter and all(self.value(key) is not None for key in _METER_KEYS):
            self._detector.update(
                meter,
                at,
                registers=energies_of(registers or meter),
                are_accepted=self._has_accepted(registers or meter),
                others=snapshot.power_without_pv_meter,
            )
            parts[PvMeter.name] = self.direction.generated_energy(meter)
        self.pv.update(parts, at, system_total=system, max_power=max_power)
        return replace(
            snapshot,
            pv_energy_total=self.pv.value,
            pv_meter_direction=self.direction,
        )

    def _has_accepted(self, meter: PvMeter) -> bool:
        """Whether the numbers of the meter's registers were accepted."""
        accepted = tuple(self.register_value(key) for key in _METER_KEYS)
        return energies_of(meter) == accepted

    def show(self, snapshot: Snapshot) -> Snapshot:
        """Return a snapshot with the totals, without a new sample of them."""
        fields: dict[str, dict[str, float | None]] = {}
        for one in COUNTERS:
            sample, value = one.of(snapshot), self._counters[one.key].value
            if isinstance(sample, int | float) and sample != value:
                fields.setdefault(one.part, {})[one.field] = value
        changed: dict[str, Any] = {
            part: replace(getattr(snapshot, part), **values)
            for part, values in fields.items()
        }
        return replace(snapshot, **changed) if changed else snapshot

    @property
    def rebasings(self) -> tuple[CounterRebasing, ...]:
        """The last rebasings, by counter, oldest first."""
        return tuple(
            CounterRebasing(key, one)
            for key in COUNTER_KEYS
            for one in self._total(key).rebasings
        )

    def drain_rebasings(self) -> Iterator[CounterRebasing]:
        """Return each rebasing since the last call, once."""
        for one in self.rebasings:
            if one not in self._reported:
                self._reported.add(one)
                yield one

    @property
    def offsets(self) -> Mapping[str, float]:
        """All offsets, by counter and by part of the PV energy: what a crash must not lose."""
        counters = {key: one.offset for key, one in self._counters.items()}
        parts = {name: one.offset for name, one in self.pv.parts.items()}
        return counters | parts | {PV_ENERGY_KEY: self.pv.base}

    def to_dict(self) -> dict[str, Any]:
        """Return what is stored."""
        return {
            "counters": {key: one.to_dict() for key, one in self._counters.items()},
            "pv": self.pv.to_dict(),
            "pv_meter_evidence": self._detector.evidence.to_dict(),
        }

    def load(self, stored: Mapping[str, Any]) -> None:
        """Continue from what was stored. Raises KeyError, TypeError or ValueError, and changes nothing then."""
        counters = {
            key: MonotonicCounter.from_dict(one)
            for key, one in stored["counters"].items()
            if key in self._counters
        }
        pv = PvEnergy.from_dict(stored["pv"])
        if evidence := stored.get("pv_meter_evidence"):
            self._detector.evidence = DirectionEvidence.from_dict(evidence)
        self._counters |= counters
        self.pv = pv
        self._reported = set(self.rebasings)
