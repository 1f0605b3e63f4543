"""Impossible samples are removed from snapshots; plausible ones are not changed."""

from datetime import timedelta

from hypothesis import given, settings, strategies as st
from modbus_connection.mock import MockModbusUnit
import pytest

from custom_components.alphaess_live.alphaess.inverter import Inverter
from custom_components.alphaess_live.alphaess.monotonic_counter import RejectionReason
from custom_components.alphaess_live.alphaess.plausibility import (
    MAX_HELD_SAMPLES,
)
from custom_components.alphaess_live.alphaess.registers import (
    Backup,
    Battery,
    Grid,
    Strings,
)
from custom_components.alphaess_live.alphaess.snapshot import Snapshot
from tests.images import IMAGES, Image

from .units import THREE_PHASE, complete, load

SPIKE = Grid.registers["power"].encode(1_000_000)
POWER = Grid.registers["power"].decode(THREE_PHASE)


async def met() -> tuple[MockModbusUnit, Inverter, Snapshot]:
    """Read an inverter once."""
    unit = complete(THREE_PHASE)
    inverter = Inverter(unit)
    return unit, inverter, await inverter.read()


@pytest.mark.parametrize("image", IMAGES, ids=lambda image: image.name)
async def test_recorded_values_are_not_rejected(image: Image) -> None:
    inverter = Inverter(complete(image.holding))
    first = await inverter.read()
    await inverter.read_power(first)
    await inverter.read()
    assert inverter.stats.rejected_samples == 0


async def test_spike_is_replaced_by_the_value_before() -> None:
    unit, inverter, _ = await met()
    load(unit, SPIKE)
    snapshot = await inverter.read()
    assert snapshot.power.grid == POWER
    assert inverter.stats.rejected_samples == 1
    [rejection] = inverter.plausibility.rejections
    assert rejection == (
        "grid_power",
        snapshot.measured_at,
        1_000_000,
        POWER,
        RejectionReason.IMPOSSIBLE,
    )


async def test_spike_between_snapshots_is_replaced() -> None:
    unit, inverter, first = await met()
    load(unit, SPIKE | Battery.registers["soc"].encode(101))
    power = (await inverter.read_power(first)).power
    assert power == first.power
    assert inverter.stats.rejected_samples == 2


async def test_live_value_that_stays_impossible_removes_its_block() -> None:
    unit, inverter, snapshot = await met()
    load(unit, SPIKE)
    for _ in range(MAX_HELD_SAMPLES):
        snapshot = await inverter.read_power(snapshot)
        assert snapshot.power.grid == POWER
    snapshot = await inverter.read_power(snapshot)
    assert snapshot.grid is None
    assert snapshot.power.load is None
    assert "grid" in snapshot.unavailable
    load(unit, THREE_PHASE)
    assert (await inverter.read()).power.grid == POWER


async def test_string_that_stays_impossible_removes_the_sum() -> None:
    unit, inverter, snapshot = await met()
    load(unit, Strings.registers["pv1_power"].encode(4_000_000_000))
    for _ in range(MAX_HELD_SAMPLES + 1):
        snapshot = await inverter.read()
    assert snapshot.strings is None
    assert snapshot.power.pv is None


async def test_first_sample_that_is_impossible_is_removed() -> None:
    inverter = Inverter(complete(THREE_PHASE | SPIKE))
    assert (await inverter.read()).grid is None


async def test_spike_after_an_outage_is_not_replaced_by_an_old_value() -> None:
    unit, inverter, _ = await met()
    load(unit, SPIKE)
    assert (await inverter.read(after_outage=True)).grid is None


async def test_other_value_that_stays_impossible_is_accepted() -> None:
    unit, inverter, first = await met()
    assert first.backup
    load(unit, Backup.registers["power_l3"].encode(4_000_000_000))
    for _ in range(MAX_HELD_SAMPLES):
        snapshot = await inverter.read()
        assert snapshot.backup == first.backup
    snapshot = await inverter.read()
    assert snapshot.backup
    assert snapshot.backup.power == first.backup.power
    assert inverter.stats.rejected_samples == MAX_HELD_SAMPLES


async def test_max_power_is_ten_times_rated_and_50_kilowatts_at_least() -> None:
    _, inverter, first = await met()
    assert first.battery
    rated = max(first.battery.charge_power_limit, first.battery.discharge_power_limit)
    assert inverter.plausibility.max_power == 10 * rated
    words = Battery.registers["charge_power_limit"].encode(0)
    words |= Battery.registers["discharge_power_limit"].encode(0)
    resting = Inverter(complete(THREE_PHASE | words))
    await resting.read()
    assert resting.plausibility.max_power == 50_000


@settings(max_examples=60, deadline=timedelta(seconds=5))
@given(
    st.lists(
        st.dictionaries(
            st.sampled_from(sorted(THREE_PHASE)), st.integers(0, 0xFFFF), max_size=8
        ),
        max_size=8,
    )
)
async def test_random_words_give_no_impossible_power(
    garbage: list[dict[int, int]],
) -> None:
    limit = Battery.registers["charge_power_limit"].address
    unit, inverter, _ = await met()
    for words in garbage:
        load(unit, THREE_PHASE)
        load(unit, {a: w for a, w in words.items() if a not in (limit, limit + 1)})
        power = (await inverter.read()).power
        for value in (power.grid, power.battery):
            assert value is None or abs(value) <= inverter.plausibility.max_power
        assert power.soc is None or 0 <= power.soc <= 100
