"""The event entity of the connection."""

from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import Event, HomeAssistant
from pytest_homeassistant_custom_component.common import async_capture_events

from custom_components.alphaess_live.monitor.bus_events import EVENT_TYPE

from .conftest import House, bring_back, lose

KEY = "modbus_connection"


def capture_events(hass: HomeAssistant) -> list[Event]:
    """Collect the events that are fired from now on."""
    return async_capture_events(hass, EVENT_TYPE)


async def test_event_entity_equals_the_bus_and_is_never_unavailable(
    hass: HomeAssistant, live_house: House
) -> None:
    events = capture_events(hass)
    entity_id = live_house.entity_id(hass, KEY)
    for change in (lose, bring_back):
        await change(hass, live_house)
        state = hass.states.get(entity_id)
        assert state
        assert state.state not in (STATE_UNAVAILABLE, STATE_UNKNOWN)
        data = dict(events[-1].data)
        del data["device_id"], data["serial"]
        assert state.attributes["event_type"] == data.pop("type")
        assert data.items() <= dict(state.attributes).items()


async def test_event_entity_has_a_name_and_its_types(
    hass: HomeAssistant, live_house: House
) -> None:
    entity_id = live_house.entity_id(hass, KEY)
    assert entity_id == "event.alphaess_modbus_connection"
    state = hass.states.get(entity_id)
    assert state
    assert state.attributes["event_types"] == [
        "modbus_connected",
        "modbus_disconnected",
    ]
