"""Is the inverter there? The states of the connection and what each change means."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ..alphaess.errors import ErrorKind


@dataclass(frozen=True, kw_only=True)
class Connection:
    """What is known about the link at one moment. All times are UTC."""

    connected: bool
    since: datetime
    """When it came to be as it is."""
    last_attempt: datetime | None = None
    last_success: datetime | None = None
    error_kind: ErrorKind | None = None
    """Why it is away; None while it is there."""
    error_message: str | None = None
    last_outage: timedelta | None = None
    """How long it was away the last time; None if it never was."""
    last_error_kind: ErrorKind | None = None
    """Why it was away the last time."""
    last_error_message: str | None = None
    reconnects: int = 0
    """How often it came back: a link that flaps shows here."""

    @classmethod
    def unknown(cls, now: datetime) -> Connection:
        """Start: nothing has been asked yet, so nothing is promised."""
        return cls(connected=False, since=now)

    def outage(self, now: datetime) -> timedelta | None:
        """How long the present outage has lasted, or else how long the last one did."""
        return self.last_outage if self.connected else self._elapsed(now)

    def _elapsed(self, now: datetime) -> timedelta:
        # A clock may have been set back meanwhile.
        return max(now - self.since, timedelta())

    def attempted(self, now: datetime) -> Connection:
        """Note that the inverter is being asked."""
        return replace(self, last_attempt=now)

    def succeeded(self, now: datetime) -> Connection:
        """Note an answer. An answer after an outage ends it."""
        if self.connected:
            return replace(self, last_success=now)
        there = replace(self, connected=True, since=now, last_success=now)
        if self.error_kind is None:
            return there  # A plain start: it was never away.
        return replace(
            there,
            error_kind=None,
            error_message=None,
            last_outage=self._elapsed(now),
            last_error_kind=self.error_kind,
            last_error_message=self.error_message,
            reconnects=self.reconnects + (self.last_success is not None),
        )

    def failed(self, now: datetime, *, kind: ErrorKind, message: str) -> Connection:
        """Note a missing answer. The first one begins an outage, later ones may know better why."""
        return replace(
            self,
            connected=False,
            since=now if self.connected else self.since,
            error_kind=kind,
            error_message=message,
        )
