"""The commands that a feed client may send, and the errors for anything else."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from homeassistant.util.json import JSON_DECODE_EXCEPTIONS, json_loads

MAX_MESSAGE_BYTES = 4096

DEFAULT_BATCH_WAIT_SECONDS = 10


class InvalidCommandError(Exception):
    """A message that is not a valid command; `code` identifies the reason."""

    def __init__(self, code: str, message: str) -> None:
        """Store the code beside the sentence."""
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Authenticate:
    """Authenticate with an access token, or change the user."""

    token: str


class ValueRequest(StrEnum):
    """A command without fields, by the type of its message."""

    STATUS = "request_status"
    POWER = "request_power_data"
    REFRESH = "refresh"
    """Read the inverter immediately, then send the power values."""


@dataclass(frozen=True)
class Ping:
    """Answer with a pong."""

    fields: Mapping[str, Any]
    """Fields of the pong: the id of the ping, if it had one."""


@dataclass(frozen=True)
class SetBatching:
    """Send several power values in one message."""

    size: int
    max_wait_seconds: float


@dataclass(frozen=True)
class Subscribe:
    """Send the flows between the components with the power values, or not any more."""

    flows: bool


type Command = Authenticate | ValueRequest | Ping | SetBatching | Subscribe


def parse_command(text: str) -> Command:
    """Parse the message of a client. Raises InvalidCommandError."""
    if len(text.encode()) > MAX_MESSAGE_BYTES:
        raise InvalidCommandError(
            "too_large", f"A message has at most {MAX_MESSAGE_BYTES} bytes."
        )
    try:
        message = json_loads(text)
    except JSON_DECODE_EXCEPTIONS:
        raise InvalidCommandError("invalid_json", "The message is not JSON.") from None
    if not isinstance(message, dict):
        raise _invalid_message("The message is not a JSON object.")
    kind = message.get("type")
    if not isinstance(kind, str):
        raise _invalid_message("The message has no type, or its type is not a string.")
    if kind not in COMMANDS:
        known = ", ".join(COMMANDS)
        raise InvalidCommandError("unknown_type", f"Known types are {known}.")
    return COMMANDS[kind](message)


def _authenticate(message: Mapping[str, Any]) -> Authenticate:
    if not isinstance(token := message.get("token"), str):
        raise _invalid_message("auth requires a token, a string.")
    return Authenticate(token)


def _ping(message: Mapping[str, Any]) -> Ping:
    fields = {"id": message["id"]} if "id" in message else {}
    if isinstance(message.get("id"), dict | list):
        raise _invalid_message("id must be a string or a number.")
    return Ping(fields)


def _set_batching(message: Mapping[str, Any]) -> SetBatching:
    return SetBatching(
        int(_number(message, "size", 100, None)),
        _number(message, "maxWait", 60, DEFAULT_BATCH_WAIT_SECONDS),
    )


def _subscribe(message: Mapping[str, Any]) -> Subscribe:
    if not isinstance(flows := message.get("flows", False), bool):
        raise _invalid_message("flows must be true or false.")
    return Subscribe(flows)


def _number(
    message: Mapping[str, Any], name: str, maximum: int, default: int | None
) -> float:
    """Read a number from 1 to a maximum; `size` must be whole."""
    value = message.get(name, default)
    is_number = isinstance(value, int | float) and not isinstance(value, bool)
    is_allowed = name != "size" or isinstance(value, int)
    if not is_number or not is_allowed or not 1 <= value <= maximum:
        raise _invalid_message(f"{name} must be a number from 1 to {maximum}.")
    return float(value)


def _invalid_message(message: str) -> InvalidCommandError:
    return InvalidCommandError("invalid_message", message)


COMMANDS: Mapping[str, Callable[[Mapping[str, Any]], Command]] = {
    ValueRequest.STATUS: lambda _: ValueRequest.STATUS,
    ValueRequest.POWER: lambda _: ValueRequest.POWER,
    "ping": _ping,
    "auth": _authenticate,
    "batch": _set_batching,
    "subscribe": _subscribe,
    ValueRequest.REFRESH: lambda _: ValueRequest.REFRESH,
}
"""The parser of each command, by the type of its message."""
