"""The schedule: two daily periods to charge, two to discharge, a target and a floor of the charge."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import time
from itertools import combinations
from typing import Any, NamedTuple, Self

from .dispatch import MAX_SOC_PERCENT, MIN_SOC_PERCENT
from .errors import InvalidScheduleError, ScheduleProblem
from .registers import ActivePeriods, PeriodMinutes, Periods
from .registers.register import Memory
from .scales import CUT_OFF_CHARGE, STANDARD, ScaleProfile

PERIOD_FIELDS = tuple(
    f"{kind}_period_{number}_{end}"
    for kind in ("charge", "discharge")
    for number in (1, 2)
    for end in ("start", "end")
)
"""The fields that hold the start or the end of a period."""

SOC_FIELDS = ("charge_target", "discharge_floor")
"""The fields in %."""

_MINUTES_OF_DAY = 24 * 60


class Window(NamedTuple):
    """A daily period. One that starts when it ends is off, as in the inverter."""

    start: time
    end: time

    def __str__(self) -> str:
        """Format as 23:00-06:30."""
        return f"{self.start:%H:%M}-{self.end:%H:%M}"

    def overlaps(self, other: Window) -> bool:
        """Whether a minute belongs to both; the minute of the end does not."""
        return any(
            max(ours.start, theirs.start) < min(ours.stop, theirs.stop)
            for ours in self._minutes()
            for theirs in other._minutes()
        )

    def _minutes(self) -> tuple[range, ...]:
        """Return the minutes of the day, as one range on each side of midnight."""
        start, end = (one.hour * 60 + one.minute for one in self)
        return (
            (range(start, end),)
            if start <= end
            else (range(start, _MINUTES_OF_DAY), range(end))
        )


@dataclass(frozen=True, kw_only=True)
class Schedule:
    """A schedule, or a part of one: None for a field that is not given, or cannot be understood."""

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
    """% at which discharging ends; also the reserve for a power outage."""

    @classmethod
    def decode(cls, memory: Memory, profile: ScaleProfile = STANDARD) -> Self:
        """Build a schedule from the words of its block, and of its minutes if there are any."""
        has_minutes = memory.keys() >= set(PeriodMinutes.addresses())
        minutes = PeriodMinutes.decode(memory) if has_minutes else None
        return cls.from_blocks(Periods.decode(memory, profile), minutes)

    @classmethod
    def from_blocks(cls, periods: Periods, minutes: PeriodMinutes | None) -> Self:
        """Build a schedule from its blocks; without minutes all periods have whole hours."""
        values: dict[str, Any] = {n: _time(periods, minutes, n) for n in PERIOD_FIELDS}
        values |= {name: _possible(periods, name) for name in SOC_FIELDS}
        return cls(active_periods=periods.active, **values)

    def encode(
        self, profile: ScaleProfile = STANDARD, *, minutes: bool
    ) -> dict[int, int]:
        """Return the words of the given fields, with minutes if the firmware has them."""
        given, registers = self.given, Periods.registers
        words: dict[int, int] = {}
        if self.active_periods:
            words |= registers["active"].encode(self.active_periods)
        for name in given.keys() & set(SOC_FIELDS):
            words |= registers[name].encode(given[name], profile)
        for end in given.keys() & set(PERIOD_FIELDS):
            words |= registers[_part(end, "hour")].encode(given[end].hour)
            if minutes:
                minute = PeriodMinutes.registers[_part(end, "minute")]
                words |= minute.encode(given[end].minute)
        return words

    @property
    def given(self) -> Mapping[str, Any]:
        """The given fields and their values."""
        values = {one.name: getattr(self, one.name) for one in fields(self)}
        return {name: value for name, value in values.items() if value is not None}

    def merged_into(self, other: Schedule) -> Schedule:
        """Complete this schedule with the fields of another one that are not given here."""
        return replace(other, **self.given)

    def restricted_to(self, other: Schedule) -> Schedule:
        """Return only the fields that are given in another schedule."""
        return replace(Schedule(), **{n: getattr(self, n) for n in other.given})

    @property
    def windows(self) -> Iterator[Window]:
        """The periods that are switched on.

        Raises InvalidScheduleError for a time that cannot be understood: it may overlap any other.
        """
        for kind in (ActivePeriods.CHARGE, ActivePeriods.DISCHARGE):
            if self.active_periods not in (kind, ActivePeriods.BOTH, None):
                continue
            for number in (1, 2):
                names = [f"{kind}_period_{number}_{end}" for end in ("start", "end")]
                for name in names:
                    if getattr(self, name) is None:
                        raise InvalidScheduleError(ScheduleProblem.UNKNOWN, field=name)
                yield Window(*(getattr(self, name) for name in names))

    @property
    def without_period(self) -> tuple[ActivePeriods, ...]:
        """What is switched on, charging or discharging, although no period of it has a length."""
        return tuple(
            kind
            for kind in (ActivePeriods.CHARGE, ActivePeriods.DISCHARGE)
            if self.active_periods in (kind, ActivePeriods.BOTH)
            and all(self._is_empty(f"{kind}_period_{number}") for number in (1, 2))
        )

    def _is_empty(self, period: str) -> bool:
        start, end = (getattr(self, f"{period}_{which}") for which in ("start", "end"))
        return start is not None and start == end


def validate(requested: Schedule, current: Schedule, *, minutes: bool) -> None:
    """Check whether a change can be applied to the current schedule.

    Periods that are off may overlap. Periods that already overlap are accepted as long
    as the change affects no period. Raises InvalidScheduleError.
    """
    for name, value in requested.given.items():
        if name in PERIOD_FIELDS:
            _check_time(value, minutes=minutes)
        elif name in SOC_FIELDS:
            require_percentage(value, name, minimum=MIN_SOC_PERCENT)
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


def require_percentage(percent: float, field: str, *, minimum: int) -> None:
    """Raise InvalidScheduleError unless this is a whole percentage, up to 100: the registers have no other."""
    if not (minimum <= percent <= MAX_SOC_PERCENT and percent == int(percent)):
        raise InvalidScheduleError(
            ScheduleProblem.SHARE,
            field=field,
            value=f"{percent:g}",
            least=str(minimum),
            most=str(MAX_SOC_PERCENT),
        )


def _time(periods: Periods, minutes: PeriodMinutes | None, end: str) -> time | None:
    hour = getattr(periods, _part(end, "hour"))
    minute = getattr(minutes, _part(end, "minute")) if minutes else 0
    if hour is None or minute is None:
        return None
    if (hour, minute) == (24, 0):
        # The end of the day; but no `time` distinguishes a whole day from a period that is off.
        start = end.removesuffix("_end") + "_start"
        is_whole_day = end.endswith("_end") and _time(periods, minutes, start) == time(
            0
        )
        return None if is_whole_day else time(0)
    return time(hour, minute) if hour < 24 and minute < 60 else None


def _part(end: str, unit: str) -> str:
    """Return the block's field that holds the hour or the minute of a period's start or end."""
    return f"{end.replace('_period', '')}_{unit}"


def _possible(periods: Periods, name: str) -> float | None:
    """Return a limit of the periods; None if no inverter can have it."""
    value: float | None = getattr(periods, name)
    is_possible = value is not None and CUT_OFF_CHARGE.is_possible(value)
    return value if is_possible else None
