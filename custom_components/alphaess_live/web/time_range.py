"""The time range of a history request, from its query or path."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
import re

from homeassistant.util import dt as dt_util

from ..statistics.buckets import Period, TimeRange
from .api_error import invalid_request

MAX_LENGTH = timedelta(days=366)

DEFAULT_LENGTH = timedelta(days=1)
"""The length without a start."""

FIVE_MINUTES_KEPT = timedelta(days=10)
"""The recorder deletes five-minute statistics after this time by default; hours are kept."""

_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(\.\d+)?([Zz]|([-+ ])(\d\d:\d\d))"
)
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_VALID_YEARS = range(1970, 2101)


def from_query(query: Mapping[str, str]) -> TimeRange:
    """Parse start, end and period; the last 24 hours by default. Raises ApiError."""
    now = dt_util.utcnow()
    end = _time_from_query(query, "end") or now
    start = _time_from_query(query, "start") or end - DEFAULT_LENGTH
    _validate(start, end)
    has_five_minutes = start >= now - FIVE_MINUTES_KEPT
    period = _period(query, end - start, has_five_minutes=has_five_minutes)
    return TimeRange(start=start, end=end, period=period)


def last_24_hours() -> TimeRange:
    """Return the last 24 hours with a period of five minutes."""
    now = dt_util.utcnow()
    return TimeRange(start=now - DEFAULT_LENGTH, end=now, period=Period.FIVE_MINUTES)


def today() -> date:
    """Return the current local date."""
    return dt_util.now().date()


def parse_day(text: str) -> TimeRange:
    """Parse a date and return that day with a period of one hour. Raises ApiError."""
    return for_day(_parse_date(text, "date"))


def for_day(day: date) -> TimeRange:
    """Return one day with a period of one hour."""
    return TimeRange(start=_start_of_day(day), end=_end_of_day(day), period=Period.HOUR)


def days_from_query(query: Mapping[str, str]) -> TimeRange:
    """Parse start and end as dates, both included; the last 30 days by default. Raises ApiError."""
    last = _parse_date(query["end"], "end") if "end" in query else today()
    first = last - timedelta(days=29)
    if "start" in query:
        first = _parse_date(query["start"], "start")
    start, end = _start_of_day(first), _end_of_day(last)
    _validate(start, end)
    return TimeRange(start=start, end=end, period=Period.DAY)


def months_of_year(text: str) -> TimeRange:
    """Parse a year and return it with a period of one month. Raises ApiError."""
    if not re.fullmatch(r"\d{4}", text, re.ASCII) or int(text) not in _VALID_YEARS:
        raise invalid_request("year", "year must be a year, as in 2025.")
    first, last = date(int(text), 1, 1), date(int(text), 12, 31)
    return TimeRange(
        start=_start_of_day(first), end=_end_of_day(last), period=Period.MONTH
    )


def _start_of_day(day: date) -> datetime:
    """Return the start of the first full hour of a day. In some time zones, midnight is within an hour of UTC."""
    midnight = dt_util.start_of_local_day(day).timestamp()
    return dt_util.utc_from_timestamp(midnight + -midnight % 3600)


def _end_of_day(day: date) -> datetime:
    return _start_of_day(day + timedelta(days=1))


def _validate(start: datetime, end: datetime) -> None:
    if end <= start:
        raise invalid_request("end", "end must be later than start.")
    # With a change of daylight saving time, 366 local days may be an hour longer.
    if end - start > MAX_LENGTH + timedelta(hours=1):
        raise invalid_request(
            "start", f"start must be at most {MAX_LENGTH.days} days before end."
        )


def _period(
    query: Mapping[str, str], length: timedelta, *, has_five_minutes: bool
) -> Period:
    if "period" in query:
        try:
            return Period(query["period"])
        except ValueError:
            known = ", ".join(Period)
            raise invalid_request("period", f"period must be one of {known}.") from None
    if length <= DEFAULT_LENGTH and has_five_minutes:
        return Period.FIVE_MINUTES
    return Period.HOUR if length <= timedelta(days=31) else Period.DAY


def _time_from_query(query: Mapping[str, str], field: str) -> datetime | None:
    if (text := query.get(field)) is None:
        return None
    if (moment := _parse_time(text)) is None or moment.year not in _VALID_YEARS:
        raise invalid_request(
            field,
            f"{field} must be a time with a time zone, as in 2025-01-06T10:30:00Z.",
        )
    return moment


def _parse_time(text: str) -> datetime | None:
    if not text.isascii() or (match := _TIME.fullmatch(text)) is None:
        return None
    day, clock, fraction, zone, sign, offset = match.groups("")
    # A plus sign that is not escaped in a query arrives as a blank.
    zone = f"{sign.replace(' ', '+')}{offset}" if offset else zone.upper()
    try:
        return datetime.fromisoformat(f"{day}T{clock}{fraction}{zone}").astimezone(UTC)
    except ValueError, OverflowError:
        return None


def _parse_date(text: str, field: str) -> date:
    if (found := _parse_iso_date(text)) is None or found.year not in _VALID_YEARS:
        raise invalid_request(field, f"{field} must be a date, as in 2025-01-06.")
    return found


def _parse_iso_date(text: str) -> date | None:
    if not text.isascii() or not _DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None
