"""Blocks that nothing answers behind the inverter: all ones, or all zeros. They are held, and then unavailable."""

from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
from modbus_connection.mock import MockModbusUnit
import pytest

from custom_components.alphaess_live.alphaess.identity import identify
from custom_components.alphaess_live.alphaess.inverter import Inverter
from custom_components.alphaess_live.alphaess.monotonic_counter import FEW_SAMPLES
from custom_components.alphaess_live.alphaess.registers import (
    BLOCKS,
    Battery,
    DispatchDetail,
    Grid,
    PvMeter,
)
from custom_components.alphaess_live.alphaess.registers.block import Block
from custom_components.alphaess_live.alphaess.snapshot import Snapshot
from custom_components.alphaess_live.alphaess.value_filter import MAX_HELD_SAMPLES

from .units import (
    THREE_PHASE,
    GlitchingUnit,
    all_ones,
    battery_words,
    complete,
    confirmed_identity,
    grid_words,
    load,
    read_once,
    read_totals,
    refuse,
    serve,
)

METER = PvMeter.registers["energy_2_total"].encode(3000)
for name in ("power", "power_l1"):
    METER |= PvMeter.registers[name].encode(1500)


@pytest.mark.parametrize(
    "words",
    [all_ones(Battery), dict.fromkeys(Battery.addresses(), 0)],
    ids=["ones", "0"],
)
@pytest.mark.parametrize("live", [False, True])
async def test_battery_without_an_answer_is_held_and_then_unavailable(
    words: dict[int, int], *, live: bool
) -> None:
    unit, inverter, first = await read_once(times=FEW_SAMPLES)
    unit.holding |= words
    last = first
    for _ in range(MAX_HELD_SAMPLES):
        last = await (inverter.read_power(last) if live else inverter.read())
        assert last.battery == first.battery
    last = await (inverter.read_power(last) if live else inverter.read())
    assert last.battery is None
    unit.holding |= THREE_PHASE
    assert (await inverter.read()).battery == first.battery


@pytest.mark.parametrize(
    "words",
    [all_ones(Battery), dict.fromkeys(Battery.addresses(), 0)],
    ids=["ones", "0"],
)
async def test_battery_without_an_answer_at_first_is_unavailable(
    words: dict[int, int],
) -> None:
    inverter = Inverter(GlitchingUnit(THREE_PHASE | words))
    snapshot = await inverter.read()
    assert snapshot.battery is None
    assert "battery" in snapshot.unavailable
    assert identify(snapshot).battery_modules == 0


@pytest.mark.parametrize("word", [0, 0xFFFF])
@pytest.mark.parametrize(
    ("block", "usual"),
    [
        (Battery, battery_words(soc=4.8, power=0, current=0)),
        (Grid, grid_words(140)),
        (PvMeter, METER),
    ],
    ids=["battery", "grid", "pv_meter"],
)
async def test_live_poll_of_a_blank_block_shows_its_last_values(
    block: type[Block], usual: dict[int, int], word: int
) -> None:
    unit, inverter, last = await read_once(usual, times=FEW_SAMPLES + 1)
    unit.holding |= dict.fromkeys(block.addresses(), word)
    first = last.power
    for _ in range(MAX_HELD_SAMPLES):
        last = await inverter.read_power(last)
        assert last.power == first
    last = await inverter.read_power(last)
    assert block.name in last.unavailable
    assert {one.sample for one in inverter.plausibility.rejections} == {0}
    unit.holding |= THREE_PHASE | usual
    assert (await inverter.read()).power == first


async def test_live_power_of_0_or_minus_1_is_shown() -> None:
    unit, inverter, last = await read_once(grid_words(140), times=FEW_SAMPLES + 1)
    for power in (0, -1 / 3, 0):
        unit.holding |= grid_words(power)
        unit.requests.clear()
        last = await inverter.read_power(last)
        assert last.power.grid == 3 * power
        assert len(unit.requests) == 5  # The whole block is read, too.
        last = await inverter.read_power(last)
        assert len(unit.requests) == 9


@pytest.mark.parametrize("word", [0, 0xFFFF])
@pytest.mark.parametrize(
    ("block", "refused"),
    [(Grid, "power_factor"), (Battery, "remaining_time"), (Battery, "voltage")],
)
async def test_blank_block_with_a_refused_register_is_not_shown(
    block: type[Block], refused: str, word: int
) -> None:
    unit = complete(THREE_PHASE | grid_words(200))
    refuse(unit, [block.registers[refused].address])
    inverter = Inverter(unit, known_identity=confirmed_identity(THREE_PHASE))
    first = await read_totals(inverter)
    assert first.refused_keys == {block.prefix + refused}
    load(unit, dict.fromkeys(block.addresses(), word))
    for _ in range(MAX_HELD_SAMPLES):
        assert (await inverter.read()).power == first.power
    snapshot = await inverter.read()
    assert block.name in snapshot.unavailable
    assert snapshot.power.load is None


@pytest.mark.parametrize(
    "block",
    [b for b in BLOCKS if not b.slow and b is not DispatchDetail],
    ids=lambda b: b.name,
)
async def test_block_of_ones_is_never_shown(block: type[Block]) -> None:
    unit, inverter, first = await read_once(times=FEW_SAMPLES)
    unit.holding |= all_ones(block)
    for number in range(2 * MAX_HELD_SAMPLES):
        shown = getattr(await inverter.read(), block.name)
        if number < MAX_HELD_SAMPLES:
            assert shown == getattr(first, block.name)
        else:
            words = block.decode(all_ones(block))
            numbers = [getattr(words, one) for one in block.registers]
            assert shown is None or not any(
                getattr(shown, one) == value and value not in (None, 0, 100)
                for one, value in zip(block.registers, numbers, strict=True)
            )


async def test_blank_meter_whose_power_was_never_certain_is_unavailable() -> None:
    unit = GlitchingUnit(THREE_PHASE | METER)
    inverter = Inverter(unit, known_identity=confirmed_identity())
    torn = PvMeter.registers["power"].encode(1500 + 0x10000)
    unit.holding |= torn
    assert (await inverter.read()).pv_meter is None
    unit.holding |= all_ones(PvMeter)
    for _ in range(MAX_HELD_SAMPLES + 2):
        snapshot = await inverter.read()
        assert (snapshot.pv_meter, snapshot.power.pv) == (None, None)
        assert snapshot.derived
    unit.holding |= THREE_PHASE | METER
    snapshot = await inverter.read()
    assert snapshot.pv_meter
    assert snapshot.pv_meter.power == 1500


async def read_served(
    words: dict[int, int],
) -> tuple[MockModbusUnit, Inverter, Snapshot]:
    """Read an inverter some times that may refuse blocks later."""
    unit = complete(THREE_PHASE | words)
    inverter = Inverter(unit, known_identity=confirmed_identity())
    snapshot = await inverter.read()
    for _ in range(FEW_SAMPLES - 1):
        snapshot = await inverter.read()
    return unit, inverter, snapshot


async def test_value_of_a_block_that_was_refused_for_long_is_no_jump(
    frozen_clock: FrozenDateTimeFactory,
) -> None:
    unit, inverter, _ = await read_served(battery_words(usable_charge=90))
    refuse(unit, Battery.addresses())
    for _ in range(10):
        frozen_clock.tick(timedelta(seconds=10))
        assert (await inverter.read()).battery is None
    serve(unit, Battery.addresses())
    load(unit, battery_words(usable_charge=45))
    snapshot = await inverter.read()
    assert snapshot.battery
    assert snapshot.battery.usable_charge == 45


async def test_no_value_of_before_a_refused_block_replaces_an_impossible_one() -> None:
    unit, inverter, first = await read_served({})
    refuse(unit, Battery.addresses())
    for _ in range(MAX_HELD_SAMPLES):
        await inverter.read()
    serve(unit, Battery.addresses())
    load(unit, battery_words(temperature_max=600))
    snapshot = await inverter.read()
    assert first.battery
    assert first.battery.temperature_max
    assert snapshot.battery
    assert snapshot.battery.temperature_max is None


async def test_value_that_is_held_for_two_reasons_is_held_for_three_samples() -> None:
    unit, inverter, _ = await read_once(battery_words(usable_charge=90), FEW_SAMPLES)
    shown = []
    for words in (
        *[dict.fromkeys(Battery.addresses(), 0)] * 2,
        *[THREE_PHASE | battery_words(usable_charge=45)] * 2,
    ):
        unit.holding |= words
        snapshot = await inverter.read()
        assert snapshot.battery
        shown.append(snapshot.battery.usable_charge)
    assert shown == [90, 90, 90, 45]


async def test_power_polls_without_a_second_reading_extend_no_hold() -> None:
    unit, inverter, first = await read_once(times=FEW_SAMPLES)
    # Two blocks are doubtful, and a second reading is one request.
    unit.holding |= all_ones(Grid) | dict.fromkeys((0x0102, 0x0126), 0xFFFF)
    snapshot, shown = first, []
    for _ in range(MAX_HELD_SAMPLES + 1):
        snapshot = await inverter.read()
        shown.append(snapshot.battery)
        snapshot = await inverter.read_power(snapshot)
    assert shown[0]
    assert shown[-1] is None
    assert snapshot.battery is None
