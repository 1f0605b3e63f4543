"""The outgoing messages of one client. Sending never waits: what the client does not read is queued or replaced."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, field

from ..feed.messages import Message, PowerMeasured, encode_batch

CHUNK_BYTES = 4096
"""How much of a backlog is written at once."""

STALL_TIMEOUT_SECONDS = 30.0
"""A client that reads nothing for this long is closed."""

# The first byte of an unfragmented frame, by opcode (RFC 6455, 5.2).
TEXT = 0x81
PING = 0x89
PONG = 0x8A


def ws_text_frame(payload: bytes) -> bytes:
    """Build the WebSocket frame of a text."""
    return ws_frame(TEXT, payload)


def ws_frame(first_byte: int, payload: bytes) -> bytes:
    """Build a WebSocket frame as a server sends it, that is, without a mask."""
    size = len(payload)
    if size < 126:
        return bytes((first_byte, size)) + payload
    if size < 1 << 16:
        return bytes((first_byte, 126)) + size.to_bytes(2) + payload
    return bytes((first_byte, 127)) + size.to_bytes(8) + payload


@dataclass(frozen=True, slots=True)
class QueuedMessage:
    """One event, or the newest power values of one inverter, for a client that reads slowly."""

    messages: Sequence[Message]
    dropped: int = 0
    """Number of older power values that this client will not receive."""


class SendQueue:
    """Writes directly to the transport while the client reads, and queues messages otherwise.

    In the queue, a newer power value replaces the older one of the same inverter.
    All other messages are kept in their order.
    """

    __slots__ = (
        "_backlog",
        "_closed",
        "_drain",
        "_drain_task",
        "_frame_of",
        "_on_stalled",
        "_queued",
        "_transport",
        "max_batch_size",
    )

    def __init__(
        self,
        transport: asyncio.Transport,
        drain: Callable[[], Awaitable[None]],
        *,
        on_stalled: Callable[[], None],
    ) -> None:
        """Start with an empty queue. `on_stalled` is called when the client has stopped reading."""
        # What the operating system does not accept at once counts as not read.
        transport.set_write_buffer_limits(high=0)
        self.max_batch_size = 1
        """Power values that one message may contain; more than one for a client with batches."""
        self._transport = transport
        self._drain = drain
        self._on_stalled = on_stalled
        self._drain_task: asyncio.Task[None] | None = None
        self._backlog: deque[Message] = deque()
        """Messages from before the client connected; all of them are sent, in their order."""
        self._frame_of: Callable[[Message], bytes] | None = None
        self._queued: dict[Hashable, QueuedMessage] = {}
        self._closed = False

    @property
    def is_blocked(self) -> bool:
        """Whether the client has not read everything yet."""
        return self._drain_task is not None

    async def wait_until_drained(self) -> None:
        """Wait until the client has read everything."""
        while self._drain_task:
            await asyncio.wait((self._drain_task,))

    def write(self, frame: bytes) -> None:
        """Write immediately, behind what is in the transport's buffer."""
        transport = self._transport
        if self._closed or transport.is_closing():
            return
        transport.write(frame)
        if transport.get_write_buffer_size() and not self._drain_task:
            loop = asyncio.get_running_loop()
            self._drain_task = loop.create_task(self._drain_and_flush())

    def send(self, message: Message, frame: bytes) -> None:
        """Write the frame of a message, or queue the message."""
        if self._drain_task:
            self._enqueue((message,))
        else:
            self.write(frame)

    def send_batch(self, messages: Sequence[Message]) -> None:
        """Write the power values of one inverter as one message, or queue them."""
        if self._drain_task:
            self._enqueue(messages)
        else:
            self.write(ws_text_frame(encode_batch(messages)))

    def send_backlog(
        self, messages: Iterable[Message], frame_of: Callable[[Message], bytes]
    ) -> None:
        """Write messages from before the client connected, as fast as the client reads them.

        Each has its frame built when it is written, so that a client that reads nothing
        holds none of them.
        """
        self._frame_of = frame_of
        self._backlog.extend(messages)
        while self._backlog and not self._drain_task and not self._closed:
            self.write(self._next_chunk())

    def _next_chunk(self) -> bytes:
        """Take some messages off the backlog, as one piece to write."""
        chunk = b""
        while self._backlog and self._frame_of and len(chunk) < CHUNK_BYTES:
            chunk += self._frame_of(self._backlog.popleft())
        return chunk

    def close(self) -> None:
        """Stop writing, and stop waiting for the client."""
        self._closed = True
        self._backlog.clear()
        if self._drain_task:
            self._drain_task.cancel()

    def _enqueue(self, messages: Sequence[Message]) -> None:
        newest = messages[-1]
        if not isinstance(newest.event, PowerMeasured):
            key = (newest.serial, newest.seq, newest.event.type)
            self._queued[key] = QueuedMessage(messages)
            return
        # Removed and added again, so that the numbers grow also behind an event.
        older = self._queued.pop(newest.serial, QueuedMessage(()))
        values = (*older.messages, *messages)
        surplus = max(len(values) - self.max_batch_size, 0)
        dropped = older.dropped + surplus
        self._queued[newest.serial] = QueuedMessage(values[surplus:], dropped)

    def _flush(self) -> None:
        """Write the queued messages in their order."""
        queued, self._queued = self._queued, {}
        for one in queued.values():
            first = one.messages[0]
            if self.max_batch_size > 1 and isinstance(first.event, PowerMeasured):
                payload = encode_batch(one.messages, dropped=one.dropped)
            else:
                payload = first.encoded_with_dropped(one.dropped)
            self._transport.write(ws_text_frame(payload))

    async def _drain_and_flush(self) -> None:
        transport = self._transport
        try:
            while transport.get_write_buffer_size() or self._backlog or self._queued:
                if not await self._drain_transport():
                    self._on_stalled()
                    return
                if transport.is_closing():
                    return
                if self._backlog:
                    transport.write(self._next_chunk())
                else:
                    self._flush()
        except ConnectionError:
            return  # The receiving side gets the same error and ends the session.
        finally:
            self._drain_task = None

    async def _drain_transport(self) -> bool:
        """Wait until the transport's buffer is empty; False if the client reads nothing at all."""
        drained = asyncio.ensure_future(self._drain())
        try:
            while not drained.done():
                before = self._transport.get_write_buffer_size()
                await asyncio.wait((drained,), timeout=STALL_TIMEOUT_SECONDS)
                after = self._transport.get_write_buffer_size()
                if not drained.done() and after >= before:
                    return False
            await drained
        finally:
            drained.cancel()
        return True


@dataclass(frozen=True, kw_only=True)
class BatchCollector:
    """Collects the power values of each inverter until a batch is full or its oldest value is due."""

    queue: SendQueue
    size: int
    max_wait_seconds: float
    """Time for which a value waits at most."""
    _waiting: dict[str, list[Message]] = field(default_factory=dict)
    _timers: dict[str, asyncio.TimerHandle] = field(default_factory=dict)

    def send(self, message: Message, frame: bytes) -> None:
        """Collect a power value. Send any other message at once, after the values before it."""
        if not isinstance(message.event, PowerMeasured):
            self._flush(message.serial)
            self.queue.send(message, frame)
            return
        waiting = self._waiting.setdefault(message.serial, [])
        waiting.append(message)
        if len(waiting) >= self.size:
            self._flush(message.serial)
        elif len(waiting) == 1:
            self._timers[message.serial] = asyncio.get_running_loop().call_later(
                self.max_wait_seconds, self._flush, message.serial
            )

    def close(self, *, flush: bool) -> None:
        """Stop collecting; send the values that wait, or discard them."""
        for serial in tuple(self._waiting):
            if flush:
                self._flush(serial)
        for timer in self._timers.values():
            timer.cancel()

    def _flush(self, serial: str) -> None:
        if timer := self._timers.pop(serial, None):
            timer.cancel()
        if messages := self._waiting.pop(serial, None):
            self.queue.send_batch(messages)
