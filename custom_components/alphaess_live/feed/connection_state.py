"""The state of the connection to an inverter, and how each poll changes it."""

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from ..alphaess.errors import ErrorKind


@dataclass(frozen=True, kw_only=True)
class Connection:
    """The state of the link at one moment. All times are UTC."""

    connected: bool
    since: datetime
    """Time of the last change between connected and disconnected."""
    last_attempt: datetime | None = None
    last_success: datetime | None = None
    error_kind: ErrorKind | None = None
    """Cause of the current outage; None while connected."""
    error_message: str | None = None
    last_outage: timedelta | None = None
    """Duration of the latest outage that is over; None without one."""
    last_error_kind: ErrorKind | None = None
    """Cause of the latest outage that is over."""
    last_error_message: str | None = None
    reconnects: int = 0
    """Number of outages that are over; high for an unstable link."""

    @classmethod
    def unknown(cls, now: datetime) -> Connection:
        """Build the initial state: disconnected without a cause."""
        return cls(connected=False, since=now)

    def outage(self, now: datetime) -> timedelta | None:
        """Return the duration of the current outage, or of the latest one while connected."""
        return self.last_outage if self.connected else self._elapsed(now)

    def _elapsed(self, now: datetime) -> timedelta:
        # The clock may have been set back by less than a second.
        return max(now - self.since, timedelta())

    def corrected(self, step: timedelta) -> Connection:
        """Return the state by a clock that was set meanwhile: no duration becomes another one."""
        if not step:
            return self
        times = {
            name: at + step
            for name in ("since", "last_attempt", "last_success")
            if (at := getattr(self, name))
        }
        return replace(self, **times)

    def attempted(self, now: datetime) -> Connection:
        """Return the state with a poll begun."""
        return replace(self, last_attempt=now)

    def succeeded(self, now: datetime) -> Connection:
        """Return the state after a successful poll, which ends an outage."""
        if self.connected:
            return replace(self, last_success=now)
        connected = replace(self, connected=True, since=now, last_success=now)
        if self.error_kind is None:
            return connected  # The first poll: there was no outage.
        return replace(
            connected,
            error_kind=None,
            error_message=None,
            last_outage=self._elapsed(now),
            last_error_kind=self.error_kind,
            last_error_message=self.error_message,
            reconnects=self.reconnects + self._is_interrupted,
        )

    @property
    def _is_interrupted(self) -> bool:
        """Whether a connection was lost, instead of never made or not used."""
        was_used = self.error_kind is not ErrorKind.POLLING_OFF
        return was_used and self.last_success is not None

    def failed(self, now: datetime, *, kind: ErrorKind, message: str) -> Connection:
        """Return the state after a failed poll. The first one begins an outage; later ones update its cause."""
        return replace(
            self,
            connected=False,
            since=now if self.connected else self.since,
            error_kind=kind,
            error_message=message,
        )
