"""Everybody who follows one inverter: each message is put into bytes once, and written to all."""

import asyncio
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime

from homeassistant.core import callback

from ..coordinator import InverterCoordinator
from ..feed.messages import Event, Message, PowerMeasured, StatusReported
from .feed_client import CLIENTS_PER_LOOP_STEP, FeedClient
from .ws_frame import text_frame

MIN_REFRESH_INTERVAL_SECONDS = 1.0
"""Seconds between two reads that clients ask for."""


class InverterChannel:
    """The clients that follow one inverter; while there are any, it is watched."""

    def __init__(self, inverter: InverterCoordinator) -> None:
        """Begin with nobody."""
        self.inverter = inverter
        self.clients: dict[FeedClient, None] = {}
        self._pending: deque[tuple[Message, bytes, deque[FeedClient]]] = deque()
        self._subscriptions: tuple[Callable[[], None], ...] = ()
        self._refreshing: set[FeedClient] = set()
        self._refresh_task: asyncio.Task[None] | None = None

    @callback
    def subscribe(self, client: FeedClient, since: int | None = None) -> None:
        """Tell a client where things stand, or what it has missed; then everything."""
        if client in self.clients:
            return
        if not self.clients:
            unsubscribe = self.inverter.feed.subscribe(self._on_message)
            self._subscriptions = (unsubscribe, self.inverter.request_live())
        self.clients[client] = None
        greeting = [text_frame(one.encoded) for one in self._initial_messages(since)]
        client.queue.write(b"".join(greeting))

    @callback
    def unsubscribe(self, client: FeedClient) -> None:
        """Stop telling a client anything."""
        self._refreshing.discard(client)
        self.clients.pop(client, None)
        if not self.clients:
            self.close()

    @callback
    def close(self) -> None:
        """Follow the inverter no longer."""
        self.clients.clear()
        leaving, self._subscriptions = self._subscriptions, ()
        for leave in leaving:
            leave()

    @callback
    def send_status(self, client: FeedClient) -> None:
        """Tell one client where the connection stands."""
        self._answer(client, self._status())

    @callback
    def send_power(self, client: FeedClient) -> None:
        """Tell one client the power values, or why there are none."""
        self._answer(client, self._power() or self._status())

    @callback
    def refresh(self, client: FeedClient) -> None:
        """Read the inverter now, once for all who ask meanwhile, and answer them."""
        self._refreshing.add(client)
        if self._refresh_task is None:
            inverter = self.inverter
            self._refresh_task = inverter.config_entry.async_create_background_task(
                inverter.hass, self._refresh(), "alphaess_live feed refresh"
            )

    async def _refresh(self) -> None:
        try:
            await self.inverter.refresh_all()
            self._answer_refresh()
            # Who asks within the next second shares this answer, too.
            await asyncio.sleep(MIN_REFRESH_INTERVAL_SECONDS)
            self._answer_refresh()
        finally:
            self._refresh_task = None

    def _answer_refresh(self) -> None:
        asking, self._refreshing = self._refreshing, set()
        if asking:
            event = self._power() or self._status()
            self._send(self.inverter.feed.message(event), deque(asking))

    def _initial_messages(self, since: int | None) -> list[Message]:
        """State first, then events. Numbers grow here, too: the state bears the client's own."""
        feed = self.inverter.feed
        missed = None if since is None else feed.messages_since(since)
        status = feed.message(self._status(), seq=None if missed is None else since)
        power = self._power()
        greeting = [status, *(missed or ())]
        if power and not any(isinstance(one.event, PowerMeasured) for one in greeting):
            greeting.append(feed.message(power))
        return greeting

    def _status(self) -> StatusReported:
        return StatusReported(connection=self.inverter.connection, at=datetime.now(UTC))

    def _power(self) -> PowerMeasured | None:
        latest = self.inverter.latest
        connected = self.inverter.connection.connected
        return PowerMeasured(power=latest.power) if latest and connected else None

    def _answer(self, client: FeedClient, event: Event) -> None:
        self._send(self.inverter.feed.message(event), deque((client,)))

    def _on_message(self, message: Message) -> None:
        self._send(message, deque(self.clients))

    def _send(self, message: Message, clients: deque[FeedClient]) -> None:
        self._pending.append((message, text_frame(message.encoded), clients))
        if len(self._pending) == 1:
            self._send_next()

    def _send_next(self) -> None:
        """Write to the next few clients; one message after the other, so that order holds."""
        message, frame, clients = self._pending[0]
        for _ in range(min(CLIENTS_PER_LOOP_STEP, len(clients))):
            clients.popleft().send(message, frame)
        if not clients:
            self._pending.popleft()
        if self._pending:
            asyncio.get_running_loop().call_soon(self._send_next)
