"""Rejects implausible samples, so that no snapshot contains a spike."""

from collections import deque
from collections.abc import Iterable, Set as AbstractSet
from dataclasses import replace
from datetime import datetime
from typing import Any, NamedTuple

from .gauge_filter import Findings, GaugeFilter
from .gauge_limits import MAX_POWER_FACTOR, MIN_RATED_POWER
from .maps import RegisterMap
from .modbus_request import PollStats
from .monotonic_counter import MonotonicCounter, RejectionReason
from .pv_meter_direction import MeterDirection, MeterDirectionDetector
from .registers import BLOCKS, DispatchOrder, PvMeter
from .registers.register import Quantity as Q
from .snapshot import READINGS, Reading, Snapshot

KEPT_REJECTIONS = 20

_MEASURED_BLOCKS = {
    block.name for block in BLOCKS if not block.slow and block is not DispatchOrder
}
"""The slow blocks are settings and identity: no spike lasts until they are read again."""


def _measured_readings(*quantities: Q) -> tuple[Reading, ...]:
    """Return the readings that the inverter measures: neither settings nor derived values."""
    return tuple(
        reading
        for reading in READINGS
        if reading.quantity in quantities and reading.part in _MEASURED_BLOCKS
    )


_COUNTERS = _measured_readings(Q.ENERGY)
_PV_METER_COUNTERS = tuple(one.key for one in _COUNTERS if one.part == PvMeter.name)


class Rejection(NamedTuple):
    """A sample that was rejected, and what the snapshot has instead."""

    key: str
    at: datetime
    sample: float
    shown: float | None
    """None where the whole block was removed."""
    reason: RejectionReason


class PlausibilityFilter:
    """Filters the snapshots of one inverter before anything else uses them.

    Lifetime counters are checked here, all other measured values by a `GaugeFilter`.
    """

    def __init__(self, stats: PollStats, register_map: RegisterMap) -> None:
        """Start without any history; `stats` counts the rejected samples."""
        self._stats = stats
        self._register_map = register_map
        self.gauges = GaugeFilter(register_map, self._record_gauge)
        """Filters all values but the counters."""
        self._serial: str | None = None
        self._counters_by_key: dict[str, MonotonicCounter] = {}
        self._direction_detector = MeterDirectionDetector()
        self.rejections: deque[Rejection] = deque(maxlen=KEPT_REJECTIONS)
        """The last ones, oldest first."""

    @property
    def max_power(self) -> float:
        """The highest plausible power in this house, in W."""
        return MAX_POWER_FACTOR * max(self.rated_power, MIN_RATED_POWER)

    @property
    def rated_power(self) -> float:
        """The highest power limit of the battery that was confirmed, in W; 0 before the first."""
        return self.gauges.rated_power

    @property
    def pv_meter_direction(self) -> MeterDirection:
        """Which of the PV meter's counters counts generation."""
        return self._direction_detector.direction

    def restore_direction(self, direction: MeterDirection) -> None:
        """Restore what was known of the PV meter before a restart."""
        self._direction_detector.direction = direction

    def filter(self, snapshot: Snapshot, findings: Findings) -> Snapshot:
        """Return a full snapshot without implausible samples."""
        snapshot = self.gauges.settle(snapshot, findings)
        self._update_limits(snapshot)
        return self._update_meter(self._filter_counters(snapshot))

    def filter_power(
        self, snapshot: Snapshot, findings: Findings, *, whole: AbstractSet[str]
    ) -> Snapshot:
        """Return a snapshot without implausible samples; new are its power values, and the whole blocks."""
        return self.gauges.settle(snapshot, findings, whole=whole)

    def _record_gauge(
        self,
        key: str,
        at: datetime,
        sample: float,
        shown: float | None,
        reason: RejectionReason,
    ) -> None:
        self.record(Rejection(key, at, sample, shown, reason))

    def record(self, rejection: Rejection) -> None:
        """Count a rejected sample and keep it for diagnostics."""
        self._stats.rejected_samples += 1
        self.rejections.append(rejection)

    def _update_limits(self, snapshot: Snapshot) -> None:
        """Update the rated power; start anew if this is another inverter."""
        system = snapshot.system
        if system and system.serial != self._serial:
            if self._serial is not None:
                self._direction_detector = MeterDirectionDetector()
                self.gauges = GaugeFilter(self._register_map, self._record_gauge)
            self._serial = system.serial
            self._counters_by_key.clear()
        self.gauges.update_rated_power(snapshot.battery)

    def _filter_counters(self, snapshot: Snapshot) -> Snapshot:
        shown: dict[str, float] = {}
        for reading, sample in _samples(snapshot, _COUNTERS):
            counter = self._counters_by_key.setdefault(reading.key, MonotonicCounter())
            at = snapshot.measured_at
            reason = counter.update(sample, at, max_power=self.max_power)
            if counter.value is None:
                continue  # No better value is known; its sensor has the same check.
            shown[reading.key] = counter.value
            if reason:
                self.record(Rejection(reading.key, at, sample, counter.value, reason))
        return _replaced(snapshot, _COUNTERS, shown)

    def _update_meter(self, snapshot: Snapshot) -> Snapshot:
        """Update the direction of the PV meter, unless a counter of it was rejected from the start."""
        counters = (self._counters_by_key.get(key) for key in _PV_METER_COUNTERS)
        known = all(one and one.value is not None for one in counters)
        if snapshot.pv_meter and known:
            self._direction_detector.update(snapshot.pv_meter, snapshot.measured_at)
        return replace(snapshot, pv_meter_direction=self.pv_meter_direction)


def _samples(
    snapshot: Snapshot, readings: Iterable[Reading]
) -> Iterable[tuple[Reading, float]]:
    for reading in readings:
        value = reading.of(snapshot)
        if isinstance(value, int | float):
            yield reading, value


def _replaced(
    snapshot: Snapshot, readings: Iterable[Reading], shown: dict[str, float]
) -> Snapshot:
    """Return the snapshot with other values, by key."""
    parts: dict[str, dict[str, float]] = {}
    for reading in readings:
        value = shown.get(reading.key)
        if value is not None and value != reading.of(snapshot):
            parts.setdefault(reading.part, {})[reading.field] = value
    blocks: dict[str, Any] = {
        part: replace(getattr(snapshot, part), **fields)
        for part, fields in parts.items()
    }
    return replace(snapshot, **blocks) if blocks else snapshot
