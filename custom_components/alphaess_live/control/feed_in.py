"""Sets the feed-in limit: a setting in the inverter's flash, which it ignores while a dispatch runs."""

import asyncio

from homeassistant.core import Context

from ..alphaess.errors import (
    CommunicationError,
    Feature,
    IllegalRequestError,
    InvalidScheduleError,
    ScheduleProblem,
    UnsupportedFeatureError,
    WriteOutcomeUnknownError,
)
from ..alphaess.registers import DispatchOrder, FeedIn
from ..alphaess.schedule import require_percentage
from ..alphaess.settings_writer import (
    SettingsReading,
    SettingsWrite,
    read_settings,
    write_settings,
)
from ..alphaess.verify import stop_dispatch
from ..alphaess.write_policy import FEED_IN_ADDRESSES
from ..alphaess.writer import Writer
from .controller import InverterController
from .order_report import EndReason, OrderRequest
from .orders import Outcome, require_applied, run_exclusive
from .settings import require_written

MAX_SHARE = 100
"""%, which is no limit. All sources have the same scale [vendor; senalse; rudyh]."""

PAUSE_AFTER_STOP_SECONDS = 1.0
"""Seconds after a dispatch until an inverter accepts a new limit [rudyh]."""


async def limit_feed_in(
    controller: InverterController,
    *,
    share: float,
    take_over: bool = False,
    context: Context | None = None,
) -> Outcome:
    """Export at most `share` % of the installed PV power; 100 is no limit.

    An inverter ignores a new limit while a dispatch runs: ours is stopped first, and
    the outcome contains that. Raises as `orders.charge` does, and TooManyWritesError.
    """
    require_percentage(share, "share", minimum=0)
    requested = FeedIn(limit=round(share))

    async def action(before: DispatchOrder) -> Outcome:
        reading, stopped = await _read(controller.writer), False
        if before.start and reading.words != requested.encode():
            controller.writer.flash_writes.require_writes_left(1)
            await require_applied(
                controller, stop_dispatch(controller.writer, before=before)
            )
            controller.end_leases()
            stopped = True
            await asyncio.sleep(PAUSE_AFTER_STOP_SECONDS)
        write = await _write(controller.writer, requested, reading, stopped=stopped)
        limit = FeedIn.decode(write.read_back)
        controller.coordinator.update_blocks(limit)
        applied = _to_dict(limit) | {"stopped_dispatch": stopped}
        failed = applied if stopped else _to_dict(limit)
        require_written(write, _to_dict(requested), failed)
        return Outcome(
            requested=_to_dict(requested),
            applied=applied,
            verified=True,
            expires_at=None,
        )

    request = OrderRequest(
        requested=None, context=context, end_reason=EndReason.STOPPED
    )
    return await run_exclusive(controller, action, request=request, take_over=take_over)


async def _write(
    writer: Writer, requested: FeedIn, before: SettingsReading, *, stopped: bool
) -> SettingsWrite:
    """Write the limit; once a dispatch was stopped for it, a failure is not that nothing was written."""
    try:
        return await write_settings(writer, requested.encode(), before=before)
    except CommunicationError as err:
        if stopped:
            raise WriteOutcomeUnknownError(err.kind, str(err)) from err
        raise


async def _read(writer: Writer) -> SettingsReading:
    """Read the limit. Raises InvalidScheduleError above 100 %, where the scale must be another one."""
    try:
        reading = await read_settings(writer, FEED_IN_ADDRESSES)
    except IllegalRequestError as err:
        raise UnsupportedFeatureError(Feature.FEED_IN_LIMIT) from err
    if (limit := FeedIn.decode(reading.words).limit) > MAX_SHARE:
        value = f"0x{FEED_IN_ADDRESSES.start:04X} = {limit:g}"
        raise InvalidScheduleError(ScheduleProblem.SCALE, value=value)
    return reading


def _to_dict(limit: FeedIn) -> dict[str, object]:
    return {"action": "limit_feed_in", "share": limit.limit}
