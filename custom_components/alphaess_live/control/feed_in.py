"""Limiting what is exported: a setting in the inverter's flash, which a running dispatch would block."""

import asyncio
from math import isfinite

from ..alphaess.errors import (
    Feature,
    IllegalRequestError,
    InvalidDispatchError,
    UnsupportedFeatureError,
)
from ..alphaess.registers import DispatchOrder, FeedIn
from ..alphaess.settings_writer import write_settings
from ..alphaess.verify import stop_dispatch
from ..alphaess.write_policy import FEED_IN_ADDRESSES
from ..coordinator import InverterCoordinator
from .controller import LeaseBook
from .orders import Outcome, under_lock, written
from .settings import require_done

AFTER_STOP = 1.0
"""s that an inverter needs after a dispatch before it takes a new limit (RudyH)."""


async def limit_feed_in(
    coordinator: InverterCoordinator, *, share: float, take_over: bool = False
) -> Outcome:
    """Export no more than so many percent of the panels' power; 100 is no limit.

    While a dispatch runs an inverter ignores this: ours is stopped first, and the
    outcome says so. Raises as the orders of `control` do, and TooManyWritesError.
    """
    if not isfinite(share) or not 0 <= share <= 100:
        raise InvalidDispatchError("share", least=0, most=100, unit="%")
    wish = FeedIn(limit=round(share))

    async def obey(book: LeaseBook, before: DispatchOrder) -> Outcome:
        words, stopped = await _read(book), False
        if before.start and words != wish.encode():
            book.writer.flash_writes.require_budget(1)
            await written(book, stop_dispatch(book.writer, before=before))
            book.keep()
            stopped = True
            await asyncio.sleep(AFTER_STOP)
        kept = await write_settings(book.writer, wish.encode(), before=words)
        limit = FeedIn.decode(kept.read_back)
        coordinator.take(limit)
        require_done(kept, _told(wish), _told(limit))
        applied = _told(limit) | {"stopped_dispatch": stopped}
        return Outcome(
            requested=_told(wish), applied=applied, verified=True, expires_at=None
        )

    return await under_lock(coordinator, obey, take_over=take_over)


async def _read(book: LeaseBook) -> dict[int, int]:
    try:
        return await book.writer.read(FEED_IN_ADDRESSES)
    except IllegalRequestError as err:
        raise UnsupportedFeatureError(Feature.FEED_IN_LIMIT) from err


def _told(limit: FeedIn) -> dict[str, object]:
    return {"action": "limit_feed_in", "share": limit.limit}
