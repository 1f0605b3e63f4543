"""The one gate before every write: orders, the clock, the settings of a table, and nothing else."""

from hypothesis import given, strategies as st
from modbus_connection.mock import WriteEvent
import pytest

from custom_components.alphaess_live.alphaess.errors import ForbiddenRegisterError
from custom_components.alphaess_live.alphaess.modbus_request import PollStats
from custom_components.alphaess_live.alphaess.write_policy import (
    CLOCK_ADDRESSES,
    DISPATCH_ADDRESSES,
    FORBIDDEN,
    INSTALLATION_ADDRESSES,
    SETTING_ADDRESSES,
    require_writable,
)
from custom_components.alphaess_live.alphaess.writer import WriteFunction, Writer

from .units import THREE_PHASE, complete

OPEN = (
    range(0x0880, 0x0889),
    range(0x088A, 0x088B),
    range(0x0800, 0x0801),
    range(0x084F, 0x0862),
)
"""The table once more, by hand: whoever opens a register has to say so twice."""

LONGEST = 123
"""Registers that one request of Modbus can write."""


def is_open(addresses: range) -> bool:
    """Say by the table of this file whether a run may be written."""
    if addresses in (range(0x0740, 0x0743), range(0x0880, 0x088B)):
        return True
    return any(set(addresses) <= set(span) for span in OPEN)


def passes(addresses: range) -> bool:
    try:
        require_writable(addresses)
    except ForbiddenRegisterError:
        return False
    return True


def test_of_all_single_registers_only_those_of_the_table_can_be_written() -> None:
    written = {at for at in range(0x10000) if passes(range(at, at + 1))}
    assert written == {at for span in OPEN for at in span}


@given(st.integers(0x0700, 0x0900), st.integers(1, LONGEST))
def test_a_run_passes_only_within_one_part_of_the_table(start: int, size: int) -> None:
    addresses = range(start, start + size)
    assert passes(addresses) is is_open(addresses)


@given(st.integers(0, 0xFFFF), st.integers(1, LONGEST))
def test_no_run_anywhere_slips_through(start: int, size: int) -> None:
    addresses = range(start, start + size)
    assert passes(addresses) is is_open(addresses)


def test_what_is_never_written_is_nowhere_in_the_table() -> None:
    closed = {at for span in (*FORBIDDEN, *INSTALLATION_ADDRESSES) for at in span}
    assert closed.isdisjoint(
        at
        for span in (DISPATCH_ADDRESSES, CLOCK_ADDRESSES, *SETTING_ADDRESSES)
        for at in span
    )


def test_what_nobody_knows_the_meaning_of_is_written_with_a_whole_order_only() -> None:
    with_it = [
        range(start, stop)
        for start in range(0x0870, 0x088A)
        for stop in range(0x088A, 0x08A0)
    ]
    assert [one for one in with_it if passes(one)] == [range(0x0880, 0x088B)]


def test_nothing_is_no_write() -> None:
    assert not passes(range(0x0880, 0x0880))


@pytest.mark.parametrize("function", WriteFunction)
@pytest.mark.parametrize("address", sorted({span[0] for span in FORBIDDEN} | {0x0740}))
async def test_whoever_writes_has_to_get_past_the_gate(
    function: WriteFunction, address: int
) -> None:
    unit = complete(THREE_PHASE)
    writes: list[WriteEvent] = []
    unit.on_write(writes.append)
    writer = Writer(unit, PollStats())
    with pytest.raises(ForbiddenRegisterError):
        await writer._send(function, address, [0])  # noqa: SLF001 - the gate itself
    with pytest.raises(ForbiddenRegisterError):
        await writer.write_settings({address: 0})
    assert writes == []
