"""What goes out to one client. It never waits: what the client does not take at once is kept here."""

import asyncio
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass, field

from ..feed.feed import Message, PowerMeasured, batch
from .ws_frame import text_frame

TAKES_NOTHING = 30.0
"""Seconds after which a client that takes nothing is given up."""


@dataclass(frozen=True, slots=True)
class Kept:
    """What waits for a slow client: one event, or the newest power values of one inverter."""

    messages: Sequence[Message]
    dropped: int = 0
    """Older power values that this client will never get."""


class Outbox:
    """Writes straight to the transport while the client keeps up, and holds back while not.

    While it holds back, a newer power update replaces the older one of the same
    inverter, and everything else waits in its order.
    """

    __slots__ = (
        "_closed",
        "_drain",
        "_draining",
        "_give_up",
        "_kept",
        "_transport",
        "room",
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
        self.room = 1
        """Power values that one message may hold: more than one for a client of batches."""
        self._transport = transport
        self._drain = drain
        self._give_up = give_up
        self._draining: asyncio.Task[None] | None = None
        self._kept: dict[Hashable, Kept] = {}
        self._closed = False

    @property
    def clogged(self) -> bool:
        """Whether the client has not yet taken what was written."""
        return self._draining is not None

    async def flow(self) -> None:
        """Wait until the client has taken everything."""
        while self._draining:
            await asyncio.wait((self._draining,))

    def write(self, frame: bytes) -> None:
        """Write now, behind what the transport already holds."""
        transport = self._transport
        if self._closed or transport.is_closing():
            return
        transport.write(frame)
        if transport.get_write_buffer_size() and not self._draining:
            loop = asyncio.get_running_loop()
            self._draining = loop.create_task(self._wait_for_client())

    def deliver(self, message: Message, frame: bytes) -> None:
        """Write a message, whose frame all clients share, or keep it."""
        if self._draining:
            self._keep((message,))
        else:
            self.write(frame)

    def deliver_batch(self, messages: Sequence[Message]) -> None:
        """Write the power values of one inverter in one message, or keep them."""
        if self._draining:
            self._keep(messages)
        else:
            self.write(text_frame(batch(messages)))

    def close(self) -> None:
        """Write no more, and stop waiting for the client."""
        self._closed = True
        if self._draining:
            self._draining.cancel()

    def _keep(self, messages: Sequence[Message]) -> None:
        newest = messages[-1]
        if not isinstance(newest.event, PowerMeasured):
            self._kept[newest.serial, newest.seq, newest.event.type] = Kept(messages)
            return
        # Taken out and put in anew, so that the numbers grow also behind an event.
        older = self._kept.pop(newest.serial, Kept(()))
        values = (*older.messages, *messages)
        surplus = max(len(values) - self.room, 0)
        self._kept[newest.serial] = Kept(values[surplus:], older.dropped + surplus)

    def _release(self) -> None:
        """Write what was kept, in its order."""
        waiting, self._kept = self._kept, {}
        for kept in waiting.values():
            first = kept.messages[0]
            if self.room > 1 and isinstance(first.event, PowerMeasured):
                payload = batch(kept.messages, dropped=kept.dropped)
            else:
                payload = first.after(kept.dropped)
            self._transport.write(text_frame(payload))

    async def _wait_for_client(self) -> None:
        transport = self._transport
        try:
            while transport.get_write_buffer_size() or self._kept:
                if not await self._drained():
                    self._give_up()
                    return
                if transport.is_closing():
                    return
                self._release()
        except ConnectionError:
            return  # The reading side hears of it, too, and ends the conversation.
        finally:
            self._draining = None

    async def _drained(self) -> bool:
        """Wait until the transport is empty; False if the client takes nothing at all."""
        drained = asyncio.ensure_future(self._drain())
        try:
            while not drained.done():
                before = self._transport.get_write_buffer_size()
                await asyncio.wait((drained,), timeout=TAKES_NOTHING)
                after = self._transport.get_write_buffer_size()
                if not drained.done() and after >= before:
                    return False
            await drained
        finally:
            drained.cancel()
        return True


@dataclass(frozen=True, kw_only=True)
class Batches:
    """Gathers the power values of each inverter until there are enough, or the oldest gets old."""

    outbox: Outbox
    size: int
    max_wait: float
    """Seconds that a value waits at most."""
    _waiting: dict[str, list[Message]] = field(default_factory=dict)
    _timers: dict[str, asyncio.TimerHandle] = field(default_factory=dict)

    def deliver(self, message: Message, frame: bytes) -> None:
        """Gather a power value; tell everything else at once, after what came before it."""
        if not isinstance(message.event, PowerMeasured):
            self._tell(message.serial)
            self.outbox.deliver(message, frame)
            return
        waiting = self._waiting.setdefault(message.serial, [])
        waiting.append(message)
        if len(waiting) >= self.size:
            self._tell(message.serial)
        elif len(waiting) == 1:
            self._timers[message.serial] = asyncio.get_running_loop().call_later(
                self.max_wait, self._tell, message.serial
            )

    def close(self, *, tell: bool) -> None:
        """Stop gathering; tell what is there, or forget it."""
        for serial in tuple(self._waiting):
            if tell:
                self._tell(serial)
        for timer in self._timers.values():
            timer.cancel()

    def _tell(self, serial: str) -> None:
        if timer := self._timers.pop(serial, None):
            timer.cancel()
        if messages := self._waiting.pop(serial, None):
            self.outbox.deliver_batch(messages)
