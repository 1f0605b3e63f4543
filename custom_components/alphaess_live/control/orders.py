"""Telling the battery what to do: the one way that actions, buttons and REST share."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from ..alphaess import dispatch
from ..alphaess.dispatch import (
    SUCCESS,
    DispatchResult,
    pv_enabled,
    rounded_to_registers,
    to_dict,
)
from ..alphaess.errors import (
    Disobedience,
    Feature,
    NotAppliedError,
    UnsupportedFeatureError,
    WriteOutcomeUnknownError,
)
from ..alphaess.lease import Lease
from ..alphaess.registers import DispatchDetail, DispatchOrder
from ..alphaess.verify import apply_dispatch, stop_dispatch
from ..coordinator import InverterCoordinator
from ..exceptions import ForeignDispatchError
from .controller import DispatchOwner, InverterController, exclusive


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What was asked for, and what the inverter says that it does.

    In the words of `alphaess.dispatch.told`: an action with its W, % and s. The two
    differ where the inverter's own limits are tighter.
    """

    requested: dict[str, Any]
    applied: dict[str, Any]
    verified: bool
    expires_at: datetime | None
    """When the inverter ends it by itself, in UTC; None after a stop."""


async def charge(
    coordinator: InverterCoordinator,
    *,
    power: int,
    target_soc: float,
    duration: int,
    pv: bool | None = None,
    take_over: bool = False,
) -> Outcome:
    """Charge with so many W up to so many %, for so many s at most.

    `pv` says whether the panels may produce meanwhile. Raises InvalidOrderError,
    ControlsOffError, ForeignDispatchError, NotAppliedError and UnansweredError; so do
    the next three.
    """
    order = dispatch.charge(power=power, target_soc=target_soc, duration=duration)
    return await _start(coordinator, order, pv=pv, take_over=take_over)


async def discharge(
    coordinator: InverterCoordinator,
    *,
    power: int,
    target_soc: float,
    duration: int,
    pv: bool | None = None,
    take_over: bool = False,
) -> Outcome:
    """Discharge with so many W down to so many %, for so many s at most."""
    order = dispatch.discharge(power=power, target_soc=target_soc, duration=duration)
    return await _start(coordinator, order, pv=pv, take_over=take_over)


async def hold(
    coordinator: InverterCoordinator,
    *,
    duration: int,
    pv: bool | None = None,
    take_over: bool = False,
) -> Outcome:
    """Let the battery rest for so many s."""
    order = dispatch.hold(duration=duration)
    return await _start(coordinator, order, pv=pv, take_over=take_over)


async def stop(coordinator: InverterCoordinator, *, take_over: bool = False) -> Outcome:
    """End our dispatch, with the panels on; where all is so already, nothing is written."""

    async def action(controller: InverterController, before: DispatchOrder) -> Outcome:
        if not before.start and not controller.has_switched_pv_off:
            controller.set_leases()
            return build_outcome(dispatch.STOP, before)
        result = await require_applied(
            controller, stop_dispatch(controller.writer, before=before)
        )
        controller.set_leases()
        return build_outcome(dispatch.STOP, result.applied)

    return await run_exclusive(coordinator, action, take_over=take_over)


async def _start(
    coordinator: InverterCoordinator,
    order: DispatchOrder,
    *,
    pv: bool | None,
    take_over: bool,
) -> Outcome:
    if pv is not None and DispatchDetail not in coordinator.inverter.available_blocks:
        raise UnsupportedFeatureError(Feature.PV_SWITCH)

    async def action(controller: InverterController, before: DispatchOrder) -> Outcome:
        if pv is not None:
            require_pv_switch(controller)
        fresh, said = _make_distinguishable(order, before), pv
        if said is None and pv_enabled(controller.writer.detail) is False:
            # An order replaces the one before in whole; nor does an old one's end count.
            said = True
        kept, lease = controller.leases, Lease.start_now(rounded_to_registers(fresh))
        controller.has_switched_pv_off |= said is False
        # Written down first: Home Assistant may die between the order and its answer.
        controller.set_leases(lease, *kept[:1])
        try:
            given = apply_dispatch(controller.writer, fresh, before=before, pv=said)
            result = await require_applied(controller, given)
        except WriteOutcomeUnknownError:
            raise  # Either order may run: the next snapshot tells which.
        except Exception:
            controller.set_leases(*kept)
            raise
        lease = replace(lease, order=result.applied)
        controller.set_leases(lease)
        return build_outcome(order, lease.order, lease.expires, pv=said)

    return await run_exclusive(coordinator, action, take_over=take_over)


def require_pv_switch(controller: InverterController) -> None:
    """Make sure that the order just read tells of the panels. Raises NotServedError."""
    if controller.writer.detail is None:
        raise UnsupportedFeatureError(Feature.PV_SWITCH)


async def run_exclusive(
    coordinator: InverterCoordinator,
    action: Callable[[InverterController, DispatchOrder], Awaitable[Outcome]],
    *,
    take_over: bool,
) -> Outcome:
    """Look whose order runs, then act; whatever comes of it, everybody is told."""
    async with exclusive(coordinator) as controller:
        try:
            before = await controller.writer.read_order()
            controller.record_order(before)
            if controller.owner is DispatchOwner.OTHER and not take_over:
                raise ForeignDispatchError
            return await action(controller, before)
        finally:
            _publish_order(coordinator, controller)


def _publish_order(
    coordinator: InverterCoordinator, controller: InverterController
) -> None:
    """Show what was read to everybody at once, without waiting for the next snapshot."""
    if controller.order:
        coordinator.update_blocks(controller.order)
    snapshot = coordinator.data
    if controller.detail and snapshot and controller.detail != snapshot.dispatch_detail:
        coordinator.update_blocks(controller.detail)


async def require_applied(
    controller: InverterController, write: Awaitable[DispatchResult]
) -> DispatchResult:
    """Wait for what becomes of an order. Raises NotAppliedError unless it was taken."""
    result = await write
    controller.record_order(result.applied)
    if result.is_partly_applied:
        controller.record_order(await controller.writer.read_order())
    if result.verdict in SUCCESS:
        return result
    raise NotAppliedError(
        Disobedience(result.verdict),
        requested=to_dict(result.requested, pv=result.requested_pv),
        applied=to_dict(result.applied, pv=result.applied_pv),
    )


def _make_distinguishable(order: DispatchOrder, before: DispatchOrder) -> DispatchOrder:
    """Make an order differ from the one that runs: by a second, if by nothing else.

    Word for word the same, one that was taken could not be told from one that was not.
    """
    if rounded_to_registers(order) == before:
        return replace(order, duration=order.duration - 1)
    return order


def build_outcome(
    requested: DispatchOrder,
    applied: DispatchOrder,
    expires: datetime | None = None,
    *,
    pv: bool | None = None,
) -> Outcome:
    """Lay out what was asked for and what reads back; `pv` is alike in both, or nothing was said."""
    return Outcome(
        requested=to_dict(requested, pv=pv),
        applied=to_dict(applied, pv=pv),
        verified=True,
        expires_at=expires,
    )
