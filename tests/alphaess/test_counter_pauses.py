"""A counter after hours without a sample, or after its clock was set: growth is shown once it is confirmed."""

from datetime import timedelta

import pytest

from custom_components.alphaess_live.alphaess.counter_samples import (
    CONFIRM_SAMPLES,
    Candidate,
    Sample,
)
from custom_components.alphaess_live.alphaess.monotonic_counter import FEW_SAMPLES

from .readers import NOON
from .test_monotonic_counter import MANY, MOST, ODD, Register, begin, climb

PAUSES = [timedelta(hours=8), timedelta(days=-1), timedelta(minutes=2)]


def test_counter_that_grows_over_an_outage_is_accepted_with_many_samples() -> None:
    register = begin(100.0)
    register.at += timedelta(hours=8)
    assert set(register.read(*[107.0] * ODD)) == {100.0}
    assert register.reason is None
    assert register.read(107.1, 107.1, 107.2) == [107.1, 107.1, 107.2]
    register.at += timedelta(days=2)
    assert register.read(*[700.0] * CONFIRM_SAMPLES)[-2:] == [107.2, 700.0]


@pytest.mark.parametrize("pause", PAUSES)
@pytest.mark.parametrize("odd", [0.0, 104.0, 101.5, 100.9])
def test_odd_number_after_a_pause_is_not_shown(pause: timedelta, odd: float) -> None:
    register = begin(100.0)
    register.at += pause
    assert set(register.read(*[odd] * ODD)) == {100.0}
    assert register.read(*[101.0] * CONFIRM_SAMPLES)[-1] == 101.0
    assert register.counter.offset == 0


@pytest.mark.parametrize("odd", [99.2, 103.1, 104.0])
def test_odd_number_before_a_pause_is_no_basis_after_it(odd: float) -> None:
    register = begin(100.0)
    register.read(*[odd] * ODD)
    register.at += timedelta(hours=1)
    assert register.read(*[104.2] * MANY)[-1] == 104.2
    assert register.counter.offset == 0


@pytest.mark.parametrize("times", [1, FEW_SAMPLES])
def test_odd_number_at_the_end_of_a_confirmation_is_not_shown(times: int) -> None:
    register = begin(100.0)
    register.at += timedelta(hours=8)
    register.read(*[107.0] * (CONFIRM_SAMPLES - times))
    values = register.read(*[107.6] * ODD, 107.1)
    assert set(values[:-1]) <= {100.0, 107.0}
    assert values[-1] == 107.1


def test_much_power_after_a_pause_loses_nothing() -> None:
    register = begin(100.0)
    register.at += timedelta(hours=8)
    truth = climb(107.0, samples=100, step=0.2)
    for true, value in zip(truth, register.read(*truth), strict=True):
        assert value
        assert value <= true
    assert register.read(*[truth[-1]] * CONFIRM_SAMPLES)[-1] == truth[-1]


def test_samples_out_of_turn_confirm_no_odd_number() -> None:
    register = begin(100.0)
    register.at += timedelta(hours=8)
    values = register.read(*[104.0] * 39, every=timedelta(seconds=5))
    assert set(values) == {100.0}


def test_growth_between_regular_samples_is_accepted_at_once() -> None:
    register, every = begin(100.0), timedelta(minutes=5)
    register.read(100.0, 100.0, every=every)
    truth = climb(100.5, samples=20, step=0.7)
    assert register.read(*truth, every=every) == truth


def test_much_growth_over_an_outage_is_accepted_after_a_while() -> None:
    register = begin(100.0)
    register.at += timedelta(hours=8)
    assert register.read(*[400.0] * MANY)[-2:] == [100.0, 400.0]
    assert register.counter.offset == 0


def test_same_sample_twice_is_one_confirmation() -> None:
    register = begin(100.0)
    register.at += timedelta(hours=1)
    for _ in range(9):
        register.counter.update(103.0, register.at, max_power=MOST)
    assert register.counter.value == 100.0


def test_clock_that_is_set_back_loses_no_energy() -> None:
    register = begin(100.0)
    register.at -= timedelta(days=1)
    assert set(register.read(*[140.0] * ODD)) == {100.0}
    assert register.read(140.0, 140.1) == [140.0, 140.1]
    assert register.counter.offset == 0


def test_small_false_rise_when_a_counter_begins_is_no_energy() -> None:
    register = Register(100.0, 100.0, 100.08)
    assert register.read(*[100.0] * 30, 100.1, 100.2) == [100.08] * 30 + [100.1, 100.2]
    assert register.counter.offset == 0


def test_odd_numbers_beyond_a_confirmation_are_forgotten() -> None:
    register = begin(100.0)
    register.at += timedelta(hours=1)
    register.read(*[103.0] * 5, *[103.6] * 3, *[9999.0] * 4, 103.0)
    assert set(register.read(*[103.6] * 15)) <= {100.0, 103.0}
    assert register.read(*[103.0] * CONFIRM_SAMPLES)[-1] == 103.0


@pytest.mark.parametrize(
    ("growth", "fits"), [(-0.6, False), (-0.5, True), (0.5, True), (0.9, False)]
)
def test_sample_fits_a_candidate_only_by_what_its_power_explains(
    growth: float, *, fits: bool
) -> None:
    last = Sample(100.0, NOON)
    here = Sample(100.0 + growth, NOON + timedelta(seconds=30))
    assert Candidate(last, last, last).fits(here, 1000) is fits
