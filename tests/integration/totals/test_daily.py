"""The energy of a day, from midnight to midnight, in days of 23, 24 and 25 hours."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from math import cos, pi, radians
from zoneinfo import ZoneInfo

import pytest

from custom_components.alphaess_live.alphaess.pv_energy import LateEnergy
from custom_components.alphaess_live.totals.daily import DailyTotal, Sunlight

BERLIN = ZoneInfo("Europe/Berlin")
HOUR = timedelta(hours=1)


def midnight(day: date) -> datetime:
    """Return the start of a day in Berlin."""
    return datetime(day.year, day.month, day.day, tzinfo=BERLIN).astimezone(UTC)


ORDINARY = date(2025, 6, 15)
BEGIN = midnight(ORDINARY)


def at(hours: float) -> datetime:
    return BEGIN + hours * HOUR


@pytest.fixture
def noon() -> DailyTotal:
    """Count 5 kWh by noon of a complete day."""
    day = DailyTotal.start(100, at(-0.05)).update(101, at(0.5), midnight=BEGIN)
    return day.update(105, at(12), midnight=BEGIN)


def test_energy_is_the_growth_since_midnight(noon: DailyTotal) -> None:
    assert noon.energy == 5
    assert noon.started_at == BEGIN


def test_energy_at_midnight_is_zero(noon: DailyTotal) -> None:
    tomorrow = noon.update(105, at(23.9), midnight=BEGIN).roll_over(at(24))
    assert tomorrow.energy == 0
    assert tomorrow.started_at == at(24)
    assert tomorrow.update(105.4, at(24.1), midnight=at(24)).energy == 0.37


def test_clock_set_back_by_days_restarts_counting(
    noon: DailyTotal,
) -> None:
    in_future = noon.update(106, at(400 * 24), midnight=at(400 * 24))
    day = in_future.roll_over(BEGIN).update(107, at(13), midnight=BEGIN)
    assert (day.energy, day.started_at) == (0, at(13))
    assert day.update(108, at(14), midnight=BEGIN).energy == 1


def test_sample_just_before_midnight_belongs_to_the_day_before(
    noon: DailyTotal,
) -> None:
    day = noon.roll_over(at(24)).update(105.5, at(23.99), midnight=at(24))
    assert (day.energy, day.started_at) == (0, at(24))
    assert day.update(105.9, at(24.1), midnight=at(24)).energy == 0.4


def test_clock_set_back_by_minutes_keeps_the_day(noon: DailyTotal) -> None:
    day = noon.update(106, at(11.9), midnight=BEGIN)
    assert (day.energy, day.started_at) == (6, BEGIN)


def test_first_day_counts_from_its_start() -> None:
    day = DailyTotal.start(100, at(12)).update(103, at(15), midnight=BEGIN)
    assert (day.energy, day.started_at) == (3, at(12))
    assert day.update(107, at(30), midnight=at(24)).started_at == at(24)


@pytest.mark.parametrize(
    ("day", "hours"),
    [(date(2025, 3, 30), 23), (date(2025, 6, 15), 24), (date(2025, 10, 26), 25)],
)
def test_day_with_a_clock_change_has_all_its_hours(day: date, hours: int) -> None:
    begin, end = midnight(day), midnight(day + timedelta(days=1))
    day_total, now, total = DailyTotal.start(100, begin - HOUR), begin, 101.0
    while now < end:
        local = now.astimezone(BERLIN)
        day_total = day_total.update(total, now, midnight=midnight(local.date()))
        now += HOUR
        total += 1
    last = day_total.update(total, end - timedelta(seconds=1), midnight=begin)
    # Of the hour before the first sample of the day, the last five minutes count, too.
    assert (last.energy, last.started_at) == (hours + 0.08, begin)
    assert last.update(total, end, midnight=end).energy == 0


def test_dict_round_trip_is_equal(noon: DailyTotal) -> None:
    assert DailyTotal.from_dict(noon.to_dict()) == noon


@pytest.mark.parametrize(
    ("last", "first", "energy"),
    [
        (22 + 10 / 60, 24 + 5 / 60, 1.74),  # A car was charged until midnight.
        (22 + 5 / 60, 24 + 6 / 60, 1.82),
        (22.0, 24.0, 0.83),
        (23.9, 24.001, 16.7),
        (23.9167, 24.001, 20.0),
        (23.999, 24.001, 20.0),
        (24.0, 26.0, 20.0),
        (0.0, 24.0, 0.07),
    ],
)
def test_growth_over_midnight_is_divided_by_time_for_each_gap(
    noon: DailyTotal, last: float, first: float, energy: float
) -> None:
    evening = replace(noon, newest_at=at(last))
    day = evening.roll_over(at(24)).update(125, at(first), midnight=at(24))
    assert (day.energy, day.started_at) == (energy, at(24))


@pytest.mark.parametrize("rolled_over", [False, True])
def test_growth_over_midnight_is_divided_also_after_the_day_began(
    noon: DailyTotal, *, rolled_over: bool
) -> None:
    before = noon.roll_over(at(24)) if rolled_over else noon
    day = before.update(115, at(32), midnight=at(24))
    assert (day.energy, day.started_at) == (4.04, at(24))
    assert day.update(117, at(36), midnight=at(24)).energy == 6.04


@pytest.mark.parametrize("key", ["begun", "at"])
def test_stored_time_without_a_zone_is_refused(noon: DailyTotal, key: str) -> None:
    with pytest.raises(ValueError, match="2026-01-01"):
        DailyTotal.from_dict(noon.to_dict() | {key: "2026-01-01T00:00:00"})


@pytest.mark.parametrize("key", ["baseline", "newest"])
def test_stored_number_that_is_not_finite_is_refused(
    noon: DailyTotal, key: str
) -> None:
    with pytest.raises(ValueError, match="nan"):
        DailyTotal.from_dict(noon.to_dict() | {key: float("nan")})


def test_gap_of_days_gives_the_day_its_share(noon: DailyTotal) -> None:
    rolled_over = noon.roll_over(at(24)).roll_over(at(48)).roll_over(at(72))
    assert (rolled_over.energy, rolled_over.started_at) == (0, at(72))
    # 8 hours of 68, and the last five minutes of the day before.
    day = rolled_over.update(180, at(80), midnight=at(72))
    assert (day.energy, day.started_at) == (8.92, at(72))
    assert day.update(181, at(81), midnight=at(72)).energy == 9.92


def test_gap_from_about_a_day_before_midnight_makes_no_jump(noon: DailyTotal) -> None:
    energies = [
        replace(noon, newest_at=at(last))
        .roll_over(at(24))
        .update(145, at(32), midnight=at(24))
        .energy
        for last in (-0.02, -0.001, 0.0, 0.001, 0.02)
    ]
    assert energies == pytest.approx([10.1] * 5, abs=0.02)


def test_energy_that_came_late_is_deducted_once(noon: DailyTotal) -> None:
    gap = LateEnergy(10.0, since=at(14), until=at(34))
    before = noon.update(106, at(23.95), midnight=BEGIN).roll_over(at(24))
    day = before.update(106, at(33), midnight=at(24))
    day = day.update(117, at(34), midnight=at(24), late=[gap])
    assert (day.energy, day.newest) == (6.04, 117)  # 10.08 hours of 20, and 1 kWh.
    for n in (1, 2):
        late = day.update(117 + n, at(34 + n), midnight=at(24), late=[gap])
        assert late.energy == pytest.approx(6.04 + n)


SUN = Sunlight(52.5, 13.4)
"""Berlin: on June 15 the sun rises at 4:43 and sets at 21:31."""


@pytest.mark.parametrize(
    ("last", "first", "energy"),
    [
        (15, 24 + 5.25, 0.08),  # 20 kWh were generated in the evening.
        (21.25, 24 + 10, 19.99),
        (21.75, 24 + 4.5, 0.0),  # The counter only moved late.
        (23.95, 24 + 4.5, 20.0),
        (13.15, 48 + 13.15, 5.0),
        (13.15, 240 + 13.15, 1.0),
    ],
)
def test_pv_energy_of_a_night_belongs_to_its_sunny_hours(
    noon: DailyTotal, last: float, first: float, energy: float
) -> None:
    day = midnight((at(first) + HOUR).astimezone(BERLIN).date())
    evening = replace(noon, newest_at=at(last))
    total = evening.update(125, at(first), midnight=day, weigh=SUN)
    assert total.energy == pytest.approx(energy, abs=0.2 if first > 48 else 0.02)


@pytest.mark.parametrize(
    ("sun", "noon_hour"),
    [(SUN, 11.1), (Sunlight(-33.9, 151.2), 1.9), (Sunlight(40.7, -74.0), 16.9)],
)
def test_sunlight_is_symmetrical_about_noon(sun: Sunlight, noon_hour: float) -> None:
    noon_at = datetime(2025, 3, 20, tzinfo=UTC) + noon_hour * HOUR
    before, after = sun(noon_at - 12 * HOUR, noon_at), sun(noon_at, noon_at + 12 * HOUR)
    assert before == pytest.approx(after, rel=0.02)
    assert sun(noon_at - 12 * HOUR, noon_at - 7 * HOUR) == 0
    assert sun(noon_at - 12 * HOUR, noon_at + 36 * HOUR) == pytest.approx(
        2 * (before + after), rel=0.02
    )
    # The mean height of the sun over a day of the equinox.
    assert before + after == pytest.approx(cos(radians(sun.latitude)) / pi, rel=0.05)


def test_counter_reset_keeps_the_energy(noon: DailyTotal) -> None:
    reset = noon.update(0.3, at(13), midnight=BEGIN)
    assert reset.energy == 5
    assert reset.update(2.3, at(14), midnight=BEGIN).energy == 7
    overnight = noon.update(0.3, at(25), midnight=at(24))
    assert overnight.energy == 0
