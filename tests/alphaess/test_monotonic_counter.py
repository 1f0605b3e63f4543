"""A counter only grows; other samples are rejected until they are confirmed."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given, strategies as st
import pytest

from custom_components.alphaess_live.alphaess.monotonic_counter import (
    CONFIRMATIONS,
    ROUNDING_KWH,
    TOLERANCE_KWH,
    MonotonicCounter,
    RejectionReason,
)

NOON = datetime(2025, 6, 15, 12, tzinfo=UTC)
POLL = timedelta(seconds=10)
MOST = 100_000
"""W: ten times the rated power of a usual inverter."""
GARBAGE = 0xFFFFFFFF * 0.01


def times(start: datetime = NOON) -> Iterator[datetime]:
    """Yield the times of the samples."""
    while True:
        yield start
        start += POLL


def shown(
    total: MonotonicCounter, *samples: float, since: datetime = NOON
) -> list[float | None]:
    """Update a counter by samples, and return its value after each."""
    values: list[float | None] = []
    for sample, at in zip(samples, times(since), strict=False):
        total.update(sample, at, max_power=MOST)
        values.append(total.value)
    return values


def grown(kilowatt_hours: float = 100.0) -> MonotonicCounter:
    return MonotonicCounter(kilowatt_hours, NOON - POLL)


def test_first_sample_and_growth_are_accepted() -> None:
    assert shown(MonotonicCounter(), 4711.3, 4711.4, 4711.4) == [4711.3, 4711.4, 4711.4]


def test_first_sample_above_any_lifetime_is_rejected() -> None:
    total = MonotonicCounter()
    assert total.update(GARBAGE, NOON, max_power=MOST) is RejectionReason.IMPOSSIBLE
    assert total.value is None
    assert shown(total, 12.0, since=NOON + POLL) == [12.0]


def test_impossible_sample_is_rejected_however_often() -> None:
    assert shown(grown(), *[GARBAGE] * 10, 100.1) == [100.0] * 10 + [100.1]


@pytest.mark.parametrize("wrong", [0.0, 50.0, 99.0, 101.0, 9999.0])
def test_single_wrong_sample_has_no_effect(wrong: float) -> None:
    assert shown(grown(), 100.0, wrong, 100.1) == [100.0, 100.0, 100.1]


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        (99.0, RejectionReason.DECREASED),
        (101.0, RejectionReason.JUMPED),
        (-1.0, RejectionReason.IMPOSSIBLE),
    ],
)
def test_rejected_sample_has_a_reason(wrong: float, reason: RejectionReason) -> None:
    assert grown().update(wrong, NOON, max_power=MOST) is reason


def test_reset_is_accepted_with_the_third_sample() -> None:
    assert shown(grown(), 3.0, 3.0, 3.1, 3.2) == [100.0, 100.0, 3.1, 3.2]


def test_jump_is_accepted_with_the_third_sample() -> None:
    assert shown(grown(), 500.0, 500.0, 500.1) == [100.0, 100.0, 500.1]


def test_fast_growth_is_accepted_after_it_was_confirmed_once() -> None:
    climb = [100.0 + 2 * n for n in range(1, 8)]
    assert shown(grown(), *climb) == [100.0, 100.0, *climb[2:]]


def test_increasing_garbage_is_rejected() -> None:
    assert shown(grown(), 150.0, 900.0, 70_000.0, 100.1) == [100.0] * 3 + [100.1]


def test_inconsistent_samples_are_rejected() -> None:
    assert shown(grown(), *(50.0, 3.0) * 5) == [100.0] * 10


def test_good_sample_resets_the_confirmation() -> None:
    assert shown(grown(), 3.0, 3.0, 100.0, 3.0, 3.0) == [100.0] * 5


def test_zeros_are_no_reset_but_growth_after_them_is() -> None:
    assert shown(grown(), *[0.0] * 20) == [100.0] * 20
    assert shown(grown(), 0.0, 0.1, 0.1, 0.2) == [100.0, 100.0, 100.0, 0.2]


def test_stored_value_that_is_slightly_too_high_does_not_decrease() -> None:
    assert shown(grown(), 99.9, 99.9, 99.9, 100.0, 100.1) == [100.0] * 4 + [100.1]


def test_same_sample_twice_is_one_confirmation() -> None:
    total = grown()
    for _ in range(9):
        total.update(3.0, NOON, max_power=MOST)
    assert total.value == 100.0


def test_large_growth_after_a_long_absence_is_accepted() -> None:
    total = grown()
    assert total.update(4800.0, NOON + timedelta(days=2), max_power=MOST) is None
    assert total.value == 4800.0


def test_clock_that_is_set_back_rejects_two_samples_at_most() -> None:
    total = MonotonicCounter(100.0, NOON + timedelta(days=1))
    assert shown(total, 140.0, 140.0, 140.0)[-1] == 140.0


samples = st.lists(st.floats(0, 10_000).map(lambda value: round(value, 2)), max_size=40)


@given(samples)
def test_total_decreases_only_to_three_consistent_samples(raw: list[float]) -> None:
    total = grown()
    values = [100.0, *shown(total, *raw)]
    for i, (before, after) in enumerate(pairwise(values)):
        assert before is not None
        assert after is not None
        if after < before:
            agreeing = raw[i - CONFIRMATIONS + 1 : i + 1]
            assert len(agreeing) == CONFIRMATIONS
            assert agreeing == sorted(agreeing)
            assert min(agreeing) > 0
            assert after == agreeing[-1]


@given(st.lists(st.integers(0, int(MOST / 360)), max_size=40))
def test_plausible_counter_is_not_changed(watt_hours: list[int]) -> None:
    truth = [100.0]
    for gain in watt_hours:
        truth.append(truth[-1] + gain / 1000)
    total = MonotonicCounter()
    assert shown(total, *truth) == truth


@given(
    st.lists(st.integers(0, 27), min_size=1, max_size=40),
    st.dictionaries(st.integers(1, 40), st.floats(0, GARBAGE), max_size=20),
)
def test_isolated_spike_is_rejected(gains: list[int], spikes: dict[int, float]) -> None:
    truth = [100.0]
    for gain in gains:
        truth += [truth[-1] + gain / 100] * 2
    raw = [spikes.get(i // 2, true) if i % 2 else true for i, true in enumerate(truth)]
    for i, value in enumerate(shown(MonotonicCounter(), *raw)):
        assert value is not None
        assert truth[max(i - 1, 0)] <= value or value == pytest.approx(truth[i])
        assert value <= truth[i] + TOLERANCE_KWH + MOST * 20 / 3_600_000


@given(st.floats(0.5, 90), st.integers(0, 30))
def test_reset_counter_is_correct_after_three_samples(start: float, zeros: int) -> None:
    raw = [0.0] * zeros + [start + n / 100 for n in range(CONFIRMATIONS)]
    assert shown(grown(), *raw)[-1] == raw[-1]


@given(st.floats(0, ROUNDING_KWH - 0.01))
def test_restart_does_not_decrease_a_total_by_rounding(more: float) -> None:
    total = MonotonicCounter(100.0 + more, NOON - POLL)
    values = shown(total, *[100.0] * 6)
    assert values == [100.0 + more] * 6
