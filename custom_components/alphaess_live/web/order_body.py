"""What somebody wants the battery to do: read from a body, given to the one way of doing it."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from math import isfinite
from typing import Any

from aiohttp import web
from homeassistant.util.json import JSON_DECODE_EXCEPTIONS, json_loads

from ..alphaess import dispatch
from ..alphaess.errors import (
    CommunicationError,
    InvalidDispatchError,
    NotAppliedError,
    UnsupportedFeatureError,
)
from ..control import orders
from ..exceptions import ControlsOffError, ForeignDispatchError, to_english
from .api_error import ApiError, disconnected
from .payloads import camel_case_keys, optional_rfc3339, to_camel_case
from .resolve import require_connection
from .view import ApiRequest, Json

MAX_BODY_BYTES = 4096
"""Bytes; no order is longer."""


@dataclass(frozen=True, kw_only=True)
class NumberField:
    """A number in a body: what it may be, and what the system that this one follows calls it."""

    name: str
    minimum: float
    maximum: float
    aliases: tuple[tuple[str, float], ...] = ()
    """Other names, with what their numbers are multiplied by."""
    default: float | None = None
    """What it is where it is missing; None where it must be there."""


POWER = NumberField(
    name="power",
    minimum=dispatch.POWER_RANGE_WATTS[0],
    maximum=dispatch.POWER_RANGE_WATTS[-1],
    aliases=(("watts", 1),),
)
TARGET_SOC = NumberField(
    name="targetSoc",
    minimum=dispatch.MIN_SOC_PERCENT,
    maximum=dispatch.MAX_SOC_PERCENT,
    aliases=(("targetSOC", 1), ("minimumSOC", 1)),
)
DURATION = NumberField(
    name="duration",
    minimum=dispatch.DURATION_RANGE_SECONDS[0],
    maximum=dispatch.DURATION_RANGE_SECONDS[-1],
    aliases=(("durationHours", 3600),),
)
OPTIONAL_DURATION = replace(DURATION, default=dispatch.DURATION_RANGE_SECONDS[-1])
"""The system that this one follows lets its clients say nothing here."""


@dataclass(frozen=True, kw_only=True)
class OrderBody:
    """A body whose fields can be taken out one by one, each with its own complaint."""

    content: Mapping[str, Any]

    @property
    def take_over(self) -> bool:
        """Whether somebody else's dispatch is to be overridden. Raises RefusalError."""
        value = self.content.get("takeOver", False)
        if not isinstance(value, bool):
            raise _invalid("takeOver", "takeOver is true or false.")
        return value

    @property
    def pv(self) -> bool | None:
        """Whether the panels may produce meanwhile; None if nothing is said. Raises RefusalError."""
        if "pv" not in self.content:
            return None
        value = self.content["pv"]
        if value not in ("on", "off"):
            raise _invalid("pv", "pv is on or off.")
        return bool(value == "on")

    def number(self, field: NumberField) -> float:
        """Take out a number. Raises RefusalError, which names the field."""
        for name, factor in ((field.name, 1.0), *field.aliases):
            if name in self.content:
                return _validate_number(
                    self.content[name], field, name=name, factor=factor
                )
        if field.default is None:
            raise _invalid(field.name, f"{field.name} is missing.")
        return field.default

    def integer(self, field: NumberField) -> int:
        """Take out a number, rounded. Raises RefusalError, which names the field."""
        return round(self.number(field))


def _validate_number(
    value: Any, field: NumberField, *, name: str, factor: float
) -> float:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not isfinite(value):
        raise _invalid(name, f"{name} is a number.")
    scaled = value * factor
    if not field.minimum <= scaled <= field.maximum:
        least, most = field.minimum / factor, field.maximum / factor
        raise _invalid(name, f"{name} is a number from {least:g} to {most:g}.")
    return float(scaled)


async def read_body(request: web.Request) -> OrderBody:
    """Read a body: a JSON object, or nothing at all. Raises RefusalError."""
    body = await _read_bytes(request)
    if not body.strip():
        return OrderBody(content={})
    try:
        content = json_loads(body)
    except JSON_DECODE_EXCEPTIONS:
        raise _invalid("body", "The body is not JSON.") from None
    if not isinstance(content, dict):
        raise _invalid("body", "The body is an object.")
    return OrderBody(content=content)


async def _read_bytes(request: web.Request) -> bytes:
    """Read no more than an order may have."""
    body = b""
    try:
        while len(body) <= MAX_BODY_BYTES and (
            chunk := await request.content.readany()
        ):
            body += chunk
    except web.RequestPayloadError:
        raise _invalid("body", "The body is not encoded as its headers say.") from None
    if len(body) > MAX_BODY_BYTES or (request.content_length or 0) > MAX_BODY_BYTES:
        raise ApiError(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            "too_large",
            f"A body has at most {MAX_BODY_BYTES} bytes.",
        )
    return body


async def execute(
    call: ApiRequest, order: Callable[[], Awaitable[orders.Outcome]]
) -> Json:
    """Have an order carried out, and say what came of it. Raises RefusalError."""
    try:
        require_connection(call.inverter)
        outcome = await order()
    except InvalidDispatchError as err:
        raise _invalid(to_camel_case(err.field), to_english(err)) from err
    except UnsupportedFeatureError as err:
        # Of all that an order may ask for, an inverter can be without its PV switch only.
        raise _invalid("pv", to_english(err)) from err
    except ControlsOffError as err:
        raise ApiError(
            HTTPStatus.FORBIDDEN, "control_not_permitted", to_english(err)
        ) from err
    except ForeignDispatchError as err:
        raise ApiError(
            HTTPStatus.CONFLICT, "foreign_dispatch", to_english(err)
        ) from err
    except NotAppliedError as err:
        raise ApiError(
            HTTPStatus.BAD_GATEWAY,
            "not_applied",
            to_english(err),
            requested=camel_case_keys(err.requested),
            applied=camel_case_keys(err.applied),
        ) from err
    except CommunicationError as err:
        raise disconnected(call.inverter, to_english(err)) from err
    return {
        "requested": camel_case_keys(outcome.requested),
        "applied": camel_case_keys(outcome.applied),
        "verified": outcome.verified,
        "expiresAt": optional_rfc3339(outcome.expires_at),
    }


def _invalid(field: str, message: str) -> ApiError:
    return ApiError(HTTPStatus.BAD_REQUEST, "invalid_request", message, field=field)
