"""The clock is written whole, with one request, or not at all."""

from datetime import datetime

from modbus_connection.mock import WriteEvent
import pytest

from custom_components.alphaess_live.alphaess.errors import (
    ForbiddenRegisterError,
    IllegalRequestError,
)
from custom_components.alphaess_live.alphaess.modbus_request import PollStats
from custom_components.alphaess_live.alphaess.write_policy import CLOCK_ADDRESSES
from custom_components.alphaess_live.alphaess.writer import WriteFunction, Writer

from .units import THREE_PHASE, complete, refuse

MOMENT = datetime(2026, 2, 28, 23, 59, 58)  # noqa: DTZ001 - the inverter's own time


async def test_what_is_set_is_what_it_shows() -> None:
    unit = complete(THREE_PHASE)
    writes: list[WriteEvent] = []
    unit.on_write(writes.append)
    writer = Writer(unit, PollStats())
    await writer.write_clock(MOMENT)
    assert await writer.read_clock() == MOMENT
    [event] = writes
    assert event.function_code == 0x10
    assert (event.address, event.values) == (0x0740, [0x1A02, 0x1C17, 0x3B3A])
    assert writer.stats.requests == 2


async def test_a_clock_that_is_not_served_is_refused() -> None:
    unit = complete(THREE_PHASE)
    refuse(unit, CLOCK_ADDRESSES)
    with pytest.raises(IllegalRequestError):
        await Writer(unit, PollStats()).read_clock()


@pytest.mark.parametrize("words", [range(0x0740, 0x0742), range(0x073F, 0x0743)])
async def test_no_part_of_it_is_written_and_nothing_beside_it(words: range) -> None:
    unit = complete(THREE_PHASE)
    writes: list[WriteEvent] = []
    unit.on_write(writes.append)
    writer = Writer(unit, PollStats())
    with pytest.raises(ForbiddenRegisterError):
        await writer._send(WriteFunction.BLOCK, words.start, [0] * len(words))  # noqa: SLF001 - the gate itself
    assert writes == []
