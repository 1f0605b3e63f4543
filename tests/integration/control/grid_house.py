"""A simulated house whose load a test controls, second by second, while a grid target is held."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant

from custom_components.alphaess_live.control import orders
from custom_components.alphaess_live.control.grid_target import hold_grid
from custom_components.alphaess_live.monitor.dispatch_record import DispatchRecord
from custom_components.alphaess_live.simulator.appliances import PhasePowers
from custom_components.alphaess_live.simulator.simulated_battery import SimulatedBattery
from custom_components.alphaess_live.simulator.sky import Day, Sky

from ..conftest import House, LoopClock

NIGHT = datetime(2025, 6, 15, 1, 0)  # noqa: DTZ001 - the house's own clock
WITHIN_WATTS = 100


@dataclass
class Load:
    """What the house uses, set by the test: W."""

    watts: int = 500

    def power(self, clock: datetime, seed: int) -> PhasePowers:  # noqa: ARG002 - the shape of an appliance
        """Return the power on the first phase."""
        return (self.watts, 0, 0)


@dataclass
class GridHouse:
    """A simulated house whose seconds a test counts, with what its meter and its battery did."""

    hass: HomeAssistant
    house: House
    load: Load
    clock: FrozenDateTimeFactory
    loop_clock: LoopClock
    grid: list[int] = field(default_factory=list)
    """W at the meter, one value for each second."""
    battery: list[int] = field(default_factory=list)
    writes: list[int] = field(default_factory=list)
    """The number of writes in each second."""

    async def run(
        self, seconds: int, *, each_second: Callable[[int], None] = lambda _: None
    ) -> None:
        """Let the house and all clocks run on; Home Assistant polls by itself."""
        start = self.loop_clock()
        for second in range(seconds):
            each_second(second)
            before = len(self.house.inverter.journal.written)
            self.house.inverter.advance(1)
            self.clock.tick(1)
            # The time that the last second has really taken does not count.
            self.loop_clock.skipped += start + second + 1 - self.loop_clock()
            await asyncio.sleep(0)
            await self.hass.async_block_till_done(wait_background_tasks=True)
            flow = self.house.inverter.house.flow
            self.grid.append(flow.grid)
            self.battery.append(flow.battery)
            self.writes.append(len(self.house.inverter.journal.written) - before)

    def deliver_reading(self, *, grid: int | None = None) -> None:
        """Deliver the latest reading once more as a new one, perhaps with another power at the meter."""
        coordinator = self.house.coordinator
        assert coordinator.latest
        reading = replace(coordinator.latest, measured_at=datetime.now(UTC))
        if grid is not None:
            assert reading.grid
            reading = replace(reading, grid=replace(reading.grid, power=grid))
        for listener in tuple(coordinator.on_power):
            listener(reading)

    def deviation(self, seconds: int, power: int = 0) -> int:
        """Return the largest deviation from a power in the last seconds, in W."""
        return max(abs(grid - power) for grid in self.grid[-seconds:])

    async def hold(self, power: int = 0, **fields: Any) -> orders.Outcome:
        """Hold a power at the meter for an hour."""
        default: dict[str, Any] = {"power": power, "duration": 3600}
        return await hold_grid(self.house.controller, **default | fields)

    def set_battery(self, soc: float) -> None:
        """Replace the battery by one with this state of charge."""
        house = self.house.inverter.house
        house.battery = SimulatedBattery(house.equipment.pack, soc)
        # No battery is charged or discharged in an instant.
        self.house.coordinator.inverter.plausibility.value_filter.forget()

    def set_day(self, day: Day, clock: datetime) -> None:
        """Set the time of the house, and its weather."""
        house = self.house.inverter.house
        house.clock, house.sky = clock, Sky(day, house.seed)

    @property
    def record(self) -> DispatchRecord:
        """The newest record of the log."""
        record: DispatchRecord = self.house.entry.runtime_data.dispatch_log.records[-1]
        return record


def reversals(powers: list[int]) -> int:
    """Count how often a power changes its direction."""
    steps = [b - a for a, b in pairwise(powers) if a != b]
    return sum(a * b < 0 for a, b in pairwise(steps))
