"""The JSON of timestamps, the connection status and faults, as the API defines it."""

from datetime import UTC, datetime
from typing import Any

from ..alphaess.faults import Fault
from .connection_state import Connection


def connection_status(connection: Connection, now: datetime) -> dict[str, Any]:
    """Convert the state of the connection; `outageSeconds` counts while an outage lasts."""
    outage = connection.outage(now)
    return {
        "connected": connection.connected,
        "since": rfc3339(connection.since),
        "lastAttempt": optional_rfc3339(connection.last_attempt),
        "lastSuccess": optional_rfc3339(connection.last_success),
        "errorKind": connection.error_kind,
        "errorMessage": connection.error_message,
        "outageSeconds": None if outage is None else round(outage.total_seconds(), 1),
        "reconnects": connection.reconnects,
    }


def fault_to_json(fault: Fault, since: datetime) -> dict[str, str]:
    """Convert a fault or a warning. The text is English, as in all messages of the API."""
    return {
        "code": fault.code,
        "source": fault.source,
        "text": fault.text,
        "since": rfc3339(since),
    }


def rfc3339(at: datetime) -> str:
    """Format a time in UTC with milliseconds: 2025-01-06T10:30:00.000Z."""
    text = at.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.removesuffix("+00:00") + "Z"


def optional_rfc3339(at: datetime | None) -> str | None:
    """Format a time as `rfc3339` does; None stays None."""
    return None if at is None else rfc3339(at)
