"""The feed of one inverter: passes each event to all listeners at once and keeps the latest ones for replay."""

from collections import deque
from collections.abc import Callable
from datetime import UTC, datetime
from time import time
from typing import ClassVar

from .messages import Event, Message, PowerMeasured

REPLAY_MESSAGES = 360
"""Messages that are kept for clients that reconnect: one hour at one message every ten seconds."""

RESERVED_NUMBERS = 10**9
"""More messages than one run of Home Assistant publishes: 30 years of one each second."""

MAX_SEQ = 2**53 - 1
"""The highest number that every client can represent."""

type Listener = Callable[[Message], None]


class Feed:
    """The events of one inverter. Publishing never waits for a listener."""

    newest_seq: ClassVar = int(time() * 1000)
    """The highest number of any feed of this process, which begins with the clock."""

    def __init__(
        self, serial: str, *, on_error: Callable[[Exception], object] | None = None
    ) -> None:
        """Start without messages and listeners. Exceptions of a listener go to `on_error`."""
        self.serial = serial
        self._on_error = on_error
        # A client that reconnects with a number of before a reload has then not missed nothing.
        self.seq = Feed.newest_seq = Feed.newest_seq + 1
        """The number of the newest message."""
        self._first = self._continued = self.seq
        self._replay: deque[Message] = deque(maxlen=REPLAY_MESSAGES)
        self._listeners: dict[object, Listener] = {}

    @classmethod
    def continue_after(cls, reserved: int) -> int:
        """Use higher numbers than those reserved for earlier runs; returns what is reserved with this one.

        Numbers so grow over a restart, too, whatever the clock is set to.
        """
        if 0 <= reserved <= MAX_SEQ - 2 * RESERVED_NUMBERS:
            cls.newest_seq = max(cls.newest_seq, reserved)
        return cls.newest_seq + RESERVED_NUMBERS

    def publish(self, event: Event) -> Message:
        """Pass an event to all listeners, in the order of their subscription."""
        self.seq += 1
        Feed.newest_seq = max(Feed.newest_seq, self.seq)
        message = self.message(event)
        self._replay.append(message)
        for listener in tuple(self._listeners.values()):
            try:
                listener(message)
            except Exception as err:
                if self._on_error is None:
                    raise
                self._on_error(err)
        return message

    def message(self, event: Event, *, seq: int | None = None) -> Message:
        """Build a message for one listener only. Its number is that of the newest message by default.

        The time of power values is when they were measured.
        """
        measured = event.measured_at if isinstance(event, PowerMeasured) else None
        return Message(
            serial=self.serial,
            seq=self.seq if seq is None else seq,
            at=measured or datetime.now(UTC),
            event=event,
        )

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Call a listener for every message from now on. Returns a function that ends this."""
        key = object()
        self._listeners[key] = listener

        def unsubscribe() -> None:
            self._listeners.pop(key, None)

        return unsubscribe

    def continue_from(self, feed: Feed) -> None:
        """Regard clients of an earlier feed without messages as those of this one from its start."""
        self._continued = feed.seq

    @property
    def first_seq(self) -> int:
        """The number before that of the oldest message that is kept."""
        return self.seq - len(self._replay)

    def messages_since(self, seq: int) -> tuple[Message, ...] | None:
        """Return the messages after a number, oldest first; None if not all of them are kept."""
        first = self.first_seq
        oldest = self._continued if first == self._first else first
        if not oldest <= seq <= self.seq:
            return None
        return tuple(message for message in self._replay if message.seq > seq)
