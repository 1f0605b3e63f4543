"""The past, over REST: what the recorder remembers, also while the inverter is away."""

from collections.abc import Mapping
from typing import Any, ClassVar, override

from homeassistant.helpers.json import json_bytes

from ..feed.serialize import rfc3339
from ..statistics.buckets import Row, TimeRange
from ..statistics.query import HistoryUnavailableError, Series, query, query_states
from . import time_range
from .history_access import (
    connection_changes,
    format_timestamp,
    history_unavailable,
    readable_entities,
)
from .history_columns import ENERGY_COLUMNS, POWER_COLUMNS, Column
from .payloads import optional_rfc3339
from .view import ApiRequest, ApiView, Json

type ColumnRows = Mapping[str, list[Row]]
"""The rows of each column."""


class HistoryView(ApiView):
    """Some columns of the past; each is there if the user may read its entity."""

    path = ""
    policy = None
    columns: ClassVar[Mapping[str, Column]]

    def time_range(self, call: ApiRequest) -> TimeRange:
        """Say which piece of the past is meant. Raises RefusalError."""
        return time_range.from_query(call.request.query)

    def to_json(self, past: ColumnRows, call: ApiRequest, span: TimeRange) -> Any:
        """Make the answer of each column's rows. This does not run in the loop."""
        raise NotImplementedError

    @override
    async def handle(self, call: ApiRequest) -> bytes:
        span = self.time_range(call)
        columns = self.columns.values()
        known = readable_entities(call, {one.key for one in columns})
        figures = [figure for one in columns for figure in one.statistics]

        def transform(series: Series) -> bytes:
            past = {
                name: series.get(known[column.key], [])
                for name, column in self.columns.items()
                if column.key in known
            }
            return json_bytes(self.to_json(past, call, span))

        try:
            return await query(
                call.hass, known.values(), span, statistics=figures, transform=transform
            )
        except HistoryUnavailableError as err:
            raise history_unavailable(err) from err


class SeriesView(HistoryView):
    """A series for each column."""

    path = ""
    unit: ClassVar[str]

    def row_to_json(self, row: Row, column: Column) -> Json:
        """Lay out one row of a series."""
        raise NotImplementedError

    @override
    def to_json(self, past: ColumnRows, call: ApiRequest, span: TimeRange) -> Json:
        ends = (rows[-1].start + rows[-1].seconds for rows in past.values() if rows)
        seen = call.inverter.connection.last_success
        return {
            "start": rfc3339(span.start),
            "end": rfc3339(span.end),
            "period": span.period,
            "unit": self.unit,
            "series": {
                name: [self.row_to_json(row, self.columns[name]) for row in rows]
                for name, rows in past.items()
            },
            "stale": not call.inverter.connection.connected,
            "lastUpdate": optional_rfc3339(seen)
            or format_timestamp(max(ends, default=None)),
        }


class PowerHistoryView(SeriesView):
    """Mean, lowest and highest power of each portion of time; soc is in %."""

    path = "/api/history/power"
    columns = POWER_COLUMNS
    unit = "W"

    @override
    def row_to_json(self, row: Row, column: Column) -> Json:
        return {
            "start": format_timestamp(row.start),
            "mean": column.value(row),
            "min": row.minimum,
            "max": row.maximum,
        }


class EnergyHistoryView(SeriesView):
    """How much energy flowed in each portion of time."""

    path = "/api/history/energy"
    columns = ENERGY_COLUMNS
    unit = "kWh"

    @override
    def row_to_json(self, row: Row, column: Column) -> Json:
        return {"start": format_timestamp(row.start), "sum": column.value(row)}


class ConnectionHistoryView(ApiView):
    """When the inverter went away, and when it came back."""

    path = "/api/history/connection"
    policy = None

    @override
    async def handle(self, call: ApiRequest) -> Json:
        span = time_range.from_query(call.request.query)
        entities = readable_entities(call, ("modbus",), platform="binary_sensor")
        if "modbus" not in entities:
            return {"events": []}
        try:
            states = await query_states(call.hass, entities["modbus"], span)
        except HistoryUnavailableError as err:
            raise history_unavailable(err) from err
        return {"events": list(connection_changes(states, span))}
