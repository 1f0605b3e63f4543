"""A refused block affects no other values and takes no request at each poll."""

from datetime import timedelta
from itertools import pairwise

import pytest

from custom_components.alphaess_live.alphaess.inverter import (
    SNAPSHOT_REQUESTS,
    Inverter,
)
from custom_components.alphaess_live.alphaess.maps import CURRENT, SINCE_V122
from custom_components.alphaess_live.alphaess.read_plan import plan_requests
from custom_components.alphaess_live.alphaess.registers import (
    BLOCKS,
    Battery,
    Grid,
    GridCt,
    InverterDetail,
    InverterState,
    MoreStrings,
    PvMeter,
    Strings,
    StringsTotal,
    System,
    SystemTotals,
)
from custom_components.alphaess_live.alphaess.registers.block import Block
from custom_components.alphaess_live.alphaess.retry_schedule import (
    FIRST_RETRY,
    RETRY_INTERVAL,
    SETTLED_AFTER,
)

from .conftest import Clock
from .units import (
    SMILE_B3,
    THREE_PHASE,
    UNLIMITED,
    asks_for,
    complete,
    read_totals,
    recorded,
    refuse,
    serve,
)

EVERYTHING = len(plan_requests(b for b in BLOCKS if b.slow)) + 6
"""Requests for all blocks."""

PV_BLOCKS = [Strings, MoreStrings, PvMeter]
MINUTES = int(SETTLED_AFTER / FIRST_RETRY)

DISPENSABLE = [block for block in BLOCKS if block not in CURRENT.essential]

FALLS_TOO: dict[type[Block], frozenset[type[Block]]] = {
    InverterState: SINCE_V122,  # It proves that the firmware has them.
}


@pytest.mark.parametrize("block", BLOCKS, ids=lambda block: block.name)
async def test_refused_block_does_not_affect_the_others(block: type[Block]) -> None:
    unit = complete(THREE_PHASE)
    refuse(unit, block.addresses())
    snapshot = await Inverter(unit).read()
    missing = {one for one in BLOCKS if getattr(snapshot, one.name) is None}
    assert missing == {block} | FALLS_TOO.get(block, frozenset())


async def test_refused_block_of_a_smile_hi10_is_requested_ever_more_rarely(
    clock: Clock,
) -> None:
    unit = complete(THREE_PHASE)
    refuse(unit, StringsTotal.addresses())
    inverter = Inverter(unit, max_requests=UNLIMITED)
    await inverter.read()
    assert inverter.refused_blocks == {StringsTotal}
    tries: list[float] = []
    for minute in range(1, 10 * 24 * 60):
        clock.let_pass(timedelta(minutes=1))
        unit.read_events.clear()
        if minute < 15 or minute % 15 == 0:
            await inverter.read()
        if asks_for(unit, StringsTotal):
            tries.append(minute)
    pauses = [after - before for before, after in pairwise(tries)]
    assert tries[:4] == [1, 2, 3, 4]
    assert all(pause <= 15 + 0.25 * tries[n] for n, pause in enumerate(pauses))
    assert pauses[-3:] == [24 * 60] * 3
    assert len(tries) <= 45


async def test_block_added_by_an_update_is_found_within_a_day(clock: Clock) -> None:
    unit = complete(THREE_PHASE)
    refuse(unit, InverterDetail.addresses())
    inverter = Inverter(unit)
    assert (await inverter.read()).detail is None
    serve(unit, InverterDetail.addresses())
    clock.let_pass(RETRY_INTERVAL)
    assert (await inverter.read()).detail is not None
    assert inverter.refused_blocks == frozenset()
    assert InverterDetail in inverter.served_blocks


@pytest.mark.parametrize("block", DISPENSABLE, ids=lambda block: block.name)
async def test_block_that_was_refused_is_not_requested_again(
    block: type[Block], clock: Clock
) -> None:
    unit = complete(THREE_PHASE)
    refuse(unit, block.addresses())
    inverter = Inverter(unit)
    await inverter.read()
    assert block in inverter.refused_blocks
    unit.read_events.clear()
    inverter.expire_slow_blocks()
    clock.let_pass(FIRST_RETRY - timedelta(seconds=1))
    await inverter.read()
    refused = min(block.addresses())
    for event in unit.read_events:
        assert refused not in range(event.address, event.address + event.count)


@pytest.mark.parametrize(
    "block", [PvMeter, SystemTotals, StringsTotal], ids=lambda block: block.name
)
async def test_served_block_that_was_refused_is_requested_again(
    block: type[Block],
) -> None:
    unit = complete(THREE_PHASE)
    inverter = Inverter(unit)
    first = await read_totals(inverter)
    refuse(unit, block.addresses())
    assert getattr(await inverter.read(), block.name) is None
    assert inverter.refused_blocks == frozenset()
    serve(unit, block.addresses())
    assert await inverter.read() == first


@pytest.mark.parametrize("block", [Grid, Battery, System], ids=lambda block: block.name)
async def test_essential_block_is_requested_at_each_poll(
    block: type[Block],
) -> None:
    unit = complete(THREE_PHASE)
    refuse(unit, block.addresses())
    inverter = Inverter(unit)
    assert getattr(await inverter.read(), block.name) is None
    assert inverter.refused_blocks == frozenset()
    serve(unit, block.addresses())
    assert getattr(await inverter.read(), block.name) is not None


async def test_block_refused_before_a_restart_is_requested_after_a_minute(
    clock: Clock,
) -> None:
    unit = complete(THREE_PHASE)
    inverter = Inverter(unit)
    inverter.unsupported.mark_refused(GridCt, Grid, settled=True)
    snapshot = await inverter.read()
    assert snapshot.grid_ct is None
    assert inverter.refused_blocks == {GridCt}
    assert snapshot.grid is not None
    clock.let_pass(FIRST_RETRY)
    assert (await inverter.read()).grid_ct is not None


async def test_new_block_is_requested_at_once_after_a_restart() -> None:
    unit = complete(THREE_PHASE)
    refuse(unit, StringsTotal.addresses())
    inverter = Inverter(unit, served_blocks=set(BLOCKS) - {GridCt, StringsTotal})
    assert (await inverter.read()).grid_ct is not None
    assert inverter.refused_blocks == {StringsTotal}
    unit.read_events.clear()
    await inverter.read()
    assert not asks_for(unit, StringsTotal)


async def test_rediscovery_finds_a_new_block() -> None:
    unit = complete(THREE_PHASE)
    refuse(unit, StringsTotal.addresses())
    inverter = Inverter(unit)
    assert (await inverter.read()).strings_total is None
    serve(unit, StringsTotal.addresses())
    inverter.rediscover()
    assert (await inverter.read()).strings_total is not None


async def test_block_lost_by_an_update_is_requested_for_ten_minutes(
    clock: Clock,
) -> None:
    unit = complete(THREE_PHASE)
    inverter = Inverter(unit)
    await inverter.read()
    refuse(unit, PvMeter.addresses())
    inverter.rediscover()
    assert (await inverter.read()).unavailable == {"pv_meter"}
    clock.let_pass(SETTLED_AFTER)
    assert (await inverter.read()).unavailable == {"pv_meter"}
    clock.let_pass(timedelta(seconds=1))
    assert (await inverter.read()).unavailable == set()
    assert inverter.refused_blocks == {PvMeter}
    assert PvMeter not in inverter.served_blocks


async def test_meter_refused_for_50_s_after_an_update_is_back_at_once(
    clock: Clock,
) -> None:
    unit = complete(THREE_PHASE)
    inverter = Inverter(unit)
    first = await read_totals(inverter)
    refuse(unit, PvMeter.addresses())
    inverter.rediscover()
    await inverter.read(after_outage=True)
    for _ in range(5):
        clock.let_pass(timedelta(seconds=10))
        unit.read_events.clear()
        assert (await inverter.read()).power.pv is None
        assert sum(event.address == 0x0090 for event in unit.read_events) == 1
        assert inverter.stats.last_requests <= SNAPSHOT_REQUESTS
    serve(unit, PvMeter.addresses())
    assert await inverter.read() == first


async def test_block_inside_a_request_lost_by_an_update_fails_once_a_poll(
    clock: Clock,
) -> None:
    unit = complete(THREE_PHASE)
    inverter = Inverter(unit)
    await inverter.read()
    refuse(unit, InverterDetail.addresses())
    inverter.rediscover()
    await inverter.read(after_outage=True)
    clock.let_pass(timedelta(seconds=10))
    unit.read_events.clear()
    await inverter.read()
    assert [
        event.address
        for event in unit.read_events
        if min(InverterDetail.addresses())
        in range(event.address, event.address + event.count)
    ] == [0x0441]
    assert inverter.stats.last_requests <= 8


async def test_bisection_takes_two_more_requests_for_one_refused_block() -> None:
    unit = complete(THREE_PHASE)
    refuse(unit, StringsTotal.addresses())
    inverter = Inverter(
        unit, served_blocks=set(BLOCKS) - {StringsTotal}, max_requests=UNLIMITED
    )
    await inverter.read()
    assert inverter.stats.last_requests == EVERYTHING + 2


async def test_device_with_recorded_registers_alone_has_their_blocks(
    clock: Clock,
) -> None:
    inverter = Inverter(recorded(SMILE_B3))
    assert (await inverter.read()).power.pv == 30
    await inverter.read()
    assert inverter.stats.last_requests <= 12
    for _ in range(2 * MINUTES):
        clock.let_pass(FIRST_RETRY)
        snapshot = await inverter.read()
    assert {block.name for block in inverter.served_blocks} == {
        "grid",
        "pv_meter",
        "battery",
        "state",
        "dispatch",
        "totals",
        "clock",
        "system",
        "versions",
        "grid_ct",
        "pv_meter_ct",
        "feed_in",
        "installation",
        "periods",
        "inputs",
        "grid_code",
        "output_frequency",
    }
    assert (snapshot.power.soc, snapshot.power.battery) == (73.6, 163)
    assert (snapshot.power.grid, snapshot.power.pv) == (6, 30)
    assert snapshot.derived.battery_discharge_power == 163


async def test_power_is_none_and_energy_kept_while_a_part_is_refused() -> None:
    unit = complete(THREE_PHASE)
    inverter = Inverter(unit)
    whole = await inverter.read()
    assert whole.power.load == 2100
    assert whole.unavailable == set()
    refuse(unit, Strings.addresses())
    partial = await inverter.read()
    assert partial.unavailable == {"strings"}
    assert partial.power.pv is None
    assert partial.power.load is None
    assert partial.derived.pv_energy_total == whole.derived.pv_energy_total
    refuse(unit, InverterState.addresses())
    energy = (await inverter.read()).derived.pv_energy_total
    assert energy == whole.derived.pv_energy_total
