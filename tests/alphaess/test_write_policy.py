"""Writable registers: orders, the clock and the settings of a table, and nothing else."""

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

WRITABLE = (
    range(0x0880, 0x0889),
    range(0x088A, 0x088B),
    range(0x0800, 0x0801),
    range(0x084F, 0x0862),
)
"""The table once more: a register is made writable in two places, never by accident."""

MAX_WRITE_REGISTERS = 123
"""The most registers that one Modbus request can write."""


def is_expected(addresses: range) -> bool:
    """Return whether a span is writable according to the table of this file."""
    if addresses in (range(0x0740, 0x0743), range(0x0880, 0x088B)):
        return True
    return any(set(addresses) <= set(span) for span in WRITABLE)


def is_writable(addresses: range) -> bool:
    try:
        require_writable(addresses)
    except ForbiddenRegisterError:
        return False
    return True


def test_single_register_is_writable_only_if_in_the_table() -> None:
    written = {at for at in range(0x10000) if is_writable(range(at, at + 1))}
    assert written == {at for span in WRITABLE for at in span}


@given(st.integers(0x0700, 0x0900), st.integers(1, MAX_WRITE_REGISTERS))
def test_span_near_the_table_is_writable_only_within_one_part(
    start: int, size: int
) -> None:
    addresses = range(start, start + size)
    assert is_writable(addresses) is is_expected(addresses)


@given(st.integers(0, 0xFFFF), st.integers(1, MAX_WRITE_REGISTERS))
def test_span_anywhere_is_writable_only_within_one_part(start: int, size: int) -> None:
    addresses = range(start, start + size)
    assert is_writable(addresses) is is_expected(addresses)


def test_forbidden_registers_are_not_in_the_table() -> None:
    forbidden = {at for span in (*FORBIDDEN, *INSTALLATION_ADDRESSES) for at in span}
    assert forbidden.isdisjoint(
        at
        for span in (DISPATCH_ADDRESSES, CLOCK_ADDRESSES, *SETTING_ADDRESSES)
        for at in span
    )


def test_unknown_register_0889_is_writable_only_with_whole_order() -> None:
    spans = [
        range(start, stop)
        for start in range(0x0870, 0x088A)
        for stop in range(0x088A, 0x08A0)
    ]
    assert [one for one in spans if is_writable(one)] == [range(0x0880, 0x088B)]


def test_empty_span_is_not_writable() -> None:
    assert not is_writable(range(0x0880, 0x0880))


@pytest.mark.parametrize("function", WriteFunction)
@pytest.mark.parametrize("address", sorted({span[0] for span in FORBIDDEN} | {0x0740}))
async def test_writer_with_forbidden_register_sends_nothing(
    function: WriteFunction, address: int
) -> None:
    unit = complete(THREE_PHASE)
    writes: list[WriteEvent] = []
    unit.on_write(writes.append)
    writer = Writer(unit, PollStats())
    with pytest.raises(ForbiddenRegisterError):
        await writer._send(function, address, [0])  # noqa: SLF001 - the check itself
    with pytest.raises(ForbiddenRegisterError):
        await writer.write_settings({address: 0})
    assert writes == []
