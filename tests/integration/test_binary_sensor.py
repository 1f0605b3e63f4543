"""The binary sensors of an inverter in Home Assistant."""

from homeassistant.const import STATE_OFF, STATE_ON, STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant

from custom_components.alphaess_live.alphaess.registers import Battery

from .conftest import House, bring_back, lose, poll, set_behaviour


async def test_battery_charges_above_the_power_of_its_electronics(
    hass: HomeAssistant, live_house: House
) -> None:
    power = Battery.registers["power"]
    for watts, expected in ((-49, STATE_OFF), (-51, STATE_ON), (800, STATE_OFF)):
        words = power.encode(watts)
        set_behaviour(live_house, word_overrides=words)
        await poll(live_house, full=True)
        assert live_house.state(hass, "battery_charging") == expected


async def test_connectivity_during_an_outage_is_off_with_the_cause(
    hass: HomeAssistant, live_house: House
) -> None:
    entity_id = live_house.entity_id(hass, "modbus")
    await lose(hass, live_house)
    state = hass.states.get(entity_id)
    assert state
    assert state.state == STATE_OFF
    assert (
        state.attributes["error_kind"] == live_house.coordinator.connection.error_kind
    )
    assert state.attributes["error_message"]
    assert live_house.state(hass, "battery_charging") == STATE_UNAVAILABLE
    await bring_back(hass, live_house)
    state = hass.states.get(entity_id)
    assert state
    assert (state.state, state.attributes["error_kind"]) == (STATE_ON, None)
    assert state.attributes["last_outage_seconds"] >= 0
