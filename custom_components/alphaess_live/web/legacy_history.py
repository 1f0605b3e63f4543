"""The past in rows, as the system that this one follows gives them."""

from typing import ClassVar, override

from ..statistics.buckets import TimeRange
from . import time_range
from .history import ColumnRows, HistoryView
from .history_access import as_local, format_timestamp
from .history_columns import DAY_ROW_COLUMNS, HOUR_ROW_COLUMNS, POWER_ROW_COLUMNS
from .view import ApiRequest, Json


class RowsView(HistoryView):
    """One row for each portion of time, with a value for each column."""

    path = ""
    time_column: ClassVar[str] = "timestamp"
    """What the column of the time is called."""

    def format_start(self, at: float) -> str | None:
        """Say when a row begins."""
        return format_timestamp(at)

    @override
    def to_json(
        self, past: ColumnRows, call: ApiRequest, span: TimeRange
    ) -> list[Json]:
        rows: dict[float, Json] = {}
        for name, those in past.items():
            for row in those:
                empty = {
                    self.time_column: self.format_start(row.start)
                } | dict.fromkeys(past)
                rows.setdefault(row.start, empty)[name] = self.columns[name].value(row)
        return [rows[start] for start in sorted(rows)]


class Last24HoursView(RowsView):
    """The last 24 h, in five minutes."""

    path = "/api/history/last-24-hours"
    columns = POWER_ROW_COLUMNS

    @override
    def time_range(self, call: ApiRequest) -> TimeRange:
        return time_range.last_24_hours()


class TodayView(RowsView):
    """Today, in hours."""

    path = "/api/history/today"
    columns = HOUR_ROW_COLUMNS

    @override
    def time_range(self, call: ApiRequest) -> TimeRange:
        return time_range.for_day(time_range.today())


class DateView(TodayView):
    """One day, in hours."""

    path = "/api/history/date/{date}"

    @override
    def time_range(self, call: ApiRequest) -> TimeRange:
        return time_range.parse_day(call.request.match_info["date"])


class DailyView(RowsView):
    """Some days."""

    path = "/api/history/daily"
    columns = DAY_ROW_COLUMNS
    time_column = "date"

    @override
    def time_range(self, call: ApiRequest) -> TimeRange:
        return time_range.days_from_query(call.request.query)

    @override
    def format_start(self, at: float) -> str:
        return as_local(at).date().isoformat()


class MonthlyView(RowsView):
    """The months of one year."""

    path = "/api/history/monthly/{year}"
    columns = DAY_ROW_COLUMNS
    time_column = "month"

    @override
    def time_range(self, call: ApiRequest) -> TimeRange:
        return time_range.months_of_year(call.request.match_info["year"])

    @override
    def format_start(self, at: float) -> str:
        return f"{as_local(at):%Y-%m}"
