"""Converts device errors to translated errors of Home Assistant, and reports unexpected ones."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
import logging
from traceback import extract_tb, format_exception

from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers.update_coordinator import UpdateFailed

from .alphaess.errors import (
    CommunicationError,
    ErrorKind,
    IllegalRequestError,
    InvalidDispatchError,
    InvalidScheduleError,
    InvalidValueError,
    InverterError,
    NoRatedPowerError,
    NotAppliedError,
    PointlessDischargeError,
    TooManyWritesError,
    UnsupportedFeatureError,
    WriteOutcomeUnknownError,
)
from .const import DOMAIN

_LOGGER = logging.getLogger(__name__)


class ControlsOffError(InverterError):
    """The user has switched off the controls of this inverter: nothing is written."""


class ControlsUnsupportedError(ControlsOffError):
    """The register map of this inverter is probable only: nothing is written."""


class NotPermittedError(InverterError):
    """The caller must not do this any more; it was about to be done."""

    def __init__(self, error: Exception) -> None:
        """Store the error that the caller gets."""
        super().__init__(str(error))
        self.error = error


class ForeignDispatchError(InverterError):
    """A dispatch of another program is running; it is only replaced on request."""


@dataclass(kw_only=True)
class InternalError:
    """An unexpected exception: a bug."""

    message: str
    traceback: str
    first_at: datetime
    """UTC."""
    count: int = 0


class InternalErrors:
    """The unexpected exceptions of one inverter. Each place in the code is logged once."""

    def __init__(self) -> None:
        """Start without any."""
        self.reported: dict[object, InternalError] = {}
        """The first exception of each place in the code."""
        self.on_report: Callable[[], None] | None = None

    def report(self, err: Exception) -> str:
        """Log an exception with its traceback, unless it is known; returns its message."""
        *_, raised_at = extract_tb(err.__traceback__)
        place = (type(err), raised_at.filename, raised_at.lineno)
        message = f"unexpected {type(err).__name__}: {err}"
        if place not in self.reported:
            _LOGGER.error("Please report this bug: %s", message, exc_info=err)
            self.reported[place] = InternalError(
                message=message,
                traceback="".join(format_exception(err)),
                first_at=datetime.now(UTC),
            )
        self.reported[place].count += 1
        if self.on_report:
            self.on_report()
        return message


@contextmanager
def translate_errors() -> Iterator[None]:
    """Raise ServiceValidationError for a wrong request, HomeAssistantError for a failure of the device."""
    try:
        yield
    except NotPermittedError as err:
        raise err.error from err
    except InverterError as err:
        if translated := _as_validation_error(err) or _as_device_error(err):
            raise translated from err
        raise


def update_failed(kind: ErrorKind, message: str) -> UpdateFailed:
    """Return the error of a failed poll. The log shows the message, which contains the address."""
    return UpdateFailed(
        f"{message} ({kind})",
        translation_domain=DOMAIN,
        translation_key=f"lost_{kind}",
    )


def not_read(kind: ErrorKind) -> HomeAssistantError:
    """Return the error of a requested reading that has failed."""
    return _device_error(f"lost_{kind}")


def some_failed(
    failures: Mapping[str, HomeAssistantError],
    others: Iterable[str],
    *,
    texts: Mapping[str, str],
) -> HomeAssistantError:
    """Return the error of an action that not all of its inverters carried out, by their names.

    The texts are those of a language, as `async_get_translations` returns them.
    """
    reasons = (f"{name}: {_text(err, texts)}" for name, err in failures.items())
    done = ", ".join(others) or "–"
    return _device_error("some_failed", failures=" ".join(reasons), others=done)


def _text(err: HomeAssistantError, texts: Mapping[str, str]) -> str:
    """Return the text of an error in a language; its English one if it is not among them."""
    key = f"component.{err.translation_domain}.exceptions.{err.translation_key}.message"
    text = texts.get(key)
    return text.format(**(err.translation_placeholders or {})) if text else str(err)


type Rename = Callable[[str], str]
"""Converts the name of a field, as it is in actions, to the one that the caller uses."""


def to_english(err: InverterError, *, rename: Rename) -> str:
    """Return the English text of an error, for other programs."""
    translated = _as_validation_error(err, rename) or _as_device_error(err, rename)
    return str(translated or err)


def _as_validation_error(
    err: InverterError, rename: Rename = str
) -> ServiceValidationError | None:
    """Translate an error of the request; None for other errors."""
    match err:
        case TooManyWritesError(count=count, maximum=maximum):
            return _validation_error(
                "too_many_writes", count=str(count), most=str(maximum)
            )
        case ControlsOffError():
            unsupported = isinstance(err, ControlsUnsupportedError)
            return _validation_error(
                "controls_unsupported" if unsupported else "controls_off"
            )
        case ForeignDispatchError():
            return _validation_error("foreign_dispatch")
    return _as_value_error(err, rename)


def _as_value_error(
    err: InverterError, rename: Rename
) -> ServiceValidationError | None:
    """Translate an error of a value in the request; None for other errors."""
    match err:
        case InvalidDispatchError(
            field=field, minimum=minimum, maximum=maximum, unit=unit
        ):
            limits = {"least": str(minimum), "most": str(maximum), "unit": unit}
            return _validation_error("invalid_order", field=rename(field), **limits)
        case InvalidValueError(field=field, value=value, expected=expected):
            texts = {"field": rename(field), "value": f"{value!r:.40}"}
            return _validation_error(f"invalid_{expected}", **texts)
        case NoRatedPowerError(field=field):
            return _validation_error("no_rated_power", field=rename(field))
        case PointlessDischargeError():
            field = rename("target_soc")
            return _validation_error("pointless_discharge", field=field)
        case InvalidScheduleError(problem=problem, facts=facts):
            return _validation_error(f"schedule_{problem}", **facts)
    return None


def _as_device_error(
    err: InverterError, rename: Rename = str
) -> HomeAssistantError | None:
    """Translate an error of the device or of the connection; None for other errors."""
    match err:
        case NotAppliedError(verdict=outcome, requested=requested, applied=applied):
            both = {
                "requested": format_order(requested, rename),
                "applied": format_order(applied, rename),
            }
            return _device_error(f"not_applied_{outcome}", **both)
        case UnsupportedFeatureError(feature=feature):
            return _device_error(f"no_{feature}")
        case IllegalRequestError():
            return _device_error("refused")
        case WriteOutcomeUnknownError(kind=kind) if kind is not ErrorKind.INTERNAL:
            return _device_error("order_unknown")
        case CommunicationError(kind=kind):
            return _device_error(f"unanswered_{kind}")
    return None


def format_order(order: dict[str, object], rename: Rename = str) -> str:
    """Format an order in one line: charge, power 3000, target_soc 80, duration 3600."""
    action, *fields = order.items()
    texts = (f"{rename(name)} {value}" for name, value in fields)
    return ", ".join((str(action[1]), *texts))


def _validation_error(key: str, **texts: str) -> ServiceValidationError:
    return ServiceValidationError(
        translation_domain=DOMAIN, translation_key=key, translation_placeholders=texts
    )


def _device_error(key: str, **texts: str) -> HomeAssistantError:
    return HomeAssistantError(
        translation_domain=DOMAIN, translation_key=key, translation_placeholders=texts
    )
