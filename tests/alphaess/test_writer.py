"""The writer: the functions that it learns, interrupted orders, and the clock."""

from dataclasses import replace
from datetime import datetime

from modbus_connection.mock import WriteEvent
import pytest

from custom_components.alphaess_live.alphaess.dispatch import charge, discharge
from custom_components.alphaess_live.alphaess.errors import (
    ForbiddenRegisterError,
    IllegalRequestError,
)
from custom_components.alphaess_live.alphaess.modbus_request import PollStats
from custom_components.alphaess_live.alphaess.write_policy import CLOCK_ADDRESSES
from custom_components.alphaess_live.alphaess.writer import WriteFunction, Writer
from custom_components.alphaess_live.simulator.behaviour import Reply
from custom_components.alphaess_live.simulator.demo import simulate
from custom_components.alphaess_live.simulator.models import MODELS
from custom_components.alphaess_live.simulator.simulated_inverter import (
    SimulatedInverter,
)

from .units import THREE_PHASE, complete, refuse

MOMENT = datetime(2026, 2, 28, 23, 59, 58)  # noqa: DTZ001 - the inverter's local time
REQUESTED = discharge(power=3000, target_soc=20, duration=3600)
APP = charge(power=5000, target_soc=100, duration=5580)


def simulated_inverter() -> SimulatedInverter:
    noon = datetime(2025, 6, 15, 13)  # noqa: DTZ001 - the house's local time
    return simulate(MODELS["three_phase"], noon, speed=0, soc=50)


async def test_writer_whose_learned_function_fails_learns_the_other() -> None:
    inverter = simulated_inverter()
    writer = Writer(inverter, PollStats())
    writer.learned["order_1"] = WriteFunction.SINGLE
    inverter.behaviour = replace(inverter.behaviour, single_write=Reply.REFUSED)
    await writer.write_start(0)
    assert writer.learned["order_1"] is WriteFunction.BLOCK


async def test_order_by_register_interrupted_does_not_run() -> None:
    inverter = simulated_inverter()
    inverter.behaviour = replace(inverter.behaviour, block_write=Reply.REFUSED)
    writer = Writer(inverter, PollStats())
    await writer.write_order_by_register(REQUESTED)
    inverter.behaviour = replace(inverter.behaviour, single_write=Reply.REFUSED)
    with pytest.raises(IllegalRequestError):
        await writer.write_order_by_register(APP)
    assert not (await writer.read_order()).start


async def test_clock_written_reads_back_the_same() -> None:
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


async def test_clock_that_is_not_served_raises_illegal_request() -> None:
    unit = complete(THREE_PHASE)
    refuse(unit, CLOCK_ADDRESSES)
    with pytest.raises(IllegalRequestError):
        await Writer(unit, PollStats()).read_clock()


@pytest.mark.parametrize("addresses", [range(0x0740, 0x0742), range(0x073F, 0x0743)])
async def test_clock_in_part_or_with_more_is_not_written(addresses: range) -> None:
    unit = complete(THREE_PHASE)
    writes: list[WriteEvent] = []
    unit.on_write(writes.append)
    writer = Writer(unit, PollStats())
    with pytest.raises(ForbiddenRegisterError):
        await writer._send(WriteFunction.BLOCK, addresses.start, [0] * len(addresses))  # noqa: SLF001 - the check itself
    assert writes == []
