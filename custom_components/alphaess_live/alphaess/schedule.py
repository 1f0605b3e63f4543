"""The charging periods as a person thinks of them: two windows to charge, two to discharge, a target and a floor."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import time
from itertools import combinations
from typing import Any, NamedTuple, Self

from .dispatch import MAX_SOC_PERCENT, MIN_SOC_PERCENT
from .errors import InvalidScheduleError, ScheduleProblem
from .registers import ActivePeriods, PeriodMinutes, Periods
from .registers.register import Memory
from .scales import STANDARD, ScaleProfile

PERIOD_FIELDS = tuple(
    f"{kind}_period_{number}_{end}"
    for kind in ("charge", "discharge")
    for number in (1, 2)
    for end in ("start", "end")
)
"""Where the windows begin and end."""

SOC_FIELDS = ("charge_target", "discharge_floor")

_DAY = 24 * 60


class Window(NamedTuple):
    """A time of day that comes again every day. One without a length is off, as the inverter has it."""

    start: time
    end: time

    def __str__(self) -> str:
        """Spell it in no language: 23:00-06:30."""
        return f"{self.start:%H:%M}-{self.end:%H:%M}"

    def overlaps(self, other: Window) -> bool:
        """Whether there is a minute in both; one that ends when the other begins is beside it."""
        return any(
            max(mine.start, theirs.start) < min(mine.stop, theirs.stop)
            for mine in self._minutes()
            for theirs in other._minutes()
        )

    def _minutes(self) -> tuple[range, ...]:
        """Cut the window at midnight."""
        start, end = (one.hour * 60 + one.minute for one in self)
        return (
            (range(start, end),) if start <= end else (range(start, _DAY), range(end))
        )


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """A schedule, or a part of one: None for what is not told, or is no time of day."""

    active_periods: ActivePeriods | None = None
    charge_period_1_start: time | None = None
    charge_period_1_end: time | None = None
    charge_period_2_start: time | None = None
    charge_period_2_end: time | None = None
    discharge_period_1_start: time | None = None
    discharge_period_1_end: time | None = None
    discharge_period_2_start: time | None = None
    discharge_period_2_end: time | None = None
    charge_target: float | None = None
    """% at which charging from the grid ends."""
    discharge_floor: float | None = None
    """% at which discharging ends; the reserve for a power cut."""

    @classmethod
    def decode(cls, memory: Memory, profile: ScaleProfile = STANDARD) -> Self:
        """Take a schedule out of the words of its block, and of its minutes if there are any."""
        registers = Periods.registers
        told: dict[str, Any] = {end: _time(memory, end) for end in PERIOD_FIELDS}
        told |= {name: registers[name].decode(memory, profile) for name in SOC_FIELDS}
        return cls(active_periods=registers["active"].decode(memory), **told)

    def encode(
        self, profile: ScaleProfile = STANDARD, *, minutes: bool
    ) -> dict[int, int]:
        """Lay out what is told as words, with the minutes where the firmware has them."""
        told, registers = self.given, Periods.registers
        words: dict[int, int] = {}
        if self.active_periods:
            words |= registers["active"].encode(self.active_periods)
        for name in told.keys() & set(SOC_FIELDS):
            words |= registers[name].encode(told[name], profile)
        for end in told.keys() & set(PERIOD_FIELDS):
            words |= registers[_part(end, "hour")].encode(told[end].hour)
            if minutes:
                minute = PeriodMinutes.registers[_part(end, "minute")]
                words |= minute.encode(told[end].minute)
        return words

    @property
    def given(self) -> Mapping[str, Any]:
        """What is told, by its name."""
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: value for name, value in values.items() if value is not None}

    def merged_into(self, other: Schedule) -> Schedule:
        """Complete what is told here by what is told there."""
        return replace(other, **self.given)

    def restricted_to(self, other: Schedule) -> Schedule:
        """Keep of this what is told there."""
        return replace(Schedule(), **{n: getattr(self, n) for n in other.given})

    @property
    def windows(self) -> Iterator[Window]:
        """The windows that are on."""
        for kind in (ActivePeriods.CHARGE, ActivePeriods.DISCHARGE):
            if self.active_periods not in (kind, ActivePeriods.BOTH):
                continue
            for number in (1, 2):
                start = getattr(self, f"{kind}_period_{number}_start")
                end = getattr(self, f"{kind}_period_{number}_end")
                if start is not None and end is not None:
                    yield Window(start, end)


def validate(requested: Schedule, current: Schedule, *, minutes: bool) -> None:
    """Make sure that a wish can be carried out where this is set. Raises InvalidScheduleError.

    Windows that are off may lie as they like, and what was set by others is not our
    business: only a wish that moves windows or switches them on must leave none
    overlapping.
    """
    for name, value in requested.given.items():
        if name in PERIOD_FIELDS:
            _check_time(value, minutes=minutes)
        elif name in SOC_FIELDS:
            _check_soc(value, getattr(current, name))
    if requested.given.keys() <= set(SOC_FIELDS):
        return
    for one, other in combinations(requested.merged_into(current).windows, 2):
        if one.overlaps(other):
            raise InvalidScheduleError(
                ScheduleProblem.OVERLAP, first=str(one), second=str(other)
            )


def _check_time(end: time, *, minutes: bool) -> None:
    if end.second or end.microsecond:
        raise InvalidScheduleError(ScheduleProblem.SECONDS, time=f"{end:%H:%M:%S}")
    if end.minute and not minutes:
        raise InvalidScheduleError(ScheduleProblem.MINUTES, time=f"{end:%H:%M}")


def _check_soc(share: float, current: float) -> None:
    """Also look at what is there: a scale by which that is no percentage is not the inverter's."""
    if current > MAX_SOC_PERCENT:
        raise InvalidScheduleError(ScheduleProblem.SCALE, value=f"{current:g}")
    if not (MIN_SOC_PERCENT <= share <= MAX_SOC_PERCENT and share == int(share)):
        raise InvalidScheduleError(
            ScheduleProblem.SHARE,
            value=f"{share:g}",
            least=str(MIN_SOC_PERCENT),
            most=str(MAX_SOC_PERCENT),
        )


def _time(memory: Memory, end: str) -> time | None:
    hour = Periods.registers[_part(end, "hour")].decode(memory)
    register = PeriodMinutes.registers[_part(end, "minute")]
    minute = register.decode(memory) if register.address in memory else 0
    return time(hour, minute) if hour < 24 and minute < 60 else None


def _part(end: str, unit: str) -> str:
    """Name the field of a block that keeps one part of an end."""
    return f"{end.replace('_period', '')}_{unit}"
