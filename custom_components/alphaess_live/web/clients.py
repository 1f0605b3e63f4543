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
)
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers.dispatcher import async_dispatcher_connect
from homeassistant.helpers.event import async_track_time_interval
from homeassistant.util.hass_dict import HassKey

from ..const import DOMAIN
from ..control.options import is_permitted_on
from ..feed.publisher import STATUS_UPDATE_INTERVAL
from ..runtime import AlphaEssConfigEntry, loaded_runtime
from .feed_client import CLIENTS_PER_LOOP_STEP, CloseCode, FeedClient
from .feed_hub import Channel, InverterChannel, LoadingChannel

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
        self._channels: dict[str, Channel] = {}
        """The channel of each inverter, by the id of its entry."""
        self._heartbeat = Heartbeat(hass, self.clients)
        # An open WebSocket delays the stop of Home Assistant by 20 s.
        hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STOP, self._on_stop)
        signal = SIGNAL_CONFIG_ENTRY_CHANGED
        async_dispatcher_connect(hass, signal, self._on_entry_changed)
        async_track_time_interval(
            hass, self._report_loading, STATUS_UPDATE_INTERVAL, cancel_on_shutdown=True
        )

    def at_capacity(self, address: str) -> bool:
        """Whether a further connection from this address exceeds a limit."""
        unauthenticated = self.unauthenticated[address]
        return (
            unauthenticated >= MAX_UNAUTHENTICATED_PER_ADDRESS
            or len(self.clients) >= MAX_CLIENTS
        )

    def channel(self, entry: AlphaEssConfigEntry) -> Channel:
        """Return the channel of an inverter; its entry creates a new one when it is loaded or unloaded."""
        channel = self._channels.get(entry.entry_id)
        if channel is None:
            channel = self._channels[entry.entry_id] = _new_channel(entry)
        return channel

    def channels_of(self, client: FeedClient) -> list[Channel]:
        """Return the channels from which a client receives messages."""
        return [one for one in self._channels.values() if client in one.clients]

    def remove(self, client: FeedClient) -> None:
        """Remove a client from all channels."""
        self.clients.pop(client, None)
        for channel in self._channels.values():
            channel.unsubscribe(client)

    @callback
    def _on_stop(self, _: Event) -> None:
        _close_all(self.clients, "Home Assistant is stopping.")

    @callback
    def _on_entry_changed(self, change: ConfigEntryChange, entry: ConfigEntry) -> None:
        if entry.domain != DOMAIN:
            return
        is_gone = change is ConfigEntryChange.REMOVED or entry.disabled_by
        before, loaded = self._channels.get(entry.entry_id), loaded_runtime(entry)
        if loaded:
            self._on_loaded(InverterChannel(loaded.coordinator), before)
        elif before and (is_gone or isinstance(before, InverterChannel)):
            del self._channels[entry.entry_id]
            _close_all(before.clients, "The inverter is being reloaded.")
            before.close()
        if not loaded and not is_gone:
            # Its numbers must be lower than those of the feed that is being set up.
            self.channel(entry)

    def _on_loaded(self, channel: InverterChannel, before: Channel | None) -> None:
        """Subscribe the clients that follow this inverter and may read it."""
        if isinstance(before, InverterChannel):
            return
        self._channels[channel.entry.entry_id] = channel
        for client in tuple(before.clients) if before else ():
            channel.subscribe(client, channel.first_seq)
        for client in tuple(self.clients):
            if self._follows(client, channel.entry):
                channel.subscribe(client)

    def _follows(self, client: FeedClient, entry: AlphaEssConfigEntry) -> bool:
        user = client.user
        return (
            user is not None
            and client.serial in (None, entry.unique_id)
            and is_permitted_on(self.hass, entry, user, POLICY_READ)
        )

    @callback
    def _report_loading(self, _: datetime) -> None:
        for channel in self._channels.values():
            if isinstance(channel, LoadingChannel):
                channel.report()


def _new_channel(entry: AlphaEssConfigEntry) -> Channel:
    runtime = loaded_runtime(entry)
    return InverterChannel(runtime.coordinator) if runtime else LoadingChannel(entry)


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
