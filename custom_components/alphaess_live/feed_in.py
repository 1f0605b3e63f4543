"""Limiting what is exported: a setting in the inverter's flash, which a running dispatch would block."""

import asyncio
from math import isfinite
from typing import Any

from .alphaess.datasheet import DispatchOrder
from .alphaess.errors import (
    InvalidOrderError,
    NotAppliedError,
    RefusedError,
    UnansweredError,
    UnverifiedError,
)
from .alphaess.readback import end
from .alphaess.writing import Writer
from .control import Outcome, under_lock, written
from .coordinator import InverterCoordinator
from .lease import LeaseBook

AFTER_STOP = 1.0
"""s that an inverter needs after a dispatch before it takes a new limit (RudyH)."""


async def limit_feed_in(
    coordinator: InverterCoordinator, *, share: float, take_over: bool = False
) -> Outcome:
    """Export no more than so many percent of the panels' power; 100 is no limit.

    While a dispatch runs an inverter ignores this: ours is stopped first, and the
    outcome says so. Raises as the orders of `control` do.
    """
    if not isfinite(share) or not 0 <= share <= 100:
        raise InvalidOrderError("share", "share must be 0 to 100 %")

    async def obey(book: LeaseBook, before: DispatchOrder) -> Outcome:
        requested, stopped = {"action": "limit_feed_in", "share": round(share)}, False
        if before.start and await _differs(book.writer, round(share)):
            await written(book, end(book.writer, before=before))
            book.keep()
            stopped = True
            await asyncio.sleep(AFTER_STOP)
        limit = await _set(book.writer, round(share), requested)
        applied = requested | {"share": limit, "stopped_dispatch": stopped}
        return Outcome(
            requested=requested, applied=applied, verified=True, expires_at=None
        )

    return await under_lock(coordinator, obey, take_over=take_over)


async def _differs(writer: Writer, share: int) -> bool:
    try:
        return await writer.read_feed_in() != share
    except RefusedError:
        return False


async def _set(writer: Writer, share: int, requested: dict[str, Any]) -> int:
    """Write the limit and read it back."""
    try:
        await writer.write_feed_in(share)
        limit = await writer.read_feed_in()
    except RefusedError as err:
        raise NotAppliedError(
            requested, {"action": "none"}, "the inverter refused the limit"
        ) from err
    except UnansweredError as err:
        raise UnverifiedError(
            err.kind, f"it is unknown whether the inverter took the limit: {err}"
        ) from err
    if limit != share:
        raise NotAppliedError(
            requested,
            requested | {"share": limit},
            "the inverter did not take the limit",
        )
    return limit
