"""Reads and validates the JSON body of an order, executes the order and converts its outcome."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any

from aiohttp import web
from homeassistant.core import Context
from homeassistant.util.json import JSON_DECODE_EXCEPTIONS, json_loads

from ..alphaess import dispatch
from ..alphaess.dispatch import HoldBlock
from ..alphaess.errors import (
    CommunicationError,
    InvalidDispatchError,
    InvalidValueError,
    NotAppliedError,
    PointlessDischargeError,
    UnsupportedFeatureError,
)
from ..control import orders
from ..exceptions import ControlsOffError, ForeignDispatchError, to_english
from ..feed.messages import camel_case_keys, optional_rfc3339, to_camel_case
from .api_error import ApiError, disconnected, invalid_request
from .resolve import require_connection
from .view import ApiRequest, Json

MAX_BODY_BYTES = 4096

type Order = Callable[..., Awaitable[orders.Outcome]]
"""An order that lacks only its `context`."""


@dataclass(frozen=True, kw_only=True)
class NumberField:
    """A number in a body: its name, its range, and its names in the legacy API."""

    name: str
    minimum: float
    maximum: float
    aliases: tuple[tuple[str, float], ...] = ()
    """Other names, each with the factor that converts its unit."""
    default: float | None = None
    """The value of a missing field; None if the field is required."""


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
"""In the legacy API, the duration may be missing."""


@dataclass(frozen=True, kw_only=True)
class OrderBody:
    """The content of a body. Each field is validated when it is read and raises ApiError with its name."""

    content: Mapping[str, Any]

    @property
    def take_over(self) -> bool:
        """Whether to replace a running dispatch of another program."""
        value = self.content.get("takeOver", False)
        if not isinstance(value, bool):
            raise invalid_request("takeOver", "takeOver must be true or false.")
        return value

    @property
    def pv(self) -> bool | None:
        """Whether PV may produce during the dispatch; None if not specified."""
        if "pv" not in self.content:
            return None
        value = self.content["pv"]
        if value not in ("on", "off"):
            raise invalid_request("pv", "pv must be on or off.")
        return bool(value == "on")

    def hold_block(self, default: HoldBlock) -> HoldBlock:
        """What a hold keeps the battery from doing."""
        value = self.content.get("block", default)
        if value not in tuple(HoldBlock):
            raise invalid_request("block", "block must be both, discharge or charge.")
        return HoldBlock(value)

    def number(self, field: NumberField) -> float:
        """Read a number."""
        for name, factor in ((field.name, 1.0), *field.aliases):
            if name in self.content:
                return _validate_number(
                    self.content[name], field, name=name, factor=factor
                )
        if field.default is None:
            raise invalid_request(field.name, f"{field.name} is required.")
        return field.default

    def integer(self, field: NumberField) -> int:
        """Read a number and round it."""
        return round(self.number(field))


def _validate_number(
    value: Any, field: NumberField, *, name: str, factor: float
) -> float:
    try:
        value = dispatch.require_number(value, name)
    except InvalidValueError:
        raise invalid_request(name, f"{name} must be a number.") from None
    scaled = value * factor
    if not field.minimum <= scaled <= field.maximum:
        minimum, maximum = field.minimum / factor, field.maximum / factor
        raise invalid_request(
            name, f"{name} must be a number from {minimum:g} to {maximum:g}."
        )
    return float(scaled)


async def read_body(request: web.Request) -> OrderBody:
    """Read a body: a JSON object, or nothing. Raises ApiError."""
    body = await _read_bytes(request)
    if not body.strip():
        return OrderBody(content={})
    try:
        content = json_loads(body)
    except JSON_DECODE_EXCEPTIONS:
        raise invalid_request("body", "The body is not JSON.") from None
    if not isinstance(content, dict):
        raise invalid_request("body", "The body must be a JSON object.")
    return OrderBody(content=content)


async def _read_bytes(request: web.Request) -> bytes:
    """Read at most the permitted number of bytes."""
    body = b""
    try:
        while len(body) <= MAX_BODY_BYTES and (
            chunk := await request.content.readany()
        ):
            body += chunk
    except web.RequestPayloadError:
        raise invalid_request(
            "body", "The body is not encoded as its Content-Encoding states."
        ) from None
    if len(body) > MAX_BODY_BYTES or (request.content_length or 0) > MAX_BODY_BYTES:
        raise ApiError(
            HTTPStatus.REQUEST_ENTITY_TOO_LARGE,
            "too_large",
            f"A body has at most {MAX_BODY_BYTES} bytes.",
        )
    return body


async def execute(request: ApiRequest, order: Order) -> Json:
    """Execute an order and convert its outcome. Raises ApiError."""
    try:
        require_connection(request.inverter)
        outcome = await order(context=Context(user_id=request.user.id))
    except InvalidDispatchError as err:
        raise invalid_request(to_camel_case(err.field), to_english(err)) from err
    except PointlessDischargeError as err:
        raise invalid_request(TARGET_SOC.name, to_english(err)) from err
    except UnsupportedFeatureError as err:
        # The PV switch is the only optional feature of an order.
        raise invalid_request("pv", to_english(err)) from err
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
        raise disconnected(request.inverter, to_english(err)) from err
    return {
        "requested": camel_case_keys(outcome.requested),
        "applied": camel_case_keys(outcome.applied),
        "verified": outcome.verified,
        "expiresAt": optional_rfc3339(outcome.expires_at),
    }
