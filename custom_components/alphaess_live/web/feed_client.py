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

from ..feed.messages import Message, encode
from ..feed.serialize import rfc3339
from .send_queue import BatchCollector, SendQueue
from .ws_frame import PING, PONG, frame, text_frame

SEND_BUFFER_BYTES = 32 * 1024
"""Bytes that the operating system may hold for one client: more would only be old news."""

FLUSH_TIMEOUT_SECONDS = 2.0
"""Seconds that a client has to take what was written before it was closed."""


CLIENTS_PER_LOOP_STEP = 200
"""Clients written to in one turn of the event loop, so that a thousand block nobody."""


class CloseCode(IntEnum):
    """Why the server closes: WebSocket's close codes, and two of our own."""

    GOING_AWAY = 1001
    TOO_MANY_ERRORS = 1008
    NOT_READING = 1013
    UNAUTHENTICATED = 4401
    NO_INVERTER = 4404


class FeedClient:
    """The sending side of one connection."""

    __slots__ = (
        "_collector",
        "_hass",
        "_transport",
        "_ws",
        "follows_all",
        "has_responded",
        "queue",
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
        self.has_responded = True
        """Whether it has been heard since the last ping."""
        self.follows_all = follows_all
        """It named no inverter, so it also hears of those that are set up later."""
        self.queue = SendQueue(
            transport,
            writer.drain,
            give_up=lambda: self.close(CloseCode.NOT_READING, "You take nothing."),
        )
        self.user: User | None = None
        """Who is there, once that is known."""
        self._collector: BatchCollector | None = None
        if peer := transport.get_extra_info("socket"):
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)

    def send(self, message: Message, frame: bytes) -> None:
        """Pass a message on, whose frame all clients share."""
        (self._collector or self.queue).send(message, frame)

    def send_json(self, kind: str, **fields: Any) -> None:
        """Tell this client alone something that is about no inverter."""
        content = {"type": kind, "timestamp": rfc3339(datetime.now(UTC))} | fields
        self.queue.write(text_frame(encode(content)))

    def ping(self) -> None:
        """Ask whether the client is still there; let go of one that has missed the last question."""
        if self.queue.is_blocked:
            return  # It could not answer: what it takes, not what it says, counts now.
        if not self.has_responded:
            self._transport.abort()
            return
        self.has_responded = False
        self.queue.write(frame(PING, b""))

    def pong(self, question: bytes) -> None:
        """Answer a ping, unless the client has gone meanwhile."""
        self.queue.write(frame(PONG, question))

    def set_batching(self, size: int, max_wait: float) -> None:
        """Send power values in batches from now on; one by one where the size is 1."""
        if self._collector:
            self._collector.close(tell=True)
        self.queue.max_batch_size = size
        self._collector = None
        if size > 1:
            self._collector = BatchCollector(
                queue=self.queue, size=size, max_wait_seconds=max_wait
            )

    def close(self, code: CloseCode, reason: str) -> None:
        """Close the connection; the reading side wakes up and leaves."""
        # It may be waiting for a client that takes nothing.
        self.queue.close()
        self._hass.async_create_task(
            self._ws.close(code=code, message=reason.encode()[:120], drain=False),
            "alphaess_live feed client closes",
        )

    async def shut_down(self) -> None:
        """Let go of the connection, once its last words are out or nobody takes them."""
        if self._collector:
            self._collector.close(tell=False)
        self.queue.close()
        deadline = asyncio.get_running_loop().time() + FLUSH_TIMEOUT_SECONDS
        while self._transport.get_write_buffer_size():
            if asyncio.get_running_loop().time() > deadline:
                self._transport.abort()
                return
            await asyncio.sleep(0.05)
