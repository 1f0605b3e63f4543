"""Polling over a real Modbus port: what is asked, and what is said when nothing answers."""

from dataclasses import replace
from datetime import timedelta
import logging

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import STATE_OFF, STATE_ON, STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
import pytest

from custom_components.alphaess_live.alphaess.errors import ErrorKind
from custom_components.alphaess_live.feed import Message
from custom_components.alphaess_live.simulator.journal import Function
from custom_components.alphaess_live.simulator.models import MODELS

from .conftest import House, poll, set_up

MEASUREMENTS = (
    "battery_soc",
    "grid_power",
    "pv_power",
    "load_power",
    "inverter_work_mode",
)
ALWAYS_THERE = ("energy_total", "energy_today", "_modbus")
TOTALS = ("pv_energy_total", "grid_import_energy_total", "battery_charge_energy_total")


def heard(house: House) -> list[str]:
    """Collect the types of the messages that the feed tells from now on."""
    types: list[str] = []

    @callback
    def listen(message: Message) -> None:
        types.append(message.event.type)

    house.coordinator.feed.subscribe(listen)
    return types


async def lose(hass: HomeAssistant, house: House) -> None:
    """Cut the inverter's power, and let Home Assistant find out by itself."""
    await house.server.switch_off()
    house.inverter.switch_off()
    await poll(house)
    await hass.async_block_till_done()


async def bring_back(hass: HomeAssistant, house: House) -> None:
    """Give the inverter its power back, and ask once more."""
    house.inverter.switch_on()
    await house.server.switch_on()
    await poll(house)
    await hass.async_block_till_done()


@pytest.mark.parametrize("model", MODELS)
async def test_setting_up_costs_no_more_than_twenty_requests_and_writes_nothing(
    hass: HomeAssistant, house: House
) -> None:
    await set_up(hass, house)
    assert house.inverter.journal.reads <= 20
    assert house.inverter.journal.writes == 0


@pytest.mark.parametrize("model", MODELS)
async def test_an_idle_hour_writes_nothing_and_reads_no_more_than_six_at_a_time(
    live_house: House,
) -> None:
    for _ in range(20):
        live_house.inverter.journal.clear()
        await poll(live_house, full=True)
        assert live_house.inverter.journal.reads <= 6
    assert live_house.inverter.journal.writes == 0


async def test_between_snapshots_only_the_power_values_are_read(
    live_house: House,
) -> None:
    live_house.inverter.journal.clear()
    await poll(live_house)
    requests = live_house.inverter.journal.requests
    assert len(requests) <= 4
    assert sum(request.count for request in requests) < 70


async def test_entities_change_with_snapshots_and_the_feed_with_every_power_value(
    hass: HomeAssistant, live_house: House
) -> None:
    types = heard(live_house)
    before = live_house.state(hass, "load_power")
    live_house.inverter.advance(3600 * 5)
    await poll(live_house)
    assert types == ["power_update"]
    assert live_house.state(hass, "load_power") == before
    await poll(live_house, full=True)
    assert live_house.state(hass, "load_power") != before


async def test_an_inverter_that_goes_off_makes_measurements_unavailable_and_totals_stay(
    hass: HomeAssistant, live_house: House
) -> None:
    totals = {key: live_house.state(hass, key) for key in TOTALS}
    types = heard(live_house)
    await lose(hass, live_house)
    shown = {live_house.state(hass, key) for key in MEASUREMENTS}
    assert shown == {STATE_UNAVAILABLE}
    assert {key: live_house.state(hass, key) for key in TOTALS} == totals
    assert live_house.state(hass, "modbus") == STATE_OFF
    assert types == ["modbus_disconnected", "connection_status"]


async def test_every_enabled_entity_but_connectivity_events_and_totals_goes_with_the_inverter(
    hass: HomeAssistant, live_house: House
) -> None:
    await lose(hass, live_house)
    registry = er.async_get(hass)
    entry_id = live_house.entry.entry_id
    for entity in er.async_entries_for_config_entry(registry, entry_id):
        always = entity.domain == "event" or entity.unique_id.endswith(ALWAYS_THERE)
        if entity.disabled or always:
            continue
        state = hass.states.get(entity.entity_id)
        assert state, entity.entity_id
        assert state.state == STATE_UNAVAILABLE, entity.entity_id


async def test_an_inverter_that_comes_back_is_shown_afresh_before_anyone_is_told(
    hass: HomeAssistant, live_house: House
) -> None:
    await lose(hass, live_house)
    live_house.inverter.advance(3600 * 6)
    shown: list[str] = []

    @callback
    def look(message: Message) -> None:
        if message.event.type == "modbus_connected":
            shown.append(live_house.state(hass, "battery_soc"))

    live_house.coordinator.feed.subscribe(look)
    types = heard(live_house)
    await bring_back(hass, live_house)
    soc = live_house.inverter.words()[0x0102] / 10
    assert [float(value) for value in shown] == [soc]
    assert types == ["modbus_connected", "connection_status", "power_update"]
    assert live_house.state(hass, "modbus") == STATE_ON


async def test_an_outage_is_one_line_down_and_one_line_up(
    hass: HomeAssistant, live_house: House, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.clear()
    await lose(hass, live_house)
    for _ in range(3):
        await poll(live_house)
    await bring_back(hass, live_house)
    lines = [record for record in caplog.records if record.levelno >= logging.INFO]
    ours = [
        line for line in lines if "alphaess" in line.name or "pymodbus" in line.name
    ]
    assert [line.levelname for line in ours] == ["ERROR", "INFO"]
    assert not [line for line in lines if line.exc_info]


async def test_a_dropped_connection_is_told_at_once_and_looked_after_a_second_later(
    hass: HomeAssistant, live_house: House
) -> None:
    types = heard(live_house)
    await live_house.server.switch_off()
    while not types:
        await hass.async_block_till_done()
    assert types == ["modbus_disconnected", "connection_status"]
    assert live_house.coordinator.connection.error_kind is ErrorKind.RESET
    assert live_house.state(hass, "grid_power") == STATE_UNAVAILABLE


async def test_an_entry_loads_while_its_inverter_is_off_and_recovers_by_itself(
    hass: HomeAssistant, house: House
) -> None:
    await house.server.switch_off()
    await set_up(hass, house)
    assert house.state(hass, "modbus") == STATE_OFF
    assert house.state(hass, "battery_soc") == STATE_UNAVAILABLE
    assert house.coordinator.connection.error_kind is ErrorKind.REFUSED
    await house.server.switch_on()
    await poll(house)
    await hass.async_block_till_done()
    assert house.state(hass, "modbus") == STATE_ON
    assert house.state(hass, "battery_soc") != STATE_UNAVAILABLE


async def test_another_inverter_at_the_same_address_is_not_shown(
    hass: HomeAssistant, live_house: House
) -> None:
    await lose(hass, live_house)
    other = replace(live_house.inverter.model, serial="AL7019999999999")
    live_house.inverter.model = other
    await bring_back(hass, live_house)
    assert live_house.state(hass, "battery_soc") == STATE_UNAVAILABLE
    assert live_house.coordinator.connection.error_kind is ErrorKind.PROTOCOL


async def test_a_refused_block_takes_down_its_own_entities_alone(
    hass: HomeAssistant, live_house: House
) -> None:
    model = live_house.inverter.model
    served = tuple(span for span in model.served if 0x08D0 not in span)
    live_house.inverter.model = replace(model, served=served)
    registry = er.async_get(hass)
    total = live_house.entity_id(hass, "system_fault")
    registry.async_update_entity(total, disabled_by=None)
    await hass.config_entries.async_reload(live_house.entry.entry_id)
    await hass.async_block_till_done()
    assert live_house.state(hass, "system_fault") == STATE_UNAVAILABLE
    assert live_house.state(hass, "grid_power") != STATE_UNAVAILABLE
    assert live_house.state(hass, "modbus") == STATE_ON


async def test_a_watcher_is_served_faster_and_alone(live_house: House) -> None:
    coordinator = live_house.coordinator
    unwatch = coordinator.watch()
    await poll(live_house)
    assert coordinator.update_interval == timedelta(seconds=2)
    unwatch()
    await poll(live_house)
    assert coordinator.update_interval == timedelta(seconds=5)


@pytest.mark.parametrize(
    ("interval", "watched"),
    [(timedelta(seconds=2), True), (timedelta(seconds=5), False)],
)
async def test_a_lost_inverter_is_not_pestered_however_many_watch(
    hass: HomeAssistant, live_house: House, interval: timedelta, *, watched: bool
) -> None:
    unwatch = live_house.coordinator.watch() if watched else lambda: None
    await lose(hass, live_house)
    assert live_house.coordinator.update_interval == timedelta(seconds=5) >= interval
    unwatch()


async def test_unloading_leaves_no_client_behind(
    hass: HomeAssistant, live_house: House
) -> None:
    assert live_house.inverter.journal.reads
    await hass.config_entries.async_unload(live_house.entry.entry_id)
    assert live_house.entry.state is ConfigEntryState.NOT_LOADED
    reads = live_house.inverter.journal.reads
    await hass.async_block_till_done()
    assert live_house.inverter.journal.reads == reads


async def test_new_firmware_is_asked_for_what_the_old_one_refused(
    hass: HomeAssistant, house: House
) -> None:
    old = house.entry.data["identity"] | {"firmware": "0.9.1"}
    house.entry.add_to_hass(hass)
    hass.config_entries.async_update_entry(
        house.entry,
        data=house.entry.data | {"identity": old, "served": ["battery", "grid"]},
    )
    await hass.config_entries.async_setup(house.entry.entry_id)
    await hass.async_block_till_done()
    assert {"grid", "battery", "dispatch", "detail"} <= set(house.entry.data["served"])
    assert house.entry.data["identity"]["firmware"] == house.identity.firmware
    assert house.state(hass, "pv1_power") != STATE_UNAVAILABLE


async def test_lost_values_are_never_sent_as_zeros(
    hass: HomeAssistant, live_house: House
) -> None:
    values: list[str] = []

    @callback
    def note(event: object) -> None:
        new = event.data["new_state"]  # type: ignore[attr-defined]
        if new and new.entity_id == live_house.entity_id(
            hass, "grid_import_energy_total"
        ):
            values.append(new.state)

    hass.bus.async_listen("state_changed", note)
    for _ in range(3):
        await lose(hass, live_house)
        live_house.inverter.advance(600)
        await bring_back(hass, live_house)
    numbers = [float(value) for value in values if value != STATE_UNAVAILABLE]
    assert numbers == sorted(numbers)
    assert 0 not in numbers
    assert STATE_UNAVAILABLE not in values


async def test_the_journal_knows_reads_only(live_house: House) -> None:
    functions = {request.function for request in live_house.inverter.journal.requests}
    assert functions == {Function.READ}


async def test_the_one_connection_is_free_when_home_assistant_stops(
    hass: HomeAssistant, live_house: House
) -> None:
    await hass.async_stop()
    await live_house.server.free()
    assert live_house.server.serving
