"""The PV switch: available during our dispatch, and in step with the register."""

from typing import Any

from homeassistant.const import STATE_OFF, STATE_ON, STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers import entity_registry as er
import pytest

from custom_components.alphaess_live.alphaess.errors import (
    Feature,
    UnsupportedFeatureError,
)
from custom_components.alphaess_live.alphaess.writer import START_ADDRESS
from custom_components.alphaess_live.control import orders
from custom_components.alphaess_live.control.orders import switch_pv
from custom_components.alphaess_live.exceptions import ForeignDispatchError
from custom_components.alphaess_live.simulator.behaviour import Reply

from .conftest import House, poll, set_behaviour, set_up
from .orders import (
    PV_SWITCH_ADDRESS,
    charge,
    dispatch_status,
    pv_produces,
    read_pv_switch,
    write_app_order,
)


@pytest.fixture
async def switch(hass: HomeAssistant, house: House) -> str:
    """Enable the switch, and return its entity id."""
    await set_up(hass, house)
    entity_id = house.entity_id(hass, "dispatch_pv")
    registry = er.async_get(hass)
    assert registry.entities[entity_id].disabled_by
    registry.async_update_entity(entity_id, disabled_by=None)
    await hass.config_entries.async_reload(house.entry.entry_id)
    await hass.async_block_till_done()
    return entity_id


async def turn_switch(hass: HomeAssistant, switch: str, state: str) -> None:
    """Turn the switch on or off."""
    target = {"entity_id": switch}
    await hass.services.async_call("switch", f"turn_{state}", target, blocking=True)


def switch_state(hass: HomeAssistant, switch: str) -> str:
    """Return the state of the switch."""
    state = hass.states.get(switch)
    assert state
    return state.state


async def test_switch_during_our_dispatch_is_available(
    hass: HomeAssistant, house: House, switch: str
) -> None:
    assert switch_state(hass, switch) == STATE_UNAVAILABLE
    await charge(house)
    assert switch_state(hass, switch) == STATE_ON
    house.inverter.journal.clear()
    await turn_switch(hass, switch, "off")
    assert switch_state(hass, switch) == STATE_OFF
    assert not pv_produces(house)
    (request,) = house.inverter.journal.written
    assert (request.address, request.values) == (PV_SWITCH_ADDRESS, (2,))
    assert dispatch_status(house) == ("charging", "alphaess_live")
    for _ in range(2):
        await turn_switch(hass, switch, "on")
        assert switch_state(hass, switch) == STATE_ON
    assert house.inverter.journal.writes == 2
    assert pv_produces(house)
    await orders.stop(house.controller)
    assert switch_state(hass, switch) == STATE_UNAVAILABLE


async def test_switch_without_our_dispatch_or_connection_is_unavailable(
    hass: HomeAssistant, house: House, switch: str
) -> None:
    await charge(house)
    write_app_order(house)
    await poll(house, full=True)
    assert switch_state(hass, switch) == STATE_UNAVAILABLE
    await charge(house, take_over=True)
    assert switch_state(hass, switch) == STATE_ON
    await house.server.switch_off()
    await poll(house)
    assert switch_state(hass, switch) == STATE_UNAVAILABLE


async def test_switch_shows_a_change_by_another_program(
    hass: HomeAssistant, house: House, switch: str
) -> None:
    await charge(house)
    house.inverter.write_as_app(PV_SWITCH_ADDRESS, 2)
    await poll(house, full=True)
    assert switch_state(hass, switch) == STATE_OFF


@pytest.mark.parametrize(
    ("behaviour", "why"),
    [
        ({"ignores_writes": True}, "pv_ignored"),
        ({"ignores_pv_switch": True}, "pv_ignored"),
        (
            {"block_write_of_one": Reply.REFUSED, "single_write": Reply.REFUSED},
            "refused",
        ),
    ],
)
async def test_switch_not_applied_raises_and_keeps_its_state(
    hass: HomeAssistant,
    house: House,
    switch: str,
    *,
    behaviour: dict[str, Any],
    why: str,
) -> None:
    await charge(house)
    set_behaviour(house, **behaviour)
    with pytest.raises(HomeAssistantError) as caught:
        await turn_switch(hass, switch, "off")
    assert caught.value.translation_key == f"not_applied_{why}"
    assert switch_state(hass, switch) == STATE_ON
    assert dispatch_status(house) == ("charging", "alphaess_live")


@pytest.mark.parametrize(
    "behaviour",
    [{"single_write": Reply.SILENT}, {"block_write_of_one": Reply.REFUSED}],
)
async def test_switch_is_written_with_the_accepted_function(
    hass: HomeAssistant, house: House, switch: str, behaviour: dict[str, Any]
) -> None:
    set_behaviour(house, **behaviour)
    await charge(house)
    await turn_switch(hass, switch, "off")
    assert read_pv_switch(house) == 2


async def test_switch_after_the_dispatch_ended_raises_an_error(
    hass: HomeAssistant, house: House, switch: str
) -> None:
    await charge(house)
    house.inverter.write_as_app(START_ADDRESS, 0)
    house.inverter.journal.clear()
    with pytest.raises(HomeAssistantError) as caught:
        await turn_switch(hass, switch, "off")
    assert caught.value.translation_key == "no_own_dispatch"
    assert not house.inverter.journal.writes
    with pytest.raises(UnsupportedFeatureError) as lacks:
        await switch_pv(house.controller, on=False)
    assert lacks.value.feature is Feature.OWN_DISPATCH
    write_app_order(house)
    with pytest.raises(ForeignDispatchError):
        await switch_pv(house.controller, on=False)
