"""Keeps impossible samples out of snapshots, so that nobody who looks at one ever sees a spike."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from .modbus_request import PollStats
from .monotonic_counter import MonotonicCounter, RejectionReason
from .partial_read import POWER_FIELDS
from .pv_meter_direction import MeterDirection, MeterDirectionDetector
from .registers import BLOCKS, DispatchOrder, PvMeter
from .registers.register import Quantity as Q
from .snapshot import READINGS, Reading, Snapshot

MAX_POWER_FACTOR = 10
"""No house with an inverter of this size moves more than ten times its power."""
MIN_RATED_POWER = 5000
"""W; the smallest AlphaESS. Some say 0 while the battery may neither charge nor discharge."""

MAX_HELD_SAMPLES = 3
"""Samples in a row for which the last credible one is shown instead."""
KEPT_REJECTIONS = 20

_MEASURED_BLOCKS = {
    block.name for block in BLOCKS if not block.slow and block is not DispatchOrder
}
"""What is read slowly is set by somebody, or hardly changes: no spike lasts that long."""
_LIVE_KEYS = frozenset(
    e.block.prefix + name for e in POWER_FIELDS for name in e.field_names
)
_LIMIT_KEYS = frozenset({"battery_charge_power_limit", "battery_discharge_power_limit"})


def _measured_readings(*quantities: Q) -> tuple[Reading, ...]:
    """Pick what the inverter measures: not what it is told, nor what follows from it."""
    return tuple(
        reading
        for reading in READINGS
        if reading.quantity in quantities
        and reading.part in _MEASURED_BLOCKS
        and reading.key not in _LIMIT_KEYS
    )


_COUNTERS = _measured_readings(Q.ENERGY)
_PV_METER_COUNTERS = tuple(one.key for one in _COUNTERS if one.part == PvMeter.name)
_GAUGES = _measured_readings(Q.POWER, Q.CHARGE)
_LIVE_GAUGES = tuple(one for one in _GAUGES if one.key in _LIVE_KEYS)


class Rejection(NamedTuple):
    """A sample that was not believed, and what was shown instead."""

    key: str
    at: datetime
    sample: float
    shown: float | None
    """None where the block was withheld."""
    reason: RejectionReason


@dataclass(slots=True)
class _LastGood:
    """What one measured value showed last, and how often in a row it was not credible since."""

    value: float | None = None
    rejected_count: int = 0


class PlausibilityFilter:
    """Looks through each snapshot of one inverter before anybody else does.

    A single spike is replaced by what was there before. A power value of the live
    feed that stays impossible takes its block down, as a refusal would; any other
    that does is what this device sends there, and is let through.
    """

    def __init__(self, counters: PollStats) -> None:
        """Begin without knowing anything; what is rejected is counted there."""
        self._stats = counters
        self._serial: str | None = None
        self._rated_power: float = MIN_RATED_POWER
        self._counters_by_key: dict[str, MonotonicCounter] = {}
        self._last_good: dict[str, _LastGood] = {}
        self._direction_detector = MeterDirectionDetector()
        self.rejections: deque[Rejection] = deque(maxlen=KEPT_REJECTIONS)
        """The last ones, oldest first."""

    @property
    def max_power(self) -> float:
        """The highest power that can be where this inverter is, in W."""
        return MAX_POWER_FACTOR * self._rated_power

    @property
    def pv_meter_direction(self) -> MeterDirection:
        """Which of the PV meter's counters counts generation."""
        return self._direction_detector.direction

    def restore_direction(self, course: MeterDirection) -> None:
        """Go on with what was known of the PV meter before a restart."""
        self._direction_detector.direction = course

    def filter(self, snapshot: Snapshot, *, after_outage: bool) -> Snapshot:
        """Look through a full snapshot.

        Afresh after an outage: then what was measured before it is no substitute.
        """
        self._update_limits(snapshot)
        if after_outage:
            self._last_good.clear()
        return self._filter_gauges(
            self._update_meter(self._filter_counters(snapshot)), _GAUGES
        )

    def filter_power(self, snapshot: Snapshot) -> Snapshot:
        """Look through a snapshot whose power values alone are new."""
        return self._filter_gauges(snapshot, _LIVE_GAUGES)

    def record(self, rejection: Rejection) -> None:
        """Count a sample that was not believed, and keep it for whoever asks why."""
        self._stats.rejected_samples += 1
        self.rejections.append(rejection)

    def _update_limits(self, snapshot: Snapshot) -> None:
        """Look how strong the inverter is; what another one counted is no measure for it."""
        system, battery = snapshot.system, snapshot.battery
        if system and system.serial != self._serial:
            if self._serial is not None:
                self._direction_detector = MeterDirectionDetector()
            self._serial, self._rated_power = system.serial, MIN_RATED_POWER
            self._counters_by_key.clear()
            self._last_good.clear()
        if battery:
            limits = battery.charge_power_limit, battery.discharge_power_limit
            self._rated_power = max(self._rated_power, *limits)

    def _filter_counters(self, snapshot: Snapshot) -> Snapshot:
        shown: dict[str, float] = {}
        for reading, sample in _samples(snapshot, _COUNTERS):
            total = self._counters_by_key.setdefault(reading.key, MonotonicCounter())
            reason = total.update(
                sample, snapshot.measured_at, max_power=self.max_power
            )
            if total.value is None:
                continue  # Nothing better is known; its sensor will not show it.
            shown[reading.key] = total.value
            if reason:
                at, value = snapshot.measured_at, total.value
                self.record(Rejection(reading.key, at, sample, value, reason))
        return _replaced(snapshot, _COUNTERS, shown)

    def _update_meter(self, snapshot: Snapshot) -> Snapshot:
        """Look which way round the PV meter counts, by what can be believed of it."""
        counted = [
            self._counters_by_key.get(key, MonotonicCounter()).value
            for key in _PV_METER_COUNTERS
        ]
        if snapshot.pv_meter and None not in counted:
            self._direction_detector.update(snapshot.pv_meter, snapshot.measured_at)
        return replace(snapshot, pv_meter_direction=self.pv_meter_direction)

    def _filter_gauges(
        self, snapshot: Snapshot, readings: Iterable[Reading]
    ) -> Snapshot:
        shown: dict[str, float] = {}
        withheld: set[str] = set()
        for reading, sample in _samples(snapshot, readings):
            gauge = self._last_good.setdefault(reading.key, _LastGood())
            if _is_plausible(reading, sample, self.max_power):
                gauge.value, gauge.rejected_count = sample, 0
                continue
            gauge.rejected_count += 1
            if gauge.value is not None and gauge.rejected_count <= MAX_HELD_SAMPLES:
                shown[reading.key] = gauge.value
            elif reading.key in _LIVE_KEYS:
                withheld.add(reading.part)
            else:
                continue
            at, instead = snapshot.measured_at, shown.get(reading.key)
            self.record(
                Rejection(reading.key, at, sample, instead, RejectionReason.IMPOSSIBLE)
            )
        return _without_blocks(_replaced(snapshot, readings, shown), withheld)


def _is_plausible(reading: Reading, sample: float, max_power: float) -> bool:
    return (
        0 <= sample <= 100 if reading.quantity is Q.CHARGE else abs(sample) <= max_power
    )


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
    """Put other values into a snapshot, where they differ."""
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


def _without_blocks(snapshot: Snapshot, parts: set[str]) -> Snapshot:
    """Take blocks out of a snapshot, as if the inverter had refused them."""
    if not parts:
        return snapshot
    gone: dict[str, Any] = dict.fromkeys(parts)
    return replace(snapshot, unavailable=snapshot.unavailable | parts, **gone)
