"""How often an inverter is polled, and how long to wait before connecting to it again."""

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

RETRY_INTERVAL = timedelta(seconds=5)
"""How often a lost inverter is polled: the client that holds its one connection is not disturbed."""

SERIAL_RETRY_DELAY = timedelta(seconds=1.5)
"""The delay after a timeout on a serial line: reading it takes 6 s, and no other client waits for it."""

MIN_RECONNECT_DELAY = timedelta(seconds=1)
"""The delay between closing a connection and the next one: an AlphaESS refuses an immediate reconnect."""

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
