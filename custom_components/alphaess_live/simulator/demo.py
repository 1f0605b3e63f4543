"""Builds simulated inverters: the demo inverter, and those of tests and the command line."""

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from time import monotonic

from .energy_flow import EnergyCounters, in_joules
from .house import House
from .models import THREE_PHASE, Model
from .simulated_inverter import SimulatedInverter
from .sky import Day

DEMO_SEED = 7
SOC_AT_MIDNIGHT_PERCENT = 40.0
"""Default state of charge at the start of a day."""
_FIRST_DAY = date(2025, 1, 1)
_EACH_DAY = EnergyCounters(
    grid_import=in_joules(3),
    grid_export=in_joules(24),
    strings=in_joules(38),
    charge=in_joules(9),
    discharge=in_joules(8),
)
"""Growth of the demo house's counters for each day since the first."""


def simulate(
    model: Model,
    start: datetime,
    *,
    day: Day = Day.SUNNY,
    seed: int = 1,
    soc: float | None = None,
    speed: float = 1.0,
    now: Callable[[], float] = monotonic,
) -> SimulatedInverter:
    """Build a house with an inverter at this moment of its own wall clock.

    Without a state of charge, the day is simulated from midnight to `start`.
    """
    midnight = start.replace(hour=0, minute=0, second=0, microsecond=0)
    begin = start if soc is not None else midnight
    charged = SOC_AT_MIDNIGHT_PERCENT if soc is None else soc
    house = House(model.equipment, begin, day=day, seed=seed, soc=charged)
    unit = SimulatedInverter(house, model, speed=speed, now=now)
    unit.advance(int((start - begin).total_seconds()))
    return unit


def demo_unit(
    local_now: Callable[[], datetime], *, model: Model = THREE_PHASE
) -> SimulatedInverter:
    """Build the demo inverter: real time, today's sun, counters that have grown since 2025.

    `local_now` returns the local time; its time zone, if it has one, is dropped.
    """
    start = local_now().replace(tzinfo=None, microsecond=0)
    days = max(0, (start.date() - _FIRST_DAY) // timedelta(days=1))
    plant = replace(
        model.equipment,
        initial_counters=model.equipment.initial_counters.plus(_EACH_DAY, days),
    )
    return simulate(
        replace(model, equipment=plant), start, day=Day.TODAY, seed=DEMO_SEED
    )
