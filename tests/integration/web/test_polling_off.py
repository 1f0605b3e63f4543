"""An inverter whose polling its user has switched off: nothing old is shown as live."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from http import HTTPStatus

from homeassistant.const import STATE_OFF, STATE_ON, STATE_UNAVAILABLE
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.setup import async_setup_component
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import (
    MockConfigEntry,
    async_fire_time_changed,
)
from pytest_homeassistant_custom_component.typing import WebSocketGenerator

from custom_components.alphaess_live import system_health
from custom_components.alphaess_live.alphaess.snapshot import Snapshot
from custom_components.alphaess_live.feed.publisher import STATUS_UPDATE_INTERVAL
from custom_components.alphaess_live.monitor.issues import CONNECTION_LOST

from ..conftest import House, poll, record_event_types
from ..repair_flows import find_issue
from ..service_calls import CHARGE, call_action
from .conftest import Client, Sockets, lose
from .rest_client import CHARGE_PATH, ORDER
from .test_openapi import check
from .ws_client import receive, receive_initial, receive_type

STATUS_PATH = "/api/alphaess/complete-status"

type Switch = Callable[[], Awaitable[None]]


async def wait(hass: HomeAssistant, seconds: float) -> None:
    """Let some time pass for all timers."""
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=seconds))
    await hass.async_block_till_done(wait_background_tasks=True)


@pytest.fixture(autouse=True)
async def config_api(hass: HomeAssistant) -> None:
    """Set up Home Assistant's form of an entry, before the server starts."""
    for component in ("config", "websocket_api"):
        assert await async_setup_component(hass, component, {})


@pytest.fixture
def switch_off(
    hass: HomeAssistant, home: House, hass_ws_client: WebSocketGenerator
) -> Switch:
    """Return a function that switches polling off, as the form of Home Assistant does: it reloads the entry."""

    async def switch() -> None:
        ws = await hass_ws_client(hass)
        await ws.send_json_auto_id(
            {
                "type": "config_entries/update",
                "entry_id": home.entry.entry_id,
                "pref_disable_polling": True,
            }
        )
        assert (await ws.receive_json())["success"]
        await hass.async_block_till_done()

    return switch


@pytest.fixture
async def unpolled(hass: HomeAssistant, home: House, switch_off: Switch) -> House:
    """Switch polling off, and wait until the first reading is old."""
    await switch_off()
    await wait(hass, 31)
    home.inverter.journal.clear()
    return home


async def test_reading_of_a_reload_without_polling_is_live_for_half_a_minute(
    hass: HomeAssistant, home: House, switch_off: Switch
) -> None:
    await switch_off()
    await wait(hass, 20)
    assert home.state(hass, "modbus") == STATE_ON
    assert home.state(hass, "battery_power") != STATE_UNAVAILABLE
    await wait(hass, 31)
    assert home.state(hass, "battery_power") == STATE_UNAVAILABLE
    modbus = hass.states.get(home.entity_id(hass, "modbus"))
    assert modbus
    assert (modbus.state, modbus.attributes["error_kind"]) == (STATE_OFF, "polling_off")


async def test_setting_that_was_changed_without_a_reload_ends_polling(
    hass: HomeAssistant, home: House
) -> None:
    hass.config_entries.async_update_entry(home.entry, pref_disable_polling=True)
    await poll(home)
    await wait(hass, 31)
    assert home.coordinator.connection.error_kind == "polling_off"
    home.inverter.journal.clear()
    await wait(hass, 100)
    assert not home.inverter.journal.requests


async def test_rest_without_polling_answers_with_the_cause(
    hass: HomeAssistant, client: Client, unpolled: House
) -> None:
    answer = await client.get(STATUS_PATH)
    body = await answer.json()
    assert answer.status == HTTPStatus.SERVICE_UNAVAILABLE
    check(STATUS_PATH, "get", status=answer.status, body=body)
    assert body["error"] == "modbus_disconnected"
    assert body["connectionStatus"]["errorKind"] == "polling_off"
    assert "Polling" in body["message"]
    health = await (await client.get("/api/health")).json()
    assert (health["status"], health["modbus"]["connected"]) == ("degraded", False)
    collector = await (await client.get("/api/alphaess/collector-status")).json()
    assert (collector["running"], collector["connected"]) == (False, False)
    figures = await system_health.system_health_info(hass)
    assert figures["polling_off"] == 1
    assert figures["inverters_connected"] == "0 / 1"
    assert not unpolled.inverter.journal.requests


async def test_feed_without_polling_reports_that_and_reads_nothing(
    hass: HomeAssistant, unpolled: House, sockets: Sockets
) -> None:
    ws = await sockets()
    status = await receive(ws)
    assert (status["type"], status["connected"]) == ("connection_status", False)
    assert status["connectionStatus"]["errorKind"] == "polling_off"
    await ws.send_json({"type": "request_power_data"})
    assert (await receive(ws))["type"] == "connection_status"
    await wait(hass, STATUS_UPDATE_INTERVAL.total_seconds() + 1)
    assert (await receive(ws))["connectionStatus"]["errorKind"] == "polling_off"
    assert not unpolled.inverter.journal.requests


async def test_feed_without_polling_ends_after_a_requested_reading(
    hass: HomeAssistant, unpolled: House, sockets: Sockets
) -> None:
    reconnects = unpolled.coordinator.connection.reconnects
    ws = await sockets()
    await receive(ws)
    await ws.send_json({"type": "refresh"})
    assert (await receive_type(ws, "modbus_connected"))["outageSeconds"] is not None
    assert (await receive_type(ws, "power_update"))["data"]["battery"]
    assert unpolled.state(hass, "modbus") == STATE_ON
    await wait(hass, 31)
    # The answer to the request comes after the reading's own message.
    assert (await receive_type(ws, "power_update"))["data"]["battery"]
    lost = await receive_type(ws, "modbus_disconnected")
    assert lost["errorKind"] == "polling_off"
    # An inverter that is read on request has no unstable connection.
    assert unpolled.coordinator.connection.reconnects == reconnects


async def test_client_that_connects_after_a_reading_does_not_extend_it(
    hass: HomeAssistant, unpolled: House, sockets: Sockets
) -> None:
    await call_action(hass, "refresh", {})
    requests = len(unpolled.inverter.journal.requests)
    await receive_initial(await sockets())
    await wait(hass, 31)
    assert not unpolled.coordinator.connection.connected
    assert len(unpolled.inverter.journal.requests) == requests


async def test_order_without_polling_needs_a_reading_first(
    hass: HomeAssistant, client: Client, unpolled: House
) -> None:
    with pytest.raises(HomeAssistantError) as refused:
        await call_action(hass, "charge", CHARGE)
    assert refused.value.translation_key == "unanswered_polling_off"
    answer = await client.post(CHARGE_PATH, json=ORDER)
    assert answer.status == HTTPStatus.SERVICE_UNAVAILABLE
    assert not unpolled.inverter.journal.writes
    await call_action(hass, "refresh", {})
    await call_action(hass, "charge", CHARGE)
    assert unpolled.inverter.journal.writes


async def test_connection_lost_without_polling_is_not_restored(
    hass: HomeAssistant, home: House, switch_off: Switch
) -> None:
    await switch_off()
    await home.server.switch_off()
    async with asyncio.timeout(20):
        while home.coordinator.connection.connected:
            await asyncio.sleep(0.01)
    assert home.coordinator.connection.error_kind == "reset"
    await home.server.switch_on()
    home.inverter.journal.clear()
    await wait(hass, 31)
    assert home.coordinator.connection.error_kind == "polling_off"
    assert not home.inverter.journal.requests
    assert find_issue(hass, home, CONNECTION_LOST) is None


async def test_inverter_that_is_off_has_that_cause_for_half_a_minute(
    hass: HomeAssistant, unpolled: House
) -> None:
    await lose(hass, unpolled)
    assert unpolled.coordinator.connection.error_kind == "reset"
    await wait(hass, 31)
    assert unpolled.coordinator.connection.error_kind == "polling_off"


async def test_polling_that_is_switched_on_again_connects(
    hass: HomeAssistant, unpolled: House
) -> None:
    entry: MockConfigEntry = unpolled.entry
    hass.config_entries.async_update_entry(entry, pref_disable_polling=False)
    await hass.config_entries.async_reload(entry.entry_id)
    await wait(hass, 31)
    assert unpolled.state(hass, "modbus") == STATE_ON


async def test_reading_in_progress_decides_whether_the_connection_is_lost(
    hass: HomeAssistant,
    home: House,
    switch_off: Switch,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await switch_off()
    types = record_event_types(home)
    release, read = asyncio.Event(), home.coordinator.inverter.read

    async def read_slowly(**options: bool) -> Snapshot:
        await release.wait()
        return await read(**options)

    monkeypatch.setattr(home.coordinator.inverter, "read", read_slowly)
    reading = asyncio.create_task(home.coordinator.refresh_all())
    await asyncio.sleep(0)
    async_fire_time_changed(hass, dt_util.utcnow() + timedelta(seconds=31))
    await asyncio.sleep(0.05)
    release.set()
    await reading
    assert home.coordinator.connection.connected
    assert "modbus_disconnected" not in types
    await wait(hass, 31)
    assert home.coordinator.connection.error_kind == "polling_off"
