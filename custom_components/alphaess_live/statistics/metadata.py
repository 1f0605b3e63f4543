"""What the recorder knows of an entity, whoever it belonged to."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from homeassistant.components.recorder.history import (
    get_last_state_changes,
    get_significant_states,
)
from homeassistant.components.recorder.models import StatisticMetaData
from homeassistant.components.recorder.statistics import (
    STATISTIC_UNIT_TO_UNIT_CONVERTER,
    get_last_short_term_statistics,
    get_last_statistics,
    get_metadata,
)
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers.recorder import get_instance
from homeassistant.util import dt as dt_util


@dataclass(frozen=True, kw_only=True)
class RecordedSeries:
    """What the recorder knows of one entity."""

    statistics: StatisticMetaData | None
    has_states: bool
    has_uncompiled_state: bool = False
    """Whether it had a value in the present five minutes, which are not summed up yet."""
    end: datetime | None = None
    """When the newest statistics end."""
    hours_end: datetime | None = None
    """When the newest hour of the long-term statistics ends."""
    state: float | None = None
    sum: float | None = None

    @property
    def exists(self) -> bool:
        """Whether there is anything to go on from."""
        return self.has_states or self.statistics is not None

    @property
    def is_counter(self) -> bool:
        """Whether it is a counter."""
        return self.statistics is not None and self.statistics["has_sum"]

    @property
    def unit(self) -> str | None:
        """The unit that the statistics are kept in."""
        return self.statistics["unit_of_measurement"] if self.statistics else None


async def load_series(
    hass: HomeAssistant, entities: Sequence[str]
) -> dict[str, RecordedSeries]:
    """Ask the recorder what it knows of each entity."""
    instance = get_instance(hass)
    # What was said just now is written first.
    await instance.async_block_till_done()
    return await instance.async_add_executor_job(
        lambda: {entity: _load_one(hass, entity) for entity in entities}
    )


def can_convert(unit: str | None, past: RecordedSeries) -> bool:
    """Whether values in this unit can go on in a series."""
    converter = STATISTIC_UNIT_TO_UNIT_CONVERTER.get(unit)
    return unit == past.unit or (
        converter is not None and past.unit in converter.VALID_UNITS
    )


def current_five_minutes() -> datetime:
    """When the present five minutes began: the recorder sums up five at a time."""
    now = dt_util.utcnow()
    return now.replace(minute=now.minute // 5 * 5, second=0, microsecond=0)


def parse_float(state: str) -> float | None:
    """Read a state; None for what is no number."""
    try:
        return float(state)
    except ValueError:
        return None


def convert_to_unit_of(value: float, unit: str | None, past: RecordedSeries) -> float:
    """Convert a value to the unit that the statistics are kept in."""
    converter = STATISTIC_UNIT_TO_UNIT_CONVERTER.get(unit)
    if converter is None or unit == past.unit:
        return value
    return converter.convert(value, unit, past.unit)


def _load_one(hass: HomeAssistant, entity: str) -> RecordedSeries:
    found = get_metadata(hass, statistic_ids={entity}).get(entity)
    has_states = bool(get_last_state_changes(hass, 1, entity).get(entity))
    if not found:
        return RecordedSeries(statistics=None, has_states=has_states)
    hours, slots = (
        newest_of(hass, 1, entity, False, {"state", "sum"}).get(entity, [])
        for newest_of in (get_last_statistics, get_last_short_term_statistics)
    )
    newest = max((*hours, *slots), key=lambda row: row["end"], default=None)
    return RecordedSeries(
        statistics=found[1],
        has_states=has_states,
        has_uncompiled_state=_has_uncompiled_state(hass, entity),
        end=dt_util.utc_from_timestamp(newest["end"]) if newest else None,
        hours_end=dt_util.utc_from_timestamp(hours[0]["end"]) if hours else None,
        state=newest.get("state") if newest else None,
        sum=newest.get("sum") if newest else None,
    )


def _has_uncompiled_state(hass: HomeAssistant, entity: str) -> bool:
    said = get_significant_states(
        hass, current_five_minutes(), None, [entity], significant_changes_only=False
    ).get(entity, [])
    return any(
        parse_float(state.state) is not None
        for state in said
        if isinstance(state, State)
    )
