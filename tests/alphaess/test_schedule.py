"""The schedule: encoded and decoded without loss, and checked before it is written."""

from collections.abc import Callable
from dataclasses import replace
from datetime import time
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.alphaess_live.alphaess.errors import (
    InvalidScheduleError,
    ScheduleProblem,
)
from custom_components.alphaess_live.alphaess.registers import (
    ActivePeriods,
    PeriodMinutes,
    Periods,
)
from custom_components.alphaess_live.alphaess.scale_evidence import (
    require_certain_limits,
)
from custom_components.alphaess_live.alphaess.scales import (
    PROFILES,
    STANDARD,
    ModelFamily,
    ScaleProfile,
)
from custom_components.alphaess_live.alphaess.schedule import (
    PERIOD_FIELDS,
    SOC_FIELDS,
    Schedule,
    Window,
    validate,
)
from custom_components.alphaess_live.alphaess.write_policy import (
    PERIOD_ADDRESSES,
    PERIOD_MINUTE_ADDRESSES,
)

TIMES = st.builds(time, st.integers(0, 23), st.integers(0, 59))
HOURS = st.builds(time, st.integers(0, 23))
WORDS = st.integers(0, 0xFFFF)
TENTHS = PROFILES[ModelFamily.TENTHS_OF_PERCENT]
SCALES = st.sampled_from((STANDARD, TENTHS))

EMPTY = dict.fromkeys(range(PERIOD_ADDRESSES.start, PERIOD_MINUTE_ADDRESSES.stop), 0)
WHOLE_DAY = Schedule(
    charge_period_1_start=time(0),
    charge_period_1_end=time(23),
    charge_period_2_start=time(23),
    charge_period_2_end=time(0),
)
"""The schedule that evcc requires [evcc #29149]."""


def schedules(times: st.SearchStrategy[time]) -> st.SearchStrategy[Schedule]:
    """Generate whole schedules and parts of them."""
    parts: dict[str, st.SearchStrategy[Any]] = {
        "active_periods": st.sampled_from(ActivePeriods),
        **dict.fromkeys(PERIOD_FIELDS, times),
        **dict.fromkeys(SOC_FIELDS, st.integers(4, 100)),
    }
    return st.builds(
        Schedule, **{name: part | st.none() for name, part in parts.items()}
    )


@given(schedules(TIMES), SCALES)
def test_schedule_encoded_and_decoded_is_unchanged(
    schedule: Schedule, profile: ScaleProfile
) -> None:
    words = schedule.encode(profile, minutes=True)
    assert words.keys() <= EMPTY.keys()
    assert all(0 <= word <= 0xFFFF for word in words.values())
    read = Schedule.decode(EMPTY | words, profile)
    assert read.restricted_to(schedule) == schedule
    assert schedule.merged_into(read) == read


@given(schedules(HOURS), SCALES)
def test_schedule_without_minutes_uses_only_the_hours(
    schedule: Schedule, profile: ScaleProfile
) -> None:
    words = schedule.encode(profile, minutes=False)
    assert words.keys() <= set(PERIOD_ADDRESSES)
    hours = {at: EMPTY[at] for at in PERIOD_ADDRESSES}
    assert Schedule.decode(hours | words, profile).restricted_to(schedule) == schedule


@given(st.lists(WORDS, min_size=len(EMPTY), max_size=len(EMPTY)), SCALES)
def test_words_decoded_and_encoded_are_unchanged(
    words: list[int], profile: ScaleProfile
) -> None:
    memory = dict(zip(EMPTY, words, strict=True))
    read = Schedule.decode(memory, profile).encode(profile, minutes=True)
    assert read.items() <= memory.items()


def test_schedule_encoded_covers_each_register_of_the_periods() -> None:
    whole = Schedule.decode(EMPTY)
    words = whole.encode(minutes=True)
    assert words.keys() == {*Periods.addresses(), *PeriodMinutes.addresses()}


def test_time_encoded_uses_the_documented_registers() -> None:
    schedule = Schedule(
        charge_period_1_end=time(6, 45), discharge_period_2_start=time(17)
    )
    words = schedule.encode(minutes=True)
    assert words == {0x0857: 6, 0x085F: 45, 0x0853: 17, 0x085C: 0}


def test_invalid_words_decode_to_none() -> None:
    assert Schedule.decode(EMPTY | {0x0856: 25}).charge_period_1_start is None
    assert (
        Schedule.decode(EMPTY | {0x0856: 24, 0x085E: 1}).charge_period_1_start is None
    )
    assert Schedule.decode(EMPTY | {0x085E: 60}).charge_period_1_start is None
    assert Schedule.decode(EMPTY | {0x084F: 4}).active_periods is None


def test_hour_24_is_the_end_of_the_day() -> None:
    schedule = Schedule.decode(EMPTY | {0x0856: 22, 0x0857: 24, 0x0858: 24})
    assert schedule.charge_period_1_end == time(0)
    assert schedule.charge_period_2_start == time(0)


def window(text: str) -> Window:
    start, end = text.split("-")
    return Window(time.fromisoformat(start), time.fromisoformat(end))


@pytest.mark.parametrize(
    ("one", "other", "overlap"),
    [
        ("01:00-05:00", "05:00-06:00", False),
        ("01:00-05:00", "04:59-06:00", True),
        ("01:00-05:00", "02:00-03:00", True),
        ("22:00-06:00", "05:59-07:00", True),
        ("22:00-06:00", "06:00-22:00", False),
        ("22:00-06:00", "23:00-01:00", True),
        ("00:00-23:00", "23:00-00:00", False),
        ("03:00-03:00", "01:00-05:00", False),
        ("00:00-00:00", "00:00-00:00", False),
    ],
)
def test_windows_that_share_a_minute_overlap(
    one: str, other: str, *, overlap: bool
) -> None:
    assert window(one).overlaps(window(other)) is overlap
    assert window(other).overlaps(window(one)) is overlap
    assert str(window(one)) == one


@given(TIMES, TIMES, TIMES, TIMES)
def test_window_overlap_equals_the_comparison_of_minutes(
    a: time, b: time, c: time, d: time
) -> None:
    def minutes(start: time, end: time) -> set[int]:
        first, last = (one.hour * 60 + one.minute for one in (start, end))
        return {minute % 1440 for minute in range(first, last + 1440 * (last < first))}

    shared = minutes(a, b) & minutes(c, d)
    assert Window(a, b).overlaps(Window(c, d)) is bool(shared)


def schedule_error(
    requested: Schedule, current: Schedule, **facts: bool
) -> InvalidScheduleError:
    with pytest.raises(InvalidScheduleError) as caught:
        validate(requested, current, minutes=facts.get("minutes", True))
    return caught.value


CURRENT = Schedule.decode(EMPTY | {0x0850: 10, 0x0855: 95})
NIGHT = Schedule(
    active_periods=ActivePeriods.BOTH,
    charge_period_1_start=time(22),
    charge_period_1_end=time(6),
)


def test_period_until_24_hours_overlaps_one_before_midnight() -> None:
    current = Schedule.decode(EMPTY | {0x084F: 1, 0x0856: 22, 0x0857: 24, 0x0855: 95})
    ends = Schedule(charge_period_2_start=time(23), charge_period_2_end=time(23, 30))
    assert schedule_error(ends, current).problem is ScheduleProblem.OVERLAP
    discharge = Schedule(
        active_periods=ActivePeriods.BOTH,
        discharge_period_1_start=time(23),
        discharge_period_1_end=time(1),
    )
    assert schedule_error(discharge, current).problem is ScheduleProblem.OVERLAP
    ends = Schedule(charge_period_2_start=time(0), charge_period_2_end=time(1))
    validate(ends, current, minutes=True)


@pytest.mark.parametrize(
    "words",
    [{0x0857: 25}, {0x0857: 24}, {0x085E: 60}, {0x0858: 0xFFFF}, {0x0859: 30}],
)
def test_time_that_cannot_be_understood_conflicts_with_all(
    words: dict[int, int],
) -> None:
    current = Schedule.decode(EMPTY | {0x084F: 3} | words)
    ends = Schedule(discharge_period_1_start=time(1), discharge_period_1_end=time(2))
    problem = schedule_error(ends, current)
    assert problem.problem is ScheduleProblem.UNKNOWN
    assert problem.facts["field"].startswith("charge_period_")
    times: dict[str, Any] = dict.fromkeys(PERIOD_FIELDS, time(3))
    validate(replace(ends, **times), current, minutes=True)
    off = Schedule(active_periods=ActivePeriods.DISCHARGE)
    validate(replace(ends, **off.given), current, minutes=True)


def test_periods_of_unknown_state_are_checked_as_if_they_were_active() -> None:
    current = Schedule.decode(EMPTY | {0x084F: 9, 0x0856: 1, 0x0857: 5})
    ends = Schedule(discharge_period_1_start=time(4), discharge_period_1_end=time(6))
    assert schedule_error(ends, current).problem is ScheduleProblem.OVERLAP


def test_schedule_of_the_whole_day_is_valid() -> None:
    on = Schedule(active_periods=ActivePeriods.CHARGE, charge_target=20)
    validate(on.merged_into(WHOLE_DAY), CURRENT, minutes=True)
    validate(on, WHOLE_DAY.merged_into(CURRENT), minutes=False)


@pytest.mark.parametrize("kind", ["charge", "discharge"])
def test_schedule_with_overlapping_windows_is_invalid(kind: str) -> None:
    ends: dict[str, Any] = {
        f"{kind}_period_2_start": time(5, 30),
        f"{kind}_period_2_end": time(7),
    }
    problem = schedule_error(Schedule(**ends), NIGHT.merged_into(CURRENT))
    assert problem.problem is ScheduleProblem.OVERLAP
    assert problem.facts == {"first": "22:00-06:00", "second": "05:30-07:00"}


def test_schedule_with_overlap_while_off_is_valid() -> None:
    overlapping = Schedule(
        discharge_period_1_start=time(4), discharge_period_1_end=time(5)
    )
    charging = Schedule(active_periods=ActivePeriods.CHARGE)
    current = charging.merged_into(NIGHT).merged_into(CURRENT)
    validate(overlapping, current, minutes=True)
    both = Schedule(active_periods=ActivePeriods.BOTH)
    problem = schedule_error(both, overlapping.merged_into(current))
    assert problem.problem is ScheduleProblem.OVERLAP


def test_floor_despite_an_existing_overlap_is_valid() -> None:
    existing = Schedule(
        charge_period_2_start=time(5), charge_period_2_end=time(6), charge_target=90
    )
    current = existing.merged_into(NIGHT).merged_into(CURRENT)
    validate(Schedule(discharge_floor=20), current, minutes=True)
    separate = Schedule(charge_period_2_start=time(6), charge_period_2_end=time(7))
    validate(separate, current, minutes=True)


def test_time_with_minutes_without_support_is_invalid() -> None:
    requested = Schedule(charge_period_1_start=time(1, 30))
    assert schedule_error(requested, CURRENT, minutes=False).facts == {"time": "01:30"}
    validate(requested, CURRENT, minutes=True)
    validate(Schedule(charge_period_1_start=time(1)), CURRENT, minutes=False)


def test_time_with_seconds_is_invalid() -> None:
    requested = Schedule(charge_period_1_start=time(1, 30, 15))
    assert schedule_error(requested, CURRENT).problem is ScheduleProblem.SECONDS


@pytest.mark.parametrize("name", SOC_FIELDS)
@pytest.mark.parametrize("percent", [0, 3, 101, 50.5, float("nan"), float("inf")])
def test_soc_outside_its_range_or_not_whole_is_invalid(
    name: str, percent: float
) -> None:
    make: Callable[..., Schedule] = Schedule
    assert (
        schedule_error(make(**{name: percent}), CURRENT).problem
        is ScheduleProblem.SHARE
    )


def test_soc_in_the_alternative_scale_is_ten_times_the_word() -> None:
    words = Schedule(charge_target=80).encode(TENTHS, minutes=True)
    assert words == {0x0855: 800}


@pytest.mark.parametrize(
    ("profile", "floor", "target", "problem"),
    [
        (STANDARD, 10, 95, ScheduleProblem.UNCERTAIN_SCALE),
        (PROFILES[ModelFamily.STANDARD], 10, 950, ScheduleProblem.SCALE),
        (PROFILES[ModelFamily.STANDARD], 50, 950, ScheduleProblem.SCALE),
        (PROFILES[ModelFamily.STANDARD], 10, 0xFFFF, ScheduleProblem.SCALE),
        (TENTHS, 20, 95, ScheduleProblem.SCALE),
        (TENTHS, 10, 1001, ScheduleProblem.SCALE),
    ],
)
def test_limits_that_may_become_ten_times_wrong_are_refused(
    profile: ScaleProfile, floor: int, target: int, problem: ScheduleProblem
) -> None:
    words = EMPTY | {0x0850: floor, 0x0855: target}
    with pytest.raises(InvalidScheduleError) as caught:
        require_certain_limits(words, profile)
    assert caught.value.problem is problem


@pytest.mark.parametrize(
    ("profile", "floor", "target"),
    [
        (PROFILES[ModelFamily.STANDARD], 50, 20),
        (TENTHS, 50, 950),
        (PROFILES[ModelFamily.TENTHS_OF_PERCENT], 100, 100),
    ],
)
def test_limits_in_a_certain_scale_are_accepted(
    profile: ScaleProfile, floor: int, target: int
) -> None:
    require_certain_limits(EMPTY | {0x0850: floor, 0x0855: target}, profile)
