"""The energy ledger: the lifetime counters of one inverter, and the PV energy as the sum of its parts."""

from collections.abc import Callable, Iterator, Mapping, Sequence, Set as AbstractSet
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from .counter_samples import Rebasing
from .monotonic_counter import MonotonicCounter
from .plausibility import Rejection
from .pv_energy import LateEnergy, PvEnergy
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


class CounterRebasing(NamedTuple):
    """A rebasing, and the key of its counter."""

    key: str
    rebasing: Rebasing


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
        """Return until when a total contains all energy but `late_energies`; None before the first number."""
        if key == PV_ENERGY_KEY:
            return self.pv.confirmed_at
        last = self._counters[key].last
        return last.at if last else None

    def late_energies(self, key: str) -> Sequence[LateEnergy]:
        """Return what parts of a total have added late."""
        return self.pv.late if key == PV_ENERGY_KEY else ()

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
        at = snapshot.measured_at
        for one in COUNTERS:
            sample, counter = one.of(snapshot), self._counters[one.key]
            if one.part in snapshot.held:
                continue  # Its number is an earlier one, perhaps from before a pause.
            if isinstance(sample, int | float) and (
                reason := counter.update(sample, at, max_power=max_power)
            ):
                record(Rejection(one.key, at, sample, counter.value, reason))
        system = snapshot.totals.pv_energy_total if snapshot.totals else None
        registers = snapshot.pv_meter
        snapshot = self.show(snapshot)
        parts = dict.fromkeys(PV_ENERGY_BLOCKS & served) | self._pv_parts(
            snapshot, registers, at
        )
        self.pv.update(
            parts,
            at,
            confirmed=self._confirmed_parts(snapshot, at),
            system_total=system,
            max_power=max_power,
        )
        return replace(
            snapshot,
            pv_energy_total=self.pv.value,
            pv_meter_direction=self.direction,
        )

    def _pv_parts(
        self, snapshot: Snapshot, registers: PvMeter | None, at: datetime
    ) -> dict[str, float | None]:
        """Return the parts of the PV energy that were read; `registers` has the meter's own numbers."""
        parts: dict[str, float | None] = {}
        if snapshot.state and InverterState.name not in snapshot.held:
            parts[InverterState.name] = self.value(_STRINGS_KEY)
        meter = None if PvMeter.name in snapshot.held else snapshot.pv_meter
        if meter and all(self.value(key) is not None for key in _METER_KEYS):
            self._detector.update(
                meter,
                at,
                registers=energies_of(registers or meter),
                are_accepted=self._has_accepted(registers or meter),
                others=snapshot.power_without_pv_meter,
            )
            parts[PvMeter.name] = self.direction.generated_energy(meter)
        return parts

    def _confirmed_parts(self, snapshot: Snapshot, at: datetime) -> set[str]:
        """Return the parts of the PV energy of which the number was accepted now, and is certain."""
        keys = {InverterState.name: _STRINGS_KEY}
        if (meter := snapshot.pv_meter) and not self.direction.doubted_at:
            keys[PvMeter.name] = _METER_KEYS[self.direction.index(energies_of(meter))]
        counters = {name: self._counters[key] for name, key in keys.items()}
        return {
            name for name, one in counters.items() if one.last and one.last.at == at
        }

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
