"""Checks the kinds of values in the fields of actions, and reports a wrong one in the user's language."""

from collections.abc import Callable, Mapping
from datetime import timedelta
import re

from homeassistant.helpers import config_validation as cv
import probatio

from ..alphaess.dispatch import HoldBlock, require_number
from ..alphaess.errors import FieldKind, InvalidValueError
from ..alphaess.registers import ActivePeriods
from ..exceptions import translate_errors

_SECONDS_PER_UNIT = {"days": 86400, "hours": 3600, "minutes": 60, "seconds": 1}
_DURATION = re.compile(r"\d+:\d\d?(:\d\d?(\.\d+)?)?", re.ASCII)


def field_validator(field: str, kind: FieldKind) -> Callable[[object], object]:
    """Return a validator for a schema. It raises ServiceValidationError: a schema's own errors are English."""
    validate = _VALIDATORS[kind]

    def check(value: object) -> object:
        with translate_errors():
            try:
                return validate(value, field)
            except (probatio.Invalid, OverflowError, TypeError, ValueError) as err:
                raise InvalidValueError(field, value, kind) from err

    return check


def _boolean(value: object, _: str) -> bool:
    if not isinstance(value, bool | str):
        raise TypeError
    return cv.boolean(value)


def _seconds(value: object, field: str) -> float:
    """Convert a number of seconds, a text as 01:30:00, or hours and minutes by name."""
    match value:
        case str():
            if not _DURATION.fullmatch(value):
                raise ValueError
            return cv.time_period_str(value).total_seconds()
        case timedelta():
            return value.total_seconds()
        case Mapping() if value and value.keys() <= _SECONDS_PER_UNIT.keys():
            total = sum(
                _SECONDS_PER_UNIT[unit] * require_number(count, field)
                for unit, count in value.items()
            )
            return require_number(total, field)
        case _:
            return require_number(value, field)


_VALIDATORS: Mapping[FieldKind, Callable[[object, str], object]] = {
    FieldKind.NUMBER: require_number,
    FieldKind.DURATION: _seconds,
    FieldKind.BOOLEAN: _boolean,
    FieldKind.BLOCK: lambda value, _: HoldBlock(str(value)),
    FieldKind.PERIODS: lambda value, _: ActivePeriods(str(value)),
    FieldKind.TIME: lambda value, _: cv.time(value),
}
