"""What automations hear when an inverter is lost and comes back."""

from datetime import UTC, datetime, timedelta

from freezegun import freeze_time
from homeassistant.const import STATE_UNAVAILABLE, STATE_UNKNOWN
from homeassistant.core import Event, HomeAssistant, callback
from homeassistant.helpers import device_registry as dr, entity_registry as er
import pytest
from pytest_homeassistant_custom_component.common import async_capture_events

from custom_components.alphaess_live.alphaess.errors import ErrorKind
from custom_components.alphaess_live.alphaess.snapshot import Power
from custom_components.alphaess_live.feed.connection_state import Connection
from custom_components.alphaess_live.feed.feed import Feed
from custom_components.alphaess_live.feed.publisher import FeedPublisher
from custom_components.alphaess_live.monitor.bus_events import EVENT_TYPE

from .conftest import House, bring_back, lose, poll, set_up

KEY = "modbus_connection"


def heard(hass: HomeAssistant) -> list[Event]:
    """Collect what is fired on the bus from now on."""
    return async_capture_events(hass, EVENT_TYPE)


async def test_a_plain_start_is_no_news(hass: HomeAssistant, house: House) -> None:
    events = heard(hass)
    await set_up(hass, house)
    await poll(house, full=True)
    assert house.state(hass, KEY) == STATE_UNKNOWN
    assert events == []


async def test_loss_and_return_are_fired_with_what_an_automation_needs(
    hass: HomeAssistant, live_house: House
) -> None:
    events = heard(hass)
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


async def test_the_event_entity_tells_the_same_and_is_never_unavailable(
    hass: HomeAssistant, live_house: House
) -> None:
    events = heard(hass)
    entity_id = live_house.entity_id(hass, KEY)
    for change in (lose, bring_back):
        await change(hass, live_house)
        state = hass.states.get(entity_id)
        assert state
        assert state.state not in (STATE_UNAVAILABLE, STATE_UNKNOWN)
        told = dict(events[-1].data)
        del told["device_id"], told["serial"]
        assert state.attributes["event_type"] == told.pop("type")
        assert told.items() <= dict(state.attributes).items()


async def test_the_event_entity_reads_well(
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


async def test_who_hears_of_it_finds_the_entities_up_to_date(
    hass: HomeAssistant, live_house: House
) -> None:
    seen: list[tuple[str, str, str]] = []

    @callback
    def look(event: Event) -> None:
        keys = ("modbus", "battery_soc")
        seen.append(
            (event.data["type"], *(live_house.state(hass, key) for key in keys))
        )

    hass.bus.async_listen(EVENT_TYPE, look)
    await lose(hass, live_house)
    live_house.inverter.advance(3600 * 6)
    await bring_back(hass, live_house)
    soc = str(live_house.inverter.words()[0x0102] / 10)
    assert seen == [
        ("modbus_disconnected", "off", STATE_UNAVAILABLE),
        ("modbus_connected", "on", soc),
    ]


async def test_an_outage_that_began_before_the_start_ends_with_news(
    hass: HomeAssistant, house: House
) -> None:
    events = heard(hass)
    await house.server.switch_off()
    await set_up(hass, house)
    assert events == []
    await bring_back(hass, house)
    [back] = events
    assert back.data["type"] == "modbus_connected"
    assert back.data["error_kind"] == "refused"


async def test_automations_hear_of_it_though_the_entity_is_disabled(
    hass: HomeAssistant, live_house: House
) -> None:
    registry = er.async_get(hass)
    registry.async_update_entity(
        live_house.entity_id(hass, KEY), disabled_by=er.RegistryEntryDisabler.USER
    )
    await hass.config_entries.async_reload(live_house.entry.entry_id)
    await hass.async_block_till_done()
    events = heard(hass)
    await lose(hass, live_house)
    assert [event.data["type"] for event in events] == ["modbus_disconnected"]


async def test_an_unloaded_inverter_tells_nothing(
    hass: HomeAssistant, live_house: House
) -> None:
    events = heard(hass)
    await hass.config_entries.async_unload(live_house.entry.entry_id)
    await live_house.server.switch_off()
    await hass.async_block_till_done()
    assert events == []


NOON = datetime(2025, 6, 15, 12, tzinfo=UTC)


def test_a_link_that_flaps_is_counted_and_each_outage_measured() -> None:
    connection = Connection.unknown(NOON).succeeded(NOON)
    assert (connection.reconnects, connection.last_outage) == (0, None)
    for n in range(1, 6):
        at = NOON + timedelta(minutes=n)
        lost = connection.failed(at, kind=ErrorKind.RESET, message="reset by peer")
        worse = lost.failed(
            at + timedelta(seconds=5), kind=ErrorKind.REFUSED, message="refused"
        )
        assert worse.since == at
        connection = worse.succeeded(at + timedelta(seconds=n))
        assert connection.reconnects == n
        assert connection.last_outage == timedelta(seconds=n)
        assert connection.error_kind is None
        assert connection.last_error_kind is ErrorKind.REFUSED
        assert connection.last_error_message == "refused"


def test_a_clock_that_is_set_back_makes_no_outage_shorter_than_none() -> None:
    lost = Connection.unknown(NOON).failed(NOON, kind=ErrorKind.RESET, message="")
    before = NOON - timedelta(hours=1)
    assert lost.outage(before) == timedelta()
    assert lost.succeeded(before).last_outage == timedelta()


def test_after_a_clock_was_set_back_the_feed_goes_on() -> None:
    told: list[str] = []
    power, pause = Power(soc=50, battery=0, pv=0, grid=0), timedelta(seconds=2)
    with freeze_time(NOON, real_asyncio=True):
        reporter = FeedPublisher(Feed("AL"))
    reporter.feed.subscribe(lambda message: told.append(message.event.type))
    for at in (NOON, NOON, NOON - timedelta(hours=1)):
        with freeze_time(at, real_asyncio=True):
            reporter.on_success(power, poll_interval=pause)
            reporter.flush()
    assert told == 2 * ["connection_status", "power_update"]


@pytest.mark.parametrize("kind", ErrorKind)
def test_an_inverter_that_was_off_at_the_start_was_away_but_did_not_reconnect(
    kind: ErrorKind,
) -> None:
    lost = Connection.unknown(NOON).failed(NOON, kind=kind, message="")
    there = lost.succeeded(NOON + timedelta(minutes=3))
    assert there.last_outage == timedelta(minutes=3)
    assert there.reconnects == 0
