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
from .controller import InverterController
from .orders import Outcome, require_applied, run_exclusive
from .settings import require_written

PAUSE_AFTER_STOP_SECONDS = 1.0
"""Seconds after a dispatch until an inverter accepts a new limit [rudyh]."""


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

    async def action(controller: InverterController, before: DispatchOrder) -> Outcome:
        words, stopped = await _read(controller), False
        if before.start and words != wish.encode():
            controller.writer.flash_writes.require_budget(1)
            await require_applied(
                controller, stop_dispatch(controller.writer, before=before)
            )
            controller.set_leases()
            stopped = True
            await asyncio.sleep(PAUSE_AFTER_STOP_SECONDS)
        kept = await write_settings(controller.writer, wish.encode(), before=words)
        limit = FeedIn.decode(kept.read_back)
        coordinator.update_blocks(limit)
        require_written(kept, _to_dict(wish), _to_dict(limit))
        applied = _to_dict(limit) | {"stopped_dispatch": stopped}
        return Outcome(
            requested=_to_dict(wish), applied=applied, verified=True, expires_at=None
        )

    return await run_exclusive(coordinator, action, take_over=take_over)


async def _read(controller: InverterController) -> dict[int, int]:
    try:
        return await controller.writer.read(FEED_IN_ADDRESSES)
    except IllegalRequestError as err:
        raise UnsupportedFeatureError(Feature.FEED_IN_LIMIT) from err


def _to_dict(limit: FeedIn) -> dict[str, object]:
    return {"action": "limit_feed_in", "share": limit.limit}
