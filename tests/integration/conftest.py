"""A simulated house on a real Modbus port, and Home Assistant set up with it."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from freezegun import api as freezing
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant, ServiceCall, callback
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_mock_service,
)

from custom_components.alphaess_live.alphaess.identity import Identity, identify
from custom_components.alphaess_live.alphaess.inverter import Inverter
from custom_components.alphaess_live.alphaess.monotonic_counter import FEW_SAMPLES
from custom_components.alphaess_live.alphaess.scales import VARIANTS
from custom_components.alphaess_live.const import (
    CONF_CONFIRMED_SCALES,
    CONF_IDENTITY,
    CONF_REFUSED,
    CONF_SERVED,
    CONF_TRANSPORT,
    CONF_UNIT_ID,
    CONF_VARIANTS,
    DOMAIN,
)
from custom_components.alphaess_live.control.controller import InverterController
from custom_components.alphaess_live.coordinator import InverterCoordinator
from custom_components.alphaess_live.feed.messages import Message
from custom_components.alphaess_live.simulator.demo import simulate
from custom_components.alphaess_live.simulator.models import MODELS
from custom_components.alphaess_live.simulator.server import Server, serve
from custom_components.alphaess_live.simulator.simulated_inverter import (
    SimulatedInverter,
)
from tests.alphaess.units import read_totals

NOON = datetime(2025, 6, 15, 13, 0)  # noqa: DTZ001 - the house's own clock


@dataclass
class House:
    """A simulated inverter, the port it listens on, and the entry that reads it."""

    inverter: SimulatedInverter
    server: Server
    entry: MockConfigEntry
    identity: Identity

    @property
    def coordinator(self) -> InverterCoordinator:
        """The loaded entry's coordinator."""
        coordinator: InverterCoordinator = self.entry.runtime_data.coordinator
        return coordinator

    @property
    def controller(self) -> InverterController:
        """The loaded entry's controller."""
        controller: InverterController = self.entry.runtime_data.controller
        return controller

    def entity_id(self, hass: HomeAssistant, key: str) -> str:
        """Find the entity of a key, by its unique id."""
        registry = er.async_get(hass)
        unique_id = f"{self.identity.serial}_{key}"
        for entity in er.async_entries_for_config_entry(registry, self.entry.entry_id):
            if entity.unique_id == unique_id:
                return entity.entity_id
        raise AssertionError(f"no entity has the key {key}")

    def state(self, hass: HomeAssistant, key: str) -> str:
        """Return the state of an entity."""
        state = hass.states.get(self.entity_id(hass, key))
        assert state, f"{key} is disabled"
        return state.state


async def set_up(hass: HomeAssistant, house: House) -> None:
    """Load the house's entry; read the inverter, if it answers, until its totals are known."""
    await load_entry(hass, house)
    await poll_totals(house.coordinator)
    await hass.async_block_till_done()


async def poll_totals(coordinator: InverterCoordinator) -> None:
    """Read an inverter that was read once, if it answers, until its totals are known."""
    for _ in range(FEW_SAMPLES - 1):
        if coordinator.connection.connected:
            coordinator._next_snapshot = 0  # noqa: SLF001 - time, not behaviour
            await coordinator.async_refresh()


async def load_entry(hass: HomeAssistant, house: House) -> None:
    """Load the house's entry; the inverter is read once."""
    if house.entry not in hass.config_entries.async_entries():
        house.entry.add_to_hass(hass)
    await hass.config_entries.async_setup(house.entry.entry_id)
    await hass.async_block_till_done()
    assert house.entry.state is ConfigEntryState.LOADED


@pytest.fixture
def model() -> str:
    """Return the simulated model; tests parametrize it."""
    return "three_phase"


@pytest.fixture
def options() -> dict[str, Any]:
    """Return the entry's options; tests parametrize them."""
    return {"message_spacing": 0}


@asynccontextmanager
async def serve_house(
    hass: HomeAssistant, model: str, options: dict[str, Any]
) -> AsyncIterator[House]:
    """Serve a house on a port; its time stands still unless a test advances it."""
    inverter = simulate(MODELS[model], NOON, speed=0)
    snapshot = await read_totals(reader := Inverter(inverter))
    inverter.journal.clear()
    identity = replace(identify(snapshot), unconfirmed=frozenset())
    async with serve(inverter) as server:
        entry = MockConfigEntry(
            domain=DOMAIN,
            title="AlphaESS",
            unique_id=identity.serial,
            data={
                CONF_TRANSPORT: "tcp",
                "host": "127.0.0.1",
                "port": server.port,
                CONF_UNIT_ID: 85,
                CONF_IDENTITY: identity.to_dict(),
                CONF_SERVED: sorted(block.name for block in reader.served_blocks),
                CONF_REFUSED: sorted(block.name for block in reader.refused_blocks),
                CONF_VARIANTS: sorted(
                    v.name for v in inverter.model.profile.alternatives
                ),
                CONF_CONFIRMED_SCALES: sorted(v.name for v in VARIANTS),
            },
            options=options,
        )
        house = House(inverter, server, entry, identity)
        yield house
        if entry.state is ConfigEntryState.LOADED:
            await hass.config_entries.async_unload(entry.entry_id)


@pytest.fixture
async def house(
    hass: HomeAssistant,
    socket_enabled: None,  # noqa: ARG001 - this fixture allows sockets
    model: str,
    options: dict[str, Any],
) -> AsyncIterator[House]:
    """Serve a house on a port."""
    async with serve_house(hass, model, options) as house:
        yield house


@pytest.fixture
async def second_house(
    hass: HomeAssistant, live_house: House, options: dict[str, Any]
) -> AsyncIterator[House]:
    """Load a second inverter, of another model."""
    async with serve_house(hass, "single_phase", options) as house:
        assert house.identity.serial != live_house.identity.serial
        await set_up(hass, house)
        yield house


@pytest.fixture
async def live_house(hass: HomeAssistant, house: House) -> House:
    """Load the entry of a house."""
    await set_up(hass, house)
    return house


@pytest.fixture
async def enabled_house(hass: HomeAssistant, house: House) -> House:
    """Load the entry of a house, with every entity enabled."""
    await set_up(hass, house)
    registry = er.async_get(hass)
    for entity in er.async_entries_for_config_entry(registry, house.entry.entry_id):
        registry.async_update_entity(entity.entity_id, disabled_by=None)
    await hass.config_entries.async_reload(house.entry.entry_id)
    await hass.async_block_till_done()
    house.inverter.journal.clear()
    return house


@dataclass
class LoopClock:
    """The loop's clock: it runs on while a test sets the host's clock."""

    skipped: float = 0
    """Seconds for which a test did not wait."""

    def __call__(self) -> float:
        return freezing.real_monotonic() + self.skipped


@pytest.fixture
def loop_clock(hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch) -> LoopClock:
    """Keep the loop's clock apart from the host's."""
    clock = LoopClock()
    monkeypatch.setattr(hass.loop, "time", clock)
    return clock


def set_behaviour(house: House, **changes: Any) -> None:
    """Change how the simulated inverter behaves."""
    house.inverter.behaviour = replace(house.inverter.behaviour, **changes)


async def poll(house: House, *, full: bool = False) -> None:
    """Poll the inverter, without waiting for the interval."""
    if full:
        house.coordinator._next_snapshot = 0  # noqa: SLF001 - time, not behaviour
    await house.coordinator.async_refresh()


def record_event_types(house: House) -> list[str]:
    """Collect the types of the messages that the feed publishes from now on."""
    types: list[str] = []

    @callback
    def on_message(message: Message) -> None:
        types.append(message.event.type)

    house.coordinator.feed.subscribe(on_message)
    return types


async def lose(hass: HomeAssistant, house: House) -> None:
    """Switch the inverter off, and poll it."""
    await house.server.switch_off()
    house.inverter.switch_off()
    await poll(house)
    await hass.async_block_till_done()


async def bring_back(hass: HomeAssistant, house: House) -> None:
    """Switch the inverter on, and poll it."""
    house.inverter.switch_on()
    await house.server.switch_on()
    await poll(house)
    await hass.async_block_till_done()


@pytest.fixture
async def fired(hass: HomeAssistant) -> AsyncIterator[list[ServiceCall]]:
    """Collect what the triggers of a test fire; turn its automations off afterwards."""
    yield async_mock_service(hass, "test", "fired")
    if hass.services.has_service("automation", "turn_off"):
        everything = {"entity_id": "all"}
        await hass.services.async_call(
            "automation", "turn_off", everything, blocking=True
        )
