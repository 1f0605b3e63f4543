"""Derives the state of the connection and the events of the feed from the result of each poll."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from ..alphaess.errors import ErrorKind
from ..alphaess.host_clock import ClockSteps
from ..alphaess.snapshot import Power
from .connection_state import Connection
from .feed import Feed
from .flows import SolarPowers
from .messages import Event, LinkLost, LinkRestored, PowerMeasured, StatusReported

STATUS_UPDATE_INTERVAL = timedelta(seconds=30)
"""The feed publishes the state of the connection at least this often."""


class FeedPublisher:
    """Holds the state of the connection. Collects events and publishes them on `flush`."""

    def __init__(
        self,
        feed: Feed,
        power_update_interval: timedelta,
        *,
        uptime: Callable[[], float],
    ) -> None:
        """Start disconnected, because nothing was read yet. Durations are measured by the uptime, in s."""
        self.feed = feed
        self.power_update_interval = power_update_interval
        """The power values are published at least this often, changed or not."""
        self._uptime, self._started_at = uptime, uptime()
        self._clock_steps = ClockSteps(uptime)
        self._connection = Connection.unknown(datetime.now(UTC))
        self._last_power: Power | None = None
        self._last_power_at = self._last_status_at = self._started_at
        self._pending: list[Event] = []

    @property
    def elapsed(self) -> timedelta:
        """The time since the start."""
        return timedelta(seconds=self._uptime() - self._started_at)

    @property
    def connection(self) -> Connection:
        """The state of the connection, with its times by the host's present clock."""
        self._connection = self._connection.corrected(self._clock_steps.newest())
        return self._connection

    def on_attempt(self) -> None:
        """Record that a poll begins."""
        self._connection = self.connection.attempted(datetime.now(UTC))

    def on_success(
        self,
        power: Power,
        *,
        measured_at: datetime,
        poll_interval: timedelta,
        solar: SolarPowers | None = None,
    ) -> None:
        """Record new power values. After an outage or a load, the connection is published before them.

        The poll interval is the time until the next call.
        """
        now = datetime.now(UTC)
        before = self.connection
        self._connection = before.succeeded(now)
        if not before.connected:
            self._pending.append(LinkRestored.after(self._connection))
        self._add_status(now, changed=not before.connected, poll_interval=poll_interval)
        due = self._is_due(
            self._last_power_at, self.power_update_interval, poll_interval=poll_interval
        )
        last = self._last_power
        if due or last is None or not power.shows_same_as(last):
            self._last_power, self._last_power_at = power, self._uptime()
            self._pending.append(
                PowerMeasured(power=power, measured_at=measured_at, solar=solar or {})
            )

    def on_failure(
        self, kind: ErrorKind, message: str, *, poll_interval: timedelta
    ) -> None:
        """Record a failed poll. The first one is an event; a new cause is a new status."""
        now = datetime.now(UTC)
        before = self.connection
        self._connection = before.failed(now, kind=kind, message=message)
        if before.connected:
            self._last_power = None
            self._pending.append(LinkLost(kind=kind, message=message))
        changed = before.error_kind != kind
        self._add_status(now, changed=changed, poll_interval=poll_interval)

    def flush(self) -> None:
        """Publish the collected events, oldest first."""
        pending, self._pending = self._pending, []
        for event in pending:
            self.feed.publish(event)

    def _add_status(
        self, now: datetime, *, changed: bool, poll_interval: timedelta
    ) -> None:
        due = self._is_due(
            self._last_status_at, STATUS_UPDATE_INTERVAL, poll_interval=poll_interval
        )
        if changed or due:
            self._last_status_at = self._uptime()
            self._pending.append(StatusReported(connection=self._connection, at=now))

    def _is_due(
        self, last: float, interval: timedelta, *, poll_interval: timedelta
    ) -> bool:
        """Whether the interval may be over before the next poll has its answer."""
        # The answer to the next poll may take half an interval.
        wait = interval - 1.5 * poll_interval
        return self._uptime() > last + wait.total_seconds()
