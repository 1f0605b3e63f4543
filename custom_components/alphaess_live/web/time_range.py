"""Which piece of the past is meant: read from a query or a path."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from http import HTTPStatus
import re

from homeassistant.util import dt as dt_util

from ..statistics.buckets import Period, TimeRange
from .api_error import ApiError

MAX_LENGTH = timedelta(days=366)

DEFAULT_LENGTH = timedelta(days=1)
"""How far one looks back who does not say."""

FIVE_MINUTES_KEPT = timedelta(days=10)
"""How long the recorder usually keeps its five minutes; its hours stay for ever."""

_TIME = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d:\d\d:\d\d)(\.\d+)?([Zz]|([-+ ])(\d\d:\d\d))"
)
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_YEARS = range(1970, 2101)


def from_query(query: Mapping[str, str]) -> TimeRange:
    """Read start, end and period; the last 24 h where nothing is said. Raises RefusalError."""
    now = dt_util.utcnow()
    end = _time_from_query(query, "end") or now
    start = _time_from_query(query, "start") or end - DEFAULT_LENGTH
    _validate(start, end)
    kept = start >= now - FIVE_MINUTES_KEPT
    return TimeRange(
        start=start, end=end, period=_period(query, end - start, kept=kept)
    )


def last_24_hours() -> TimeRange:
    """Mean the last 24 h, in five minutes."""
    now = dt_util.utcnow()
    return TimeRange(start=now - DEFAULT_LENGTH, end=now, period=Period.FIVE_MINUTES)


def today() -> date:
    """Say what day it is where the house stands."""
    return dt_util.now().date()


def parse_day(text: str) -> TimeRange:
    """Mean one day, in hours. Raises RefusalError."""
    return for_day(_parse_date(text, "date"))


def for_day(one: date) -> TimeRange:
    """Mean one day, in hours."""
    return TimeRange(start=_start_of_day(one), end=_end_of_day(one), period=Period.HOUR)


def days_from_query(query: Mapping[str, str]) -> TimeRange:
    """Mean whole days, the last one included; 30 of them where nothing is said. Raises RefusalError."""
    last = _parse_date(query["end"], "end") if "end" in query else today()
    first = last - timedelta(days=29)
    if "start" in query:
        first = _parse_date(query["start"], "start")
    start, end = _start_of_day(first), _end_of_day(last)
    _validate(start, end)
    return TimeRange(start=start, end=end, period=Period.DAY)


def months_of_year(text: str) -> TimeRange:
    """Mean one year, in months. Raises RefusalError."""
    if not re.fullmatch(r"\d{4}", text, re.ASCII) or int(text) not in _YEARS:
        raise _invalid("year", "year is a year, as in 2025.")
    first, last = date(int(text), 1, 1), date(int(text), 12, 31)
    return TimeRange(
        start=_start_of_day(first), end=_end_of_day(last), period=Period.MONTH
    )


def _start_of_day(one: date) -> datetime:
    """Find the first of the recorder's hours that begins on a day: some midnights are within one."""
    midnight = dt_util.start_of_local_day(one).timestamp()
    return dt_util.utc_from_timestamp(midnight + -midnight % 3600)


def _end_of_day(one: date) -> datetime:
    return _start_of_day(one + timedelta(days=1))


def _validate(start: datetime, end: datetime) -> None:
    if end <= start:
        raise _invalid("end", "end is later than start.")
    # A year of local days may be an hour longer than a year of hours.
    if end - start > MAX_LENGTH + timedelta(hours=1):
        raise _invalid("start", f"start is at most {MAX_LENGTH.days} days before end.")


def _period(query: Mapping[str, str], length: timedelta, *, kept: bool) -> Period:
    if "period" in query:
        try:
            return Period(query["period"])
        except ValueError:
            known = ", ".join(Period)
            raise _invalid("period", f"period is one of {known}.") from None
    if length <= DEFAULT_LENGTH and kept:
        return Period.FIVE_MINUTES
    return Period.HOUR if length <= timedelta(days=31) else Period.DAY


def _time_from_query(query: Mapping[str, str], field: str) -> datetime | None:
    if (text := query.get(field)) is None:
        return None
    if (moment := _parse_time(text)) is None or moment.year not in _YEARS:
        raise _invalid(
            field, f"{field} is a time with its zone, as in 2025-01-06T10:30:00Z."
        )
    return moment


def _parse_time(text: str) -> datetime | None:
    if not text.isascii() or (match := _TIME.fullmatch(text)) is None:
        return None
    day, clock, fraction, zone, sign, offset = match.groups("")
    # Where nobody escaped the plus of an offset, a query has a blank.
    zone = f"{sign.replace(' ', '+')}{offset}" if offset else zone.upper()
    try:
        return datetime.fromisoformat(f"{day}T{clock}{fraction}{zone}").astimezone(UTC)
    except ValueError, OverflowError:
        return None


def _parse_date(text: str, field: str) -> date:
    if (found := _parse_iso_date(text)) is None or found.year not in _YEARS:
        raise _invalid(field, f"{field} is a date, as in 2025-01-06.")
    return found


def _parse_iso_date(text: str) -> date | None:
    if not text.isascii() or not _DATE.fullmatch(text):
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def _invalid(field: str, message: str) -> ApiError:
    return ApiError(HTTPStatus.BAD_REQUEST, "invalid_request", message, field=field)
