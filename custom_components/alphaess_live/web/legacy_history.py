"""The past in rows, as the system that this one follows gives them."""

from typing import ClassVar, override

from ..statistics.buckets import Span
from . import time_range
from .history import HistoryView, Past
from .history_access import local, moment
from .history_columns import DAY_ROW, HOUR_ROW, POWER_ROW
from .view import Call, Json


class RowsView(HistoryView):
    """One row for each portion of time, with a value for each column."""

    path = ""
    stamp: ClassVar[str] = "timestamp"
    """What the column of the time is called."""

    def write_time(self, at: float) -> str | None:
        """Say when a row begins."""
        return moment(at)

    @override
    def lay_out(self, past: Past, call: Call, span: Span) -> list[Json]:
        rows: dict[float, Json] = {}
        for name, those in past.items():
            for row in those:
                empty = {self.stamp: self.write_time(row.start)} | dict.fromkeys(past)
                rows.setdefault(row.start, empty)[name] = self.columns[name].read(row)
        return [rows[start] for start in sorted(rows)]


class Last24HoursView(RowsView):
    """The last 24 h, in five minutes."""

    path = "/api/history/last-24-hours"
    columns = POWER_ROW

    @override
    def span(self, call: Call) -> Span:
        return time_range.last_day()


class TodayView(RowsView):
    """Today, in hours."""

    path = "/api/history/today"
    columns = HOUR_ROW

    @override
    def span(self, call: Call) -> Span:
        return time_range.of_day(time_range.today())


class DateView(TodayView):
    """One day, in hours."""

    path = "/api/history/date/{date}"

    @override
    def span(self, call: Call) -> Span:
        return time_range.day(call.request.match_info["date"])


class DailyView(RowsView):
    """Some days."""

    path = "/api/history/daily"
    columns = DAY_ROW
    stamp = "date"

    @override
    def span(self, call: Call) -> Span:
        return time_range.days(call.request.query)

    @override
    def write_time(self, at: float) -> str:
        return local(at).date().isoformat()


class MonthlyView(RowsView):
    """The months of one year."""

    path = "/api/history/monthly/{year}"
    columns = DAY_ROW
    stamp = "month"

    @override
    def span(self, call: Call) -> Span:
        return time_range.months(call.request.match_info["year"])

    @override
    def write_time(self, at: float) -> str:
        return f"{local(at):%Y-%m}"
