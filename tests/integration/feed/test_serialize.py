"""The JSON of the connection status and of times."""

from datetime import UTC, datetime, timedelta

from custom_components.alphaess_live.alphaess.errors import ErrorKind
from custom_components.alphaess_live.feed.connection_state import Connection
from custom_components.alphaess_live.feed.serialize import connection_status, rfc3339

NOW = datetime(2025, 1, 6, 10, 30, tzinfo=UTC)


AWAY = Connection.unknown(NOW).failed(NOW, kind=ErrorKind.REFUSED, message="busy")


def test_connection_status_has_the_documented_fields() -> None:
    status = connection_status(AWAY, NOW + timedelta(seconds=12))
    assert status == {
        "connected": False,
        "since": "2025-01-06T10:30:00.000Z",
        "lastAttempt": None,
        "lastSuccess": None,
        "errorKind": "refused",
        "errorMessage": "busy",
        "outageSeconds": 12.0,
        "reconnects": 0,
    }


def test_times_are_rfc_3339_in_utc_with_milliseconds() -> None:
    assert rfc3339(NOW + timedelta(microseconds=1999)) == "2025-01-06T10:30:00.001Z"
