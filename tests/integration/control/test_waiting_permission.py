"""Actions and entities whose user loses the permission while an order waits its turn: nothing is written."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from homeassistant.auth.models import Group, User
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import HomeAssistantError, Unauthorized
from homeassistant.helpers import entity_registry as er
import pytest

from custom_components.alphaess_live.const import DOMAIN

from ..conftest import House, poll
from ..orders import charge, dispatch_status
from ..service_calls import CHARGE, device_of, find_entity_id
from ..user_changes import Change, deactivate_user, delete_user, take_permission

CHANGES = (take_permission, delete_user, deactivate_user)

ACTIONS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("charge", CHARGE),
    ("hold", {"duration": 600}),
    ("hold_grid", {"power": 0, "duration": 600}),
    ("stop", {}),
    ("limit_feed_in", {"share": 50}),
    ("set_schedule", {"charge_target": 77}),
)

ENTITIES: tuple[tuple[str, str, str, dict[str, Any]], ...] = (
    ("button", "dispatch_charge", "press", {}),
    ("button", "set_clock", "press", {}),
    ("select", "dispatch", "select_option", {"option": "hold"}),
    ("select", "active_periods", "select_option", {"option": "charge"}),
    ("number", "feed_in_limit", "set_value", {"value": 50}),
    ("number", "charge_target", "set_value", {"value": 77}),
    ("switch", "dispatch_pv", "turn_off", {}),
    ("time", "charge_period_1_start", "set_value", {"time": "03:00"}),
)


@pytest.fixture
async def user(
    hass: HomeAssistant,
    hass_admin_user: User,  # noqa: ARG001 - the first user is the owner, who may do everything
) -> User:
    """Add a user who may control everything."""
    return await hass.auth.async_create_user("Anna", group_ids=["system-users"])


async def call_while_an_order_runs(
    hass: HomeAssistant,
    house: House,
    call: tuple[str, str, dict[str, Any]],
    *,
    context: Context,
    meanwhile: Callable[[], Awaitable[None]],
) -> None:
    """Call an action that has to wait, and do something before its turn comes."""
    async with house.controller.lock:
        waiting = asyncio.create_task(hass.services.async_call(*call, True, context))
        await asyncio.sleep(0.2)
        assert not waiting.done()
        await meanwhile()
    await waiting


@pytest.mark.parametrize(
    ("change", "action", "data"),
    [
        *((take_permission, *one) for one in ACTIONS),
        *((change, *ACTIONS[0]) for change in CHANGES[1:]),
    ],
)
async def test_waiting_action_of_a_user_without_permission_is_refused(
    hass: HomeAssistant,
    live_house: House,
    user: User,
    *,
    change: Change,
    action: str,
    data: dict[str, Any],
) -> None:
    with pytest.raises(Unauthorized):
        await call_while_an_order_runs(
            hass,
            live_house,
            (DOMAIN, action, data),
            context=Context(user_id=user.id),
            meanwhile=lambda: change(hass, user),
        )
    assert not live_house.inverter.journal.writes
    assert not live_house.controller.leases


@pytest.mark.parametrize(
    ("change", "domain", "key", "action", "data"),
    [
        *((take_permission, *one) for one in ENTITIES),
        *((change, *ENTITIES[0]) for change in CHANGES[1:]),
    ],
)
async def test_waiting_entity_of_a_user_without_permission_is_refused(
    hass: HomeAssistant,
    enabled_house: House,
    user: User,
    *,
    change: Change,
    domain: str,
    key: str,
    action: str,
    data: dict[str, Any],
) -> None:
    if domain == "switch":
        await charge(enabled_house)  # It is available during a dispatch.
        await hass.async_block_till_done()
    enabled_house.inverter.journal.clear()
    target = {"entity_id": find_entity_id(hass, enabled_house, domain, key)}
    with pytest.raises(Unauthorized):
        await call_while_an_order_runs(
            hass,
            enabled_house,
            (domain, action, data | target),
            context=Context(user_id=user.id),
            meanwhile=lambda: change(hass, user),
        )
    assert not enabled_house.inverter.journal.writes


@pytest.mark.parametrize("meanwhile", ["foreign dispatch", "outage"])
async def test_waiting_order_of_a_user_without_permission_reports_nothing_else(
    hass: HomeAssistant, live_house: House, user: User, meanwhile: str
) -> None:
    async def change() -> None:
        if meanwhile == "outage":
            await live_house.server.switch_off()
            live_house.inverter.switch_off()
            await poll(live_house)
        else:
            live_house.inverter.write_as_app(0x0880, 1, 0, 32500, 0, 32000, 2, 50)
        await take_permission(hass, user)

    with pytest.raises(Unauthorized):
        await call_while_an_order_runs(
            hass,
            live_house,
            (DOMAIN, "charge", CHARGE),
            context=Context(user_id=user.id),
            meanwhile=change,
        )


async def test_waiting_schedule_of_a_user_without_permission_names_no_period(
    hass: HomeAssistant, live_house: House, user: User
) -> None:
    own = {"charge_period_1_start": "01:00", "charge_period_1_end": "05:00"}
    await hass.services.async_call(
        DOMAIN, "set_schedule", {**own, "active_periods": "both"}, blocking=True
    )
    other = {"discharge_period_1_start": "02:00", "discharge_period_1_end": "23:00"}
    with pytest.raises(Unauthorized):
        await call_while_an_order_runs(
            hass,
            live_house,
            (DOMAIN, "set_schedule", other),
            context=Context(user_id=user.id),
            meanwhile=lambda: take_permission(hass, user),
        )


async def test_waiting_press_of_a_user_who_may_press_only_this_is_carried_out(
    hass: HomeAssistant, live_house: House, user: User
) -> None:
    button = find_entity_id(hass, live_house, "button", "dispatch_charge")

    async def restrict() -> None:
        policy = {"entities": {"entity_ids": {button: {"control": True}}}}
        user.groups = [Group(name="one", policy=policy)]
        user.invalidate_cache()

    await call_while_an_order_runs(
        hass,
        live_house,
        ("button", "press", {"entity_id": button}),
        context=Context(user_id=user.id),
        meanwhile=restrict,
    )
    assert dispatch_status(live_house) == ("charging", "alphaess_live")
    lease = live_house.controller.lease
    assert lease
    assert lease.ordered_by
    assert lease.ordered_by.name == "Anna"


async def test_waiting_action_of_an_automation_is_carried_out(
    hass: HomeAssistant, live_house: House, user: User
) -> None:
    await call_while_an_order_runs(
        hass,
        live_house,
        (DOMAIN, "charge", CHARGE),
        context=Context(),
        meanwhile=lambda: take_permission(hass, user),
    )
    assert dispatch_status(live_house) == ("charging", "alphaess_live")


@pytest.mark.parametrize("change", CHANGES)
async def test_waiting_reading_of_a_user_without_permission_is_not_returned(
    hass: HomeAssistant, live_house: House, user: User, change: Change
) -> None:
    read = live_house.coordinator.inverter.read

    async def read_later(**options: Any) -> Any:
        await change(hass, user)
        return await read(**options)

    live_house.coordinator.inverter.read = read_later  # type: ignore[method-assign]
    with pytest.raises(Unauthorized):
        await hass.services.async_call(
            *(DOMAIN, "refresh", {}),
            blocking=True,
            return_response=True,
            context=Context(user_id=user.id),
        )


async def test_error_of_several_inverters_names_none_without_permission(
    hass: HomeAssistant, live_house: House, second_house: House, user: User
) -> None:
    other = second_house.entry.unique_id
    assert other
    entities = er.async_entries_for_config_entry(
        er.async_get(hass), live_house.entry.entry_id
    )
    kept = {one.entity_id: {"control": True, "read": True} for one in entities}

    async def keep_one() -> None:
        policy = {"entities": {"entity_ids": kept}}
        user.groups = [Group(name="one inverter", policy=policy)]
        user.invalidate_cache()

    devices = [device_of(hass, one) for one in (live_house, second_house)]
    with pytest.raises(HomeAssistantError) as refused:
        await call_while_an_order_runs(
            hass,
            second_house,
            (DOMAIN, "hold", {"duration": 600, "device_id": devices}),
            context=Context(user_id=user.id),
            meanwhile=keep_one,
        )
    assert other not in str(refused.value)
    assert str(live_house.entry.unique_id) in str(refused.value)
    assert not second_house.controller.leases
