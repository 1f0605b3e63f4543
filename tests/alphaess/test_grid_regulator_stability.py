"""The regulator of a grid target with meters, batteries and inverters that are slow, in a house of two numbers."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random

import pytest

from custom_components.alphaess_live.alphaess.grid_regulator import (
    WRITE_INTERVAL_SECONDS,
    GridRegulator,
    GridTarget,
)
from custom_components.alphaess_live.alphaess.snapshot import Power

TARGET = GridTarget(power=0, min_soc=10, max_soc=90, max_power=8000, duration=3600)
STEP_SECONDS = 0.1
ORDER_SECONDS = 0.3
"""From a reading to the order that follows from it."""
WITHIN_WATTS = 100


@dataclass
class Meter:
    """A power that is measured every few seconds, at a phase: W."""

    seconds: float
    phase: float
    value: float = 0.0
    _count: int = -1

    def measure(self, now: float, power: float) -> None:
        """Show the power, if it is time."""
        count = int((now + self.phase) // self.seconds)
        if count != self._count:
            self._count, self.value = count, power


@dataclass
class RegulatedBattery:
    """An inverter with its regulator: it follows an order after a delay."""

    delay: float
    interval: float
    phase: float
    meter: Meter
    register: Meter
    power: float = 0.0
    regulator: GridRegulator | None = None
    orders: list[tuple[float, int]] = field(default_factory=list)
    _read_at: float = -1.0
    _reading: Power | None = None

    def follow(self, now: float) -> None:
        """Change to the newest power whose delay is over."""
        due = [power for at, power in self.orders if at + self.delay <= now]
        self.power = due[-1] if due else 0.0

    def read(self, now: float) -> None:
        """Read the powers when it is time, and give the order that follows from the last reading."""
        if self._reading and now >= self._read_at + ORDER_SECONDS:
            self._order(now)
            self._reading = None
        count = (now - self.phase) // self.interval
        if count > (self._read_at - self.phase) // self.interval:
            self._read_at = now
            power = Power(
                soc=50, pv=0, battery=self.register.value, grid=self.meter.value
            )
            self._reading = power
            if self.regulator:
                self.regulator = self.regulator.update(power, now)
            else:
                self.regulator = GridRegulator.begin(TARGET, power, now)

    def _order(self, now: float) -> None:
        assert self.regulator
        power = self.regulator.next_power(now, ends_at=now + 3600)
        if power is None:
            return
        order = self.regulator.order(power, seconds_left=3600, interval=self.interval)
        self.orders.append((now, power))
        self.regulator = self.regulator.after_order(
            order, order, at=now, now=now + 0.01
        )

    def powers(self, since: float) -> list[int]:
        """Return the powers that were ordered, one after the other, without renewals."""
        powers = [power for at, power in self.orders if at >= since]
        before = [power for at, power in self.orders if at < since][-1:]
        both = [*before, *powers]
        return both[:1] + [b for a, b in pairwise(both) if a != b]


@dataclass
class TwoNumberHouse:
    """Loads and batteries at one meter, second by second."""

    batteries: list[RegulatedBattery]
    noise: int
    now: float = 100.0
    grid: list[tuple[float, float]] = field(default_factory=list)
    _random: Random = field(default_factory=lambda: Random(5))  # noqa: S311 - the same noise in each run

    def run(self, seconds: float, load: float) -> None:
        """Let the house run on with this load."""
        for _ in range(round(seconds / STEP_SECONDS)):
            self.now += STEP_SECONDS
            for battery in self.batteries:
                battery.follow(self.now)
            used = load + self._random.randint(-self.noise, self.noise)
            grid = used - sum(one.power for one in self.batteries)
            self.grid.append((self.now, grid))
            for battery in self.batteries:
                battery.meter.measure(self.now, round(grid))
                battery.register.measure(self.now, round(battery.power))
                battery.read(self.now)

    def deviation(self, since: float) -> float:
        """Return the largest deviation at the meter since a moment."""
        return max(abs(grid) for at, grid in self.grid if at >= since)


def reversals(powers: Iterable[int]) -> int:
    """Count how often a series changes its direction."""
    steps = [b - a for a, b in pairwise(powers) if a != b]
    return sum(a * b < 0 for a, b in pairwise(steps))


def build(
    *,
    meter: float,
    register: float = 0.1,
    delay: float = 0.2,
    interval: float = 2.0,
    noise: int = 5,
    phases: tuple[float, ...] = (0.0,),
    meter_phase: float = 0.0,
) -> TwoNumberHouse:
    """Return a house with one battery for each phase of their readings."""
    batteries = [
        RegulatedBattery(
            delay=delay,
            interval=interval,
            phase=phase,
            meter=Meter(meter, meter_phase),
            register=Meter(register, meter_phase / 2),
        )
        for phase in phases
    ]
    return TwoNumberHouse(batteries, noise)


@pytest.mark.parametrize(
    ("interval", "noise"), [(1.0, 20), (2.0, 0), (2.0, 20), (5.0, 20)]
)
@pytest.mark.parametrize("delay", [0.2, 6.0, 15.0])
@pytest.mark.parametrize("meter", [0.5, 3.0, 5.0, 10.0, 15.0])
def test_slow_meter_does_not_make_the_battery_oscillate(
    meter: float, delay: float, interval: float, noise: int
) -> None:
    for phase in (0.0, 0.6 * meter):
        house = build(
            meter=meter,
            delay=delay,
            interval=interval,
            noise=noise,
            meter_phase=phase,
        )
        (battery,) = house.batteries
        house.run(60, 500)
        for load in (2500, 500):
            since = house.now
            house.run(90, load)
            assert reversals(battery.powers(since)) <= 1, battery.orders
            settled = since + 2 * meter + delay + 3 * interval + 1
            assert house.deviation(settled) <= WITHIN_WATTS, battery.orders
        pauses = [b - a for (a, _), (b, _) in pairwise(battery.orders)]
        assert min(pauses) >= WRITE_INTERVAL_SECONDS


@pytest.mark.parametrize("register", [3.0, 5.0, 10.0])
@pytest.mark.parametrize("meter", [0.5, 5.0])
def test_slow_battery_register_does_not_make_the_battery_oscillate(
    register: float, meter: float
) -> None:
    house = build(meter=meter, register=register, meter_phase=1.3)
    (battery,) = house.batteries
    house.run(60, 500)
    for load in (2500, 500, 2500):
        since = house.now
        house.run(60, load)
        assert reversals(battery.powers(since)) <= 1, battery.orders
        assert house.deviation(since + 30) <= WITHIN_WATTS, battery.orders


def test_quick_meter_is_balanced_again_within_3_seconds() -> None:
    house = build(meter=0.5, noise=20)
    house.run(20, 500)
    for step in range(10):
        house.run(20 + step / 5, 500 if step % 2 else 2500)
        since = house.now
        house.run(20, 2500 if step % 2 else 500)
        assert house.deviation(since + 3) <= WITHIN_WATTS


def test_meter_that_stands_still_gets_one_order() -> None:
    house = build(meter=1e6, noise=20)
    (battery,) = house.batteries
    battery.meter.value = 800
    battery.meter._count = 0  # noqa: SLF001 - it is never renewed
    house.run(300, 500)
    assert battery.powers(0) == [800]


@pytest.mark.parametrize("shift", [0.1, 0.25, 1.0, 1.7])
@pytest.mark.parametrize("meter", [0.5, 5.0])
def test_two_batteries_at_one_meter_come_to_rest(shift: float, meter: float) -> None:
    house = build(meter=meter, phases=(0.0, shift), noise=5)
    house.run(60, 500)
    for load in (2500, 500, 2500, 500):
        since = house.now
        house.run(60, load)
        assert house.deviation(since + 40) <= WITHIN_WATTS
        for battery in house.batteries:
            assert reversals(battery.powers(since)) <= 1, battery.orders
