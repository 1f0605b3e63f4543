"""The switch for the panels: there while a dispatch of ours runs, and true to what the inverter says."""

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

from .conftest import House, poll, set_up
from .test_control import app_orders, charge, misbehave, seen
from .test_pv_switch import PV_SWITCH, has_sun, word_of


@pytest.fixture
async def switch(hass: HomeAssistant, house: House) -> str:
    """Enable the switch, and tell its entity id."""
    await set_up(hass, house)
    entity_id = house.entity_id(hass, "dispatch_pv")
    registry = er.async_get(hass)
    assert registry.entities[entity_id].disabled_by
    registry.async_update_entity(entity_id, disabled_by=None)
    await hass.config_entries.async_reload(house.entry.entry_id)
    await hass.async_block_till_done()
    return entity_id


async def turn(hass: HomeAssistant, switch: str, way: str) -> None:
    """Turn the switch on or off."""
    target = {"entity_id": switch}
    await hass.services.async_call("switch", f"turn_{way}", target, blocking=True)


def shown(hass: HomeAssistant, switch: str) -> str:
    """Say what the switch shows."""
    state = hass.states.get(switch)
    assert state
    return state.state


async def test_the_switch_is_there_while_ours_runs(
    hass: HomeAssistant, house: House, switch: str
) -> None:
    assert shown(hass, switch) == STATE_UNAVAILABLE
    await charge(house)
    assert shown(hass, switch) == STATE_ON
    house.inverter.journal.clear()
    await turn(hass, switch, "off")
    assert shown(hass, switch) == STATE_OFF
    assert not has_sun(house)
    (request,) = house.inverter.journal.written
    assert (request.address, request.values) == (PV_SWITCH, (2,))
    assert seen(house) == ("charging", "alphaess_live")
    for _ in range(2):
        await turn(hass, switch, "on")
        assert shown(hass, switch) == STATE_ON
    assert house.inverter.journal.writes == 2
    assert has_sun(house)
    await orders.stop(house.controller)
    assert shown(hass, switch) == STATE_UNAVAILABLE


async def test_the_switch_is_gone_while_somebody_elses_runs_or_the_inverter_is_away(
    hass: HomeAssistant, house: House, switch: str
) -> None:
    await charge(house)
    app_orders(house)
    await poll(house, full=True)
    assert shown(hass, switch) == STATE_UNAVAILABLE
    await charge(house, take_over=True)
    assert shown(hass, switch) == STATE_ON
    await house.server.switch_off()
    await poll(house)
    assert shown(hass, switch) == STATE_UNAVAILABLE


async def test_what_another_program_switches_shows(
    hass: HomeAssistant, house: House, switch: str
) -> None:
    await charge(house)
    house.inverter.write_as_app(PV_SWITCH, 2)
    await poll(house, full=True)
    assert shown(hass, switch) == STATE_OFF


@pytest.mark.parametrize(
    ("habits", "why"),
    [
        ({"ignores_writes": True}, "pv_ignored"),
        ({"ignores_pv_switch": True}, "pv_ignored"),
        (
            {"block_write_of_one": Reply.REFUSED, "single_write": Reply.REFUSED},
            "refused",
        ),
    ],
)
async def test_a_switch_that_is_not_obeyed_says_so_and_stays(
    hass: HomeAssistant, house: House, switch: str, *, habits: dict[str, Any], why: str
) -> None:
    await charge(house)
    misbehave(house, **habits)
    with pytest.raises(HomeAssistantError) as caught:
        await turn(hass, switch, "off")
    assert caught.value.translation_key == f"not_applied_{why}"
    assert shown(hass, switch) == STATE_ON
    assert seen(house) == ("charging", "alphaess_live")


@pytest.mark.parametrize(
    "habits",
    [{"single_write": Reply.SILENT}, {"block_write_of_one": Reply.REFUSED}],
)
async def test_the_switch_finds_the_function_that_the_inverter_takes(
    hass: HomeAssistant, house: House, switch: str, habits: dict[str, Any]
) -> None:
    misbehave(house, **habits)
    await charge(house)
    await turn(hass, switch, "off")
    assert word_of(house) == 2


async def test_a_dispatch_that_is_just_over_cannot_be_switched(
    hass: HomeAssistant, house: House, switch: str
) -> None:
    await charge(house)
    house.inverter.write_as_app(START_ADDRESS, 0)
    house.inverter.journal.clear()
    with pytest.raises(HomeAssistantError) as caught:
        await turn(hass, switch, "off")
    assert caught.value.translation_key == "no_own_dispatch"
    assert not house.inverter.journal.writes
    with pytest.raises(UnsupportedFeatureError) as lacks:
        await switch_pv(house.controller, on=False)
    assert lacks.value.feature is Feature.OWN_DISPATCH
    app_orders(house)
    with pytest.raises(ForeignDispatchError):
        await switch_pv(house.controller, on=False)
