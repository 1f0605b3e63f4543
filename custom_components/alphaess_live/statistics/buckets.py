"""Rows of recorded data: the values of one entity in one period, aggregated from shorter rows or from states."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from itertools import groupby
from math import isfinite
from typing import NamedTuple

from homeassistant.const import ATTR_UNIT_OF_MEASUREMENT, UnitOfEnergy, UnitOfPower
from homeassistant.core import State
from homeassistant.util import dt as dt_util
from homeassistant.util.unit_conversion import EnergyConverter, PowerConverter

UNITS = {"power": UnitOfPower.WATT, "energy": UnitOfEnergy.KILO_WATT_HOUR}
"""The units of all rows, by Home Assistant's classes of units."""

_CONVERTERS = ((PowerConverter, UNITS["power"]), (EnergyConverter, UNITS["energy"]))

_FIVE_MINUTES_SECONDS = 300
_HOUR_SECONDS = 3600


class Period(StrEnum):
    """The length of a row."""

    FIVE_MINUTES = "5minute"
    HOUR = "hour"
    DAY = "day"
    MONTH = "month"

    def start_of(self, at: float) -> float:
        """Return the start of the period that contains a Unix time; days and months are local."""
        match self:
            case Period.FIVE_MINUTES:
                return at - at % _FIVE_MINUTES_SECONDS
            case Period.HOUR:
                return at - at % _HOUR_SECONDS
        local = datetime.fromtimestamp(at, dt_util.get_default_time_zone())
        midnight = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
        is_month = self is Period.MONTH
        return (midnight.replace(day=1) if is_month else midnight).timestamp()


@dataclass(frozen=True, kw_only=True)
class TimeRange:
    """The time between two moments, and the length of the rows in it."""

    start: datetime
    end: datetime
    period: Period


class Row(NamedTuple):
    """The values of one entity in one period, in the unit of `UNITS`; None where not recorded."""

    start: float
    """Unix time."""
    seconds: float
    mean: float | None
    minimum: float | None
    maximum: float | None
    change: float | None
    """Growth of a counter."""


def from_states(states: Iterable[State], since: float, until: float) -> Iterator[Row]:
    """Compile five-minute rows from states as the recorder does: values are weighted by their duration."""
    segments = sorted(_segments(states, since, until), key=_five_minutes_of)
    for start, group in groupby(segments, key=_five_minutes_of):
        parts = list(group)
        seconds = sum(part.seconds for part in parts)
        if seconds <= 0:
            continue
        weighted = sum((part.mean or 0.0) * part.seconds for part in parts)
        known = [part.mean for part in parts if part.mean is not None]
        change = sum(part.change or 0.0 for part in parts)
        length = min(start + _FIVE_MINUTES_SECONDS, until) - start
        yield Row(start, length, weighted / seconds, min(known), max(known), change)


def _five_minutes_of(row: Row) -> float:
    return Period.FIVE_MINUTES.start_of(row.start)


def _segments(states: Iterable[State], since: float, until: float) -> Iterator[Row]:
    """Split each value's duration at the five-minute boundaries. Its change counts in the first segment."""
    values = [(max(s.last_updated_timestamp, since), _in_our_unit(s)) for s in states]
    ends = [*(at for at, _ in values[1:]), until]
    last: float | None = None
    for (at, value), end in zip(values, ends, strict=True):
        if value is None:
            continue
        change = 0.0 if last is None else max(value - last, 0.0)
        last = value
        start = at
        while start < end:
            boundary = Period.FIVE_MINUTES.start_of(start) + _FIVE_MINUTES_SECONDS
            cut = min(boundary, end)
            yield Row(start, cut - start, value, value, value, change)
            start, change = cut, 0.0


def _in_our_unit(state: State) -> float | None:
    """Parse a state and convert it to the unit of `UNITS`; None if it is not a number."""
    try:
        value = float(state.state)
    except ValueError:
        return None
    unit = state.attributes.get(ATTR_UNIT_OF_MEASUREMENT)
    for converter, ours in _CONVERTERS:
        if unit in converter.VALID_UNITS:
            value = converter.convert(value, unit, ours)
    return value if isfinite(value) else None


def aggregate(rows: list[Row], period: Period) -> list[Row]:
    """Combine the rows of each period into one; means are weighted by the rows' duration."""
    combined: list[Row] = []
    for start, group in groupby(rows, key=lambda row: period.start_of(row.start)):
        first, *others = group
        if others:
            combined.append(_combine(start, [first, *others]))
        elif first.start == start:
            # The usual case of 8760 hours in a year: no copy.
            combined.append(first)
        else:
            combined.append(first._replace(start=start))
    return combined


def _combine(start: float, rows: Sequence[Row]) -> Row:
    seconds = sum(row.seconds for row in rows)
    means = [(row.mean, row.seconds) for row in rows if row.mean is not None]
    weight = sum(seconds for _, seconds in means)
    changes = [row.change for row in rows if row.change is not None]
    return Row(
        start,
        seconds,
        sum(mean * seconds for mean, seconds in means) / weight if weight else None,
        min((row.minimum for row in rows if row.minimum is not None), default=None),
        max((row.maximum for row in rows if row.maximum is not None), default=None),
        sum(changes) if changes else None,
    )
