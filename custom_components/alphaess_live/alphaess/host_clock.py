"""The host's clock, which may be set at any time, and the time since the host's start, which only grows."""

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
import time

MIN_STEP = timedelta(seconds=1)
"""A smaller difference between two readings of both clocks is no setting of one."""


def host_uptime(loop: asyncio.AbstractEventLoop) -> float:
    """Return the seconds since the host's start, by a loop's clock, with those that it has slept."""
    return loop.time() + _suspended_seconds()


def clock_offset() -> float:
    """Return the seconds between the host's clock and the time since its start; changes when the clock is set."""
    return _offset_from(host_uptime(asyncio.get_running_loop()))


def _offset_from(uptime: float) -> float:
    return datetime.now(UTC).timestamp() - uptime


def _suspended_seconds() -> float:
    """Return how long the host has slept since its start: the loop's clock stands still meanwhile."""
    if not hasattr(time, "CLOCK_BOOTTIME"):
        return 0.0
    boot = time.clock_gettime(time.CLOCK_BOOTTIME)
    return boot - time.clock_gettime(time.CLOCK_MONOTONIC)


class ClockSteps:
    """Finds when the host's clock was set, and by how much."""

    def __init__(self, uptime: Callable[[], float]) -> None:
        """Compare the clock with an uptime in seconds, from now on."""
        self._uptime = uptime
        self._offset = _offset_from(uptime())

    def newest(self) -> timedelta:
        """Return by how much the clock was set since the last call; zero if it was not."""
        offset = _offset_from(self._uptime())
        step = timedelta(seconds=offset - self._offset)
        if abs(step) < MIN_STEP:
            return timedelta()
        self._offset = offset
        return step
