"""An inverter's errors in Home Assistant's words: translated, and at this one border."""

from collections.abc import Iterator
from contextlib import contextmanager

from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers.update_coordinator import UpdateFailed

from .alphaess.errors import (
    CommunicationError,
    ErrorKind,
    IllegalRequestError,
    InvalidDispatchError,
    InvalidScheduleError,
    InverterError,
    NotAppliedError,
    TooManyWritesError,
    UnsupportedFeatureError,
    WriteOutcomeUnknownError,
)
from .const import DOMAIN


class ControlsOffError(InverterError):
    """The user has switched off the controls of this inverter: nothing is written."""


class ForeignDispatchError(InverterError):
    """A dispatch of another program is running; it is only replaced on request."""


@contextmanager
def translate_errors() -> Iterator[None]:
    """Raise ServiceValidationError where the user can do better, HomeAssistantError where the device must."""
    try:
        yield
    except InverterError as err:
        if told := _as_validation_error(err) or _as_device_error(err):
            raise told from err
        raise


def update_failed(kind: ErrorKind, message: str) -> UpdateFailed:
    """Say that there was no answer. The log gets our own words, which name the place."""
    return UpdateFailed(
        f"{message} ({kind})",
        translation_domain=DOMAIN,
        translation_key=f"lost_{kind}",
    )


def to_english(err: InverterError) -> str:
    """Say in English what a user is told, for other programs."""
    return str(_as_validation_error(err) or _as_device_error(err) or err)


def _as_validation_error(err: InverterError) -> ServiceValidationError | None:
    """Say what the user can do better, if that is it."""
    match err:
        case InvalidDispatchError(field=field, least=least, most=most, unit=unit):
            limits = {"least": str(least), "most": str(most), "unit": unit}
            return _validation_error("invalid_order", field=field, **limits)
        case InvalidScheduleError(problem=problem, facts=facts):
            return _validation_error(f"schedule_{problem}", **facts)
        case TooManyWritesError(count=count, most=most):
            return _validation_error(
                "too_many_writes", count=str(count), most=str(most)
            )
        case ControlsOffError():
            return _validation_error("controls_off")
        case ForeignDispatchError():
            return _validation_error("foreign_dispatch")
    return None


def _as_device_error(err: InverterError) -> HomeAssistantError | None:
    """Say what went wrong in the device, or on the way to it; None for a bug of ours."""
    match err:
        case NotAppliedError(verdict=outcome, requested=requested, applied=applied):
            both = {
                "requested": format_order(requested),
                "applied": format_order(applied),
            }
            return _device_error(f"not_applied_{outcome}", **both)
        case UnsupportedFeatureError(feature=feature):
            return _device_error(f"no_{feature}")
        case IllegalRequestError():
            return _device_error("refused")
        case WriteOutcomeUnknownError():
            return _device_error("order_unknown")
        case CommunicationError(kind=kind):
            return _device_error(f"unanswered_{kind}")
    return None


def format_order(order: dict[str, object]) -> str:
    """Spell an order in one line: charge, power 3000, target_soc 80, duration 3600."""
    action, *details = order.items()
    return ", ".join((str(action[1]), *(f"{key} {value}" for key, value in details)))


def _validation_error(key: str, **texts: str) -> ServiceValidationError:
    return ServiceValidationError(
        translation_domain=DOMAIN, translation_key=key, translation_placeholders=texts
    )


def _device_error(key: str, **texts: str) -> HomeAssistantError:
    return HomeAssistantError(
        translation_domain=DOMAIN, translation_key=key, translation_placeholders=texts
    )
