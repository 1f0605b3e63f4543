"""Turns answers and silences into the connection's state and the feed's messages."""

from datetime import UTC, datetime, timedelta

from ..alphaess.errors import ErrorKind
from ..alphaess.snapshot import Power
from .connection_state import Connection
from .feed import Event, Feed, LinkLost, LinkRestored, PowerMeasured, StatusReported

POWER_UPDATE_INTERVAL = timedelta(seconds=10)
"""The feed publishes the power values at least this often, changed or not."""

STATUS_UPDATE_INTERVAL = timedelta(seconds=30)
"""The feed publishes the state of the connection at least this often."""


class FeedPublisher:
    """Keeps the connection's state, and holds back what is to be told until `tell`."""

    def __init__(self, feed: Feed) -> None:
        """Begin disconnected: nothing has been asked yet."""
        self.feed = feed
        self.started = datetime.now(UTC)
        self.connection = Connection.unknown(self.started)
        self._last_power: Power | None = None
        self._last_power_at = self._last_status_at = self.started
        self._pending: list[Event] = []

    def on_attempt(self) -> None:
        """Note that the inverter is being asked."""
        self.connection = self.connection.attempted(datetime.now(UTC))

    def on_success(self, power: Power, *, poll_interval: timedelta) -> None:
        """Note fresh power values. After an outage they follow the news that it is over.

        The next ones are asked for after the pause.
        """
        now = datetime.now(UTC)
        before, self.connection = self.connection, self.connection.succeeded(now)
        if before.error_kind and (outage := self.connection.last_outage) is not None:
            seconds = round(outage.total_seconds(), 1)
            self._pending.append(LinkRestored(outage_seconds=seconds))
        self._add_status(now, changed=not before.connected, poll_interval=poll_interval)
        latest = self._last_power_at + POWER_UPDATE_INTERVAL
        if power != self._last_power or not self._last_power_at <= now <= _last_chance(
            latest, poll_interval
        ):
            self._last_power, self._last_power_at = power, now
            self._pending.append(PowerMeasured(power=power))

    def on_failure(
        self, kind: ErrorKind, message: str, *, poll_interval: timedelta
    ) -> None:
        """Note a missing answer; the first one is news, a new cause is a new state."""
        now = datetime.now(UTC)
        before = self.connection
        self.connection = before.failed(now, kind=kind, message=message)
        if before.connected:
            self._last_power = None
            self._pending.append(LinkLost(kind=kind, message=message))
        self._add_status(
            now, changed=before.error_kind != kind, poll_interval=poll_interval
        )

    def flush(self) -> None:
        """Publish what has not been told yet, oldest first."""
        untold, self._pending = self._pending, []
        for event in untold:
            self.feed.publish(event)

    def _add_status(
        self, now: datetime, *, changed: bool, poll_interval: timedelta
    ) -> None:
        latest = self._last_status_at + STATUS_UPDATE_INTERVAL
        if changed or not self._last_status_at <= now <= _last_chance(
            latest, poll_interval
        ):
            self._last_status_at = now
            self._pending.append(StatusReported(connection=self.connection, at=now))


def _last_chance(latest: datetime, poll_interval: timedelta) -> datetime:
    """Say until when there is one more chance: an answer may take a while."""
    return latest - 1.5 * poll_interval
