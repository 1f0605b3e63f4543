"""Charge, discharge, hold, stop: the one path that actions, buttons and REST share."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime
import logging
from typing import Any

from homeassistant.core import Context

from ..alphaess import dispatch
from ..alphaess.dispatch import (
    DispatchResult,
    HoldBlock,
    applied_to_dict,
    pv_enabled,
    rounded_to_registers,
    to_dict,
)
from ..alphaess.errors import (
    SUCCESS,
    CommunicationError,
    Feature,
    NoRatedPowerError,
    NotAppliedError,
    UnsupportedFeatureError,
    Verdict,
    WriteOutcomeUnknownError,
)
from ..alphaess.lease import Lease, OrderedBy
from ..alphaess.registers import DispatchDetail, DispatchOrder
from ..alphaess.verify import apply_dispatch, set_pv_switch, stop_dispatch
from ..exceptions import ForeignDispatchError
from .controller import InverterController
from .dispatch_status import DispatchOwner, is_past_target
from .order_report import EndReason, OrderReport, OrderRequest, Refusal
from .order_warnings import OrderWarning, feed_in_warnings

_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What was requested, and what the inverter applied.

    Both as `alphaess.dispatch.to_dict` returns them: an action with its W, % and s.
    They differ where the inverter's own limits are tighter.
    """

    requested: dict[str, Any]
    applied: dict[str, Any]
    verified: bool
    expires_at: datetime | None
    """When the inverter ends it by itself, in UTC; None after a stop."""
    target_reached: bool = False
    """Whether the battery is at or beyond the target already, so that the order only holds it."""
    warnings: tuple[OrderWarning, ...] = ()


async def charge(
    controller: InverterController,
    *,
    power: float | None = None,
    target_soc: float,
    duration: int,
    pv: bool | None = None,
    take_over: bool = False,
    context: Context | None = None,
) -> Outcome:
    """Charge with `power` W, or the rated power, up to `target_soc` %, for `duration` s at most.

    `pv` says whether PV may produce meanwhile, `context` who orders it. Raises InvalidDispatchError, ControlsOffError,
    ForeignDispatchError, UnsupportedFeatureError, NotAppliedError and CommunicationError; so do the next three.
    """
    power = rated_power(controller, "power") if power is None else power
    order = dispatch.charge(power=power, target_soc=target_soc, duration=duration)
    return await _start(controller, order, pv=pv, take_over=take_over, context=context)


async def discharge(
    controller: InverterController,
    *,
    power: float | None = None,
    target_soc: float,
    duration: int,
    pv: bool | None = None,
    take_over: bool = False,
    context: Context | None = None,
) -> Outcome:
    """Discharge with `power` W, or the rated power, down to `target_soc` %, for `duration` s at most."""
    power = rated_power(controller, "power") if power is None else power
    order = dispatch.discharge(power=power, target_soc=target_soc, duration=duration)
    return await _start(controller, order, pv=pv, take_over=take_over, context=context)


async def hold(
    controller: InverterController,
    *,
    duration: int,
    block: HoldBlock = HoldBlock.BOTH,
    pv: bool | None = None,
    take_over: bool = False,
    context: Context | None = None,
) -> Outcome:
    """Keep the battery from charging, discharging or both, for `duration` s."""
    most = controller.coordinator.rated_power
    order = dispatch.hold(duration=duration, block=block, rated_power=most)
    return await _start(controller, order, pv=pv, take_over=take_over, context=context)


async def stop(
    controller: InverterController,
    *,
    take_over: bool = False,
    closing: bool = False,
    context: Context | None = None,
    reason: EndReason = EndReason.STOPPED,
    only: Lease | None = None,
) -> Outcome:
    """End our dispatch, with PV on; if it is so already, nothing is written.

    With `only`, a dispatch of another lease raises ForeignDispatchError: it has begun meanwhile.
    """
    request = OrderRequest(
        requested=to_dict(dispatch.STOP), context=context, end_reason=reason
    )

    async def action(before: DispatchOrder) -> Outcome:
        lease = controller.lease
        if only and before.start and (lease is None or lease.whole != only.whole):
            raise ForeignDispatchError
        # Also if the inverter ignores the stop: then it ends within a minute.
        controller.end_regulation()
        if not (
            before.start
            or controller.has_switched_pv_off
            or controller.has_pending_order
        ):
            controller.end_leases()
            return build_outcome(dispatch.STOP, before)
        result = await require_applied(
            controller, stop_dispatch(controller.writer, before=before)
        )
        controller.end_leases()
        return build_outcome(dispatch.STOP, result.applied)

    return await run_exclusive(
        controller, action, request=request, take_over=take_over, closing=closing
    )


async def switch_pv(
    controller: InverterController, *, on: bool, context: Context | None = None
) -> Outcome:
    """Switch PV production on or off until our dispatch ends; the order itself runs on.

    Raises UnsupportedFeatureError where no dispatch of ours runs, and as `charge` does.
    """

    async def action(before: DispatchOrder) -> Outcome:
        if controller.owner is not DispatchOwner.OURS:
            raise UnsupportedFeatureError(Feature.OWN_DISPATCH)
        _require_pv_switch(controller)
        if pv_enabled(controller.detail) is not on:
            if not on:
                # Saved before the write, as a lease is.
                controller.has_switched_pv_off = True
                await controller.save()
                controller.require_open()
            await require_applied(
                controller, set_pv_switch(controller.writer, on=on, running=before)
            )
        expires = controller.lease.expires if controller.lease else None
        return build_outcome(before, before, expires, pv=on)

    reason = EndReason.UNKNOWN
    request = OrderRequest(requested=None, context=context, end_reason=reason)
    return await run_exclusive(controller, action, request=request, take_over=False)


def rated_power(controller: InverterController, field: str) -> int:
    """Return the rated power in W, for a field without a value. Raises NoRatedPowerError while it is not known."""
    most = controller.coordinator.rated_power
    if not most:
        raise NoRatedPowerError(field)
    return min(most, dispatch.POWER_RANGE_WATTS[-1])


async def _start(
    controller: InverterController,
    order: DispatchOrder,
    *,
    pv: bool | None,
    take_over: bool,
    context: Context | None,
) -> Outcome:
    available = controller.coordinator.inverter.available_blocks
    if pv is not None and DispatchDetail not in available:
        raise UnsupportedFeatureError(Feature.PV_SWITCH)

    async def action(before: DispatchOrder) -> Outcome:
        if pv is not None:
            _require_pv_switch(controller)
        switch = pv_of_new_order(controller, pv=pv)
        lease = await write_order(controller, order, before=before, pv=switch)
        outcome = build_outcome(order, lease.order, lease.expires, pv=switch)
        return _with_remarks(outcome, controller, lease.order)

    requested, reason = to_dict(order, pv=pv), EndReason.REPLACED
    request = OrderRequest(requested=requested, context=context, end_reason=reason)
    return await run_exclusive(controller, action, request=request, take_over=take_over)


def pv_of_new_order(
    controller: InverterController, *, pv: bool | None = None
) -> bool | None:
    """Return the PV switch of an order: it replaces the previous one entirely, with PV off too."""
    if pv is None and pv_enabled(controller.writer.detail) is False:
        return True
    return pv


async def write_order(
    controller: InverterController,
    order: DispatchOrder,
    *,
    before: DispatchOrder,
    pv: bool | None = None,
    part_of: Lease | None = None,
) -> Lease:
    """Replace the order `before` by another one; return its verified lease.

    `part_of` is the whole lease of a grid target: an order for another purpose ends it.
    """
    pending = {one.order for one in controller.leases if not one.is_verified}
    fresh = dispatch.make_distinguishable(order, before, pending)
    by = part_of.ordered_by if part_of else controller.ordered_by
    lease = replace(Lease.start_now(rounded_to_registers(fresh), by), part_of=part_of)
    controller.has_switched_pv_off |= pv is False
    # Home Assistant may crash before the answer, and an order that failed may take effect later.
    lease = await controller.save_candidate(lease)
    try:
        writer = controller.writer
        write = apply_dispatch(writer, fresh, before=before, earlier=pending, pv=pv)
        result = await require_applied(controller, write)
    except WriteOutcomeUnknownError:
        controller.end_regulation(unless=part_of)
        raise
    except (CommunicationError, NotAppliedError) as err:
        # Refused, or nothing was written: then it cannot take effect later.
        if getattr(err, "verdict", Verdict.REFUSED) is Verdict.REFUSED:
            controller.remove_candidate()
        raise
    lease = (controller.candidate or lease).verified(result.applied)
    controller.end_regulation(unless=part_of)
    controller.set_leases(lease)
    return lease


def _with_remarks(
    outcome: Outcome, controller: InverterController, order: DispatchOrder
) -> Outcome:
    """Add what is remarkable about an order that runs: its target is passed, or a limit does not apply."""
    latest = controller.coordinator.latest
    soc = latest.power.soc if latest else None
    return replace(
        outcome,
        target_reached=is_past_target(order, soc),
        warnings=feed_in_warnings(controller, order),
    )


def _require_pv_switch(controller: InverterController) -> None:
    """Raise UnsupportedFeatureError unless the order just read contains a PV switch."""
    if controller.writer.detail is None:
        raise UnsupportedFeatureError(Feature.PV_SWITCH)


async def run_exclusive(
    controller: InverterController,
    action: Callable[[DispatchOrder], Awaitable[Outcome]],
    *,
    request: OrderRequest,
    take_over: bool,
    closing: bool = False,
) -> Outcome:
    """Read whose order runs, then act on it; publish what was read, also after a failure.

    An order that has begun is carried out and verified, also if its caller is cancelled.
    """
    has_begun = False

    async def run() -> Outcome:
        nonlocal has_begun
        ordered_by = await controller.callers.identify(request.context)
        async with controller.exclusive(request.context, closing=closing):
            has_begun = True
            with _reported(controller, request, ordered_by) as progress:
                async with request.permitted_reading():
                    before = await controller.read_order()
                    owner = progress.owner_before = controller.owner
                    if owner is DispatchOwner.OTHER and not take_over:
                        raise ForeignDispatchError
                outcome = await action(before)
                progress.applied, progress.is_applied = outcome.applied, True
                return outcome

    task = controller.coordinator.hass.async_create_task(run(), "order")
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        if not has_begun:
            task.cancel()
        task.add_done_callback(_log_failure)
        raise


@dataclass
class _Progress:
    """How far an order has come."""

    owner_before: DispatchOwner | None = None
    applied: dict[str, Any] | None = None
    is_applied: bool = False
    refusal: Refusal | None = None
    lease: Lease | None = None


@contextmanager
def _reported(
    controller: InverterController, request: OrderRequest, ordered_by: OrderedBy | None
) -> Iterator[_Progress]:
    """Carry out an order; then publish its registers, and report what became of it."""
    progress = _Progress()
    controller.ordered_by, controller.candidate = ordered_by, None
    try:
        yield progress
    except ForeignDispatchError:
        progress.refusal = Refusal.FOREIGN_DISPATCH
        raise
    except NotAppliedError as err:
        progress.applied, progress.refusal = err.applied, Refusal.NOT_APPLIED
        raise
    finally:
        publish_order(controller)
        progress.lease = controller.candidate
        controller.report(
            OrderReport(request=request, ordered_by=ordered_by, **vars(progress))
        )
        controller.ordered_by = None


def _log_failure(task: asyncio.Task[Outcome]) -> None:
    """Log why an order failed whose caller does not wait for it any more."""
    if not task.cancelled() and (err := task.exception()):
        _LOGGER.warning("An order whose caller was cancelled has failed: %s", err)


def publish_order(controller: InverterController) -> None:
    """Update the entities of the order, without waiting for the next snapshot."""
    coordinator, detail = controller.coordinator, controller.detail
    if controller.order:
        coordinator.update_blocks(controller.order)
    if detail and coordinator.data and detail != coordinator.data.dispatch_detail:
        coordinator.update_blocks(detail)


async def require_applied(
    controller: InverterController, write: Awaitable[DispatchResult]
) -> DispatchResult:
    """Wait for the result of a write. Raises NotAppliedError unless the order was applied."""
    result = await write
    controller.record_order(result.applied)
    if result.is_partly_applied:
        controller.record_order(await controller.writer.read_order())
    if result.verdict in SUCCESS:
        return result
    raise NotAppliedError(
        result.verdict,
        requested=to_dict(result.requested, pv=result.requested_pv),
        applied=applied_to_dict(result.requested, result.applied, pv=result.applied_pv),
    )


def build_outcome(
    requested: DispatchOrder,
    applied: DispatchOrder,
    expires: datetime | None = None,
    *,
    pv: bool | None = None,
) -> Outcome:
    """Build the outcome of a verified order; `pv` is the same in both, or None for unchanged."""
    return Outcome(
        requested=to_dict(requested, pv=pv),
        applied=applied_to_dict(requested, applied, pv=pv),
        verified=True,
        expires_at=expires,
    )
