"""What was counted today: from midnight to midnight, however long the day is."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from custom_components.alphaess_live.totals.daily import DailyTotal

BERLIN = ZoneInfo("Europe/Berlin")
HOUR = timedelta(hours=1)


def midnight(day: date) -> datetime:
    """Say when a day begins in Berlin."""
    return datetime(day.year, day.month, day.day, tzinfo=BERLIN).astimezone(UTC)


ORDINARY = date(2025, 6, 15)
BEGIN = midnight(ORDINARY)


def at(hours: float) -> datetime:
    return BEGIN + hours * HOUR


@pytest.fixture
def noon() -> DailyTotal:
    """Count 5 kWh by noon of a day that was seen from its beginning."""
    day = DailyTotal.start(100, at(-1)).update(101, at(0.5), midnight=BEGIN)
    return day.update(105, at(12), midnight=BEGIN)


def test_what_came_since_midnight_counts(noon: DailyTotal) -> None:
    assert noon.energy == 5
    assert noon.started_at == BEGIN


def test_at_midnight_the_day_is_empty(noon: DailyTotal) -> None:
    tomorrow = noon.roll_over(at(24))
    assert tomorrow.energy == 0
    assert tomorrow.started_at == at(24)
    assert tomorrow.update(105.4, at(24.1), midnight=at(24)).energy == 0.4


def test_a_clock_that_was_days_ahead_begins_anew_when_it_is_set_back(
    noon: DailyTotal,
) -> None:
    ahead = noon.update(106, at(400 * 24), midnight=at(400 * 24))
    day = ahead.roll_over(BEGIN).update(107, at(13), midnight=BEGIN)
    assert (day.energy, day.started_at) == (0, at(13))
    assert day.update(108, at(14), midnight=BEGIN).energy == 1


def test_the_last_sample_before_midnight_does_not_begin_a_day_of_its_own(
    noon: DailyTotal,
) -> None:
    day = noon.roll_over(at(24)).update(105.5, at(23.99), midnight=at(24))
    assert (day.energy, day.started_at) == (0.5, at(24))


def test_a_clock_that_is_set_back_a_little_changes_nothing(noon: DailyTotal) -> None:
    day = noon.update(106, at(11.9), midnight=BEGIN)
    assert (day.energy, day.started_at) == (6, BEGIN)


def test_who_begins_at_noon_counts_from_noon() -> None:
    day = DailyTotal.start(100, at(12)).update(103, at(15), midnight=BEGIN)
    assert (day.energy, day.started_at) == (3, at(12))
    assert day.update(107, at(30), midnight=at(24)).started_at == at(24)


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2025, 3, 30), 23), (date(2025, 6, 15), 24), (date(2025, 10, 26), 25)],
)
def test_a_day_has_all_of_its_hours_also_when_clocks_change(
    day: date, hours: int
) -> None:
    begin, end = midnight(day), midnight(day + timedelta(days=1))
    count, now, total = DailyTotal.start(100, begin - HOUR), begin, 101.0
    while now < end:
        local = now.astimezone(BERLIN)
        count = count.update(total, now, midnight=midnight(local.date()))
        now += HOUR
        total += 1
    last = count.update(total, end - timedelta(seconds=1), midnight=begin)
    # The hour before the first look of the day was seen by nobody: it counts, too.
    assert (last.energy, last.started_at) == (hours + 1, begin)
    assert last.update(total, end, midnight=end).energy == 0


def test_a_restart_in_the_same_day_changes_nothing(noon: DailyTotal) -> None:
    assert DailyTotal.from_dict(noon.to_dict()) == noon


def test_what_came_unseen_over_midnight_belongs_to_the_new_day(
    noon: DailyTotal,
) -> None:
    day = noon.update(112, at(31), midnight=at(24))
    assert (day.energy, day.started_at) == (7, at(24))


def test_after_days_unseen_nobody_guesses_what_was_today(noon: DailyTotal) -> None:
    away = noon.roll_over(at(24)).roll_over(at(48)).roll_over(at(72))
    assert (away.energy, away.started_at) == (0, at(72))
    back = away.update(180, at(80), midnight=at(72))
    assert (back.energy, back.started_at) == (0, at(80))
    assert back.update(181, at(81), midnight=at(72)).energy == 1


def test_a_counter_that_begins_anew_takes_nothing_away(noon: DailyTotal) -> None:
    reset = noon.update(0.3, at(13), midnight=BEGIN)
    assert reset.energy == 5
    assert reset.update(2.3, at(14), midnight=BEGIN).energy == 7
    overnight = noon.update(0.3, at(25), midnight=at(24))
    assert overnight.energy == 0
