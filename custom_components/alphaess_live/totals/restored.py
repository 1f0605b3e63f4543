"""Totals that outlive outages and restarts: what was shown before guards what is read after."""

from datetime import datetime, timedelta
from typing import Protocol, override

from ..alphaess.monotonic_counter import MonotonicCounter
from ..alphaess.plausibility import Rejection
from ..alphaess.snapshot import Reading, Snapshot
from ..coordinator import InverterCoordinator


class EnergyTotal(Protocol):
    """A total in kWh, for all the sensors that show it."""

    @property
    def value(self) -> float | None:
        """The newest value that can be true; None before the first."""

    def restore(self, value: float, at: datetime) -> None:
        """Go on from what was shown before a restart."""

    def update(self) -> None:
        """Take the newest sample, unless it cannot be."""


class RestoredCounter(EnergyTotal):
    """A counter of the inverter's.

    Snapshots have been looked through already; but nobody else knows what was shown
    before a restart. That guards what is read after it, until the two agree.
    """

    def __init__(self, coordinator: InverterCoordinator, reading: Reading) -> None:
        """Begin without a value."""
        self._coordinator = coordinator
        self._reading = reading
        self._value: float | None = None
        self._guard: MonotonicCounter | None = MonotonicCounter()
        self._guarded = 0

    @property
    @override
    def value(self) -> float | None:
        return self._value

    @override
    def restore(self, value: float, at: datetime) -> None:
        if self._value is None:
            self._value, self._guard = value, MonotonicCounter(value, at)

    @override
    def update(self) -> None:
        snapshot = self._coordinator.latest
        sample = self._reading.of(snapshot) if snapshot else None
        if snapshot and isinstance(sample, int | float):
            if self._guard:
                self._doubt(self._guard, sample, snapshot)
            else:
                self._value = sample

    def _doubt(
        self, guard: MonotonicCounter, sample: float, snapshot: Snapshot
    ) -> None:
        """Compare with what was shown before the restart; each reading of it counts once."""
        inverter, at = self._coordinator.inverter, snapshot.measured_at
        if self._guarded == inverter.stats.snapshots:
            return
        self._guarded = inverter.stats.snapshots
        if reason := guard.update(
            sample, at, max_power=inverter.plausibility.max_power
        ):
            rejection = Rejection(self._reading.key, at, sample, guard.value, reason)
            inverter.plausibility.record(rejection)
        self._value = guard.value
        if self._value == sample:
            self._guard = None


class RestoredLoad(EnergyTotal):
    """What the house has used: what was summed up before the restart, and since."""

    def __init__(self, coordinator: InverterCoordinator) -> None:
        """Go on from 0, unless something is recalled."""
        self._summed = coordinator.load_integrator
        self._before = 0.0
        self._until: datetime | None = None
        self._unknown = timedelta()

    @property
    @override
    def value(self) -> float | None:
        if self.until is None:
            return None
        return self._before + self._summed.energy

    @property
    def until(self) -> datetime | None:
        """When the load was last known."""
        return self._summed.last_at or self._until

    @property
    def unknown(self) -> timedelta:
        """How long nobody knew it: over outages, and while Home Assistant was off."""
        return self._unknown + self._summed.unknown_time + self._absence

    @property
    def _absence(self) -> timedelta:
        if self._until is None or self._summed.started_at is None:
            return timedelta()
        return max(self._summed.started_at - self._until, timedelta())

    @override
    def restore(self, value: float, at: datetime) -> None:
        # Two sensors may have been written down at different moments.
        self._before = max(self._before, value)
        self._until = max(self._until or at, at)

    def recall_unknown(self, unknown: timedelta) -> None:
        """Remember for how long nobody knew it before the restart."""
        self._unknown = max(self._unknown, unknown)

    @override
    def update(self) -> None:
        """Do nothing: the coordinator sums up each sample."""
