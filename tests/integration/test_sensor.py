"""The sensors of an inverter in Home Assistant."""

from homeassistant.components.sensor.const import SensorDeviceClass, SensorStateClass
from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant, State
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import (
    mock_restore_cache_with_extra_data,
)

from custom_components.alphaess_live.alphaess.registers import (
    Grid,
    InverterState,
    MoreStrings,
    PvMeter,
    Strings,
)
from custom_components.alphaess_live.alphaess.registers.register import Quantity
from custom_components.alphaess_live.alphaess.snapshot import READINGS
from custom_components.alphaess_live.const import DOMAIN
from custom_components.alphaess_live.sensor import (
    DIAGNOSTIC_DEFAULT,
    PRIMARY,
    SECONDARY,
    TRAITS,
)
from custom_components.alphaess_live.simulator.models import MODELS

from .conftest import House, poll, set_behaviour, set_up

KEYS = [
    "battery_soc",
    "battery_power",
    "pv_power",
    "grid_power",
    "load_power",
    "pv_energy_total",
    "grid_import_energy_total",
    "grid_export_energy_total",
    "battery_charge_energy_total",
    "battery_discharge_energy_total",
    "inverter_temperature",
    "inverter_work_mode",
    "battery_soh",
    "battery_temperature_max",
    "modbus",
]
"""Keys that the blueprints, the card and the documentation use."""


def enabled(hass: HomeAssistant, house: House) -> list[er.RegistryEntry]:
    registry = er.async_get(hass)
    entities = er.async_entries_for_config_entry(registry, house.entry.entry_id)
    return [entity for entity in entities if not entity.disabled]


async def enable(hass: HomeAssistant, house: House, *keys: str) -> None:
    """Enable disabled entities, and reload the entry."""
    registry = er.async_get(hass)
    for key in keys:
        registry.async_update_entity(house.entity_id(hass, key), disabled_by=None)
    await hass.config_entries.async_reload(house.entry.entry_id)
    await hass.async_block_till_done()
    assert house.entry.state is ConfigEntryState.LOADED


@pytest.mark.parametrize("model", MODELS)
async def test_at_most_forty_entities_are_enabled_and_the_main_ones_known(
    hass: HomeAssistant, live_house: House
) -> None:
    shown = enabled(hass, live_house)
    assert len(shown) <= 40
    for key in KEYS:
        assert live_house.state(hass, key) not in (STATE_UNAVAILABLE, STATE_UNKNOWN)


async def test_largest_house_has_at_most_forty_enabled_entities(
    hass: HomeAssistant, house: House
) -> None:
    """Six strings, a PV meter, a battery of six packs: more than any model has."""
    watts = {
        block.registers[name]: 1200
        for block in (Strings, MoreStrings)
        for name in block.registers
        if name.endswith("_power")
    } | {PvMeter.registers["power"]: 800}
    words = {a: w for r, value in watts.items() for a, w in r.encode(value).items()}
    set_behaviour(house, word_overrides=words)
    await set_up(hass, house)
    assert house.coordinator.data
    assert house.coordinator.data.derived.pv_power == 6 * 1200 + 800
    assert len(enabled(hass, house)) <= 40


@pytest.mark.parametrize("model", MODELS)
async def test_entity_names_are_unique(hass: HomeAssistant, live_house: House) -> None:
    registry = er.async_get(hass)
    entities = er.async_entries_for_config_entry(registry, live_house.entry.entry_id)
    names = [entity.original_name for entity in entities]
    assert None not in names
    assert len(set(names)) == len(names)


async def test_powers_of_the_energy_flow_balance(
    hass: HomeAssistant, live_house: House
) -> None:
    def shown(key: str) -> float:
        return float(live_house.state(hass, key))

    supply = shown("pv_power") + shown("battery_power") + shown("grid_power")
    assert shown("load_power") == supply


async def test_grid_and_battery_power_equal_their_two_directions(
    hass: HomeAssistant, live_house: House
) -> None:
    grid_keys = ("grid_import_power", "grid_export_power")
    battery_keys = ("battery_discharge_power", "battery_charge_power")
    await enable(hass, live_house, *grid_keys, *battery_keys)

    def shown(key: str) -> float:
        return float(live_house.state(hass, key))

    assert shown("grid_power") == shown(grid_keys[0]) - shown(grid_keys[1])
    assert shown("battery_power") == shown(battery_keys[0]) - shown(battery_keys[1])


@pytest.mark.parametrize("model", MODELS)
async def test_missing_strings_have_no_sensors(
    hass: HomeAssistant, live_house: House, model: str
) -> None:
    keys = {entity.unique_id.partition("_")[2] for entity in enabled(hass, live_house)}
    assert ("pv1_power" in keys) == (model != "ac_coupled")
    assert "pv6_power" not in keys


async def test_every_quantity_has_traits_with_an_allowed_unit(
    hass: HomeAssistant, live_house: House
) -> None:
    assert set(TRAITS) == {*Quantity, None}
    state = hass.states.get(live_house.entity_id(hass, "grid_import_energy_total"))
    assert state
    assert state.attributes["device_class"] == SensorDeviceClass.ENERGY
    assert state.attributes["state_class"] == SensorStateClass.TOTAL_INCREASING
    assert state.attributes["unit_of_measurement"] == "kWh"


async def test_device_shows_model_serial_and_firmware(
    hass: HomeAssistant, live_house: House
) -> None:
    registry = dr.async_get(hass)
    identifier = (DOMAIN, live_house.identity.serial)
    [device] = dr.async_entries_for_config_entry(registry, live_house.entry.entry_id)
    assert identifier in device.identifiers
    assert device.manufacturer == "AlphaESS"
    assert device.model == "hybrid inverter, three-phase"
    assert device.serial_number == live_house.identity.serial
    assert device.sw_version == "1.0.23R1"


async def test_undocumented_code_is_unknown(
    hass: HomeAssistant, live_house: House
) -> None:
    address = InverterState.registers["work_mode"].address
    set_behaviour(live_house, word_overrides={address: 77})
    await poll(live_house, full=True)
    assert live_house.state(hass, "inverter_work_mode") == STATE_UNKNOWN


async def test_total_after_a_restart_during_an_outage_is_restored(
    hass: HomeAssistant, house: House
) -> None:
    stored = {"native_value": 4711.5, "native_unit_of_measurement": "kWh"}
    entity_id = "sensor.alphaess_grid_energy_imported"
    mock_restore_cache_with_extra_data(hass, [(State(entity_id, "4711.5"), stored)])
    await house.server.switch_off()
    await set_up(hass, house)
    assert house.entity_id(hass, "grid_import_energy_total") == entity_id
    assert house.state(hass, "grid_import_energy_total") == "4711.5"
    assert house.state(hass, "grid_power") == STATE_UNAVAILABLE


async def test_total_that_was_never_read_is_unavailable(
    hass: HomeAssistant, house: House
) -> None:
    await house.server.switch_off()
    await set_up(hass, house)
    assert house.state(hass, "grid_import_energy_total") == STATE_UNAVAILABLE


async def test_enabled_entities_show_their_registers(
    hass: HomeAssistant, live_house: House
) -> None:
    keys = ("grid_current_l1", "system_time", "battery_type", "last_snapshot")
    await enable(hass, live_house, *keys)
    words = live_house.inverter.words()
    current = Grid.registers["current_l1"].decode(words)
    assert float(live_house.state(hass, "grid_current_l1")) == current
    assert live_house.state(hass, "system_time").startswith("2025-06-15T")
    assert live_house.state(hass, "battery_type") == "smile_bat_8_2pha"
    assert live_house.state(hass, "last_snapshot") != STATE_UNKNOWN


def test_essential_keys_are_readings() -> None:
    keys = {reading.key for reading in READINGS}
    assert keys >= PRIMARY | SECONDARY | DIAGNOSTIC_DEFAULT
    assert not PRIMARY & SECONDARY
