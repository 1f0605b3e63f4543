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
    ForeignDispatchError,
    NotAppliedError,
    UnsupportedFeatureError,
    WriteOutcomeUnknownError,
)
from ..alphaess.lease import Lease
from ..alphaess.registers import DispatchDetail, DispatchOrder
from ..alphaess.verify import apply_dispatch, stop_dispatch
from ..coordinator import InverterCoordinator
from .controller import Holder, LeaseBook, turn


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
    return await _order(coordinator, order, pv=pv, take_over=take_over)


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
    return await _order(coordinator, order, pv=pv, take_over=take_over)


async def hold(
    coordinator: InverterCoordinator,
    *,
    duration: int,
    pv: bool | None = None,
    take_over: bool = False,
) -> Outcome:
    """Let the battery rest for so many s."""
    order = dispatch.hold(duration=duration)
    return await _order(coordinator, order, pv=pv, take_over=take_over)


async def stop(coordinator: InverterCoordinator, *, take_over: bool = False) -> Outcome:
    """End our dispatch, with the panels on; where all is so already, nothing is written."""

    async def obey(book: LeaseBook, before: DispatchOrder) -> Outcome:
        if not before.start and not book.has_switched_off:
            book.keep()
            return outcome(dispatch.STOP, before)
        result = await written(book, stop_dispatch(book.writer, before=before))
        book.keep()
        return outcome(dispatch.STOP, result.applied)

    return await under_lock(coordinator, obey, take_over=take_over)


async def _order(
    coordinator: InverterCoordinator,
    order: DispatchOrder,
    *,
    pv: bool | None,
    take_over: bool,
) -> Outcome:
    if pv is not None and DispatchDetail not in coordinator.inverter.available_blocks:
        raise UnsupportedFeatureError(Feature.PV_SWITCH)

    async def obey(book: LeaseBook, before: DispatchOrder) -> Outcome:
        if pv is not None:
            require_pv_switch(book)
        fresh, said = _told_apart(order, before), pv
        if said is None and pv_enabled(book.writer.detail) is False:
            # An order replaces the one before in whole; nor does an old one's end count.
            said = True
        kept, lease = book.leases, Lease.start_now(rounded_to_registers(fresh))
        book.has_switched_off |= said is False
        # Written down first: Home Assistant may die between the order and its answer.
        book.keep(lease, *kept[:1])
        try:
            given = apply_dispatch(book.writer, fresh, before=before, pv=said)
            result = await written(book, given)
        except WriteOutcomeUnknownError:
            raise  # Either order may run: the next snapshot tells which.
        except Exception:
            book.keep(*kept)
            raise
        lease = replace(lease, order=result.applied)
        book.keep(lease)
        return outcome(order, lease.order, lease.expires, pv=said)

    return await under_lock(coordinator, obey, take_over=take_over)


def require_pv_switch(book: LeaseBook) -> None:
    """Make sure that the order just read tells of the panels. Raises NotServedError."""
    if book.writer.detail is None:
        raise UnsupportedFeatureError(Feature.PV_SWITCH)


async def under_lock(
    coordinator: InverterCoordinator,
    obey: Callable[[LeaseBook, DispatchOrder], Awaitable[Outcome]],
    *,
    take_over: bool,
) -> Outcome:
    """Look whose order runs, then act; whatever comes of it, everybody is told."""
    async with turn(coordinator) as book:
        try:
            before = await book.writer.read_order()
            book.note(before)
            if book.holder is Holder.OTHER and not take_over:
                raise ForeignDispatchError
            return await obey(book, before)
        finally:
            _show(coordinator, book)


def _show(coordinator: InverterCoordinator, book: LeaseBook) -> None:
    """Show what was read to everybody at once, without waiting for the next snapshot."""
    if book.order:
        coordinator.take(book.order)
    snapshot = coordinator.data
    if book.detail and snapshot and book.detail != snapshot.dispatch_detail:
        coordinator.take(book.detail)


async def written(book: LeaseBook, write: Awaitable[DispatchResult]) -> DispatchResult:
    """Wait for what becomes of an order. Raises NotAppliedError unless it was taken."""
    result = await write
    book.note(result.applied)
    if result.is_partly_applied:
        book.note(await book.writer.read_order())
    if result.verdict in SUCCESS:
        return result
    raise NotAppliedError(
        Disobedience(result.verdict),
        requested=to_dict(result.requested, pv=result.requested_pv),
        applied=to_dict(result.applied, pv=result.applied_pv),
    )


def _told_apart(order: DispatchOrder, before: DispatchOrder) -> DispatchOrder:
    """Make an order differ from the one that runs: by a second, if by nothing else.

    Word for word the same, one that was taken could not be told from one that was not.
    """
    if rounded_to_registers(order) == before:
        return replace(order, duration=order.duration - 1)
    return order


def outcome(
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
