"""The recorded entities that a user may read, and the JSON of times and connection changes."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from http import HTTPStatus

from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.const import (
    ATTR_UNIT_OF_MEASUREMENT,
    STATE_OFF,
    STATE_ON,
    STATE_UNAVAILABLE,
    STATE_UNKNOWN,
    UnitOfEnergy,
)
from homeassistant.core import State
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
from homeassistant.util.unit_conversion import EnergyConverter

from ..const import DOMAIN, entity_unique_id
from ..feed.messages import rfc3339
from ..statistics.buckets import TimeRange
from ..statistics.query import HistoryUnavailableError, query
from . import time_range
from .api_error import RETRY_HEADERS, ApiError
from .view import ApiRequest, Json


def readable_entities(
    request: ApiRequest, keys: Iterable[str], *, platform: str = "sensor"
) -> dict[str, str]:
    """Find the entity ids of some keys, without those that the user may not read."""
    registry, serial = er.async_get(request.hass), request.identity.serial
    entity_ids = {
        key: registry.async_get_entity_id(
            platform, DOMAIN, entity_unique_id(serial, key)
        )
        for key in keys
    }
    may_read = request.user.permissions.check_entity
    readable = {
        key: entity_id
        for key, entity_id in entity_ids.items()
        if entity_id and may_read(entity_id, POLICY_READ)
    }
    request.used_entities.update(readable.values())
    return readable


def energy_states(request: ApiRequest, keys: Iterable[str]) -> dict[str, float | None]:
    """Return what some sensors show in kWh, by their keys; None for a sensor without a value."""
    entity_ids = readable_entities(request, keys)
    states = {key: request.hass.states.get(one) for key, one in entity_ids.items()}
    return {key: _as_energy(state) for key, state in states.items()}


def _as_energy(state: State | None) -> float | None:
    """Convert a state to kWh; its user may have chosen another unit."""
    if state is None or state.state in (STATE_UNKNOWN, STATE_UNAVAILABLE):
        return None
    unit = state.attributes.get(ATTR_UNIT_OF_MEASUREMENT)
    kwh = UnitOfEnergy.KILO_WATT_HOUR
    return round(EnergyConverter.convert(float(state.state), unit, kwh), 3)


async def pv_energy_today(request: ApiRequest) -> float | None:
    """Compute today's PV energy in kWh; None if nothing is recorded."""
    entity_ids = readable_entities(request, ("pv_energy_total",)).values()
    try:
        series = await query(
            request.hass,
            entity_ids,
            time_range.for_day(time_range.today()),
            statistics=("change",),
            transform=lambda series: series,
        )
    except HistoryUnavailableError:
        return None
    changes = [row.change for rows in series.values() for row in rows]
    known = [change for change in changes if change is not None]
    return round(sum(known), 3) if known else None


def connection_changes(states: Iterable[State], span: TimeRange) -> Iterator[Json]:
    """Convert the states of the connectivity sensor to its changes in a time range, oldest first."""
    before: str | None = None
    for state in states:
        if state.state not in (STATE_ON, STATE_OFF):
            continue  # Unknown while Home Assistant stops or starts: not a change.
        has_changed = before is not None and state.state != before
        before = state.state
        if has_changed and state.last_updated >= span.start:
            yield _change_to_json(state)


def _change_to_json(state: State) -> Json:
    connected = state.state == STATE_ON
    attributes = state.attributes
    return {
        "type": "modbus_connected" if connected else "modbus_disconnected",
        "timestamp": rfc3339(state.last_updated),
        "outageSeconds": attributes.get("last_outage_seconds") if connected else None,
        "errorKind": None if connected else attributes.get("error_kind"),
    }


def history_unavailable(err: HistoryUnavailableError) -> ApiError:
    """Build the error for a recorder that is missing, stopped or does not answer.

    Not 503: that means that the inverter is disconnected.
    """
    return ApiError(
        HTTPStatus.GATEWAY_TIMEOUT,
        "history_unavailable",
        str(err),
        headers=RETRY_HEADERS,
    )


def format_timestamp(at: float | None) -> str | None:
    """Format a Unix time; None stays None."""
    return None if at is None else rfc3339(datetime.fromtimestamp(at, UTC))


def as_local(at: float) -> datetime:
    """Convert a Unix time to local time."""
    return datetime.fromtimestamp(at, dt_util.get_default_time_zone())
