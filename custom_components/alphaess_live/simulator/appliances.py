"""Loads of the simulated house: fridge, kettle, oven, dishwasher and a wallbox."""

from collections.abc import Iterable
from dataclasses import KW_ONLY, dataclass
from datetime import datetime
from typing import Protocol

from .sky import random_at, seconds_of, smooth_random_at

type PhasePowers = tuple[int, int, int]
"""Watts on each phase; a single-phase house uses them as one."""


class Appliance(Protocol):
    """A load whose power is a function of time and seed."""

    def power(self, clock: datetime, seed: int) -> PhasePowers:
        """Compute the power at this moment."""
        ...


@dataclass(frozen=True, slots=True)
class Standby:
    """Routers, clocks, heating pumps: a base load that varies slowly."""

    watts: int
    variation: int

    def power(self, clock: datetime, seed: int) -> PhasePowers:
        """Compute the power at this moment."""
        seconds = seconds_of(clock)
        slow = smooth_random_at(seed, seconds / 900)
        fast = smooth_random_at(seed + 1, seconds / 7)
        watts = self.watts + round(self.variation * (slow + 0.25 * fast))
        return (watts - watts // 3 - watts // 4, watts // 3, watts // 4)


@dataclass(frozen=True, slots=True)
class Thermostat:
    """A fridge: switches on and off periodically."""

    watts: int
    period: int
    """Seconds from one start to the next."""
    share: float
    """Share of the period in which it runs, 0 to 1."""
    _: KW_ONLY
    phase: int = 0

    def power(self, clock: datetime, seed: int) -> PhasePowers:
        """Compute the power at this moment."""
        into = (seconds_of(clock) + int(random_at(seed, 0) * self.period)) % self.period
        return _on_phase(
            self.phase, self.watts if into < self.share * self.period else 0
        )


@dataclass(frozen=True, slots=True)
class Programme:
    """An appliance that starts around a certain time on some days."""

    hour: float
    steps: tuple[tuple[int, int], ...]
    """Minutes and watts of each step, one after the other; must end before midnight."""
    _: KW_ONLY
    phase: int = 0
    probability: float = 1.0
    """Share of the days on which it runs, 0 to 1."""
    jitter: float = 1.0
    """Maximum delay of the start, in hours."""
    three_phase: bool = False

    def power(self, clock: datetime, seed: int) -> PhasePowers:
        """Compute the power at this moment."""
        day = clock.toordinal()
        if random_at(seed, day) >= self.probability:
            return (0, 0, 0)
        late = self.jitter * random_at(seed + 1, day)
        minutes = clock.hour * 60 + clock.minute + clock.second / 60
        watts = self._watts(minutes - 60 * (self.hour + late))
        return (
            (watts, watts, watts) if self.three_phase else _on_phase(self.phase, watts)
        )

    def _watts(self, minutes: float) -> int:
        """Find the power this many minutes after the start."""
        for length, watts in self.steps if minutes >= 0 else ():
            if minutes < length:
                return watts
            minutes -= length
        return 0


def total(
    appliances: Iterable[Appliance], clock: datetime, *, seed: int
) -> PhasePowers:
    """Sum the power of all appliances at this moment, by phase."""
    drawn = [
        appliance.power(clock, seed + 10 * place)
        for place, appliance in enumerate(appliances)
    ]
    first, second, third = (sum(phase) for phase in zip(*drawn, strict=True))
    return first, second, third


def _on_phase(phase: int, watts: int) -> PhasePowers:
    return (
        watts if phase == 0 else 0,
        watts if phase == 1 else 0,
        watts if phase == 2 else 0,
    )


_HEATER_CYCLES = ((4, 2100), (4, 90)) * 7
"""An oven or a hob at temperature: its heater switches."""
_WASHING = ((12, 2000), (45, 140), (8, 420), (10, 0), (6, 560))
_DISHES = ((16, 2050), (38, 70), (14, 2050), (22, 25))

HOUSEHOLD: tuple[Appliance, ...] = (
    Standby(170, 90),
    Thermostat(85, 2500, 0.38),
    Thermostat(110, 4100, 0.27, phase=1),
    Programme(6.4, ((3, 2050),), jitter=0.8),
    Programme(7.1, ((2, 900), (1, 60), (2, 900)), phase=1, probability=0.8),
    Programme(9.0, _WASHING, phase=2, probability=0.55, jitter=4.0),
    Programme(
        12.1, ((5, 2200), *_HEATER_CYCLES[:6]), phase=1, probability=0.6, jitter=0.7
    ),
    Programme(15.2, ((3, 2050),), probability=0.7, jitter=1.2),
    Programme(
        17.9, ((12, 2500), *_HEATER_CYCLES), phase=1, probability=0.85, jitter=0.8
    ),
    Programme(17.0, ((290, 145),), phase=2, jitter=0.6),
    Programme(18.6, ((150, 120),), jitter=0.8),
    Programme(20.0, _DISHES, phase=2, probability=0.8, jitter=0.9),
)
"""A family of three: some ten kilowatt-hours a day."""

CAR: Appliance = Programme(
    17.5, ((200, 3650),), probability=0.6, jitter=1.5, three_phase=True
)
"""An 11 kW wallbox, three evenings out of five."""
