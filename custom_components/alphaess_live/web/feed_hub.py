"""Distributes the feed of one inverter to its clients. Each message becomes a frame once, for all of them."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

from homeassistant.core import callback

from ..alphaess.host_clock import ClockSteps, host_uptime
from ..alphaess.snapshot import Snapshot
from ..coordinator import InverterCoordinator
from ..feed.connection_state import Connection
from ..feed.feed import Feed
from ..feed.flows import solar_powers
from ..feed.messages import Event, LinkRestored, Message, PowerMeasured, StatusReported
from ..runtime import AlphaEssConfigEntry
from .commands import ValueRequest
from .feed_client import CLIENTS_PER_LOOP_STEP, FeedClient
from .send_queue import ws_text_frame

RESTORED_RECENTLY = timedelta(seconds=60)
"""A client may connect this long after a request of its own was answered with 503."""

ANSWERS_BEFORE_ANNOUNCEMENT = 2
"""The first one may arrive before the response that it is about."""

NOT_LOADED = "Home Assistant is setting this inverter up, or failed to."


class InverterChannel:
    """The clients of one inverter. While it has any, live power values are requested."""

    def __init__(self, inverter: InverterCoordinator) -> None:
        """Start without clients."""
        self.inverter = inverter
        self.clients: dict[FeedClient, None] = {}
        self._pending: deque[tuple[Message, bytes, deque[FeedClient]]] = deque()
        self._subscriptions: tuple[Callable[[], None], ...] = ()
        self._answers_left = 0
        """After how many answers the connection is announced; 0 if it is not."""
        self._refreshing: set[FeedClient] = set()
        self._refresh_task: asyncio.Task[None] | None = None

    @property
    def entry(self) -> AlphaEssConfigEntry:
        """The entry of the inverter."""
        return self.inverter.config_entry

    @property
    def connection(self) -> Connection:
        """The state of the connection."""
        return self.inverter.connection

    @property
    def is_polled(self) -> bool:
        """Whether polls publish the state of the connection."""
        return self.inverter.is_polled

    @callback
    def report(self) -> None:
        """Send the state to all clients."""
        self._send_to(self.clients, self._status())

    @property
    def first_seq(self) -> int:
        """The number before that of the oldest message that is kept."""
        return self.inverter.feed.first_seq

    @callback
    def subscribe(self, client: FeedClient, since: int | None = None) -> None:
        """Send the current state or the missed messages to a client, then all further messages."""
        if client in self.clients:
            return
        if not self.clients:
            unsubscribe = self.inverter.feed.subscribe(self._on_message)
            on_power = self.inverter.on_power
            on_power.append(self._on_answer)
            self._subscriptions = (
                unsubscribe,
                self.inverter.request_live(),
                lambda: on_power.remove(self._on_answer),
            )
        self.clients[client] = None
        client.queue.send_backlog(self._initial_messages(since), client.frame_of)

    @callback
    def unsubscribe(self, client: FeedClient) -> None:
        """Send nothing more to a client."""
        self._refreshing.discard(client)
        self.clients.pop(client, None)
        if not self.clients:
            self.close()

    @callback
    def close(self) -> None:
        """Remove all clients and the subscriptions to the inverter."""
        self.clients.clear()
        subscriptions, self._subscriptions = self._subscriptions, ()
        for unsubscribe in subscriptions:
            unsubscribe()

    @callback
    def answer(self, client: FeedClient, request: ValueRequest) -> None:
        """Send values to one client: the connection status, if there are no power values."""
        match request:
            case ValueRequest.STATUS:
                self._send_to((client,), self._status())
            case ValueRequest.POWER:
                self._send_to((client,), self._power() or self._status())
            case ValueRequest.REFRESH:
                self._refreshing.add(client)
                self._start_refresh()

    @callback
    def announce_connected(self) -> None:
        """Send all clients that the inverter is connected, after its next answers."""
        self._answers_left = ANSWERS_BEFORE_ANNOUNCEMENT

    def _on_answer(self, _: Snapshot) -> None:
        if not self._answers_left:
            return
        self._answers_left -= 1
        if not self._answers_left:
            self._send_to(self.clients, LinkRestored(outage_seconds=None))

    def _start_refresh(self) -> None:
        """Read the inverter once for all clients that request this meanwhile."""
        if self._refresh_task is None:
            inverter = self.inverter
            self._refresh_task = inverter.config_entry.async_create_background_task(
                inverter.hass, self._refresh(), "alphaess_live feed refresh"
            )

    async def _refresh(self) -> None:
        try:
            await self.inverter.refresh_all()
        finally:
            self._refresh_task = None
            clients, self._refreshing = self._refreshing, set()
        if clients:
            self._send_to(clients, self._power() or self._status())

    def _initial_messages(self, since: int | None) -> list[Message]:
        """State first, then events. To keep the numbers growing, the state has the client's own number.

        A client that was away while the inverter returned may wait for the event.
        """
        feed = self.inverter.feed
        missed = None if since is None else feed.messages_since(since)
        status = feed.message(self._status(), seq=None if missed is None else since)
        power = self._power()
        messages = [status, *(missed or ())]
        restored = self._recently_restored()
        if restored and not any(isinstance(m.event, LinkRestored) for m in messages):
            messages.insert(1, feed.message(restored, seq=status.seq))
        if power and not any(isinstance(one.event, PowerMeasured) for one in messages):
            messages.append(feed.message(power))
        return messages

    def _recently_restored(self) -> LinkRestored | None:
        connection = self.inverter.connection
        elapsed = datetime.now(UTC) - connection.since
        if not connection.connected or elapsed > RESTORED_RECENTLY:
            return None
        return LinkRestored.after(connection)

    def _status(self) -> StatusReported:
        return StatusReported(connection=self.inverter.connection, at=datetime.now(UTC))

    def _power(self) -> PowerMeasured | None:
        latest = self.inverter.latest
        if latest is None or not self.inverter.connection.connected:
            return None
        return PowerMeasured(
            power=latest.power,
            measured_at=latest.measured_at,
            solar=solar_powers(latest, self.inverter.identity),
        )

    def _send_to(self, clients: Iterable[FeedClient], event: Event) -> None:
        self._send(self.inverter.feed.message(event), deque(clients))

    def _on_message(self, message: Message) -> None:
        if isinstance(message.event, LinkRestored):
            self._answers_left = 0
        self._send(message, deque(self.clients))

    def _send(self, message: Message, clients: deque[FeedClient]) -> None:
        self._pending.append((message, ws_text_frame(message.encoded), clients))
        if len(self._pending) == 1:
            self._send_next()

    def _send_next(self) -> None:
        """Send to the next clients. One message after the other, so that the order is kept."""
        message, frame, clients = self._pending[0]
        for _ in range(min(CLIENTS_PER_LOOP_STEP, len(clients))):
            clients.popleft().send(message, frame)
        if not clients:
            self._pending.popleft()
        if self._pending:
            asyncio.get_running_loop().call_soon(self._send_next)


class LoadingChannel:
    """The clients of an inverter whose entry is not loaded: they receive that it is disconnected."""

    is_polled = False

    def __init__(self, entry: AlphaEssConfigEntry) -> None:
        """Start without clients."""
        self.entry = entry
        self.clients: dict[FeedClient, None] = {}
        self._connection = replace(
            Connection.unknown(datetime.now(UTC)), error_message=NOT_LOADED
        )
        self._clock_steps = ClockSteps(partial(host_uptime, asyncio.get_running_loop()))
        self.feed = Feed(str(entry.unique_id))

    @property
    def connection(self) -> Connection:
        """The state of the connection: disconnected since the entry is not loaded."""
        self._connection = self._connection.corrected(self._clock_steps.newest())
        return self._connection

    @callback
    def subscribe(self, client: FeedClient, _: int | None = None) -> None:
        """Send the state to a client. When the entry is loaded, it gets all messages since."""
        if client not in self.clients:
            self.clients[client] = None
            self._send_status(client)

    @callback
    def unsubscribe(self, client: FeedClient) -> None:
        """Send nothing more to a client."""
        self.clients.pop(client, None)

    @callback
    def close(self) -> None:
        """Remove all clients."""
        self.clients.clear()

    @callback
    def answer(self, client: FeedClient, _: ValueRequest) -> None:
        """Send the state to one client: there are no values."""
        self._send_status(client)

    @callback
    def report(self) -> None:
        """Send the state to all clients."""
        for client in tuple(self.clients):
            self._send_status(client)

    def _send_status(self, client: FeedClient) -> None:
        now = datetime.now(UTC)
        status = StatusReported(connection=self.connection, at=now)
        message = self.feed.message(status)
        client.send(message, ws_text_frame(message.encoded))


type Channel = InverterChannel | LoadingChannel
