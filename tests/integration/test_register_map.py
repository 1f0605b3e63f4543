"""An entry with another register map: it shows the same values, and keeps its entities."""

from collections.abc import AsyncIterator

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.alphaess_live.alphaess.errors import ForbiddenRegisterError
from custom_components.alphaess_live.alphaess.identity import identify
from custom_components.alphaess_live.alphaess.inverter import Inverter
from custom_components.alphaess_live.alphaess.maps import CURRENT, V117
from custom_components.alphaess_live.alphaess.read_plan import plan_requests
from custom_components.alphaess_live.alphaess.registers import System
from custom_components.alphaess_live.alphaess.snapshot import READINGS, Snapshot
from custom_components.alphaess_live.const import (
    CONF_IDENTITY,
    CONF_MISSING,
    CONF_REGISTER_MAP,
    CONF_SERVED,
    CONF_TRANSPORT,
    CONF_UNIT_ID,
    CONF_VARIANTS,
    DOMAIN,
)
from custom_components.alphaess_live.coordinator import InverterCoordinator
from custom_components.alphaess_live.diagnostics import (
    async_get_config_entry_diagnostics,
)
from custom_components.alphaess_live.exceptions import ControlsUnsupportedError
from custom_components.alphaess_live.simulator.replay import replay
from custom_components.alphaess_live.simulator.server import serve
from custom_components.alphaess_live.system_health import system_health_info
from custom_components.alphaess_live.web.payloads import collector
from tests.devices import UPDATED_T10
from tests.t10_v117 import T10_DISPLAY, OldSystem, t10_image

from .conftest import poll_totals


@pytest.fixture
async def entry(
    hass: HomeAssistant,
    socket_enabled: None,  # noqa: ARG001 - asked for, so that sockets open
) -> AsyncIterator[MockConfigEntry]:
    """Set up a SMILE-T10 with protocol V1.17."""
    unit = replay(t10_image())
    reader = Inverter(unit, register_map=V117)
    identity = identify(await reader.read())
    async with serve(unit) as server:
        entry = MockConfigEntry(
            domain=DOMAIN,
            title="AlphaESS",
            unique_id=identity.serial,
            data={
                CONF_TRANSPORT: "tcp",
                "host": "127.0.0.1",
                "port": server.port,
                CONF_UNIT_ID: 85,
                CONF_REGISTER_MAP: V117.name,
                CONF_IDENTITY: identity.to_dict(),
                CONF_SERVED: sorted(block.name for block in reader.served_blocks),
                CONF_VARIANTS: [],
            },
            options={"message_spacing": 0},
        )
        entry.add_to_hass(hass)
        await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()
        assert entry.state is ConfigEntryState.LOADED
        await poll_totals(entry.runtime_data.coordinator)
        yield entry
        await hass.config_entries.async_unload(entry.entry_id)


def entities(hass: HomeAssistant, entry: MockConfigEntry) -> dict[str, str]:
    """Return the entities of an entry: their ids by their keys."""
    registry = er.async_get(hass)
    found = er.async_entries_for_config_entry(registry, entry.entry_id)
    return {one.unique_id.partition("_")[2]: one.entity_id for one in found}


def shown(snapshot: Snapshot | None) -> dict[str, object]:
    """Return the values of the T10's display in a snapshot."""
    assert snapshot
    return {r.key: r.of(snapshot) for r in READINGS if r.key in T10_DISPLAY}


async def test_entry_with_another_map_shows_the_recorded_values(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    coordinator: InverterCoordinator = entry.runtime_data.coordinator
    assert shown(coordinator.data) == T10_DISPLAY
    ids = entities(hass, entry)
    for key in ("battery_soc", "grid_power", "inverter_temperature", "pv1_power"):
        state = hass.states.get(ids[key])
        assert state
        assert float(state.state) == T10_DISPLAY[key]


async def test_entry_with_another_map_shows_the_recorded_live_values(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    coordinator: InverterCoordinator = entry.runtime_data.coordinator
    stats = coordinator.inverter.stats
    snapshots, requests = stats.snapshots, stats.requests
    stop = coordinator.request_live()
    await coordinator.async_refresh()
    await hass.async_block_till_done()
    stop()
    assert shown(coordinator.latest) == T10_DISPLAY
    assert stats.snapshots == snapshots
    assert stats.requests >= requests + len(plan_requests(V117.power_fields))


async def test_entry_with_another_map_keeps_its_entities(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    before = entities(hass, entry)
    assert {"grid_power", "battery_soc", "inverter_temperature"} <= before.keys()
    assert before.keys().isdisjoint({"grid_frequency", "inverter_fault_1"})
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert entities(hass, entry) == before
    assert not entry.data.get(CONF_MISSING)


async def test_nothing_is_written_with_a_probable_map(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    runtime = entry.runtime_data
    assert not [key for key in entities(hass, entry) if key.startswith("dispatch_")]
    with pytest.raises(ControlsUnsupportedError):
        async with runtime.controller.exclusive():
            pass
    with pytest.raises(ForbiddenRegisterError):
        await runtime.controller.writer.write_start(0)
    diagnostics = await async_get_config_entry_diagnostics(hass, entry)
    assert diagnostics["capability"]["probable"] is True
    assert diagnostics["capability"]["register_map"] == V117.name
    assert collector(runtime.coordinator, clients=0)["registerMap"] == {
        "name": V117.name,
        "probable": True,
    }
    assert (await system_health_info(hass))["probable_register_maps"] == 1


async def test_inverter_with_updated_firmware_is_read_by_the_current_map(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    coordinator: InverterCoordinator = entry.runtime_data.coordinator
    unit = entry.runtime_data.coordinator.inverter.unit
    assert unit
    image = dict(UPDATED_T10)
    image |= System.registers["serial"].encode(coordinator.identity.serial)
    async with serve(replay(image)) as server:
        hass.config_entries.async_update_entry(
            entry, data={**entry.data, "port": server.port}
        )
        await hass.config_entries.async_reload(entry.entry_id)
        await hass.async_block_till_done()
        assert CONF_REGISTER_MAP not in entry.data
        assert entry.runtime_data.coordinator.inverter.register_map is CURRENT
        assert entry.runtime_data.coordinator.connection.connected
        await hass.config_entries.async_unload(entry.entry_id)


async def test_inverter_with_old_firmware_and_no_serial_number_stays_with_its_map(
    hass: HomeAssistant, entry: MockConfigEntry
) -> None:
    image = t10_image() | OldSystem.registers["serial"].encode("")
    async with serve(replay(image)) as server:
        hass.config_entries.async_update_entry(
            entry, data={**entry.data, "port": server.port}
        )
        await hass.config_entries.async_reload(entry.entry_id)
        await hass.async_block_till_done()
        assert entry.data[CONF_REGISTER_MAP] == V117.name
        assert not entry.runtime_data.coordinator.connection.connected
        await hass.config_entries.async_unload(entry.entry_id)
