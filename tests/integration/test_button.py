"""Buttons: an order with the setpoints of the numbers, and the inverter's clock."""

from datetime import timedelta
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError, ServiceValidationError
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
import pytest

from custom_components.alphaess_live.simulator.behaviour import Reply

from .conftest import House, set_behaviour
from .orders import dispatch_status, read_order, write_app_order
from .repair_flows import find_issue, read_clock
from .service_calls import (
    call_action,
    entity_state,
    find_entity_id,
    press_button,
    set_number,
)


async def test_press_uses_the_setpoints_of_the_numbers(
    hass: HomeAssistant, live_house: House
) -> None:
    await press_button(hass, live_house, "dispatch_charge")
    order = read_order(live_house)
    assert (order.power, order.target_soc, order.duration) == (-3000, 100, 3600)
    await set_number(hass, live_house, "dispatch_power", 1500)
    await set_number(hass, live_house, "dispatch_duration", 10)
    await set_number(hass, live_house, "dispatch_discharge_target", 30)
    await press_button(hass, live_house, "dispatch_discharge")
    order = read_order(live_house)
    assert (order.power, order.target_soc, order.duration) == (1500, 30, 600)
    await press_button(hass, live_house, "dispatch_hold")
    assert dispatch_status(live_house) == ("holding", "alphaess_live")
    await press_button(hass, live_house, "dispatch_stop")
    assert dispatch_status(live_house) == ("idle", "none")


@pytest.mark.parametrize(
    ("limit", "press", "warning"),
    [
        (70, "dispatch_discharge", "feed_in_limit"),
        (100, "dispatch_discharge", None),
        (70, "dispatch_charge", None),
    ],
)
async def test_discharge_with_a_feed_in_limit_shows_the_warning_in_its_status(
    hass: HomeAssistant,
    live_house: House,
    *,
    limit: int,
    press: str,
    warning: str | None,
) -> None:
    await call_action(hass, "limit_feed_in", {"share": limit})
    await press_button(hass, live_house, press)
    status = find_entity_id(hass, live_house, "sensor", "dispatch_status")
    state = hass.states.get(status)
    assert state
    assert state.attributes["warning"] == warning
    await press_button(hass, live_house, "dispatch_stop")
    state = hass.states.get(status)
    assert state
    assert state.attributes["warning"] is None


async def test_press_not_applied_raises_its_error(
    hass: HomeAssistant, live_house: House
) -> None:
    set_behaviour(live_house, ignores_writes=True)
    with pytest.raises(HomeAssistantError) as caught:
        await press_button(hass, live_house, "dispatch_charge")
    assert caught.value.translation_key == "not_applied_ignored"
    assert entity_state(hass, live_house, "sensor", "dispatch_status") == "idle"


async def test_press_during_foreign_dispatch_is_rejected(
    hass: HomeAssistant, live_house: House
) -> None:
    write_app_order(live_house)
    with pytest.raises(ServiceValidationError) as caught:
        await press_button(hass, live_house, "dispatch_stop")
    assert caught.value.translation_key == "foreign_dispatch"


@pytest.mark.parametrize("options", [{"message_spacing": 0, "controls": False}])
async def test_controls_off_adds_no_control_entities(
    hass: HomeAssistant, live_house: House, entity_registry: er.EntityRegistry
) -> None:
    entities = er.async_entries_for_config_entry(
        entity_registry, live_house.entry.entry_id
    )
    clickable = {"button", "number", "select"}
    assert not clickable & {one.domain for one in entities}
    assert entity_state(hass, live_house, "sensor", "dispatch_status") == "idle"


async def test_set_clock_button_sets_it_and_deletes_the_issue(
    hass: HomeAssistant, enabled_house: House
) -> None:
    await read_clock(hass, enabled_house, hours_ahead=2)
    assert find_issue(hass, enabled_house, "clock")
    await press_button(hass, enabled_house, "set_clock")
    await hass.async_block_till_done()
    assert find_issue(hass, enabled_house, "clock") is None
    clock = dt_util.parse_datetime(
        entity_state(hass, enabled_house, "sensor", "system_time")
    )
    assert clock
    assert abs(clock - dt_util.utcnow()) < timedelta(seconds=30)


@pytest.mark.parametrize(
    ("behaviour", "key"),
    [
        ({"block_write": Reply.REFUSED}, "refused"),
        ({"ignores_writes": True}, "not_applied_ignored"),
        ({"drops_link_after_write": True}, "order_unknown"),
    ],
)
async def test_set_clock_button_not_applied_raises_its_error(
    hass: HomeAssistant, enabled_house: House, behaviour: dict[str, Any], key: str
) -> None:
    await read_clock(hass, enabled_house, hours_ahead=2)
    set_behaviour(enabled_house, **behaviour)
    with pytest.raises(HomeAssistantError) as caught:
        await press_button(hass, enabled_house, "set_clock")
    assert caught.value.translation_key == key
