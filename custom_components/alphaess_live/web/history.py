"""The history paths of power and energy series; also while the inverter is disconnected."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, override

from homeassistant.helpers.json import json_bytes

from ..feed.connection_state import Connection
from ..feed.messages import optional_rfc3339, rfc3339
from ..statistics.buckets import Row, TimeRange
from ..statistics.query import HistoryUnavailableError, Series, Statistic, query
from . import time_range
from .history_access import format_timestamp, history_unavailable, readable_entities
from .view import ApiRequest, ApiView, Json

type ColumnRows = Mapping[str, list[Row]]
"""The rows of each column, by its name."""


@dataclass(frozen=True, slots=True)
class Column:
    """One value of a row: the key of its sensor and the conversion."""

    key: str
    value: Callable[[Row], float | None]
    statistics: tuple[Statistic, ...]
    """The statistics that the conversion needs."""


_POWER_STATISTICS: tuple[Statistic, ...] = ("mean", "min", "max")


def _mean(row: Row) -> float | None:
    return None if row.mean is None else round(row.mean, 1)


def _change(row: Row) -> float | None:
    return None if row.change is None else round(row.change, 3)


def _mean_as_energy(row: Row) -> float | None:
    """Convert a mean in W to kWh. No register counts the energy of the load."""
    return None if row.mean is None else round(row.mean * row.seconds / 3.6e6, 3)


POWER_COLUMNS = {
    "battery": Column("battery_power", _mean, _POWER_STATISTICS),
    "pv": Column("pv_power", _mean, _POWER_STATISTICS),
    "grid": Column("grid_power", _mean, _POWER_STATISTICS),
    "load": Column("load_power", _mean, _POWER_STATISTICS),
    "soc": Column("battery_soc", _mean, _POWER_STATISTICS),
}

ENERGY_COLUMNS = {
    "pv": Column("pv_energy_total", _change, ("change",)),
    "gridImport": Column("grid_import_energy_total", _change, ("change",)),
    "gridExport": Column("grid_export_energy_total", _change, ("change",)),
    "batteryCharge": Column("battery_charge_energy_total", _change, ("change",)),
    "batteryDischarge": Column("battery_discharge_energy_total", _change, ("change",)),
    "load": Column("load_power", _mean_as_energy, ("mean",)),
}


class HistoryView(ApiView):
    """The base of all views of recorded values. Columns that the user may not read are left out."""

    policy = None
    columns: ClassVar[Mapping[str, Column]]

    def time_range(self, request: ApiRequest) -> TimeRange:
        """Return the requested time range. Raises ApiError."""
        return time_range.from_query(request.http.query)

    def to_json(self, rows: ColumnRows, span: TimeRange, connection: Connection) -> Any:
        """Build the body from the rows of each column, and the connection as the request found it.

        Runs in the recorder's executor.
        """
        raise NotImplementedError

    @override
    async def handle(self, request: ApiRequest) -> bytes:
        span = self.time_range(request)
        columns, connection = self.columns.values(), request.connection
        entity_ids = readable_entities(request, {one.key for one in columns})

        def transform(series: Series) -> bytes:
            rows = {
                name: series.get(entity_ids[column.key], [])
                for name, column in self.columns.items()
                if column.key in entity_ids
            }
            return json_bytes(self.to_json(rows, span, connection))

        try:
            return await query(
                request.hass,
                entity_ids.values(),
                span,
                statistics=[one for column in columns for one in column.statistics],
                transform=transform,
            )
        except HistoryUnavailableError as err:
            raise history_unavailable(err) from err


class SeriesView(HistoryView):
    """A series for each column."""

    unit: ClassVar[str]

    def row_to_json(self, row: Row, column: Column) -> Json:
        """Convert one row of a series."""
        raise NotImplementedError

    @override
    def to_json(
        self, rows: ColumnRows, span: TimeRange, connection: Connection
    ) -> Json:
        ends = (one[-1].start + one[-1].seconds for one in rows.values() if one)
        return {
            "start": rfc3339(span.start),
            "end": rfc3339(span.end),
            "period": span.period,
            "unit": self.unit,
            "series": {
                name: [self.row_to_json(row, self.columns[name]) for row in series]
                for name, series in rows.items()
            },
            "stale": not connection.connected,
            "lastUpdate": optional_rfc3339(connection.last_success)
            or format_timestamp(max(ends, default=None)),
        }


class PowerHistoryView(SeriesView):
    """Mean, minimum and maximum of power in each period; soc in %."""

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
    """Energy in each period."""

    path = "/api/history/energy"
    columns = ENERGY_COLUMNS
    unit = "kWh"

    @override
    def row_to_json(self, row: Row, column: Column) -> Json:
        return {"start": format_timestamp(row.start), "sum": column.value(row)}
