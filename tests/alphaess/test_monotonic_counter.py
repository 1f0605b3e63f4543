"""A counter never falls, and grows by what its register grows, on whatever basis."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.alphaess_live.alphaess.counter_samples import (
    CONFIRM_SAMPLES,
    CONFIRM_TIME,
)
from custom_components.alphaess_live.alphaess.monotonic_counter import (
    FEW_SAMPLES,
    KEPT_REBASINGS,
    MonotonicCounter,
    RejectionReason,
)

NOON = datetime(2025, 6, 15, 12, tzinfo=UTC)
POLL = timedelta(seconds=30)
MANY = int(CONFIRM_TIME / POLL) + 1
"""Samples after which another basis is confirmed."""
ODD = CONFIRM_SAMPLES - 1
"""Samples for which an odd number may last."""
MOST = 50_000
"""W: ten times the rated power of a usual inverter."""
GARBAGE = 0xFFFFFFFF * 0.01


class Register:
    """A counter that is read every 30 s."""

    def __init__(self, *samples: float) -> None:
        self.counter = MonotonicCounter()
        self.at = NOON
        self.read(*samples)

    def read(self, *samples: float, every: timedelta = POLL) -> list[float | None]:
        """Read these numbers; return the value after each."""
        values: list[float | None] = []
        for sample in samples:
            self.at += every
            self.reason = self.counter.update(sample, self.at, max_power=MOST)
            values.append(self.counter.value)
        return values

    def restart(self) -> None:
        """Store the counter, and build it from what was stored."""
        self.counter = MonotonicCounter.from_dict(self.counter.to_dict())


def begin(number: float, *samples: float) -> Register:
    """Read a counter that has begun with a number."""
    return Register(*[number] * FEW_SAMPLES, *samples)


def climb(start: float, *, samples: int = MANY, step: float = 0.1) -> list[float]:
    """List the numbers of a register that grows."""
    return [round(start + n * step, 2) for n in range(samples)]


def test_first_samples_are_confirmed_before_they_are_shown() -> None:
    values = Register().read(4711.3, 4711.4, 4711.4, 4711.5)
    assert values == [None, None, 4711.4, 4711.5]


@pytest.mark.parametrize("odd", [0.07, 6553.5, 12189.95, 12844.9, 12845.7])
@pytest.mark.parametrize("place", range(FEW_SAMPLES))
def test_odd_number_among_the_first_ones_is_not_shown(odd: float, place: int) -> None:
    samples = [12845.3] * 6
    samples[place] = odd
    assert set(Register().read(*samples)) == {None, 12845.3}


@pytest.mark.parametrize("place", range(FEW_SAMPLES))
def test_small_spike_among_the_first_samples_is_no_offset(place: int) -> None:
    samples = [12845.3] * 6
    samples[place] = 12845.38
    register = Register(*samples)
    register.read(12846.3, every=timedelta(hours=1))
    assert register.read(*[12846.3] * 2 * CONFIRM_SAMPLES)[-1] == 12846.3
    assert register.counter.rebasings == []


def test_first_sample_above_any_lifetime_is_rejected() -> None:
    register = Register(GARBAGE)
    assert register.reason is RejectionReason.IMPOSSIBLE
    assert register.read(*[12.0] * FEW_SAMPLES)[-1] == 12.0


def test_zeros_at_first_are_no_number() -> None:
    register = Register(0, 0)
    assert register.read(19913.5, 19913.6, 19913.6) == [None, None, 19913.6]


def test_odd_number_between_zeros_at_first_is_no_number() -> None:
    register = Register(0, 6553.7, 0, 0, 6553.7, 6553.7, *[0.0] * MANY)
    assert register.read(0, 0.1) == [0, 0.1]


def test_zero_that_stays_for_ten_minutes_is_the_number() -> None:
    register = Register(*[0.0] * (MANY - 1))
    assert register.counter.value is None
    assert register.read(0, 0.1) == [0.0, 0.1]


def test_zero_that_begins_to_grow_is_confirmed_before_it_is_shown() -> None:
    assert Register(0).read(0.1, 0.2, 0.3, 0.3) == [None, None, 0.3, 0.3]


def test_impossible_sample_is_rejected_however_often() -> None:
    register = begin(100)
    assert register.read(*[GARBAGE] * 99, 100.1) == [100] * 99 + [100.1]


@pytest.mark.parametrize("wrong", [0.0, 50.0, 99.0, 100.5, 101.0, 9999.0])
@pytest.mark.parametrize("times", [1, FEW_SAMPLES - 1])
def test_wrong_samples_have_no_effect(wrong: float, times: int) -> None:
    register = begin(100.0)
    assert register.read(*[wrong] * times, 100.1) == [100.0] * times + [100.1]
    assert register.counter.offset == 0


@pytest.mark.parametrize("wrong", [50.0, 99.0, 102.0, 9999.0])
def test_wrong_samples_for_twenty_snapshots_have_no_effect(wrong: float) -> None:
    register = begin(100.0)
    assert register.read(*[wrong] * 20, 100.1) == [100.0] * 20 + [100.1]
    assert register.counter.offset == 0


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (0.0, RejectionReason.DECREASED),
        (99.0, RejectionReason.DECREASED),
        (109.0, RejectionReason.JUMPED),
        (-1.0, RejectionReason.IMPOSSIBLE),
    ],
)
def test_rejected_sample_has_a_reason(wrong: float, reason: RejectionReason) -> None:
    assert begin(100.0, wrong).reason is reason


@pytest.mark.parametrize("after", [3.0, 998.7, 999.2, 10800.0, 1311.0, 0.1])
def test_another_basis_for_good_continues_the_value(after: float) -> None:
    register = begin(1000.0)
    values = register.read(*climb(after))
    assert values[:-1] == [1000.0] * (MANY - 1)
    assert values[-1] == pytest.approx(1000 + 0.1 * (MANY - 1))
    assert register.read(after + 2.1)[0] == pytest.approx(1002.1)
    [rebasing] = register.counter.rebasings
    assert (rebasing.before, rebasing.after) == (1000, after + 2)
    assert rebasing.offset == register.counter.offset == pytest.approx(1000 - after)
    assert rebasing.at == register.at - POLL


def test_strange_number_for_long_is_left_again_without_energy() -> None:
    register = begin(1500.0)
    register.read(*[2261.6] * (MANY + 5))
    assert register.counter.offset == pytest.approx(-761.6)
    assert register.read(*[1500.1] * FEW_SAMPLES)[-1] == 1500.1
    assert register.counter.offset == 0
    assert len(register.counter.rebasings) == 2


def test_earlier_basis_counts_what_flowed_in_between() -> None:
    register = begin(1500.0)
    register.read(*[7.0] * (MANY + 5))
    assert set(register.read(*[1502.5] * ODD)) == {1500.0}
    assert register.read(1502.5) == [1502.5]
    assert register.counter.offset == 0


def test_odd_number_that_fits_an_earlier_basis_adds_nothing() -> None:
    register = begin(1500.0)
    register.read(*climb(7.0))
    before = register.counter.value
    assert before
    register.at += timedelta(hours=12)
    assert set(register.read(*[1700.0] * ODD)) == {before}
    assert register.read(9.1) == [pytest.approx(before + 0.1)]


def test_odd_number_below_the_value_on_an_earlier_basis_loses_nothing() -> None:
    register = begin(1500.0)
    register.read(*climb(7.0, samples=200))
    before = register.counter.value
    assert before
    assert set(register.read(*[1503.0] * 5)) == {before}
    assert register.read(*[27.0] * FEW_SAMPLES)[-1] == pytest.approx(before + 0.1)


def test_basis_after_its_time_is_not_recognized() -> None:
    register = begin(1500.0)
    register.read(*climb(7.0))
    register.at += timedelta(days=2)
    before = register.counter.value
    assert set(register.read(*[1500.2] * FEW_SAMPLES)) == {before}


@pytest.mark.parametrize("height", [0.5, 0.3])
@pytest.mark.parametrize("length", [1, 5, 20])
def test_small_spike_is_no_energy(height: float, length: int) -> None:
    truth = climb(100.0, samples=200, step=0.01)
    spiky = [
        round(true + height, 2) if 50 <= n < 50 + length else true
        for n, true in enumerate(truth)
    ]
    register = Register()
    values = register.read(*spiky)
    assert values == sorted(values, key=lambda value: value or 0)
    assert values[-1] == pytest.approx(truth[-1])
    assert register.counter.offset == 0


def test_small_spike_that_is_taken_back_at_night_is_no_energy() -> None:
    register = begin(100.0, *[100.2] * 20)
    assert register.read(*[100.0] * 99, 100.1, 100.3)[-3:] == [100.2, 100.2, 100.3]


def test_several_small_spikes_that_are_taken_back_are_no_energy() -> None:
    register = begin(100.0)
    assert register.read(100.1, 100.3, 100.5)[-1] == 100.5
    values = register.read(*[100.0] * MANY, *climb(100.1, samples=8))
    assert values == [100.5] * (MANY + 5) + [100.6, 100.7, 100.8]
    assert register.counter.offset == 0


def test_register_that_is_updated_seldom_loses_nothing() -> None:
    register = begin(100.0)
    for n in range(1, 13):
        register.read(*[100.0 + 2 * n] * 10)
    assert register.read(*[124.0] * MANY)[-1] == 124.0
    assert register.counter.offset == 0


def test_increasing_garbage_is_rejected() -> None:
    assert begin(100.0).read(150.0, 900.0, 70_000.0, 100.1)[-1] == 100.1


def test_inconsistent_samples_are_rejected() -> None:
    assert set(begin(100.0).read(*(50.0, 3.0) * MANY)) == {100.0}


def test_few_wrong_samples_on_a_new_basis_lose_no_energy() -> None:
    register = begin(1000.0)
    numbers = climb(3.0, samples=2 * MANY)
    for n, wrong in ((2, 77.0), (5, 0.0), (7, 3.9), (9, 1000.0), (12, 0xFFFF)):
        numbers[n] = wrong
    assert register.read(*numbers)[-1] == pytest.approx(1000 + 0.1 * (2 * MANY - 1))


def test_zeros_are_no_basis_but_growth_after_them_is() -> None:
    register = begin(100.0)
    assert set(register.read(*[0.0] * 99)) == {100.0}
    assert register.read(*climb(0.1))[-1] == pytest.approx(100 + 0.1 * (MANY - 1))


def test_rebasings_are_limited() -> None:
    register = Register(10_000.0)
    for n in range(KEPT_REBASINGS + 3):
        register.read(*[100.0 * n + 7] * MANY)
    assert len(register.counter.rebasings) == KEPT_REBASINGS


def test_restored_value_that_is_slightly_higher_is_kept() -> None:
    register = Register()
    register.counter.restore(100.0, NOON)
    assert register.read(99.9, *[99.9] * MANY, 100.1)[-2:] == [100.0, 100.1]
    assert register.counter.offset == 0


def test_restored_value_above_the_stored_one_is_kept() -> None:
    register = begin(100.02)
    register.counter.restore(100.5, register.at)
    register.counter.restore(100.3, register.at)
    assert register.counter.value == 100.5
    assert register.read(100.48, 100.52) == [100.5, 100.52]
    assert register.counter.offset == 0


def test_restored_value_of_another_register_is_continued() -> None:
    register = Register()
    register.counter.restore(4711.5, NOON - timedelta(days=2))
    assert register.read(*climb(3.2))[-1] == pytest.approx(4711.5 + 0.1 * (MANY - 1))


@pytest.mark.parametrize("after", range(1, MANY + 4, 6))
def test_restart_loses_nothing_at_any_moment(after: int) -> None:
    register = begin(1000.0)
    numbers = climb(3.0, samples=2 * MANY)
    register.read(*numbers[:after])
    register.restart()
    assert register.read(*numbers[after:])[-1] == pytest.approx(
        1000 + 0.1 * (2 * MANY - 1)
    )
    restarted = MonotonicCounter.from_dict(register.counter.to_dict())
    assert restarted.to_dict() == register.counter.to_dict()


def test_empty_counter_survives_a_restart() -> None:
    register = Register()
    register.restart()
    assert register.counter == MonotonicCounter()


STEP = 0.1
odd = st.one_of(
    st.sampled_from([0.0, GARBAGE, 6553.5]),
    st.floats(0, 10_000).map(lambda value: round(value, 1)),
)
disturbances = st.lists(
    st.tuples(st.integers(1, 20), st.integers(0, 60), odd), max_size=6
)
"""How long each lasts, how many true samples follow, and what is read."""


def disturbed(
    gains: Iterator[int], parts: list[tuple[int, int, float]]
) -> tuple[list[float], list[float]]:
    """List the true numbers, and what is read."""
    truth, read = [500.0] * FEW_SAMPLES, [500.0] * FEW_SAMPLES

    def go_on(sample: float | None) -> None:
        truth.append(round(truth[-1] + STEP * next(gains), 1))
        read.append(truth[-1] if sample is None else sample)

    for length, calm, sample in parts:
        for _ in range(length):
            go_on(sample)
        for _ in range(calm):
            go_on(None)
    for _ in range(3 * MANY):
        go_on(None)
    return truth, read


def test_number_a_little_too_high_before_a_pause_leaves_no_offset() -> None:
    register = begin(3562.1, 3562.11, 3562.11)
    register.at += timedelta(hours=1)
    # The value waits until the register is there, also over the pause.
    assert register.read(*[3562.1] * 13)[-1] == 3562.11
    register.at += timedelta(hours=1)
    values = register.read(*[3563.1] * MANY)
    assert (values[0], values[-1]) == (3562.11, 3563.1)
    assert register.counter.offset == 0
    assert not register.counter.rebasings


@settings(max_examples=200)
@given(disturbances, st.lists(st.integers(0, 2), min_size=1, max_size=30))
def test_disturbed_counter_never_falls_and_ends_with_the_truth(
    parts: list[tuple[int, int, float]], gains: list[int]
) -> None:
    def repeat() -> Iterator[int]:
        while True:
            yield from gains

    truth, read = disturbed(repeat(), parts)
    values = [value or 0.0 for value in Register().read(*read)]
    assert all(before <= after for before, after in pairwise(values))
    # A false number within what can flow is shown, and kept until the register reaches it.
    assert truth[-1] - 0.05 <= values[-1] <= truth[-1] + 0.25
    if sum(gains):
        assert values[-1] == pytest.approx(truth[-1], abs=0.25)


@given(st.lists(st.integers(0, 20), max_size=60))
def test_plausible_counter_is_not_changed(gains: list[int]) -> None:
    truth = [100.0]
    for gain in gains:
        truth.append(round(truth[-1] + gain / 100, 2))
    assert begin(100.0).read(*truth) == truth


def test_confirmation_is_longer_than_any_disturbance() -> None:
    assert CONFIRM_SAMPLES > 20


@pytest.mark.parametrize(
    "last", [[1500, "2026-03-01T12:00:00"], ["nan", "2026-03-01T12:00:00+00:00"], [1]]
)
def test_stored_sample_that_is_no_moment_is_refused(last: list[Any]) -> None:
    counter = MonotonicCounter()
    counter.update(1500, datetime(2026, 3, 1, tzinfo=UTC), max_power=80_000)
    with pytest.raises((LookupError, TypeError, ValueError)):
        MonotonicCounter.from_dict(counter.to_dict() | {"last": last})
