"""Scales are hypotheses: lasting evidence confirms them, contrary evidence withdraws them, odd words do neither."""

from collections.abc import Mapping
import logging

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.alphaess_live.alphaess.errors import InvalidScheduleError
from custom_components.alphaess_live.alphaess.registers import Battery, Periods
from custom_components.alphaess_live.alphaess.scale_detection import ScaleDetector
from custom_components.alphaess_live.alphaess.scale_evidence import (
    require_certain_limits,
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
    ScaleProfile,
    ScaleVariant,
)
from tests.devices import DEVICES

from .units import QUIET, SMILE_B3, SMILE_T10, THREE_PHASE, follow, scales_of

type Memory = Mapping[int, int]

USUAL_GRID, TENTHS_GRID = QUIET | {0x0014: 230}, QUIET | {0x0014: 2300}


def known(*alternatives: ScaleVariant, confirmed: bool = True) -> ScaleDetector:
    """Return a detector that starts with these alternatives."""
    certain = frozenset(VARIANTS) if confirmed else frozenset()
    return ScaleDetector(
        ScaleProfile(alternatives=frozenset(alternatives), confirmed=certain)
    )


def test_documented_device_confirms_the_default_scales() -> None:
    for words in (THREE_PHASE, SMILE_T10):
        profile = scales_of(words)
        assert not profile.alternatives
        assert not profile.in_question
    certain = scales_of(THREE_PHASE).confirmed
    assert certain == set(VARIANTS) - {TOTAL_ENERGY}


def test_recorded_smile_b3_has_its_scales() -> None:
    profile = scales_of(SMILE_B3)
    chosen = PROFILES[ModelFamily.SMILE_B3]
    assert profile.alternatives == chosen.alternatives
    assert profile.confirmed == {
        GRID_VOLTAGE,
        CELL_VOLTAGE,
        INVERTER_TEMPERATURE,
        CUT_OFF_CHARGE,
    }
    assert not profile.in_question


def test_smile_b3_values_are_unknown_until_confirmed() -> None:
    first, *_ = follow(ScaleDetector(), [SMILE_B3])
    assert first.in_question == PROFILES[ModelFamily.SMILE_B3].alternatives
    assert not first.alternatives


@pytest.mark.parametrize("words", [{}, QUIET, dict.fromkeys(QUIET, 0xFFFF)])
def test_missing_words_zeros_and_ones_prove_nothing(words: Memory) -> None:
    assert scales_of(words) == STANDARD


def test_target_above_100_beside_a_low_floor_needs_half_an_hour() -> None:
    detector = ScaleDetector()
    profiles = follow(detector, [{0x0850: 50, 0x0855: 950}] * 181)
    assert all(one.in_question == {CUT_OFF_CHARGE} for one in profiles[:180])
    assert profiles[180].alternatives == profiles[180].confirmed == {CUT_OFF_CHARGE}
    assert detector.uncertain_samples(CUT_OFF_CHARGE) == 0


def test_centivolt_cells_alone_scale_only_the_cells() -> None:
    words = {0x0014: 231, 0x0107: 334, 0x010A: 335, 0x0435: 253}
    profile = scales_of(QUIET | words)
    assert profile.alternatives == {CELL_VOLTAGE}
    assert not profile.in_question


def test_cold_smile_b3_is_no_warm_inverter() -> None:
    cold = SMILE_B3 | {0x0435: 500}
    first, *_, last = follow(ScaleDetector(), [cold] * 7)
    assert INVERTER_TEMPERATURE in first.in_question
    assert INVERTER_TEMPERATURE in last.alternatives - last.confirmed
    assert INVERTER_TEMPERATURE not in last.in_question


ASLEEP = dict.fromkeys(Battery.addresses(), 0)
NO_GRID = dict.fromkeys((0x0014, 0x0015, 0x0016), 0)


@pytest.mark.parametrize("raw", [800, 999, 1400])
@pytest.mark.parametrize(
    "hidden", [ASLEEP, NO_GRID, ASLEEP | NO_GRID], ids=["battery", "grid", "both"]
)
def test_cold_smile_b3_with_a_hidden_trait_has_no_temperature(
    hidden: Memory, raw: int
) -> None:
    detector = ScaleDetector()
    cold = SMILE_B3 | {0x0435: raw}
    for profile in follow(detector, [{**cold, **hidden}] * 400):
        assert INVERTER_TEMPERATURE in profile.in_question
        assert INVERTER_TEMPERATURE not in profile.confirmed
    *_, awake = follow(detector, [cold] * 7, start=4000)
    assert INVERTER_TEMPERATURE in awake.alternatives - awake.in_question


def test_one_usual_trait_shows_the_temperature_at_once() -> None:
    for hidden in (ASLEEP, NO_GRID):
        first, *_ = follow(ScaleDetector(), [{**THREE_PHASE, **hidden}])
        assert INVERTER_TEMPERATURE not in first.in_question


def test_scale_needs_three_samples_in_a_minute() -> None:
    detector, words = ScaleDetector(), {0x0850: 200, 0x0855: 950}
    for at, certain in ((0, False), (59, False), (59.9, False), (60, True)):
        profile = detector.update(words, at=at)
        assert (CUT_OFF_CHARGE in profile.confirmed) is certain
    detector = ScaleDetector()
    for at, certain in ((0, False), (600, False), (601, True)):
        profile = detector.update(words, at=at)
        assert (CUT_OFF_CHARGE in profile.confirmed) is certain


def test_samples_without_the_registers_count_nothing() -> None:
    detector, words = ScaleDetector(), {0x0850: 200, 0x0855: 950}
    detector.update(words, at=0)
    for at in (20, 40, 60, 80):
        profile = detector.update({0x0014: 230}, at=at)
        assert CUT_OFF_CHARGE in profile.in_question
    assert detector.uncertain_samples(CUT_OFF_CHARGE) == 1


def test_contrary_sample_starts_the_minute_again() -> None:
    detector = ScaleDetector()
    *_, profile = follow(detector, [TENTHS_GRID] * 6 + [USUAL_GRID] + [TENTHS_GRID] * 6)
    assert not profile.confirmed
    assert profile.in_question == {GRID_VOLTAGE}
    *_, profile = follow(detector, [TENTHS_GRID], start=130)
    assert profile.alternatives == profile.confirmed == {GRID_VOLTAGE}


@pytest.mark.parametrize("odd", [(500, 1000), (50, 300)])
def test_odd_words_of_many_days_confirm_no_scale(odd: tuple[int, int]) -> None:
    detector, at = ScaleDetector(), 0.0
    for _ in range(40):
        for floor, target in (*[(50, 100)] * 20, odd):
            at += 300
            profile = detector.update(_limits(floor, target), at=at)
    profile = detector.update(_limits(50, 100), at=at + 300)
    assert CUT_OFF_CHARGE not in profile.alternatives | profile.in_question
    assert CUT_OFF_CHARGE not in profile.confirmed


def test_odd_word_on_a_confirmed_scale_is_unknown_only_while_it_is_read() -> None:
    detector = ScaleDetector(ScaleProfile(confirmed=frozenset({CUT_OFF_CHARGE})))
    profile = detector.update(_limits(50, 300), at=0)
    assert CUT_OFF_CHARGE in profile.in_question
    profile = detector.update(_limits(50, 100), at=300)
    assert CUT_OFF_CHARGE not in profile.in_question
    require_certain_limits(_limits(50, 100), profile)


@pytest.mark.parametrize("words", [(100, 10_000), (100, 0), (0xFFFF, 100), (60, 2)])
def test_limit_beside_a_wrong_one_is_unknown_until_its_scale_is_certain(
    words: tuple[int, int],
) -> None:
    detector = ScaleDetector()
    profile = detector.update(_limits(*words), at=0)
    assert CUT_OFF_CHARGE in profile.in_question
    *_, profile = follow(detector, [_limits(10, 100)] * 7, start=20)
    assert profile.confirmed == {CUT_OFF_CHARGE}
    profile = detector.update(_limits(*words), at=300)
    assert CUT_OFF_CHARGE not in profile.in_question


def test_limits_that_fit_both_scales_are_not_written_in_tenths() -> None:
    tenths = frozenset({CUT_OFF_CHARGE})
    profile = ScaleProfile(alternatives=tenths, confirmed=tenths)
    require_certain_limits(_limits(500, 1000), profile)
    with pytest.raises(InvalidScheduleError):
        require_certain_limits(_limits(50, 100), profile)


def _limits(floor: int, target: int) -> Memory:
    empty = dict.fromkeys(Periods.addresses(), 0)
    return empty | {0x0850: floor, 0x0855: target}


def test_confirmed_scale_is_withdrawn_then_replaced(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.INFO)
    detector = ScaleDetector()
    follow(detector, [USUAL_GRID] * 12)
    profiles = follow(detector, [TENTHS_GRID] * 181, start=120)
    assert all(one.in_question == {GRID_VOLTAGE} for one in profiles[:180])
    assert profiles[179].confirmed == {GRID_VOLTAGE}
    assert not profiles[179].alternatives
    assert profiles[180].alternatives == {GRID_VOLTAGE}
    assert not profiles[180].in_question
    assert [record.message for record in caplog.records] == [
        "Scale of grid_voltage confirmed: 1",
        "Scale of grid_voltage withdrawn: the values do not fit 1",
        "Scale of grid_voltage confirmed: 0.1",
    ]


def test_withdrawn_scale_is_confirmed_again_by_a_minute_of_evidence() -> None:
    detector = known()
    for at in range(20):  # Twenty snapshots of five minutes each
        profile = detector.update(TENTHS_GRID, at=60 * at)
    assert profile.in_question == {GRID_VOLTAGE}
    assert detector.learned.confirmed == set(VARIANTS)
    profiles = follow(detector, [USUAL_GRID] * 7, start=6000)
    assert all(one.in_question for one in profiles[:6])
    assert not profiles[6].in_question
    assert not profiles[6].alternatives


def test_stored_hypothesis_is_used_at_once_and_stored_again() -> None:
    detector = known(AC_POWER, GRID_VOLTAGE, confirmed=False)
    profile = detector.update(TENTHS_GRID, at=0)
    assert profile.alternatives == {AC_POWER, GRID_VOLTAGE}
    assert not profile.confirmed
    assert not profile.in_question
    learned = detector.learned
    assert learned.alternatives == {AC_POWER, GRID_VOLTAGE}
    assert not learned.confirmed


def test_stored_hypothesis_is_withdrawn_by_a_minute_of_evidence() -> None:
    detector = known(CUT_OFF_CHARGE, AC_POWER, confirmed=False)
    profiles = follow(detector, [{0x0850: 10, 0x0855: 95}] * 7)
    assert all(one.in_question == {CUT_OFF_CHARGE} for one in profiles[:6])
    assert profiles[6].alternatives == {AC_POWER}
    assert detector.learned.alternatives == {AC_POWER}
    assert detector.learned.confirmed == {CUT_OFF_CHARGE}


def test_unconfirmed_scales_of_a_smile_b3_are_not_stored() -> None:
    detector = ScaleDetector()
    *_, profile = follow(detector, [SMILE_B3] * 7)
    assert TOTAL_ENERGY in profile.alternatives
    assert detector.learned.alternatives == profile.alternatives - {TOTAL_ENERGY}
    assert detector.learned.confirmed == profile.confirmed


def _registers_in_rules() -> tuple[int, ...]:
    detected: tuple[int, ...]
    detected = (0x0014, 0x0015, 0x0016, 0x0107, 0x010A, 0x0126, 0x0400, 0x0401, 0x0402)
    detected += (0x0403, 0x0404, 0x0405, 0x040C, 0x040D, 0x0420, 0x0424, 0x0428)
    detected += (0x0435, 0x043E, 0x043F, 0x0090, 0x0091, 0x0092, 0x0093)
    return (*detected, 0x0850, 0x0855, 0x08D2, 0x08D3)


RECORDED = {name: make().words() for name, make in DEVICES.items()}
FINAL = {
    name: follow(ScaleDetector(), [words] * 20)[-1] for name, words in RECORDED.items()
}


@settings(max_examples=500)
@given(
    device=st.sampled_from(sorted(DEVICES)),
    address=st.sampled_from(_registers_in_rules()),
    word=st.integers(0, 0xFFFF) | st.integers(0, 3000),
    at=st.integers(0, 9),
)
def test_no_single_odd_word_changes_what_is_confirmed(
    device: str, address: int, word: int, at: int
) -> None:
    samples = [RECORDED[device]] * 20
    samples[at] = samples[at] | {address: word}
    *_, profile = follow(ScaleDetector(), samples)
    assert profile == FINAL[device]


@settings(max_examples=200)
@given(
    device=st.sampled_from(sorted(DEVICES)),
    address=st.sampled_from(_registers_in_rules()),
    word=st.integers(0, 0xFFFF) | st.integers(0, 3000),
    count=st.integers(1, 20),
    seconds=st.sampled_from((5, 10, 60, 300)),
)
def test_odd_word_for_twenty_samples_changes_no_confirmed_scale(
    device: str, address: int, word: int, count: int, seconds: int
) -> None:
    confirmed = ScaleProfile(
        alternatives=FINAL[device].alternatives, confirmed=frozenset(VARIANTS)
    )
    detector, words = ScaleDetector(confirmed), RECORDED[device]
    for n in range(count + 20):
        odd = {address: word} if n < count else {}
        profile = detector.update(words | odd, at=seconds * n)
        assert detector.learned == ScaleDetector(confirmed).learned
    assert profile.alternatives == confirmed.alternatives
    assert not profile.in_question


def test_names_of_variants_are_unique() -> None:
    assert len({variant.name for variant in VARIANTS}) == len(VARIANTS)


def test_family_has_a_profile() -> None:
    assert PROFILES.keys() == set(ModelFamily)
    for family, profile in PROFILES.items():
        assert profile.family is family
        assert profile.alternatives <= set(VARIANTS)
        assert profile.is_fixed is (family is not ModelFamily.AUTOMATIC)
        assert profile.confirmed == (set(VARIANTS) if profile.is_fixed else set())


def test_words_that_fit_no_scale_end_no_doubt() -> None:
    detector = ScaleDetector()
    assert GRID_VOLTAGE in detector.update(TENTHS_GRID, at=0).in_question
    torn = TENTHS_GRID | {0x0014: 1}
    assert GRID_VOLTAGE in detector.update(torn, at=10).in_question
    # And they confirm nothing: the minute begins anew.
    for seconds in (20, 50, 70):
        profile = detector.update(TENTHS_GRID, at=seconds)
        assert GRID_VOLTAGE not in profile.confirmed
    assert GRID_VOLTAGE in detector.update(TENTHS_GRID, at=80).alternatives
