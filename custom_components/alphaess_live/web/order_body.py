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
    ControlsOffError,
    ForeignDispatchError,
    InvalidDispatchError,
    NotAppliedError,
    UnsupportedFeatureError,
)
from ..control import orders
from ..exceptions import in_words
from .api_error import RefusalError, disconnected
from .payloads import camel, camel_keys, time
from .resolve import require_connection
from .view import Call, Json

LONGEST = 4096
"""Bytes; no order is longer."""


@dataclass(frozen=True, kw_only=True)
class Field:
    """A number in a body: what it may be, and what the system that this one follows calls it."""

    name: str
    least: float
    most: float
    others: tuple[tuple[str, float], ...] = ()
    """Other names, with what their numbers are multiplied by."""
    usual: float | None = None
    """What it is where it is missing; None where it must be there."""


POWER = Field(
    name="power",
    least=dispatch.POWER[0],
    most=dispatch.POWER[-1],
    others=(("watts", 1),),
)
TARGET = Field(
    name="targetSoc",
    least=dispatch.LOWEST,
    most=dispatch.FULL,
    others=(("targetSOC", 1), ("minimumSOC", 1)),
)
DURATION = Field(
    name="duration",
    least=dispatch.DURATION[0],
    most=dispatch.DURATION[-1],
    others=(("durationHours", 3600),),
)
UNTIL_TOMORROW = replace(DURATION, usual=dispatch.DURATION[-1])
"""The system that this one follows lets its clients say nothing here."""


@dataclass(frozen=True, kw_only=True)
class Order:
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

    def number(self, field: Field) -> float:
        """Take out a number. Raises RefusalError, which names the field."""
        for name, factor in ((field.name, 1.0), *field.others):
            if name in self.content:
                return _checked(self.content[name], field, name=name, factor=factor)
        if field.usual is None:
            raise _invalid(field.name, f"{field.name} is missing.")
        return field.usual

    def whole(self, field: Field) -> int:
        """Take out a number, rounded. Raises RefusalError, which names the field."""
        return round(self.number(field))


def _checked(value: Any, field: Field, *, name: str, factor: float) -> float:
    number = isinstance(value, int | float) and not isinstance(value, bool)
    if not number or not isfinite(value):
        raise _invalid(name, f"{name} is a number.")
    scaled = value * factor
    if not field.least <= scaled <= field.most:
        least, most = field.least / factor, field.most / factor
        raise _invalid(name, f"{name} is a number from {least:g} to {most:g}.")
    return float(scaled)


async def read_order(request: web.Request) -> Order:
    """Read a body: a JSON object, or nothing at all. Raises RefusalError."""
    body = await _read(request)
    if not body.strip():
        return Order(content={})
    try:
        content = json_loads(body)
    except JSON_DECODE_EXCEPTIONS:
        raise _invalid("body", "The body is not JSON.") from None
    if not isinstance(content, dict):
        raise _invalid("body", "The body is an object.")
    return Order(content=content)


async def _read(request: web.Request) -> bytes:
    """Read no more than an order may have."""
    body = b""
    try:
        while len(body) <= LONGEST and (chunk := await request.content.readany()):
            body += chunk
    except web.RequestPayloadError:
        raise _invalid("body", "The body is not encoded as its headers say.") from None
    if len(body) > LONGEST or (request.content_length or 0) > LONGEST:
        raise RefusalError(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            "too_large",
            f"A body has at most {LONGEST} bytes.",
        )
    return body


async def carry_out(call: Call, order: Callable[[], Awaitable[orders.Outcome]]) -> Json:
    """Have an order carried out, and say what came of it. Raises RefusalError."""
    try:
        require_connection(call.inverter)
        outcome = await order()
    except InvalidDispatchError as err:
        raise _invalid(camel(err.field), in_words(err)) from err
    except UnsupportedFeatureError as err:
        # Of all that an order may ask for, an inverter can be without its PV switch only.
        raise _invalid("pv", in_words(err)) from err
    except ControlsOffError as err:
        raise RefusalError(
            HTTPStatus.FORBIDDEN, "control_not_permitted", in_words(err)
        ) from err
    except ForeignDispatchError as err:
        raise RefusalError(
            HTTPStatus.CONFLICT, "foreign_dispatch", in_words(err)
        ) from err
    except NotAppliedError as err:
        raise RefusalError(
            HTTPStatus.BAD_GATEWAY,
            "not_applied",
            in_words(err),
            requested=camel_keys(err.requested),
            applied=camel_keys(err.applied),
        ) from err
    except CommunicationError as err:
        raise disconnected(call.inverter, in_words(err)) from err
    return {
        "requested": camel_keys(outcome.requested),
        "applied": camel_keys(outcome.applied),
        "verified": outcome.verified,
        "expiresAt": time(outcome.expires_at),
    }


def _invalid(field: str, message: str) -> RefusalError:
    return RefusalError(HTTPStatus.BAD_REQUEST, "invalid_request", message, field=field)
