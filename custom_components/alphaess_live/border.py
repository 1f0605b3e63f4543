"""An inverter's errors in Home Assistant's words: translated, and at this one border."""

from collections.abc import Iterator
from contextlib import contextmanager

from homeassistant.exceptions import HomeAssistantError, ServiceValidationError

from .alphaess.errors import (
    ControlsOffError,
    ForeignDispatchError,
    InvalidOrderError,
    InvalidScheduleError,
    InverterError,
    NotAppliedError,
    RefusedError,
    TooManyWritesError,
    UnverifiedError,
)
from .const import DOMAIN


@contextmanager
def told_to_user() -> Iterator[None]:
    """Raise ServiceValidationError where the user can do better, HomeAssistantError where the device must."""
    try:
        yield
    except InverterError as err:
        raise (_users(err) or _devices(err)) from err


def _users(err: InverterError) -> ServiceValidationError | None:
    """Say what the user can do better, if that is it."""
    match err:
        case InvalidOrderError():
            return _invalid("invalid_order", field=err.field, reason=str(err))
        case InvalidScheduleError():
            problem = err.problem.value
            return _invalid(f"schedule_{problem}", **err.facts)
        case TooManyWritesError():
            counts = {"count": str(err.count), "most": str(err.most)}
            return _invalid("too_many_writes", **counts)
        case ControlsOffError():
            return _invalid("controls_off")
        case ForeignDispatchError():
            return _invalid("foreign_dispatch")
    return None


def _devices(err: InverterError) -> HomeAssistantError:
    """Say what went wrong in the device, or on the way to it."""
    match err:
        case NotAppliedError():
            texts = {
                "reason": str(err),
                "requested": spelled(err.requested),
                "applied": spelled(err.applied),
            }
            return _failed("not_applied", **texts)
        case UnverifiedError():
            return _failed("order_unknown", reason=str(err))
        case RefusedError():
            return _failed("refused", reason=str(err))
    return _failed("order_unanswered", reason=str(err))


def spelled(order: dict[str, object]) -> str:
    """Spell an order in one line: charge, power 3000, target_soc 80, duration 3600."""
    action, *details = order.items()
    return ", ".join((str(action[1]), *(f"{key} {value}" for key, value in details)))


def _invalid(key: str, **texts: str) -> ServiceValidationError:
    return ServiceValidationError(
        translation_domain=DOMAIN, translation_key=key, translation_placeholders=texts
    )


def _failed(key: str, **texts: str) -> HomeAssistantError:
    return HomeAssistantError(
        translation_domain=DOMAIN, translation_key=key, translation_placeholders=texts
    )
