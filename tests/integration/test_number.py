"""Numbers: setpoints of the dispatch buttons, and settings of the inverter."""

from dataclasses import replace
from typing import Any

from homeassistant.core import HomeAssistant, State
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
import pytest
from pytest_homeassistant_custom_component.common import (
    mock_restore_cache_with_extra_data,
)

from custom_components.alphaess_live.alphaess.identity_detection import (
    IdentityDetector,
)
from custom_components.alphaess_live.alphaess.registers import (
    Battery,
)
from custom_components.alphaess_live.simulator.behaviour import Reply

from .conftest import House, set_behaviour, set_up
from .orders import charge, dispatch_status, write_app_order
from .service_calls import entity_state, find_entity_id, set_number

SETPOINTS = {
    "dispatch_power": 3000,
    "dispatch_charge_target": 100,
    "dispatch_discharge_target": 10,
    "dispatch_duration": 60,
}


async def test_setpoint_change_sends_no_request(
    hass: HomeAssistant, live_house: House
) -> None:
    live_house.inverter.journal.clear()
    for key, value in SETPOINTS.items():
        assert float(entity_state(hass, live_house, "number", key)) == value
        await set_number(hass, live_house, key, value - 5 if value < 1000 else value)
    assert not live_house.inverter.journal.requests


async def test_setpoint_after_a_restart_is_restored(
    hass: HomeAssistant, house: House
) -> None:
    await set_up(hass, house)
    number = find_entity_id(hass, house, "number", "dispatch_power")
    await hass.config_entries.async_unload(house.entry.entry_id)
    kept: dict[str, Any] = {
        "native_max_value": 8000,
        "native_min_value": 100,
        "native_step": 100,
        "native_unit_of_measurement": "W",
        "native_value": 2200,
    }
    mock_restore_cache_with_extra_data(hass, [(State(number, "2200"), kept)])
    await hass.config_entries.async_setup(house.entry.entry_id)
    assert float(entity_state(hass, house, "number", "dispatch_power")) == 2200


async def test_power_setpoint_has_the_rated_power_once_that_is_known(
    hass: HomeAssistant, live_house: House
) -> None:
    inverter = live_house.coordinator.inverter
    known = inverter.identity_detector
    number = find_entity_id(hass, live_house, "number", "dispatch_power")
    for rated_power, most in ((0, 20_000), (8000, 8000)):
        identity = replace(known.identity, rated_power=rated_power)
        inverter.identity_detector = IdentityDetector(identity)
        live_house.coordinator.async_update_listeners()
        state = hass.states.get(number)
        assert state
        assert state.attributes["max"] == most


async def test_power_setpoint_is_limited_to_the_power_of_an_order(
    hass: HomeAssistant, house: House
) -> None:
    words = Battery.registers["charge_power_limit"].encode(60_000)
    words |= Battery.registers["discharge_power_limit"].encode(60_000)
    set_behaviour(house, word_overrides=words)
    house.entry.add_to_hass(hass)
    data = dict(house.entry.data)
    data["identity"] = {**data["identity"], "rated_power": 60_000}
    hass.config_entries.async_update_entry(house.entry, data=data)
    await set_up(hass, house)
    state = hass.states.get(find_entity_id(hass, house, "number", "dispatch_power"))
    assert state
    assert state.attributes["max"] == 20_000


@pytest.mark.parametrize(
    ("behaviour", "why", "there"),
    [
        ({"ignores_settings": True}, "ignored", "95"),
        ({"settings": Reply.REFUSED}, "refused", "95"),
        ({"setting_limits": {0x0855: range(90, 101)}}, "ignored", "90"),
    ],
)
async def test_charge_target_not_applied_raises_and_shows_the_register(
    hass: HomeAssistant,
    enabled_house: House,
    behaviour: dict[str, Any],
    why: str,
    there: str,
) -> None:
    set_behaviour(enabled_house, **behaviour)
    with pytest.raises(HomeAssistantError) as caught:
        await set_number(hass, enabled_house, "charge_target", 80)
    assert caught.value.translation_key == f"not_applied_{why}"
    assert entity_state(hass, enabled_house, "number", "charge_target") == there


@pytest.mark.parametrize(
    "behaviour",
    [
        {"block_write_of_one": Reply.REFUSED},
        {"single_write": Reply.REFUSED},
        {"single_write": Reply.SILENT},
    ],
)
async def test_charge_target_is_written_with_the_accepted_function(
    hass: HomeAssistant, enabled_house: House, behaviour: dict[str, Any]
) -> None:
    set_behaviour(enabled_house, **behaviour)
    await set_number(hass, enabled_house, "charge_target", 80)
    assert enabled_house.inverter.words()[0x0855] == 80


async def test_feed_in_limit_stops_our_dispatch_only(
    hass: HomeAssistant, enabled_house: House
) -> None:
    await charge(enabled_house)
    await set_number(hass, enabled_house, "feed_in_limit", 50)
    assert dispatch_status(enabled_house) == ("idle", "none")
    assert entity_state(hass, enabled_house, "number", "feed_in_limit") == "50"
    write_app_order(enabled_house)
    with pytest.raises(ServiceValidationError) as caught:
        await set_number(hass, enabled_house, "feed_in_limit", 40)
    assert caught.value.translation_key == "foreign_dispatch"
    assert entity_state(hass, enabled_house, "number", "feed_in_limit") == "50"
