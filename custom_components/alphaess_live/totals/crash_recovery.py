"""What was on record last of an energy that was not written down before Home Assistant crashed."""

from datetime import datetime, timedelta
from typing import NamedTuple

from homeassistant.const import ATTR_UNIT_OF_MEASUREMENT, UnitOfEnergy
from homeassistant.core import HomeAssistant, State
from homeassistant.util import dt as dt_util
from homeassistant.util.unit_conversion import EnergyConverter

from ..statistics.buckets import Period, TimeRange
from ..statistics.metadata import parse_float
from ..statistics.query import HistoryUnavailableError, query_states

UNKNOWN_SECONDS = "unknown_seconds"
"""The attribute that tells for how long nobody knew the power: it is not in the energy."""


class RecordedEnergy(NamedTuple):
    """What was on record, and when."""

    value: float
    at: datetime
    unknown: timedelta


async def latest_recorded(
    hass: HomeAssistant, entity_id: str, since: datetime
) -> RecordedEnergy | None:
    """Ask the recorder for the highest value since then, in kWh; None where it knows of none."""
    span = TimeRange(start=since, end=dt_util.utcnow(), period=Period.FIVE_MINUTES)
    try:
        states = await query_states(hass, entity_id, span)
    except HistoryUnavailableError:
        return None
    known = (found for state in states if (found := _energy(state)))
    return max(known, default=None)


def _energy(state: State) -> RecordedEnergy | None:
    """Read a state in the unit that somebody chose for it; None while it says nothing."""
    value = parse_float(state.state)
    unit = state.attributes.get(ATTR_UNIT_OF_MEASUREMENT)
    if value is None or unit not in EnergyConverter.VALID_UNITS:
        return None
    energy = EnergyConverter.convert(value, unit, UnitOfEnergy.KILO_WATT_HOUR)
    unknown = timedelta(seconds=state.attributes.get(UNKNOWN_SECONDS, 0))
    return RecordedEnergy(energy, state.last_updated, unknown)
