"""Where a Modbus unit comes from: our own connection, Home Assistant's shared one, or the demo inverter."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from typing import Any, Self

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import CONF_DEVICE, CONF_HOST, CONF_PORT
from homeassistant.core import HomeAssistant, callback
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey
from modbus_connection import ModbusUnit

from .alphaess.errors import ErrorKind
from .const import CONF_BAUD_RATE, CONF_MESSAGE_SPACING, CONF_TRANSPORT, CONF_UNIT_ID
from .pace import REOPEN_AFTER, RETRY, RETRY_LINE
from .simulator.demo import demo_unit
from .simulator.simulated_inverter import SimulatedInverter
from .transport.carrier import Bridge, Carrier, Network, SerialPort
from .transport.shared import SharedUnit
from .transport.wire import Wire

_CLOSED_AT: HassKey[dict[Carrier, float]] = HassKey("alphaess_live_closed_at")
"""When each place was last let go of: a reload must wait as a reconnect does."""

_WIRES: HassKey[dict[Carrier, Wire]] = HassKey("alphaess_live_wires")
"""The connections in use: inverters behind one bridge share theirs."""

_DEMO: HassKey[SimulatedInverter] = HassKey("alphaess_live_demo")


NETWORK = {"spacing": 0.1, "timeout": 2.0}
"""Seconds between requests, as the vendor asks, and to wait: a poll and a silence make 5 s."""

LINE = {"spacing": 0.3, "timeout": 5.0}
"""The same for a serial line; slow bridges have been seen to need 0.4 s for an answer."""


class Transport(StrEnum):
    """What carries the requests."""

    TCP = "tcp"
    SHARED = "shared"
    RTU_OVER_TCP = "rtu_over_tcp"
    SERIAL = "serial"
    DEMO = "demo"

    @property
    def is_line(self) -> bool:
        """Whether a serial line is on the way: slower, and without numbers on its frames."""
        return self in (Transport.RTU_OVER_TCP, Transport.SERIAL)


@dataclass(frozen=True, kw_only=True)
class Address:
    """Where an inverter is, and how fast it may be asked."""

    transport: Transport
    host: str = ""
    port: int = 502
    device: str = ""
    """A serial port."""
    baud_rate: int = 9600
    unit_id: int = 85
    spacing: float = NETWORK["spacing"]
    """Seconds between two requests."""
    timeout: float = NETWORK["timeout"]
    """Seconds to wait for a connection, and for each answer."""

    @classmethod
    def over(cls, transport: Transport, **where: Any) -> Self:
        """Make an address with the pace that its transport asks for."""
        pace = LINE if transport.is_line else NETWORK
        return cls(transport=transport, **pace | where)

    @classmethod
    def from_entry(cls, data: Mapping[str, Any], options: Mapping[str, Any]) -> Self:
        """Take the address out of a config entry."""
        chosen = {}
        if CONF_MESSAGE_SPACING in options:
            chosen["spacing"] = options[CONF_MESSAGE_SPACING]
        return cls.over(
            Transport(data[CONF_TRANSPORT]),
            host=data[CONF_HOST],
            port=data[CONF_PORT],
            device=data.get(CONF_DEVICE, cls.device),
            baud_rate=data.get(CONF_BAUD_RATE, cls.baud_rate),
            unit_id=data[CONF_UNIT_ID],
            **chosen,
        )

    def as_entry(self) -> dict[str, Any]:
        """Lay it out as a config entry keeps it."""
        line = {CONF_DEVICE: self.device, CONF_BAUD_RATE: self.baud_rate}
        return {
            CONF_TRANSPORT: self.transport.value,
            CONF_HOST: self.host,
            CONF_PORT: self.port,
            CONF_UNIT_ID: self.unit_id,
        } | (line if self.transport is Transport.SERIAL else {})

    @property
    def place(self) -> str:
        """Where it is, as a person knows it."""
        on_line = self.transport is Transport.SERIAL
        return self.device if on_line else f"{self.host}:{self.port}"

    @property
    def retry(self) -> timedelta:
        """How long after silence to ask again: an attempt begins every 5 s, on a line every 3 s."""
        if self.transport.is_line:
            return RETRY_LINE
        return max(RETRY - timedelta(seconds=self.timeout), REOPEN_AFTER)

    def is_same_place(self, other: Address) -> bool:
        """Whether both lead to the same unit, whatever the way."""
        mine, theirs = (
            (one.host, one.port, one.device, one.unit_id) for one in (self, other)
        )
        return mine == theirs and self.transport is not Transport.DEMO


@dataclass(frozen=True)
class Link:
    """A unit to ask, and what carries it. Nothing is opened before the first request."""

    unit: ModbusUnit
    _retry: timedelta
    _hang_up: Callable[[], Awaitable[None]]

    def pause_after(self, kind: ErrorKind | None, *, lost: bool) -> timedelta:
        """How long to leave alone who does not answer, or was lost just now."""
        if kind is not ErrorKind.TIMEOUT:
            return RETRY
        # Silence that is new may be the connection's alone: a router forgets some.
        return REOPEN_AFTER if lost else self._retry

    def on_lost(self, lost: Callable[[], None]) -> Callable[[], None]:
        """Hear of a connection that drops by itself, until the answer is called."""
        return self.unit.on_connection_lost(lost)

    async def close(self) -> None:
        """Let go of the connection for good."""
        await self._hang_up()


@callback
def open_link(
    hass: HomeAssistant, address: Address, entry: ConfigEntry | None = None
) -> Link:
    """Get a link to this address. No I/O: its first request connects.

    The entry, if there is one, is shown as a user of the shared connection.
    """
    if address.transport is Transport.DEMO:
        return _demo(hass, address)
    if address.transport is Transport.SHARED:
        return _shared(hass, address, entry)
    return _wired(hass, address)


@callback
def is_held(hass: HomeAssistant, address: Address) -> bool:
    """Whether a connection of ours leads there already."""
    wires = hass.data.get(_WIRES, {})
    return (
        address.transport in _CARRIERS
        and _CARRIERS[address.transport](address) in wires
    )


def _wired(hass: HomeAssistant, address: Address) -> Link:
    """Get a unit on the one connection that all units at this place share."""
    wires = hass.data.setdefault(_WIRES, {})
    carrier = _CARRIERS[address.transport](address)
    if (wire := wires.get(carrier)) is None:
        closed_at = hass.data.setdefault(_CLOSED_AT, {})
        wire = wires[carrier] = Wire(carrier, closed_at, timeout=address.timeout)
    unit = wire.for_unit(address.unit_id)
    unit.set_message_spacing(address.spacing)

    async def hang_up() -> None:
        wire.release(unit)
        if not wire.held and wires.get(carrier) is wire:
            del wires[carrier]
            await wire.close()

    return Link(unit, address.retry, hang_up)


def _shared(hass: HomeAssistant, address: Address, entry: ConfigEntry | None) -> Link:
    unit = SharedUnit(
        hass,
        (address.host, address.port),
        address.unit_id,
        closed_at=hass.data.setdefault(_CLOSED_AT, {}),
        entry=entry,
        timeout=address.timeout,
        spacing=address.spacing,
    )
    return Link(unit, address.retry, unit.hang_up)


def _demo(hass: HomeAssistant, address: Address) -> Link:
    """Get the one house that is imagined here; it lives on while its entry is reloaded."""
    inverter = hass.data.get(_DEMO)
    if inverter is None:
        inverter = hass.data[_DEMO] = demo_unit(dt_util.now)
    return Link(inverter, address.retry, inverter.disconnect)


_CARRIERS: dict[Transport, Callable[[Address], Carrier]] = {
    Transport.TCP: lambda a: Network(a.host, a.port),
    Transport.RTU_OVER_TCP: lambda a: Bridge(a.host, a.port),
    Transport.SERIAL: lambda a: SerialPort(a.device, a.baud_rate),
}
"""What our own connections are carried by: a new one is a line here."""
