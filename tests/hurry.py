"""A clock that runs fast and can be set forward, for tests in which hours pass on a real link."""

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any


def hurry(speed: float) -> Callable[[timedelta], None]:
    """Speed the running loop's clock up, for as long as the loop lives; the answer sets it forward.

    What sleeps or waits with a time-out does so for that much less; what computes or
    travels takes as long as ever, so a time-out must leave it enough.
    """
    loop: Any = asyncio.get_running_loop()
    loop.set_debug(False)  # Writing down who began what takes most of the time left.
    real, select = loop.time, loop._selector.select  # noqa: SLF001 - there is no other way
    began, skipped = real(), timedelta()

    def time() -> Any:
        return began + speed * (real() - began) + skipped.total_seconds()

    def wait(seconds: float | None = None) -> Any:
        return select(seconds / speed if seconds else seconds)

    def skip(time: timedelta) -> None:
        nonlocal skipped
        skipped += time

    loop.time, loop._selector.select = time, wait  # noqa: SLF001
    return skip
