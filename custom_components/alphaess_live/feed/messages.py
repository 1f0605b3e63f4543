"""The events of the feed and their messages in JSON. A new event is one dataclass here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from functools import cached_property
import json
from typing import Any, Protocol, Self, override

from ..alphaess.errors import ErrorKind
from ..alphaess.faults import Fault
from ..alphaess.faults.fault_tracker import FaultChange
from ..alphaess.snapshot import Power
from .connection_state import Connection
from .flows import SolarPowers, flows_to_json

OUTAGE_MESSAGES: Mapping[ErrorKind | None, str] = {
    ErrorKind.REFUSED: "The inverter refuses the connection.",
    ErrorKind.TIMEOUT: "The inverter does not answer.",
    ErrorKind.RESET: "The connection to the inverter was interrupted.",
    ErrorKind.UNREACHABLE: "The address of the inverter cannot be reached.",
    ErrorKind.BUSY: "The inverter is busy.",
    ErrorKind.PROTOCOL: "The answer does not come from this inverter.",
    ErrorKind.POLLING_OFF: "Polling of the inverter is switched off in Home Assistant.",
    ErrorKind.INTERNAL: "An unexpected error occurred in AlphaESS Live.",
    None: "The inverter was not read yet.",
}
"""What the API says of an outage, by its cause."""


class Event(Protocol):
    """What every event has; `Feed.publish` accepts any dataclass of this shape."""

    @property
    def type(self) -> str:
        """The `type` of the message."""
        ...

    @property
    def fields(self) -> dict[str, Any]:
        """The fields of the message beside type, timestamp, serial and seq."""
        ...


@dataclass(frozen=True, kw_only=True)
class PowerMeasured:
    """The power values of one burst."""

    power: Power
    measured_at: datetime | None = None
    """When they were read; None for the time of the message."""
    solar: SolarPowers = field(default_factory=dict, compare=False)
    """The part of each source of PV, for clients that request flows."""

    type = "power_update"

    @property
    def fields(self) -> dict[str, Any]:
        """W and %."""
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
class FlowsMeasured(PowerMeasured):
    """The power values of one burst, with the flows between the components."""

    @property
    @override
    def fields(self) -> dict[str, Any]:
        """W and %."""
        flows = flows_to_json(self.power, self.solar)
        return {"data": super().fields["data"] | flows}


@dataclass(frozen=True, kw_only=True)
class StatusReported:
    """The state of the connection, after a change and at regular intervals."""

    connection: Connection
    at: datetime

    type = "connection_status"

    @property
    def fields(self) -> dict[str, Any]:
        """The connection status, as in the answers of REST."""
        return {
            "connected": self.connection.connected,
            "connectionStatus": connection_status(self.connection, self.at),
        }


@dataclass(frozen=True, kw_only=True)
class LinkRestored:
    """The inverter answers again, or for the first time, and a new full snapshot was read."""

    outage_seconds: float | None
    """None if there was no outage: the entry was loaded."""

    type = "modbus_connected"

    @classmethod
    def after(cls, connection: Connection) -> Self:
        """Build the event for a connection that was restored."""
        outage = connection.last_outage
        return cls(
            outage_seconds=None if outage is None else round(outage.total_seconds(), 1)
        )

    @property
    def fields(self) -> dict[str, Any]:
        """The duration of the outage."""
        return {
            "message": "The inverter is connected.",
            "outageSeconds": self.outage_seconds,
        }


@dataclass(frozen=True, kw_only=True)
class LinkLost:
    """The inverter stopped answering."""

    kind: ErrorKind
    message: str

    type = "modbus_disconnected"

    @property
    def fields(self) -> dict[str, Any]:
        """The cause of the outage."""
        return {
            "message": OUTAGE_MESSAGES[self.kind],
            "errorKind": self.kind,
            "errorMessage": self.message,
        }


@dataclass(frozen=True, kw_only=True)
class FaultChanged:
    """A fault or a warning was raised or cleared."""

    change: FaultChange

    @property
    def type(self) -> str:
        """One of fault_raised, fault_cleared, warning_raised and warning_cleared."""
        change = self.change
        verb = "raised" if change.raised else "cleared"
        return f"{change.fault.severity}_{verb}"

    @property
    def fields(self) -> dict[str, Any]:
        """The fault and the time since which it was active."""
        return dict(fault_to_json(self.change.fault, self.change.since))


@dataclass(frozen=True, kw_only=True)
class DispatchUpdated:
    """A dispatch began, changed or ended."""

    change: str
    """One of started, changed, taken_over and ended."""
    values: Mapping[str, Any]
    """Who, what and why, in snake case; W, %, s, kWh."""

    @property
    def type(self) -> str:
        """One of dispatch_started, dispatch_changed and dispatch_ended."""
        change = "started" if self.change == "taken_over" else self.change
        return f"dispatch_{change}"

    @property
    def fields(self) -> dict[str, Any]:
        """The values, as in the answers of REST."""
        return dispatch_to_json(self.values)


@dataclass(frozen=True, kw_only=True)
class Message:
    """An event with its time, its inverter and its number."""

    serial: str
    seq: int
    at: datetime
    event: Event

    def header(self, kind: str) -> dict[str, Any]:
        """Build the fields that every message begins with."""
        at = rfc3339(self.at)
        return {"type": kind, "timestamp": at, "serial": self.serial, "seq": self.seq}

    @cached_property
    def encoded(self) -> bytes:
        """The message as JSON; encoded once, whatever the number of clients."""
        return encode(self.header(self.event.type) | self.event.fields)

    @cached_property
    def with_flows(self) -> Message:
        """The message for clients that request flows; encoded once, too."""
        event = self.event
        if not isinstance(event, PowerMeasured):
            return self
        with_flows = FlowsMeasured(
            power=event.power, measured_at=event.measured_at, solar=event.solar
        )
        return replace(self, event=with_flows)

    @cached_property
    def batch_entry(self) -> bytes:
        """Power values as one entry of a batch; encoded once, too."""
        head = {"seq": self.seq, "timestamp": rfc3339(self.at)}
        return encode(head | self.event.fields["data"])

    def encoded_with_dropped(self, dropped: int) -> bytes:
        """Add the number of older values that one client did not receive."""
        if not dropped:
            return self.encoded
        return b'%s,"dropped":%d}' % (self.encoded[:-1], dropped)


def encode_batch(messages: Sequence[Message], *, dropped: int = 0) -> bytes:
    """Encode several power messages of one inverter as one message, oldest first."""
    newest = messages[-1]
    head = newest.header("power_batch") | ({"dropped": dropped} if dropped else {})
    entries = b",".join(message.batch_entry for message in messages)
    return b'%s,"data":[%s]}' % (encode(head)[:-1], entries)


def encode(content: dict[str, Any]) -> bytes:
    """Encode JSON without blanks; every character outside ASCII is escaped."""
    return json.dumps(content, separators=(",", ":")).encode("ascii")


def connection_status(connection: Connection, now: datetime) -> dict[str, Any]:
    """Convert the state of the connection; `outageSeconds` counts while an outage lasts."""
    outage = connection.outage(now)
    return {
        "connected": connection.connected,
        "since": rfc3339(connection.since),
        "lastAttempt": optional_rfc3339(connection.last_attempt),
        "lastSuccess": optional_rfc3339(connection.last_success),
        "errorKind": connection.error_kind,
        "errorMessage": connection.error_message,
        "outageSeconds": None if outage is None else round(outage.total_seconds(), 1),
        "reconnects": connection.reconnects,
    }


def fault_to_json(fault: Fault, since: datetime) -> dict[str, Any]:
    """Convert a fault or a warning. The text is English, as in all messages of the API."""
    return {
        "code": fault.code,
        "source": fault.source,
        "text": fault.text,
        "since": rfc3339(since),
        "bit": fault.bit,
        "probable": fault.is_probable,
    }


def dispatch_to_json(values: Mapping[str, Any]) -> dict[str, Any]:
    """Convert what is logged of a dispatch."""
    content = camel_case_keys(values)
    for name in ("requested", "applied"):
        if order := content[name]:
            content[name] = camel_case_keys(order)
    return content | {"expiresAt": optional_rfc3339(content["expiresAt"])}


def to_camel_case(name: str) -> str:
    """Convert snake case to camel case: pv_energy_total becomes pvEnergyTotal."""
    first, *others = name.split("_")
    return first + "".join(word.capitalize() for word in others)


def camel_case_keys(content: Mapping[str, Any]) -> dict[str, Any]:
    """Convert all keys to camel case."""
    return {to_camel_case(name): value for name, value in content.items()}


def rfc3339(at: datetime) -> str:
    """Format a time in UTC with milliseconds: 2025-01-06T10:30:00.000Z."""
    text = at.astimezone(UTC).isoformat(timespec="milliseconds")
    return text.removesuffix("+00:00") + "Z"


def optional_rfc3339(at: datetime | None) -> str | None:
    """Format a time as `rfc3339` does; None stays None."""
    return None if at is None else rfc3339(at)
