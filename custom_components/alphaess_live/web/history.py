"""The past, over REST: what the recorder remembers, also while the inverter is away."""

from collections.abc import Mapping
from typing import Any, ClassVar, override

from homeassistant.helpers.json import json_bytes

from ..feed.serialize import rfc3339
from ..statistics.buckets import Row, Span
from ..statistics.query import NoHistoryError, Series, recall, recall_states
from . import time_range
from .history_access import changes, moment, no_history, readable
from .history_columns import ENERGY, POWER, Column
from .payloads import time
from .view import Call, Json, View

type Past = Mapping[str, list[Row]]
"""The rows of each column."""


class HistoryView(View):
    """Some columns of the past; each is there if the user may read its entity."""

    path = ""
    policy = None
    columns: ClassVar[Mapping[str, Column]]

    def span(self, call: Call) -> Span:
        """Say which piece of the past is meant. Raises RefusalError."""
        return time_range.asked(call.request.query)

    def lay_out(self, past: Past, call: Call, span: Span) -> Any:
        """Make the answer of each column's rows. This does not run in the loop."""
        raise NotImplementedError

    @override
    async def answer(self, call: Call) -> bytes:
        span = self.span(call)
        columns = self.columns.values()
        known = readable(call, {one.key for one in columns})
        figures = [figure for one in columns for figure in one.figures]

        def tell(series: Series) -> bytes:
            past = {
                name: series.get(known[column.key], [])
                for name, column in self.columns.items()
                if column.key in known
            }
            return json_bytes(self.lay_out(past, call, span))

        try:
            return await recall(
                call.hass, known.values(), span, figures=figures, tell=tell
            )
        except NoHistoryError as err:
            raise no_history(err) from err


class SeriesView(HistoryView):
    """A series for each column."""

    path = ""
    unit: ClassVar[str]

    def entry(self, row: Row, column: Column) -> Json:
        """Lay out one row of a series."""
        raise NotImplementedError

    @override
    def lay_out(self, past: Past, call: Call, span: Span) -> Json:
        ends = (rows[-1].start + rows[-1].seconds for rows in past.values() if rows)
        seen = call.inverter.connection.last_success
        return {
            "start": rfc3339(span.start),
            "end": rfc3339(span.end),
            "period": span.period,
            "unit": self.unit,
            "series": {
                name: [self.entry(row, self.columns[name]) for row in rows]
                for name, rows in past.items()
            },
            "stale": not call.inverter.connection.connected,
            "lastUpdate": time(seen) or moment(max(ends, default=None)),
        }


class PowerHistoryView(SeriesView):
    """Mean, lowest and highest power of each portion of time; soc is in %."""

    path = "/api/history/power"
    columns = POWER
    unit = "W"

    @override
    def entry(self, row: Row, column: Column) -> Json:
        return {
            "start": moment(row.start),
            "mean": column.read(row),
            "min": row.low,
            "max": row.high,
        }


class EnergyHistoryView(SeriesView):
    """How much energy flowed in each portion of time."""

    path = "/api/history/energy"
    columns = ENERGY
    unit = "kWh"

    @override
    def entry(self, row: Row, column: Column) -> Json:
        return {"start": moment(row.start), "sum": column.read(row)}


class ConnectionHistoryView(View):
    """When the inverter went away, and when it came back."""

    path = "/api/history/connection"
    policy = None

    @override
    async def answer(self, call: Call) -> Json:
        span = time_range.asked(call.request.query)
        entities = readable(call, ("modbus",), platform="binary_sensor")
        if "modbus" not in entities:
            return {"events": []}
        try:
            states = await recall_states(call.hass, entities["modbus"], span)
        except NoHistoryError as err:
            raise no_history(err) from err
        return {"events": list(changes(states, span))}
