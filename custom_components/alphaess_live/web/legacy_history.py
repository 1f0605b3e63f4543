"""The history paths of the legacy API: one row for each period, with a value for each column."""

from dataclasses import replace
from typing import Any, ClassVar, override

from ..feed.connection_state import Connection
from ..statistics.buckets import Period, TimeRange
from . import time_range
from .history import ENERGY_COLUMNS, POWER_COLUMNS, ColumnRows, HistoryView
from .history_access import as_local, format_timestamp
from .view import ApiRequest, Json

POWER_ROW_COLUMNS = {
    "battery_soc": POWER_COLUMNS["soc"],
    "battery_power": POWER_COLUMNS["battery"],
    "grid_power": POWER_COLUMNS["grid"],
    "pv_power": POWER_COLUMNS["pv"],
    "load_power": POWER_COLUMNS["load"],
}

FLOW_COLUMNS = {
    "grid_import_kwh": ENERGY_COLUMNS["gridImport"],
    "grid_export_kwh": ENERGY_COLUMNS["gridExport"],
    "battery_charge_kwh": ENERGY_COLUMNS["batteryCharge"],
    "battery_discharge_kwh": ENERGY_COLUMNS["batteryDischarge"],
    "load_consumption_kwh": ENERGY_COLUMNS["load"],
}

HOUR_ROW_COLUMNS = {
    "battery_soc": POWER_COLUMNS["soc"],
    "pv_energy_kwh": ENERGY_COLUMNS["pv"],
} | FLOW_COLUMNS

DAY_ROW_COLUMNS = {"pv_generation_kwh": ENERGY_COLUMNS["pv"]} | FLOW_COLUMNS


class RowsView(HistoryView):
    """The base of all views of rows."""

    time_column: ClassVar[str] = "timestamp"
    """The name of the column with the start of the period."""

    def format_start(self, at: float) -> str | None:
        """Format the start of a row."""
        return format_timestamp(at)

    @override
    def to_json(
        self, rows: ColumnRows, span: TimeRange, connection: Connection
    ) -> list[Json]:
        by_start: dict[float, Json] = {}
        for name, series in rows.items():
            column = self.columns[name]
            for row in series:
                time = {self.time_column: self.format_start(row.start)}
                values = by_start.setdefault(row.start, time | dict.fromkeys(rows))
                values[name] = column.value(row)
        return [by_start[start] for start in sorted(by_start)]


class Last24HoursView(RowsView):
    """The last 24 hours, a row for every five minutes."""

    path = "/api/history/last-24-hours"
    columns = POWER_ROW_COLUMNS

    @override
    def time_range(self, request: ApiRequest) -> TimeRange:
        return time_range.last_24_hours()


class HoursView(RowsView):
    """The base of the views of a row for each hour."""

    columns = HOUR_ROW_COLUMNS


class TodayView(HoursView):
    """The current day, a row for each hour; with `?summary=1` an object."""

    path = "/api/history/today"

    @override
    async def handle(self, request: ApiRequest) -> bytes:
        if request.http.query.get("summary") == "1":
            return await TodaySummary().handle(request)
        return await super().handle(request)

    @override
    def time_range(self, request: ApiRequest) -> TimeRange:
        return time_range.for_day(time_range.today())


class DateView(HoursView):
    """One day, a row for each hour."""

    path = "/api/history/date/{date}"

    @override
    def time_range(self, request: ApiRequest) -> TimeRange:
        return time_range.parse_day(request.http.match_info["date"])


class DailyView(RowsView):
    """Several days, a row for each."""

    path = "/api/history/daily"
    columns = DAY_ROW_COLUMNS
    time_column = "date"

    @override
    def time_range(self, request: ApiRequest) -> TimeRange:
        return time_range.days_from_query(request.http.query)

    @override
    def format_start(self, at: float) -> str:
        return as_local(at).date().isoformat()

    @override
    def to_json(
        self, rows: ColumnRows, span: TimeRange, connection: Connection
    ) -> list[Json]:
        return [row | _rates(row) for row in super().to_json(rows, span, connection)]


def _rates(row: Json) -> Json:
    """Compute the share of the generation that is used, and of the load that is generated, in %."""
    generated, exported = row.get("pv_generation_kwh"), row.get("grid_export_kwh")
    load, imported = row.get("load_consumption_kwh"), row.get("grid_import_kwh")
    return {
        "self_consumption_rate": _rest_percent(generated, exported),
        "self_sufficiency_rate": _rest_percent(load, imported),
    }


def _rest_percent(total: float | None, part: float | None) -> float | None:
    """Return what is left of a total without a part, in %; None if there is no total."""
    if not total or part is None:
        return None
    return round(min(max(100 * (1 - part / total), 0), 100), 1)


class TodaySummary(DailyView):
    """The current day as an object, empty without statistics. It has no path of its own."""

    path = ""

    @override
    def time_range(self, request: ApiRequest) -> TimeRange:
        return replace(time_range.for_day(time_range.today()), period=Period.DAY)

    @override
    def to_json(self, rows: ColumnRows, span: TimeRange, connection: Connection) -> Any:
        days = super().to_json(rows, span, connection)
        return days[0] if days else {}


class MonthlyView(RowsView):
    """One year, a row for each month."""

    path = "/api/history/monthly/{year}"
    columns = DAY_ROW_COLUMNS
    time_column = "month"

    @override
    def time_range(self, request: ApiRequest) -> TimeRange:
        return time_range.months_of_year(request.http.match_info["year"])

    @override
    def format_start(self, at: float) -> str:
        return f"{as_local(at):%Y-%m}"
