"""Reads and validates the JSON body of an order, executes the order and converts its outcome."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from http import HTTPStatus
from typing import Any

from aiohttp import web
from aiohttp.hdrs import CONNECTION
from homeassistant.auth.permissions.const import POLICY_CONTROL
from homeassistant.core import Context
from homeassistant.util.json import JSON_DECODE_EXCEPTIONS, json_loads

from ..alphaess import dispatch
from ..alphaess.dispatch import HoldBlock
from ..alphaess.errors import (
    CommunicationError,
    Feature,
    InvalidDispatchError,
    InvalidValueError,
    InverterError,
    NoRatedPowerError,
    NotAppliedError,
    PointlessDischargeError,
    UnsupportedFeatureError,
    WriteOutcomeUnknownError,
)
from ..alphaess.grid_regulator import DEFAULT_MIN_SOC_PERCENT, HOLD_GRID
from ..control import orders
from ..control.manual import DEFAULTS, SECONDS_PER_MINUTE, Setpoint
from ..control.order_report import CheckedContext
from ..exceptions import (
    ControlsOffError,
    ForeignDispatchError,
    NotPermittedError,
    to_english,
)
from ..feed.messages import camel_case_keys, optional_rfc3339, to_camel_case
from .api_error import ApiError, invalid_request, unavailable
from .resolve import require_connection
from .view import ApiRequest, Json

MAX_BODY_BYTES = 4096

BODY_TIMEOUT_SECONDS = 10.0
"""Time in which a body has to arrive."""

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

    @property
    def names(self) -> set[str]:
        """Its name and the other ones."""
        return {self.name, *(name for name, _ in self.aliases)}


POWER = NumberField(
    name="power",
    minimum=dispatch.POWER_RANGE_WATTS[0],
    maximum=dispatch.POWER_RANGE_WATTS[-1],
    aliases=(("watts", 1),),
)
LEGACY_FLOOR = "minimumSOC"
"""The target of a discharge in the legacy API, where it may be as low as 0 %."""
TARGET_SOC = NumberField(
    name="targetSoc",
    minimum=dispatch.MIN_SOC_PERCENT,
    maximum=dispatch.MAX_SOC_PERCENT,
    aliases=(("targetSOC", 1), (LEGACY_FLOOR, 1)),
)
DURATION = NumberField(
    name="duration",
    minimum=dispatch.DURATION_RANGE_SECONDS[0],
    maximum=dispatch.DURATION_RANGE_SECONDS[-1],
    aliases=(("durationHours", 3600),),
)
GRID_POWER = NumberField(
    name="power",
    minimum=-dispatch.POWER_RANGE_WATTS[-1],
    maximum=dispatch.POWER_RANGE_WATTS[-1],
    aliases=(("watts", 1),),
)
MIN_SOC = replace(
    TARGET_SOC,
    name="minSoc",
    aliases=(),
    default=DEFAULT_MIN_SOC_PERCENT,
)
MAX_SOC = replace(
    TARGET_SOC, name="maxSoc", aliases=(), default=dispatch.MAX_SOC_PERCENT
)
MAX_POWER = replace(POWER, name="maxPower", aliases=(), default=0)
"""The default 0 stands for the rated power."""
HOLD_DURATION = replace(
    DURATION, default=SECONDS_PER_MINUTE * DEFAULTS[Setpoint.DURATION]
)
"""As the action has it."""
LEGACY_HOLD_DURATION = replace(DURATION, default=dispatch.DURATION_RANGE_SECONDS[-1])
"""In the legacy API, the battery is held until it is stopped."""
TAKE_OVER = "takeOver"


@dataclass(frozen=True, kw_only=True)
class OrderBody:
    """The content of a body. Each field is validated when it is read and raises ApiError with its name."""

    content: Mapping[str, Any]

    @property
    def take_over(self) -> bool:
        """Whether to replace a running dispatch of another program."""
        return self.boolean(TAKE_OVER)

    def require_known(self, fields: Iterable[NumberField | str]) -> None:
        """Raise ApiError for a field that the order does not have: a name that is misspelt would have no effect."""
        known = {TAKE_OVER}
        for field in fields:
            known |= {field} if isinstance(field, str) else field.names
        for name in self.content:
            if name not in known:
                raise invalid_request(
                    name, f"{name:.40} is not a field of this order. {_listed(known)}"
                )

    def boolean(self, name: str) -> bool:
        """Read a boolean; it is false if it is missing."""
        value = self.content.get(name, False)
        if not isinstance(value, bool):
            raise invalid_request(name, f"{name} must be true or false.")
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

    @property
    def raised_floor(self) -> float | None:
        """A legacy floor below the lowest target, which is used in its place; None for any other."""
        floor = self.content.get(LEGACY_FLOOR)
        if isinstance(floor, bool) or not isinstance(floor, int | float):
            return None
        if self.content.keys() & {"targetSoc", "targetSOC"}:
            return None
        return floor if 0 <= floor < dispatch.MIN_SOC_PERCENT else None

    def number(self, field: NumberField) -> float:
        """Read a number."""
        for name, factor in ((field.name, 1.0), *field.aliases):
            if name in self.content:
                if name == LEGACY_FLOOR and self.raised_floor is not None:
                    return field.minimum
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


def _listed(names: Iterable[str]) -> str:
    return f"The fields are {', '.join(sorted(names))}."


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
    """Read at most the permitted number of bytes, within the permitted time."""
    body = b""
    try:
        async with asyncio.timeout(BODY_TIMEOUT_SECONDS):
            while len(body) <= MAX_BODY_BYTES and (
                chunk := await request.content.readany()
            ):
                body += chunk
    except TimeoutError:
        raise ApiError(
            HTTPStatus.REQUEST_TIMEOUT,
            "timeout",
            f"The body was not received within {BODY_TIMEOUT_SECONDS:g} s.",
            headers={CONNECTION: "close"},
        ) from None
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


async def execute(request: ApiRequest, order: Order) -> orders.Outcome:
    """Execute an order, unless its user may not give it any more by then. Raises ApiError."""

    async def require_permission() -> None:
        try:
            request.require_authorized(POLICY_CONTROL)
        except ApiError as err:
            raise NotPermittedError(err) from err

    context = CheckedContext(Context(user_id=request.user.id), require_permission)
    try:
        require_connection(request.inverter)
        return await order(context=context)
    except NotPermittedError as err:
        raise err.error from err
    except InverterError as err:
        raise _to_api_error(request, err) from err


def _to_api_error(request: ApiRequest, err: InverterError) -> ApiError:
    """Convert the reason why an order was not given, or not applied."""
    text = to_english(err, rename=to_camel_case)
    match err:
        case ControlsOffError():
            return ApiError(HTTPStatus.FORBIDDEN, "control_not_permitted", text)
        case ForeignDispatchError():
            return ApiError(HTTPStatus.CONFLICT, "foreign_dispatch", text)
        case NotAppliedError(requested=requested, applied=applied):
            return ApiError(
                HTTPStatus.BAD_GATEWAY,
                "not_applied",
                text,
                requested=camel_case_keys(requested),
                applied=camel_case_keys(applied),
            )
        case CommunicationError():
            is_unknown = isinstance(err, WriteOutcomeUnknownError)
            request.announce_connected()
            return unavailable(
                request.connection, text, code="outcome_unknown" if is_unknown else None
            )
    return invalid_request(_invalid_field(err), text)


def _invalid_field(err: InverterError) -> str:
    """Return the field that causes an error."""
    match err:
        case InvalidDispatchError(field=field) | NoRatedPowerError(field=field):
            return to_camel_case(field)
        case PointlessDischargeError():
            return TARGET_SOC.name
        case UnsupportedFeatureError(feature=Feature.GRID_POWER):
            return GRID_POWER.name
        case UnsupportedFeatureError():
            return "pv"  # The only other feature of an order.
    raise err


def outcome_to_json(outcome: orders.Outcome, body: OrderBody) -> Json:
    """Convert an outcome; its values are repeated under the names of the legacy API."""
    requested, applied = (
        camel_case_keys(one) for one in (outcome.requested, outcome.applied)
    )
    if body.raised_floor is not None and "targetSoc" in requested:
        requested["targetSoc"] = body.raised_floor
    legacy = {
        # Of a hold it is the limit.
        "watts": None if applied["action"] == "hold" else applied.get("power"),
        "targetSOC": applied.get("targetSoc"),
        "duration": applied.get("duration"),
    }
    return {
        "requested": requested,
        "applied": applied,
        "verified": outcome.verified,
        "expiresAt": optional_rfc3339(outcome.expires_at),
        "targetReached": outcome.target_reached,
        "warnings": [asdict(warning) for warning in outcome.warnings],
        "success": True,
        "mode": _legacy_mode(applied),
    } | {name: value for name, value in legacy.items() if value is not None}


_LEGACY_MODES = {
    "charge": "charging",
    "discharge": "discharging",
    HOLD_GRID: "holding_grid",
    "stop": "stopped",
}


def _legacy_mode(applied: Json) -> str:
    """Return what the legacy API calls an order."""
    if applied.get("block") == HoldBlock.DISCHARGE:
        return "grid_discharge_prevented"
    return _LEGACY_MODES.get(applied["action"], "holding")
