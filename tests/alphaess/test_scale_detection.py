"""Scales are detected by raw values that would be impossible otherwise, and by nothing else."""

from collections.abc import Mapping
from datetime import timedelta

import pytest

from custom_components.alphaess_live.alphaess.inverter import Inverter
from custom_components.alphaess_live.alphaess.registers import (
    Battery,
    InverterOutput,
    InverterState,
    PvMeter,
    Strings,
    SystemTotals,
)
from custom_components.alphaess_live.alphaess.registers.block import Block
from custom_components.alphaess_live.alphaess.scale_detection import (
    ScaleDetector,
    detect_scales,
)
from custom_components.alphaess_live.alphaess.scales import (
    AC_POWER,
    CELL_VOLTAGE,
    CUT_OFF_CHARGE,
    GRID_VOLTAGE,
    INVERTER_TEMPERATURE,
    PROFILES,
    STANDARD,
    TOTAL_ENERGY,
    VARIANTS,
    ModelFamily,
)

from .units import SMILE_B3, SMILE_T10, THREE_PHASE, UNLIMITED, complete, load

QUIET = dict.fromkeys(range(0x0900), 0)
"""An inverter whose registers are all 0."""


type Values = Mapping[type[Block], Mapping[str, float]]


def saying(values: Values) -> dict[int, int]:
    """Return the words of some values at their default scales; all others are 0."""
    memory = dict(QUIET)
    for block, fields in values.items():
        for name, value in fields.items():
            memory |= block.registers[name].encode(value)
    return memory


def test_documented_device_has_standard_scales() -> None:
    assert detect_scales(THREE_PHASE) == STANDARD
    assert detect_scales(SMILE_T10) == STANDARD


def test_recorded_smile_b3_has_its_scales() -> None:
    assert detect_scales(SMILE_B3) == PROFILES[ModelFamily.SMILE_B3]


def test_zeros_and_missing_words_detect_nothing() -> None:
    assert detect_scales(QUIET) == STANDARD
    assert detect_scales({}) == STANDARD


def test_grid_voltage_above_1000_has_smaller_steps() -> None:
    assert detect_scales({0x0014: 2301}) == {GRID_VOLTAGE}
    assert detect_scales({0x0014: 253}) == STANDARD


@pytest.mark.parametrize("address", [0x0850, 0x0855])
def test_charge_limit_above_100_percent_has_smaller_steps(address: int) -> None:
    assert detect_scales({0x0850: 10, 0x0855: 95, address: 950}) == {CUT_OFF_CHARGE}
    assert detect_scales({0x0850: 10, 0x0855: 95, address: 100}) == STANDARD
    assert detect_scales({0x0850: 10, 0x0855: 95, address: 0xFFFF}) == STANDARD


def test_cell_voltage_below_1_volt_is_a_smile_b3() -> None:
    assert CELL_VOLTAGE in detect_scales({0x010A: 330})
    assert detect_scales({0x010A: 330}) == PROFILES[ModelFamily.SMILE_B3]
    assert detect_scales({0x010A: 3300}) == STANDARD


def test_inverter_temperature_above_100_has_smaller_steps() -> None:
    assert detect_scales({0x0435: 2890}) == {INVERTER_TEMPERATURE}
    assert detect_scales({0x0435: 551}) == STANDARD


@pytest.mark.parametrize(
    ("total", "variants"), [(2050, STANDARD), (20500, {TOTAL_ENERGY}), (0, STANDARD)]
)
def test_total_ten_times_its_parts_has_smaller_steps(
    total: float, variants: frozenset[object]
) -> None:
    memory = saying(
        {
            SystemTotals: {"pv_energy_total": total},
            InverterState: {"pv_energy_total": 1000},
            PvMeter: {"energy_1_total": 50, "energy_2_total": 1040},
        }
    )
    assert detect_scales(memory) == variants


BATTERY_ALONE: Values = {Battery: {"power": 400}}


def test_output_ten_times_the_battery_power_has_smaller_steps() -> None:
    output = {"power": 3900, "voltage_l1": 230, "current_l1": 1.7}
    assert detect_scales(saying({**BATTERY_ALONE, InverterOutput: output})) == {
        AC_POWER
    }


def test_output_with_a_matching_current_detects_nothing() -> None:
    output = {"power": 3900, "voltage_l1": 230, "current_l1": 17}
    assert detect_scales(saying({**BATTERY_ALONE, InverterOutput: output})) == STANDARD


def test_output_with_sun_or_little_power_detects_nothing() -> None:
    output: Values = {InverterOutput: {"power": 3900}}
    sunny: Values = {**BATTERY_ALONE, **output, Strings: {"pv2_power": 3000}}
    assert detect_scales(saying(sunny)) == STANDARD
    assert detect_scales(saying({Battery: {"power": 299}, **output})) == STANDARD


def test_output_of_a_charging_battery_has_smaller_steps() -> None:
    memory = saying({Battery: {"power": -500}, InverterOutput: {"power": -5200}})
    assert detect_scales(memory) == {AC_POWER}


SPIKES = (
    {0x0014: 0xFFFF},
    {0x010A: 500},
    {0x0435: 9000},
    {0x0855: 950},
)


@pytest.mark.parametrize("spike", SPIKES)
async def test_single_spike_changes_no_scale(spike: dict[int, int]) -> None:
    unit = complete(THREE_PHASE)
    inverter = Inverter(unit, slow_interval=timedelta(), max_requests=UNLIMITED)
    await inverter.read()
    for words in (spike, {at: THREE_PHASE.get(at, 0) for at in spike}, spike):
        load(unit, words)
        await inverter.read()
    assert inverter.profile == STANDARD
    await inverter.read()
    assert inverter.profile != STANDARD


def test_scale_is_detected_by_two_readings_of_a_slow_block() -> None:
    evidence = ScaleDetector()
    assert evidence.update({0x0850: 10, 0x0855: 95}) == STANDARD
    assert evidence.update({0x0850: 10, 0x0855: 950}) == STANDARD
    assert evidence.update({0x0014: 230}) == STANDARD
    assert evidence.update({0x0850: 10, 0x0855: 950}) == {CUT_OFF_CHARGE}


def test_names_of_variants_are_unique() -> None:
    assert len({variant.name for variant in VARIANTS}) == len(VARIANTS)


def test_family_has_a_profile() -> None:
    assert PROFILES.keys() == set(ModelFamily)
    assert all(profile <= set(VARIANTS) for profile in PROFILES.values())
