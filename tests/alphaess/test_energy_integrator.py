"""The energy of the load: nothing is lost between two samples, and long gaps are not integrated."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.alphaess_live.alphaess.energy_integrator import EnergyIntegrator
from custom_components.alphaess_live.connection.intervals import Intervals
from custom_components.alphaess_live.simulator.house import House
from custom_components.alphaess_live.simulator.models import THREE_PHASE

NOON = datetime(2025, 6, 15, 12, 0, tzinfo=UTC)
BRIDGED = Intervals.from_options({}).max_gap


def summed(*samples: tuple[float, float | None]) -> EnergyIntegrator:
    """Add samples: seconds after noon, and W."""
    consumption = EnergyIntegrator(BRIDGED)
    for seconds, load in samples:
        consumption.add(load, NOON + timedelta(seconds=seconds))
    return consumption


def test_energy_is_the_integral_of_the_power() -> None:
    assert summed((0, 1000), (10, 2000), (20, 2000)).energy == pytest.approx(35 / 3600)


def test_integrator_without_samples_has_no_times() -> None:
    consumption = summed((0, None))
    assert (consumption.started_at, consumption.last_at) == (None, None)


def test_short_gap_is_integrated() -> None:
    bridged = summed((0, 3600), (10, None), (30, 3600))
    assert bridged.energy == pytest.approx(0.03)
    assert bridged.unknown_time == timedelta()


def test_longer_gap_is_unknown_time() -> None:
    consumption = summed((0, 3600), (10, 3600), (41, 3600), (51, 3600))
    assert consumption.energy == pytest.approx(0.02)
    assert consumption.unknown_time == timedelta(seconds=31)


def test_clock_that_is_set_back_adds_nothing() -> None:
    consumption = summed((0, 3600), (10, 3600), (-3000, 3600), (-2990, 3600))
    assert consumption.energy == pytest.approx(0.02)
    assert consumption.unknown_time == timedelta()


@pytest.mark.parametrize(("check", "bridged"), [(2, 30), (5, 30), (60, 180)])
def test_max_gap_follows_the_intervals(check: int, bridged: int) -> None:
    intervals = Intervals.from_options({"check_interval": check})
    assert intervals.max_gap == timedelta(seconds=bridged)


@pytest.mark.parametrize("pace", [2, 5])
def test_half_a_day_of_a_house_is_integrated_to_half_a_percent(
    pace: int,
) -> None:
    """The loads change each second; the inverter is read every few seconds."""
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
