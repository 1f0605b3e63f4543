"""Where the recorded past of another entity ends and that of ours goes on, as one series."""

from asyncio import Event
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
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

HOUR = timedelta(hours=1)
SLOT = timedelta(minutes=5)

MOST = 30.0
"""kW: a counter that grew faster while nobody looked is another counter."""

type Recorded = dict[str, Any]
"""A row of statistics, as the recorder hands it out."""

_TABLES: tuple[tuple[Period, type[Statistics | StatisticsShortTerm]], ...] = (
    ("hour", Statistics),
    ("5minute", StatisticsShortTerm),
)


@dataclass(frozen=True, kw_only=True)
class Splice:
    """How one series goes on under the old name."""

    old: str
    ours: str
    """The name that our entity had until now."""
    metadata: StatisticMetaData | None
    rows: Mapping[Period, Sequence[StatisticData]]
    """What was recorded of ours since the old one ended, by the length of a row."""
    growth: float | None = None
    """What our counter has more than the old one's last value; None for what is no counter."""

    @property
    def hours(self) -> int:
        """How many hours of ours are added to the old series."""
        return len(self.rows.get("hour", ()))


async def find_splice(
    hass: HomeAssistant,
    past: RecordedSeries,
    *,
    names: tuple[str, str],
    same_counter: bool,
) -> Splice:
    """Work out how ours goes on from an old entity's past; names are the old one and ours."""
    shown = hass.states.get(names[1])
    value = parse_float(shown.state) if shown and past.is_counter else None
    if shown and value is not None:
        value = convert_to_unit_of(
            value, shown.attributes.get(ATTR_UNIT_OF_MEASUREMENT), past
        )
    job = partial(_splice, hass, past, names, value, same_counter)
    return await get_instance(hass).async_add_executor_job(job)


@callback
def vacate_id(hass: HomeAssistant, seam: Splice) -> None:
    """Let the old past step aside, so that our entity can take its name without a collision."""
    _rename(hass, seam.old, _temporary_id(seam))


async def splice(hass: HomeAssistant, seams: Sequence[Splice]) -> None:
    """Bring the old past back under its name, and let ours follow it, once each entity has its name.

    Our own states of the time before stay under the name that we had.
    """
    instance, done = get_instance(hass), Event()
    for seam in seams:
        instance.async_update_states_metadata(seam.old, new_entity_id=seam.ours)
        if seam.metadata:
            instance.async_update_statistics_metadata(
                seam.old, new_statistic_id=seam.ours
            )
        _rename(hass, _temporary_id(seam), seam.old)
        for period, table in _TABLES:
            if seam.metadata and (rows := seam.rows[period]):
                instance.async_import_statistics(seam.metadata, rows, table)

    def finished() -> None:
        hass.loop.call_soon_threadsafe(done.set)

    kept = [seam.ours for seam in seams if seam.metadata]
    instance.async_clear_statistics(kept, on_done=finished)
    await done.wait()


def _temporary_id(seam: Splice) -> str:
    return f"{seam.old}_until_alphaess_live"


def _rename(hass: HomeAssistant, old: str, new: str) -> None:
    instance = get_instance(hass)
    instance.async_update_statistics_metadata(old, new_statistic_id=new)
    instance.async_update_states_metadata(old, new_entity_id=new)


def _splice(
    hass: HomeAssistant,
    past: RecordedSeries,
    names: tuple[str, str],
    value: float | None,
    same_counter: bool,  # noqa: FBT001 - an executor passes no names
) -> Splice:
    old, ours = names
    rows = {period: _recorded(hass, ours, past, period=period) for period, _ in _TABLES}
    if value is None:
        later = {
            period: [_data(row) for row in rows[period] if _follows(row, past, period)]
            for period, _ in _TABLES
        }
        return Splice(old=old, ours=ours, metadata=past.statistics, rows=later)
    return _counted(past, names, rows, value=value, same_counter=same_counter)


def _counted(
    past: RecordedSeries,
    names: tuple[str, str],
    rows: Mapping[Period, list[Recorded]],
    *,
    value: float,
    same_counter: bool,
) -> Splice:
    """Let a counter go on from the old sum, whatever the two counters stand at."""
    known = sorted(rows["hour"] + rows["5minute"], key=lambda row: row["end"])
    end = past.end or dt_util.utcnow()
    before = [row for row in known if row["end"] <= end.timestamp()]
    state, total = _meeting_point(before, known, value)
    growth = state - (past.state or 0.0)
    patience = (dt_util.utcnow() - end) / HOUR + 1
    grown = growth if same_counter and 0 <= growth <= MOST * patience else 0.0
    offset = (past.sum or 0.0) + grown - total
    later: dict[Period, list[StatisticData]] = {
        period: [
            _data(row, offset) for row in rows[period] if _follows(row, past, period)
        ]
        for period, _ in _TABLES
    }
    newest = known[-1] if known else {"state": state, "sum": total}
    now = newest["sum"] + max(0.0, value - newest["state"]) + offset
    later["5minute"].append(
        StatisticData(start=current_five_minutes() - SLOT, state=value, sum=now)
    )
    return Splice(
        old=names[0],
        ours=names[1],
        metadata=past.statistics,
        rows=later,
        growth=grown,
    )


def _meeting_point(
    before: Sequence[Recorded], known: Sequence[Recorded], value: float
) -> tuple[float, float]:
    """Find what our counter stood at, and our sum, when the old series ended."""
    if before:
        return before[-1]["state"], before[-1]["sum"]
    if known:
        # Our sum began at 0 with what the counter stood at then.
        return known[0]["state"] - known[0]["sum"], 0.0
    return value, 0.0


def _recorded(
    hass: HomeAssistant, entity: str, past: RecordedSeries, *, period: Period
) -> list[Recorded]:
    """Read our rows, in the old series' unit."""
    unit_class = past.statistics["unit_class"] if past.statistics else None
    found = statistics_during_period(
        hass,
        dt_util.utc_from_timestamp(0),
        None,
        {entity},
        period,
        {unit_class: past.unit} if unit_class and past.unit else None,
        {"mean", "min", "max", "state", "sum"},
    )
    return cast("list[Recorded]", found.get(entity, []))


def _follows(row: Recorded, past: RecordedSeries, period: str) -> bool:
    """Whether a row of ours begins after what the old series has already."""
    end = past.hours_end if period == "hour" else past.end
    return end is None or row["start"] >= end.timestamp()


def _data(row: Recorded, offset: float = 0.0) -> StatisticData:
    data = StatisticData(start=dt_util.utc_from_timestamp(row["start"]))
    if row.get("mean") is not None:
        data |= {"mean": row["mean"], "min": row["min"], "max": row["max"]}
    if row.get("sum") is not None:
        data |= {"state": row["state"], "sum": row["sum"] + offset}
    return data
