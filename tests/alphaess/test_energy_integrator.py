"""What the house has used: nothing is lost between two samples, and nothing made up in a silence."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.alphaess_live.alphaess.energy_integrator import EnergyIntegrator
from custom_components.alphaess_live.connection.intervals import Intervals
from custom_components.alphaess_live.simulator.house import House
from custom_components.alphaess_live.simulator.models import THREE_PHASE

NOON = datetime(2025, 6, 15, 12, 0, tzinfo=UTC)
BRIDGED = Intervals.from_options({}).max_gap


def summed(*samples: tuple[float, float | None]) -> EnergyIntegrator:
    """Take samples: seconds after noon, W."""
    consumption = EnergyIntegrator(BRIDGED)
    for seconds, load in samples:
        consumption.add(load, NOON + timedelta(seconds=seconds))
    return consumption


def test_energy_is_the_area_below_the_power() -> None:
    assert summed((0, 1000), (10, 2000), (20, 2000)).energy == pytest.approx(35 / 3600)


def test_nothing_is_known_before_the_first_sample() -> None:
    consumption = summed((0, None))
    assert (consumption.started_at, consumption.last_at) == (None, None)


def test_a_short_silence_is_bridged() -> None:
    bridged = summed((0, 3600), (10, None), (30, 3600))
    assert bridged.energy == pytest.approx(0.03)
    assert bridged.unknown_time == timedelta()


def test_in_a_longer_one_nothing_is_made_up() -> None:
    consumption = summed((0, 3600), (10, 3600), (41, 3600), (51, 3600))
    assert consumption.energy == pytest.approx(0.02)
    assert consumption.unknown_time == timedelta(seconds=31)


def test_a_clock_that_is_set_back_costs_nothing_and_takes_nothing() -> None:
    consumption = summed((0, 3600), (10, 3600), (-3000, 3600), (-2990, 3600))
    assert consumption.energy == pytest.approx(0.02)
    assert consumption.unknown_time == timedelta()


@pytest.mark.parametrize(("check", "bridged"), [(2, 30), (5, 30), (60, 180)])
def test_what_counts_as_a_short_silence_follows_the_pace(
    check: int, bridged: int
) -> None:
    intervals = Intervals.from_options({"check_interval": check})
    assert intervals.max_gap == timedelta(seconds=bridged)


@pytest.mark.parametrize("pace", [2, 5])
def test_half_a_day_in_an_imagined_house_is_summed_up_to_half_a_percent(
    pace: int,
) -> None:
    """Its appliances change each second; the inverter is asked every few seconds."""
    house = House(THREE_PHASE.equipment, NOON.replace(hour=6, tzinfo=None))
    consumption, used = EnergyIntegrator(BRIDGED), 0
    for second in range(12 * 3600):
        if second % pace == 0:
            at = NOON + timedelta(seconds=second)
            consumption.add(house.flow.load, at)
        house.step(1)
        used += house.flow.load
    assert consumption.energy == pytest.approx(used / 3.6e6, rel=0.005)
    assert consumption.unknown_time == timedelta()
