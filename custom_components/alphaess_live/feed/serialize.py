"""How a moment, and where the connection stands, are written in JSON."""

from datetime import UTC, datetime
from typing import Any

from .connection_state import Connection


def connection_status(connection: Connection, now: datetime) -> dict[str, Any]:
    """Lay a connection out as the contract says."""
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


def rfc3339(at: datetime) -> str:
    """Write a UTC time with milliseconds: 2025-01-06T10:30:00.000Z."""
    text = at.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.removesuffix("+00:00") + "Z"


def optional_rfc3339(at: datetime | None) -> str | None:
    """Format a time as `rfc3339` does; None stays None."""
    return None if at is None else rfc3339(at)
