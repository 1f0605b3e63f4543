"""The number of requests that a reading takes, on every device."""

from datetime import timedelta

import pytest

from custom_components.alphaess_live.alphaess.inverter import MAX_REQUESTS, Inverter
from custom_components.alphaess_live.alphaess.registers import BLOCKS, InverterDetail
from custom_components.alphaess_live.alphaess.registers.block import Block, BlockGroup
from custom_components.alphaess_live.alphaess.snapshot import Snapshot
from custom_components.alphaess_live.const import DEFAULT_GROUPS
from custom_components.alphaess_live.simulator.demo import simulate
from custom_components.alphaess_live.simulator.models import MODELS
from custom_components.alphaess_live.simulator.simulated_inverter import (
    SimulatedInverter,
)
from tests.devices import DEVICES
from tests.simulator.moments import NOON

from .units import THREE_PHASE, asks_for, complete, refuse

MAX_FIRST_READING = 45
MAX_AFTER_OUTAGE = 14
"""With the groups that are polled by default."""
MAX_SNAPSHOT = 8


@pytest.fixture(params=(*MODELS, *DEVICES))
def unit(request: pytest.FixtureRequest) -> SimulatedInverter:
    name: str = request.param
    if name in MODELS:
        return simulate(MODELS[name], NOON, speed=0)
    return DEVICES[name]()


async def count(inverter: Inverter, *, after_outage: bool = False) -> int:
    """Read once and return the number of requests."""
    await inverter.read(after_outage=after_outage)
    return inverter.stats.last_requests


def missing_blocks(snapshot: Snapshot) -> set[type[Block]]:
    return {block for block in BLOCKS if getattr(snapshot, block.name) is None}


async def test_first_reading_takes_a_limited_number_of_requests(
    unit: SimulatedInverter,
) -> None:
    assert await count(Inverter(unit)) <= MAX_FIRST_READING


async def test_reading_of_all_groups_takes_at_most_twelve_requests(
    unit: SimulatedInverter,
) -> None:
    inverter = Inverter(unit, slow_interval=timedelta(0))
    await inverter.read()
    for _ in range(5):
        assert await count(inverter) <= MAX_REQUESTS


async def test_reading_after_an_outage_takes_at_most_fourteen_requests(
    unit: SimulatedInverter,
) -> None:
    inverter = Inverter(unit, groups={BlockGroup(name) for name in DEFAULT_GROUPS})
    await inverter.read()
    assert await count(inverter, after_outage=True) <= MAX_AFTER_OUTAGE


async def test_slow_blocks_beyond_the_limit_are_read_by_the_next_reading(
    unit: SimulatedInverter,
) -> None:
    inverter = Inverter(unit)
    everything = await inverter.read()
    inverter.expire_slow_blocks()
    for _ in range(2):
        snapshot = await inverter.read()
        assert missing_blocks(snapshot) == missing_blocks(everything)
    assert await count(inverter) <= MAX_SNAPSHOT


async def test_snapshot_of_any_device_takes_at_most_eight_requests(
    unit: SimulatedInverter,
) -> None:
    inverter = Inverter(unit)
    await inverter.read()
    for _ in range(4):
        assert await count(inverter) <= MAX_SNAPSHOT


async def test_measurements_alone_take_fewer_requests(unit: SimulatedInverter) -> None:
    inverter = Inverter(unit, groups=frozenset(), slow_interval=timedelta(0))
    everything = Inverter(unit, slow_interval=timedelta(0))
    await inverter.read()
    await everything.read()
    assert await count(inverter) < await count(everything)


async def test_slow_blocks_are_read_while_a_served_block_is_refused() -> None:
    unit = complete(THREE_PHASE)
    inverter = Inverter(unit, slow_interval=timedelta(0))
    await inverter.read()
    refuse(unit, [min(InverterDetail.addresses())])
    unit.read_events.clear()
    for _ in range(2 * len(BLOCKS)):
        await inverter.read()
    assert all(asks_for(unit, block) for block in BLOCKS if block.slow)
