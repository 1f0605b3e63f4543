"""Writes to flash memory: counted by day, limited, and stored."""

from datetime import date

import pytest

from custom_components.alphaess_live.alphaess.errors import TooManyWritesError
from custom_components.alphaess_live.alphaess.flash_wear import (
    DAILY_LIMIT_WRITES,
    WARN_AT_WRITES,
    FlashWriteCounter,
)

FIRST_DAY, SECOND_DAY = date(2026, 3, 28), date(2026, 3, 29)


class Calendar:
    """Returns the same day until a test sets another one."""

    day = FIRST_DAY

    def __call__(self) -> date:
        return self.day


@pytest.fixture
def calendar() -> Calendar:
    return Calendar()


def counter_after(calendar: Calendar, times: int) -> FlashWriteCounter:
    counter = FlashWriteCounter(calendar)
    for _ in range(times):
        counter.record()
    return counter


def test_count_on_a_new_day_restarts_at_zero(calendar: Calendar) -> None:
    counter = counter_after(calendar, 3)
    assert counter.count == 3
    calendar.day = SECOND_DAY
    assert counter.count == 0
    counter.record()
    assert (counter.count, counter.total) == (1, 4)


def test_more_writes_than_are_left_are_refused(calendar: Calendar) -> None:
    counter = counter_after(calendar, DAILY_LIMIT_WRITES - 2)
    counter.require_writes_left(2)
    with pytest.raises(TooManyWritesError) as caught:
        counter.require_writes_left(3)
    assert (caught.value.count, caught.value.maximum) == (
        DAILY_LIMIT_WRITES - 2,
        DAILY_LIMIT_WRITES,
    )
    calendar.day = SECOND_DAY
    counter.require_writes_left(3)


def test_no_writes_are_always_permitted(calendar: Calendar) -> None:
    # One change may take more requests than expected, and end above the limit.
    counter_after(calendar, DAILY_LIMIT_WRITES + 3).require_writes_left(0)


def test_count_after_a_restart_is_restored(calendar: Calendar) -> None:
    stored = counter_after(calendar, 7).to_dict()
    assert stored == {"day": "2026-03-28", "count": 7}
    counter = FlashWriteCounter(calendar)
    counter.restore(stored)
    assert counter.count == 7
    calendar.day = SECOND_DAY
    counter.restore(stored)
    assert counter.count == 0


def test_on_write_is_called_after_each_write(calendar: Calendar) -> None:
    counts: list[int] = []
    counter = FlashWriteCounter(calendar, lambda: counts.append(counter.count))
    counter.record()
    counter.record()
    assert counts == [1, 2]


def test_warning_comes_long_before_the_limit() -> None:
    assert WARN_AT_WRITES * 2 < DAILY_LIMIT_WRITES
