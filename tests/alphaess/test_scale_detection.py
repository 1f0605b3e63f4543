"""Scales are proven by raw values that would be absurd otherwise, and by nothing less."""

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

from .units import SMILE_B3, SMILE_T10, THREE_PHASE, complete, load

QUIET = dict.fromkeys(range(0x0900), 0)
"""An inverter that says nothing but zeros."""


type Values = Mapping[type[Block], Mapping[str, float]]


def saying(values: Values) -> dict[int, int]:
    """Lay some values, at their usual scales, over zeros."""
    memory = dict(QUIET)
    for block, fields in values.items():
        for name, value in fields.items():
            memory |= block.registers[name].encode(value)
    return memory


def test_a_device_as_the_documents_print_it_is_standard() -> None:
    assert detect_scales(THREE_PHASE) == STANDARD
    assert detect_scales(SMILE_T10) == STANDARD


def test_a_recorded_smile_b3_is_recognised() -> None:
    assert detect_scales(SMILE_B3) == PROFILES[ModelFamily.SMILE_B3]


def test_zeros_and_missing_words_prove_nothing() -> None:
    assert detect_scales(QUIET) == STANDARD
    assert detect_scales({}) == STANDARD


def test_no_grid_has_two_thousand_volts() -> None:
    assert detect_scales({0x0014: 2301}) == {GRID_VOLTAGE}
    assert detect_scales({0x0014: 253}) == STANDARD


@pytest.mark.parametrize("address", [0x0850, 0x0855])
def test_no_battery_is_charged_to_more_than_100_percent(address: int) -> None:
    assert detect_scales({0x0850: 10, 0x0855: 95, address: 950}) == {CUT_OFF_CHARGE}
    assert detect_scales({0x0850: 10, 0x0855: 95, address: 100}) == STANDARD
    assert detect_scales({0x0850: 10, 0x0855: 95, address: 0xFFFF}) == STANDARD


def test_a_cell_of_a_third_of_a_volt_is_a_smile_b3() -> None:
    assert CELL_VOLTAGE in detect_scales({0x010A: 330})
    assert detect_scales({0x010A: 330}) == PROFILES[ModelFamily.SMILE_B3]
    assert detect_scales({0x010A: 3300}) == STANDARD


def test_no_inverter_survives_two_hundred_degrees() -> None:
    assert detect_scales({0x0435: 2890}) == {INVERTER_TEMPERATURE}
    assert detect_scales({0x0435: 551}) == STANDARD


@pytest.mark.parametrize(
    ("total", "variants"), [(2050, STANDARD), (20500, {TOTAL_ENERGY}), (0, STANDARD)]
)
def test_a_total_ten_times_its_parts_counts_smaller_steps(
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


def test_more_out_than_the_battery_gives_counts_smaller_steps() -> None:
    output = {"power": 3900, "voltage_l1": 230, "current_l1": 1.7}
    assert detect_scales(saying({**BATTERY_ALONE, InverterOutput: output})) == {
        AC_POWER
    }


def test_a_kettle_switched_on_between_two_reports_proves_nothing() -> None:
    output = {"power": 3900, "voltage_l1": 230, "current_l1": 17}
    assert detect_scales(saying({**BATTERY_ALONE, InverterOutput: output})) == STANDARD


def test_with_sun_or_with_hardly_any_power_the_output_proves_nothing() -> None:
    output: Values = {InverterOutput: {"power": 3900}}
    sunny: Values = {**BATTERY_ALONE, **output, Strings: {"pv2_power": 3000}}
    assert detect_scales(saying(sunny)) == STANDARD
    assert detect_scales(saying({Battery: {"power": 299}, **output})) == STANDARD


def test_the_output_of_a_charging_battery_proves_the_same() -> None:
    memory = saying({Battery: {"power": -500}, InverterOutput: {"power": -5200}})
    assert detect_scales(memory) == {AC_POWER}


SPIKES = (
    {0x0014: 0xFFFF},
    {0x010A: 500},
    {0x0435: 9000},
    {0x0855: 950},
)


@pytest.mark.parametrize("spike", SPIKES)
async def test_one_spike_changes_no_scale(spike: dict[int, int]) -> None:
    unit = complete(THREE_PHASE)
    inverter = Inverter(unit, slow_interval=timedelta())
    await inverter.read()
    for words in (spike, {at: THREE_PHASE.get(at, 0) for at in spike}, spike):
        load(unit, words)
        await inverter.read()
    assert inverter.profile == STANDARD
    await inverter.read()
    assert inverter.profile != STANDARD


def test_a_scale_may_be_proven_again_by_words_that_are_read_seldom() -> None:
    evidence = ScaleDetector()
    assert evidence.update({0x0850: 10, 0x0855: 95}) == STANDARD
    assert evidence.update({0x0850: 10, 0x0855: 950}) == STANDARD
    assert evidence.update({0x0014: 230}) == STANDARD
    assert evidence.update({0x0850: 10, 0x0855: 950}) == {CUT_OFF_CHARGE}


def test_each_variant_has_a_name_of_its_own() -> None:
    assert len({variant.name for variant in VARIANTS}) == len(VARIANTS)


def test_each_family_has_a_profile() -> None:
    assert PROFILES.keys() == set(ModelFamily)
    assert all(profile <= set(VARIANTS) for profile in PROFILES.values())
