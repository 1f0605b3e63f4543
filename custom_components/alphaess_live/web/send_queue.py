"""What goes out to one client. It never waits: what the client does not take at once is kept here."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass, field

from ..feed.messages import Message, PowerMeasured, encode_batch
from .ws_frame import text_frame

STALL_TIMEOUT_SECONDS = 30.0
"""Seconds after which a client that takes nothing is given up."""


@dataclass(frozen=True, slots=True)
class QueuedMessage:
    """What waits for a slow client: one event, or the newest power values of one inverter."""

    messages: Sequence[Message]
    dropped: int = 0
    """Older power values that this client will never get."""


class SendQueue:
    """Writes straight to the transport while the client keeps up, and holds back while not.

    While it holds back, a newer power update replaces the older one of the same
    inverter, and everything else waits in its order.
    """

    __slots__ = (
        "_closed",
        "_drain",
        "_drain_task",
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
        give_up: Callable[[], None],
    ) -> None:
        """Begin with a client that takes everything."""
        # Whatever the operating system does not take at once counts as not taken.
        transport.set_write_buffer_limits(high=0)
        self.max_batch_size = 1
        """Power values that one message may hold: more than one for a client of batches."""
        self._transport = transport
        self._drain = drain
        self._on_stalled = give_up
        self._drain_task: asyncio.Task[None] | None = None
        self._queued: dict[Hashable, QueuedMessage] = {}
        self._closed = False

    @property
    def is_blocked(self) -> bool:
        """Whether the client has not yet taken what was written."""
        return self._drain_task is not None

    async def wait_until_drained(self) -> None:
        """Wait until the client has taken everything."""
        while self._drain_task:
            await asyncio.wait((self._drain_task,))

    def write(self, frame: bytes) -> None:
        """Write now, behind what the transport already holds."""
        transport = self._transport
        if self._closed or transport.is_closing():
            return
        transport.write(frame)
        if transport.get_write_buffer_size() and not self._drain_task:
            loop = asyncio.get_running_loop()
            self._drain_task = loop.create_task(self._drain_and_flush())

    def send(self, message: Message, frame: bytes) -> None:
        """Write a message, whose frame all clients share, or keep it."""
        if self._drain_task:
            self._enqueue((message,))
        else:
            self.write(frame)

    def send_batch(self, messages: Sequence[Message]) -> None:
        """Write the power values of one inverter in one message, or keep them."""
        if self._drain_task:
            self._enqueue(messages)
        else:
            self.write(text_frame(encode_batch(messages)))

    def close(self) -> None:
        """Write no more, and stop waiting for the client."""
        self._closed = True
        if self._drain_task:
            self._drain_task.cancel()

    def _enqueue(self, messages: Sequence[Message]) -> None:
        newest = messages[-1]
        if not isinstance(newest.event, PowerMeasured):
            self._queued[newest.serial, newest.seq, newest.event.type] = QueuedMessage(
                messages
            )
            return
        # Taken out and put in anew, so that the numbers grow also behind an event.
        older = self._queued.pop(newest.serial, QueuedMessage(()))
        values = (*older.messages, *messages)
        surplus = max(len(values) - self.max_batch_size, 0)
        self._queued[newest.serial] = QueuedMessage(
            values[surplus:], older.dropped + surplus
        )

    def _flush(self) -> None:
        """Write what was kept, in its order."""
        waiting, self._queued = self._queued, {}
        for kept in waiting.values():
            first = kept.messages[0]
            if self.max_batch_size > 1 and isinstance(first.event, PowerMeasured):
                payload = encode_batch(kept.messages, dropped=kept.dropped)
            else:
                payload = first.encoded_with_dropped(kept.dropped)
            self._transport.write(text_frame(payload))

    async def _drain_and_flush(self) -> None:
        transport = self._transport
        try:
            while transport.get_write_buffer_size() or self._queued:
                if not await self._drain_transport():
                    self._on_stalled()
                    return
                if transport.is_closing():
                    return
                self._flush()
        except ConnectionError:
            return  # The reading side hears of it, too, and ends the conversation.
        finally:
            self._drain_task = None

    async def _drain_transport(self) -> bool:
        """Wait until the transport is empty; False if the client takes nothing at all."""
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
    """Gathers the power values of each inverter until there are enough, or the oldest gets old."""

    queue: SendQueue
    size: int
    max_wait_seconds: float
    """Seconds that a value waits at most."""
    _waiting: dict[str, list[Message]] = field(default_factory=dict)
    _timers: dict[str, asyncio.TimerHandle] = field(default_factory=dict)

    def send(self, message: Message, frame: bytes) -> None:
        """Gather a power value; tell everything else at once, after what came before it."""
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

    def close(self, *, tell: bool) -> None:
        """Stop gathering; tell what is there, or forget it."""
        for serial in tuple(self._waiting):
            if tell:
                self._flush(serial)
        for timer in self._timers.values():
            timer.cancel()

    def _flush(self, serial: str) -> None:
        if timer := self._timers.pop(serial, None):
            timer.cancel()
        if messages := self._waiting.pop(serial, None):
            self.queue.send_batch(messages)
