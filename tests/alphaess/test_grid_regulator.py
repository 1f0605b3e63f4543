"""The regulator of a grid target, reading by reading, without a house."""

from dataclasses import replace
from itertools import pairwise

import pytest

from custom_components.alphaess_live.alphaess.grid_regulator import (
    DEAD_BAND_WATTS,
    GridRegulator,
    GridTarget,
)
from custom_components.alphaess_live.alphaess.registers import DispatchOrder
from custom_components.alphaess_live.alphaess.snapshot import Power

TARGET = GridTarget(power=0, min_soc=10, max_soc=90, max_power=5000, duration=3600)


def reading(battery: float | None, grid: float | None, soc: float = 50) -> Power:
    """Return a reading: W, %."""
    return Power(soc=soc, battery=battery, pv=0, grid=grid)


def begin(target: GridTarget = TARGET, *, grid: float = 500) -> GridRegulator:
    """Return a regulator whose first order has taken effect."""
    regulator = GridRegulator.begin(target, reading(0, grid), 0)
    assert regulator
    return ordered(regulator, regulator.wanted, at=0)


def ordered(regulator: GridRegulator, power: int, *, at: float) -> GridRegulator:
    """Return the regulator after an order that was applied as requested."""
    order = regulator.order(power, seconds_left=3600, interval=2)
    return regulator.after_order(order, order, at=at, now=at + 0.3)


@pytest.mark.parametrize(
    ("power", "needed", "battery"),
    [
        (0, 500, 500),
        (3000, 500, -2500),
        (-1000, 500, 1500),
    ],
)
def test_battery_power_makes_the_meter_show_the_target(
    power: int, needed: float, battery: float
) -> None:
    assert replace(TARGET, power=power).battery_power(needed) == battery


@pytest.mark.parametrize(
    ("power", "needed", "battery"),
    [
        (3000, 4000, 1000),
        (3000, 2000, 0),
        (3000, -700, -700),
        (-4000, -5000, -1000),
        (-4000, -3000, 0),
        (-4000, 600, 600),
    ],
)
def test_limit_acts_only_beyond_the_power_or_the_other_side_of_zero(
    power: int, needed: float, battery: float
) -> None:
    target = replace(TARGET, power=power, limit=True)
    assert target.battery_power(needed) == battery


def test_reading_without_a_power_changes_nothing() -> None:
    regulator = begin()
    assert regulator.update(reading(None, 3000), 2) is regulator
    assert regulator.update(reading(500, None), 2) is regulator
    assert GridRegulator.begin(TARGET, reading(0, None), 0) is None


def test_reading_from_before_the_newest_order_is_not_used() -> None:
    regulator = begin()
    assert regulator.update(reading(0, 3000), 0.2) is regulator


def test_deviation_within_the_dead_band_is_not_corrected() -> None:
    regulator = begin().update(reading(500, 0), 2).update(reading(500, 45), 4)
    assert regulator.next_power(4.3, ends_at=3600) is None
    regulator = regulator.update(reading(500, DEAD_BAND_WATTS + 1), 6)
    assert regulator.next_power(6.3, ends_at=3600) == 551


@pytest.mark.parametrize(("battery", "grid"), [(500, 0), (2500, 2000)])
def test_powers_of_two_moments_after_an_order_cause_no_order(
    battery: float, grid: float
) -> None:
    """Only the meter shows the effect of the order already, or only the battery does."""
    regulator = begin().update(reading(500, 0), 2).update(reading(500, 2000), 4)
    assert regulator.next_power(4.3, ends_at=3600) == 2500
    regulator = ordered(regulator, 2500, at=4.3)
    regulator = regulator.update(reading(battery, grid), 6.3)
    assert regulator.next_power(6.6, ends_at=3600) is None
    regulator = regulator.update(reading(2500, 0), 8.3)
    assert regulator.next_power(8.6, ends_at=3600) is None


def test_battery_that_deviates_a_little_is_corrected_for_good() -> None:
    regulator = begin(grid=3000)
    battery = 0.95 * 3000
    for at in range(2, 12, 2):
        regulator = regulator.update(reading(battery, 3000 - battery), at)
        if (power := regulator.next_power(at + 0.3, ends_at=3600)) is not None:
            regulator = ordered(regulator, power, at=at + 0.3)
            battery = 0.95 * power
    assert abs(3000 - battery) <= DEAD_BAND_WATTS
    assert regulator.ordered == pytest.approx(3000 / 0.95, abs=DEAD_BAND_WATTS)


def test_battery_that_cannot_follow_gets_no_growing_orders() -> None:
    regulator, powers = begin(grid=3000), []
    for at in range(2, 60, 2):
        regulator = regulator.update(reading(2700, 300), at)
        if (power := regulator.next_power(at + 0.3, ends_at=3600)) is not None:
            powers.append(power)
            regulator = ordered(regulator, power, at=at + 0.3)
    assert max(powers) <= 3300
    assert len(set(powers)) <= 2


def test_order_is_renewed_after_half_its_lease_but_not_beyond_the_end() -> None:
    regulator = begin().update(reading(500, 0), 29)
    assert regulator.next_power(29, ends_at=3600) is None
    assert regulator.next_power(30, ends_at=3600) == 500
    assert regulator.next_power(30, ends_at=60) is None


@pytest.mark.parametrize(
    ("seconds_left", "interval", "duration"),
    [(3600, 2, 60), (40, 2, 40), (0.2, 2, 1), (3600, 20, 80), (3600, 30, 120)],
)
def test_lease_is_a_minute_unless_readings_are_rare_or_the_end_is_near(
    seconds_left: float, interval: float, duration: int
) -> None:
    order = begin().order(1000, seconds_left=seconds_left, interval=interval)
    assert order.duration == duration


@pytest.mark.parametrize("sign", [1, -1])
def test_limit_of_the_inverter_is_respected_for_some_minutes(sign: int) -> None:
    regulator = begin(grid=sign * 3000)
    order = regulator.order(sign * 3000, seconds_left=3600, interval=2)
    applied = replace(order, power=sign * 2000)
    regulator = regulator.after_order(order, applied, at=2, now=2.3)
    regulator = regulator.update(reading(sign * 2000, sign * 1000), 4)
    assert regulator.wanted == sign * 2000
    later = regulator.update(reading(sign * 2000, sign * 1000), 303)
    assert later.wanted == sign * 3000


def recognises(running: DispatchOrder, *, seconds_left: float = 900) -> bool:
    """Whether the target recognises an order, with orders of a minute."""
    return TARGET.may_have_ordered(running, order_seconds=60, seconds_left=seconds_left)


@pytest.mark.parametrize(
    ("power", "target_soc"), [(1000, 10), (-1000, 90), (0, 100), (-5000, 90)]
)
def test_orders_of_a_target_are_recognised(power: int, target_soc: float) -> None:
    order = TARGET.order(power, duration=60)
    assert order.target_soc == target_soc
    running = replace(order, duration=59)
    assert recognises(order)
    assert recognises(running)
    assert not recognises(replace(running, start=0))
    assert not recognises(replace(running, duration=3600))
    assert not recognises(replace(running, duration=90))
    assert not recognises(replace(running, target_soc=52))


def test_only_the_last_order_of_a_target_is_shorter() -> None:
    last = TARGET.order(1000, duration=30)
    assert recognises(last, seconds_left=20)
    assert not recognises(last, seconds_left=40)
    assert not recognises(replace(last, duration=0), seconds_left=0)


def test_order_that_is_limited_to_0_is_recognised() -> None:
    running = replace(TARGET.order(-1000, duration=60), power=0)
    assert recognises(running)
    assert not recognises(TARGET.order(5001, duration=60))


def test_unknown_state_of_charge_is_no_bound() -> None:
    regulator = GridRegulator.begin(
        TARGET, Power(soc=None, battery=0, pv=0, grid=700), 0
    )
    assert regulator
    assert regulator.wanted == 700
    assert regulator.at_bound_since is None


def test_target_survives_its_stored_form() -> None:
    assert GridTarget.from_dict(TARGET.to_dict()) == TARGET


def test_battery_that_leaves_its_order_gets_it_once_more() -> None:
    regulator = begin().update(reading(500, 0), 2).update(reading(-3000, 6000), 4)
    assert regulator.next_power(4.3, ends_at=3600) == 500
    regulator = ordered(regulator, 500, at=4.3).update(reading(-3000, 6000), 6.5)
    assert regulator.next_power(6.8, ends_at=3600) is None


def test_orders_that_fail_are_given_less_and_less_often() -> None:
    regulator = begin().update(reading(500, 0), 2)
    tried, now = [], 4.0
    while now < 200:
        regulator = regulator.update(reading(500, 2000), now)
        if regulator.next_power(now, ends_at=3600) is not None:
            tried.append(now)
            regulator = regulator.after_failure(now)
        now += 1
    pauses = [b - a for a, b in pairwise(tried)]
    assert pauses[:5] == [4, 8, 16, 30, 30]
    regulator = ordered(regulator, 2500, at=now)
    assert regulator.may_order(now + 2)
    assert not regulator.may_order(now + 1)
