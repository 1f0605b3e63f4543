"""The flash's wear: counted by the day, bounded, and remembered."""

from datetime import date

import pytest

from custom_components.alphaess_live.alphaess.errors import TooManyWritesError
from custom_components.alphaess_live.alphaess.flash_wear import (
    DAILY_LIMIT_WRITES,
    WARN_AT_WRITES,
    FlashWriteCounter,
)

FIRST, SECOND = date(2026, 3, 28), date(2026, 3, 29)


class Calendar:
    """Shows a day until a test turns the page."""

    day = FIRST

    def __call__(self) -> date:
        return self.day


@pytest.fixture
def calendar() -> Calendar:
    return Calendar()


def worn(calendar: Calendar, times: int) -> FlashWriteCounter:
    wear = FlashWriteCounter(calendar)
    for _ in range(times):
        wear.record()
    return wear


def test_a_new_day_begins_at_nought(calendar: Calendar) -> None:
    wear = worn(calendar, 3)
    assert wear.count == 3
    calendar.day = SECOND
    assert wear.count == 0
    wear.record()
    assert (wear.count, wear.total) == (1, 4)


def test_the_last_writes_of_a_day_are_had_before_they_begin(calendar: Calendar) -> None:
    wear = worn(calendar, DAILY_LIMIT_WRITES - 2)
    wear.require_budget(2)
    with pytest.raises(TooManyWritesError) as caught:
        wear.require_budget(3)
    assert (caught.value.count, caught.value.most) == (
        DAILY_LIMIT_WRITES - 2,
        DAILY_LIMIT_WRITES,
    )
    calendar.day = SECOND
    wear.require_budget(3)


def test_what_writes_nothing_is_never_too_much(calendar: Calendar) -> None:
    # One change may take more requests than were foreseen, and end above the bound.
    worn(calendar, DAILY_LIMIT_WRITES + 3).require_budget(0)


def test_a_restart_forgets_nothing(calendar: Calendar) -> None:
    stored = worn(calendar, 7).to_dict()
    assert stored == {"day": "2026-03-28", "count": 7}
    wear = FlashWriteCounter(calendar)
    wear.restore(stored)
    assert wear.count == 7
    calendar.day = SECOND
    wear.restore(stored)
    assert wear.count == 0


def test_each_write_is_heard_of(calendar: Calendar) -> None:
    heard: list[int] = []
    wear = FlashWriteCounter(calendar, lambda: heard.append(wear.count))
    wear.record()
    wear.record()
    assert heard == [1, 2]


def test_its_owner_is_told_long_before_it_ends() -> None:
    assert WARN_AT_WRITES * 2 < DAILY_LIMIT_WRITES
