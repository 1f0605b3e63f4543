"""Who gave an order: a user, an automation or a script, as entities and Activity show it, also after a restart."""

from http import HTTPStatus
from typing import Any

from homeassistant.core import Context, HomeAssistant, State
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockUser
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.alphaess_live.alphaess.lease import OrderedBy
from custom_components.alphaess_live.const import DOMAIN
from custom_components.alphaess_live.control import orders
from custom_components.alphaess_live.control.order_report import (
    MAX_CONTEXTS,
    RUN_EVENTS,
    Callers,
)

from ..conftest import House, bring_back, lose, poll
from ..orders import charge, write_app_order
from ..service_calls import device_of, find_entity_id

CHARGE = {
    "action": f"{DOMAIN}.charge",
    "data": {"power": 3000, "target_soc": 80, "duration": 3600},
}

CALLERS: dict[str, Any] = {
    "automation": {
        "alias": "Night tariff",
        "triggers": {"trigger": "event", "event_type": "night"},
        "actions": [CHARGE],
    },
    "script": {"night": {"alias": "Night tariff", "sequence": [CHARGE]}},
}


def state_of(hass: HomeAssistant, house: House, key: str = "dispatch_status") -> State:
    """Return the whole state of an entity."""
    state = hass.states.get(house.entity_id(hass, key))
    assert state
    return state


def add_anna(hass: HomeAssistant) -> MockUser:
    """Add a user."""
    return MockUser(id="anna", name="Anna", is_owner=True).add_to_hass(hass)


async def test_rest_order_is_shown_as_the_order_of_the_user(
    hass: HomeAssistant,
    live_house: House,
    hass_client: ClientSessionGenerator,
    hass_admin_user: MockUser,
) -> None:
    assert await async_setup_component(hass, "http", {})
    client = await hass_client()
    body = {"power": 3000, "targetSoc": 80, "duration": 3600}
    response = await client.post("/api/alphaess/charge", json=body)
    assert response.status == HTTPStatus.OK
    state = state_of(hass, live_house)
    assert state.state == "holding_at_target"
    assert state.context.user_id == hass_admin_user.id
    assert state.attributes["ordered_by"] == hass_admin_user.name
    assert state.attributes["power"] == -3000
    assert state.attributes["target_soc"] == 80
    lease = live_house.controller.lease
    assert lease
    assert state.attributes["expires_at"] == lease.expires
    assert state_of(hass, live_house, "dispatch_controlled_by").context.user_id


@pytest.mark.parametrize("domain", ["automation", "script"])
async def test_order_of_an_automation_or_script_has_its_name_and_context(
    hass: HomeAssistant, live_house: House, domain: str
) -> None:
    assert await async_setup_component(hass, domain, {domain: CALLERS[domain]})
    if domain == "automation":
        hass.bus.async_fire("night")
    else:
        add_anna(hass)
        context = Context(user_id="anna")
        await hass.services.async_call("script", "night", context=context)
    await hass.async_block_till_done(wait_background_tasks=True)
    [caller] = hass.states.async_all(domain)
    state = state_of(hass, live_house)
    assert state.state == "holding_at_target"
    assert state.context.id == caller.context.id
    assert state.attributes["ordered_by"] == "Night tariff"


@pytest.mark.parametrize(
    ("action", "key", "data"),
    [
        ("button.press", "dispatch_charge", {}),
        ("select.select_option", "dispatch", {"option": "charge"}),
    ],
)
async def test_button_and_select_order_with_the_context_of_the_call(
    hass: HomeAssistant,
    enabled_house: House,
    action: str,
    key: str,
    data: dict[str, str],
) -> None:
    add_anna(hass)
    domain, _, service = action.partition(".")
    data = {"entity_id": find_entity_id(hass, enabled_house, domain, key)} | data
    context = Context(user_id="anna")
    await hass.services.async_call(
        domain, service, data, blocking=True, context=context
    )
    state = state_of(hass, enabled_house)
    assert state.context.id == context.id
    assert state.attributes["ordered_by"] == "Anna"


async def test_pv_switch_and_limit_change_states_with_the_context_of_the_call(
    hass: HomeAssistant, enabled_house: House
) -> None:
    await charge(enabled_house)
    switch = enabled_house.entity_id(hass, "dispatch_pv")
    first = Context(user_id=add_anna(hass).id)
    data: dict[str, Any] = {"entity_id": switch}
    await hass.services.async_call(
        "switch", "turn_off", data, blocking=True, context=first
    )
    state = hass.states.get(switch)
    assert state
    assert (state.state, state.context.id) == ("off", first.id)
    second = Context(user_id="anna")
    data = {"entity_id": enabled_house.entity_id(hass, "feed_in_limit"), "value": 50}
    await hass.services.async_call(
        "number", "set_value", data, blocking=True, context=second
    )
    state = state_of(hass, enabled_house)
    assert (state.state, state.context.id) == ("idle", second.id)


async def test_order_of_another_program_has_no_name_and_no_end(
    hass: HomeAssistant, live_house: House
) -> None:
    write_app_order(live_house)
    await poll(live_house, full=True)
    await hass.async_block_till_done()
    attributes = state_of(hass, live_house).attributes
    assert attributes["power"] == -5000
    assert attributes["target_soc"] == 100
    assert attributes["ordered_by"] is None
    assert attributes["expires_at"] is None


async def test_ended_order_leaves_no_attributes(
    hass: HomeAssistant, live_house: House
) -> None:
    await charge(live_house, context=Context(user_id=add_anna(hass).id))
    await orders.stop(live_house.controller)
    attributes = state_of(hass, live_house).attributes
    names = ("power", "target_soc", "expires_at", "ordered_by")
    assert [attributes[name] for name in names] == [None] * 4


async def test_name_and_ids_of_the_caller_survive_a_restart(
    hass: HomeAssistant, live_house: House
) -> None:
    hass.config_entries.async_update_entry(
        live_house.entry, options={"stop_on_unload": False, "message_spacing": 0}
    )
    await hass.async_block_till_done()
    context = Context(user_id=add_anna(hass).id, parent_id="parent")
    await charge(live_house, context=context)
    await hass.config_entries.async_reload(live_house.entry.entry_id)
    await hass.async_block_till_done()
    lease = live_house.controller.lease
    assert lease
    assert lease.ordered_by == OrderedBy(
        name="Anna", user_id="anna", context_id=context.id, parent_id="parent"
    )
    assert state_of(hass, live_house).attributes["ordered_by"] == "Anna"


async def test_unknown_user_has_no_name(hass: HomeAssistant) -> None:
    callers, context = Callers(hass), Context(user_id="deleted")
    assert await callers.identify(context) == OrderedBy(
        context_id=context.id, user_id="deleted"
    )
    assert await callers.identify(None) is None
    callers.close()


async def test_names_of_old_runs_are_forgotten(hass: HomeAssistant) -> None:
    callers, contexts = Callers(hass), [Context() for _ in range(MAX_CONTEXTS + 1)]
    for number, context in enumerate(contexts):
        for event in RUN_EVENTS:
            hass.bus.async_fire(event, {"name": f"{event} {number}"}, context=context)
    first, second = [await callers.identify(one) for one in contexts[:2]]
    assert first
    assert first.name is None
    assert second
    assert second.name == "automation_triggered 1"
    callers.close()


async def test_order_of_an_automation_with_an_own_trigger_has_its_name(
    hass: HomeAssistant, live_house: House
) -> None:
    trigger = {
        "trigger": f"{DOMAIN}.connected",
        "target": {"device_id": device_of(hass, live_house)},
    }
    automation = CALLERS["automation"] | {"triggers": [trigger]}
    assert await async_setup_component(hass, "automation", {"automation": automation})
    await hass.async_block_till_done()
    await lose(hass, live_house)
    await bring_back(hass, live_house)
    await hass.async_block_till_done()
    assert state_of(hass, live_house).attributes["ordered_by"] == "Night tariff"
