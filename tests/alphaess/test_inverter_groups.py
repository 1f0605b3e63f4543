"""What nobody wants is not polled; and an inverter that ignores what others refuse is not lost for it."""

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
from custom_components.alphaess_live.alphaess.unsupported_blocks import RETRY_INTERVAL

from .conftest import Clock
from .units import THREE_PHASE, asks_for, complete, serve

CHOOSABLE = [group for group in BlockGroup if group is not BlockGroup.MEASUREMENTS]
SAFETY = [block for block in BLOCKS if block.group is BlockGroup.SAFETY]


def test_no_new_block_is_read_with_every_snapshot() -> None:
    fast = {block.group for block in BLOCKS if not block.slow}
    assert fast == {BlockGroup.MEASUREMENTS, BlockGroup.BACKUP}


@pytest.mark.parametrize("group", CHOOSABLE)
async def test_a_group_that_is_not_wanted_is_not_polled(group: BlockGroup) -> None:
    unit = complete(THREE_PHASE)
    inverter = Inverter(unit, groups=set(BlockGroup) - {group})
    snapshot = await inverter.read()
    missing = {block for block in BLOCKS if getattr(snapshot, block.name) is None}
    assert missing == {block for block in BLOCKS if block.group is group}
    assert snapshot.unavailable == set()
    assert inverter.available_blocks == set(BLOCKS) - missing


async def test_the_measurements_are_always_polled() -> None:
    inverter = Inverter(complete(THREE_PHASE), groups=frozenset())
    snapshot = await inverter.read()
    assert snapshot.power.load == 2100
    assert {block.group for block in inverter.available_blocks} == {
        BlockGroup.MEASUREMENTS
    }


async def test_leaving_the_backup_output_out_costs_no_request() -> None:
    unit = complete(THREE_PHASE)
    inverter = Inverter(unit, served_blocks={Backup}, groups=frozenset())
    assert (await inverter.read()).backup is None
    await inverter.read()
    assert inverter.stats.last_requests == 6


async def test_a_group_that_is_wanted_again_is_there_at_once() -> None:
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


async def test_what_is_ignored_twice_is_not_asked_for_before_tomorrow(
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
    clock.let_pass(RETRY_INTERVAL)
    assert (await inverter.read()).echonet is not None


async def test_one_silence_is_no_reason_not_to_ask_again() -> None:
    unit = complete(THREE_PHASE)
    inverter = Inverter(unit)
    for block in (FrequencyService, GridRegulation):
        ignore(unit, block)
        with pytest.raises(CommunicationError):
            await inverter.read()
        serve(unit, block.addresses())
    assert (await inverter.read()).frequency_service is not None
    assert inverter.refused_blocks == frozenset()


async def test_what_has_answered_before_may_be_silent_as_often_as_it_likes(
    clock: Clock,
) -> None:
    unit = complete(THREE_PHASE)
    inverter = Inverter(unit)
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


async def test_a_block_that_is_not_polled_is_not_asked_for() -> None:
    unit = complete(THREE_PHASE)
    await Inverter(unit, groups={BlockGroup.BACKUP}).read()
    assert asks_for(unit, Backup)
    assert not any(asks_for(unit, block) for block in SAFETY)
