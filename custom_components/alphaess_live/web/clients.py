"""Who may come in to the live feed, and who has to leave when."""

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
"""Of these, connections from one address that have not said yet who they are."""

CLIENTS: HassKey[ClientRegistry] = HassKey("alphaess_live_clients")


class ClientRegistry:
    """All connections of the live feed, and the audience of each inverter."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Open; close for good when Home Assistant stops."""
        self.hass = hass
        self.clients: dict[FeedClient, None] = {}
        self.unauthenticated: Counter[str] = Counter()
        self._channels: dict[str, InverterChannel] = {}
        self._heartbeat = Heartbeat(hass, self.clients)
        # A socket that is left open keeps Home Assistant from stopping for 20 s.
        hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STOP, self._stop)
        async_dispatcher_connect(hass, SIGNAL_CONFIG_ENTRY_CHANGED, self._entry_changed)

    def at_capacity(self, address: str) -> bool:
        """Whether nobody else can come in from there now."""
        strangers = self.unauthenticated[address] >= MAX_UNAUTHENTICATED_PER_ADDRESS
        return strangers or len(self.clients) >= MAX_CLIENTS

    def channel(self, inverter: InverterCoordinator) -> InverterChannel:
        """Find the audience of an inverter; a reload makes a new one."""
        serial = inverter.identity.serial
        audience = self._channels.get(serial)
        if audience is None or audience.inverter is not inverter:
            audience = self._channels[serial] = InverterChannel(inverter)
        return audience

    def client_count(self, inverter: InverterCoordinator) -> int:
        """Count the clients of one inverter."""
        return len(self.channel(inverter).clients)

    def remove(self, client: FeedClient) -> None:
        """Forget a client everywhere."""
        self.clients.pop(client, None)
        for audience in self._channels.values():
            audience.unsubscribe(client)

    @callback
    def _stop(self, _: Event) -> None:
        _close_all(self.clients, "Home Assistant stops.")

    @callback
    def _entry_changed(self, _: ConfigEntryChange, entry: ConfigEntry) -> None:
        """Send an inverter's clients away when it is unloaded; present it to those who follow all."""
        if entry.domain != DOMAIN:
            return
        if entry.state is ConfigEntryState.LOADED:
            self._on_inverter_loaded(entry.runtime_data.coordinator)
            return
        for serial, audience in tuple(self._channels.items()):
            if audience.inverter.config_entry is entry:
                del self._channels[serial]
                _close_all(audience.clients, "The inverter is being set up anew.")
                audience.close()

    def _on_inverter_loaded(self, inverter: InverterCoordinator) -> None:
        audience = self.channel(inverter)
        for client in tuple(self.clients):
            user = client.user
            if (
                client.follows_all
                and user
                and is_permitted(user, POLICY_READ, inverter)
            ):
                audience.subscribe(client)


def _close_all(clients: Iterable[FeedClient], reason: str) -> None:
    for client in tuple(clients):
        client.close(CloseCode.GOING_AWAY, reason)


PING_INTERVAL = timedelta(seconds=30)
"""How often every client is pinged; who has not been heard since the last time is gone."""


class Heartbeat:
    """Pings, and drops whoever missed one.

    aiohttp could do it with a timer for each client, but starts that anew when a
    client answers the server's goodbye, and so keeps every client for another minute.
    """

    def __init__(self, hass: HomeAssistant, clients: Mapping[FeedClient, None]) -> None:
        """Beat until Home Assistant stops."""
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
