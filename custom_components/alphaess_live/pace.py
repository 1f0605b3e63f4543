"""How often what is read: the user's choice, or the contract's."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Self

from .const import (
    CONF_CHECK_INTERVAL,
    CONF_LIVE_INTERVAL,
    CONF_SLOW_INTERVAL,
    CONF_SNAPSHOT_INTERVAL,
)

RETRY = timedelta(seconds=5)
"""How often a lost inverter is asked: a client that holds its one connection is not pestered."""

RETRY_LINE = timedelta(seconds=1.5)
"""How long after silence a serial line is asked again: nobody else waits for it, and reading it takes 6 s."""

REOPEN_AFTER = timedelta(seconds=1)
"""How long after a drop the link is opened again: an immediate open is refused."""

POWER_UPDATE = timedelta(seconds=10)
"""The feed tells the power values at least this often, changed or not."""

STATUS_REPORT = timedelta(seconds=30)
"""The feed tells the connection's state at least this often."""

BRIDGED = timedelta(seconds=30)
"""So long a full read over a slow line may keep the power values waiting."""


@dataclass(frozen=True, kw_only=True)
class Intervals:
    """How often what is read."""

    snapshot: timedelta
    """Everything; entities change this often."""
    live: timedelta
    """The power values, while somebody watches."""
    check: timedelta
    """The power values, while nobody does."""
    slow: timedelta
    """What hardly changes, such as settings and versions."""

    @classmethod
    def from_options(cls, options: Mapping[str, Any]) -> Self:
        """Take the user's choice, or the contract's defaults."""
        return cls(
            snapshot=timedelta(seconds=options.get(CONF_SNAPSHOT_INTERVAL, 10)),
            live=timedelta(seconds=options.get(CONF_LIVE_INTERVAL, 2)),
            check=timedelta(seconds=options.get(CONF_CHECK_INTERVAL, 5)),
            slow=timedelta(seconds=options.get(CONF_SLOW_INTERVAL, 300)),
        )

    @property
    def bridged(self) -> timedelta:
        """The longest silence over which the load may be taken to have gone on evenly."""
        return max(3 * self.check, BRIDGED)
