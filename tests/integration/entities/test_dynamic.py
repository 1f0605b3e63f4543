"""Entities are added when the inverter serves their data, also after setup, and stay."""

from dataclasses import replace

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest

from custom_components.alphaess_live.alphaess.monotonic_counter import FEW_SAMPLES
from custom_components.alphaess_live.alphaess.registers import (
    Battery,
    Grid,
    PvMeter,
    Strings,
)

from ..conftest import House, poll, set_behaviour, set_up

DARK = dict.fromkeys(Strings.addresses(), 0)


def keys(hass: HomeAssistant, house: House) -> set[str]:
    registry = er.async_get(hass)
    entries = er.async_entries_for_config_entry(registry, house.entry.entry_id)
    prefix = f"{house.identity.serial}_"
    return {entity.unique_id.removeprefix(prefix) for entity in entries}


def set_words(house: House, words: dict[int, int]) -> None:
    set_behaviour(house, word_overrides=words)


async def poll_keys(hass: HomeAssistant, house: House) -> set[str]:
    await poll(house, full=True)
    await hass.async_block_till_done()
    return keys(hass, house)


async def reload(hass: HomeAssistant, house: House) -> None:
    await hass.config_entries.async_reload(house.entry.entry_id)
    await hass.async_block_till_done()


async def test_strings_dark_at_setup_are_added_by_day_and_stay(
    hass: HomeAssistant, house: House
) -> None:
    set_words(house, DARK)
    await set_up(hass, house)
    assert not {"pv1_power", "pv2_voltage"} & keys(hass, house)
    set_words(house, {})
    assert {"pv1_power", "pv2_voltage"} <= await poll_keys(hass, house)
    assert float(house.state(hass, "pv1_power")) > 0
    assert "pv3_power" not in keys(hass, house)
    set_words(house, DARK)
    await reload(hass, house)
    assert house.state(hass, "pv1_power") == "0"


async def test_pv_meter_that_counts_is_added(
    hass: HomeAssistant, live_house: House
) -> None:
    assert not [key for key in keys(hass, live_house) if key.startswith("pv_meter")]
    set_words(live_house, PvMeter.registers["energy_2_total"].encode(0.4))
    for _ in range(FEW_SAMPLES - 1):
        await poll_keys(hass, live_house)
    seen = await poll_keys(hass, live_house)
    assert {"pv_meter_power", "pv_meter_energy_2_total", "pv_meter_ct_ratio"} <= seen


@pytest.mark.parametrize("model", ["single_phase"])
async def test_phases_and_packs_found_later_are_added(
    hass: HomeAssistant, live_house: House
) -> None:
    seen = keys(hass, live_house)
    assert not [key for key in seen if key.endswith(("_l2", "_l3"))]
    assert {key for key in seen if "pack_" in key and "_fault" in key} == {
        "battery_pack_1_fault"
    }
    words = Grid.registers["voltage_l2"].encode(231)
    words |= Battery.registers["modules"].encode(2)
    set_words(live_house, words)
    seen = await poll_keys(hass, live_house)
    assert {"grid_voltage_l2", "inverter_power_l2", "battery_pack_2_fault"} <= seen
    assert "grid_voltage_l3" not in seen


def serve_only(house: House, *spans: range) -> None:
    house.inverter.model = replace(house.inverter.model, served=spans)


async def set_up_as_new(hass: HomeAssistant, house: House) -> None:
    """Load an entry without stored blocks."""
    data = {**house.entry.data, "served": [], "refused": []}
    house.entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(house.entry, data=data)
    await hass.config_entries.async_setup(house.entry.entry_id)
    await hass.async_block_till_done()


def entity_names(hass: HomeAssistant, house: House) -> set[str]:
    registry = er.async_get(hass)
    found = er.async_entries_for_config_entry(registry, house.entry.entry_id)
    prefix = f"{house.identity.serial}_"
    return {f"{one.domain}.{one.unique_id.removeprefix(prefix)}" for one in found}


SCHEDULE = {
    "number.charge_target",
    "number.discharge_floor",
    "select.active_periods",
    "time.charge_period_1_start",
    "time.discharge_period_2_end",
}
ENTITIES_BY_ADDRESS = {
    0x0640: {"sensor.inverter_serial", "sensor.inverter_arm_version"},
    0x0740: {"button.set_clock", "sensor.system_time"},
    0x0880: {
        "button.dispatch_charge",
        "button.dispatch_stop",
        "number.dispatch_power",
        "number.dispatch_duration",
        "select.dispatch",
        "sensor.dispatch_status",
        "sensor.dispatch_remaining",
    },
    0x0800: {"number.feed_in_limit", "sensor.feed_in_limit"},
    0x084F: SCHEDULE,
    0x0010: {
        "sensor.grid_import_energy_total",
        "sensor.grid_import_energy_today",
        "sensor.load_energy_total",
        "sensor.load_energy_today",
    },
}
"""Start addresses of blocks that firmware may lack, and some entities of each block."""


@pytest.mark.parametrize("missing", ENTITIES_BY_ADDRESS, ids=hex)
async def test_block_of_new_firmware_adds_its_entities_at_once(
    hass: HomeAssistant, house: House, missing: int
) -> None:
    served = house.inverter.model.served
    serve_only(house, *(one for one in served if missing not in one))
    await set_up_as_new(hass, house)
    assert not ENTITIES_BY_ADDRESS[missing] & entity_names(hass, house)
    serve_only(house, *served)
    house.coordinator.inverter.rediscover()
    await poll_keys(hass, house)
    assert ENTITIES_BY_ADDRESS[missing] <= entity_names(hass, house)


async def test_inverter_off_at_setup_adds_all_entities_later(
    hass: HomeAssistant, house: House
) -> None:
    await house.server.switch_off()
    await set_up_as_new(hass, house)
    added = set().union(
        *ENTITIES_BY_ADDRESS.values(), {"sensor.settings_written_today"}
    )
    assert not added & entity_names(hass, house)
    await house.server.switch_on()
    await poll_keys(hass, house)
    assert added <= entity_names(hass, house)
    before = entity_names(hass, house)
    await reload(hass, house)
    assert entity_names(hass, house) == before


@pytest.mark.parametrize("options", [{"message_spacing": 0, "controls": False}])
async def test_disabled_controls_add_no_control_entities_later(
    hass: HomeAssistant, house: House
) -> None:
    await house.server.switch_off()
    await set_up_as_new(hass, house)
    await house.server.switch_on()
    await poll_keys(hass, house)
    domains = {one.partition(".")[0] for one in entity_names(hass, house)}
    assert domains == {"sensor", "binary_sensor", "event"}


async def test_unpolled_settings_have_no_entities_until_polled_again(
    hass: HomeAssistant, live_house: House
) -> None:
    setting_entities = {*SCHEDULE, "number.feed_in_limit"}
    assert setting_entities <= entity_names(hass, live_house)
    choose_groups(hass, live_house, "backup")
    await reload(hass, live_house)
    remaining = entity_names(hass, live_house)
    assert not setting_entities & remaining
    assert not [one for one in remaining if one.startswith("time.")]
    assert {"button.set_clock", "number.dispatch_power"} <= remaining
    choose_groups(hass, live_house, "settings")
    await reload(hass, live_house)
    assert setting_entities <= entity_names(hass, live_house)


def choose_groups(hass: HomeAssistant, house: House, *groups: str) -> None:
    options = {**house.entry.options, "groups": list(groups)}
    hass.config_entries.async_update_entry(house.entry, options=options)


async def test_unpolled_group_has_no_entities_until_polled_again(
    hass: HomeAssistant, live_house: House
) -> None:
    assert "backup_power" in keys(hass, live_house)
    assert "grid_code" not in keys(hass, live_house)
    choose_groups(hass, live_house, "safety")
    await reload(hass, live_house)
    assert "backup_power" not in keys(hass, live_house)
    assert {"grid_code", "protection_overvoltage_3"} <= keys(hass, live_house)
    choose_groups(hass, live_house, "backup")
    await reload(hass, live_house)
    assert "backup_power" in keys(hass, live_house)
    assert "grid_code" not in keys(hass, live_house)
