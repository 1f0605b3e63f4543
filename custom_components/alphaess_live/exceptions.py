"""An inverter's errors in Home Assistant's words: translated, and at this one border."""

from collections.abc import Iterator
from contextlib import contextmanager

from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers.update_coordinator import UpdateFailed

from .alphaess.errors import (
    CommunicationError,
    ControlsOffError,
    ErrorKind,
    ForeignDispatchError,
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


@contextmanager
def told_to_user() -> Iterator[None]:
    """Raise ServiceValidationError where the user can do better, HomeAssistantError where the device must."""
    try:
        yield
    except InverterError as err:
        if told := _users(err) or _devices(err):
            raise told from err
        raise


def lost(kind: ErrorKind, message: str) -> UpdateFailed:
    """Say that there was no answer. The log gets our own words, which name the place."""
    return UpdateFailed(
        f"{message} ({kind})",
        translation_domain=DOMAIN,
        translation_key=f"lost_{kind}",
    )


def in_words(err: InverterError) -> str:
    """Say in English what a user is told, for other programs."""
    return str(_users(err) or _devices(err) or err)


def _users(err: InverterError) -> ServiceValidationError | None:
    """Say what the user can do better, if that is it."""
    match err:
        case InvalidDispatchError(field=field, least=least, most=most, unit=unit):
            limits = {"least": str(least), "most": str(most), "unit": unit}
            return _invalid("invalid_order", field=field, **limits)
        case InvalidScheduleError(problem=problem, facts=facts):
            return _invalid(f"schedule_{problem}", **facts)
        case TooManyWritesError(count=count, most=most):
            return _invalid("too_many_writes", count=str(count), most=str(most))
        case ControlsOffError():
            return _invalid("controls_off")
        case ForeignDispatchError():
            return _invalid("foreign_dispatch")
    return None


def _devices(err: InverterError) -> HomeAssistantError | None:
    """Say what went wrong in the device, or on the way to it; None for a bug of ours."""
    match err:
        case NotAppliedError(why=why, requested=requested, applied=applied):
            both = {"requested": spelled(requested), "applied": spelled(applied)}
            return _failed(f"not_applied_{why}", **both)
        case UnsupportedFeatureError(lacking=lacking):
            return _failed(f"no_{lacking}")
        case IllegalRequestError():
            return _failed("refused")
        case WriteOutcomeUnknownError():
            return _failed("order_unknown")
        case CommunicationError(kind=kind):
            return _failed(f"unanswered_{kind}")
    return None


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
