"""Why there is no answer: a status and a code for programs, a sentence for a person."""

from collections.abc import Mapping
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any

from aiohttp import web
from aiohttp.hdrs import RETRY_AFTER
from homeassistant.helpers.http import HomeAssistantView

from ..connection.intervals import RETRY_INTERVAL
from ..coordinator import InverterCoordinator
from ..feed.serialize import connection_status, rfc3339

PAUSE = str(int(RETRY_INTERVAL.total_seconds()))
"""Seconds after which it makes sense to ask again."""


class ApiError(Exception):
    """Why a request gets no answer: a code for programs and a sentence for a person."""

    def __init__(
        self,
        status: HTTPStatus,
        code: str,
        message: str,
        *,
        headers: Mapping[str, str] | None = None,
        **more: Any,
    ) -> None:
        """Keep what the body will say."""
        super().__init__(message)
        self.status = status
        self.headers = headers
        self.body = {"error": code, "message": message} | more

    @property
    def response(self) -> web.Response:
        """The refusal as an answer."""
        return HomeAssistantView.json(self.body, self.status, self.headers)


def not_permitted(policy: str) -> ApiError:
    """Say what a user may not do."""
    return ApiError(
        HTTPStatus.FORBIDDEN,
        f"{policy}_not_permitted",
        f"You have no {policy} permission on this inverter's entities.",
    )


def disconnected(inverter: InverterCoordinator, message: str) -> ApiError:
    """Say that the inverter is away, since when and why."""
    now = datetime.now(UTC)
    return ApiError(
        HTTPStatus.SERVICE_UNAVAILABLE,
        "modbus_disconnected",
        message,
        headers={RETRY_AFTER: PAUSE},
        connected=False,
        connectionStatus=connection_status(inverter.connection, now),
        timestamp=rfc3339(now),
    )
