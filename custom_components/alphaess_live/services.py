"""The actions: what automations and scripts call."""

from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import asdict
from datetime import timedelta
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

from .alphaess.registers import ActivePeriods
from .alphaess.schedule import PERIOD_FIELDS, SOC_FIELDS, Schedule
from .alphaess.snapshot import Power
from .const import DOMAIN
from .control import orders
from .control.dispatch_status import DispatchStatus, current_dispatch
from .control.feed_in import limit_feed_in
from .control.options import is_permitted
from .control.orders import Outcome
from .control.settings import set_schedule
from .coordinator import AlphaEssConfigEntry, InverterCoordinator
from .exceptions import translate_errors
from .migration.action import MIGRATE
from .totals.energy_dashboard import ENERGY_ACTIONS

ATTR_POWER = "power"
ATTR_TARGET_SOC = "target_soc"
ATTR_DURATION = "duration"
ATTR_SHARE = "share"
ATTR_PV = "pv"
ATTR_TAKE_OVER = "take_over"
ATTR_ACTIVE_PERIODS = "active_periods"


type Handler = Callable[[ServiceCall], Coroutine[Any, Any, ServiceResponse]]


def _seconds(value: timedelta) -> int:
    return int(value.total_seconds())


# Only the shape is checked here: what an inverter takes is known to the order itself.
_WHICH = probatio.Schema({probatio.Optional(ATTR_CONFIG_ENTRY_ID): cv.string})
_STOP = _WHICH.extend({probatio.Optional(ATTR_TAKE_OVER, default=False): cv.boolean})
_HOLD = _STOP.extend(
    {
        probatio.Required(ATTR_DURATION): probatio.All(
            cv.positive_time_period, _seconds
        ),
        # In YAML an off without quotes is no text.
        probatio.Optional(ATTR_PV): cv.boolean,
    }
)
_LIMIT = _STOP.extend({probatio.Required(ATTR_SHARE): probatio.Coerce(float)})
_SCHEDULE = _WHICH.extend(
    {
        probatio.Optional(ATTR_ACTIVE_PERIODS): probatio.Coerce(ActivePeriods),
        **{probatio.Optional(end): cv.time for end in PERIOD_FIELDS},
        **{probatio.Optional(share): probatio.Coerce(float) for share in SOC_FIELDS},
    }
)
_FORCE = _HOLD.extend(
    {
        probatio.Required(ATTR_POWER): probatio.Coerce(float),
        probatio.Required(ATTR_TARGET_SOC): probatio.Coerce(float),
    }
)


def _dispatch_handler(order: Callable[..., Awaitable[Outcome]]) -> Handler:
    """Make an action of an order: its fields are those of the call."""

    async def give(call: ServiceCall) -> ServiceResponse:
        coordinator = await _authorized(call)
        with translate_errors():
            return _to_response(await order(coordinator, **_fields(call)))

    return give


async def _set_schedule(call: ServiceCall) -> ServiceResponse:
    coordinator = await _authorized(call)
    with translate_errors():
        return asdict(await set_schedule(coordinator, Schedule(**_fields(call))))


async def _refresh(call: ServiceCall) -> ServiceResponse:
    coordinator = await _authorized(call, POLICY_READ)
    await coordinator.refresh_all()
    return _status(coordinator)


async def _get_status(call: ServiceCall) -> ServiceResponse:
    return _status(await _authorized(call, POLICY_READ))


async def _authorized(
    call: ServiceCall, policy: str = POLICY_CONTROL
) -> InverterCoordinator:
    """Find the inverter that is meant: the only one, unless the call names its entry.

    Raises Unauthorized: Home Assistant asks for permission only where an entity is called.
    """
    entry: AlphaEssConfigEntry = async_get_config_entry(
        call.hass, DOMAIN, call.data.get(ATTR_CONFIG_ENTRY_ID)
    )
    if not is_permitted(await _user(call, policy), policy, entry.runtime_data):
        raise Unauthorized(context=call.context, permission=policy)
    return entry.runtime_data


async def _user(call: ServiceCall, policy: str) -> User | None:
    """Find out who calls; None for an automation that nobody started."""
    if call.context.user_id is None:
        return None
    user = await call.hass.auth.async_get_user(call.context.user_id)
    if user is None:
        raise UnknownUser(context=call.context, permission=policy)
    return user


def _fields(call: ServiceCall) -> dict[str, Any]:
    return {k: v for k, v in call.data.items() if k != ATTR_CONFIG_ENTRY_ID}


def _to_response(outcome: Outcome) -> ServiceResponse:
    expires = outcome.expires_at
    return asdict(outcome) | {"expires_at": expires and expires.isoformat()}


def _status(coordinator: InverterCoordinator) -> ServiceResponse:
    """Tell the newest power values, and the dispatch."""
    latest, told = coordinator.latest, current_dispatch(coordinator)
    return {
        "connected": coordinator.connection.connected,
        "timestamp": latest.measured_at.isoformat() if latest else None,
        "power": _power(latest.power) if latest else None,
        "dispatch": _dispatch(told) if told else None,
    }


def _power(power: Power) -> JsonObjectType:
    """Lay the power values out under the keys of their entities: W and %."""
    return {
        "battery_soc": power.soc,
        "battery_power": power.battery,
        "pv_power": power.pv,
        "grid_power": power.grid,
        "load_power": power.load,
    }


def _dispatch(told: DispatchStatus) -> JsonObjectType:
    """Lay the dispatch out: W (above 0 to discharge), %, s."""
    order = told.order
    return {
        "active": told.active,
        "status": told.battery_action.value,
        "mode": told.mode,
        "power": order.power,
        "target_soc": order.target_soc,
        "duration": order.duration,
        "remaining": told.remaining,
        "expires_at": told.expires_at.isoformat() if told.expires_at else None,
        "pv": told.pv,
        "controlled_by": told.owner.value,
    }


@callback
def async_setup_services(hass: HomeAssistant) -> None:
    """Make the actions known; they find their inverter when they are called."""
    for name, handler, schema, response in ACTIONS:
        hass.services.async_register(
            DOMAIN, name, handler, schema, supports_response=response
        )
    for name, handler, schema, response in ADMIN_ACTIONS:
        async_register_admin_service(hass, DOMAIN, name, handler, schema, response)


ACTIONS = (
    ("charge", _dispatch_handler(orders.charge), _FORCE, SupportsResponse.OPTIONAL),
    (
        "discharge",
        _dispatch_handler(orders.discharge),
        _FORCE,
        SupportsResponse.OPTIONAL,
    ),
    ("hold", _dispatch_handler(orders.hold), _HOLD, SupportsResponse.OPTIONAL),
    ("stop", _dispatch_handler(orders.stop), _STOP, SupportsResponse.OPTIONAL),
    (
        "limit_feed_in",
        _dispatch_handler(limit_feed_in),
        _LIMIT,
        SupportsResponse.OPTIONAL,
    ),
    ("set_schedule", _set_schedule, _SCHEDULE, SupportsResponse.OPTIONAL),
    ("refresh", _refresh, _WHICH, SupportsResponse.OPTIONAL),
    ("get_status", _get_status, _WHICH, SupportsResponse.ONLY),
)
ADMIN_ACTIONS = (MIGRATE, *ENERGY_ACTIONS)
"""For administrators: they change more than the inverter."""
