"""Provides the Modbus unit of an entry: on our own connection, Home Assistant's shared one, or the demo inverter."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING, Any, Self

from homeassistant.config_entries import ConfigEntry
from homeassistant.const import (
    CONF_DEVICE,
    CONF_HOST,
    CONF_PORT,
    EVENT_HOMEASSISTANT_STOP,
)
from homeassistant.core import Event, HassJob, HomeAssistant, callback
from homeassistant.helpers.event import async_call_later
from homeassistant.util import dt as dt_util
from homeassistant.util.hass_dict import HassKey
from modbus_connection import ModbusUnit

from ..alphaess.errors import ErrorKind
from ..const import CONF_BAUD_RATE, CONF_MESSAGE_SPACING, CONF_TRANSPORT, CONF_UNIT_ID
from .endpoint import (
    Endpoint,
    RtuOverTcpEndpoint,
    SerialEndpoint,
    TcpEndpoint,
)
from .intervals import (
    MIN_RECONNECT_DELAY,
    RECONNECT_INTERVAL,
    SERIAL_RETRY_DELAY,
)
from .port_probe import format_address
from .pymodbus_link import PymodbusLink
from .shared_link import SharedUnit

if TYPE_CHECKING:
    from ..simulator.simulated_inverter import SimulatedInverter

_CLOSED_AT: HassKey[dict[Endpoint, float]] = HassKey("alphaess_live_closed_at")
"""When each endpoint was last closed, by the loop's clock: a reload waits as a reconnect does."""

_LINKS: HassKey[dict[Endpoint, PymodbusLink]] = HassKey("alphaess_live_links")
"""Our own links in use: inverters behind one bridge share theirs."""

_HANDED_OVER: HassKey[dict[ConnectionConfig, Callable[[], Awaitable[None]]]] = HassKey(
    "alphaess_live_handed_over"
)
"""Releases of the links that a flow keeps open for an entry, by their address."""

HAND_OVER_SECONDS = 60.0
"""For how long a link is kept open for an entry that is not set up."""

_DEMO: HassKey[SimulatedInverter] = HassKey("alphaess_live_demo")


TCP_TIMING = {"spacing_seconds": 0.1, "timeout_seconds": 3.0}
"""The vendor's spacing of requests, and the timeout of a first response.

The next ones have 2 s or what the device needs: with the time between two polls, 5 s at most.
"""

SHARED_TIMING = {"spacing_seconds": 0.1, "timeout_seconds": 2.0}
"""Those of the shared connection, whose timeout is one for all its users: it is not learned."""

SERIAL_TIMING = {"spacing_seconds": 0.3, "timeout_seconds": 5.0}
"""Spacing and timeout of requests on a serial line; slow bridges need up to 0.4 s for a response."""


class Transport(StrEnum):
    """How requests reach the inverter."""

    TCP = "tcp"
    SHARED = "shared"
    RTU_OVER_TCP = "rtu_over_tcp"
    SERIAL = "serial"
    DEMO = "demo"

    @property
    def has_serial_line(self) -> bool:
        """Whether a serial line is part of the way: slower, and without transaction ids."""
        return self in (Transport.RTU_OVER_TCP, Transport.SERIAL)


@dataclass(frozen=True, kw_only=True)
class ConnectionConfig:
    """Where an inverter is, and how fast it is read."""

    transport: Transport
    host: str = ""
    port: int = 502
    device: str = ""
    """Path of a serial port."""
    baud_rate: int = 9600
    unit_id: int = 85
    spacing_seconds: float = TCP_TIMING["spacing_seconds"]
    """Idle time between two requests."""
    timeout_seconds: float = TCP_TIMING["timeout_seconds"]
    """For connecting, and for the first response."""

    @classmethod
    def with_defaults(cls, transport: Transport, **values: Any) -> Self:
        """Create a configuration with the default timing of its transport."""
        timing = SHARED_TIMING if transport is Transport.SHARED else TCP_TIMING
        if transport.has_serial_line:
            timing = SERIAL_TIMING
        return cls(transport=transport, **timing | values)

    @classmethod
    def from_entry(cls, data: Mapping[str, Any], options: Mapping[str, Any]) -> Self:
        """Read the configuration of a config entry."""
        chosen = {}
        if CONF_MESSAGE_SPACING in options:
            chosen["spacing_seconds"] = options[CONF_MESSAGE_SPACING]
        return cls.with_defaults(
            Transport(data[CONF_TRANSPORT]),
            host=data[CONF_HOST],
            port=data[CONF_PORT],
            device=data.get(CONF_DEVICE, cls.device),
            baud_rate=data.get(CONF_BAUD_RATE, cls.baud_rate),
            unit_id=data[CONF_UNIT_ID],
            **chosen,
        )

    def to_entry_data(self) -> dict[str, Any]:
        """Return what a config entry stores; the timing is an option of the entry."""
        serial = {CONF_DEVICE: self.device, CONF_BAUD_RATE: self.baud_rate}
        return {
            CONF_TRANSPORT: self.transport.value,
            CONF_HOST: self.host,
            CONF_PORT: self.port,
            CONF_UNIT_ID: self.unit_id,
        } | (serial if self.transport is Transport.SERIAL else {})

    @property
    def display_address(self) -> str:
        """The address as a user knows it: a serial port, or host and port."""
        is_port = self.transport is Transport.SERIAL
        return self.device if is_port else format_address(self.host, self.port)

    @property
    def retry_delay(self) -> timedelta:
        """The delay after a timeout: attempts start every 5 s, on a serial line every 3 s."""
        if self.transport.has_serial_line:
            return SERIAL_RETRY_DELAY
        timeout = timedelta(seconds=self.timeout_seconds)
        return max(RECONNECT_INTERVAL - timeout, MIN_RECONNECT_DELAY)

    @property
    def address(self) -> ConnectionConfig:
        """This configuration without its timing."""
        return replace(self, spacing_seconds=0.0, timeout_seconds=0.0)

    def is_same_unit(self, other: ConnectionConfig) -> bool:
        """Whether both address the same unit, over whichever transport."""
        mine, theirs = (
            (one.host, one.port, one.device, one.unit_id) for one in (self, other)
        )
        return mine == theirs and self.transport is not Transport.DEMO


@dataclass(frozen=True)
class Link:
    """A unit and the connection behind it. Nothing is opened before the first request."""

    unit: ModbusUnit
    _retry_delay: timedelta
    _release: Callable[[], Awaitable[None]]
    _own: PymodbusLink | None = None

    @property
    def stray_bytes(self) -> int:
        """How many bytes came while no response was awaited; only counted on our own connections."""
        return self._own.stray_bytes if self._own else 0

    def retry_delay(self, kind: ErrorKind | None, *, was_connected: bool) -> timedelta:
        """Return how long to wait after a failed poll, depending on its cause."""
        if kind is not ErrorKind.TIMEOUT:
            return RECONNECT_INTERVAL
        # A first timeout may be the connection's alone: a router's restart forgets connections.
        return MIN_RECONNECT_DELAY if was_connected else self._retry_delay

    def on_connection_lost(self, listener: Callable[[], None]) -> Callable[[], None]:
        """Call a listener when the connection is lost; returns an unsubscribe."""
        return self.unit.on_connection_lost(listener)

    async def close(self) -> None:
        """Stop using the connection."""
        await self._release()


async def open_link(
    hass: HomeAssistant, config: ConnectionConfig, entry: ConfigEntry | None = None
) -> Link:
    """Return a link to an inverter. It connects with its first request.

    The entry, if given, is listed as a user of the shared connection.
    """
    if config.transport is Transport.DEMO:
        return await _open_demo(hass, config)
    if config.transport is Transport.SHARED:
        return _open_shared(hass, config, entry)
    return _open_own(hass, config)


@callback
def hand_over(hass: HomeAssistant, config: ConnectionConfig, link: Link) -> None:
    """Keep a link open until the entry at its address is set up, instead of closing it.

    Some inverters keep the place of a closed client for up to two minutes, and would
    refuse the entry that long.
    """

    async def release(_: datetime | Event | None = None) -> None:
        if releases.get(config.address) is release:
            del releases[config.address]
        cancel()
        cancel_at_stop()
        await link.close()

    releases = hass.data.setdefault(_HANDED_OVER, {})
    job = HassJob(release, cancel_on_shutdown=True)
    cancel = async_call_later(hass, HAND_OVER_SECONDS, job)
    cancel_at_stop = hass.bus.async_listen(EVENT_HOMEASSISTANT_STOP, release)
    releases[config.address] = release


async def end_hand_over(hass: HomeAssistant, config: ConnectionConfig) -> None:
    """Release the link that was kept open for an entry, which uses one of its own now."""
    if release := hass.data.get(_HANDED_OVER, {}).get(config.address):
        await release()


@callback
def is_in_use(hass: HomeAssistant, config: ConnectionConfig) -> bool:
    """Whether a link of ours to this endpoint exists already."""
    return _endpoint(config) in hass.data.get(_LINKS, {})


def have_same_endpoint(one: ConnectionConfig, other: ConnectionConfig) -> bool:
    """Whether the links of both use one connection of ours."""
    endpoint = _endpoint(one)
    return endpoint is not None and endpoint == _endpoint(other)


def _endpoint(config: ConnectionConfig) -> Endpoint | None:
    """Return what a link of our own connects to; None for other links."""
    create = _ENDPOINTS.get(config.transport)
    return create(config) if create else None


def _open_own(hass: HomeAssistant, config: ConnectionConfig) -> Link:
    """Open a link over the one connection that all units at this endpoint share."""
    links = hass.data.setdefault(_LINKS, {})
    endpoint = _ENDPOINTS[config.transport](config)
    if (link := links.get(endpoint)) is None:
        link = links[endpoint] = PymodbusLink(
            endpoint,
            hass.data.setdefault(_CLOSED_AT, {}),
            timeout_seconds=config.timeout_seconds,
        )
    unit = link.for_unit(config.unit_id)
    unit.set_message_spacing(config.spacing_seconds)

    async def release() -> None:
        link.release(unit)
        if not link.users and links.get(endpoint) is link:
            del links[endpoint]
            await link.close()

    return Link(unit, config.retry_delay, release, link)


def _open_shared(
    hass: HomeAssistant, config: ConnectionConfig, entry: ConfigEntry | None
) -> Link:
    unit = SharedUnit(
        hass,
        TcpEndpoint(config.host, config.port),
        config.unit_id,
        closed_at=hass.data.setdefault(_CLOSED_AT, {}),
        entry=entry,
        timeout_seconds=config.timeout_seconds,
        spacing_seconds=config.spacing_seconds,
    )
    return Link(unit, config.retry_delay, unit.release)


async def _open_demo(hass: HomeAssistant, config: ConnectionConfig) -> Link:
    """Open a link to the one simulated inverter; it keeps running while its entry reloads."""
    inverter = hass.data.get(_DEMO)
    if inverter is None:
        create = await hass.async_add_import_executor_job(_import_demo)
        inverter = hass.data.setdefault(_DEMO, create(dt_util.now))
    return Link(inverter, config.retry_delay, inverter.disconnect)


def _import_demo() -> Callable[[Callable[[], datetime]], SimulatedInverter]:
    """Import the simulator only when the demo inverter is used."""
    from ..simulator.demo import demo_unit  # noqa: PLC0415

    return demo_unit


_ENDPOINTS: dict[Transport, Callable[[ConnectionConfig], Endpoint]] = {
    Transport.TCP: lambda c: TcpEndpoint(c.host, c.port),
    Transport.RTU_OVER_TCP: lambda c: RtuOverTcpEndpoint(c.host, c.port),
    Transport.SERIAL: lambda c: SerialEndpoint(c.device, c.baud_rate),
}
"""The endpoints of our own links: a new kind of connection is a line here."""
