"""The schedule: exact inverses over its registers, and no wish that an inverter would not keep to."""

from collections.abc import Callable
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
from custom_components.alphaess_live.alphaess.scales import (
    CUT_OFF_CHARGE,
    STANDARD,
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
PROFILES = st.sampled_from((STANDARD, frozenset({CUT_OFF_CHARGE})))

EMPTY = dict.fromkeys(range(PERIOD_ADDRESSES.start, PERIOD_MINUTE_ADDRESSES.stop), 0)
WHOLE_DAY = Schedule(
    charge_period_1_start=time(0),
    charge_period_1_end=time(23),
    charge_period_2_start=time(23),
    charge_period_2_end=time(0),
)
"""What evcc wants to find set up (evcc #29149)."""


def schedules(times: st.SearchStrategy[time]) -> st.SearchStrategy[Schedule]:
    """Make whole schedules and parts of them."""
    parts: dict[str, st.SearchStrategy[Any]] = {
        "active_periods": st.sampled_from(ActivePeriods),
        **dict.fromkeys(PERIOD_FIELDS, times),
        **dict.fromkeys(SOC_FIELDS, st.integers(4, 100)),
    }
    return st.builds(
        Schedule, **{name: part | st.none() for name, part in parts.items()}
    )


@given(schedules(TIMES), PROFILES)
def test_what_is_told_reads_back_as_told(told: Schedule, profile: ScaleProfile) -> None:
    words = told.encode(profile, minutes=True)
    assert words.keys() <= EMPTY.keys()
    assert all(0 <= word <= 0xFFFF for word in words.values())
    read = Schedule.decode(EMPTY | words, profile)
    assert read.restricted_to(told) == told
    assert told.merged_into(read) == read


@given(schedules(HOURS), PROFILES)
def test_firmware_without_minutes_is_told_none(
    told: Schedule, profile: ScaleProfile
) -> None:
    words = told.encode(profile, minutes=False)
    assert words.keys() <= set(PERIOD_ADDRESSES)
    hours = {at: EMPTY[at] for at in PERIOD_ADDRESSES}
    assert Schedule.decode(hours | words, profile).restricted_to(told) == told


@given(st.lists(WORDS, min_size=len(EMPTY), max_size=len(EMPTY)), PROFILES)
def test_whatever_an_inverter_says_is_never_changed_by_reading_it(
    words: list[int], profile: ScaleProfile
) -> None:
    memory = dict(zip(EMPTY, words, strict=True))
    read = Schedule.decode(memory, profile).encode(profile, minutes=True)
    assert read.items() <= memory.items()


def test_every_register_of_the_periods_belongs_to_the_schedule() -> None:
    whole = Schedule.decode(EMPTY)
    words = whole.encode(minutes=True)
    assert words.keys() == {*Periods.addresses(), *PeriodMinutes.addresses()}


def test_a_time_is_two_registers_and_a_fact_of_the_documents() -> None:
    told = Schedule(charge_period_1_end=time(6, 45), discharge_period_2_start=time(17))
    words = told.encode(minutes=True)
    assert words == {0x0857: 6, 0x085F: 45, 0x0853: 17, 0x085C: 0}


def test_nonsense_is_no_time() -> None:
    assert Schedule.decode(EMPTY | {0x0856: 24}).charge_period_1_start is None
    assert Schedule.decode(EMPTY | {0x085E: 60}).charge_period_1_start is None
    assert Schedule.decode(EMPTY | {0x084F: 4}).active_periods is None


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
def test_windows_overlap_if_they_share_a_minute(
    one: str, other: str, *, overlap: bool
) -> None:
    assert window(one).overlaps(window(other)) is overlap
    assert window(other).overlaps(window(one)) is overlap
    assert str(window(one)) == one


@given(TIMES, TIMES, TIMES, TIMES)
def test_overlap_is_a_matter_of_minutes(a: time, b: time, c: time, d: time) -> None:
    def minutes(start: time, end: time) -> set[int]:
        first, last = (one.hour * 60 + one.minute for one in (start, end))
        return {minute % 1440 for minute in range(first, last + 1440 * (last < first))}

    shared = minutes(a, b) & minutes(c, d)
    assert Window(a, b).overlaps(Window(c, d)) is bool(shared)


def refused(wish: Schedule, current: Schedule, **facts: bool) -> InvalidScheduleError:
    with pytest.raises(InvalidScheduleError) as caught:
        validate(wish, current, minutes=facts.get("minutes", True))
    return caught.value


CURRENT = Schedule.decode(EMPTY | {0x0850: 10, 0x0855: 95})
NIGHT = Schedule(
    active_periods=ActivePeriods.BOTH,
    charge_period_1_start=time(22),
    charge_period_1_end=time(6),
)


def test_the_whole_day_as_evcc_wants_it_is_a_schedule() -> None:
    on = Schedule(active_periods=ActivePeriods.CHARGE, charge_target=20)
    validate(on.merged_into(WHOLE_DAY), CURRENT, minutes=True)
    validate(on, WHOLE_DAY.merged_into(CURRENT), minutes=False)


@pytest.mark.parametrize("kind", ["charge", "discharge"])
def test_no_two_windows_that_are_on_may_overlap(kind: str) -> None:
    ends: dict[str, Any] = {
        f"{kind}_period_2_start": time(5, 30),
        f"{kind}_period_2_end": time(7),
    }
    problem = refused(Schedule(**ends), NIGHT.merged_into(CURRENT))
    assert problem.problem is ScheduleProblem.OVERLAP
    assert problem.facts == {"first": "22:00-06:00", "second": "05:30-07:00"}


def test_windows_that_are_off_may_lie_as_they_like() -> None:
    over_night = Schedule(
        discharge_period_1_start=time(4), discharge_period_1_end=time(5)
    )
    charging = Schedule(active_periods=ActivePeriods.CHARGE)
    current = charging.merged_into(NIGHT).merged_into(CURRENT)
    validate(over_night, current, minutes=True)
    both = Schedule(active_periods=ActivePeriods.BOTH)
    problem = refused(both, over_night.merged_into(current))
    assert problem.problem is ScheduleProblem.OVERLAP


def test_an_overlap_that_others_made_keeps_nobody_from_setting_a_floor() -> None:
    theirs = Schedule(
        charge_period_2_start=time(5), charge_period_2_end=time(6), charge_target=90
    )
    current = theirs.merged_into(NIGHT).merged_into(CURRENT)
    validate(Schedule(discharge_floor=20), current, minutes=True)
    apart = Schedule(charge_period_2_start=time(6), charge_period_2_end=time(7))
    validate(apart, current, minutes=True)


def test_hours_are_all_that_older_firmware_takes() -> None:
    wish = Schedule(charge_period_1_start=time(1, 30))
    assert refused(wish, CURRENT, minutes=False).facts == {"time": "01:30"}
    validate(wish, CURRENT, minutes=True)
    validate(Schedule(charge_period_1_start=time(1)), CURRENT, minutes=False)


def test_no_firmware_takes_seconds() -> None:
    wish = Schedule(charge_period_1_start=time(1, 30, 15))
    assert refused(wish, CURRENT).problem is ScheduleProblem.SECONDS


@pytest.mark.parametrize("name", SOC_FIELDS)
@pytest.mark.parametrize("share", [0, 3, 101, 50.5, float("nan"), float("inf")])
def test_shares_are_whole_percents_that_a_battery_may_be_taken_to(
    name: str, share: float
) -> None:
    make: Callable[..., Schedule] = Schedule
    assert refused(make(**{name: share}), CURRENT).problem is ScheduleProblem.SHARE


def test_a_value_in_another_scale_is_not_overwritten_in_ours() -> None:
    tenths = EMPTY | {0x0850: 100, 0x0855: 950}
    wish = Schedule(charge_target=80)
    problem = refused(wish, Schedule.decode(tenths))
    assert problem.problem is ScheduleProblem.SCALE
    assert problem.facts == {"value": "950"}
    profile = frozenset({CUT_OFF_CHARGE})
    validate(wish, Schedule.decode(tenths, profile), minutes=True)
    assert wish.encode(profile, minutes=True) == {0x0855: 800}
