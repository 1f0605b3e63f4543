"""Turns answers and silences into the connection's state and the feed's messages."""

from datetime import UTC, datetime, timedelta

from ..alphaess.errors import ErrorKind
from ..alphaess.snapshot import Power
from ..pace import POWER_UPDATE, RETRY, STATUS_REPORT
from .connection_state import Connection
from .feed import Event, Feed, LinkLost, LinkRestored, PowerMeasured, StatusReported


class Reporter:
    """Keeps the connection's state, and holds back what is to be told until `tell`."""

    def __init__(self, feed: Feed) -> None:
        """Begin disconnected: nothing has been asked yet."""
        self.feed = feed
        self.started = datetime.now(UTC)
        self.connection = Connection.unknown(self.started)
        self._told: Power | None = None
        self._told_at = self._reported_at = self.started
        self._untold: list[Event] = []

    def attempted(self) -> None:
        """Note that the inverter is being asked."""
        self.connection = self.connection.attempted(datetime.now(UTC))

    def answered(self, power: Power, *, pause: timedelta) -> None:
        """Note fresh power values. After an outage they follow the news that it is over.

        The next ones are asked for after the pause.
        """
        now = datetime.now(UTC)
        before, self.connection = self.connection, self.connection.succeeded(now)
        if before.error_kind and (outage := self.connection.last_outage) is not None:
            seconds = round(outage.total_seconds(), 1)
            self._untold.append(LinkRestored(outage_seconds=seconds))
        self._report(now, changed=not before.connected, pause=pause)
        latest = self._told_at + POWER_UPDATE
        if power != self._told or not self._told_at <= now <= _early(latest, pause):
            self._told, self._told_at = power, now
            self._untold.append(PowerMeasured(power=power))

    def lost(self, kind: ErrorKind, message: str) -> None:
        """Note a missing answer; the first one is news, a new cause is a new state."""
        now = datetime.now(UTC)
        before = self.connection
        self.connection = before.failed(now, kind=kind, message=message)
        if before.connected:
            self._told = None
            self._untold.append(LinkLost(kind=kind, message=message))
        self._report(now, changed=before.error_kind != kind, pause=RETRY)

    def tell(self) -> None:
        """Publish what has not been told yet, oldest first."""
        untold, self._untold = self._untold, []
        for event in untold:
            self.feed.publish(event)

    def _report(self, now: datetime, *, changed: bool, pause: timedelta) -> None:
        latest = self._reported_at + STATUS_REPORT
        if changed or not self._reported_at <= now <= _early(latest, pause):
            self._reported_at = now
            self._untold.append(StatusReported(connection=self.connection, at=now))


def _early(latest: datetime, pause: timedelta) -> datetime:
    """Say until when there is one more chance: an answer may take a while."""
    return latest - 1.5 * pause
