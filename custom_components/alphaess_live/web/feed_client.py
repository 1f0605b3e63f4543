"""One client of the live feed: what it follows, how it is told, how it ends."""

import asyncio
from datetime import UTC, datetime
from enum import IntEnum
import socket
from typing import Any

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter
from homeassistant.auth.models import User
from homeassistant.core import HomeAssistant

from ..feed.feed import Message, encode
from ..feed.serialize import rfc3339
from .send_queue import Batches, Outbox
from .ws_frame import PING, PONG, frame, text_frame

SEND_BUFFER = 32 * 1024
"""Bytes that the operating system may hold for one client: more would only be old news."""

LAST_WORDS = 2.0
"""Seconds that a client has to take what was written before it was closed."""


SLICE = 200
"""Clients written to in one turn of the event loop, so that a thousand block nobody."""


class Ending(IntEnum):
    """Why the server closes: WebSocket's close codes, and two of our own."""

    GOING_AWAY = 1001
    TOO_MANY_ERRORS = 1008
    TAKES_NOTHING = 1013
    NOT_LOGGED_IN = 4401
    NO_SUCH_INVERTER = 4404


class Client:
    """The sending side of one connection."""

    __slots__ = (
        "_batches",
        "_hass",
        "_transport",
        "_ws",
        "alive",
        "follows_all",
        "outbox",
        "user",
    )

    def __init__(
        self,
        hass: HomeAssistant,
        ws: web.WebSocketResponse,
        *,
        transport: asyncio.Transport,
        writer: AbstractStreamWriter,
        follows_all: bool,
    ) -> None:
        """Begin with a client that wants every message by itself."""
        self._hass = hass
        self._ws = ws
        self._transport = transport
        self.alive = True
        """Whether it has been heard since the last ping."""
        self.follows_all = follows_all
        """It named no inverter, so it also hears of those that are set up later."""
        self.outbox = Outbox(
            transport,
            writer.drain,
            give_up=lambda: self.end(Ending.TAKES_NOTHING, "You take nothing."),
        )
        self.user: User | None = None
        """Who is there, once that is known."""
        self._batches: Batches | None = None
        if peer := transport.get_extra_info("socket"):
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER)

    def hear(self, message: Message, frame: bytes) -> None:
        """Pass a message on, whose frame all clients share."""
        (self._batches or self.outbox).deliver(message, frame)

    def say(self, kind: str, **fields: Any) -> None:
        """Tell this client alone something that is about no inverter."""
        content = {"type": kind, "timestamp": rfc3339(datetime.now(UTC))} | fields
        self.outbox.write(text_frame(encode(content)))

    def ping(self) -> None:
        """Ask whether the client is still there; let go of one that has missed the last question."""
        if self.outbox.clogged:
            return  # It could not answer: what it takes, not what it says, counts now.
        if not self.alive:
            self._transport.abort()
            return
        self.alive = False
        self.outbox.write(frame(PING, b""))

    def pong(self, question: bytes) -> None:
        """Answer a ping, unless the client has gone meanwhile."""
        self.outbox.write(frame(PONG, question))

    def batch(self, size: int, max_wait: float) -> None:
        """Send power values in batches from now on; one by one where the size is 1."""
        if self._batches:
            self._batches.close(tell=True)
        self.outbox.room = size
        self._batches = None
        if size > 1:
            self._batches = Batches(outbox=self.outbox, size=size, max_wait=max_wait)

    def end(self, code: Ending, reason: str) -> None:
        """Close the connection; the reading side wakes up and leaves."""
        # It may be waiting for a client that takes nothing.
        self.outbox.close()
        self._hass.async_create_task(
            self._ws.close(code=code, message=reason.encode()[:120], drain=False),
            "alphaess_live feed client closes",
        )

    async def leave(self) -> None:
        """Let go of the connection, once its last words are out or nobody takes them."""
        if self._batches:
            self._batches.close(tell=False)
        self.outbox.close()
        deadline = asyncio.get_running_loop().time() + LAST_WORDS
        while self._transport.get_write_buffer_size():
            if asyncio.get_running_loop().time() > deadline:
                self._transport.abort()
                return
            await asyncio.sleep(0.05)
