"""What of the past a user may see, and how its moments are written."""

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime
from http import HTTPStatus

from aiohttp.hdrs import RETRY_AFTER
from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.const import STATE_OFF, STATE_ON
from homeassistant.core import State
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util

from ..const import DOMAIN, entity_unique_id
from ..feed.serialize import rfc3339
from ..statistics.buckets import TimeRange
from ..statistics.query import HistoryUnavailableError, query
from . import time_range
from .api_error import PAUSE, ApiError
from .view import ApiRequest, Json


def readable_entities(
    call: ApiRequest, keys: Iterable[str], *, platform: str = "sensor"
) -> dict[str, str]:
    """Find the entities of some keys, as far as the user may read them."""
    registry, identity = er.async_get(call.hass), call.inverter.identity
    known = {
        key: registry.async_get_entity_id(
            platform, DOMAIN, entity_unique_id(identity.serial, key)
        )
        for key in keys
    }
    may_read = call.user.permissions.check_entity
    return {
        key: entity
        for key, entity in known.items()
        if entity and may_read(entity, POLICY_READ)
    }


async def pv_energy_today(call: ApiRequest) -> float | None:
    """Sum up today's PV energy, in kWh; None where nothing is remembered."""
    entities = readable_entities(call, ("pv_energy_total",)).values()
    try:
        past = await query(
            call.hass,
            entities,
            time_range.for_day(time_range.today()),
            statistics=("change",),
            transform=lambda past: past,
        )
    except HistoryUnavailableError:
        return None
    rows = [row.change for rows in past.values() for row in rows]
    known = [change for change in rows if change is not None]
    return round(sum(known), 3) if known else None


def connection_changes(states: Iterable[State], span: TimeRange) -> Iterator[Json]:
    """Tell from the states of the connectivity sensor when it changed, oldest first."""
    before: str | None = None
    for state in states:
        if state.state not in (STATE_ON, STATE_OFF):
            continue  # Home Assistant was stopping or starting: that says nothing.
        news = before is not None and state.state != before
        before = state.state
        if news and state.last_updated >= span.start:
            yield _change_to_json(state)


def _change_to_json(state: State) -> Json:
    returned = state.state == STATE_ON
    attributes = state.attributes
    return {
        "type": "modbus_connected" if returned else "modbus_disconnected",
        "timestamp": rfc3339(state.last_updated),
        "outageSeconds": attributes.get("last_outage_seconds") if returned else None,
        "errorKind": None if returned else attributes.get("error_kind"),
    }


def history_unavailable(err: HistoryUnavailableError) -> ApiError:
    """Say that nothing is remembered, or that it cannot be looked up now."""
    return ApiError(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "history_unavailable",
        str(err),
        headers={RETRY_AFTER: PAUSE},
    )


def format_timestamp(at: float | None) -> str | None:
    """Write the time of a row."""
    return None if at is None else rfc3339(datetime.fromtimestamp(at, UTC))


def as_local(at: float) -> datetime:
    """Say what time it was where the house stands."""
    return datetime.fromtimestamp(at, dt_util.get_default_time_zone())
