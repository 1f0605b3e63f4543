"""Telling the battery what to do: the one way that actions, buttons and REST share."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any

from .alphaess import dispatch
from .alphaess.datasheet import DispatchOrder
from .alphaess.dispatch import Result, Verdict, as_read, told
from .alphaess.errors import (
    Disobedience,
    ForeignDispatchError,
    NotAppliedError,
    UnverifiedError,
)
from .alphaess.readback import end, give
from .coordinator import InverterCoordinator
from .lease import Holder, Lease, LeaseBook
from .turn import turn


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
    take_over: bool = False,
) -> Outcome:
    """Charge with so many W up to so many %, for so many s at most.

    Raises InvalidOrderError, ControlsOffError, ForeignDispatchError, NotAppliedError
    and UnansweredError; so do the next three.
    """
    order = dispatch.charge(power=power, target_soc=target_soc, duration=duration)
    return await _order(coordinator, order, take_over=take_over)


async def discharge(
    coordinator: InverterCoordinator,
    *,
    power: int,
    target_soc: float,
    duration: int,
    take_over: bool = False,
) -> Outcome:
    """Discharge with so many W down to so many %, for so many s at most."""
    order = dispatch.discharge(power=power, target_soc=target_soc, duration=duration)
    return await _order(coordinator, order, take_over=take_over)


async def hold(
    coordinator: InverterCoordinator, *, duration: int, take_over: bool = False
) -> Outcome:
    """Let the battery rest for so many s."""
    order = dispatch.hold(duration=duration)
    return await _order(coordinator, order, take_over=take_over)


async def stop(coordinator: InverterCoordinator, *, take_over: bool = False) -> Outcome:
    """End our dispatch; where none runs, nothing is written."""

    async def obey(book: LeaseBook, before: DispatchOrder) -> Outcome:
        if not before.start:
            book.keep()
            return _outcome(dispatch.STOP, before)
        result = await written(book, end(book.writer, before=before))
        book.keep()
        return _outcome(dispatch.STOP, result.applied)

    return await under_lock(coordinator, obey, take_over=take_over)


async def _order(
    coordinator: InverterCoordinator, order: DispatchOrder, *, take_over: bool
) -> Outcome:
    async def obey(book: LeaseBook, before: DispatchOrder) -> Outcome:
        fresh = _told_apart(order, before)
        kept, begun = book.leases, datetime.now(UTC)
        # Written down first: Home Assistant may die between the order and its answer.
        book.keep(Lease(order=as_read(fresh), begun=begun), *kept[:1])
        try:
            result = await written(book, give(book.writer, fresh, before=before))
        except UnverifiedError:
            raise  # Either order may run: the next snapshot tells which.
        except Exception:
            book.keep(*kept)
            raise
        lease = Lease(order=result.applied, begun=begun)
        book.keep(lease)
        return _outcome(order, lease.order, lease.expires)

    return await under_lock(coordinator, obey, take_over=take_over)


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
            if order := book.order:
                # Shown to everybody at once, without waiting for the next snapshot.
                coordinator.take(order)


async def written(book: LeaseBook, write: Awaitable[Result]) -> Result:
    """Wait for what becomes of an order. Raises NotAppliedError unless it was taken."""
    result = await write
    book.note(result.applied)
    if result.is_half_done:
        book.note(await book.writer.read_order())
    if result.verdict in (Verdict.APPLIED, Verdict.CLAMPED):
        return result
    raise NotAppliedError(
        Disobedience(result.verdict),
        requested=told(result.requested),
        applied=told(result.applied),
    )


def _told_apart(order: DispatchOrder, before: DispatchOrder) -> DispatchOrder:
    """Make an order differ from the one that runs: by a second, if by nothing else.

    Word for word the same, one that was taken could not be told from one that was not.
    """
    if as_read(order) == before:
        return replace(order, duration=order.duration - 1)
    return order


def _outcome(
    requested: DispatchOrder, applied: DispatchOrder, expires: datetime | None = None
) -> Outcome:
    return Outcome(
        requested=told(requested),
        applied=told(applied),
        verified=True,
        expires_at=expires,
    )
