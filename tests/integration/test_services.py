"""The actions: their responses, their errors, and who may call them."""

import asyncio
from dataclasses import replace
from typing import Any

from homeassistant.auth.models import User
from homeassistant.auth.permissions.const import POLICY_READ
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import (
    HomeAssistantError,
    ServiceValidationError,
    Unauthorized,
    UnknownUser,
)
import probatio
import pytest

from custom_components.alphaess_live.const import DOMAIN
from custom_components.alphaess_live.simulator.behaviour import Reply

from .conftest import House, poll, set_behaviour
from .orders import read_order, write_app_order
from .service_calls import CHARGE, call_action

ORDERS = [
    ("charge", CHARGE),
    ("discharge", CHARGE),
    ("hold", {"duration": 600}),
    ("hold_grid", {"power": 0}),
    ("stop", {}),
]


async def test_charge_response_contains_the_verified_order(
    hass: HomeAssistant, live_house: House
) -> None:
    response = await call_action(hass, "charge", CHARGE)
    assert response["applied"] == response["requested"] == {"action": "charge"} | CHARGE
    assert response["verified"] is True
    assert response["expires_at"].endswith("+00:00")
    assert read_order(live_house).power == -3000


@pytest.mark.parametrize(("action", "data"), ORDERS)
async def test_order_without_response_is_applied(
    hass: HomeAssistant, live_house: House, action: str, data: dict[str, Any]
) -> None:
    entry = {"config_entry_id": live_house.entry.entry_id}
    assert await call_action(hass, action, data | entry, return_response=False) is None
    assert bool(read_order(live_house).start) is (action != "stop")


@pytest.mark.parametrize(
    "duration", [5400, "01:30", "01:30:00", {"hours": 1, "minutes": 30}]
)
async def test_duration_in_every_format_is_accepted(
    hass: HomeAssistant, live_house: House, duration: Any
) -> None:
    await call_action(hass, "hold", {"duration": duration})
    assert read_order(live_house).duration == 5400


@pytest.mark.parametrize(("action", "data"), ORDERS[:3])
# As YAML reads an off without quotes.
@pytest.mark.parametrize(
    ("pv", "applied"), [("off", "off"), (False, "off"), (True, "on")]
)
async def test_order_with_the_pv_field_switches_pv(
    hass: HomeAssistant,
    live_house: House,
    *,
    action: str,
    data: dict[str, Any],
    pv: str | bool,
    applied: str,
) -> None:
    response = await call_action(hass, action, data | {"pv": pv})
    assert response["applied"]["pv"] == applied
    live_house.inverter.advance(1)
    assert bool(live_house.inverter.house.flow.solar) is (applied == "on")


@pytest.mark.parametrize("model", ["ac_coupled"])
@pytest.mark.parametrize("pv", ["on", "off"])
async def test_pv_field_without_the_register_raises_no_pv_switch(
    hass: HomeAssistant, live_house: House, pv: str
) -> None:
    live_house.inverter.journal.clear()
    with pytest.raises(HomeAssistantError) as caught:
        await call_action(hass, "charge", CHARGE | {"pv": pv})
    assert caught.value.translation_key == "no_pv_switch"
    assert not live_house.inverter.journal.requests


@pytest.mark.parametrize(
    "change",
    [{"power": 0}, {"power": 30000}, {"target_soc": 2}, {"duration": "00:00:30"}],
)
async def test_order_out_of_range_raises_invalid_order(
    hass: HomeAssistant, live_house: House, change: dict[str, Any]
) -> None:
    live_house.inverter.journal.clear()
    with pytest.raises(ServiceValidationError) as caught:
        await call_action(hass, "charge", CHARGE | change)
    assert caught.value.translation_key == "invalid_order"
    assert caught.value.translation_placeholders
    assert caught.value.translation_placeholders["field"] in change
    assert not live_house.inverter.journal.requests


@pytest.mark.usefixtures("live_house")
async def test_order_with_an_unknown_field_fails_the_schema(
    hass: HomeAssistant,
) -> None:
    with pytest.raises(probatio.Invalid):
        await call_action(hass, "charge", CHARGE | {"volume": 11})


@pytest.mark.parametrize("target", [100, 99.9])
async def test_discharge_to_100_percent_is_refused_as_pointless(
    hass: HomeAssistant, live_house: House, target: float
) -> None:
    with pytest.raises(ServiceValidationError) as caught:
        await call_action(hass, "discharge", CHARGE | {"target_soc": target})
    assert caught.value.translation_key == "pointless_discharge"
    assert live_house.inverter.journal.writes == 0


async def test_ignored_order_raises_not_applied(
    hass: HomeAssistant, live_house: House
) -> None:
    set_behaviour(live_house, ignores_writes=True)
    with pytest.raises(HomeAssistantError) as caught:
        await call_action(hass, "charge", CHARGE)
    assert caught.value.translation_key == "not_applied_ignored"
    texts = caught.value.translation_placeholders
    assert texts
    assert texts["requested"] == "charge, power 3000, target_soc 80.0, duration 3600"
    assert texts["applied"] == "stop"


async def test_order_while_disconnected_raises_unanswered(
    hass: HomeAssistant, live_house: House
) -> None:
    await live_house.server.switch_off()
    await poll(live_house)
    with pytest.raises(HomeAssistantError) as caught:
        await call_action(hass, "stop", {})
    kind = live_house.coordinator.connection.error_kind
    assert caught.value.translation_key == f"unanswered_{kind}"


async def test_unanswered_order_raises_order_unknown(
    hass: HomeAssistant, live_house: House
) -> None:
    set_behaviour(
        live_house,
        block_write=Reply.SILENT,
        block_write_of_one=Reply.SILENT,
        single_write=Reply.SILENT,
    )
    with pytest.raises(HomeAssistantError) as caught:
        await call_action(hass, "charge", CHARGE)
    assert caught.value.translation_key == "order_unknown"


async def test_foreign_dispatch_is_replaced_with_take_over_only(
    hass: HomeAssistant, live_house: House
) -> None:
    write_app_order(live_house)
    with pytest.raises(ServiceValidationError) as caught:
        await call_action(hass, "charge", CHARGE)
    assert caught.value.translation_key == "foreign_dispatch"
    await call_action(hass, "charge", CHARGE | {"take_over": True})
    assert read_order(live_house).power == -3000


@pytest.mark.parametrize("options", [{"message_spacing": 0, "controls": False}])
async def test_order_with_controls_off_raises_controls_off(
    hass: HomeAssistant, live_house: House
) -> None:
    for action, data in ORDERS:
        with pytest.raises(ServiceValidationError) as caught:
            await call_action(hass, action, data)
        assert caught.value.translation_key == "controls_off"
    assert live_house.inverter.journal.writes == 0


@pytest.mark.parametrize(("action", "data"), ORDERS)
async def test_order_by_read_only_user_is_unauthorized(
    hass: HomeAssistant,
    live_house: House,
    hass_read_only_user: User,
    action: str,
    data: dict[str, Any],
) -> None:
    with pytest.raises(Unauthorized):
        await call_action(
            hass, action, data, context=Context(user_id=hass_read_only_user.id)
        )
    assert live_house.inverter.journal.writes == 0


async def test_order_by_user_of_one_entity_is_unauthorized(
    hass: HomeAssistant, live_house: House, hass_read_only_user: User
) -> None:
    soc = live_house.entity_id(hass, "battery_soc")
    hass_read_only_user.mock_policy(  # type: ignore[attr-defined]
        {"entities": {"all": {POLICY_READ: True}, "entity_ids": {soc: True}}}
    )
    with pytest.raises(Unauthorized):
        await call_action(
            hass, "stop", {}, context=Context(user_id=hass_read_only_user.id)
        )


@pytest.mark.parametrize("action", ["get_status", "refresh"])
async def test_status_for_user_without_permission_is_unauthorized(
    hass: HomeAssistant, live_house: House, hass_read_only_user: User, action: str
) -> None:
    hass_read_only_user.mock_policy({})  # type: ignore[attr-defined]
    live_house.inverter.journal.clear()
    with pytest.raises(Unauthorized):
        await call_action(
            hass, action, {}, context=Context(user_id=hass_read_only_user.id)
        )
    assert not live_house.inverter.journal.reads


async def test_order_by_ordinary_user_is_applied(
    hass: HomeAssistant, live_house: House, hass_admin_user: User
) -> None:
    ordinary = await hass.auth.async_create_user("User", group_ids=["system-users"])
    for user in (hass_admin_user, ordinary):
        await call_action(hass, "charge", CHARGE, context=Context(user_id=user.id))
        assert read_order(live_house).power == -3000


@pytest.mark.usefixtures("live_house")
async def test_order_by_deleted_user_raises_unknown_user(hass: HomeAssistant) -> None:
    with pytest.raises(UnknownUser):
        await call_action(hass, "stop", {}, context=Context(user_id="gone"))


async def test_refresh_reads_all_blocks(hass: HomeAssistant, live_house: House) -> None:
    write_app_order(live_house)
    response = await call_action(hass, "refresh", {})
    assert response["connected"] is True
    assert response["dispatch"]["controlled_by"] == "other"


async def test_get_status_returns_power_and_dispatch_without_a_request(
    hass: HomeAssistant, live_house: House
) -> None:
    await call_action(hass, "charge", CHARGE | {"pv": "off"})
    live_house.inverter.journal.clear()
    response = await call_action(hass, "get_status", {})
    assert not live_house.inverter.journal.requests
    power, dispatch = response["power"], response["dispatch"]
    balance = power["pv_power"] + power["battery_power"] + power["grid_power"]
    assert power["load_power"] == balance
    assert dispatch["status"] == "holding_at_target"
    assert dispatch["power"] == -3000
    assert dispatch["pv"] == "off"
    assert 3590 <= dispatch["remaining"] <= 3600


async def test_get_status_while_disconnected_returns_none(
    hass: HomeAssistant, house: House
) -> None:
    await house.server.switch_off()
    house.entry.add_to_hass(hass)
    await hass.config_entries.async_setup(house.entry.entry_id)
    response = await call_action(hass, "get_status", {})
    assert response == {
        "connected": False,
        "timestamp": None,
        "power": None,
        "dispatch": None,
    }


async def test_cancelled_refresh_completes_and_keeps_entities_available(
    hass: HomeAssistant, live_house: House
) -> None:
    inverter = live_house.inverter
    snapshots = live_house.coordinator.inverter.stats.snapshots
    inverter.behaviour = replace(inverter.behaviour, delay=0.05)
    asking = asyncio.ensure_future(
        hass.services.async_call(DOMAIN, "refresh", blocking=True)
    )
    await asyncio.sleep(0.1)
    asking.cancel()
    await asyncio.wait((asking,))
    assert live_house.coordinator.last_update_success
    await hass.async_block_till_done()
    assert live_house.coordinator.inverter.stats.snapshots == snapshots + 1


async def test_charge_below_the_state_of_charge_is_applied_and_reported(
    hass: HomeAssistant, live_house: House
) -> None:
    response = await call_action(hass, "charge", CHARGE | {"target_soc": 50})
    assert response["target_reached"] is True
    assert read_order(live_house).power == -3000
    assert live_house.state(hass, "dispatch_status") == "holding_at_target"
    status = await call_action(hass, "get_status", {})
    assert status["dispatch"]["status"] == "holding_at_target"
    response = await call_action(hass, "discharge", CHARGE | {"target_soc": 50})
    assert response["target_reached"] is False
    assert live_house.state(hass, "dispatch_status") == "discharging"


@pytest.mark.parametrize("action", ["charge", "discharge"])
async def test_order_clamped_to_no_power_raises_not_applied(
    hass: HomeAssistant, live_house: House, action: str
) -> None:
    set_behaviour(live_house, power_limit=0)
    with pytest.raises(HomeAssistantError) as caught:
        await call_action(hass, action, CHARGE)
    assert caught.value.translation_key == "not_applied_ignored"
    assert not read_order(live_house).start


@pytest.mark.parametrize(
    ("action", "limit", "codes"),
    [
        ("discharge", 70, ["feed_in_limit"]),
        ("discharge", 100, []),
        ("charge", 70, []),
    ],
)
async def test_discharge_with_a_feed_in_limit_warns(
    hass: HomeAssistant, live_house: House, action: str, limit: int, codes: list[str]
) -> None:
    await call_action(hass, "limit_feed_in", {"share": limit})
    response = await call_action(hass, action, CHARGE)
    assert [warning["code"] for warning in response["warnings"]] == codes
    assert all(f"{limit} %" in one["message"] for one in response["warnings"])
    assert read_order(live_house).start


async def test_refresh_of_an_inverter_that_is_away_raises_the_cause(
    hass: HomeAssistant, live_house: House
) -> None:
    await live_house.server.switch_off()
    live_house.inverter.switch_off()
    for _ in range(2):
        with pytest.raises(HomeAssistantError) as caught:
            await call_action(hass, "refresh", {})
        kind = live_house.coordinator.connection.error_kind
        assert caught.value.translation_key == f"lost_{kind}"


async def test_refresh_that_an_unload_ends_raises(
    hass: HomeAssistant, live_house: House
) -> None:
    set_behaviour(live_house, delay=0.2)
    refresh = asyncio.create_task(call_action(hass, "refresh", {}))
    await asyncio.sleep(0.3)
    await hass.config_entries.async_unload(live_house.entry.entry_id)
    with pytest.raises(HomeAssistantError) as caught:
        await refresh
    assert caught.value.translation_key == "lost_reset"
