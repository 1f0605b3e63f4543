"""The registry of all feed clients: limits, permissions after a reload, heartbeat, and closing."""

import asyncio
from collections import deque
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from homeassistant.auth import EVENT_USER_UPDATED
from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.components.http.auth_util import async_user_not_allowed_do_auth
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
from ..feed.connection_state import Connection
from ..feed.publisher import STATUS_UPDATE_INTERVAL
from ..runtime import AlphaEssConfigEntry, loaded_runtime
from .api_error import ApiError, not_permitted
from .feed_client import CLIENTS_PER_LOOP_STEP, CloseCode, FeedClient
from .feed_hub import Channel, InverterChannel, LoadingChannel
from .places import Places

PING_INTERVAL = timedelta(seconds=30)
"""A client that has sent nothing between two pings is dropped."""

STOPPING = "Home Assistant is stopping."

CLIENTS: HassKey[ClientRegistry] = HassKey("alphaess_live_clients")


class ClientRegistry:
    """All connections of the live feed, and one channel for each inverter."""

    def __init__(self, hass: HomeAssistant) -> None:
        """Start the heartbeat. All clients are closed when Home Assistant stops."""
        self.hass = hass
        self.clients: dict[FeedClient, None] = {}
        self.places = Places()
        self._channels: dict[str, Channel] = {}
        """The channel of each inverter, by the id of its entry."""
        self._heartbeat = Heartbeat(hass, self.clients)
        hass.bus.async_listen(EVENT_USER_UPDATED, self._on_user_updated)
        self._is_stopping = False
        # An open WebSocket delays the stop of Home Assistant by 20 s.
        hass.bus.async_listen_once(EVENT_HOMEASSISTANT_STOP, self._on_stop)
        signal = SIGNAL_CONFIG_ENTRY_CHANGED
        async_dispatcher_connect(hass, signal, self._on_entry_changed)
        async_track_time_interval(
            hass, self._check_users, PING_INTERVAL, cancel_on_shutdown=True
        )
        async_track_time_interval(
            hass, self._report_unpolled, STATUS_UPDATE_INTERVAL, cancel_on_shutdown=True
        )

    def channel(self, entry: AlphaEssConfigEntry) -> Channel:
        """Return the channel of an inverter; its entry creates a new one when it is loaded or unloaded."""
        channel = self._channels.get(entry.entry_id)
        if channel is None:
            channel = self._channels[entry.entry_id] = _new_channel(entry)
        return channel

    def find_channel(self, entry: AlphaEssConfigEntry) -> Channel | None:
        """Return the channel of an inverter; None if it was removed, or has had no client yet."""
        return self._channels.get(entry.entry_id)

    def connection(self, entry: AlphaEssConfigEntry) -> Connection:
        """Return the state of the connection of an inverter, also of one without a channel."""
        return (self.find_channel(entry) or _new_channel(entry)).connection

    def channels_of(self, client: FeedClient) -> list[Channel]:
        """Return the channels from which a client receives messages."""
        return [one for one in self._channels.values() if client in one.clients]

    def remove(self, client: FeedClient) -> None:
        """Remove a client from all channels, and free its place."""
        self.clients.pop(client, None)
        self.places.remove(client)
        for channel in self._channels.values():
            channel.unsubscribe(client)

    def require_running(self) -> None:
        """Raise ApiError if Home Assistant stops: an open WebSocket would delay that."""
        if self._is_stopping:
            raise ApiError(HTTPStatus.SERVICE_UNAVAILABLE, "stopping", STOPPING)

    @callback
    def _on_stop(self, _: Event) -> None:
        self._is_stopping = True
        _close_all(self.clients, STOPPING)

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
        if before:
            # A client that was there while it loaded may come back later.
            channel.inverter.feed.continue_from(before.feed)
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
    def _on_user_updated(self, event: Event[dict[str, Any]]) -> None:
        self._check_permissions(event.data["user_id"])

    @callback
    def _check_users(self, _: datetime) -> None:
        """Check all users: the permission for an entity may change without an event."""
        for user_id in {one.user.id for one in self.clients if one.user}:
            self._check_permissions(user_id)

    def _check_permissions(self, user_id: str) -> None:
        """Close the clients of a user who may not log in or read an inverter any more."""
        clients = [one for one in self.clients if one.user and one.user.id == user_id]
        if not clients or not (user := clients[0].user):
            return
        for client in clients:
            if reason := async_user_not_allowed_do_auth(
                self.hass, user, client.request
            ):
                client.close(CloseCode.UNAUTHENTICATED, reason)
        for channel in tuple(self._channels.values()):
            subscribed = [one for one in clients if one in channel.clients]
            if subscribed and not is_permitted_on(
                self.hass, channel.entry, user, POLICY_READ
            ):
                _withdraw(channel, subscribed)

    @callback
    def _report_unpolled(self, _: datetime) -> None:
        """Send the state of inverters that are not polled: no poll publishes it."""
        for channel in self._channels.values():
            if not channel.is_polled:
                channel.report()


def _new_channel(entry: AlphaEssConfigEntry) -> Channel:
    runtime = loaded_runtime(entry)
    return InverterChannel(runtime.coordinator) if runtime else LoadingChannel(entry)


def _close_all(clients: Iterable[FeedClient], reason: str) -> None:
    for client in tuple(clients):
        client.close(CloseCode.GOING_AWAY, reason)


def _withdraw(channel: Channel, clients: Iterable[FeedClient]) -> None:
    """Close clients that may not read an inverter any more, with the reason."""
    error = not_permitted(POLICY_READ)
    for client in clients:
        channel.unsubscribe(client)
        client.send_json("error", code=error.body["error"], message=str(error))
        client.close(CloseCode.NO_INVERTER, str(error))


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
