"""Splices the recorded series of another entity and of ours into one: states and statistics."""

from asyncio import Event
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Literal, cast

from homeassistant.components.recorder.db_schema import Statistics, StatisticsShortTerm
from homeassistant.components.recorder.models import StatisticData, StatisticMetaData
from homeassistant.components.recorder.statistics import statistics_during_period
from homeassistant.const import ATTR_UNIT_OF_MEASUREMENT
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers.recorder import get_instance
from homeassistant.util import dt as dt_util

from ..statistics.metadata import (
    RecordedSeries,
    convert_to_unit_of,
    current_five_minutes,
    parse_float,
)

type Period = Literal["hour", "5minute"]

ONE_HOUR = timedelta(hours=1)
FIVE_MINUTES = timedelta(minutes=5)

MAX_GROWTH_KW = 30.0
"""A counter that grew faster between the two series is not the same counter."""

type RecordedRow = dict[str, Any]
"""A row of statistics, as the recorder returns it."""

_TABLES: tuple[tuple[Period, type[Statistics | StatisticsShortTerm]], ...] = (
    ("hour", Statistics),
    ("5minute", StatisticsShortTerm),
)


@dataclass(frozen=True, kw_only=True)
class Splice:
    """How our series continues the old one, under the old entity id."""

    old: str
    ours: str
    """The entity id that our entity had until now."""
    metadata: StatisticMetaData | None
    rows: Mapping[Period, Sequence[StatisticData]]
    """Our rows since the end of the old series, by the length of a row."""
    growth: float | None = None
    """How much the counter has grown between the two series; None if it is no counter."""

    @property
    def hours(self) -> int:
        """Number of our hours that are added to the old series."""
        return len(self.rows.get("hour", ()))


async def find_splice(
    hass: HomeAssistant,
    old_series: RecordedSeries,
    *,
    entity_ids: tuple[str, str],
    same_counter: bool,
) -> Splice:
    """Compute how our series continues an old one; `entity_ids` are the old one and ours."""
    state = hass.states.get(entity_ids[1])
    value = parse_float(state.state) if state and old_series.is_counter else None
    if state and value is not None:
        value = convert_to_unit_of(
            value, state.attributes.get(ATTR_UNIT_OF_MEASUREMENT), old_series
        )
    build = partial(_build_splice, hass, old_series, entity_ids, value, same_counter)
    return await get_instance(hass).async_add_executor_job(build)


@callback
def vacate_id(hass: HomeAssistant, splice: Splice) -> None:
    """Rename the old series temporarily, so that our entity can take its id without a collision."""
    _rename(hass, splice.old, _temporary_id(splice))


async def apply_splices(hass: HomeAssistant, splices: Sequence[Splice]) -> None:
    """Rename the old series back, and append our rows. Our entities have the old ids by then.

    Our own earlier states stay under our earlier entity id.
    """
    instance, done = get_instance(hass), Event()
    for splice in splices:
        instance.async_update_states_metadata(splice.old, new_entity_id=splice.ours)
        if splice.metadata:
            instance.async_update_statistics_metadata(
                splice.old, new_statistic_id=splice.ours
            )
        _rename(hass, _temporary_id(splice), splice.old)
        for period, table in _TABLES:
            if splice.metadata and (rows := splice.rows[period]):
                instance.async_import_statistics(splice.metadata, rows, table)

    def on_done() -> None:
        hass.loop.call_soon_threadsafe(done.set)

    replaced = [splice.ours for splice in splices if splice.metadata]
    instance.async_clear_statistics(replaced, on_done=on_done)
    await done.wait()


def _temporary_id(splice: Splice) -> str:
    return f"{splice.old}_until_alphaess_live"


def _rename(hass: HomeAssistant, old: str, new: str) -> None:
    instance = get_instance(hass)
    instance.async_update_statistics_metadata(old, new_statistic_id=new)
    instance.async_update_states_metadata(old, new_entity_id=new)


def _build_splice(
    hass: HomeAssistant,
    old_series: RecordedSeries,
    entity_ids: tuple[str, str],
    value: float | None,
    same_counter: bool,  # noqa: FBT001 - an executor job has positional arguments only
) -> Splice:
    old, ours = entity_ids
    rows = {
        period: _our_rows(hass, ours, old_series, period=period)
        for period, _ in _TABLES
    }
    if value is None:
        rows_after = _rows_after(rows, old_series)
        return Splice(
            old=old, ours=ours, metadata=old_series.statistics, rows=rows_after
        )
    return _splice_counter(
        old_series, entity_ids, rows, value=value, same_counter=same_counter
    )


def _splice_counter(
    old_series: RecordedSeries,
    entity_ids: tuple[str, str],
    rows: Mapping[Period, list[RecordedRow]],
    *,
    value: float,
    same_counter: bool,
) -> Splice:
    """Continue a counter from the old sum, whatever the two counters show."""
    all_rows = sorted(rows["hour"] + rows["5minute"], key=lambda row: row["end"])
    end = old_series.end or dt_util.utcnow()
    rows_before = [row for row in all_rows if row["end"] <= end.timestamp()]
    state, sum_at_end = _state_and_sum_at_end(rows_before, all_rows, value)
    growth = state - (old_series.state or 0.0)
    elapsed_hours = (dt_util.utcnow() - end) / ONE_HOUR + 1
    growth_between = (
        growth if same_counter and 0 <= growth <= MAX_GROWTH_KW * elapsed_hours else 0.0
    )
    offset = (old_series.sum or 0.0) + growth_between - sum_at_end
    rows_after = _rows_after(rows, old_series, offset)
    newest = all_rows[-1] if all_rows else {"state": state, "sum": sum_at_end}
    now = newest["sum"] + max(0.0, value - newest["state"]) + offset
    rows_after["5minute"].append(
        StatisticData(start=current_five_minutes() - FIVE_MINUTES, state=value, sum=now)
    )
    return Splice(
        old=entity_ids[0],
        ours=entity_ids[1],
        metadata=old_series.statistics,
        rows=rows_after,
        growth=growth_between,
    )


def _state_and_sum_at_end(
    rows_before: Sequence[RecordedRow], all_rows: Sequence[RecordedRow], value: float
) -> tuple[float, float]:
    """Find the state and the sum of our counter at the end of the old series."""
    if rows_before:
        return rows_before[-1]["state"], rows_before[-1]["sum"]
    if all_rows:
        # Our sum started at 0, with the state that the counter had then.
        return all_rows[0]["state"] - all_rows[0]["sum"], 0.0
    return value, 0.0


def _our_rows(
    hass: HomeAssistant, entity: str, old_series: RecordedSeries, *, period: Period
) -> list[RecordedRow]:
    """Read our rows, in the unit of the old series."""
    unit_class = old_series.statistics["unit_class"] if old_series.statistics else None
    found = statistics_during_period(
        hass,
        dt_util.utc_from_timestamp(0),
        None,
        {entity},
        period,
        {unit_class: old_series.unit} if unit_class and old_series.unit else None,
        {"mean", "min", "max", "state", "sum"},
    )
    return cast("list[RecordedRow]", found.get(entity, []))


def _rows_after(
    rows: Mapping[Period, list[RecordedRow]],
    old_series: RecordedSeries,
    offset: float = 0.0,
) -> dict[Period, list[StatisticData]]:
    """Convert the rows of ours that start after the end of the old series."""
    ends: dict[Period, datetime | None] = {
        "hour": old_series.hours_end,
        "5minute": old_series.end,
    }
    return {
        period: [
            _statistic_row(row, offset)
            for row in rows[period]
            if end is None or row["start"] >= end.timestamp()
        ]
        for period, end in ends.items()
    }


def _statistic_row(row: RecordedRow, offset: float) -> StatisticData:
    data = StatisticData(start=dt_util.utc_from_timestamp(row["start"]))
    if row.get("mean") is not None:
        data |= {"mean": row["mean"], "min": row["min"], "max": row["max"]}
    if row.get("sum") is not None:
        data |= {"state": row["state"], "sum": row["sum"] + offset}
    return data
