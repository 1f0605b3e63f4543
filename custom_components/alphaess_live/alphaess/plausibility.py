"""Rejects implausible samples, so that no snapshot contains a spike."""

from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, NamedTuple

from .maps import RegisterMap
from .modbus_request import PollStats
from .monotonic_counter import RejectionReason
from .registers import BLOCKS, DispatchOrder
from .registers.register import Quantity as Q
from .snapshot import READINGS, Reading, Snapshot

MAX_POWER_FACTOR = 10
"""No house with an inverter of this size has more than ten times its power."""
MIN_RATED_POWER = 5000
"""W; some devices send a limit of 0 while the battery must neither charge nor discharge."""

MAX_HELD_SAMPLES = 3
"""Rejected samples in a row that are replaced by the last plausible one."""
KEPT_REJECTIONS = 20

_MEASURED_BLOCKS = {
    block.name for block in BLOCKS if not block.slow and block is not DispatchOrder
}
"""The slow blocks are settings and identity: no spike lasts until they are read again."""
_LIMIT_KEYS = frozenset({"battery_charge_power_limit", "battery_discharge_power_limit"})


def _measured_readings(*quantities: Q) -> tuple[Reading, ...]:
    """Return the readings that the inverter measures: neither settings nor derived values."""
    return tuple(
        reading
        for reading in READINGS
        if reading.quantity in quantities
        and reading.part in _MEASURED_BLOCKS
        and reading.key not in _LIMIT_KEYS
    )


_GAUGES = _measured_readings(Q.POWER, Q.CHARGE)


class Rejection(NamedTuple):
    """A sample that was rejected, and what the snapshot has instead."""

    key: str
    at: datetime
    sample: float
    shown: float | None
    """None where the whole block was removed."""
    reason: RejectionReason


@dataclass(slots=True)
class _LastGood:
    """The last plausible sample of a value, and how many were rejected since."""

    value: float | None = None
    rejected_count: int = 0


class PlausibilityFilter:
    """Filters the snapshots of one inverter before anything else uses them.

    A single spike is replaced by the value before it. A power value of the live feed
    that stays implausible removes its block, as a refusal does. Any other value that
    stays implausible is accepted: this device sends something else there.
    """

    def __init__(self, stats: PollStats, register_map: RegisterMap) -> None:
        """Start without any history; `stats` counts the rejected samples."""
        self._stats = stats
        self._live_keys = register_map.power_keys
        self._live_gauges = tuple(one for one in _GAUGES if one.key in self._live_keys)
        self._rated_power: float = MIN_RATED_POWER
        self._last_good: dict[str, _LastGood] = {}
        self.rejections: deque[Rejection] = deque(maxlen=KEPT_REJECTIONS)
        """The last ones, oldest first."""

    @property
    def max_power(self) -> float:
        """The highest plausible power in this house, in W."""
        return MAX_POWER_FACTOR * self._rated_power

    def filter(self, snapshot: Snapshot, *, after_outage: bool) -> Snapshot:
        """Return a full snapshot without implausible samples.

        After an outage, samples from before it replace nothing.
        """
        self._update_limits(snapshot)
        if after_outage:
            self._last_good.clear()
        return self._filter_gauges(snapshot, _GAUGES)

    def filter_power(self, snapshot: Snapshot) -> Snapshot:
        """Return a snapshot whose power values alone are new without implausible samples."""
        return self._filter_gauges(snapshot, self._live_gauges)

    def record(self, rejection: Rejection) -> None:
        """Count a rejected sample and keep it for diagnostics."""
        self._stats.rejected_samples += 1
        self.rejections.append(rejection)

    def _update_limits(self, snapshot: Snapshot) -> None:
        """Update the rated power."""
        if battery := snapshot.battery:
            limits = battery.charge_power_limit, battery.discharge_power_limit
            self._rated_power = max(self._rated_power, *(one or 0 for one in limits))

    def _filter_gauges(
        self, snapshot: Snapshot, readings: Iterable[Reading]
    ) -> Snapshot:
        shown: dict[str, float] = {}
        removed: set[str] = set()
        for reading, sample in _samples(snapshot, readings):
            last_good = self._last_good.setdefault(reading.key, _LastGood())
            if _is_plausible(reading, sample, self.max_power):
                last_good.value, last_good.rejected_count = sample, 0
                continue
            last_good.rejected_count += 1
            if (
                last_good.value is not None
                and last_good.rejected_count <= MAX_HELD_SAMPLES
            ):
                shown[reading.key] = last_good.value
            elif reading.key in self._live_keys:
                removed.add(reading.part)
            else:
                continue
            reason, at = RejectionReason.IMPOSSIBLE, snapshot.measured_at
            replacement = shown.get(reading.key)
            self.record(Rejection(reading.key, at, sample, replacement, reason))
        return _without_blocks(_replaced(snapshot, readings, shown), removed)


def _is_plausible(reading: Reading, sample: float, max_power: float) -> bool:
    if reading.quantity is Q.CHARGE:
        return 0 <= sample <= 100
    return abs(sample) <= max_power


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


def _without_blocks(snapshot: Snapshot, names: set[str]) -> Snapshot:
    """Return the snapshot without some blocks, as if the inverter had refused them."""
    if not names:
        return snapshot
    removed: dict[str, Any] = dict.fromkeys(names)
    return replace(snapshot, unavailable=snapshot.unavailable | names, **removed)
