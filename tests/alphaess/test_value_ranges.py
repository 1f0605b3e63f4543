"""What a value may be: signs, ranges, blocks without an answer, and the rated power."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from math import inf
from typing import Any

from freezegun import freeze_time
import pytest

from custom_components.alphaess_live.alphaess import dispatch
from custom_components.alphaess_live.alphaess.identity import identify
from custom_components.alphaess_live.alphaess.inverter import Inverter
from custom_components.alphaess_live.alphaess.monotonic_counter import FEW_SAMPLES
from custom_components.alphaess_live.alphaess.registers import (
    Backup,
    Battery,
    DispatchOrder,
    Grid,
    InverterDetail,
    InverterOutput,
    InverterState,
    PvMeter,
    Strings,
    StringsTotal,
)
from custom_components.alphaess_live.alphaess.registers.block import Block
from custom_components.alphaess_live.alphaess.value_filter import (
    MAX_HELD_SAMPLES,
)
from custom_components.alphaess_live.alphaess.value_ranges import (
    CHECKS_BY_PART,
    ranges_of_blocks,
    ranges_of_slow_blocks,
)

from .conftest import Clock
from .test_snapshot import empty
from .units import (
    THREE_PHASE,
    GlitchingUnit,
    battery_words,
    confirmed_identity,
    grid_words,
    read_once,
)


async def test_battery_power_beyond_three_times_its_limit_is_held() -> None:
    limits = battery_words(charge_power_limit=5000, discharge_power_limit=5000)
    unit, inverter, first = await read_once(limits)
    unit.holding |= battery_words(power=-32_768)
    assert (await inverter.read()).power == first.power
    unit.holding |= battery_words(power=-2500) | Strings.registers["pv1_power"].encode(
        49_000
    )
    assert (await inverter.read()).power == first.power


@pytest.mark.parametrize("limit", [0xFFFF, 0])
async def test_battery_power_without_a_known_limit_is_shown(limit: int) -> None:
    words = {0x012C: limit, 0x012D: limit}
    words |= battery_words(power=18_500, voltage=500, current=37)
    unit = GlitchingUnit(THREE_PHASE | words)
    inverter = Inverter(unit, known_identity=confirmed_identity(unit.holding))
    first = await inverter.read()
    assert first.power.battery == 18_500
    snapshot = await inverter.read_power(first)
    assert snapshot.power.battery == 18_500
    unit.holding |= battery_words(power=-32_768)
    assert (await inverter.read()).power.battery == 18_500


async def test_battery_power_above_15_kilowatts_is_shown_at_first_sight() -> None:
    words = battery_words(charge_power_limit=20_000, discharge_power_limit=20_000)
    words |= battery_words(power=18_500, voltage=500, current=37)
    inverter = Inverter(GlitchingUnit(THREE_PHASE | words))
    assert (await inverter.read()).power.battery == 18_500
    assert inverter.stats.rejected_samples == 0


async def test_small_negative_generation_is_zero() -> None:
    night = dict.fromkeys(Strings.addresses(), 0) | grid_words(200)
    night |= battery_words(power=0, current=0) | {0x041F: 0xFFFF, 0x0420: 0xFFFD}
    unit, inverter, snapshot = await read_once(night)
    for _ in range(2 * MAX_HELD_SAMPLES):
        snapshot = await inverter.read_power(snapshot)
        assert (snapshot.power.pv, snapshot.power.load) == (0, 600)
    snapshot = await inverter.read()
    assert (snapshot.power.pv, snapshot.power.load) == (0, 600)
    unit.holding |= StringsTotal.registers["pv_strings_power"].encode(-3)
    unit.holding |= Backup.registers["power"].encode(-3)
    unit.holding |= Backup.registers["current_l1"].encode(-0.3)
    snapshot = await inverter.read()
    assert snapshot.strings_total is not None
    assert snapshot.strings_total.pv_strings_power == 0
    assert snapshot.backup is not None
    assert (snapshot.backup.power, snapshot.backup.current_l1) == (0, 0)
    assert inverter.stats.rejected_samples == 0


async def test_large_negative_generation_is_rejected() -> None:
    unit, inverter, first = await read_once()
    unit.holding |= Strings.registers["pv1_power"].encode(-500)
    assert (await inverter.read()).power == first.power
    assert inverter.stats.rejected_samples == 1


async def test_inverter_battery_current_is_signed() -> None:
    register = InverterDetail.registers["battery_current"]
    assert register.decode({0x0442: 0xFF87}) == -12.1


@pytest.mark.parametrize(("raw", "shown"), [(1000, 100), (1004, 100), (1010, 100)])
async def test_charge_slightly_above_100_percent_is_100(raw: int, shown: int) -> None:
    unit = GlitchingUnit(THREE_PHASE | {0x0102: raw})
    inverter = Inverter(unit)
    snapshot = await inverter.read()
    assert identify(snapshot).battery_modules == 2
    snapshot = await inverter.read_power(snapshot)
    assert snapshot.power.soc == shown
    assert snapshot.power.battery == -2500
    assert inverter.stats.rejected_samples == 0


@pytest.mark.parametrize("raw", [1011, 0xFFFF, 0])
async def test_charge_that_cannot_be_is_held_and_then_unavailable(raw: int) -> None:
    unit, inverter, first = await read_once(times=FEW_SAMPLES)
    unit.holding[0x0102] = raw
    for _ in range(MAX_HELD_SAMPLES):
        assert (await inverter.read()).battery == first.battery
    snapshot = await inverter.read()
    assert snapshot.power.soc is None
    assert "battery" in snapshot.unavailable


async def test_odd_counter_of_a_meter_that_reads_0_does_not_remove_it() -> None:
    zeros = dict.fromkeys(PvMeter.addresses(), 0)
    unit = GlitchingUnit(THREE_PHASE | zeros | {0x0090: 0xFFFF, 0x0091: 0xFFFF})
    inverter = Inverter(unit)
    await inverter.read()
    unit.holding |= zeros
    for _ in range(2 * MAX_HELD_SAMPLES):
        snapshot = await inverter.read()
        assert snapshot.pv_meter is not None
        assert snapshot.power.load is not None


async def test_charge_that_jumps_and_stays_is_accepted_after_three_samples() -> None:
    unit, inverter, first = await read_once()
    unit.holding[0x0102] = 200
    for _ in range(MAX_HELD_SAMPLES):
        assert (await inverter.read()).power.soc == first.power.soc
    assert (await inverter.read()).power.soc == 20


@pytest.mark.parametrize("live", [False, True])
async def test_charge_after_a_pause_is_shown_at_once(*, live: bool) -> None:
    with freeze_time(datetime(2026, 6, 15, 12, tzinfo=UTC), real_asyncio=True) as time:
        unit, inverter, snapshot = await read_once()
        unit.holding[0x0102] = 200
        time.tick(timedelta(minutes=2))
        snapshot = await (inverter.read_power(snapshot) if live else inverter.read())
        assert snapshot.power.soc == 20
        unit.holding[0x0102] = 1100
        time.tick(timedelta(minutes=11))
        snapshot = await inverter.read()
        assert snapshot.power.soc is None  # What was there so long ago is not held.


@pytest.mark.parametrize("field", ["power", "reactive_power"])
async def test_impossible_order_is_held_and_then_unavailable(field: str) -> None:
    unit, inverter, first = await read_once()
    order = dispatch.charge(power=3000, target_soc=50, duration=600).encode()
    unit.holding |= order
    first = await inverter.read()
    unit.holding |= DispatchOrder.registers[field].encode(65_537)
    for _ in range(MAX_HELD_SAMPLES):
        assert (await inverter.read()).dispatch == first.dispatch
    assert (await inverter.read()).dispatch is None
    unit.holding |= order
    assert (await inverter.read()).dispatch == first.dispatch


@pytest.mark.parametrize(
    ("block", "field", "value"),
    [
        (Battery, "soh", 6553.5),
        (Battery, "temperature_max", 130),
        (Battery, "voltage", 6553.5),
        (Battery, "remaining_time", 0xFFFF),
        (Battery, "modules", 0xFFFF),
        (Grid, "frequency", 27),
        (Grid, "voltage_l1", 501),
        (Battery, "cell_voltage_max", 5.1),
        (Battery, "cell_voltage_min", 0.9),
        (InverterState, "temperature", -61),
        (Grid, "power_factor", 300),
        (InverterOutput, "current_l1", 3000),
        (Backup, "power_l3", 2_000_000_000),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_impossible_value_is_held_and_then_unknown(
    block: type[Block], field: str, value: float
) -> None:
    unit, inverter, first = await read_once(times=FEW_SAMPLES)
    unit.holding |= block.registers[field].encode(value)
    for _ in range(MAX_HELD_SAMPLES):
        assert getattr(await inverter.read(), block.name) == getattr(first, block.name)
    shown = getattr(await inverter.read(), block.name)
    assert getattr(shown, field) is None
    assert inverter.stats.rejected_samples == MAX_HELD_SAMPLES + 1


async def prove(inverter: Inverter, clock: Clock) -> None:
    """Read snapshots for a minute."""
    for _ in range(3):
        clock.let_pass(timedelta(seconds=30))
        await inverter.read()


async def test_cell_without_a_voltage_is_shown_as_it_is() -> None:
    words = battery_words(cell_voltage_min=0, cell_voltage_max=0)
    _, _, snapshot = await read_once(words)
    assert snapshot.battery
    assert snapshot.battery.cell_voltage_max == 0


async def test_order_that_cannot_be_is_not_shown_after_a_write() -> None:
    _, inverter, first = await read_once()
    order = dispatch.charge(power=3000, target_soc=80, duration=600)
    assert inverter.update_block(order) == order
    assert inverter.update_block(replace(order, power=130_974)) is None
    assert (await inverter.read()).dispatch == first.dispatch


async def test_limits_of_ones_after_an_outage_are_no_yardstick() -> None:
    unit, inverter, first = await read_once()
    assert identify(first).rated_power == 8000
    unit.holding |= {0x012C: 0xFFFF, 0x012D: 0xFFFF}
    snapshot = await inverter.read(after_outage=True)
    assert identify(snapshot).rated_power == 0
    assert inverter.plausibility.rated_power == 8000
    assert inverter.plausibility.max_power == 80_000


async def test_odd_limits_of_the_first_reading_are_no_yardstick(clock: Clock) -> None:
    odd = battery_words(charge_power_limit=50_000, discharge_power_limit=50_000)
    unit = GlitchingUnit(THREE_PHASE | odd)
    inverter = Inverter(unit)
    await inverter.read()
    assert inverter.plausibility.max_power == 50_000
    unit.holding |= battery_words(charge_power_limit=8000, discharge_power_limit=8000)
    await prove(inverter, clock)
    assert inverter.plausibility.max_power == 80_000


async def test_rated_power_grows_after_a_minute_of_a_higher_limit(clock: Clock) -> None:
    unit, inverter, _ = await read_once()
    unit.holding |= battery_words(charge_power_limit=40_000)
    grown = []
    for _ in range(4):
        await inverter.read()
        clock.let_pass(timedelta(seconds=30))
        grown.append(inverter.plausibility.rated_power)
    assert grown == [8000, 8000, 40_000, 40_000]


async def test_rated_power_without_limits_is_unknown() -> None:
    words = battery_words(charge_power_limit=0, discharge_power_limit=0)
    _, inverter, _ = await read_once(words, times=3)
    assert inverter.plausibility.rated_power == 0
    assert inverter.plausibility.max_power == 50_000


RANGES = {
    one.reading.key: one
    for ranges in (ranges_of_blocks(5000) | ranges_of_slow_blocks()).values()
    for one in ranges.ranges
}


@pytest.mark.parametrize(
    ("key", "lowest", "highest"),
    [
        ("grid_voltage_l1", 0, 500),
        ("battery_voltage", 0, 1500),
        ("grid_current_l1", -1000, 1000),
        ("backup_current_l1", -100, 1000),
        ("grid_frequency", 40, 70),
        ("grid_power_l1", -50_000, 50_000),
        ("grid_reactive_power_l1", -50_000, 50_000),
        ("grid_apparent_power_l1", -50_000, 50_000),
        ("battery_power", -15_000, 15_000),
        ("battery_charge_power_limit", 0, 60_000),
        ("backup_power_l1", -100, 50_000),
        ("pv1_power", -100, 30_000),
        ("dispatch_power", -60_000, 60_000),
        ("installation_pv_capacity", 0, 200_000),
        ("grid_power_factor_l1", -1.1, 1.1),
        ("battery_soc", 0, 101),
        ("battery_soh", 0, 110),
        ("battery_cell_voltage_min", 1, 5),
        ("battery_temperature_min", -60, 120),
        ("battery_capacity", 0, 1000),
        ("battery_remaining_time", 0, 0xFFFE),
        ("battery_cell_voltage_min_pack", 0, 0xFFFE),
        ("battery_warning", 0, 0xFFFF_FFFE),
        ("periods_discharge_floor", 0, 100),
        ("periods_discharge_1_start_hour", 0, 24),
        ("periods_discharge_1_start_minute", 0, 59),
    ],
)
def test_value_outside_its_range_is_impossible(
    key: str, lowest: float, highest: float
) -> None:
    one = RANGES[key]
    assert one.clamped(lowest) == max(lowest, one.low)
    assert one.clamped(highest) == min(highest, one.high)
    assert one.clamped(lowest - 0.1) is None
    assert one.clamped(highest + 0.1) is None
    is_generation = key in ("backup_current_l1", "backup_power_l1", "pv1_power")
    assert one.low == (0 if is_generation else lowest)
    assert one.high == (100 if key == "battery_soc" else highest)


@pytest.mark.parametrize(
    ("rated", "battery", "grid"),
    [
        (0, 50_000, 50_000),
        (2000, 15_000, 50_000),
        (5000, 15_000, 50_000),
        (8000, 24_000, 80_000),
    ],
)
def test_range_of_a_power_follows_the_rated_power(
    rated: float, battery: float, grid: float
) -> None:
    ranges = {
        one.reading.key: one
        for block in ranges_of_blocks(rated).values()
        for one in block.ranges
    }
    assert ranges["battery_power"].high == battery
    assert ranges["inverter_battery_power"].low == -battery
    assert ranges["grid_power"].high == grid


def test_frequency_without_a_grid_is_zero() -> None:
    assert RANGES["grid_frequency"].clamped(0) == 0


@pytest.mark.parametrize(
    ("key", "step"),
    [
        ("grid_power_l1", 50_000),
        ("grid_reactive_power_l1", 50_000),
        ("grid_apparent_power_l1", 50_000),
        ("battery_soc", 5),
        ("battery_soh", 20),
        ("battery_temperature_min", 20),
        ("dispatch_power", inf),
        ("grid_voltage_l1", inf),
    ],
)
def test_larger_change_than_a_step_is_checked_again(key: str, step: float) -> None:
    assert RANGES[key].max_step == step
    assert RANGES[key].max_first == (32_767 if step == 50_000 else inf)


@pytest.mark.parametrize(
    ("block", "values", "excess"),
    [
        (Grid, {"power_l1": 9450}, 0),
        (Grid, {"power_l1": 9449}, 1),
        (Grid, {"power_l2": 10_579}, 0),
        (Grid, {"power_l2": 10_580}, 1),
        (Battery, {"voltage": 500, "current": 16.7}, 0),
        (Battery, {"voltage": 500, "current": 16.6}, 50),
    ],
)
def test_power_may_differ_from_what_others_show_by_its_tolerance(
    block: Any, values: dict[str, float], excess: float
) -> None:
    [check] = CHECKS_BY_PART[block.name]
    zeros = dict.fromkeys(check.inputs, 0.0)
    one = replace(empty(block), **{"power": 10_000, **zeros, **values})
    assert check.difference(one) == pytest.approx(excess, abs=0.5)
