"""Entities are there for what the house has; what comes later appears by itself, and stays."""

from dataclasses import replace

from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest

from custom_components.alphaess_live.alphaess.datasheet import (
    Battery,
    Grid,
    PvMeter,
    Strings,
)

from .conftest import House, poll, set_up

DARK = dict.fromkeys(Strings.addresses(), 0)


def keys(hass: HomeAssistant, house: House) -> set[str]:
    registry = er.async_get(hass)
    entities = er.async_entries_for_config_entry(registry, house.entry.entry_id)
    prefix = f"{house.identity.serial}_"
    return {entity.unique_id.removeprefix(prefix) for entity in entities}


def say(house: House, words: dict[int, int]) -> None:
    house.inverter.behaviour = replace(house.inverter.behaviour, overlay=words)


async def see(hass: HomeAssistant, house: House) -> set[str]:
    await poll(house, full=True)
    await hass.async_block_till_done()
    return keys(hass, house)


async def reload(hass: HomeAssistant, house: House) -> None:
    await hass.config_entries.async_reload(house.entry.entry_id)
    await hass.async_block_till_done()


async def test_strings_that_are_dark_at_setup_appear_with_the_sun_and_stay(
    hass: HomeAssistant, house: House
) -> None:
    say(house, DARK)
    await set_up(hass, house)
    assert not {"pv1_power", "pv2_voltage"} & keys(hass, house)
    say(house, {})
    assert {"pv1_power", "pv2_voltage"} <= await see(hass, house)
    assert float(house.state(hass, "pv1_power")) > 0
    assert "pv3_power" not in keys(hass, house)
    say(house, DARK)
    await reload(hass, house)
    assert house.state(hass, "pv1_power") == "0"


async def test_a_pv_meter_appears_when_it_counts(
    hass: HomeAssistant, live_house: House
) -> None:
    assert not [key for key in keys(hass, live_house) if key.startswith("pv_meter")]
    say(live_house, PvMeter.registers["energy_2_total"].encode(0.4))
    seen = await see(hass, live_house)
    assert {"pv_meter_power", "pv_meter_energy_2_total", "pv_meter_ct_ratio"} <= seen


@pytest.mark.parametrize("model", ["single_phase"])
async def test_phases_and_packs_appear_when_there_are_any(
    hass: HomeAssistant, live_house: House
) -> None:
    seen = keys(hass, live_house)
    assert not [key for key in seen if key.endswith(("_l2", "_l3"))]
    assert {key for key in seen if "pack_" in key and "_fault" in key} == {
        "battery_pack_1_fault"
    }
    words = Grid.registers["voltage_l2"].encode(231)
    words |= Battery.registers["modules"].encode(2)
    say(live_house, words)
    seen = await see(hass, live_house)
    assert {"grid_voltage_l2", "inverter_power_l2", "battery_pack_2_fault"} <= seen
    assert "grid_voltage_l3" not in seen


async def test_a_block_that_new_firmware_brings_has_its_entities_at_once(
    hass: HomeAssistant, house: House
) -> None:
    def served(*, whole: bool) -> None:
        ranges = whole_map if whole else without
        house.inverter.model = replace(house.inverter.model, served=ranges)

    whole_map = house.inverter.model.served
    without = tuple(one for one in whole_map if 0x0640 not in one)
    data = {**house.entry.data, "served": [], "refused": []}
    served(whole=False)
    house.entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(house.entry, data=data)
    await hass.config_entries.async_setup(house.entry.entry_id)
    await hass.async_block_till_done()
    assert "inverter_serial" not in keys(hass, house)
    assert house.entry.data["refused"] == ["arm", "versions"]
    served(whole=True)
    house.coordinator.inverter.probe()
    assert {"inverter_serial", "inverter_arm_version"} <= await see(hass, house)


async def test_a_group_that_is_not_polled_has_no_entities_until_it_is_again(
    hass: HomeAssistant, live_house: House
) -> None:
    def choose(*groups: str) -> None:
        options = {**live_house.entry.options, "groups": list(groups)}
        hass.config_entries.async_update_entry(live_house.entry, options=options)

    assert "backup_power" in keys(hass, live_house)
    assert "grid_code" not in keys(hass, live_house)
    choose("safety")
    await reload(hass, live_house)
    assert "backup_power" not in keys(hass, live_house)
    assert {"grid_code", "protection_overvoltage_3"} <= keys(hass, live_house)
    choose("backup")
    await reload(hass, live_house)
    assert "backup_power" in keys(hass, live_house)
    assert "grid_code" not in keys(hass, live_house)
