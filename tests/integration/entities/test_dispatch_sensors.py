"""The sensors of the dispatch."""

from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util

from custom_components.alphaess_live.alphaess.dispatch import HoldBlock
from custom_components.alphaess_live.control.grid_target import hold_grid
from custom_components.alphaess_live.control.orders import hold, stop

from ..conftest import House, poll, set_up
from ..orders import PV_SWITCH_ADDRESS, charge, read_order, write_app_order
from ..service_calls import entity_state, find_entity_id


async def test_order_writes_the_states_of_its_sensors_only(
    hass: HomeAssistant, live_house: House
) -> None:
    before = dt_util.utcnow()
    await charge(live_house)
    written = {
        one.entity_id for one in hass.states.async_all() if before < one.last_reported
    }
    assert written == {
        find_entity_id(hass, live_house, "sensor", key)
        for key in ("dispatch_status", "dispatch_controlled_by", "dispatch_expires")
    }


async def test_dispatch_sensors_follow_an_order_at_once(
    hass: HomeAssistant, live_house: House
) -> None:
    assert entity_state(hass, live_house, "sensor", "dispatch_status") == "idle"
    assert entity_state(hass, live_house, "sensor", "dispatch_controlled_by") == "none"
    assert entity_state(hass, live_house, "sensor", "dispatch_expires") == STATE_UNKNOWN
    outcome = await charge(live_house)
    assert (
        entity_state(hass, live_house, "sensor", "dispatch_status")
        == "holding_at_target"
    )
    assert (
        entity_state(hass, live_house, "sensor", "dispatch_controlled_by")
        == "alphaess_live"
    )
    expires = entity_state(hass, live_house, "sensor", "dispatch_expires")
    assert outcome.expires_at
    assert dt_util.parse_datetime(expires) == outcome.expires_at.replace(microsecond=0)


async def test_status_of_a_grid_target_has_its_power_and_end(
    hass: HomeAssistant, live_house: House
) -> None:
    outcome = await hold_grid(live_house.controller, power=-700, duration=3600)
    state = hass.states.get(
        find_entity_id(hass, live_house, "sensor", "dispatch_status")
    )
    assert state
    assert state.state == "holding_grid"
    assert state.attributes["grid_power"] == -700
    assert state.attributes["expires_at"] == outcome.expires_at
    await stop(live_house.controller)
    state = hass.states.get(state.entity_id)
    assert state
    assert state.attributes["grid_power"] is None


async def test_expiry_of_a_foreign_dispatch_is_unknown(
    hass: HomeAssistant, live_house: House
) -> None:
    write_app_order(live_house)
    await poll(live_house, full=True)
    assert entity_state(hass, live_house, "sensor", "dispatch_controlled_by") == "other"
    assert entity_state(hass, live_house, "sensor", "dispatch_expires") == STATE_UNKNOWN


async def test_remaining_time_when_enabled_is_shown(
    hass: HomeAssistant, house: House, entity_registry: er.EntityRegistry
) -> None:
    await set_up(hass, house)
    sensor = find_entity_id(hass, house, "sensor", "dispatch_remaining")
    assert entity_registry.entities[sensor].disabled_by
    entity_registry.async_update_entity(sensor, disabled_by=None)
    await hass.config_entries.async_reload(house.entry.entry_id)
    await charge(house)
    assert (
        3590 <= float(entity_state(hass, house, "sensor", "dispatch_remaining")) <= 3600
    )


async def test_dispatch_entities_while_disconnected_are_unavailable(
    hass: HomeAssistant, live_house: House
) -> None:
    await live_house.server.switch_off()
    await poll(live_house)
    for domain, key in (
        ("sensor", "dispatch_status"),
        ("button", "dispatch_charge"),
        ("number", "dispatch_power"),
    ):
        assert entity_state(hass, live_house, domain, key) == STATE_UNAVAILABLE


async def test_hold_has_no_power_and_the_attribute_block(
    hass: HomeAssistant, live_house: House
) -> None:
    await hold(live_house.controller, duration=600, block=HoldBlock.DISCHARGE)
    state = hass.states.get(live_house.entity_id(hass, "dispatch_status"))
    assert state
    assert state.state == "holding"
    assert state.attributes["power"] == 0
    assert state.attributes["block"] == "discharge"


async def test_status_has_the_pv_switch_of_a_dispatch_as_it_reads_back(
    hass: HomeAssistant, live_house: House
) -> None:
    entity_id = live_house.entity_id(hass, "dispatch_status")

    def pv() -> str | None:
        state = hass.states.get(entity_id)
        assert state
        found: str | None = state.attributes["pv"]
        return found

    await charge(live_house, pv=False)
    assert pv() == "off"
    live_house.inverter.write_as_app(PV_SWITCH_ADDRESS, 1)
    await poll(live_house, full=True)
    assert pv() == "on"
    await stop(live_house.controller)
    assert pv() is None


async def test_idle_dispatch_has_no_power_and_no_target(live_house: House) -> None:
    await charge(live_house, power=2000)
    await stop(live_house.controller)
    assert read_order(live_house).power == -2000
    status = live_house.controller.dispatch
    assert status
    content = status.to_dict()
    assert content["active"] is False
    names = ("power", "target_soc", "duration", "block", "grid_target")
    assert {content[name] for name in names} == {None}
