"""Tells every listener, at once, what just happened; remembers the last messages."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cached_property
import json
from time import time
from typing import Any

from ..alphaess.errors import ErrorKind
from ..alphaess.faults.fault_tracker import FaultChange
from ..alphaess.snapshot import Power
from .connection_state import Connection
from .serialize import connection_status, rfc3339

REPLAY_MESSAGES = 360
"""Messages of an inverter that a client may have missed: an hour of one every ten seconds."""


@dataclass(frozen=True, kw_only=True)
class PowerMeasured:
    """The power values of one burst."""

    power: Power

    type = "power_update"

    @property
    def fields(self) -> dict[str, Any]:
        """What the message tells: W and %."""
        power = self.power
        return {
            "data": {
                "battery": {"soc": power.soc, "power": power.battery},
                "pv": {"power": power.pv},
                "grid": {"power": power.grid},
                "load": {"power": power.load},
            }
        }


@dataclass(frozen=True, kw_only=True)
class StatusReported:
    """Where the connection stands."""

    connection: Connection
    at: datetime

    type = "connection_status"

    @property
    def fields(self) -> dict[str, Any]:
        """What the message tells."""
        return {
            "connected": self.connection.connected,
            "connectionStatus": connection_status(self.connection, self.at),
        }


@dataclass(frozen=True, kw_only=True)
class LinkRestored:
    """The inverter answers again, and a fresh full snapshot is in."""

    outage_seconds: float

    type = "modbus_connected"

    @property
    def fields(self) -> dict[str, Any]:
        """What the message tells."""
        return {
            "message": "The inverter is connected.",
            "outageSeconds": self.outage_seconds,
        }


@dataclass(frozen=True, kw_only=True)
class LinkLost:
    """The inverter does not answer any more."""

    kind: ErrorKind
    message: str

    type = "modbus_disconnected"

    @property
    def fields(self) -> dict[str, Any]:
        """What the message tells."""
        return {
            "message": "The inverter does not answer.",
            "errorKind": self.kind,
            "errorMessage": self.message,
        }


@dataclass(frozen=True, kw_only=True)
class FaultChanged:
    """A fault or a warning is new, or is gone."""

    change: FaultChange

    @property
    def type(self) -> str:
        """What happened to what: fault_raised, warning_cleared."""
        change = self.change
        verb = "raised" if change.raised else "cleared"
        return f"{change.fault.severity}_{verb}"

    @property
    def fields(self) -> dict[str, Any]:
        """What the message tells; the text is English, like all messages."""
        fault, since = self.change.fault, rfc3339(self.change.since)
        told = {"code": fault.code, "source": fault.source, "text": fault.text}
        return told | {"since": since}


type Event = PowerMeasured | StatusReported | LinkRestored | LinkLost | FaultChanged


@dataclass(frozen=True, kw_only=True)
class Message:
    """An event, when it happened and which one it is."""

    serial: str
    seq: int
    at: datetime
    event: Event

    def header(self, kind: str) -> dict[str, Any]:
        """Begin a message about this moment."""
        at = rfc3339(self.at)
        return {"type": kind, "timestamp": at, "serial": self.serial, "seq": self.seq}

    @cached_property
    def encoded(self) -> bytes:
        """The message as JSON: made once, whatever the number of clients."""
        return encode(self.header(self.event.type) | self.event.fields)

    @cached_property
    def batch_entry(self) -> bytes:
        """Power values as one entry of a batch; made once, too."""
        head = {"seq": self.seq, "timestamp": rfc3339(self.at)}
        return encode(head | self.event.fields["data"])

    def encoded_with_dropped(self, dropped: int) -> bytes:
        """Say that this many older values were never sent to the one client that reads this."""
        if not dropped:
            return self.encoded
        return b'%s,"dropped":%d}' % (self.encoded[:-1], dropped)


def encode_batch(messages: Sequence[Message], *, dropped: int = 0) -> bytes:
    """Put several power messages of one inverter into one, oldest first."""
    newest = messages[-1]
    head = newest.header("power_batch") | ({"dropped": dropped} if dropped else {})
    entries = b",".join(message.batch_entry for message in messages)
    return b'%s,"data":[%s]}' % (encode(head)[:-1], entries)


type Listener = Callable[[Message], None]


class Feed:
    """What happens with one inverter, for whoever wants to know. It never waits."""

    def __init__(self, serial: str) -> None:
        """Begin with nothing to tell."""
        self.serial = serial
        # Numbers go on growing over a restart, so that a client that comes back
        # with an old one is not mistaken for one that has missed nothing.
        self.seq = int(time() * 1000)
        """The number of the newest message."""
        self._replay: deque[Message] = deque(maxlen=REPLAY_MESSAGES)
        self._listeners: dict[object, Listener] = {}

    def publish(self, event: Event) -> Message:
        """Tell everybody, in the order in which they came."""
        self.seq += 1
        message = self.message(event)
        self._replay.append(message)
        for listener in tuple(self._listeners.values()):
            listener(message)
        return message

    def message(self, event: Event, *, seq: int | None = None) -> Message:
        """Put an event for one listener alone into words, as of the newest message."""
        return Message(
            serial=self.serial,
            seq=self.seq if seq is None else seq,
            at=datetime.now(UTC),
            event=event,
        )

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Hear everything from now on, until the answer is called."""
        key = object()
        self._listeners[key] = listener

        def unsubscribe() -> None:
            self._listeners.pop(key, None)

        return unsubscribe

    def messages_since(self, seq: int) -> tuple[Message, ...] | None:
        """What came after a message, oldest first; None if it is too long ago to tell all."""
        if not self.seq - len(self._replay) <= seq <= self.seq:
            return None
        return tuple(message for message in self._replay if message.seq > seq)


def encode(content: dict[str, Any]) -> bytes:
    """Write JSON without blanks; every character outside ASCII is escaped."""
    return json.dumps(content, separators=(",", ":")).encode("ascii")
