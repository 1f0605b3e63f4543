"""What an inverter can measure: the range of each value, and values that must agree with each other."""

from collections.abc import Callable, Collection, Container, Iterable
from dataclasses import dataclass
from functools import cache, partial
from math import inf
from operator import attrgetter, le, sub
from typing import Any

from .registers import BLOCKS, DispatchOrder, Installation
from .registers.block import Block, BlockGroup
from .registers.register import Quantity as Q
from .scales import ScaleProfile, ScaleVariant
from .snapshot import READINGS, Reading

MAX_POWER_FACTOR = 10
"""No house with an inverter of this size has more than ten times its power."""
MIN_RATED_POWER = 5000
"""W; some devices send a limit of 0 while the battery must neither charge nor discharge."""
MAX_RATED_POWER = 60_000
"""W; the largest AlphaESS with these registers, a Storion-T50, has 50 kW; 0xFFFF is no limit [senalse]."""
CONFIRMATIONS = 3
"""Snapshots with energy, after which zeros of a block are no answer."""
MAX_STRING_POWER = 30_000
"""W; 1000 V and 30 A, more than any input of a household inverter takes."""
MAX_BATTERY_FACTOR = 3
"""A battery's power is at most this multiple of its limits: they are lower while it is cold or full."""
MAX_FIRST_POWER = 0x7FFF
"""W; a power above it that nothing is known to compare with is checked again: a torn word has more."""
NEGATIVE_NOISE = 100
"""W, A; generation and backup power below 0 by less than this are 0: an offset of their sensors."""
MAX_INSTALLED_POWER = 200_000
"""W; more panels than any inverter with these registers takes."""
MAX_CHARGE = 101
"""%; some batteries send 100.4 while they are full."""

POWERS = (Q.POWER, Q.REACTIVE_POWER, Q.APPARENT_POWER)
BATTERY_KEYS = frozenset({"battery_power", "inverter_battery_power"})
LIMIT_KEYS = frozenset({"battery_charge_power_limit", "battery_discharge_power_limit"})

_RANGES: dict[Q | None, tuple[float, float]] = {
    Q.VOLTAGE: (0, 1500),
    Q.CURRENT: (-1000, 1000),
    Q.FREQUENCY: (0, 70),
    Q.TEMPERATURE: (-60, 120),
    Q.CHARGE: (0, MAX_CHARGE),
    Q.SHARE: (0, 110),
    Q.MINUTES: (0, 0xFFFE),
    Q.CAPACITY: (0, 1000),
    Q.POWER_FACTOR: (-1.1, 1.1),
    Q.COUNT: (0, 0xFFFE),
    Q.FLAGS: (0, 0xFFFF_FFFE),
}
"""Outside of these no value is possible; all ones never are, where the sign does not hide them."""
_MIN_FREQUENCY = 40
"""Hz; 0 without a grid, nothing in between."""

MAX_STEPS: dict[Q | None, float] = {
    Q.POWER: 50_000,
    Q.REACTIVE_POWER: 50_000,
    Q.APPARENT_POWER: 50_000,
    Q.CHARGE: 5,
    Q.TEMPERATURE: 20,
    Q.SHARE: 20,
}
"""A change between two samples that is checked again: a torn 32-bit word changes a power by 65,536 W."""

_MEASURED = {block.name for block in BLOCKS if not block.slow}
_SLOW = {
    block.name
    for block in BLOCKS
    if block.slow and block.group in (BlockGroup.SETTINGS, BlockGroup.MEASUREMENTS)
}
"""Settings and identity. The limits of grid protection have no known range."""
_MAX_OF_TIMES = {"_hour": 24, "_minute": 59}
"""By the end of the field's name."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ValueRange:
    """A measured value, and the range that needs no closer examination."""

    reading: Reading
    low: float
    high: float
    slack_low: float
    """Down to here a value is `low`; below it is impossible."""
    slack_high: float
    """Up to here a value is `high`; above it is impossible."""

    @property
    def max_first(self) -> float:
        """The largest amount that is not checked again where there is no sample before."""
        is_power = self.reading.quantity in POWERS
        return MAX_FIRST_POWER if is_power and self.max_step < inf else inf

    @property
    def max_step(self) -> float:
        """A change between two samples that is not checked again. An order may have any power."""
        if self.reading.part == DispatchOrder.name:
            return inf
        return MAX_STEPS.get(self.reading.quantity, inf)

    def clamped(self, sample: float) -> float | None:
        """Return the value that a sample stands for; None where it is impossible."""
        if self.low > 0 and sample < self.low:
            return None if sample else sample  # Nothing is measured.
        if not self.slack_low <= sample <= self.slack_high:
            return None
        return min(max(sample, self.low), self.high)


@dataclass(frozen=True, slots=True)
class BlockRanges:
    """The ranges of some values of one block, prepared for a fast check of all of them."""

    ranges: tuple[ValueRange, ...]
    values_of: Callable[[Block], tuple[Any, ...]]
    lows: tuple[float, ...]
    highs: tuple[float, ...]
    steps: tuple[float, ...]
    firsts: tuple[float, ...]

    @classmethod
    def of(cls, ranges: Iterable[ValueRange], *, step: float = inf) -> BlockRanges:
        """Prepare the ranges of values of one block; none may change by more than `step`, if that is less."""
        ranges = tuple(ranges)
        getter = attrgetter(*(one.reading.field for one in ranges))
        return cls(
            ranges,
            getter if len(ranges) > 1 else lambda block: (getter(block),),
            tuple(one.low for one in ranges),
            tuple(one.high for one in ranges),
            tuple(min(one.max_step, step) for one in ranges),
            tuple(one.max_first for one in ranges),
        )

    def is_usual(self, block: Block, last: Block | None) -> bool:
        """Whether all values are in range, and none has changed by much since the last good ones."""
        values = self.values_of(block)
        before = None if last is None else self.values_of(last)
        if None in values or (before and None in before):
            return False  # Their scale may be in question.
        changes = map(sub, values, before, strict=True) if before else values
        return (
            all(map(le, self.lows, values, strict=True))
            and all(map(le, values, self.highs, strict=True))
            and all(
                map(
                    le,
                    map(abs, changes),
                    self.steps if before else self.firsts,
                    strict=True,
                )
            )
        )

    def impossible_values(self, block: Block) -> dict[str, float]:
        """Return the values that no inverter can have, by field."""
        return {
            value_range.reading.field: value
            for value_range, value in zip(
                self.ranges, self.values_of(block), strict=True
            )
            if value is not None and value_range.clamped(value) is None
        }


@cache
def ranges_of_blocks(rated_power: float) -> dict[str, BlockRanges]:
    """Return the ranges of the values of each measured block, for a battery of this power in W; 0 if unknown."""
    return _ranges_of(_MEASURED, rated_power)


@cache
def ranges_of_slow_blocks() -> dict[str, BlockRanges]:
    """Return the ranges of the values of settings and identity, for a device of any size."""
    return _ranges_of(_SLOW, MAX_RATED_POWER)


def _ranges_of(parts: Container[str], rated_power: float) -> dict[str, BlockRanges]:
    by_part: dict[str, list[ValueRange]] = {}
    for reading in READINGS:
        if reading.part in parts and reading.quantity is not Q.ENERGY:
            if value_range := _range_of(reading, rated_power):
                by_part.setdefault(reading.part, []).append(value_range)
    return {part: BlockRanges.of(ranges) for part, ranges in by_part.items()}


def _range_of(reading: Reading, rated_power: float) -> ValueRange | None:
    if reading.quantity in POWERS:
        low, high = _power_range(reading, rated_power)
    elif reading.quantity in _RANGES:
        low, high = _RANGES[reading.quantity]
    else:
        return None
    high = _max_by_name(reading) or high
    slack_low, slack_high = low, high
    if _is_never_negative(reading):
        low, slack_low = 0, -NEGATIVE_NOISE
    if variant := _variant_of(reading):
        low, slack_low = max(low, variant.least), max(slack_low, variant.least)
        high, slack_high = min(high, variant.most), min(slack_high, variant.most)
    if reading.quantity is Q.CHARGE:
        high = 100
    elif reading.quantity is Q.FREQUENCY:
        low = _MIN_FREQUENCY
    return ValueRange(
        reading=reading, low=low, high=high, slack_low=slack_low, slack_high=slack_high
    )


def _variant_of(reading: Reading) -> ScaleVariant | None:
    """Return the scale variant of a reading; its range is that of all models that have it."""
    [block] = [block for block in BLOCKS if block.name == reading.part]
    return block.registers[reading.field].variant


def _max_by_name(reading: Reading) -> float | None:
    """Return the highest value of a time; None for any other reading."""
    ends = (most for end, most in _MAX_OF_TIMES.items() if reading.field.endswith(end))
    return next(ends, None)


def _power_range(reading: Reading, rated_power: float) -> tuple[float, float]:
    if reading.key in LIMIT_KEYS:
        return 0, MAX_RATED_POWER
    if reading.part == DispatchOrder.name:
        return -MAX_RATED_POWER, MAX_RATED_POWER
    if reading.part == Installation.name:
        return 0, MAX_INSTALLED_POWER
    if reading.part in ("strings", "more_strings"):
        return 0, MAX_STRING_POWER
    rated, is_battery = max(rated_power, MIN_RATED_POWER), reading.key in BATTERY_KEYS
    # A limit that is not known yet, or that the device does not have, is none.
    is_limited = is_battery and rated_power > 0
    most = rated * (MAX_BATTERY_FACTOR if is_limited else MAX_POWER_FACTOR)
    return -most, most


def _is_never_negative(reading: Reading) -> bool:
    """Whether the value is a generation or a consumption; a sensor with an offset sends less than 0."""
    return reading.part in (
        "strings",
        "more_strings",
        "strings_total",
        "backup",
    ) and reading.quantity in (Q.POWER, Q.CURRENT)


@dataclass(frozen=True, slots=True, kw_only=True)
class CrossCheck:
    """A power that other values of the same block show, too."""

    part: str
    field: str
    inputs: tuple[str, ...]
    """The fields that it is computed from."""
    compute: Callable[[tuple[float, ...]], float]
    tolerance: float
    """W."""
    share: float
    """Tolerance as a share of the larger of the two."""

    def estimate(self, block: Any) -> float | None:
        """Return what the other values show, in W; None where the device does not send them."""
        values = tuple(getattr(block, name) for name in self.inputs)
        if None in values or not any(values):
            return None
        return self.compute(values)

    def difference(self, block: Any) -> float | None:
        """Return by how much the two differ beyond the tolerance, in W; None if unknown."""
        estimate, value = self.estimate(block), getattr(block, self.field)
        if estimate is None or value is None:
            return None
        tolerance = self.share * max(abs(value), abs(estimate)) + self.tolerance
        excess: float = abs(value - estimate) - tolerance
        return max(excess, 0)

    def blamed_field(self, block: Any, last: Any) -> str:
        """Return the value that is wrong if they differ: the one that has changed more."""
        estimate = self.estimate(block)
        before = None if last is None else self.estimate(last)
        power = None if last is None else getattr(last, self.field)
        if estimate is None or before is None or power is None:
            return self.field
        if abs(getattr(block, self.field) - power) > abs(estimate - before):
            return self.field
        return max(
            self.inputs,
            key=lambda one: _change(getattr(block, one), getattr(last, one)),
        )


def _change(now: float, before: float) -> float:
    """Return a change as a share of the larger value."""
    return abs(now - before) / (max(abs(now), abs(before)) or 1)


def _product(values: tuple[float, ...]) -> float:
    voltage, current = values
    return voltage * current


_phases = partial(CrossCheck, compute=sum, tolerance=50, share=0.05)
_voltage_times_current = partial(
    CrossCheck, compute=_product, tolerance=150, share=0.15
)

CROSS_CHECKS: tuple[CrossCheck, ...] = (
    *(
        _phases(part=part, field="power", inputs=("power_l1", "power_l2", "power_l3"))
        for part in ("grid", "pv_meter", "output", "backup")
    ),
    _voltage_times_current(
        part="battery", field="power", inputs=("voltage", "current")
    ),
    *(
        _voltage_times_current(
            part="strings" if n < 4 else "more_strings",
            field=f"pv{n}_power",
            inputs=(f"pv{n}_voltage", f"pv{n}_current"),
        )
        for n in range(1, 7)
    ),
)
"""The phases and their sum; voltage times current: on the recorded devices they agree within 3 % [dxoverdy-dump; wooni]."""


COUNTERS_BY_PART: dict[str, tuple[str, ...]] = {
    part: tuple(
        one.field for one in READINGS if one.part == part and one.quantity is Q.ENERGY
    )
    for part in ("grid", "pv_meter", "battery", "state", "totals")
}
"""The counters of the blocks that have some."""

CHECKS_BY_PART = {
    part: tuple(check for check in CROSS_CHECKS if check.part == part)
    for part in {check.part for check in CROSS_CHECKS}
}


def is_supported(reading: Reading, block: Any) -> bool:
    """Whether other values of its block show the same power."""
    return any(
        check.field == reading.field and check.difference(block) == 0
        for check in CHECKS_BY_PART.get(reading.part, ())
    )


def reads_as(
    block: Block, word: int, profile: ScaleProfile, *, names: Collection[str] = ()
) -> bool:
    """Whether the values of a block are those of words that are all the same, as far as they are known.

    `names` are the fields that are compared; without any, all are.
    """
    key = type(block), word, profile
    if key not in _UNIFORM:
        words = dict.fromkeys(block.addresses(), word)
        _UNIFORM[key] = block.decode(words, profile)
    uniform = _UNIFORM[key]
    return block == uniform or all(
        (value := getattr(block, name)) is None or value == getattr(uniform, name)
        for name in names or block.registers
    )


_UNIFORM: dict[tuple[type[Block], int, ScaleProfile], Block] = {}
"""The blocks of equal words that were built already."""
