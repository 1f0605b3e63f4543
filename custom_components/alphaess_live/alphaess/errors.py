"""Errors of the communication with an inverter, and of what it is asked to do."""

from enum import StrEnum
from typing import Any

from modbus_connection import (
    GatewayPathUnavailableError,
    GatewayTargetError,
    ModbusConnectionError,
    ModbusError,
    ModbusProtocolError,
    ModbusTimeoutError,
    ServerDeviceBusyError,
)


class ErrorKind(StrEnum):
    """Why the inverter does not respond."""

    REFUSED = "refused"
    """The port is closed, or another client holds the one connection."""
    TIMEOUT = "timeout"
    """No response: asleep, switched off, cable unplugged, or a wrong unit id."""
    RESET = "reset"
    """The connection was closed while in use."""
    UNREACHABLE = "unreachable"
    """No route to the address, or no address for the name."""
    BUSY = "busy"
    """The inverter responded that it is busy."""
    PROTOCOL = "protocol"
    """Something responded, but not as an inverter does."""
    POLLING_OFF = "polling_off"
    """It is not requested: its user has switched polling off."""
    INTERNAL = "internal"
    """An unexpected exception in this program: a bug."""


class LinkDownError(ModbusConnectionError):
    """A link could not be opened."""

    def __init__(self, kind: ErrorKind, message: str) -> None:
        """Store the reason beside the message."""
        super().__init__(message)
        self.kind = kind


class MismatchedResponseError(ModbusProtocolError):
    """What answered in time belongs to another request: a gateway changes transaction or unit ids."""


class InverterError(Exception):
    """Base class of all errors of this package."""


class CommunicationError(InverterError):
    """The inverter did not respond to a request, or not validly."""

    def __init__(self, kind: ErrorKind, message: str) -> None:
        """Store the reason beside the message."""
        super().__init__(message)
        self.kind = kind


class ResponseTimeoutError(CommunicationError):
    """No response in time; some devices do not respond to a function that they do not support."""


class WriteOutcomeUnknownError(CommunicationError):
    """The inverter stopped responding after a write: whether it applied the write is unknown."""


class IllegalRequestError(InverterError):
    """The inverter responded that it does not serve the requested addresses."""


class Feature(StrEnum):
    """A feature that an inverter may lack."""

    CHARGING_PERIODS = "charging_periods"
    FEED_IN_LIMIT = "feed_in_limit"
    PV_SWITCH = "pv_switch"
    GRID_POWER = "grid_power"
    """The power of battery and grid."""
    OWN_DISPATCH = "own_dispatch"
    """A dispatch that this program has started."""


class UnsupportedFeatureError(IllegalRequestError):
    """This inverter lacks the feature that is to be used."""

    def __init__(self, feature: Feature) -> None:
        """Store the feature."""
        super().__init__(feature)
        self.feature = feature


class NotAnInverterError(InverterError):
    """A Modbus device responds, but it is no AlphaESS inverter."""


class OldFirmwareError(InverterError):
    """The inverter has a protocol before V1.20, whose register map differs."""


class InvalidDispatchError(InverterError):
    """A dispatch with a value out of range."""

    def __init__(
        self, field: str, *, minimum: float, maximum: float, unit: str
    ) -> None:
        """Store the field's name and its limits."""
        super().__init__(f"{field} must be {minimum} to {maximum} {unit}")
        self.field = field
        self.minimum = minimum
        self.maximum = maximum
        self.unit = unit


class FieldKind(StrEnum):
    """The kind of value that a field takes."""

    NUMBER = "number"
    DURATION = "duration"
    BOOLEAN = "boolean"
    BLOCK = "block"
    """What a hold blocks."""
    PERIODS = "periods"
    """Which periods are active."""
    TIME = "time"


class InvalidValueError(InverterError):
    """A value of a kind that its field does not take: a text, or a boolean, for a number."""

    def __init__(self, field: str, value: object, expected: FieldKind) -> None:
        """Store the field's name, and the value for its message."""
        super().__init__(f"{field} must be a {expected}, not {value!r:.40}")
        self.field = field
        self.value = value
        self.expected = expected


class NoRatedPowerError(InverterError):
    """An order is limited to the rated power, which is not known yet."""

    def __init__(self, field: str) -> None:
        """Store the name of the field that requires it: one for a power without a value, or `block`."""
        super().__init__(f"{field} requires the rated power, which is not known yet")
        self.field = field


class PointlessDischargeError(InverterError):
    """A discharge down to 100 %: it would be at its target from the start."""


class ScheduleProblem(StrEnum):
    """Why a schedule is invalid."""

    OVERLAP = "overlap"
    """Two enabled windows overlap."""
    MINUTES = "minutes"
    """The firmware supports whole hours only."""
    SECONDS = "seconds"
    """No firmware supports seconds."""
    SHARE = "share"
    """Not a whole percentage, or one outside the allowed range."""
    SCALE = "scale"
    """The present words do not fit the scale that is in use."""
    UNCERTAIN_SCALE = "uncertain_scale"
    """The scale of the words to write is not confirmed yet."""
    UNKNOWN = "unknown"
    """The inverter has a time that cannot be understood: it may overlap any period."""


class InvalidScheduleError(InverterError):
    """A schedule that the inverter would not follow as intended."""

    def __init__(self, problem: ScheduleProblem, **facts: str) -> None:
        """Store the problem, and the values for its message."""
        super().__init__(f"{problem}: {', '.join(facts.values())}")
        self.problem = problem
        self.facts = facts


class TooManyWritesError(InverterError):
    """Settings were written too often today: flash memory wears out."""

    def __init__(self, count: int, maximum: int) -> None:
        """Store the number of writes and its limit."""
        super().__init__(f"written {count} times today, of {maximum}")
        self.count = count
        self.maximum = maximum


class Verdict(StrEnum):
    """The result of a write, according to what reads back after it."""

    APPLIED = "applied"
    CLAMPED = "clamped"
    """Applied with less power or for less time: the inverter's limits."""
    REFUSED = "refused"
    """The inverter responded with an error."""
    IGNORED = "ignored"
    """Acknowledged but not applied, or applied without the power."""
    OVERWRITTEN = "overwritten"
    """Another order reads back: another program has written since."""
    PV_IGNORED = "pv_ignored"
    """The order was applied, but not its PV switch."""


SUCCESS = (Verdict.APPLIED, Verdict.CLAMPED)
"""The verdicts of an order that runs."""


class NotAppliedError(InverterError):
    """What reads back is not what was written."""

    def __init__(
        self,
        verdict: Verdict,
        *,
        requested: dict[str, Any],
        applied: dict[str, Any],
    ) -> None:
        """Store the requested and the applied values, as in the API."""
        super().__init__(verdict)
        self.verdict = verdict
        self.requested = requested
        self.applied = applied


class ForbiddenRegisterError(InverterError):
    """A write to a register that must not be written, or not in this way: a bug."""


def to_communication_error(err: ModbusError) -> CommunicationError:
    """Convert an error of the Modbus library."""
    return CommunicationError(_error_kind(err), str(err))


def _error_kind(err: ModbusError) -> ErrorKind:
    match err:
        case LinkDownError():
            return err.kind
        case (
            ModbusTimeoutError() | GatewayTargetError() | GatewayPathUnavailableError()
        ):
            # A gateway responds 0x0A or 0x0B for an inverter behind it that does not respond.
            return ErrorKind.TIMEOUT
        case ServerDeviceBusyError():
            return ErrorKind.BUSY
        case ModbusConnectionError():
            return ErrorKind.RESET
        case _:
            return ErrorKind.PROTOCOL
