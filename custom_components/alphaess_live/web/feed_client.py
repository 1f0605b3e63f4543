"""The sending side of one feed client: messages, pings, batches, and closing."""

import asyncio
from datetime import UTC, datetime
from enum import IntEnum
import socket
from typing import Any

from aiohttp import web
from aiohttp.abc import AbstractStreamWriter
from homeassistant.auth.models import User
from homeassistant.core import HomeAssistant

from ..feed.messages import Message, PowerMeasured, encode, rfc3339
from .send_queue import PING, PONG, BatchCollector, SendQueue, ws_frame, ws_text_frame

SEND_BUFFER_BYTES = 32 * 1024
"""Send buffer of the operating system for one client. A larger one would only hold outdated values."""

FLUSH_TIMEOUT_SECONDS = 2.0
"""Time in which a client has to read what was written before its connection was closed."""

CLIENTS_PER_LOOP_STEP = 200
"""Clients that are written to in one step of the event loop, so that a thousand do not block it."""

MAX_CLOSE_REASON_BYTES = 120
"""A close frame has at most 125 bytes, two of them for the code (RFC 6455, 5.5)."""


class CloseCode(IntEnum):
    """The close codes that the server sends: those of RFC 6455, and two of this API."""

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
        "address",
        "flows",
        "has_responded",
        "queue",
        "request",
        "serial",
        "user",
    )

    def __init__(
        self,
        hass: HomeAssistant,
        ws: web.WebSocketResponse,
        *,
        transport: asyncio.Transport,
        writer: AbstractStreamWriter,
        request: web.Request,
    ) -> None:
        """Start without batches: each message is sent by itself."""
        self._hass = hass
        self._ws = ws
        self._transport = transport
        self.has_responded = True
        """Whether anything was received since the last ping."""
        self.request = request
        self.address = request.remote or ""
        """The address that the client connects from."""
        self.serial = request.query.get("serial")
        """The only inverter that the client follows; None for all, also those that are added later."""
        self.flows = request.query.get("flows") == "1"
        """Whether power values come with the flows between the components."""
        self.queue = SendQueue(
            transport,
            writer.drain,
            on_stalled=lambda: self.close(
                CloseCode.NOT_READING, "The client does not read."
            ),
        )
        self.user: User | None = None
        """The user, once the client is authenticated."""
        self._collector: BatchCollector | None = None
        if peer := transport.get_extra_info("socket"):
            peer.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)

    def send(self, message: Message, frame: bytes) -> None:
        """Send a message of the feed. The frame is the same object for all clients without flows."""
        if self.flows and isinstance(message.event, PowerMeasured):
            message, frame = message.with_flows, self.frame_of(message)
        (self._collector or self.queue).send(message, frame)

    def frame_of(self, message: Message) -> bytes:
        """Build the frame of a message as this client receives it."""
        return ws_text_frame((message.with_flows if self.flows else message).encoded)

    def send_json(self, kind: str, **fields: Any) -> None:
        """Send a message that belongs to no inverter to this client only."""
        content = {"type": kind, "timestamp": rfc3339(datetime.now(UTC))} | fields
        self.queue.write(ws_text_frame(encode(content)))

    def ping(self) -> None:
        """Send a ping; drop the client if it sent nothing since the previous one."""
        if self.queue.is_blocked:
            return  # The ping could not arrive. The queue has a time limit of its own.
        if not self.has_responded:
            self.abort()
            return
        self.has_responded = False
        self.queue.write(ws_frame(PING, b""))

    def pong(self, payload: bytes) -> None:
        """Answer a ping, unless the connection is closed meanwhile."""
        self.queue.write(ws_frame(PONG, payload))

    def set_batching(self, size: int, max_wait_seconds: float) -> None:
        """Send power values in batches from now on; one by one if the size is 1."""
        if self._collector:
            self._collector.close(flush=True)
        self.queue.max_batch_size = size
        self._collector = None
        if size > 1:
            self._collector = BatchCollector(
                queue=self.queue, size=size, max_wait_seconds=max_wait_seconds
            )

    def abort(self) -> None:
        """End the connection at once, without a close frame."""
        self._transport.abort()

    def close(self, code: CloseCode, reason: str) -> None:
        """Send a close frame. The receiving side then ends the session."""
        # The receiving side may wait for a client that does not read.
        self.queue.close()
        message = reason.encode()[:MAX_CLOSE_REASON_BYTES]
        self._hass.async_create_task(
            self._ws.close(code=code, message=message, drain=False),
            "alphaess_live feed client closes",
        )

    async def shut_down(self) -> None:
        """Wait until everything written is sent, then release the connection. The time is limited."""
        if self._collector:
            self._collector.close(flush=False)
        self.queue.close()
        loop = asyncio.get_running_loop()
        deadline = loop.time() + FLUSH_TIMEOUT_SECONDS
        while self._transport.get_write_buffer_size():
            if loop.time() > deadline:
                self._transport.abort()
                return
            await asyncio.sleep(0.05)
