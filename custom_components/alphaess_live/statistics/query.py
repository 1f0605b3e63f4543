"""Series of recorded data: the recorder's statistics, and its states where statistics are not compiled yet."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from functools import partial
from typing import Any, Literal

from homeassistant.components.recorder.history import get_significant_states
from homeassistant.components.recorder.statistics import statistics_during_period
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers.recorder import get_instance
from homeassistant.util import dt as dt_util
from sqlalchemy.exc import SQLAlchemyError

from .buckets import UNITS, Period, Row, TimeRange, aggregate, from_states

COMPILE_INTERVAL = timedelta(minutes=5)
"""The recorder compiles statistics at this interval, and those of an hour from twelve of them."""

MAX_COMPILE_DELAY = 2 * COMPILE_INTERVAL
"""States are older than this only if their statistics are compiled."""

type Statistic = Literal["mean", "min", "max", "change"]
"""What the recorder can compute for a period. It computes only what is requested."""

type Series = Mapping[str, list[Row]]
"""The rows of each entity, by its entity id."""


class HistoryUnavailableError(Exception):
    """There is no recorder, or its database does not answer."""


async def query[T](
    hass: HomeAssistant,
    entity_ids: Iterable[str],
    time_range: TimeRange,
    *,
    statistics: Iterable[Statistic],
    transform: Callable[[Series], T],
) -> T:
    """Load the series of some entities and transform them, both in the recorder's executor.

    Rows contain only the requested statistics. Raises HistoryUnavailableError.
    """
    requested = frozenset(statistics)

    def load() -> T:
        return transform(
            _load(hass, sorted(entity_ids), time_range, statistics=requested)
        )

    return await _run_in_recorder(hass, load)


async def query_states(
    hass: HomeAssistant, entity_id: str, time_range: TimeRange
) -> list[State]:
    """Load the state of an entity at the start and each later one. Raises HistoryUnavailableError."""
    load = partial(_states, hass, [entity_id], time_range.start, time_range.end)
    states = await _run_in_recorder(hass, load)
    return states.get(entity_id, [])


async def _run_in_recorder[T](hass: HomeAssistant, load: Callable[[], T]) -> T:
    if "recorder" not in hass.config.components:
        raise HistoryUnavailableError("Home Assistant's recorder is not set up.")
    recorder = get_instance(hass)
    if not recorder.is_running:
        raise HistoryUnavailableError("Home Assistant's recorder has stopped.")
    try:
        return await recorder.async_add_executor_job(load)
    except SQLAlchemyError as err:
        message = "The recorder's database does not answer."
        raise HistoryUnavailableError(message) from err


def _load(
    hass: HomeAssistant,
    entity_ids: Sequence[str],
    time_range: TimeRange,
    *,
    statistics: frozenset[Statistic],
) -> Series:
    """Load the hours, then the five minutes after them, then the states after those."""
    if not entity_ids:
        return {}
    now, end, period = dt_util.utcnow(), time_range.end, time_range.period
    start = dt_util.utc_from_timestamp(period.start_of(time_range.start.timestamp()))
    rows: dict[str, list[Row]] = {entity_id: [] for entity_id in entity_ids}
    compiled = partial(_statistics, hass, set(entity_ids), statistics)
    if period is not Period.FIVE_MINUTES:
        _append(rows, compiled("hour", start=start, end=end))
        # The hour before the current one may not be compiled yet, either.
        hour = now.replace(minute=0, second=0, microsecond=0)
        start = max(start, hour - timedelta(hours=1))
    if start < end:
        _append(rows, compiled("5minute", start=start, end=end))
    current = dt_util.utc_from_timestamp(Period.FIVE_MINUTES.start_of(now.timestamp()))
    start, end = max(start, current - MAX_COMPILE_DELAY), min(end, now)
    if start < end:
        states = _states(hass, entity_ids, start, end)
        since, until = start.timestamp(), end.timestamp()
        latest = {e: list(from_states(s, since, until)) for e, s in states.items()}
        _append(rows, latest)
    return {entity_id: aggregate(rows[entity_id], period) for entity_id in entity_ids}


def _append(rows: Mapping[str, list[Row]], newer: Series) -> None:
    """Append the rows that start after the end of the existing ones."""
    for entity_id, additional in newer.items():
        existing = rows[entity_id]
        end = existing[-1].start + existing[-1].seconds if existing else 0.0
        existing += (
            (row for row in additional if row.start >= end) if existing else additional
        )


def _statistics(
    hass: HomeAssistant,
    entity_ids: set[str],
    statistics: frozenset[Statistic],
    period: Literal["5minute", "hour"],
    *,
    start: datetime,
    end: datetime,
) -> Series:
    found = statistics_during_period(
        hass, start, end, entity_ids, period, dict(UNITS), set(statistics)
    )
    return {
        entity_id: [
            Row(
                row["start"],
                row["end"] - row["start"],
                row.get("mean"),
                row.get("min"),
                row.get("max"),
                row.get("change"),
            )
            for row in rows
        ]
        for entity_id, rows in found.items()
    }


def _states(
    hass: HomeAssistant, entity_ids: Sequence[str], start: datetime, end: datetime
) -> dict[str, list[State]]:
    found: dict[str, list[Any]] = dict(
        get_significant_states(
            hass, start, end, list(entity_ids), significant_changes_only=False
        )
    )
    return found
