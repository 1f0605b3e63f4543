"""Keeps impossible samples out of snapshots, so that nobody who looks at one ever sees a spike."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from .modbus_request import Counters
from .monotonic_counter import Reason, Total
from .partial_read import LIVE
from .pv_meter_direction import Course, MeterWatch
from .registers import BLOCKS, DispatchOrder, PvMeter
from .registers.register import Quantity as Q
from .snapshot import READINGS, Reading, Snapshot

TIMES_RATED = 10
"""No house with an inverter of this size moves more than ten times its power."""
LEAST_RATED = 5000
"""W; the smallest AlphaESS. Some say 0 while the battery may neither charge nor discharge."""

HELD = 3
"""Samples in a row for which the last credible one is shown instead."""
REMEMBERED = 20

_MEASURING = {
    block.name for block in BLOCKS if not block.slow and block is not DispatchOrder
}
"""What is read slowly is set by somebody, or hardly changes: no spike lasts that long."""
_LIVE_KEYS = frozenset(e.block.prefix + name for e in LIVE for name in e.names)
_NOT_MEASURED = frozenset(
    {"battery_charge_power_limit", "battery_discharge_power_limit"}
)


def _of(*quantities: Q) -> tuple[Reading, ...]:
    """Pick what the inverter measures: not what it is told, nor what follows from it."""
    return tuple(
        reading
        for reading in READINGS
        if reading.quantity in quantities
        and reading.part in _MEASURING
        and reading.key not in _NOT_MEASURED
    )


_COUNTED = _of(Q.ENERGY)
_METERED = tuple(one.key for one in _COUNTED if one.part == PvMeter.name)
_MEASURED = _of(Q.POWER, Q.CHARGE)
_MEASURED_LIVE = tuple(one for one in _MEASURED if one.key in _LIVE_KEYS)


class Rejection(NamedTuple):
    """A sample that was not believed, and what was shown instead."""

    key: str
    at: datetime
    sample: float
    shown: float | None
    """None where the block was withheld."""
    reason: Reason


@dataclass(slots=True)
class _Gauge:
    """What one measured value showed last, and how often in a row it was not credible since."""

    credible: float | None = None
    missed: int = 0


class Screen:
    """Looks through each snapshot of one inverter before anybody else does.

    A single spike is replaced by what was there before. A power value of the live
    feed that stays impossible takes its block down, as a refusal would; any other
    that does is what this device sends there, and is let through.
    """

    def __init__(self, counters: Counters) -> None:
        """Begin without knowing anything; what is rejected is counted there."""
        self._counters = counters
        self._serial: str | None = None
        self._rated: float = LEAST_RATED
        self._totals: dict[str, Total] = {}
        self._gauges: dict[str, _Gauge] = {}
        self._meter = MeterWatch()
        self.rejections: deque[Rejection] = deque(maxlen=REMEMBERED)
        """The last ones, oldest first."""

    @property
    def most(self) -> float:
        """The highest power that can be where this inverter is, in W."""
        return TIMES_RATED * self._rated

    @property
    def course(self) -> Course:
        """Which of the PV meter's counters counts generation."""
        return self._meter.course

    def resume(self, course: Course) -> None:
        """Go on with what was known of the PV meter before a restart."""
        self._meter.course = course

    def admit(self, snapshot: Snapshot, *, afresh: bool) -> Snapshot:
        """Look through a full snapshot.

        Afresh after an outage: then what was measured before it is no substitute.
        """
        self._meet(snapshot)
        if afresh:
            self._gauges.clear()
        return self._measure(self._follow(self._count(snapshot)), _MEASURED)

    def admit_power(self, snapshot: Snapshot) -> Snapshot:
        """Look through a snapshot whose power values alone are new."""
        return self._measure(snapshot, _MEASURED_LIVE)

    def reject(self, rejection: Rejection) -> None:
        """Count a sample that was not believed, and keep it for whoever asks why."""
        self._counters.rejected_samples += 1
        self.rejections.append(rejection)

    def _meet(self, snapshot: Snapshot) -> None:
        """Look how strong the inverter is; what another one counted is no measure for it."""
        system, battery = snapshot.system, snapshot.battery
        if system and system.serial != self._serial:
            if self._serial is not None:
                self._meter = MeterWatch()
            self._serial, self._rated = system.serial, LEAST_RATED
            self._totals.clear()
            self._gauges.clear()
        if battery:
            limits = battery.charge_power_limit, battery.discharge_power_limit
            self._rated = max(self._rated, *limits)

    def _count(self, snapshot: Snapshot) -> Snapshot:
        shown: dict[str, float] = {}
        for reading, sample in _samples(snapshot, _COUNTED):
            total = self._totals.setdefault(reading.key, Total())
            reason = total.admit(sample, snapshot.taken, most=self.most)
            if total.value is None:
                continue  # Nothing better is known; its sensor will not show it.
            shown[reading.key] = total.value
            if reason:
                at, value = snapshot.taken, total.value
                self.reject(Rejection(reading.key, at, sample, value, reason))
        return _replaced(snapshot, _COUNTED, shown)

    def _follow(self, snapshot: Snapshot) -> Snapshot:
        """Look which way round the PV meter counts, by what can be believed of it."""
        counted = [self._totals.get(key, Total()).value for key in _METERED]
        if snapshot.pv_meter and None not in counted:
            self._meter.follow(snapshot.pv_meter, snapshot.taken)
        return replace(snapshot, course=self.course)

    def _measure(self, snapshot: Snapshot, readings: Iterable[Reading]) -> Snapshot:
        shown: dict[str, float] = {}
        withheld: set[str] = set()
        for reading, sample in _samples(snapshot, readings):
            gauge = self._gauges.setdefault(reading.key, _Gauge())
            if _is_credible(reading, sample, self.most):
                gauge.credible, gauge.missed = sample, 0
                continue
            gauge.missed += 1
            if gauge.credible is not None and gauge.missed <= HELD:
                shown[reading.key] = gauge.credible
            elif reading.key in _LIVE_KEYS:
                withheld.add(reading.part)
            else:
                continue
            at, instead = snapshot.taken, shown.get(reading.key)
            self.reject(Rejection(reading.key, at, sample, instead, Reason.IMPOSSIBLE))
        return _withhold(_replaced(snapshot, readings, shown), withheld)


def _is_credible(reading: Reading, sample: float, most: float) -> bool:
    return 0 <= sample <= 100 if reading.quantity is Q.CHARGE else abs(sample) <= most


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


def _withhold(snapshot: Snapshot, parts: set[str]) -> Snapshot:
    """Take blocks out of a snapshot, as if the inverter had refused them."""
    if not parts:
        return snapshot
    gone: dict[str, Any] = dict.fromkeys(parts)
    return replace(snapshot, withheld=snapshot.withheld | parts, **gone)
