"""Houses that are ready to move in: the demo inverter, and whatever a test or a person asks for."""

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
"""State of charge (%) with which a day begins if nobody says otherwise."""
_FIRST_DAY = date(2025, 1, 1)
_EACH_DAY = EnergyCounters(
    grid_import=in_joules(3),
    grid_export=in_joules(24),
    strings=in_joules(38),
    charge=in_joules(9),
    discharge=in_joules(8),
)
"""What the counters of the demo house gain each day on which nobody runs it."""


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
    """Build a house with an inverter, as it is at this moment of its own wall clock.

    Without a state of charge, the house has lived through the day since midnight.
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

    Takes a clock that tells the local time; its time zone, if it has one, is dropped.
    """
    start = local_now().replace(tzinfo=None, microsecond=0)
    days = max(0, (start.date() - _FIRST_DAY) // timedelta(days=1))
    plant = replace(
        model.equipment,
        initial_counters=model.equipment.initial_counters.plus_days(_EACH_DAY, days),
    )
    return simulate(
        replace(model, equipment=plant), start, day=Day.TODAY, seed=DEMO_SEED
    )
