"""Groups that are not polled, and blocks that time out."""

from datetime import timedelta

from modbus_connection import ModbusTimeoutError
from modbus_connection.mock import MockModbusUnit
import pytest

from custom_components.alphaess_live.alphaess.errors import CommunicationError
from custom_components.alphaess_live.alphaess.inverter import Inverter
from custom_components.alphaess_live.alphaess.registers import (
    BLOCKS,
    Backup,
    Echonet,
    FrequencyService,
    Grid,
    GridRegulation,
)
from custom_components.alphaess_live.alphaess.registers.block import Block, BlockGroup
from custom_components.alphaess_live.alphaess.retry_schedule import FIRST_RETRY

from .conftest import Clock
from .units import THREE_PHASE, UNLIMITED, asks_for, complete, serve

CHOOSABLE = [group for group in BlockGroup if group is not BlockGroup.MEASUREMENTS]
SAFETY = [block for block in BLOCKS if block.group is BlockGroup.SAFETY]


def test_only_measurements_and_backup_are_read_with_each_snapshot() -> None:
    fast = {block.group for block in BLOCKS if not block.slow}
    assert fast == {BlockGroup.MEASUREMENTS, BlockGroup.BACKUP}


@pytest.mark.parametrize("group", CHOOSABLE)
async def test_group_that_is_not_chosen_is_not_polled(group: BlockGroup) -> None:
    unit = complete(THREE_PHASE)
    inverter = Inverter(unit, groups=set(BlockGroup) - {group})
    snapshot = await inverter.read()
    missing = {block for block in BLOCKS if getattr(snapshot, block.name) is None}
    assert missing == {block for block in BLOCKS if block.group is group}
    assert snapshot.unavailable == set()
    assert inverter.available_blocks == set(BLOCKS) - missing


async def test_measurements_are_always_polled() -> None:
    inverter = Inverter(complete(THREE_PHASE), groups=frozenset())
    snapshot = await inverter.read()
    assert snapshot.power.load == 2100
    assert {block.group for block in inverter.available_blocks} == {
        BlockGroup.MEASUREMENTS
    }


async def test_group_that_is_not_polled_takes_no_extra_request() -> None:
    unit = complete(THREE_PHASE)
    inverter = Inverter(unit, served_blocks={Backup}, groups=frozenset())
    assert (await inverter.read()).backup is None
    await inverter.read()
    assert inverter.stats.last_requests == 6


async def test_group_that_is_chosen_again_is_read_at_once() -> None:
    unit = complete(THREE_PHASE)
    before = Inverter(unit, groups=frozenset())
    await before.read()
    after = Inverter(
        unit, served_blocks=before.served_blocks, groups={BlockGroup.SAFETY}
    )
    assert (await after.read()).grid_code is not None


def ignore(unit: MockModbusUnit, block: type[Block]) -> None:
    for address in block.addresses():
        unit.fail_read(address, ModbusTimeoutError())


async def test_block_that_timed_out_twice_is_requested_after_half_a_minute(
    clock: Clock,
) -> None:
    unit = complete(THREE_PHASE)
    ignore(unit, Echonet)
    inverter = Inverter(unit)
    for _ in range(2):
        with pytest.raises(CommunicationError):
            await inverter.read()
    snapshot = await inverter.read()
    assert snapshot.echonet is None
    assert snapshot.grid_code is not None
    assert inverter.refused_blocks == {Echonet}
    serve(unit, Echonet.addresses())
    clock.let_pass(FIRST_RETRY)
    assert (await inverter.read()).echonet is not None


async def test_block_that_timed_out_once_is_requested_again() -> None:
    unit = complete(THREE_PHASE)
    inverter = Inverter(unit)
    for block in (FrequencyService, GridRegulation):
        ignore(unit, block)
        with pytest.raises(CommunicationError):
            await inverter.read()
        serve(unit, block.addresses())
    assert (await inverter.read()).frequency_service is not None
    assert inverter.refused_blocks == frozenset()


async def test_served_block_that_times_out_is_always_requested_again(
    clock: Clock,
) -> None:
    unit = complete(THREE_PHASE)
    inverter = Inverter(unit, max_requests=UNLIMITED)
    await inverter.read()
    blocks: tuple[type[Block], ...] = (Grid, *SAFETY)
    for block in blocks:
        ignore(unit, block)
        clock.let_pass(timedelta(minutes=6))
        for _ in range(3):
            with pytest.raises(CommunicationError):
                await inverter.read()
        serve(unit, block.addresses())
    assert inverter.refused_blocks == frozenset()
    assert (await inverter.read()).grid_code is not None


async def test_block_of_a_group_not_polled_is_not_requested() -> None:
    unit = complete(THREE_PHASE)
    await Inverter(unit, groups={BlockGroup.BACKUP}).read()
    assert asks_for(unit, Backup)
    assert not any(asks_for(unit, block) for block in SAFETY)
