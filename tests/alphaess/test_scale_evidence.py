"""Raw words prove a scale within the limits of what is possible, and nothing outside them."""

from collections.abc import Mapping

import pytest

from custom_components.alphaess_live.alphaess.registers import (
    Battery,
    InverterOutput,
    InverterState,
    PvMeter,
    Strings,
    SystemTotals,
)
from custom_components.alphaess_live.alphaess.registers.block import Block
from custom_components.alphaess_live.alphaess.scale_detection import ScaleDetector
from custom_components.alphaess_live.alphaess.scales import (
    AC_POWER,
    CELL_VOLTAGE,
    CUT_OFF_CHARGE,
    GRID_VOLTAGE,
    INVERTER_TEMPERATURE,
    TOTAL_ENERGY,
    VARIANTS,
    ScaleProfile,
    ScaleVariant,
)

from .units import QUIET, SMILE_B3, follow, scales_of

type Values = Mapping[type[Block], Mapping[str, float]]
type Memory = Mapping[int, int]
type Side = bool | None
"""Whether words support the alternative scale; None if they support none."""


def saying(values: Values) -> dict[int, int]:
    """Return the words of some values at their default scales; all others are 0."""
    memory = dict(QUIET)
    for block, fields in values.items():
        for name, value in fields.items():
            memory |= block.registers[name].encode(value)
    return memory


GRID, OUTPUT = (0x0014, 0x0015, 0x0016), 0x0400


@pytest.mark.parametrize(
    ("words", "alternative"),
    [
        ({0x0014: 2301}, True),
        ({0x0014: 2301, 0x0015: 2290, 0x0016: 2310, OUTPUT: 2280}, True),
        ({0x0014: 253}, False),
        ({0x0014: 85}, False),
        ({0x0014: 280, OUTPUT: 2800}, False),
        ({0x0014: 850}, True),
        ({0x0014: 2800}, True),
        ({0x0014: 84}, None),
        ({0x0014: 281}, None),
        ({0x0014: 849}, None),
        ({0x0014: 2801}, None),
        ({0x0014: 2301, 0x0015: 229, 0x0016: 231}, None),
        ({0x0014: 0xFFFF, 0x0015: 229, 0x0016: 231}, None),
        ({0x0014: 1500, OUTPUT: 2290}, None),
        ({0x0014: 150, OUTPUT: 2290}, None),
    ],
)
def test_grid_voltage_proves_its_scale(words: Memory, alternative: Side) -> None:
    assert_side(GRID_VOLTAGE, words, alternative)


def assert_side(variant: ScaleVariant, words: Memory, alternative: Side) -> None:
    """Assert what these words confirm of one scale in a minute: nothing if None."""
    profile = scales_of(QUIET | dict(words))
    assert (variant in profile.confirmed) is (alternative is not None)
    assert (variant in profile.alternatives) is (alternative is True)
    assert variant not in profile.in_question


@pytest.mark.parametrize(
    ("low", "high", "alternative"),
    [
        (3301, 3342, False),
        (2000, 4300, False),
        (329, 330, True),
        (200, 430, True),
        (1999, 3300, None),
        (3300, 4301, None),
        (199, 330, None),
        (330, 431, None),
        (3301, 40, None),
        (3301, 334, None),
        (334, 3301, None),
        (3342, 3301, None),
        (334, 329, None),
    ],
)
def test_both_cell_voltages_prove_their_scale(
    low: int, high: int, alternative: Side
) -> None:
    assert_side(CELL_VOLTAGE, {0x0107: low, 0x010A: high}, alternative)


@pytest.mark.parametrize(
    ("raw", "alternative"),
    [
        (-500, False),
        (-50, False),
        (253, False),
        (999, False),
        (1501, True),
        (2890, True),
        (10000, True),
        (-501, None),
        (1000, None),
        (1500, None),
        (10001, None),
    ],
)
def test_inverter_temperature_proves_its_scale(raw: int, alternative: Side) -> None:
    words = {0x0014: 230, 0x0435: raw % 0x10000}  # No SMILE-B3, by its grid voltage.
    assert_side(INVERTER_TEMPERATURE, words, alternative)


@pytest.mark.parametrize(
    ("floor", "target", "alternative"),
    [
        (10, 95, False),
        (4, 100, False),
        (50, 95, False),
        (30, 20, False),
        (200, 950, True),
        (110, 1000, True),
        (10, 300, None),
        (300, 95, None),
        (3, 95, None),
        (10, 101, None),
        (50, 100, None),
        (100, 100, None),
        (50, 20, None),
        (950, 200, None),
        (110, 1010, None),
        (205, 950, None),
        (200, 955, None),
        (0xFFFF, 95, None),
        (10, 0xFFFF, None),
    ],
)
def test_floor_and_target_prove_their_scale(
    floor: int, target: int, alternative: Side
) -> None:
    assert_side(CUT_OFF_CHARGE, {0x0850: floor, 0x0855: target}, alternative)


def plant(total: float, strings: float, meter: float = 0) -> dict[int, int]:
    """Return the words of the PV totals in kWh, at the default scale."""
    return saying(
        {
            SystemTotals: {"pv_energy_total": total},
            InverterState: {"pv_energy_total": strings},
            PvMeter: {"energy_1_total": 0, "energy_2_total": meter},
        }
    )


def growing(factor: float, total: float, strings: float, meter: float) -> list[Memory]:
    """Return samples in which the parts grow by 2 kWh, and the total by so many times more."""
    return [
        plant(total + factor * n / 25, strings + n / 50, meter + n / 50)
        for n in range(51)
    ]


@pytest.mark.parametrize(
    ("total", "question"),
    [
        (2050, False),
        (20500, True),
        (0, False),
        (18000, True),
        (16320.1, True),  # Just above 8 times the parts.
        (24479.9, True),  # Just below 12 times.
    ],
)
def test_ratio_of_totals_alone_confirms_nothing(total: float, question: Side) -> None:
    *_, profile = follow(ScaleDetector(), [plant(total, 1000, 1040)] * 200)
    assert profile.in_question == ({TOTAL_ENERGY} if question else set())
    assert TOTAL_ENERGY not in profile.confirmed


@pytest.mark.parametrize("bound", [8, 12, 0.8, 1.25])
def test_ratio_at_its_bound_shows_no_scale(bound: float) -> None:
    # What was shown before stays: a number that is unknown, or one that is not.
    for factor, question in ((10, True), (1, False)):
        samples = [plant(1024 * factor, 1024), plant(1024 * bound, 1024)]
        profiles = follow(ScaleDetector(), samples)
        assert [TOTAL_ENERGY in one.in_question for one in profiles] == [question] * 2


@pytest.mark.parametrize("parts", [10, 10.1])
def test_ratio_needs_more_than_ten_kwh_of_the_parts(parts: float) -> None:
    [profile] = follow(ScaleDetector(), [plant(parts, parts)])
    assert (TOTAL_ENERGY in profile.in_question) is (parts == 10)


WRONG_PARTS: dict[str, dict[int, int]] = {
    "grid and meter 0": dict.fromkeys(range(0x0100), 0),
    "grid and meter ones": dict.fromkeys(range(0x0100), 0xFFFF),
    "neighbour of a cell": {0x0113: 0x0148},
    "strings": InverterState.registers["pv_energy_total"].encode(6553.6),
    "total": SystemTotals.registers["pv_energy_total"].encode(3204.9),
}


@pytest.mark.parametrize("odd", WRONG_PARTS.values(), ids=WRONG_PARTS.keys())
@pytest.mark.parametrize("at", range(4))
def test_smile_b3_total_is_never_shown_at_the_default_scale(
    at: int, odd: dict[int, int]
) -> None:
    samples: list[Memory] = [SMILE_B3] * 12
    samples[at] = {**SMILE_B3, **odd}
    for profile in follow(ScaleDetector(), samples):
        is_alternative = TOTAL_ENERGY in profile.alternatives
        assert is_alternative or TOTAL_ENERGY in profile.in_question
    assert is_alternative


@pytest.mark.parametrize("missing", [PvMeter, InverterState])
def test_total_without_one_of_its_parts_keeps_what_was_shown(
    missing: type[Block],
) -> None:
    def without(words: Memory) -> Memory:
        return {at: w for at, w in words.items() if at not in missing.address_set}

    for factor, question in ((1, False), (10, True)):
        complete = plant(factor * 2040, 1000, 1040)
        samples = [complete, without(complete), without(complete), complete]
        for profile in follow(ScaleDetector(), samples):
            assert (TOTAL_ENERGY in profile.in_question) is question
    [first] = follow(ScaleDetector(), [without(plant(20400, 1000, 1040))])
    assert TOTAL_ENERGY in first.in_question
    hybrid = without(plant(1000, 1000)) if missing is PvMeter else plant(1000, 1000)
    [first] = follow(ScaleDetector(), [hybrid])
    assert TOTAL_ENERGY not in first.in_question


def test_exchanged_inverter_has_the_total_of_both() -> None:
    *_, profile = follow(ScaleDetector(), growing(1, 15000, 1300, 0))
    assert TOTAL_ENERGY in profile.confirmed
    assert not profile.alternatives
    certain = ScaleProfile(confirmed=frozenset(VARIANTS))
    detector = ScaleDetector(certain)
    for memory in growing(1, 15000, 1300, 0):
        profile = detector.update(memory, at=0)
        assert not profile.in_question


def test_total_that_grows_ten_times_as_fast_has_smaller_steps() -> None:
    profiles = follow(ScaleDetector(), growing(10, 32048.9, 0, 3204.9))
    assert profiles[0].in_question == {TOTAL_ENERGY}
    assert profiles[-1].alternatives == profiles[-1].confirmed == {TOTAL_ENERGY}
    assert not any(one.confirmed for one in profiles[:25])


@pytest.mark.parametrize("at", [0, 1, 12, 25, 26, 27, 50])
@pytest.mark.parametrize("factor", [1, 10])
@pytest.mark.parametrize(
    "odd",
    [
        {SystemTotals: {"pv_energy_total": 0}},
        {SystemTotals: {"pv_energy_total": 99999}},
        {SystemTotals: {"pv_energy_total": 14990}},
        {InverterState: {"pv_energy_total": 0}},
        {InverterState: {"pv_energy_total": 1502}},
        {InverterState: {"pv_energy_total": 400000}},
        {PvMeter: {"energy_2_total": 9999}},
    ],
)
def test_odd_total_does_not_change_the_scale(at: int, factor: int, odd: Values) -> None:
    samples = growing(factor, 15000, 1500, 0) + growing(
        factor, 15000 + 2 * factor, 1501, 1
    )
    *_, right = follow(ScaleDetector(), samples)
    for block, fields in odd.items():
        for name, value in fields.items():
            samples[at] = {**samples[at], **block.registers[name].encode(value)}
    *_, profile = follow(ScaleDetector(), samples)
    assert profile == right
    assert right.confirmed == {TOTAL_ENERGY}


def test_total_that_was_once_too_low_is_compared_from_there() -> None:
    before, after = growing(1, 15000, 1500, 0)[:10], growing(1, 15003.4, 1500.2, 0.2)
    *_, profile = follow(ScaleDetector(), before + after)
    assert profile.confirmed == {TOTAL_ENERGY}
    assert not profile.alternatives


BATTERY_ALONE: Values = {Battery: {"power": 400}}


@pytest.mark.parametrize(
    ("output", "alternative"),
    [
        ({"power": 3900, "voltage_l1": 230, "current_l1": 1.7}, True),
        ({"power": 3900}, True),
        ({"power": 390, "voltage_l1": 230, "current_l1": 1.7}, False),
        ({"power": 3900, "voltage_l1": 230, "current_l1": 17}, False),
        ({"power": 240}, None),
        ({"power": 241}, False),
        ({"power": 559}, False),
        ({"power": 560}, None),
        ({"power": 2800}, None),
        ({"power": 2801}, True),
        ({"power": 5199}, True),
        ({"power": 5200}, None),
        ({"power": 39000}, None),
        # The apparent power is a fifth, or a fifteenth, of the power.
        ({"power": 3900, "voltage_l1": 260, "current_l1": 3}, None),
        ({"power": 3900, "voltage_l1": 260, "current_l1": 1}, None),
        ({"power": 3900, "voltage_l1": 260, "current_l1": 2.9}, True),
        ({"power": 3900, "voltage_l1": 260, "current_l1": 1.1}, True),
    ],
)
def test_output_beside_the_battery_power_proves_its_scale(
    output: Mapping[str, float], alternative: Side
) -> None:
    memory = saying({**BATTERY_ALONE, InverterOutput: output})
    assert_side(AC_POWER, memory, alternative)


def test_output_with_sun_or_little_power_proves_nothing() -> None:
    output: Values = {InverterOutput: {"power": 3900}}
    sunny: Values = {**BATTERY_ALONE, **output, Strings: {"pv2_power": 3000}}
    assert_side(AC_POWER, saying(sunny), alternative=None)
    weak = saying({Battery: {"power": 299}, **output})
    assert_side(AC_POWER, weak, alternative=None)


def test_output_of_a_charging_battery_has_smaller_steps() -> None:
    memory = saying({Battery: {"power": -500}, InverterOutput: {"power": -5200}})
    assert_side(AC_POWER, memory, alternative=True)


@pytest.mark.parametrize(
    ("power", "current", "alternative"),
    [
        (230, 2, None),
        (231, 2, False),
        (-231, 2, False),
        (551, 2, False),
        (552, 2, None),
        (200, 1.3, None),
        (200, 1.4, False),
    ],
)
def test_output_that_its_current_explains_has_the_usual_scale(
    power: float, current: float, alternative: Side
) -> None:
    output = {"power": power, "voltage_l1": 230, "current_l1": current}
    assert_side(AC_POWER, saying({InverterOutput: output}), alternative)
