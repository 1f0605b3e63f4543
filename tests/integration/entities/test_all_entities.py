"""Every entity of five devices, as Home Assistant shows it: the snapshots show what a change does to users.

`pytest tests/integration/entities/test_all_entities.py --snapshot-update` writes them.
"""

from collections.abc import AsyncIterator

from homeassistant.components.sensor.const import ATTR_STATE_CLASS
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry
from syrupy.assertion import SnapshotAssertion

from custom_components.alphaess_live.alphaess.identity import identify
from custom_components.alphaess_live.alphaess.inverter import Inverter
from custom_components.alphaess_live.const import DOMAIN
from custom_components.alphaess_live.simulator.server import serve
from tests.alphaess.units import read_totals, scales_of
from tests.devices import DEVICES

from ..conftest import poll_totals

GROUPS = ["backup", "settings", "auxiliary", "safety", "grid_services"]
TIME_CLASSES = {"timestamp"}
"""Device classes of states that differ in each run."""


@pytest.fixture(params=DEVICES)
async def entry(
    hass: HomeAssistant,
    socket_enabled: None,  # noqa: ARG001 - asked for, so that sockets open
    request: pytest.FixtureRequest,
) -> AsyncIterator[MockConfigEntry]:
    """Set up one device with everything that it has, over TCP."""
    unit = DEVICES[request.param]()
    identity = identify(await read_totals(reader := Inverter(unit)))
    async with serve(unit) as server:
        entry = MockConfigEntry(
            domain=DOMAIN,
            title="AlphaESS",
            unique_id=identity.serial,
            data={
                "transport": "tcp",
                "host": "127.0.0.1",
                "port": server.port,
                "unit_id": 85,
                "identity": identity.to_dict(),
                "served": sorted(block.name for block in reader.served_blocks),
                "variants": sorted(
                    v.name for v in scales_of(unit.words()).alternatives
                ),
            },
            options={"message_spacing": 0, "groups": GROUPS},
        )
        entry.add_to_hass(hass)
        await hass.config_entries.async_setup(entry.entry_id)
        await hass.async_block_till_done()
        assert entry.state is ConfigEntryState.LOADED
        await poll_totals(entry.runtime_data.coordinator)
        await hass.async_block_till_done()
        yield entry
        await hass.config_entries.async_unload(entry.entry_id)


def describe(hass: HomeAssistant, entity: er.RegistryEntry) -> str:
    """Describe in one line what a user sees of an entity, without what depends on the time."""
    state = hass.states.get(entity.entity_id)
    kind = entity.original_device_class
    facts = (
        entity.unique_id.partition("_")[2],
        entity.original_name,
        "disabled" if entity.disabled else "enabled",
        entity.entity_category and entity.entity_category.value,
        kind and str(kind),
        (entity.capabilities or {}).get(ATTR_STATE_CLASS),
        state and ("a moment" if kind in TIME_CLASSES else f"= {state.state}"),
        entity.unit_of_measurement,
    )
    return f"{entity.entity_id}: {', '.join(str(fact) for fact in facts if fact)}"


async def test_entities_of_each_device_equal_the_snapshot(
    hass: HomeAssistant, entry: MockConfigEntry, snapshot: SnapshotAssertion
) -> None:
    registry = er.async_get(hass)
    entities = er.async_entries_for_config_entry(registry, entry.entry_id)
    shown = sorted(describe(hass, entity) for entity in entities)
    assert sum(not entity.disabled for entity in entities) <= 40
    assert shown == snapshot
