"""Settings and identity that cannot be true are not shown, and are read again with the next snapshot."""

from dataclasses import replace
from datetime import timedelta

import pytest

from custom_components.alphaess_live.alphaess.inverter import Inverter
from custom_components.alphaess_live.alphaess.registers import (
    BLOCKS,
    FeedIn,
    GridProtection,
    Installation,
    PeriodMinutes,
    Periods,
    System,
)
from custom_components.alphaess_live.alphaess.registers.block import Block
from custom_components.alphaess_live.alphaess.slow_blocks import MAX_HELD_READINGS

from .conftest import Clock
from .units import (
    THREE_PHASE,
    UNLIMITED,
    asks_for,
    complete,
    read_totals,
    refuse,
    serve,
)

SNAPSHOT = timedelta(seconds=10)


@pytest.mark.parametrize(
    ("key", "words"),
    [
        ("feed_in.limit", FeedIn.registers["limit"].encode(326)),
        ("installation.pv_capacity", {0x0801: 0x0100}),
        ("periods.discharge_1_start_hour", {0x0851: 25}),
        ("period_minutes.charge_2_end_minute", {0x0861: 60}),
        ("periods.charge_target", {0x0855: 101}),
        ("system.version_high", {0x074B: 0xFFFF}),
    ],
)
async def test_slow_value_out_of_range_is_held_and_then_unknown(
    clock: Clock, key: str, words: dict[int, int]
) -> None:
    unit = complete(dict.fromkeys(words, 0) | THREE_PHASE)
    inverter = Inverter(unit, max_requests=UNLIMITED)
    part, name = key.split(".")
    first = getattr(getattr(await inverter.read(), part), name)
    right = {at: unit.holding[at] for at in words}
    unit.holding |= words
    clock.let_pass(timedelta(minutes=6))
    for _ in range(MAX_HELD_READINGS):
        assert getattr(getattr(await inverter.read(), part), name) == first
        clock.let_pass(SNAPSHOT)
    assert getattr(getattr(await inverter.read(), part), name) is None
    assert inverter.stats.rejected_samples == MAX_HELD_READINGS + 1
    unit.holding |= right
    clock.let_pass(SNAPSHOT)
    # It is not read faster for ever: perhaps this device always sends that.
    assert getattr(getattr(await inverter.read(), part), name) is None
    clock.let_pass(timedelta(minutes=6))
    assert getattr(getattr(await inverter.read(), part), name) == first


async def test_setting_read_back_out_of_range_is_held() -> None:
    inverter = Inverter(complete(THREE_PHASE), max_requests=UNLIMITED)
    first = (await inverter.read()).periods
    assert first
    assert inverter.update_block(replace(first, charge_target=200)) == first
    changed = replace(first, charge_target=90)
    assert inverter.update_block(changed) == changed


async def test_setting_out_of_range_once_is_right_with_the_next_snapshot(
    clock: Clock,
) -> None:
    unit = complete(THREE_PHASE | {0x0800: 300})
    inverter = Inverter(unit, max_requests=UNLIMITED)
    assert "limit=None" in repr((await inverter.read()).feed_in)
    unit.holding[0x0800] = THREE_PHASE[0x0800]
    clock.let_pass(SNAPSHOT)
    unit.read_events.clear()
    assert (await inverter.read()).feed_in == FeedIn.decode(THREE_PHASE)
    assert {b for b in BLOCKS if b.slow and asks_for(unit, b)} == {FeedIn}


async def test_setting_that_has_changed_is_read_again_at_once(clock: Clock) -> None:
    unit = complete(THREE_PHASE)
    inverter = Inverter(unit, max_requests=UNLIMITED)
    await inverter.read()
    unit.holding[0x0800] = 0
    clock.let_pass(timedelta(minutes=6))
    await inverter.read()
    unit.holding[0x0800] = THREE_PHASE[0x0800]
    clock.let_pass(SNAPSHOT)
    snapshot = await inverter.read()
    assert snapshot.feed_in == FeedIn.decode(THREE_PHASE)
    unit.read_events.clear()
    clock.let_pass(SNAPSHOT)
    await inverter.read()
    assert asks_for(unit, FeedIn)
    unit.read_events.clear()
    clock.let_pass(SNAPSHOT)
    await inverter.read()
    assert not asks_for(unit, FeedIn)


async def test_limits_of_grid_protection_have_no_range() -> None:
    words = dict.fromkeys(GridProtection.addresses(), 0xFFFF)
    inverter = Inverter(complete(THREE_PHASE | words), max_requests=UNLIMITED)
    snapshot = await inverter.read()
    assert snapshot.grid_protection == GridProtection.decode(words)
    assert isinstance(snapshot.system, System)
    assert isinstance(snapshot.installation, Installation)


@pytest.mark.parametrize("block", [Periods, PeriodMinutes, FeedIn, Installation])
async def test_setting_that_becomes_refused_is_held_and_then_unavailable(
    block: type[Block], clock: Clock
) -> None:
    unit = complete(THREE_PHASE)
    inverter = Inverter(unit, max_requests=UNLIMITED)
    first = getattr(await read_totals(inverter), block.name)
    refuse(unit, [min(block.addresses())])
    inverter.expire_slow_blocks()
    for _ in range(MAX_HELD_READINGS):
        clock.let_pass(SNAPSHOT)
        assert getattr(await inverter.read(), block.name) == first
    for _ in range(10):
        clock.let_pass(SNAPSHOT)
        snapshot = await inverter.read()
        assert getattr(snapshot, block.name) is None
        assert snapshot.unavailable == {block.name}
    serve(unit, block.addresses())
    assert getattr(await inverter.read(), block.name) == first
