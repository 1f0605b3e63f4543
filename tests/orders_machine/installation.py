"""One simulated inverter and its entry, which can be unloaded, killed and started again."""

from dataclasses import replace
from datetime import datetime
from typing import Any, cast
from unittest.mock import patch

from homeassistant.config_entries import ConfigEntryDisabler, ConfigEntryState
from homeassistant.helpers import entity_registry as er, restore_state
from pytest_homeassistant_custom_component.common import MockConfigEntry

import custom_components.alphaess_live as integration
from custom_components.alphaess_live.alphaess.dispatch import charge
from custom_components.alphaess_live.alphaess.identity import identify
from custom_components.alphaess_live.alphaess.inverter import Inverter
from custom_components.alphaess_live.alphaess.write_policy import DISPATCH_ADDRESSES
from custom_components.alphaess_live.connection import link
from custom_components.alphaess_live.const import (
    CONF_IDENTITY,
    CONF_REFUSED,
    CONF_SERVED,
    CONF_TRANSPORT,
    CONF_UNIT_ID,
    CONF_VARIANTS,
    DOMAIN,
)
from custom_components.alphaess_live.control.controller import InverterController
from custom_components.alphaess_live.runtime import RuntimeData
from custom_components.alphaess_live.simulator.house import House
from custom_components.alphaess_live.simulator.models import Model
from tests.corruption.installation import TIME_ZONE

from .choices import Event
from .host import Process, order_bench
from .interfaces import PARTS, Caller
from .recording_inverter import RecordingInverter

FOREIGN_ORDER = charge(power=3450, target_soc=99, duration=600)
"""What another program writes."""
NOON = datetime(2026, 6, 1, 12, tzinfo=TIME_ZONE)
START_FRACTION = 0.01
"""Of a second of the loop's clock at which each run starts, so that it is the same run again."""


class OrderInstallation:
    """An inverter and its entry, from the first set-up until it is removed."""

    def __init__(
        self, model: Model, *, soc: float, options: dict[str, Any], phase: float
    ) -> None:
        """Build the house; nothing is set up yet. `phase` is when in a second the inverter begins one of its own."""
        self.hass, self.time, self.disk = order_bench()
        self.time.advance(1 + START_FRACTION - self.time.loop.time() % 1)
        self.time.set_wall_clock(NOON)
        house = House(model.equipment, NOON.replace(tzinfo=None), soc=soc)
        now = self.time.loop.time
        self.inverter = RecordingInverter(house, model, speed=0, now=now)
        self.process = Process(self.inverter)
        self.has_restarted = False
        self.entry = MockConfigEntry(domain=DOMAIN, title="AlphaESS")
        self._options = options
        self._seconds = 1 - phase
        self.time.on_advance = self._advance_house

    @property
    def runtime(self) -> RuntimeData:
        """The parts of the loaded entry."""
        runtime: RuntimeData = self.entry.runtime_data
        return runtime

    @property
    def controller(self) -> InverterController:
        """The controller of the loaded entry."""
        return self.runtime.controller

    @property
    def is_connected(self) -> bool:
        """Whether the entry is loaded, and the inverter shown as connected."""
        is_loaded = self.entry.state is ConfigEntryState.LOADED
        return is_loaded and self.runtime.coordinator.connection.connected

    @property
    def caller(self) -> Caller:
        """Gives orders to the entry."""
        return Caller(self.hass, self.entry)

    def _advance_house(self, seconds: float) -> None:
        self._seconds += seconds
        whole = int(self._seconds)
        self._seconds -= whole
        self.inverter.advance(whole)

    def write_as_app(self, event: Event) -> None:
        """Let another program write an order, our last one again, or a stop."""
        words = FOREIGN_ORDER.encode()
        values = tuple(words[at] for at in DISPATCH_ADDRESSES)
        if event is Event.FOREIGN_STOP:
            values = (0,)
        elif event is Event.FOREIGN_REPEATS:
            ours = [one for one in self.inverter.writes if one.address in words]
            whole = [one.values for one in ours if len(one.values) >= len(values)]
            if not whole:
                return
            values = whole[-1][: len(values)]
        self.inverter.write_as_app(DISPATCH_ADDRESSES.start, *values)

    async def add_entry(self) -> None:
        """Add the entry with what the first reading shows."""
        reader = Inverter(self.inverter, groups=frozenset())
        identity = identify(await reader.read())
        # As after the first minute: the rated power is known.
        identity = replace(identity, unconfirmed=frozenset())
        self.entry = MockConfigEntry(
            domain=DOMAIN,
            title="AlphaESS",
            unique_id=identity.serial,
            data={
                CONF_TRANSPORT: "demo",
                "host": "",
                "port": 0,
                CONF_UNIT_ID: 85,
                CONF_IDENTITY: identity.to_dict(),
                CONF_SERVED: sorted(block.name for block in reader.served_blocks),
                CONF_REFUSED: [],
                CONF_VARIANTS: [],
            },
            options=self._options,
        )
        self.entry.add_to_hass(self.hass)
        await self.set_up()
        self.has_restarted = False

    async def set_up(self) -> None:
        """Load the entry in a process of its own."""
        self.process = self.disk.process = unit = Process(self.inverter)
        self.has_restarted = True
        # The demo inverter is the only one that is read without a connection.
        self.hass.data[link._DEMO] = cast(Any, unit)  # noqa: SLF001
        entries, entry_id = self.hass.config_entries, self.entry.entry_id
        with patch.object(integration, "PLATFORMS", PARTS):
            if self.entry.disabled_by:
                await entries.async_set_disabled_by(entry_id, None)
            else:
                await entries.async_setup(entry_id)
            await self.hass.async_block_till_done()
        assert self.entry.state is ConfigEntryState.LOADED, self.entry.state

    async def unload(self, *, disable: bool = False) -> None:
        """Unload the entry, or disable it."""
        entries, entry_id = self.hass.config_entries, self.entry.entry_id
        with patch.object(integration, "PLATFORMS", PARTS):
            if disable:
                by = ConfigEntryDisabler.USER
                await entries.async_set_disabled_by(entry_id, by)
            else:
                await entries.async_unload(entry_id)

    def set_option(self, name: str, *, value: object) -> None:
        """Set an option; the entry must be loaded again."""
        options = {**self.entry.options, name: value}
        self.hass.config_entries.async_update_entry(self.entry, options=options)

    def kill(self) -> None:
        """End the process now: nothing more is written, to the inverter or to the disk."""
        self.process.is_alive = False

    async def end_killed(self) -> None:
        """Remove what is left of a killed process in the memory of Home Assistant."""
        await self.unload()

    async def remove(self) -> None:
        """Remove the entry and all that is kept of it."""
        with patch.object(integration, "PLATFORMS", PARTS):
            await self.hass.config_entries.async_remove(self.entry.entry_id)
        await self.hass.async_block_till_done()
        restore_state.async_get(self.hass).last_states.clear()
        er.async_get(self.hass).deleted_entities.clear()
        self.hass.data.pop(link._DEMO, None)  # noqa: SLF001
        self.disk.files.clear()
        self.time.on_advance = lambda _: None
