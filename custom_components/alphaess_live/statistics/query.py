"""What the recorder remembers, as series: its statistics, and its states where there are none yet."""

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
"""The recorder's finest statistics. It makes them every five minutes, and the hour's from them."""

MAX_COMPILE_DELAY = 2 * COMPILE_INTERVAL
"""How long the newest states may wait for their statistics."""

type Statistic = Literal["mean", "min", "max", "change"]
"""What the recorder can tell of a portion of time; what is not asked for is not computed."""


class HistoryUnavailableError(Exception):
    """There is no recorder, or its database does not answer."""


type Series = Mapping[str, list[Row]]


async def query[T](
    hass: HomeAssistant,
    entities: Iterable[str],
    time_range: TimeRange,
    *,
    statistics: Iterable[Statistic],
    transform: Callable[[Series], T],
) -> T:
    """Remember some entities in the recorder's own thread, and tell it there. Raises NoHistoryError.

    Rows lack the figures that nobody asked for.
    """
    asked = frozenset(statistics)

    def question() -> T:
        return transform(_load(hass, sorted(entities), time_range, statistics=asked))

    return await _run_in_recorder(hass, question)


async def query_states(
    hass: HomeAssistant, entity_id: str, time_range: TimeRange
) -> list[State]:
    """Remember what an entity said: at the start, and each time anew. Raises NoHistoryError."""
    states = await _run_in_recorder(
        hass, partial(_states, hass, [entity_id], time_range.start, time_range.end)
    )
    return states.get(entity_id, [])


async def _run_in_recorder[T](hass: HomeAssistant, question: Callable[[], T]) -> T:
    if "recorder" not in hass.config.components:
        raise HistoryUnavailableError("Home Assistant's recorder is not set up.")
    recorder = get_instance(hass)
    if not recorder.is_running:
        raise HistoryUnavailableError("Home Assistant's recorder has ended.")
    try:
        return await recorder.async_add_executor_job(question)
    except SQLAlchemyError as err:
        raise HistoryUnavailableError(
            "The recorder's database does not answer."
        ) from err


def _load(
    hass: HomeAssistant,
    entities: Sequence[str],
    time_range: TimeRange,
    *,
    statistics: frozenset[Statistic],
) -> Series:
    """Put together what there is: hours, then their five minutes, then states."""
    if not entities:
        return {}
    now = dt_util.utcnow()
    start = dt_util.utc_from_timestamp(
        time_range.period.start_of(time_range.start.timestamp())
    )
    rows: dict[str, list[Row]] = {entity: [] for entity in entities}
    compiled = partial(_statistics, hass, set(entities), statistics)
    if time_range.period is not Period.FIVE_MINUTES:
        _append(rows, compiled("hour", start=start, end=time_range.end))
        # The hour before the present one may be waiting for its statistics, too.
        hour = now.replace(minute=0, second=0, microsecond=0)
        start = max(start, hour - timedelta(hours=1))
    if start < time_range.end:
        _append(rows, compiled("5minute", start=start, end=time_range.end))
    slot = dt_util.utc_from_timestamp(Period.FIVE_MINUTES.start_of(now.timestamp()))
    start, end = max(start, slot - MAX_COMPILE_DELAY), min(time_range.end, now)
    if start < end:
        said = _states(hass, entities, start, end)
        since, until = start.timestamp(), end.timestamp()
        tails = {e: list(from_states(s, since, until)) for e, s in said.items()}
        _append(rows, tails)
    return {entity: aggregate(rows[entity], time_range.period) for entity in entities}


def _append(rows: Mapping[str, list[Row]], newer: Series) -> None:
    """Append what begins after what is there already has ended."""
    for entity, those in newer.items():
        mine = rows[entity]
        end = mine[-1].start + mine[-1].seconds if mine else 0.0
        mine += (row for row in those if row.start >= end) if mine else those


def _statistics(
    hass: HomeAssistant,
    entities: set[str],
    figures: frozenset[Statistic],
    kind: Literal["5minute", "hour"],
    *,
    start: datetime,
    end: datetime,
) -> Series:
    found = statistics_during_period(
        hass, start, end, entities, kind, dict(UNITS), set(figures)
    )
    return {
        entity: [
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
        for entity, rows in found.items()
    }


def _states(
    hass: HomeAssistant, entities: Sequence[str], start: datetime, end: datetime
) -> dict[str, list[State]]:
    found: dict[str, list[Any]] = dict(
        get_significant_states(
            hass, start, end, list(entities), significant_changes_only=False
        )
    )
    return found
