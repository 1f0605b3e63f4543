"""Rows of the past: what one entity did in each portion of time, put together from finer ones."""

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
"""What rows are in, by Home Assistant's classes of units."""

_CONVERTERS = ((PowerConverter, UNITS["power"]), (EnergyConverter, UNITS["energy"]))


class Period(StrEnum):
    """How much of the time one row tells of."""

    FIVE_MINUTES = "5minute"
    HOUR = "hour"
    DAY = "day"
    MONTH = "month"

    def start_of(self, at: float) -> float:
        """Find the beginning of the period that a moment is in; days and months are local."""
        match self:
            case Period.FIVE_MINUTES:
                return at - at % 300
            case Period.HOUR:
                return at - at % 3600
        local = datetime.fromtimestamp(at, dt_util.get_default_time_zone())
        first = local.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
        return (first.replace(day=1) if self is Period.MONTH else first).timestamp()


@dataclass(frozen=True, kw_only=True)
class TimeRange:
    """A piece of the past, and in which portions it is wanted."""

    start: datetime
    end: datetime
    period: Period


class Row(NamedTuple):
    """What one entity did for a while. Mean, lowest and highest, or how much was added."""

    start: float
    seconds: float
    mean: float | None
    minimum: float | None
    maximum: float | None
    change: float | None


def from_states(states: Iterable[State], since: float, until: float) -> Iterator[Row]:
    """Make statistics as the recorder will: each value counts for as long as it stood."""
    pieces = sorted(_segments(states, since, until), key=_five_minutes_of)
    for slot, group in groupby(pieces, key=_five_minutes_of):
        values = list(group)
        seconds = sum(piece.seconds for piece in values)
        if seconds <= 0:
            continue
        weighted = sum((piece.mean or 0.0) * piece.seconds for piece in values)
        known = [piece.mean for piece in values if piece.mean is not None]
        change = sum(piece.change or 0.0 for piece in values)
        length = min(slot + 300, until) - slot
        yield Row(slot, length, weighted / seconds, min(known), max(known), change)


def _five_minutes_of(piece: Row) -> float:
    return Period.FIVE_MINUTES.start_of(piece.start)


def _segments(states: Iterable[State], since: float, until: float) -> Iterator[Row]:
    """Cut the values' times at the slots' borders; what a value added counts where it came."""
    said = [(max(s.last_updated_timestamp, since), _convert(s)) for s in states]
    last: float | None = None
    for (at, value), (end, _) in zip(said, [*said[1:], (until, None)], strict=True):
        if value is None:
            continue
        added = 0.0 if last is None else max(value - last, 0.0)
        last = value
        begin = at
        while begin < end:
            cut = min(Period.FIVE_MINUTES.start_of(begin) + 300, end)
            yield Row(begin, cut - begin, value, value, value, added)
            begin, added = cut, 0.0


def _convert(state: State) -> float | None:
    """Read a state in our units; None for what is no number, such as unavailable."""
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
    """Put rows together that belong to one period; longer ones weigh more."""
    portions: list[Row] = []
    for start, group in groupby(rows, key=lambda row: period.start_of(row.start)):
        first, *others = group
        if others:
            portions.append(_combine(start, [first, *others]))
        else:
            # A year has many hours, and they begin where they should.
            moved = first.start != start
            portions.append(first._replace(start=start) if moved else first)
    return portions


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
