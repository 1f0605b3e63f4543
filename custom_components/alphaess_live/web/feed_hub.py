"""Everybody who follows one inverter: each message is put into bytes once, and written to all."""

import asyncio
from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime

from homeassistant.core import callback

from ..coordinator import InverterCoordinator
from ..feed.feed import Event, Message, PowerMeasured, StatusReported
from .feed_client import SLICE, Client
from .ws_frame import text_frame

REFRESH_EVERY = 1.0
"""Seconds between two reads that clients ask for."""


class Audience:
    """The clients that follow one inverter; while there are any, it is watched."""

    def __init__(self, inverter: InverterCoordinator) -> None:
        """Begin with nobody."""
        self.inverter = inverter
        self.clients: dict[Client, None] = {}
        self._untold: deque[tuple[Message, bytes, deque[Client]]] = deque()
        self._leave: tuple[Callable[[], None], ...] = ()
        self._asking: set[Client] = set()
        self._reading: asyncio.Task[None] | None = None

    @callback
    def join(self, client: Client, since: int | None = None) -> None:
        """Tell a client where things stand, or what it has missed; then everything."""
        if client in self.clients:
            return
        if not self.clients:
            unsubscribe = self.inverter.feed.subscribe(self._hear)
            self._leave = (unsubscribe, self.inverter.watch())
        self.clients[client] = None
        greeting = [text_frame(one.encoded) for one in self._greeting(since)]
        client.outbox.write(b"".join(greeting))

    @callback
    def leave(self, client: Client) -> None:
        """Stop telling a client anything."""
        self._asking.discard(client)
        self.clients.pop(client, None)
        if not self.clients:
            self.dismiss()

    @callback
    def dismiss(self) -> None:
        """Follow the inverter no longer."""
        self.clients.clear()
        leaving, self._leave = self._leave, ()
        for leave in leaving:
            leave()

    @callback
    def report_status(self, client: Client) -> None:
        """Tell one client where the connection stands."""
        self._answer(client, self._status())

    @callback
    def report_power(self, client: Client) -> None:
        """Tell one client the power values, or why there are none."""
        self._answer(client, self._power() or self._status())

    @callback
    def refresh(self, client: Client) -> None:
        """Read the inverter now, once for all who ask meanwhile, and answer them."""
        self._asking.add(client)
        if self._reading is None:
            inverter = self.inverter
            self._reading = inverter.config_entry.async_create_background_task(
                inverter.hass, self._read(), "alphaess_live feed refresh"
            )

    async def _read(self) -> None:
        try:
            await self.inverter.read_now()
            self._answer_asking()
            # Who asks within the next second shares this answer, too.
            await asyncio.sleep(REFRESH_EVERY)
            self._answer_asking()
        finally:
            self._reading = None

    def _answer_asking(self) -> None:
        asking, self._asking = self._asking, set()
        if asking:
            event = self._power() or self._status()
            self._tell(self.inverter.feed.message(event), deque(asking))

    def _greeting(self, since: int | None) -> list[Message]:
        """State first, then events. Numbers grow here, too: the state bears the client's own."""
        feed = self.inverter.feed
        missed = None if since is None else feed.since(since)
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

    def _answer(self, client: Client, event: Event) -> None:
        self._tell(self.inverter.feed.message(event), deque((client,)))

    def _hear(self, message: Message) -> None:
        self._tell(message, deque(self.clients))

    def _tell(self, message: Message, clients: deque[Client]) -> None:
        self._untold.append((message, text_frame(message.encoded), clients))
        if len(self._untold) == 1:
            self._deliver()

    def _deliver(self) -> None:
        """Write to the next few clients; one message after the other, so that order holds."""
        message, frame, clients = self._untold[0]
        for _ in range(min(SLICE, len(clients))):
            clients.popleft().hear(message, frame)
        if not clients:
            self._untold.popleft()
        if self._untold:
            asyncio.get_running_loop().call_soon(self._deliver)
