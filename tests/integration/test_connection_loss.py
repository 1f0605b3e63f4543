"""Lost and restored connections: entity states, feed messages and log lines."""

import asyncio
from dataclasses import replace
from datetime import timedelta
import logging

from homeassistant.const import STATE_OFF, STATE_ON, STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant, callback
from homeassistant.helpers import entity_registry as er
import pytest

from custom_components.alphaess_live.alphaess.errors import ErrorKind
from custom_components.alphaess_live.feed.messages import Message

from .conftest import (
    House,
    bring_back,
    lose,
    poll,
    record_event_types,
    set_behaviour,
    set_up,
)

MEASUREMENTS = (
    "battery_soc",
    "grid_power",
    "pv_power",
    "load_power",
    "inverter_work_mode",
)
ALWAYS_THERE = ("energy_total", "energy_today", "_modbus")
TOTALS = ("pv_energy_total", "grid_import_energy_total", "battery_charge_energy_total")


async def test_inverter_off_makes_measurements_unavailable_and_keeps_totals(
    hass: HomeAssistant, live_house: House
) -> None:
    totals = {key: live_house.state(hass, key) for key in TOTALS}
    types = record_event_types(live_house)
    await lose(hass, live_house)
    shown = {live_house.state(hass, key) for key in MEASUREMENTS}
    assert shown == {STATE_UNAVAILABLE}
    assert {key: live_house.state(hass, key) for key in TOTALS} == totals
    assert live_house.state(hass, "modbus") == STATE_OFF
    assert types == ["modbus_disconnected", "connection_status"]


async def test_inverter_off_makes_all_but_permanent_entities_unavailable(
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


async def test_returning_inverter_updates_entities_before_feed_clients(
    hass: HomeAssistant, live_house: House
) -> None:
    await lose(hass, live_house)
    live_house.inverter.advance(3600 * 6)
    shown: list[str] = []

    @callback
    def record_state(message: Message) -> None:
        if message.event.type == "modbus_connected":
            shown.append(live_house.state(hass, "battery_soc"))

    live_house.coordinator.feed.subscribe(record_state)
    types = record_event_types(live_house)
    await bring_back(hass, live_house)
    soc = live_house.inverter.words()[0x0102] / 10
    assert [float(value) for value in shown] == [soc]
    assert types == ["modbus_connected", "connection_status", "power_update"]
    assert live_house.state(hass, "modbus") == STATE_ON


@pytest.mark.parametrize("drops", [False, True])
async def test_outage_logs_one_line_down_and_one_line_up(
    hass: HomeAssistant,
    live_house: House,
    caplog: pytest.LogCaptureFixture,
    *,
    drops: bool,
) -> None:
    caplog.clear()
    if drops:
        await live_house.server.switch_off()  # The link reports it, before a poll does.
        while live_house.coordinator.connection.connected:
            await asyncio.sleep(0)
    await lose(hass, live_house)
    for _ in range(3):
        await poll(live_house)
    await bring_back(hass, live_house)
    lines = [record for record in caplog.records if record.levelno >= logging.INFO]
    ours = [
        line for line in lines if "alphaess" in line.name or "pymodbus" in line.name
    ]
    assert [line.levelname for line in ours] == ["INFO", "INFO"]
    assert not [line for line in lines if line.exc_info]


async def test_lost_connection_is_published_at_once(
    hass: HomeAssistant, live_house: House
) -> None:
    types = record_event_types(live_house)
    await live_house.server.switch_off()
    while not types:
        await hass.async_block_till_done()
    assert types == ["modbus_disconnected", "connection_status"]
    assert live_house.coordinator.connection.error_kind is ErrorKind.RESET
    assert live_house.state(hass, "grid_power") == STATE_UNAVAILABLE


async def test_entry_loads_while_its_inverter_is_off_and_recovers(
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


async def test_inverter_with_an_exchanged_ems_board_is_the_same(
    hass: HomeAssistant, live_house: House
) -> None:
    await lose(hass, live_house)
    live_house.inverter.model = replace(
        live_house.inverter.model, serial="AL7011025000777"
    )
    await bring_back(hass, live_house)
    assert live_house.state(hass, "battery_soc") != STATE_UNAVAILABLE
    assert live_house.entry.unique_id == live_house.identity.serial
    assert live_house.coordinator.identity.serial == live_house.identity.serial
    own = live_house.inverter.model.inverter_serial
    assert live_house.entry.data["serials"] == ["AL7011025000777", own]
    await hass.config_entries.async_reload(live_house.entry.entry_id)
    await hass.async_block_till_done()
    # Later the other board is exchanged, too: the new serial number identifies it.
    await lose(hass, live_house)
    live_house.inverter.model = replace(
        live_house.inverter.model, inverter_serial="SIM10000HYB00000777"
    )
    await bring_back(hass, live_house)
    assert live_house.state(hass, "battery_soc") != STATE_UNAVAILABLE


async def test_another_inverter_on_a_live_link_is_not_shown(
    hass: HomeAssistant, live_house: House
) -> None:
    live_house.inverter.model = replace(
        live_house.inverter.model,
        serial="AL7019999999999",
        inverter_serial="SIM99999HYB00000009",
    )
    live_house.coordinator.inverter.expire_slow_blocks()
    await poll(live_house, full=True)
    await hass.async_block_till_done()
    assert live_house.state(hass, "battery_soc") == STATE_UNAVAILABLE
    assert live_house.coordinator.connection.error_kind is ErrorKind.PROTOCOL


async def test_all_registers_zero_on_a_live_link_are_no_other_inverter(
    hass: HomeAssistant, live_house: House
) -> None:
    data = dict(live_house.entry.data)
    zeros = dict.fromkeys(range(0x1100), 0)
    set_behaviour(live_house, word_overrides=zeros)
    live_house.coordinator.inverter.expire_slow_blocks()
    await poll(live_house, full=True)
    await hass.async_block_till_done()
    assert live_house.coordinator.connection.connected
    assert live_house.coordinator.data
    system = live_house.coordinator.data.system
    assert system
    assert system.serial == live_house.identity.serial
    assert live_house.entry.data == data


async def test_another_inverter_at_the_same_address_is_not_shown(
    hass: HomeAssistant, live_house: House
) -> None:
    await lose(hass, live_house)
    live_house.inverter.model = replace(
        live_house.inverter.model,
        serial="AL7019999999999",
        inverter_serial="SIM99999HYB00000009",
    )
    await bring_back(hass, live_house)
    assert live_house.state(hass, "battery_soc") == STATE_UNAVAILABLE
    assert live_house.coordinator.connection.error_kind is ErrorKind.PROTOCOL


@pytest.mark.parametrize(
    ("interval", "watched"),
    [(timedelta(seconds=2), True), (timedelta(seconds=5), False)],
)
async def test_lost_inverter_is_polled_every_five_seconds_for_any_clients(
    hass: HomeAssistant, live_house: House, interval: timedelta, *, watched: bool
) -> None:
    unwatch = live_house.coordinator.request_live() if watched else lambda: None
    await lose(hass, live_house)
    assert live_house.coordinator.update_interval == timedelta(seconds=5) >= interval
    unwatch()


async def test_lost_values_are_never_recorded_as_zero(
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
