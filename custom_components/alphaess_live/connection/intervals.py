"""How often an inverter is polled, how long a response may take, and how long to wait before connecting again."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self

from ..const import (
    CONF_CHECK_INTERVAL,
    CONF_LIVE_INTERVAL,
    CONF_POWER_UPDATE_INTERVAL,
    CONF_SLOW_INTERVAL,
    CONF_SNAPSHOT_INTERVAL,
)

RECONNECT_INTERVAL = timedelta(seconds=5)
"""How often a lost inverter is polled: the client that holds its one connection is not disturbed."""

SERIAL_RETRY_DELAY = timedelta(seconds=1.5)
"""The delay after a timeout on a serial line: reading it takes 6 s, and no other client waits for it."""

MIN_RECONNECT_DELAY = timedelta(seconds=1)
"""The delay between closing a connection and the next one: an AlphaESS refuses an immediate reconnect."""

FIRST_RESPONSE_SECONDS = 1.5
"""Timeout for a unit that did not answer last time, if requests to other units wait meanwhile.

So it is on a serial line, where no inverter needs more than 0.4 s, and behind a gateway
at which another unit answers.
"""

ANSWER_VALID_SECONDS = 10.0
"""For how long the answer of another unit shows that a connection works."""

READING_VALID = timedelta(seconds=30)
"""For how long a reading on request is current where polling is switched off."""

REMEMBERED_RESPONSES = 100
"""How many response times the timeout is learned from."""

MAX_GAP = timedelta(seconds=30)
"""For how long a full read over a slow line may delay the power values."""


@dataclass(frozen=True, kw_only=True)
class Intervals:
    """How often an inverter is polled; the defaults are those of the contract."""

    snapshot: timedelta
    """All measurements; entities are updated this often."""
    live: timedelta
    """The power values while a client shows them."""
    idle: timedelta
    """The power values otherwise."""
    slow: timedelta
    """Settings, versions and other values that rarely change."""
    power_update: timedelta
    """The power values on the feed, also if they have not changed."""

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> Self:
        """Read the intervals of an entry's options, in seconds there."""
        return cls(
            snapshot=timedelta(seconds=options.get(CONF_SNAPSHOT_INTERVAL, 10)),
            live=timedelta(seconds=options.get(CONF_LIVE_INTERVAL, 2)),
            idle=timedelta(seconds=options.get(CONF_CHECK_INTERVAL, 5)),
            slow=timedelta(seconds=options.get(CONF_SLOW_INTERVAL, 300)),
            power_update=timedelta(seconds=options.get(CONF_POWER_UPDATE_INTERVAL, 10)),
        )

    @property
    def max_gap(self) -> timedelta:
        """The longest time between two power values over which energy is interpolated."""
        return max(3 * self.idle, MAX_GAP)


class ResponseTimeout:
    """The timeout of a unit's next response, in seconds, learned from its earlier ones.

    A unit that does not answer gets more time, because a late response cannot be
    recognized after its connection was closed. One that answers within 2 s is lost
    after 2 s of silence, with the default timeout of 3 s.
    """

    def __init__(self, seconds: float, *, has_serial_line: bool) -> None:
        """Start with the timeout of a first response; a serial line has a fixed one."""
        self._seconds = seconds
        self._has_serial_line = has_serial_line
        self._durations: deque[float] = deque(maxlen=REMEMBERED_RESPONSES)
        self.answered = False
        """Whether the last response arrived in time."""
        self._timeouts = 0
        self._is_slow = False

    def seconds(self, *, others_wait: bool = False) -> float:
        """Return the timeout of the next response; requests to units that answer may wait for it."""
        first = min(self._seconds, FIRST_RESPONSE_SECONDS)
        if self._has_serial_line:
            return self._seconds if self.answered else first
        if not self.answered:
            if others_wait and self._timeouts and not self._is_slow:
                return max(first, 1.2 * max(self._durations, default=0))
            return self._seconds if self._timeouts < 2 else self._seconds * 5 / 3
        return max(self._seconds * 2 / 3, 1.2 * max(self._durations))

    def on_response(self, duration: float) -> None:
        """Learn from a response and its duration, in seconds."""
        self._durations.append(duration)
        self.answered, self._timeouts = True, 0

    def on_timeout(self) -> None:
        """Count a response that did not arrive in time."""
        self.answered = self._is_slow = False
        self._timeouts += 1

    def on_late_response(self) -> None:
        """Give a unit that answers too late the whole time with its next request."""
        self._is_slow = True
