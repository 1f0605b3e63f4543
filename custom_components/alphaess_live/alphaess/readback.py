"""Giving an order, and believing only what reads back."""

import asyncio

from .datasheet import DispatchOrder
from .dispatch import STOP, Result, Verdict, judge
from .errors import ErrorKind, RefusedError, UnansweredError, UnverifiedError
from .writing import SilentError, Writer

SETTLING = (0.2, 0.3, 0.5, 0.8, 1.2)
"""Pauses between looks at an order that does not read back yet: 3 s together (dallonby)."""


async def give(
    writer: Writer, order: DispatchOrder, *, before: DispatchOrder
) -> Result:
    """Give an order in the place of what ran before, and find out what became of it.

    An order that runs without its power is ended again. Raises UnansweredError where
    nothing was written, UnverifiedError where that is unknown.
    """
    try:
        await _tell(writer, order, before=before)
        result = await _settle(writer, order, before=before)
        if result.is_half_done:
            await writer.write_start(0)
    except RefusedError:
        return await _refused(writer, order)
    except UnansweredError as err:
        raise unknown(err) from err
    return result


async def end(writer: Writer, *, before: DispatchOrder) -> Result:
    """End whatever runs, and make sure that it did. Raises as `give` does."""
    try:
        await _tell(writer, STOP, before=before)
        return await _settle(writer, STOP, before=before)
    except RefusedError:
        return await _refused(writer, STOP)
    except UnansweredError as err:
        raise unknown(err) from err


async def _tell(writer: Writer, order: DispatchOrder, *, before: DispatchOrder) -> None:
    """Write an order in the way that this inverter takes."""
    knows_whole = writer.knows_whole
    try:
        if order is STOP:
            await writer.write_start(0)
        else:
            await writer.write_order(order)
    except SilentError:
        # Perhaps only the answer was lost; perhaps it never answers this function.
        if await _has_arrived(writer, order, before=before):
            return
        if knows_whole or order is STOP:
            raise
    except RefusedError:
        if order is STOP:
            raise
    else:
        return
    await writer.write_order_piecemeal(order)


async def _has_arrived(
    writer: Writer, order: DispatchOrder, *, before: DispatchOrder
) -> bool:
    result = judge(order, await writer.read_order(), before=before)
    return result.verdict is Verdict.APPLIED


async def _settle(
    writer: Writer, order: DispatchOrder, *, before: DispatchOrder
) -> Result:
    """Read back until the order is there, or long enough."""
    result = judge(order, await writer.read_order(), before=before)
    for pause in SETTLING:
        if result.verdict is Verdict.APPLIED:
            break
        await asyncio.sleep(pause)
        result = judge(order, await writer.read_order(), before=before)
    return result


async def _refused(writer: Writer, order: DispatchOrder) -> Result:
    try:
        applied = await writer.read_order()
    except UnansweredError as err:
        raise unknown(err) from err
    return Result(verdict=Verdict.REFUSED, requested=order, applied=applied)


def unknown(err: UnansweredError) -> UnansweredError:
    """Say of a silence in the middle of a change that its outcome is unknown."""
    if err.kind is ErrorKind.BUSY:
        return err
    return UnverifiedError(err.kind, str(err))
