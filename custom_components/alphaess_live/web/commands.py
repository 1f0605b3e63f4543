"""What a client of the live feed may say, and what is wrong with everything else."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from homeassistant.util.json import JSON_DECODE_EXCEPTIONS, json_loads

MAX_MESSAGE_BYTES = 4096
"""Bytes; nothing that a client has to say is longer."""

DEFAULT_BATCH_WAIT_SECONDS = 10
"""Seconds that a batch waits at most, where the client does not say how long."""


class InvalidCommandError(Exception):
    """A message that means nothing here; `code` says why."""

    def __init__(self, code: str, message: str) -> None:
        """Keep the code beside the sentence."""
        super().__init__(message)
        self.code = code


@dataclass(frozen=True)
class Authenticate:
    """Who the client is."""

    token: str


@dataclass(frozen=True)
class RequestStatus:
    """Where does the connection stand?"""


@dataclass(frozen=True)
class RequestPower:
    """What are the power values?"""


@dataclass(frozen=True)
class Refresh:
    """Read the inverter now."""


@dataclass(frozen=True)
class Ping:
    """Are you there?"""

    fields: Mapping[str, Any]
    """What the answer repeats: the ping's id, if it had one."""


@dataclass(frozen=True)
class SetBatching:
    """Send several power values at once."""

    size: int
    max_wait_seconds: float


type Command = (
    Authenticate | RequestStatus | RequestPower | Refresh | Ping | SetBatching
)


def parse_command(text: str) -> Command:
    """Read a message of a client's. Raises MisunderstoodError."""
    if len(text.encode()) > MAX_MESSAGE_BYTES:
        raise InvalidCommandError(
            "too_large", f"A message has at most {MAX_MESSAGE_BYTES} bytes."
        )
    try:
        message = json_loads(text)
    except JSON_DECODE_EXCEPTIONS:
        raise InvalidCommandError("invalid_json", "This is not JSON.") from None
    if not isinstance(message, dict):
        raise InvalidCommandError("invalid_message", "A message is an object.")
    kind = message.get("type")
    if not isinstance(kind, str):
        raise InvalidCommandError("invalid_message", "A message has a type, a text.")
    if kind not in COMMANDS:
        known = ", ".join(COMMANDS)
        raise InvalidCommandError("unknown_type", f"Known types are {known}.")
    return COMMANDS[kind](message)


def _authenticate(message: Mapping[str, Any]) -> Authenticate:
    if not isinstance(token := message.get("token"), str):
        raise InvalidCommandError("invalid_message", "auth needs a token, a text.")
    return Authenticate(token)


def _ping(message: Mapping[str, Any]) -> Ping:
    fields = {"id": message["id"]} if "id" in message else {}
    if isinstance(message.get("id"), dict | list):
        raise InvalidCommandError("invalid_message", "An id is a text or a number.")
    return Ping(fields)


def _batch(message: Mapping[str, Any]) -> SetBatching:
    return SetBatching(
        int(_number(message, "size", 1, 100, None)),
        _number(message, "maxWait", 1, 60, DEFAULT_BATCH_WAIT_SECONDS),
    )


def _number(
    message: Mapping[str, Any],
    name: str,
    minimum: int,
    maximum: int,
    default: int | None,
) -> float:
    value = message.get(name, default)
    right = isinstance(value, int | float) and not isinstance(value, bool)
    whole = name != "size" or isinstance(value, int)
    if not right or not whole or not minimum <= value <= maximum:
        raise InvalidCommandError(
            "invalid_message", f"{name} is a number from {minimum} to {maximum}."
        )
    return float(value)


COMMANDS: Mapping[str, Callable[[Mapping[str, Any]], Command]] = {
    "request_status": lambda _: RequestStatus(),
    "request_power_data": lambda _: RequestPower(),
    "ping": _ping,
    "auth": _authenticate,
    "batch": _batch,
    "refresh": lambda _: Refresh(),
}
