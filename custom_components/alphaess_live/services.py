"""The actions that automations and scripts call."""

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import asdict
from typing import Any

from homeassistant.auth.models import User
from homeassistant.auth.permissions.const import POLICY_CONTROL, POLICY_READ
from homeassistant.const import ATTR_CONFIG_ENTRY_ID
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import Unauthorized, UnknownUser
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.service import (
    async_get_config_entry,
    async_register_admin_service,
)
from homeassistant.util.json import JsonObjectType
import probatio

from .alphaess.errors import ErrorKind, FieldKind
from .alphaess.schedule import PERIOD_FIELDS, SOC_FIELDS, Schedule
from .alphaess.snapshot import Power
from .const import DOMAIN
from .control import orders
from .control.dispatch_status import DispatchStatus
from .control.feed_in import limit_feed_in
from .control.field_validators import field_validator
from .control.options import is_permitted
from .control.orders import Outcome
from .control.settings import set_schedule
from .exceptions import not_read, translate_errors
from .migration.action import MIGRATE
from .runtime import AlphaEssConfigEntry, RuntimeData
from .totals.energy_dashboard import ENERGY_ACTIONS

ATTR_POWER = "power"
ATTR_TARGET_SOC = "target_soc"
ATTR_DURATION = "duration"
ATTR_SHARE = "share"
ATTR_PV = "pv"
ATTR_BLOCK = "block"
ATTR_TAKE_OVER = "take_over"
ATTR_ACTIVE_PERIODS = "active_periods"


type Handler = Callable[[ServiceCall], Coroutine[Any, Any, ServiceResponse]]


# Kinds of values are checked here; ranges are checked when the order is built.
_ENTRY = probatio.Schema({probatio.Optional(ATTR_CONFIG_ENTRY_ID): cv.string})
_STOP = _ENTRY.extend(
    {
        probatio.Optional(ATTR_TAKE_OVER, default=False): field_validator(
            ATTR_TAKE_OVER, FieldKind.BOOLEAN
        )
    }
)
_TIMED = _STOP.extend(
    {
        probatio.Required(ATTR_DURATION): field_validator(
            ATTR_DURATION, FieldKind.DURATION
        ),
        # YAML reads `off` without quotes as a boolean.
        probatio.Optional(ATTR_PV): field_validator(ATTR_PV, FieldKind.BOOLEAN),
    }
)
_LIMIT = _STOP.extend(
    {probatio.Required(ATTR_SHARE): field_validator(ATTR_SHARE, FieldKind.NUMBER)}
)
_SCHEDULE = _ENTRY.extend(
    {
        probatio.Optional(field): field_validator(field, kind)
        for field, kind in (
            (ATTR_ACTIVE_PERIODS, FieldKind.PERIODS),
            *((end, FieldKind.TIME) for end in PERIOD_FIELDS),
            *((share, FieldKind.NUMBER) for share in SOC_FIELDS),
        )
    }
)
_HOLD = _TIMED.extend(
    {probatio.Optional(ATTR_BLOCK): field_validator(ATTR_BLOCK, FieldKind.BLOCK)},
)
_FORCE = _TIMED.extend(
    {
        probatio.Required(field): field_validator(field, FieldKind.NUMBER)
        for field in (ATTR_POWER, ATTR_TARGET_SOC)
    }
)


def _order_handler(order: Callable[..., Awaitable[Outcome]]) -> Handler:
    """Make the handler of an order: the fields of the call are its arguments."""

    async def handle(call: ServiceCall) -> ServiceResponse:
        runtime = await _authorized(call)
        with translate_errors():
            outcome = await order(
                runtime.controller, **_fields(call), context=call.context
            )
        expires = outcome.expires_at
        return asdict(outcome) | {"expires_at": expires and expires.isoformat()}

    return handle


async def _set_schedule(call: ServiceCall) -> ServiceResponse:
    runtime = await _authorized(call)
    with translate_errors():
        schedule = Schedule(**_fields(call))
        return asdict(await set_schedule(runtime.controller, schedule))


async def _refresh(call: ServiceCall) -> ServiceResponse:
    runtime = await _authorized(call, POLICY_READ)
    await runtime.coordinator.refresh_all()
    connection = runtime.coordinator.connection
    if not connection.connected:
        raise not_read(connection.error_kind or ErrorKind.TIMEOUT)
    return _status(runtime)


async def _get_status(call: ServiceCall) -> ServiceResponse:
    return _status(await _authorized(call, POLICY_READ))


async def _authorized(call: ServiceCall, policy: str = POLICY_CONTROL) -> RuntimeData:
    """Return the inverter of the call: the only one, unless the call names its entry.

    Raises Unauthorized: Home Assistant checks permissions only for calls on entities.
    """
    entry: AlphaEssConfigEntry = async_get_config_entry(
        call.hass, DOMAIN, call.data.get(ATTR_CONFIG_ENTRY_ID)
    )
    runtime, user = entry.runtime_data, await _user(call, policy)
    if not is_permitted(user, policy, runtime.coordinator):
        raise Unauthorized(context=call.context, permission=policy)
    return runtime


async def _user(call: ServiceCall, policy: str) -> User | None:
    """Return the user who calls; None for an automation that was not started by one."""
    if call.context.user_id is None:
        return None
    user = await call.hass.auth.async_get_user(call.context.user_id)
    if user is None:
        raise UnknownUser(context=call.context, permission=policy)
    return user


def _fields(call: ServiceCall) -> dict[str, Any]:
    return {k: v for k, v in call.data.items() if k != ATTR_CONFIG_ENTRY_ID}


def _status(runtime: RuntimeData) -> ServiceResponse:
    """Return the newest power values, and the dispatch."""
    latest, dispatch = runtime.coordinator.latest, runtime.controller.dispatch
    return {
        "connected": runtime.coordinator.connection.connected,
        "timestamp": latest.measured_at.isoformat() if latest else None,
        "power": _power(latest.power) if latest else None,
        "dispatch": _dispatch(dispatch) if dispatch else None,
    }


def _power(power: Power) -> JsonObjectType:
    """Return the power values under the keys of their entities: W and %."""
    return {
        "battery_soc": power.soc,
        "battery_power": power.battery,
        "pv_power": power.pv,
        "grid_power": power.grid,
        "load_power": power.load,
    }


def _dispatch(status: DispatchStatus) -> JsonObjectType:
    expires = status.expires_at
    return status.to_dict() | {
        "status": status.status,
        "expires_at": expires.isoformat() if expires else None,
    }


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Register the actions; they find their inverter when they are called."""
    for name, handler, schema, response in ACTIONS:
        hass.services.async_register(
            DOMAIN, name, handler, schema, supports_response=response
        )
    for name, handler, schema, response in ADMIN_ACTIONS:
        async_register_admin_service(hass, DOMAIN, name, handler, schema, response)


ACTIONS = (
    ("charge", _order_handler(orders.charge), _FORCE, SupportsResponse.OPTIONAL),
    ("discharge", _order_handler(orders.discharge), _FORCE, SupportsResponse.OPTIONAL),
    ("hold", _order_handler(orders.hold), _HOLD, SupportsResponse.OPTIONAL),
    ("stop", _order_handler(orders.stop), _STOP, SupportsResponse.OPTIONAL),
    ("limit_feed_in", _order_handler(limit_feed_in), _LIMIT, SupportsResponse.OPTIONAL),
    ("set_schedule", _set_schedule, _SCHEDULE, SupportsResponse.OPTIONAL),
    ("refresh", _refresh, _ENTRY, SupportsResponse.OPTIONAL),
    ("get_status", _get_status, _ENTRY, SupportsResponse.ONLY),
)
ADMIN_ACTIONS = (MIGRATE, *ENERGY_ACTIONS)
"""For administrators: they change more than the inverter."""
