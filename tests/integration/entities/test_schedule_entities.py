"""Entities of the settings: they show the inverter's values, and change one at a time."""

from typing import Any

from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN, EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import entity_registry as er
import pytest

from custom_components.alphaess_live.alphaess.schedule import PERIOD_FIELDS
from custom_components.alphaess_live.simulator.models import MODELS

from ..conftest import House, poll, set_up
from ..service_calls import entity_state, select_periods, set_number, set_time

SETTINGS = {
    *(("time", end) for end in PERIOD_FIELDS),
    ("select", "active_periods"),
    ("number", "charge_target"),
    ("number", "discharge_floor"),
    ("number", "feed_in_limit"),
    ("button", "set_clock"),
}


def settings_of(hass: HomeAssistant, house: House) -> dict[tuple[str, str], Any]:
    """Find the entities of the settings in the registry."""
    registry = er.async_get(hass)
    entities = er.async_entries_for_config_entry(registry, house.entry.entry_id)
    known = {(one.domain, one.unique_id.partition("_")[2]): one for one in entities}
    return {key: known[key] for key in SETTINGS & known.keys()}


@pytest.mark.parametrize("model", MODELS)
async def test_settings_are_config_entities_disabled_by_default(
    hass: HomeAssistant, live_house: House
) -> None:
    found = settings_of(hass, live_house)
    assert found.keys() == SETTINGS
    for entity in found.values():
        assert entity.disabled_by is er.RegistryEntryDisabler.INTEGRATION
        assert entity.entity_category is EntityCategory.CONFIG


@pytest.mark.parametrize("options", [{"message_spacing": 0, "controls": False}])
async def test_settings_with_controls_off_are_sensors_only(
    hass: HomeAssistant, enabled_house: House
) -> None:
    assert not settings_of(hass, enabled_house)
    assert entity_state(hass, enabled_house, "sensor", "periods_charge_target") == "95"
    assert entity_state(hass, enabled_house, "sensor", "feed_in_limit") == "70"
    for _ in range(3):
        await poll(enabled_house, full=True)
    assert not enabled_house.inverter.journal.written


async def test_set_up_polls_and_reload_write_nothing(
    hass: HomeAssistant, house: House
) -> None:
    await set_up(hass, house)
    for _ in range(3):
        await poll(house, full=True)
    await hass.config_entries.async_reload(house.entry.entry_id)
    await hass.async_block_till_done()
    assert house.inverter.journal.writes == 0


async def test_setting_shows_the_value_of_the_inverter(
    hass: HomeAssistant, enabled_house: House
) -> None:
    assert (
        entity_state(hass, enabled_house, "time", "charge_period_1_start") == "00:00:00"
    )
    assert entity_state(hass, enabled_house, "select", "active_periods") == "off"
    assert entity_state(hass, enabled_house, "number", "charge_target") == "95"
    enabled_house.inverter.write_as_app(0x084F, 3)
    enabled_house.inverter.write_as_app(0x0856, 1)
    enabled_house.inverter.write_as_app(0x085E, 30)
    enabled_house.coordinator.inverter.expire_slow_blocks()
    for _ in range(2):  # One reading has too few requests for all slow blocks.
        await poll(enabled_house, full=True)
    assert (
        entity_state(hass, enabled_house, "time", "charge_period_1_start") == "01:30:00"
    )
    assert entity_state(hass, enabled_house, "select", "active_periods") == "both"


async def test_setting_with_an_invalid_value_is_unknown(
    hass: HomeAssistant, enabled_house: House
) -> None:
    enabled_house.inverter.write_as_app(0x084F, 9)
    enabled_house.inverter.write_as_app(0x0856, 31)
    enabled_house.coordinator.inverter.expire_slow_blocks()
    for _ in range(
        6
    ):  # It is held for three readings, of which some have too few requests.
        await poll(enabled_house, full=True)
    for domain, key in (
        ("time", "charge_period_1_start"),
        ("select", "active_periods"),
    ):
        assert entity_state(hass, enabled_house, domain, key) == STATE_UNKNOWN
    before = enabled_house.inverter.words()
    with pytest.raises(ServiceValidationError, match="charge_period_1_start"):
        await set_time(hass, enabled_house, "charge_period_1_end", "05:00")
    assert enabled_house.inverter.words()[0x0857] == before[0x0857]
    await set_time(hass, enabled_house, "charge_period_1_start", "04:00")
    await set_time(hass, enabled_house, "charge_period_1_end", "05:00")
    words = enabled_house.inverter.words()
    assert (words[0x084F], words[0x0856], words[0x0857]) == (9, 4, 5)


@pytest.mark.parametrize("model", MODELS)
async def test_changed_setting_is_shown_at_once_and_stays(
    hass: HomeAssistant, enabled_house: House
) -> None:
    await set_time(hass, enabled_house, "charge_period_1_end", "05:00")
    await set_time(hass, enabled_house, "discharge_period_2_start", "17:00:00")
    await set_time(hass, enabled_house, "discharge_period_2_end", "23:00")
    await select_periods(hass, enabled_house, "both")
    await set_number(hass, enabled_house, "charge_target", 80)
    await set_number(hass, enabled_house, "feed_in_limit", 50)
    reads = enabled_house.inverter.journal.reads
    for _ in range(2):
        assert (
            entity_state(hass, enabled_house, "time", "charge_period_1_end")
            == "05:00:00"
        )
        start = entity_state(hass, enabled_house, "time", "discharge_period_2_start")
        assert start == "17:00:00"
        assert entity_state(hass, enabled_house, "select", "active_periods") == "both"
        assert entity_state(hass, enabled_house, "number", "charge_target") == "80"
        assert entity_state(hass, enabled_house, "number", "feed_in_limit") == "50"
        assert (
            entity_state(hass, enabled_house, "sensor", "periods_charge_target") == "80"
        )
        await poll(enabled_house, full=True)
    assert enabled_house.inverter.journal.reads - reads <= 2 * 6
    assert enabled_house.inverter.words()[0x0853] == 17


async def test_settings_while_disconnected_are_unavailable(
    hass: HomeAssistant, enabled_house: House
) -> None:
    await enabled_house.server.switch_off()
    await poll(enabled_house)
    for domain, key in SETTINGS:
        assert entity_state(hass, enabled_house, domain, key) == STATE_UNAVAILABLE
