"""The registry of all feed clients: limits, permissions after a reload, heartbeat, and closing."""

import asyncio
from collections import Counter, deque
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.config_entries import (
    SIGNAL_CONFIG_ENTRY_CHANGED,
    ConfigEntry,
    ConfigEntryChange,
    ConfigEntryState,
)
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from ..control.options import is_permitted
from ..coordinator import InverterCoordinator
from .feed_client import CLIENTS_PER_LOOP_STEP, CloseCode, FeedClient
from .feed_hub import InverterChannel

MAX_CLIENTS = 2000
"""Connections at the same time."""

MAX_UNAUTHENTICATED_PER_ADDRESS = 100
"""Maximum of unauthenticated connections from one address."""

PING_INTERVAL = timedelta(seconds=30)
"""A client that has sent nothing between two pings is dropped."""

CLIENTS: HassKey[ClientRegistry] = HassKey("alphaess_live_clients")


class ClientRegistry:
    """All connections of the live feed, and one channel for each inverter."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Start the heartbeat. All clients are closed when Home Assistant stops."""
        self.hass = hass
        self.clients: dict[FeedClient, None] = {}
        self.unauthenticated: Counter[str] = Counter()
        """Connections that have not authenticated yet, by address."""
        self._channels: dict[str, InverterChannel] = {}
        self._heartbeat = Heartbeat(hass, self.clients)
        # An open WebSocket delays the stop of Home Assistant by 20 s.
        hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STOP, self._on_stop)
        signal = SIGNAL_CONFIG_ENTRY_CHANGED
        async_dispatcher_connect(hass, signal, self._on_entry_changed)

    def at_capacity(self, address: str) -> bool:
        """Whether a further connection from this address exceeds a limit."""
        unauthenticated = self.unauthenticated[address]
        return (
            unauthenticated >= MAX_UNAUTHENTICATED_PER_ADDRESS
            or len(self.clients) >= MAX_CLIENTS
        )

    def channel(self, inverter: InverterCoordinator) -> InverterChannel:
        """Return the channel of an inverter; a reload creates a new one."""
        serial = inverter.identity.serial
        channel = self._channels.get(serial)
        if channel is None or channel.inverter is not inverter:
            channel = self._channels[serial] = InverterChannel(inverter)
        return channel

    def client_count(self, inverter: InverterCoordinator) -> int:
        """Count the clients of one inverter."""
        return len(self.channel(inverter).clients)

    def remove(self, client: FeedClient) -> None:
        """Remove a client from all channels."""
        self.clients.pop(client, None)
        for channel in self._channels.values():
            channel.unsubscribe(client)

    @callback
    def _on_stop(self, _: Event) -> None:
        _close_all(self.clients, "Home Assistant is stopping.")

    @callback
    def _on_entry_changed(self, _: ConfigEntryChange, entry: ConfigEntry) -> None:
        if entry.domain != DOMAIN:
            return
        if entry.state is ConfigEntryState.LOADED:
            self._on_inverter_loaded(entry.runtime_data.coordinator)
            return
        for serial, channel in tuple(self._channels.items()):
            if channel.inverter.config_entry is entry:
                del self._channels[serial]
                _close_all(channel.clients, "The inverter is being reloaded.")
                channel.close()

    def _on_inverter_loaded(self, inverter: InverterCoordinator) -> None:
        """Subscribe the clients that follow all inverters and may read this one."""
        channel = self.channel(inverter)
        for client in tuple(self.clients):
            user = client.user
            if (
                client.follows_all
                and user
                and is_permitted(user, POLICY_READ, inverter)
            ):
                channel.subscribe(client)


def _close_all(clients: Iterable[FeedClient], reason: str) -> None:
    for client in tuple(clients):
        client.close(CloseCode.GOING_AWAY, reason)


class Heartbeat:
    """Pings all clients at an interval and drops those that did not answer.

    The heartbeat of aiohttp needs a timer for each client. It also restarts that timer
    when a client answers the close frame, and so keeps each client for another minute.
    """

    def __init__(self, hass: HomeAssistant, clients: Mapping[FeedClient, None]) -> None:
        """Ping until Home Assistant stops."""
        self._clients = clients
        self._due: deque[FeedClient] = deque()
        async_track_time_interval(
            hass, self._start_round, PING_INTERVAL, cancel_on_shutdown=True
        )

    @callback
    def _start_round(self, _: datetime) -> None:
        self._due.extend(self._clients)
        self._ping_next()

    def _ping_next(self) -> None:
        for _ in range(min(CLIENTS_PER_LOOP_STEP, len(self._due))):
            self._due.popleft().ping()
        if self._due:
            asyncio.get_running_loop().call_soon(self._ping_next)
