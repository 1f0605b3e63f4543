"""The dispatch for people who click: what they see, what a click orders, and what ends by itself."""

from datetime import UTC, datetime, timedelta
from typing import Any

from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant, State
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    mock_restore_cache_with_extra_data,
)

from custom_components.alphaess_live.const import DOMAIN

from .conftest import House, poll, set_up
from .test_control import app_orders, charge, misbehave, order_of, seen

BUTTONS = ("dispatch_charge", "dispatch_discharge", "dispatch_hold", "dispatch_stop")
NUMBERS = {
    "dispatch_power": 3000,
    "dispatch_charge_target": 100,
    "dispatch_discharge_target": 10,
    "dispatch_duration": 60,
}


def entity_id(hass: HomeAssistant, house: House, domain: str, key: str) -> str:
    """Find an entity; numbers and raw readings share their keys."""
    found = er.async_get(hass).async_get_entity_id(
        domain, DOMAIN, f"{house.identity.serial}_{key}"
    )
    assert found, f"no {domain} has the key {key}"
    return found


def shown(hass: HomeAssistant, house: House, domain: str, key: str) -> str:
    """Say what an entity shows."""
    state = hass.states.get(entity_id(hass, house, domain, key))
    assert state
    return state.state


async def press(hass: HomeAssistant, house: House, key: str) -> None:
    """Click a button."""
    target = {"entity_id": entity_id(hass, house, "button", key)}
    await hass.services.async_call("button", "press", target, blocking=True)


async def choose(hass: HomeAssistant, house: House, key: str, value: float) -> None:
    """Set a number."""
    data = {"entity_id": entity_id(hass, house, "number", key), "value": value}
    await hass.services.async_call("number", "set_value", data, blocking=True)


async def test_an_order_is_written_to_the_states_that_tell_of_it_and_to_no_other(
    hass: HomeAssistant, live_house: House
) -> None:
    before = dt_util.utcnow()
    await charge(live_house)
    told = {
        one.entity_id for one in hass.states.async_all() if before < one.last_reported
    }
    assert told == {
        entity_id(hass, live_house, "sensor", key)
        for key in ("dispatch_status", "dispatch_controlled_by", "dispatch_expires")
    }


async def test_the_sensors_follow_an_order_at_once(
    hass: HomeAssistant, live_house: House
) -> None:
    assert shown(hass, live_house, "sensor", "dispatch_status") == "idle"
    assert shown(hass, live_house, "sensor", "dispatch_controlled_by") == "none"
    assert shown(hass, live_house, "sensor", "dispatch_expires") == STATE_UNKNOWN
    outcome = await charge(live_house)
    assert shown(hass, live_house, "sensor", "dispatch_status") == "charging"
    assert (
        shown(hass, live_house, "sensor", "dispatch_controlled_by") == "alphaess_live"
    )
    expires = shown(hass, live_house, "sensor", "dispatch_expires")
    assert outcome.expires_at
    assert dt_util.parse_datetime(expires) == outcome.expires_at.replace(microsecond=0)


async def test_the_end_of_somebody_elses_dispatch_is_not_known(
    hass: HomeAssistant, live_house: House
) -> None:
    app_orders(live_house)
    await poll(live_house, full=True)
    assert shown(hass, live_house, "sensor", "dispatch_controlled_by") == "other"
    assert shown(hass, live_house, "sensor", "dispatch_expires") == STATE_UNKNOWN


async def test_the_time_left_is_there_for_whoever_enables_it(
    hass: HomeAssistant, house: House, entity_registry: er.EntityRegistry
) -> None:
    await set_up(hass, house)
    sensor = entity_id(hass, house, "sensor", "dispatch_remaining")
    assert entity_registry.entities[sensor].disabled_by
    entity_registry.async_update_entity(sensor, disabled_by=None)
    await hass.config_entries.async_reload(house.entry.entry_id)
    await charge(house)
    assert 3590 <= float(shown(hass, house, "sensor", "dispatch_remaining")) <= 3600


async def test_the_dispatch_is_unavailable_while_the_inverter_is_away(
    hass: HomeAssistant, live_house: House
) -> None:
    await live_house.server.switch_off()
    await poll(live_house)
    for domain, key in (
        ("sensor", "dispatch_status"),
        ("button", "dispatch_charge"),
        ("number", "dispatch_power"),
    ):
        assert shown(hass, live_house, domain, key) == STATE_UNAVAILABLE


async def test_a_click_orders_what_the_numbers_say(
    hass: HomeAssistant, live_house: House
) -> None:
    await press(hass, live_house, "dispatch_charge")
    order = order_of(live_house)
    assert (order.power, order.target_soc, order.duration) == (-3000, 100, 3600)
    await choose(hass, live_house, "dispatch_power", 1500)
    await choose(hass, live_house, "dispatch_duration", 10)
    await choose(hass, live_house, "dispatch_discharge_target", 30)
    await press(hass, live_house, "dispatch_discharge")
    order = order_of(live_house)
    assert (order.power, order.target_soc, order.duration) == (1500, 30, 600)
    await press(hass, live_house, "dispatch_hold")
    assert seen(live_house) == ("holding", "alphaess_live")
    await press(hass, live_house, "dispatch_stop")
    assert seen(live_house) == ("idle", "none")


async def test_choosing_a_number_sends_nothing(
    hass: HomeAssistant, live_house: House
) -> None:
    live_house.inverter.journal.clear()
    for key, value in NUMBERS.items():
        assert float(shown(hass, live_house, "number", key)) == value
        await choose(hass, live_house, key, value - 5 if value < 1000 else value)
    assert not live_house.inverter.journal.requests


async def test_numbers_survive_a_restart(hass: HomeAssistant, house: House) -> None:
    await set_up(hass, house)
    number = entity_id(hass, house, "number", "dispatch_power")
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
    assert float(shown(hass, house, "number", "dispatch_power")) == 2200


async def test_a_click_that_is_not_obeyed_says_so(
    hass: HomeAssistant, live_house: House
) -> None:
    misbehave(live_house, ignores_writes=True)
    with pytest.raises(HomeAssistantError) as caught:
        await press(hass, live_house, "dispatch_charge")
    assert caught.value.translation_key == "not_applied_ignored"
    assert shown(hass, live_house, "sensor", "dispatch_status") == "idle"


async def test_a_click_does_not_take_over(
    hass: HomeAssistant, live_house: House
) -> None:
    app_orders(live_house)
    with pytest.raises(ServiceValidationError) as caught:
        await press(hass, live_house, "dispatch_stop")
    assert caught.value.translation_key == "foreign_dispatch"


async def test_the_select_shows_what_runs_and_orders_what_is_chosen(
    hass: HomeAssistant, house: House, entity_registry: er.EntityRegistry
) -> None:
    await set_up(hass, house)
    select = entity_id(hass, house, "select", "dispatch")
    entity_registry.async_update_entity(select, disabled_by=None)
    await hass.config_entries.async_reload(house.entry.entry_id)
    assert shown(hass, house, "select", "dispatch") == "stop"
    for option in ("charge", "discharge", "hold", "stop"):
        data = {"entity_id": select, "option": option}
        await hass.services.async_call("select", "select_option", data, blocking=True)
        assert shown(hass, house, "select", "dispatch") == option
    house.inverter.write_as_app(0x0880, 1, 0, 32000, 0, 32000, 8, 0, 0, 600)
    await poll(house, full=True)
    assert shown(hass, house, "select", "dispatch") == STATE_UNKNOWN


@pytest.mark.parametrize("options", [{"message_spacing": 0, "controls": False}])
async def test_without_controls_there_is_nothing_to_click(
    hass: HomeAssistant, live_house: House, entity_registry: er.EntityRegistry
) -> None:
    entities = er.async_entries_for_config_entry(
        entity_registry, live_house.entry.entry_id
    )
    clickable = {"button", "number", "select"}
    assert not clickable & {one.domain for one in entities}
    assert shown(hass, live_house, "sensor", "dispatch_status") == "idle"


async def test_a_lease_from_before_a_restart_is_ours_while_the_registers_agree(
    hass: HomeAssistant, house: House, hass_storage: dict[str, Any]
) -> None:
    begun = datetime.now(UTC) - timedelta(minutes=20)
    words = [1, 0, 29000, 0, 32000, 2, 200, 0, 3600]
    house.inverter.write_as_app(0x0880, *words)
    hass_storage[f"{DOMAIN}.{house.entry.entry_id}"] = {
        "version": 1,
        "minor_version": 1,
        "key": f"{DOMAIN}.{house.entry.entry_id}",
        "data": {
            "leases": [{"words": words, "begun": begun.isoformat()}],
            "functions": {"order_1": "fc06"},
        },
    }
    await set_up(hass, house)
    assert house.inverter.journal.writes == 0
    assert seen(house) == ("charging", "alphaess_live")
    expires = dt_util.parse_datetime(shown(hass, house, "sensor", "dispatch_expires"))
    assert expires == (begun + timedelta(hours=1)).replace(microsecond=0)
    app_orders(house)
    await poll(house, full=True)
    assert seen(house) == ("charging", "other")
    house.inverter.write_as_app(0x0880, *words)
    await poll(house, full=True)
    await press(hass, house, "dispatch_stop")
    assert house.inverter.journal.written[-1].function == 0x06


async def test_a_lease_that_ran_out_while_home_assistant_was_off_is_ours_no_more(
    hass: HomeAssistant, house: House, hass_storage: dict[str, Any]
) -> None:
    begun = datetime.now(UTC) - timedelta(hours=2)
    words = [1, 0, 29000, 0, 32000, 2, 200, 0, 3600]
    house.inverter.write_as_app(0x0880, *words)
    hass_storage[f"{DOMAIN}.{house.entry.entry_id}"] = {
        "version": 1,
        "minor_version": 1,
        "key": f"{DOMAIN}.{house.entry.entry_id}",
        "data": {"leases": [{"words": words, "begun": begun.isoformat()}]},
    }
    await set_up(hass, house)
    assert seen(house) == ("charging", "other")
    assert house.inverter.journal.writes == 0
