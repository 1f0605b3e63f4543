"""A Home Assistant in virtual time, in which one entry after the other reads a simulated inverter of its own."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from datetime import datetime, timedelta
from functools import cache
import tempfile
from typing import Any, NamedTuple
from unittest.mock import patch
from zoneinfo import ZoneInfo

from homeassistant.components.http.server import HomeAssistantHTTP
from homeassistant.config_entries import SOURCE_USER, ConfigEntry, ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er, restore_state
from homeassistant.helpers.json import json_bytes
from homeassistant.loader import DATA_CUSTOM_COMPONENTS
from homeassistant.setup import async_setup_component
from homeassistant.util.json import json_loads
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_test_home_assistant,
    mock_storage,
)

from custom_components.alphaess_live.connection import link
from custom_components.alphaess_live.const import (
    CONF_IDENTITY,
    CONF_SERIALS,
    DOMAIN,
)
from custom_components.alphaess_live.coordinator import InverterCoordinator
from custom_components.alphaess_live.setup.probe import NotFoundError
from custom_components.alphaess_live.simulator.house import House
from custom_components.alphaess_live.simulator.models import Model
from custom_components.alphaess_live.simulator.simulated_inverter import (
    SimulatedInverter,
)

from .oracle import ObservedInverter
from .virtual_time import VirtualTime

TIME_ZONE = ZoneInfo("Europe/Berlin")
NOON = datetime(2026, 6, 15, 12, tzinfo=TIME_ZONE).replace(tzinfo=None)


class Bench(NamedTuple):
    """A Home Assistant and its time."""

    hass: HomeAssistant
    time: VirtualTime
    resources: AsyncExitStack
    """What must stay open as long as it runs, such as the storage in memory."""


@asynccontextmanager
async def run_home_assistant(folder: str) -> AsyncIterator[HomeAssistant]:
    """Run a Home Assistant without entries, whose storage is in memory."""
    with mock_storage():
        async with async_test_home_assistant(
            asyncio.get_running_loop(), config_dir=folder
        ) as hass:
            hass.data.pop(DATA_CUSTOM_COMPONENTS)
            await hass.config.async_set_time_zone(TIME_ZONE.key)
            # Nothing is requested by HTTP, and the port may be in use.
            with (
                patch.object(HomeAssistantHTTP, "async_bind"),
                patch.object(HomeAssistantHTTP, "start"),
            ):
                assert await async_setup_component(hass, DOMAIN, {})
                yield hass
                await hass.async_stop(force=True)


@cache
def shared_bench() -> Bench:
    """Return the Home Assistant of this process; it starts with the first call, and runs to the end."""
    time = VirtualTime(datetime(2026, 1, 1, tzinfo=TIME_ZONE))
    resources = AsyncExitStack()
    started = resources.enter_async_context(run_home_assistant(tempfile.mkdtemp()))
    return Bench(time.loop.run_until_complete(started), time, resources)


def words_of_another(model: Model, *, named: bool) -> dict[int, int]:
    """Return all words of another inverter of a model, with serial numbers of its own or without any."""
    serials = ("AL7011099000009", "SIM99999000009") if named else ("", "")
    other = replace(model, serial=serials[0], inverter_serial=serials[1])
    unit = SimulatedInverter(House(model.equipment, NOON), other)
    return dict.fromkeys(range(0x1100), 0) | unit.words()


class Installation:
    """One inverter and its entry, from the first set-up until it is removed."""

    def __init__(
        self, bench: Bench, model: Model, *, start: datetime, soc: float
    ) -> None:
        """Build the house at this local time; nothing is set up yet."""
        self.hass, self.time, _ = bench
        self.time.set_wall_clock(start)
        house = House(model.equipment, start.replace(tzinfo=None), soc=soc)
        now = self.time.loop.time
        self.inverter = ObservedInverter(house, model, speed=0, now=now, max_steps=1)
        self.entry: ConfigEntry[Any] = MockConfigEntry(domain=DOMAIN)
        """Replaced when the entry is added."""
        self.snapshots = 0
        """Those of the entry before it was unloaded the last time."""
        self._seconds = 0.0
        self.time.on_advance = self._advance_house
        # The demo inverter is the only one that is read without a connection.
        self.hass.data[link._DEMO] = self.inverter  # noqa: SLF001

    @property
    def coordinator(self) -> InverterCoordinator:
        """The coordinator of the loaded entry."""
        coordinator: InverterCoordinator = self.entry.runtime_data.coordinator
        return coordinator

    def _advance_house(self, seconds: float) -> None:
        self._seconds += seconds
        whole = int(self._seconds)
        self._seconds -= whole
        self.inverter.advance(whole)

    def suspend(self, duration: timedelta) -> None:
        """Let time pass without any poll."""
        self.time.advance(duration.total_seconds())

    async def add_entry(self) -> None:
        """Add the entry by the configuration flow; it is loaded then.

        Raises NotFoundError while no inverter is found.
        """
        flow = self.hass.config_entries.flow
        menu = await flow.async_init(DOMAIN, context={"source": SOURCE_USER})
        try:
            result: Any = await flow.async_configure(
                menu["flow_id"], {"next_step_id": "demo"}
            )
        except NotFoundError:
            flow.async_abort(menu["flow_id"])
            raise
        self.entry = result["result"]
        await self.hass.async_block_till_done()
        assert self.entry.state is ConfigEntryState.LOADED, self.entry.state

    async def set_up(self) -> None:
        """Load the entry."""
        await self.hass.config_entries.async_setup(self.entry.entry_id)
        await self.hass.async_block_till_done()
        assert self.entry.state is ConfigEntryState.LOADED, self.entry.state

    async def unload(self) -> None:
        """Unload the entry."""
        self.snapshots += self.coordinator.inverter.stats.snapshots
        await self.hass.config_entries.async_unload(self.entry.entry_id)
        await self.hass.async_block_till_done()

    async def restart(
        self, off: timedelta, *, before_start: Callable[[], None]
    ) -> None:
        """Stop Home Assistant, and start it later with what it has stored as JSON."""
        await self.unload()
        states = restore_state.async_get(self.hass)
        kept: Any = json_loads(
            json_bytes([one.as_dict() for one in states.last_states.values()])
        )
        states.last_states = {
            one["state"]["entity_id"]: restore_state.StoredState.from_dict(one)
            for one in kept
        }
        data: Any = json_loads(json_bytes(dict(self.entry.data)))
        self.hass.config_entries.async_update_entry(self.entry, data=data)
        self.suspend(off)
        before_start()
        await self.set_up()

    @property
    def is_of_another(self) -> bool:
        """Whether the entry was added with a serial number that its inverter does not have."""
        data, model = self.entry.data, self.inverter.model
        stored = {data[CONF_IDENTITY]["serial"], *data.get(CONF_SERIALS, ())}
        return not stored <= {model.serial, model.inverter_serial}

    async def remove_entry(self) -> None:
        """Remove the entry and all that is kept of it."""
        if self.hass.config_entries.async_get_entry(self.entry.entry_id):
            if self.entry.state is ConfigEntryState.LOADED:
                await self.unload()
            await self.hass.config_entries.async_remove(self.entry.entry_id)
        await self.hass.async_block_till_done()
        restore_state.async_get(self.hass).last_states.clear()
        # Hypothesis makes random ids the same in each example: an old one must not be restored.
        er.async_get(self.hass).deleted_entities.clear()

    async def remove(self) -> None:
        """Remove the entry and its inverter."""
        await self.remove_entry()
        self.hass.data.pop(link._DEMO, None)  # noqa: SLF001
        self.time.on_advance = lambda _: None
