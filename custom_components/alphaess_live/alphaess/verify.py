"""Giving an order, and believing only what reads back."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import replace

from .dispatch import STOP, Result, Verdict, judge, lets_pv
from .errors import (
    CommunicationError,
    ErrorKind,
    IllegalRequestError,
    ResponseTimeoutError,
    WriteOutcomeUnknownError,
)
from .registers import DispatchOrder
from .writer import Writer

SETTLING = (0.2, 0.3, 0.5, 0.8, 1.2)
"""Pauses between looks at an order that does not read back yet: 3 s together (dallonby)."""


async def give(
    writer: Writer,
    order: DispatchOrder,
    *,
    before: DispatchOrder,
    pv: bool | None = None,
) -> Result:
    """Give an order in the place of what ran before, and find out what became of it.

    `pv` says whether the panels may produce meanwhile. An order that is half done is
    ended again. Raises UnansweredError where nothing was written, UnverifiedError
    where that is unknown.
    """
    with in_doubt(writer):
        try:
            await _tell(writer, order, before=before, pv=pv)
            result = await _settle(writer, order, before=before, pv=pv)
            if result.is_half_done:
                await writer.write_start(0)
        except IllegalRequestError:
            return await _refused(writer, order, pv=pv)
        return result


async def end(writer: Writer, *, before: DispatchOrder) -> Result:
    """End whatever runs with the panels on, and make sure of it. Raises as `give` does."""
    pv = True if lets_pv(writer.detail) is False else None
    with in_doubt(writer):
        try:
            if pv:
                # Before the stop, since some take a parameter only while an order runs
                # (dallonby); whatever comes of it, the stop matters more.
                with suppress(IllegalRequestError, ResponseTimeoutError):
                    await writer.write_pv(on=pv)
            await _tell(writer, STOP, before=before)
            return await _settle(writer, STOP, before=before, pv=pv)
        except IllegalRequestError:
            return await _refused(writer, STOP, pv=pv)


async def turn_pv(writer: Writer, *, on: bool, running: DispatchOrder) -> Result:
    """Let the panels produce or not while an order runs on. Raises as `give` does."""
    with in_doubt(writer):
        try:
            await writer.write_pv(on=on)
            return await _settle(writer, running, before=running, pv=on)
        except IllegalRequestError:
            return await _refused(writer, running, pv=on)


@contextmanager
def in_doubt(writer: Writer) -> Iterator[None]:
    """Say of a silence in the middle of a change that its outcome is unknown.

    Raises UnverifiedError; UnansweredError where a busy inverter has taken nothing of it.
    """
    before = writer.arrived
    try:
        yield
    except CommunicationError as err:
        if err.kind is ErrorKind.BUSY and writer.arrived == before:
            raise
        raise WriteOutcomeUnknownError(err.kind, str(err)) from err


async def _tell(
    writer: Writer,
    order: DispatchOrder,
    *,
    before: DispatchOrder,
    pv: bool | None = None,
) -> None:
    """Write an order in the way that this inverter takes."""
    knows_whole = writer.knows_whole(pv=pv)
    try:
        if order is STOP:
            await writer.write_start(0)
        else:
            await writer.write_order(order, pv=pv)
    except ResponseTimeoutError:
        # Perhaps only the answer was lost; perhaps it never answers this function.
        result = await _look(writer, order, before=before, pv=pv)
        if result.verdict is Verdict.APPLIED:
            return
        if knows_whole or order is STOP:
            raise
    except IllegalRequestError:
        if order is STOP:
            raise
    else:
        return
    await writer.write_order_piecemeal(order, pv=pv)


async def _look(
    writer: Writer, order: DispatchOrder, *, before: DispatchOrder, pv: bool | None
) -> Result:
    """Read back once."""
    applied = await writer.read_order()
    reads = None if pv is None else lets_pv(writer.detail)
    return judge(order, applied, before=before, requested_pv=pv, applied_pv=reads)


async def _settle(
    writer: Writer, order: DispatchOrder, *, before: DispatchOrder, pv: bool | None
) -> Result:
    """Read back until the order is there, or long enough."""
    result = await _look(writer, order, before=before, pv=pv)
    for pause in SETTLING:
        if result.verdict is Verdict.APPLIED:
            break
        await asyncio.sleep(pause)
        result = await _look(writer, order, before=before, pv=pv)
    return result


async def _refused(writer: Writer, order: DispatchOrder, *, pv: bool | None) -> Result:
    result = await _look(writer, order, before=order, pv=pv)
    return replace(result, verdict=Verdict.REFUSED)
