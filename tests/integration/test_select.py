"""The select of the dispatch."""

from homeassistant.const import STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from custom_components.alphaess_live.control.grid_target import hold_grid

from .conftest import House, poll, set_up
from .service_calls import entity_state, find_entity_id


async def test_dispatch_select_shows_and_orders_each_option(
    hass: HomeAssistant, house: House, entity_registry: er.EntityRegistry
) -> None:
    await set_up(hass, house)
    select = find_entity_id(hass, house, "select", "dispatch")
    entity_registry.async_update_entity(select, disabled_by=None)
    await hass.config_entries.async_reload(house.entry.entry_id)
    assert entity_state(hass, house, "select", "dispatch") == "stop"
    for option in ("charge", "discharge", "hold", "stop"):
        data = {"entity_id": select, "option": option}
        await hass.services.async_call("select", "select_option", data, blocking=True)
        assert entity_state(hass, house, "select", "dispatch") == option
    house.inverter.write_as_app(0x0880, 1, 0, 32000, 0, 32000, 8, 0, 0, 600)
    await poll(house, full=True)
    assert entity_state(hass, house, "select", "dispatch") == STATE_UNKNOWN


async def test_dispatch_select_during_a_grid_target_is_unknown(
    hass: HomeAssistant, enabled_house: House
) -> None:
    await hold_grid(enabled_house.controller, power=0, duration=600)
    assert entity_state(hass, enabled_house, "select", "dispatch") == STATE_UNKNOWN
