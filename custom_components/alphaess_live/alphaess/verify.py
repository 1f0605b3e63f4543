"""Writes orders, and verifies them by reading them back."""

import asyncio
from collections.abc import Collection, Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import partial

from .dispatch import STOP, DispatchResult, compare, pv_enabled
from .errors import (
    CommunicationError,
    ErrorKind,
    IllegalRequestError,
    ResponseTimeoutError,
    Verdict,
    WriteOutcomeUnknownError,
)
from .registers import DispatchOrder
from .writer import Writer

READBACK_DELAYS_SECONDS = (0.2, 0.3, 0.5, 0.8, 1.2)
"""Pauses before each repeated read of an order that does not read back yet: 3 s in total [dallonby]."""


async def apply_dispatch(
    writer: Writer,
    order: DispatchOrder,
    *,
    before: DispatchOrder,
    earlier: Collection[DispatchOrder] = (),
    pv: bool | None = None,
) -> DispatchResult:
    """Replace the order `before` by another one, and verify that.

    `earlier` are orders that may still take effect: they are not accepted instead of it.
    `pv` is the PV switch of the order; None leaves it alone. An order that is applied
    in part is stopped again. Raises CommunicationError if nothing was written, and
    WriteOutcomeUnknownError if that is unknown.
    """
    with unverified_on_timeout(writer):
        try:
            await _write(writer, order, before=before, pv=pv)
            result = await _poll_until_applied(
                writer, order, before=before, earlier=earlier, pv=pv
            )
            if result.is_partly_applied:
                await writer.write_start(0)
        except IllegalRequestError:
            return await _refused_result(writer, order, pv=pv)
        return result


async def stop_dispatch(writer: Writer, *, before: DispatchOrder) -> DispatchResult:
    """Stop the running order with PV on, and verify that. Raises as `apply_dispatch` does."""
    pv = True if pv_enabled(writer.detail) is False else None
    with unverified_on_timeout(writer):
        try:
            if pv:
                # Before the stop: some inverters accept a parameter only during an order
                # [dallonby]. A failure here must not prevent the stop.
                with suppress(IllegalRequestError, ResponseTimeoutError):
                    await writer.write_pv_switch(on=pv)
            await _write(writer, STOP, before=before)
            return await _poll_until_applied(writer, STOP, before=before, pv=pv)
        except IllegalRequestError:
            return await _refused_result(writer, STOP, pv=pv)


async def set_pv_switch(
    writer: Writer, *, on: bool, running: DispatchOrder
) -> DispatchResult:
    """Set the PV switch of the running order, and verify that. Raises as `apply_dispatch` does."""
    with unverified_on_timeout(writer):
        try:
            await writer.write_pv_switch(on=on)
            return await _poll_until_applied(writer, running, before=running, pv=on)
        except IllegalRequestError:
            return await _refused_result(writer, running, pv=on)


@contextmanager
def unverified_on_timeout(writer: Writer) -> Iterator[None]:
    """Raise WriteOutcomeUnknownError for a communication error in the middle of a change.

    The CommunicationError itself is raised if the inverter was busy from the start: then
    it has applied nothing.
    """
    before = writer.possibly_applied
    try:
        yield
    except CommunicationError as err:
        if err.kind is ErrorKind.BUSY and writer.possibly_applied == before:
            raise
        raise WriteOutcomeUnknownError(err.kind, str(err)) from err


async def _write(
    writer: Writer,
    order: DispatchOrder,
    *,
    before: DispatchOrder,
    pv: bool | None = None,
) -> None:
    """Write an order with the functions that this inverter supports."""
    knows_block_write = writer.knows_block_write(pv=pv)
    try:
        if order is STOP:
            await writer.write_start(0)
        else:
            await writer.write_order(order, pv=pv)
    except ResponseTimeoutError as err:
        # Either the response was lost, or the inverter does not respond to this function.
        result = await _read_back(writer, order, before=before, pv=pv)
        if result.verdict is Verdict.APPLIED:
            return
        if knows_block_write or order is STOP:
            raise
        try:
            await writer.write_order_by_register(order, pv=pv)
        except IllegalRequestError:
            # What was not answered may still take effect: the order is not refused.
            raise err from None
    except IllegalRequestError:
        # An order that is refused for its content must not stop the one that runs.
        if knows_block_write or order is STOP:
            raise
        await writer.write_order_by_register(order, pv=pv)


async def _read_back(
    writer: Writer,
    order: DispatchOrder,
    *,
    before: DispatchOrder,
    earlier: Collection[DispatchOrder] = (),
    pv: bool | None,
) -> DispatchResult:
    """Read back once."""
    applied = await writer.read_order()
    applied_pv = None if pv is None else pv_enabled(writer.detail)
    return compare(
        order,
        applied,
        before=before,
        earlier=earlier,
        requested_pv=pv,
        applied_pv=applied_pv,
    )


async def _poll_until_applied(
    writer: Writer,
    order: DispatchOrder,
    *,
    before: DispatchOrder,
    earlier: Collection[DispatchOrder] = (),
    pv: bool | None,
) -> DispatchResult:
    """Read back until the order is applied, or until the delays are used up."""
    read_back = partial(
        _read_back, writer, order, before=before, earlier=earlier, pv=pv
    )
    result = await read_back()
    for delay in READBACK_DELAYS_SECONDS:
        if result.verdict is Verdict.APPLIED:
            break
        await asyncio.sleep(delay)
        result = await read_back()
    return result


async def _refused_result(
    writer: Writer, order: DispatchOrder, *, pv: bool | None
) -> DispatchResult:
    """Read back what runs after the inverter has refused an order: the order itself, if it runs all the same."""
    result = await _read_back(writer, order, before=order, pv=pv)
    if result.verdict is Verdict.APPLIED:
        return result
    return replace(result, verdict=Verdict.REFUSED)
