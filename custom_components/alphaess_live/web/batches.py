"""Power values for a client that wants several of them in one message."""

import asyncio
from dataclasses import dataclass, field

from ..feed import Message, PowerMeasured
from .outbox import Outbox


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
