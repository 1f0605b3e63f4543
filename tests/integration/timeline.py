"""An inverter that is read every 30 s, and what a total shows and adds to the recorder's statistics."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from freezegun import freeze_time
from homeassistant.components.recorder.statistics import statistics_during_period
from homeassistant.core import HomeAssistant
from homeassistant.helpers.recorder import get_instance
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
    do_adhoc_statistics,
)

from custom_components.alphaess_live.alphaess.registers import (
    Grid,
    InverterState,
    PvMeter,
    SystemTotals,
)

from .conftest import House, load_entry, poll, set_behaviour, set_up

START = datetime(2026, 3, 11, 12, tzinfo=UTC)
SLOT = timedelta(minutes=5)
POLL = timedelta(seconds=30)
MANY = 22
"""Snapshots after which another basis is confirmed."""
IMPORT, PV = "grid_import_energy_total", "pv_energy_total"
REGISTERS = {
    IMPORT: Grid.registers["import_energy_total"],
    "strings": InverterState.registers["pv_energy_total"],
    "meter_1": PvMeter.registers["energy_1_total"],
    "meter_2": PvMeter.registers["energy_2_total"],
    "system": SystemTotals.registers["pv_energy_total"],
}
BOTH = {"strings": 5000, "meter_1": 0.05, "meter_2": 3000, "system": 8000}


@dataclass
class Timeline:
    """An inverter that is read every 30 s, and what a total has shown."""

    hass: HomeAssistant
    house: House
    key: str
    at: datetime = START
    shown: list[float] = field(default_factory=list)
    words: dict[int, int] = field(default_factory=dict)

    def set(self, numbers: Mapping[str, float]) -> None:
        """Set numbers of registers, in kWh."""
        for name, number in numbers.items():
            self.words |= REGISTERS[name].encode(number)
        set_behaviour(self.house, word_overrides=self.words)

    async def begin(self, **numbers: float) -> None:
        """Load the entry with these numbers, and read until they are shown."""
        await self.load(set_up, numbers)

    async def begin_once(self, **numbers: float) -> None:
        """Load the entry with these numbers, which are read once."""
        await self.load(load_entry, numbers)

    async def load(self, set_up: Any, numbers: Mapping[str, float]) -> None:
        """Load the entry at the present time."""
        await self.hass.config.async_set_time_zone("UTC")
        self.set(numbers)
        with freeze_time(self.at, real_asyncio=True, tick=True):
            await set_up(self.hass, self.house)
        self.note()

    async def read(self, *, times: int = 1, **numbers: float) -> None:
        """Read snapshots with these numbers."""
        self.set(numbers)
        for _ in range(times):
            self.at += POLL
            with freeze_time(self.at, real_asyncio=True, tick=True):
                await poll(self.house, full=True)
                await self.hass.async_block_till_done()
            self.note()

    async def series(self, *samples: float) -> None:
        """Read one snapshot for each number of the imported energy."""
        for sample in samples:
            self.set({IMPORT: sample})
            await self.read()

    async def reload(self) -> None:
        """Reload the entry."""
        self.at += POLL
        with freeze_time(self.at, real_asyncio=True, tick=True):
            await self.hass.config_entries.async_reload(self.house.entry.entry_id)
            await self.hass.async_block_till_done()
        self.note()

    def rediscover(self) -> None:
        """Find out again what is served."""
        with freeze_time(self.at, real_asyncio=True, tick=True):
            self.house.coordinator.inverter.rediscover()

    def note(self) -> None:
        """Append the state, if there is a number."""
        state = self.hass.states.get(self.house.entity_id(self.hass, self.key))
        if state and state.state not in ("unknown", "unavailable"):
            self.shown.append(float(state.state))
        assert self.shown == sorted(self.shown)

    async def sum(self) -> float:
        """Compile the statistics; return the energy that they contain."""
        await async_wait_recording_done(self.hass)
        start = START
        while start <= self.at:
            do_adhoc_statistics(self.hass, start=start)
            start += SLOT
        await async_wait_recording_done(self.hass)
        entity_id = self.house.entity_id(self.hass, self.key)
        found: dict[str, list[Any]] = await get_instance(
            self.hass
        ).async_add_executor_job(
            statistics_during_period,
            self.hass,
            START - SLOT,
            None,
            {entity_id},
            "5minute",
            None,
            {"sum"},
        )
        return float(found[entity_id][-1]["sum"])
