"""What can go wrong between us and an inverter, in the words of a user."""

from enum import StrEnum
from typing import Any

from modbus_connection import (
    GatewayPathUnavailableError,
    GatewayTargetError,
    ModbusConnectionError,
    ModbusError,
    ModbusTimeoutError,
    ServerDeviceBusyError,
)


class ErrorKind(StrEnum):
    """Why the inverter does not answer."""

    REFUSED = "refused"
    """The port is closed, or another client holds the one connection."""
    TIMEOUT = "timeout"
    """No answer: asleep, switched off, cable out, or a wrong unit id."""
    RESET = "reset"
    """The connection broke while in use."""
    UNREACHABLE = "unreachable"
    """No way to the address, or no address for the name."""
    BUSY = "busy"
    """The inverter says that it is busy."""
    PROTOCOL = "protocol"
    """Something answered, but not as an inverter does."""


class LinkDownError(ModbusConnectionError):
    """A link that could not be opened, and why: raised by whoever opens links."""

    def __init__(self, kind: ErrorKind, message: str) -> None:
        """Keep the reason beside the message."""
        super().__init__(message)
        self.kind = kind


class InverterError(Exception):
    """Anything that went wrong with an inverter."""


class CommunicationError(InverterError):
    """The inverter did not answer a request."""

    def __init__(self, kind: ErrorKind, message: str) -> None:
        """Keep the reason beside the message."""
        super().__init__(message)
        self.kind = kind


class ResponseTimeoutError(CommunicationError):
    """No answer at all: also how some devices treat a function that they do not know."""


class WriteOutcomeUnknownError(CommunicationError):
    """The inverter went silent after something was written: what it does is unknown."""


class IllegalRequestError(InverterError):
    """The inverter answered that it does not serve the addresses asked for."""


class Feature(StrEnum):
    """What an inverter may be without."""

    CHARGING_PERIODS = "charging_periods"
    FEED_IN_LIMIT = "feed_in_limit"
    PV_SWITCH = "pv_switch"
    OWN_DISPATCH = "own_dispatch"
    """A dispatch of ours, at the moment."""


class UnsupportedFeatureError(IllegalRequestError):
    """This inverter has nothing of the kind that is to be set."""

    def __init__(self, lacking: Feature) -> None:
        """Keep what it lacks."""
        super().__init__(lacking)
        self.lacking = lacking


class NotAnInverterError(InverterError):
    """A Modbus device answers, but it is no AlphaESS inverter."""


class OldFirmwareError(InverterError):
    """The inverter speaks the protocol from before V1.20, whose map differs."""


class InvalidDispatchError(InverterError):
    """An order that no inverter takes: which field is wrong, and what it may be."""

    def __init__(self, field: str, *, least: float, most: float, unit: str) -> None:
        """Keep the field's name and its limits."""
        super().__init__(f"{field} must be {least} to {most} {unit}")
        self.field = field
        self.least = least
        self.most = most
        self.unit = unit


class ScheduleProblem(StrEnum):
    """Why a schedule cannot be carried out."""

    OVERLAP = "overlap"
    """Two windows that are on share a minute."""
    MINUTES = "minutes"
    """The firmware knows whole hours only."""
    SECONDS = "seconds"
    """No firmware knows seconds."""
    SHARE = "share"
    """No whole percentage, or one that no battery should be taken to."""
    SCALE = "scale"
    """What the inverter has there now is no percentage: its scale is another one."""


class InvalidScheduleError(InverterError):
    """A schedule that the inverter would not keep to as it is meant."""

    def __init__(self, problem: ScheduleProblem, **facts: str) -> None:
        """Keep what is wrong, and the facts that a sentence about it mentions."""
        super().__init__(f"{problem}: {', '.join(facts.values())}")
        self.problem = problem
        self.facts = facts


class TooManyWritesError(InverterError):
    """Settings were written so often today that the flash is spared until tomorrow."""

    def __init__(self, count: int, most: int) -> None:
        """Keep how often they were written, and may be."""
        super().__init__(f"written {count} times today, of {most}")
        self.count = count
        self.most = most


class ControlsOffError(InverterError):
    """The user has switched the controls of this inverter off: nothing is written."""


class ForeignDispatchError(InverterError):
    """Somebody else's dispatch is running: it is not touched unless asked to take over."""


class Disobedience(StrEnum):
    """What an inverter did in place of what it was told."""

    REFUSED = "refused"
    """It answered with an error."""
    IGNORED = "ignored"
    """It acknowledged, and did nothing."""
    OVERWRITTEN = "overwritten"
    """It follows another order."""
    PV_IGNORED = "pv_ignored"
    """It follows the order, but for what that says of the panels."""


class NotAppliedError(InverterError):
    """What the inverter says that it does is not what it was told."""

    def __init__(
        self, why: Disobedience, *, requested: dict[str, Any], applied: dict[str, Any]
    ) -> None:
        """Keep what was asked for and what reads back, as an Outcome tells them."""
        super().__init__(why)
        self.why = why
        self.requested = requested
        self.applied = applied


class ForbiddenRegisterError(InverterError):
    """A register that is never written, or not in this way. Reaching it is a bug."""


def to_communication_error(err: ModbusError) -> CommunicationError:
    """Say in our own words why a request failed."""
    return CommunicationError(_error_kind(err), str(err))


def _error_kind(err: ModbusError) -> ErrorKind:
    match err:
        case LinkDownError():
            return err.kind
        case (
            ModbusTimeoutError() | GatewayTargetError() | GatewayPathUnavailableError()
        ):
            # A bridge answers 0x0A or 0x0B for an inverter that is silent behind it.
            return ErrorKind.TIMEOUT
        case ServerDeviceBusyError():
            return ErrorKind.BUSY
        case ModbusConnectionError():
            return ErrorKind.RESET
        case _:
            return ErrorKind.PROTOCOL
