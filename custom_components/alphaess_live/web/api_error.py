"""Errors of the API: an HTTP status, a code for programs and an English sentence."""

from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from aiohttp import web
from aiohttp.hdrs import ALLOW, RETRY_AFTER
from homeassistant.helpers.http import HomeAssistantView

from ..connection.intervals import RECONNECT_INTERVAL
from ..feed.connection_state import Connection
from ..feed.messages import connection_status, rfc3339

RETRY_HEADERS: Mapping[str, str] = {
    RETRY_AFTER: str(int(RECONNECT_INTERVAL.total_seconds()))
}
"""Headers of an error that may be over at the next attempt."""


class ApiError(Exception):
    """The reason for an error response."""

    def __init__(
        self,
        status: HTTPStatus,
        code: str,
        message: str,
        *,
        headers: Mapping[str, str] | None = None,
        **fields: Any,
    ) -> None:
        """Build the body: `error`, `message` and further fields."""
        super().__init__(message)
        self.status = status
        self.headers = headers
        self.body = {"error": code, "message": message} | fields

    @property
    def response(self) -> web.Response:
        """The error as a JSON response."""
        return HomeAssistantView.json(self.body, self.status, self.headers)


def invalid_request(field: str, message: str) -> ApiError:
    """Build the error for a field of a query, path or body that is missing or out of range."""
    return ApiError(HTTPStatus.BAD_REQUEST, "invalid_request", message, field=field)


def wrong_method(method: str) -> ApiError:
    """Build the error for another method than that of the path."""
    return ApiError(
        HTTPStatus.METHOD_NOT_ALLOWED,
        "method_not_allowed",
        f"This path supports only {method}.",
        headers={ALLOW: method},
    )


def not_permitted(policy: str) -> ApiError:
    """Build the error for a user without the permission `read` or `control`."""
    return ApiError(
        HTTPStatus.FORBIDDEN,
        f"{policy}_not_permitted",
        f"You have no {policy} permission on this inverter's entities.",
    )


def unavailable(
    connection: Connection, message: str, *, code: str | None = None
) -> ApiError:
    """Build the error for an inverter that does not answer; the body contains since when and why.

    The default of `code` depends on whether the connection is lost, or one request only has failed.
    """
    now = datetime.now(UTC)
    default = "no_answer" if connection.connected else "modbus_disconnected"
    return ApiError(
        HTTPStatus.SERVICE_UNAVAILABLE,
        code or default,
        message,
        headers=RETRY_HEADERS,
        connected=connection.connected,
        connectionStatus=connection_status(connection, now),
        timestamp=rfc3339(now),
    )
