"""The recorded series of an entity of any integration: its statistics' metadata and its newest values."""

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
    """The recorded series of one entity."""

    statistics: StatisticMetaData | None
    has_states: bool
    has_uncompiled_state: bool = False
    """Whether it has a value in the current five minutes, whose statistics are not compiled yet."""
    end: datetime | None = None
    """The end of the newest statistics."""
    hours_end: datetime | None = None
    """The end of the newest hour of the long-term statistics."""
    state: float | None = None
    """State of a counter at that end, in the unit of the statistics."""
    sum: float | None = None
    """Sum of a counter's growth at that end."""

    @property
    def exists(self) -> bool:
        """Whether anything is recorded."""
        return self.has_states or self.statistics is not None

    @property
    def is_counter(self) -> bool:
        """Whether its statistics contain a sum."""
        return self.statistics is not None and self.statistics["has_sum"]

    @property
    def unit(self) -> str | None:
        """The unit of the stored statistics."""
        return self.statistics["unit_of_measurement"] if self.statistics else None


async def load_series(
    hass: HomeAssistant, entity_ids: Sequence[str]
) -> dict[str, RecordedSeries]:
    """Load the recorded series of each entity."""
    instance = get_instance(hass)
    # The latest states are written first.
    await instance.async_block_till_done()
    return await instance.async_add_executor_job(
        lambda: {entity_id: _load_one(hass, entity_id) for entity_id in entity_ids}
    )


def can_convert(unit: str | None, series: RecordedSeries) -> bool:
    """Whether values in this unit can continue a series."""
    converter = STATISTIC_UNIT_TO_UNIT_CONVERTER.get(unit)
    return unit == series.unit or (
        converter is not None and series.unit in converter.VALID_UNITS
    )


def current_five_minutes() -> datetime:
    """Return the start of the current five minutes, the recorder's compile interval."""
    now = dt_util.utcnow()
    return now.replace(minute=now.minute // 5 * 5, second=0, microsecond=0)


def parse_float(state: str) -> float | None:
    """Parse a state; None if it is not a number."""
    try:
        return float(state)
    except ValueError:
        return None


def convert_to_unit_of(value: float, unit: str | None, series: RecordedSeries) -> float:
    """Convert a value to the unit of the stored statistics of a series."""
    converter = STATISTIC_UNIT_TO_UNIT_CONVERTER.get(unit)
    if converter is None or unit == series.unit:
        return value
    return converter.convert(value, unit, series.unit)


def _load_one(hass: HomeAssistant, entity_id: str) -> RecordedSeries:
    found = get_metadata(hass, statistic_ids={entity_id}).get(entity_id)
    has_states = bool(get_last_state_changes(hass, 1, entity_id).get(entity_id))
    if not found:
        return RecordedSeries(statistics=None, has_states=has_states)
    hours, five_minutes = (
        load(hass, 1, entity_id, False, {"state", "sum"}).get(entity_id, [])
        for load in (get_last_statistics, get_last_short_term_statistics)
    )
    newest = max((*hours, *five_minutes), key=lambda row: row["end"], default=None)
    return RecordedSeries(
        statistics=found[1],
        has_states=has_states,
        has_uncompiled_state=_has_uncompiled_state(hass, entity_id),
        end=dt_util.utc_from_timestamp(newest["end"]) if newest else None,
        hours_end=dt_util.utc_from_timestamp(hours[0]["end"]) if hours else None,
        state=newest.get("state") if newest else None,
        sum=newest.get("sum") if newest else None,
    )


def _has_uncompiled_state(hass: HomeAssistant, entity_id: str) -> bool:
    states = get_significant_states(
        hass, current_five_minutes(), None, [entity_id], significant_changes_only=False
    ).get(entity_id, [])
    return any(
        parse_float(state.state) is not None
        for state in states
        if isinstance(state, State)
    )
