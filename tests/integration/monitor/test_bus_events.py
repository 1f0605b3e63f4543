"""The events on Home Assistant's bus for automations."""

from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er
from pytest_homeassistant_custom_component.common import async_capture_events

from custom_components.alphaess_live.monitor.bus_events import EVENT_TYPE

from ..conftest import House, bring_back, lose, poll, set_up

KEY = "modbus_connection"


def capture_events(hass: HomeAssistant) -> list[Event]:
    """Collect the events that are fired from now on."""
    return async_capture_events(hass, EVENT_TYPE)


async def test_start_fires_no_event(hass: HomeAssistant, house: House) -> None:
    events = capture_events(hass)
    await set_up(hass, house)
    await poll(house, full=True)
    assert house.state(hass, KEY) == STATE_UNKNOWN
    assert events == []


async def test_loss_and_return_are_fired_with_cause_and_duration(
    hass: HomeAssistant, live_house: House
) -> None:
    events = capture_events(hass)
    await lose(hass, live_house)
    await bring_back(hass, live_house)
    lost, back = (event.data for event in events)
    registry = dr.async_get(hass)
    [device] = dr.async_entries_for_config_entry(registry, live_house.entry.entry_id)
    about = {"device_id": device.id, "serial": live_house.identity.serial}
    assert lost == about | {
        "type": "modbus_disconnected",
        "outage_seconds": None,
        "error_kind": lost["error_kind"],
        "error_message": lost["error_message"],
    }
    assert lost["error_kind"] in {"refused", "reset"}
    assert lost["error_message"]
    assert back == about | {
        "type": "modbus_connected",
        "outage_seconds": back["outage_seconds"],
        "error_kind": live_house.coordinator.connection.last_error_kind,
        "error_message": live_house.coordinator.connection.last_error_message,
    }
    assert back["outage_seconds"] >= 0
    assert back["error_kind"]


async def test_listener_finds_the_entities_up_to_date(
    hass: HomeAssistant, live_house: House
) -> None:
    seen: list[tuple[str, str, str]] = []

    @callback
    def on_event(event: Event) -> None:
        keys = ("modbus", "battery_soc")
        seen.append(
            (event.data["type"], *(live_house.state(hass, key) for key in keys))
        )

    hass.bus.async_listen(EVENT_TYPE, on_event)
    await lose(hass, live_house)
    live_house.inverter.advance(3600 * 6)
    await bring_back(hass, live_house)
    soc = str(live_house.inverter.words()[0x0102] / 10)
    assert seen == [
        ("modbus_disconnected", "off", STATE_UNAVAILABLE),
        ("modbus_connected", "on", soc),
    ]


async def test_end_of_an_outage_since_the_start_is_fired(
    hass: HomeAssistant, house: House
) -> None:
    events = capture_events(hass)
    await house.server.switch_off()
    await set_up(hass, house)
    assert events == []
    await bring_back(hass, house)
    [back] = events
    assert back.data["type"] == "modbus_connected"
    assert back.data["error_kind"] == "refused"


async def test_events_are_fired_without_the_entity(
    hass: HomeAssistant, live_house: House
) -> None:
    registry = er.async_get(hass)
    registry.async_update_entity(
        live_house.entity_id(hass, KEY), disabled_by=er.RegistryEntryDisabler.USER
    )
    await hass.config_entries.async_reload(live_house.entry.entry_id)
    await hass.async_block_till_done()
    events = capture_events(hass)
    await lose(hass, live_house)
    assert [event.data["type"] for event in events] == ["modbus_disconnected"]


async def test_unloaded_inverter_fires_no_event(
    hass: HomeAssistant, live_house: House
) -> None:
    events = capture_events(hass)
    await hass.config_entries.async_unload(live_house.entry.entry_id)
    await live_house.server.switch_off()
    await hass.async_block_till_done()
    assert events == []
