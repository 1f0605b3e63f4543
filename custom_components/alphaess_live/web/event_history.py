"""The history paths of dispatches, and of all events in one list; also while the inverter is disconnected."""

from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import override

from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN, Platform
from homeassistant.core import State
from homeassistant.util import dt as dt_util

from ..alphaess.faults import fault_text
from ..control.order_report import EndReason
from ..feed.messages import dispatch_to_json, optional_rfc3339, rfc3339
from ..monitor.dispatch_log import stored_records
from ..monitor.dispatch_record import DispatchChange, DispatchRecord
from ..statistics.buckets import TimeRange
from ..statistics.query import HistoryUnavailableError, query_states
from . import time_range
from .history_access import connection_changes, history_unavailable, readable_entities
from .view import ApiRequest, ApiView, Json


class ConnectionHistoryView(ApiView):
    """Losses of the connection and reconnects."""

    path = "/api/history/connection"
    policy = None

    @override
    async def handle(self, request: ApiRequest) -> Json:
        span = time_range.from_query(request.http.query)
        return {"events": await _connection_events(request, span)}


class DispatchHistoryView(ApiView):
    """Dispatches and refused orders, from a log of our own: the newest 200 are kept."""

    path = "/api/history/dispatch"
    policy = None

    @override
    async def handle(self, request: ApiRequest) -> Json:
        span, now = time_range.from_query(request.http.query), dt_util.utcnow()
        return {
            "orders": [
                _record_to_json(record)
                for record in await _readable_records(request)
                if record.started_at < span.end
                and (record.ended_at or now) >= span.start
            ]
        }


class EventHistoryView(ApiView):
    """Changes of the connection, the faults and the dispatch."""

    path = "/api/history/events"
    policy = None

    @override
    async def handle(self, request: ApiRequest) -> Json:
        span = time_range.from_query(request.http.query)
        dispatches = _dispatch_events(await _readable_records(request), span)
        events = [
            *await _connection_events(request, span),
            *await _fault_events(request, span),
            *dispatches,
        ]
        # All times have the same format and zone; the sort keeps the order of equal ones.
        return {"events": sorted(events, key=lambda event: str(event["timestamp"]))}


async def _states(
    request: ApiRequest, key: str, span: TimeRange, *, platform: Platform
) -> list[State]:
    """Load the recorded states of an entity, none if the user may not read it. Raises ApiError."""
    entity_ids = readable_entities(request, (key,), platform=platform)
    if key not in entity_ids:
        return []
    try:
        return await query_states(request.hass, entity_ids[key], span)
    except HistoryUnavailableError as err:
        raise history_unavailable(err) from err


async def _connection_events(request: ApiRequest, span: TimeRange) -> list[Json]:
    platform = Platform.BINARY_SENSOR
    states = await _states(request, "modbus", span, platform=platform)
    return list(connection_changes(states, span))


async def _fault_events(request: ApiRequest, span: TimeRange) -> list[Json]:
    states = await _states(request, "fault", span, platform=Platform.EVENT)
    return list(_fault_changes(states, span))


def _fault_changes(states: Iterable[State], span: TimeRange) -> Iterator[Json]:
    """Convert the states of the fault event, oldest first. A state that is restored is no event."""
    last: datetime | None = None
    for state in states:
        if state.state in (STATE_UNAVAILABLE, STATE_UNKNOWN):
            continue
        at, attributes = dt_util.parse_datetime(state.state), state.attributes
        if at is None or at == last:
            continue
        last = at
        if at >= span.start:
            yield {
                "type": attributes.get("event_type"),
                "timestamp": rfc3339(at),
                # Recorded in Home Assistant's language; the texts of the API are English.
                **{name: attributes.get(name) for name in _FAULT_FIELDS},
                "text": fault_text(attributes.get("code", ""))
                or attributes.get("text"),
            }


_FAULT_FIELDS = ("code", "source", "text", "since", "bit", "probable")
"""As for an active fault."""


async def _readable_records(request: ApiRequest) -> tuple[DispatchRecord, ...]:
    """Return the logged dispatches, none if the user may not read their entity."""
    if not readable_entities(request, ("dispatch",), platform=Platform.EVENT):
        return ()
    if loaded := request.loaded:
        return loaded.dispatch_log.records
    return await stored_records(request.hass, request.entry)


def _record_to_json(record: DispatchRecord) -> Json:
    return {
        "startedAt": rfc3339(record.started_at),
        "endedAt": optional_rfc3339(record.ended_at),
        "beganAs": record.began_as.value,
        **dispatch_to_json(record.values()),
    }


def _dispatch_events(
    records: Iterable[DispatchRecord], span: TimeRange
) -> Iterator[Json]:
    """Convert records, oldest first, to what began, was reached and ended.

    A dispatch that another order of this program replaces has no end: as on the feed, the
    change to the new one has its reason and its energy.
    """
    replaced: DispatchRecord | None = None
    for record in records:
        yield from _changes_of(record, replaced, span)
        if record.began_as is not DispatchChange.REFUSED:
            is_replaced = record.reason is EndReason.REPLACED
            replaced = record if is_replaced else None


def _changes_of(
    record: DispatchRecord, replaced: DispatchRecord | None, span: TimeRange
) -> Iterator[Json]:
    content = dispatch_to_json(record.values())
    kind = record.began_as
    is_refused = kind is DispatchChange.REFUSED
    if span.start <= record.started_at < span.end:
        began = content if is_refused else content | _NOT_ENDED
        began |= {"targetReached": record.is_reached_at_start}
        if replaced and kind is DispatchChange.CHANGED:
            before = dispatch_to_json(replaced.values())
            began |= {name: before[name] for name in ("reason", "energy")}
        timestamp = rfc3339(record.started_at)
        yield {"type": f"dispatch_{kind}", "timestamp": timestamp, **began}
    reached_at, ended_at = record.target_reached_at, record.ended_at
    is_later = not record.is_reached_at_start
    if reached_at and is_later and span.start <= reached_at < span.end:
        at = rfc3339(reached_at)
        reached = {"type": "dispatch_target_reached", "timestamp": at}
        yield reached | content | _NOT_ENDED
    if is_refused or record.reason is EndReason.REPLACED:
        return
    if ended_at and span.start <= ended_at < span.end:
        yield {"type": "dispatch_ended", "timestamp": rfc3339(ended_at), **content}


_NOT_ENDED: Json = {
    "reason": None,
    "endedBy": None,
    "energy": None,
    "renewals": None,
}
