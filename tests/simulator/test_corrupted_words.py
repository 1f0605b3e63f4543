"""Corruptions of the simulated inverter: what is sent instead of the true words."""

from dataclasses import replace

from modbus_connection import IllegalDataAddressError, ModbusTimeoutError
import pytest

from custom_components.alphaess_live.simulator.corruption import (
    TEARS,
    Corruption,
    CorruptionKind as Kind,
    Tear,
)
from custom_components.alphaess_live.simulator.demo import simulate
from custom_components.alphaess_live.simulator.models import THREE_PHASE
from custom_components.alphaess_live.simulator.simulated_inverter import (
    SimulatedInverter,
)
from tests.simulator.moments import NOON

EXPORT, IMPORT = range(0x0010, 0x0012), range(0x0012, 0x0014)


@pytest.fixture
def unit() -> SimulatedInverter:
    """Return an inverter whose time stands still."""
    return simulate(THREE_PHASE, NOON, speed=0)


async def sent(
    unit: SimulatedInverter, kind: Kind, addresses: range, detail: int = 0
) -> list[int]:
    """Read both counters of the grid while some addresses are corrupted."""
    before = dict.fromkeys(addresses, 7)
    one = Corruption(kind=kind, addresses=addresses, detail=detail, before=before)
    unit.behaviour = replace(unit.behaviour, corruptions=(one,))
    return await unit.read_holding_registers(EXPORT.start, 4)


async def test_corrupted_words_are_sent_and_the_others_are_true(
    unit: SimulatedInverter,
) -> None:
    first, second, third, fourth = await unit.read_holding_registers(EXPORT.start, 4)
    for kind, words in (
        (Kind.ZEROS, [0, 0]),
        (Kind.ONES, [0xFFFF, 0xFFFF]),
        (Kind.NEIGHBOUR, [third, fourth]),
        (Kind.FLIPPED_BIT, [first ^ 4, second ^ 4]),
        (Kind.TENTH, [first // 10, second // 10]),
        (Kind.TENFOLD, [10 * first & 0xFFFF, 10 * second & 0xFFFF]),
        (Kind.STALE, [7, 7]),
    ):
        assert await sent(unit, kind, EXPORT, 2) == [*words, third, fourth]
    assert [unit.words()[address] for address in EXPORT] == [first, second]


async def test_torn_register_has_halves_that_do_not_belong_together(
    unit: SimulatedInverter,
) -> None:
    _, _, high, low = await unit.read_holding_registers(EXPORT.start, 4)
    halves = {
        TEARS[detail]: (await sent(unit, Kind.TORN, IMPORT, detail))[2:]
        for detail in range(len(TEARS))
    }
    assert halves == {
        Tear.OLD_HIGH: [7, low],
        Tear.OLD_LOW: [high, 7],
        Tear.NO_HIGH: [0, low],
        Tear.ONES_HIGH: [0xFFFF, low],
        Tear.NEXT_HIGH: [high + 1, 0],
    }


@pytest.mark.parametrize(
    ("kind", "error"),
    [(Kind.REFUSED, IllegalDataAddressError), (Kind.LATE, ModbusTimeoutError)],
)
async def test_request_that_touches_refused_or_late_registers_fails(
    unit: SimulatedInverter, kind: Kind, error: type[Exception]
) -> None:
    with pytest.raises(error):
        await sent(unit, kind, IMPORT)
    assert await unit.read_holding_registers(EXPORT.start, 2)
