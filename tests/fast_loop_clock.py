"""An event-loop clock that runs fast and can be advanced, for tests in which hours pass on a real connection."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any


def speed_up_clock(speed: float) -> Callable[[timedelta], None]:
    """Speed up the clock of the running loop for the rest of its life; return a function that advances it.

    Sleeps and time-outs become shorter by this factor. Computing and network traffic do
    not, so a time-out must leave enough real time for them.
    """
    loop: Any = asyncio.get_running_loop()
    loop.set_debug(
        False
    )  # Debug mode records the origin of each handle, which takes most of the real time.
    real_time, select = loop.time, loop._selector.select  # noqa: SLF001 - no public hook exists
    started_at, skipped = real_time(), timedelta()

    def time() -> Any:
        elapsed = real_time() - started_at
        return started_at + speed * elapsed + skipped.total_seconds()

    def select_faster(seconds: float | None = None) -> Any:
        return select(seconds / speed if seconds else seconds)

    def advance(time: timedelta) -> None:
        nonlocal skipped
        skipped += time

    loop.time, loop._selector.select = time, select_faster  # noqa: SLF001
    return advance
