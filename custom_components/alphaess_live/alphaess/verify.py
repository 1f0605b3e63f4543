"""Giving an order, and believing only what reads back."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

from .dispatch import STOP, DispatchResult, Verdict, compare, pv_enabled
from .errors import (
    CommunicationError,
    ErrorKind,
    IllegalRequestError,
    ResponseTimeoutError,
    WriteOutcomeUnknownError,
)
from .registers import DispatchOrder
from .writer import Writer

READBACK_DELAYS_SECONDS = (0.2, 0.3, 0.5, 0.8, 1.2)
"""Seconds before each repeated read of an order that is not read back yet: 3 s in total [dallonby]."""


async def apply_dispatch(
    writer: Writer,
    order: DispatchOrder,
    *,
    before: DispatchOrder,
    pv: bool | None = None,
) -> DispatchResult:
    """Give an order in the place of what ran before, and find out what became of it.

    `pv` says whether the panels may produce meanwhile. An order that is half done is
    ended again. Raises UnansweredError where nothing was written, UnverifiedError
    where that is unknown.
    """
    with unverified_on_timeout(writer):
        try:
            await _write(writer, order, before=before, pv=pv)
            result = await _poll_until_applied(writer, order, before=before, pv=pv)
            if result.is_partly_applied:
                await writer.write_start(0)
        except IllegalRequestError:
            return await _refused_result(writer, order, pv=pv)
        return result


async def stop_dispatch(writer: Writer, *, before: DispatchOrder) -> DispatchResult:
    """End whatever runs with the panels on, and make sure of it. Raises as `give` does."""
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
    """Let the panels produce or not while an order runs on. Raises as `give` does."""
    with unverified_on_timeout(writer):
        try:
            await writer.write_pv_switch(on=on)
            return await _poll_until_applied(writer, running, before=running, pv=on)
        except IllegalRequestError:
            return await _refused_result(writer, running, pv=on)


@contextmanager
def unverified_on_timeout(writer: Writer) -> Iterator[None]:
    """Say of a silence in the middle of a change that its outcome is unknown.

    Raises UnverifiedError; UnansweredError where a busy inverter has taken nothing of it.
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
    """Write an order in the way that this inverter takes."""
    knows_whole = writer.knows_block_write(pv=pv)
    try:
        if order is STOP:
            await writer.write_start(0)
        else:
            await writer.write_order(order, pv=pv)
    except ResponseTimeoutError:
        # Perhaps only the answer was lost; perhaps it never answers this function.
        result = await _read_back(writer, order, before=before, pv=pv)
        if result.verdict is Verdict.APPLIED:
            return
        if knows_whole or order is STOP:
            raise
    except IllegalRequestError:
        if order is STOP:
            raise
    else:
        return
    await writer.write_order_by_register(order, pv=pv)


async def _read_back(
    writer: Writer, order: DispatchOrder, *, before: DispatchOrder, pv: bool | None
) -> DispatchResult:
    """Read back once."""
    applied = await writer.read_order()
    reads = None if pv is None else pv_enabled(writer.detail)
    return compare(order, applied, before=before, requested_pv=pv, applied_pv=reads)


async def _poll_until_applied(
    writer: Writer, order: DispatchOrder, *, before: DispatchOrder, pv: bool | None
) -> DispatchResult:
    """Read back until the order is there, or long enough."""
    result = await _read_back(writer, order, before=before, pv=pv)
    for pause in READBACK_DELAYS_SECONDS:
        if result.verdict is Verdict.APPLIED:
            break
        await asyncio.sleep(pause)
        result = await _read_back(writer, order, before=before, pv=pv)
    return result


async def _refused_result(
    writer: Writer, order: DispatchOrder, *, pv: bool | None
) -> DispatchResult:
    result = await _read_back(writer, order, before=order, pv=pv)
    return replace(result, verdict=Verdict.REFUSED)
