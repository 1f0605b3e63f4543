"""The actions that automations and scripts call."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from dataclasses import asdict
from functools import partial
from typing import Any

from homeassistant.auth.permissions.const import POLICY_CONTROL, POLICY_READ
from homeassistant.const import ATTR_CONFIG_ENTRY_ID
from homeassistant.core import (
    Context,
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
    callback,
)
from homeassistant.exceptions import (
    HomeAssistantError,
    Unauthorized,
    UnknownUser,
)
from homeassistant.helpers import config_validation as cv
from homeassistant.helpers.service import async_register_admin_service
from homeassistant.helpers.translation import async_get_translations
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
from .control.grid_target import hold_grid
from .control.manual import DEFAULTS, SECONDS_PER_MINUTE, Setpoint
from .control.options import is_permitted
from .control.order_report import CheckedContext
from .control.orders import Outcome
from .control.settings import set_schedule
from .control.targets import TARGET_FIELDS, selected_entries
from .exceptions import not_read, some_failed, translate_errors
from .migration.action import MIGRATE
from .runtime import RuntimeData, loaded_runtime
from .totals.energy_dashboard import ENERGY_ACTIONS

ATTR_POWER = "power"
ATTR_TARGET_SOC = "target_soc"
ATTR_DURATION = "duration"
ATTR_SHARE = "share"
ATTR_PV = "pv"
ATTR_BLOCK = "block"
ATTR_MIN_SOC = "min_soc"
ATTR_MAX_SOC = "max_soc"
ATTR_MAX_POWER = "max_power"
ATTR_LIMIT = "limit"
ATTR_TAKE_OVER = "take_over"
ATTR_ACTIVE_PERIODS = "active_periods"


type Handler = Callable[[ServiceCall], Coroutine[Any, Any, ServiceResponse]]
type InverterHandler = Callable[
    [ServiceCall, RuntimeData], Coroutine[Any, Any, JsonObjectType]
]
"""What an action does with one of its inverters."""


# Kinds of values are checked here; ranges are checked when the order is built.
_INVERTERS = probatio.Schema(
    {**cv.ENTITY_SERVICE_FIELDS, probatio.Optional(ATTR_CONFIG_ENTRY_ID): cv.string}
)
_STOP = _INVERTERS.extend(
    {
        probatio.Optional(ATTR_TAKE_OVER, default=False): field_validator(
            ATTR_TAKE_OVER, FieldKind.BOOLEAN
        )
    }
)
_LASTING = _STOP.extend(
    {
        probatio.Required(
            ATTR_DURATION, default=SECONDS_PER_MINUTE * DEFAULTS[Setpoint.DURATION]
        ): field_validator(ATTR_DURATION, FieldKind.DURATION)
    }
)
_HOLD_GRID = _LASTING.extend(
    {
        probatio.Required(ATTR_POWER): field_validator(ATTR_POWER, FieldKind.NUMBER),
        probatio.Optional(ATTR_LIMIT): field_validator(ATTR_LIMIT, FieldKind.BOOLEAN),
    }
    | {
        probatio.Optional(field): field_validator(field, FieldKind.NUMBER)
        for field in (ATTR_MIN_SOC, ATTR_MAX_SOC, ATTR_MAX_POWER)
    }
)
_TIMED = _LASTING.extend(
    # YAML reads `off` without quotes as a boolean.
    {probatio.Optional(ATTR_PV): field_validator(ATTR_PV, FieldKind.BOOLEAN)}
)
_LIMIT = _STOP.extend(
    {probatio.Required(ATTR_SHARE): field_validator(ATTR_SHARE, FieldKind.NUMBER)}
)
_SCHEDULE = _INVERTERS.extend(
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
_CHARGE, _DISCHARGE = (
    _TIMED.extend(
        {
            # By default the rated power, which differs between inverters.
            probatio.Optional(ATTR_POWER): field_validator(
                ATTR_POWER, FieldKind.NUMBER
            ),
            probatio.Required(ATTR_TARGET_SOC, default=DEFAULTS[target]): (
                field_validator(ATTR_TARGET_SOC, FieldKind.NUMBER)
            ),
        }
    )
    for target in (Setpoint.CHARGE_TARGET, Setpoint.DISCHARGE_TARGET)
)


async def _for_each(
    handle: InverterHandler, call: ServiceCall, *, policy: str = POLICY_CONTROL
) -> ServiceResponse:
    """Carry out an action on each of its inverters; the response of several is by serial number.

    Nothing is done unless the user may do it on all of them. Raises Unauthorized: Home
    Assistant checks permissions only for calls on entities.
    """
    inverters = [entry.runtime_data for entry in selected_entries(call)]
    await _require_permission(call, policy, *inverters)
    if len(inverters) == 1:
        return await handle(call, inverters[0])
    results = await asyncio.gather(
        *(handle(call, one) for one in inverters), return_exceptions=True
    )
    failures: dict[str, HomeAssistantError] = {}
    done: dict[str, tuple[str, JsonObjectType]] = {}
    for inverter, result in zip(inverters, results, strict=True):
        serial = inverter.coordinator.identity.serial
        name = f"{inverter.coordinator.config_entry.title} ({serial})"
        if isinstance(result, Unauthorized):
            failures["–"] = result  # Its name is not for this user any more.
        elif isinstance(result, HomeAssistantError):
            failures[name] = result
        elif isinstance(result, BaseException):
            raise result
        else:
            done[serial] = name, result
    if failures:
        raise await _common_error(
            call.hass, failures, [name for name, _ in done.values()]
        )
    return {serial: result for serial, (_, result) in done.items()}


async def _common_error(
    hass: HomeAssistant,
    failures: Mapping[str, HomeAssistantError],
    others: Sequence[str],
) -> HomeAssistantError:
    """Return the error that all inverters have, otherwise one that names each of them."""
    errors = tuple(failures.values())
    if not others and len({str(err) for err in errors}) == 1:
        return errors[0]
    texts = await async_get_translations(
        hass, hass.config.language, "exceptions", {DOMAIN}
    )
    return some_failed(failures, others, texts=texts)


def _order_handler(order: Callable[..., Awaitable[Outcome]]) -> Handler:
    """Make the handler of an order: the fields of the call are its arguments."""

    async def handle(call: ServiceCall, runtime: RuntimeData) -> JsonObjectType:
        with translate_errors():
            outcome = await order(
                runtime.controller, **_fields(call), context=_caller(call, runtime)
            )
        expires = outcome.expires_at
        return asdict(outcome) | {"expires_at": expires and expires.isoformat()}

    return partial(_for_each, handle)


async def _set_schedule(call: ServiceCall, runtime: RuntimeData) -> JsonObjectType:
    with translate_errors():
        schedule = Schedule(**_fields(call))
        caller = _caller(call, runtime)
        return asdict(await set_schedule(runtime.controller, schedule, context=caller))


async def _refresh(call: ServiceCall, runtime: RuntimeData) -> JsonObjectType:
    await runtime.coordinator.refresh_all()
    await _require_permission(
        call, POLICY_READ, runtime
    )  # It may have ended meanwhile.
    connection = runtime.coordinator.connection
    if loaded_runtime(runtime.coordinator.config_entry) is not runtime:
        raise not_read(ErrorKind.RESET)  # It was unloaded, which ended the reading.
    if not connection.connected:
        raise not_read(connection.error_kind or ErrorKind.TIMEOUT)
    return _status(runtime)


async def _get_status(_: ServiceCall, runtime: RuntimeData) -> JsonObjectType:
    return _status(runtime)


async def _require_permission(
    call: ServiceCall, policy: str, *inverters: RuntimeData
) -> None:
    """Raise Unauthorized unless the user may do it; an automation that none has started may."""
    if call.context.user_id is None:
        return
    user = await call.hass.auth.async_get_user(call.context.user_id)
    if user is None:
        raise UnknownUser(context=call.context, permission=policy)
    coordinators = [one.coordinator for one in inverters]
    if not user.is_active or not all(
        is_permitted(user, policy, one) for one in coordinators
    ):
        raise Unauthorized(context=call.context, permission=policy)


def _caller(call: ServiceCall, runtime: RuntimeData) -> Context:
    """Return who calls, with a check for the moment at which anything is written."""
    coordinator = runtime.coordinator
    return CheckedContext.of_user(
        call.hass,
        call.context,
        lambda user: is_permitted(user, POLICY_CONTROL, coordinator),
    )


def _fields(call: ServiceCall) -> dict[str, Any]:
    others = TARGET_FIELDS | {ATTR_CONFIG_ENTRY_ID}
    return {name: value for name, value in call.data.items() if name not in others}


def _status(runtime: RuntimeData) -> JsonObjectType:
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
    expires, by = status.expires_at, status.ordered_by
    return status.to_dict() | {
        "status": status.status,
        "ordered_by": by and by.name,
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
    ("charge", _order_handler(orders.charge), _CHARGE, SupportsResponse.OPTIONAL),
    (
        "discharge",
        _order_handler(orders.discharge),
        _DISCHARGE,
        SupportsResponse.OPTIONAL,
    ),
    ("hold", _order_handler(orders.hold), _HOLD, SupportsResponse.OPTIONAL),
    ("hold_grid", _order_handler(hold_grid), _HOLD_GRID, SupportsResponse.OPTIONAL),
    ("stop", _order_handler(orders.stop), _STOP, SupportsResponse.OPTIONAL),
    ("limit_feed_in", _order_handler(limit_feed_in), _LIMIT, SupportsResponse.OPTIONAL),
    (
        "set_schedule",
        partial(_for_each, _set_schedule),
        _SCHEDULE,
        SupportsResponse.OPTIONAL,
    ),
    (
        "refresh",
        partial(_for_each, _refresh, policy=POLICY_READ),
        _INVERTERS,
        SupportsResponse.OPTIONAL,
    ),
    (
        "get_status",
        partial(_for_each, _get_status, policy=POLICY_READ),
        _INVERTERS,
        SupportsResponse.ONLY,
    ),
)
ADMIN_ACTIONS = (MIGRATE, *ENERGY_ACTIONS)
"""For administrators: they change more than the inverter."""
