"""An event loop whose clock jumps to the next timer instead of waiting, together with the wall clock."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

from freezegun import freeze_time

_THREAD_POLL_SECONDS = 0.001
"""Real time to wait for a job in another thread before the next check."""


class VirtualTime:
    """Time passes only while every task waits: at once, up to the next timer.

    The loop's clock, `datetime.now` and `time.monotonic` agree.
    """

    def __init__(self, start: datetime) -> None:
        """Freeze the wall clock at this moment, and make a loop."""
        self._freezer = freeze_time(start, real_asyncio=True, ignore=["hypothesis"])
        self._wall_clock: Any = self._freezer.start()
        self.loop = asyncio.SelectorEventLoop()
        self.on_advance: Callable[[float], None] = lambda _: None
        """Called with the seconds that have just passed."""
        self._now = 1000.0
        self._jobs = 0
        self._install(self.loop)

    def _install(self, loop: Any) -> None:
        select, run_in_executor = loop._selector.select, loop.run_in_executor  # noqa: SLF001 - no public hook exists

        def select_without_waiting(seconds: float | None = None) -> Any:
            if (events := select(0)) or seconds == 0:
                return events
            if self._jobs or seconds is None:
                return select(_THREAD_POLL_SECONDS if self._jobs else None)
            self.advance(seconds)
            return events

        def run_counted(*args: Any) -> Any:
            future = run_in_executor(*args)
            self._jobs += 1
            future.add_done_callback(self._on_job_done)
            return future

        loop.time = lambda: self._now
        loop._selector.select = select_without_waiting  # noqa: SLF001
        loop.run_in_executor = run_counted

    def _on_job_done(self, _: object) -> None:
        self._jobs -= 1

    def advance(self, seconds: float) -> None:
        """Let time pass without any timer in between, as while a computer is suspended."""
        self._now += seconds
        self._wall_clock.tick(seconds)
        self.on_advance(seconds)

    def set_wall_clock(self, now: datetime) -> None:
        """Set the wall clock; the clock of the loop continues."""
        self._wall_clock.move_to(now)

    def close(self) -> None:
        """Close the loop, and let real time pass again."""
        self.loop.close()
        self._freezer.stop()
