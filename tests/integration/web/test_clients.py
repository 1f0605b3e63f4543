"""The registry of feed clients: limits, heartbeat, and closing."""

import asyncio
from http import HTTPStatus
from typing import Any

from aiohttp import ClientWebSocketResponse, WSServerHandshakeError, web
from homeassistant.config_entries import ConfigEntryDisabler, ConfigEntryState
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.alphaess_live.feed.publisher import STATUS_UPDATE_INTERVAL
from custom_components.alphaess_live.web import clients, places
from custom_components.alphaess_live.web.clients import CLIENTS

from ..conftest import House, set_up
from .conftest import Client, Clients, Sockets
from .ws_client import (
    PATH,
    NonReadingClient,
    block_client,
    publish_power,
    receive,
    receive_close_code,
    receive_initial,
    receive_type,
)


async def serials(ws: ClientWebSocketResponse, count: int) -> set[str]:
    """Receive some messages and return the serial numbers in them."""
    return {(await receive(ws))["serial"] for _ in range(count)}


async def test_stop_of_home_assistant_closes_a_hundred_clients(
    hass: HomeAssistant, sockets: Sockets, home: House
) -> None:
    opened = [await sockets() for _ in range(100)]
    for ws in opened:
        await receive_initial(ws)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    assert {await receive_close_code(ws) for ws in opened} == {1001}
    assert not hass.data[CLIENTS].clients
    assert not home.coordinator.has_live_clients


@pytest.mark.parametrize("action", ["reload", "unload", "remove"])
async def test_reload_unload_and_removal_close_with_1001(
    hass: HomeAssistant, sockets: Sockets, home: House, action: str
) -> None:
    ws = await sockets()
    await receive_initial(ws)
    act = getattr(hass.config_entries, f"async_{action}")
    ending = asyncio.ensure_future(receive_close_code(ws))
    await act(home.entry.entry_id)
    assert await ending == 1001
    if action == "reload":
        await receive_initial(await sockets())


async def test_stop_of_home_assistant_closes_unauthenticated_clients(
    hass: HomeAssistant, home: House, hass_client_no_auth: Clients
) -> None:
    client = await hass_client_no_auth()
    ws = await client.ws_connect(PATH)
    await receive(ws)
    ending = asyncio.ensure_future(receive_close_code(ws))
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    assert await ending == 1001
    assert not home.coordinator.has_live_clients


async def test_client_that_does_not_read_does_not_delay_the_stop(
    hass: HomeAssistant, home: House, non_reading_client: NonReadingClient
) -> None:
    await non_reading_client.connect()
    await block_client(home)
    non_reading_client.send({"type": "request_status"})
    await asyncio.sleep(0.1)
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    async with asyncio.timeout(3):
        while hass.data[CLIENTS].clients:
            await asyncio.sleep(0.05)


async def test_client_that_connects_while_home_assistant_stops_is_refused(
    hass: HomeAssistant, sockets: Sockets, monkeypatch: pytest.MonkeyPatch
) -> None:
    prepare = web.WebSocketResponse.prepare

    async def prepare_at_stop(ws: web.WebSocketResponse, request: Any) -> Any:
        writer = await prepare(ws, request)
        hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
        return writer

    # The stop begins during the handshake, before the client is among the others.
    monkeypatch.setattr(web.WebSocketResponse, "prepare", prepare_at_stop)
    ws = await sockets()
    assert (await receive(ws))["code"] == "stopping"
    assert await receive_close_code(ws) == 1001
    with pytest.raises(WSServerHandshakeError) as refused:
        await sockets()
    assert refused.value.status == HTTPStatus.SERVICE_UNAVAILABLE
    async with asyncio.timeout(3):
        while hass.data[CLIENTS].clients:
            await asyncio.sleep(0.05)


async def test_connection_above_the_limit_of_clients_is_503(
    sockets: Sockets, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "MAX_CLIENTS", 1)
    monkeypatch.setattr(places, "GUARANTEED_CLIENTS", 0)
    await receive_initial(await sockets())
    with pytest.raises(WSServerHandshakeError) as refused:
        await client.ws_connect(PATH)
    assert refused.value.status == HTTPStatus.SERVICE_UNAVAILABLE
    assert refused.value.headers
    assert refused.value.headers["Retry-After"] == "5"


async def test_place_of_an_unauthenticated_client_ends_with_it(
    hass: HomeAssistant, home: House, hass_client_no_auth: Clients
) -> None:
    client = await hass_client_no_auth()
    ws = await client.ws_connect(PATH)
    await receive(ws)
    assert len(hass.data[CLIENTS].places.unauthenticated["127.0.0.1"]) == 1
    await ws.close()
    await hass.async_block_till_done()
    assert not hass.data[CLIENTS].places.unauthenticated
    assert not home.coordinator.has_live_clients


async def test_client_that_misses_a_ping_is_dropped(
    hass: HomeAssistant, non_reading_client: NonReadingClient, sockets: Sockets
) -> None:
    awake = await sockets()
    await receive_initial(awake)
    await non_reading_client.connect()
    for rounds in (1, 2):
        async_fire_time_changed(hass, dt_util.utcnow() + rounds * clients.PING_INTERVAL)
        # The client reads while it waits for this answer, and so answers the ping.
        await awake.send_json({"type": "ping"})
        await receive(awake)
    while len(hass.data[CLIENTS].clients) > 1:
        await asyncio.sleep(0)
    assert (9, b"") in await non_reading_client.read_frames()


async def test_later_inverter_is_followed_by_clients_of_all(
    hass: HomeAssistant, home: House, sockets: Sockets, other_house: House
) -> None:
    mine, theirs = home.identity.serial, other_house.identity.serial
    everything, only_mine = await sockets(), await sockets(f"?serial={mine}")
    await receive_initial(everything)
    await receive_initial(only_mine)
    await set_up(hass, other_house)
    assert await serials(everything, 3) == {theirs}
    publish_power(other_house, grid=1)
    publish_power(home, grid=2)
    assert await serials(everything, 2) == {mine, theirs}
    assert (await receive(only_mine))["data"]["grid"]["power"] == 2
    # Numbers belong to one inverter, so with several of them they identify nothing.
    both = await sockets(f"?since={other_house.coordinator.feed.seq - 1}")
    assert await serials(both, 6) == {mine, theirs}
    await both.send_json({"type": "request_status"})
    assert await serials(both, 2) == {mine, theirs}
    await hass.config_entries.async_unload(other_house.entry.entry_id)
    assert await receive_close_code(everything) == 1001
    while len(hass.data[CLIENTS].clients) > 1:
        await asyncio.sleep(0)
    publish_power(home, grid=3)
    assert (await receive(only_mine))["data"]["grid"]["power"] == 3


async def test_later_inverter_is_no_inverter_of_a_client_of_another(
    hass: HomeAssistant, home: House, sockets: Sockets, other_house: House
) -> None:
    ws = await sockets(f"?serial={home.identity.serial}")
    await receive_initial(ws)
    await set_up(hass, other_house)
    publish_power(home, grid=2)
    assert (await receive(ws))["data"]["grid"]["power"] == 2


@pytest.mark.parametrize("query", ["", "?serial={serial}"])
async def test_client_that_connects_during_a_load_gets_the_connection(
    hass: HomeAssistant, home: House, sockets: Sockets, query: str
) -> None:
    await receive_initial(before := await sockets())
    await hass.config_entries.async_unload(home.entry.entry_id)
    assert await receive_close_code(before) == 1001
    ws = await sockets(query.format(serial=home.identity.serial))
    status = await receive(ws)
    assert (status["type"], status["connected"]) == ("connection_status", False)
    assert status["serial"] == home.identity.serial
    assert status["connectionStatus"]["errorMessage"]
    for command in ("request_status", "request_power_data", "refresh"):
        await ws.send_json({"type": command})
        assert (await receive(ws))["connected"] is False
    await hass.config_entries.async_setup(home.entry.entry_id)
    messages = [await receive(ws) for _ in range(4)]
    assert [one["type"] for one in messages] == [
        "connection_status",
        "modbus_connected",
        "connection_status",
        "power_update",
    ]
    assert messages[0]["connected"] is True
    assert messages[1]["outageSeconds"] is None
    numbers = [one["seq"] for one in (status, *messages)]
    assert numbers == sorted(numbers)
    publish_power(home, grid=5)
    assert (await receive(ws))["data"]["grid"]["power"] == 5


async def test_client_of_a_load_without_inverter_is_notified_when_it_answers(
    hass: HomeAssistant, home: House, sockets: Sockets
) -> None:
    await hass.config_entries.async_unload(home.entry.entry_id)
    await home.server.switch_off()
    ws = await sockets()
    assert (await receive(ws))["connected"] is False
    await hass.config_entries.async_setup(home.entry.entry_id)
    status = await receive(ws)
    assert status["connectionStatus"]["errorKind"] == "refused"
    await home.server.switch_on()
    await home.coordinator.async_refresh()
    back = await receive_type(ws, "modbus_connected")
    assert back["outageSeconds"] >= 0


async def test_state_of_a_load_is_sent_every_thirty_seconds(
    hass: HomeAssistant, home: House, sockets: Sockets
) -> None:
    await hass.config_entries.async_unload(home.entry.entry_id)
    ws = await sockets()
    first = await receive(ws)
    async_fire_time_changed(hass, dt_util.utcnow() + STATUS_UPDATE_INTERVAL)
    again = await receive(ws)
    assert (again["type"], again["seq"]) == ("connection_status", first["seq"])
    assert again["connectionStatus"]["since"] == first["connectionStatus"]["since"]


@pytest.mark.parametrize("action", ["remove", "disable"])
async def test_client_of_an_inverter_that_never_loads_is_closed_with_it(
    hass: HomeAssistant, home: House, sockets: Sockets, action: str
) -> None:
    entry_id = home.entry.entry_id
    newer = home.entry.data | {"transport": "telepathy"}
    hass.config_entries.async_update_entry(home.entry, data=newer)
    await hass.config_entries.async_reload(entry_id)
    assert home.entry.state is ConfigEntryState.SETUP_ERROR
    ws = await sockets()
    await receive(ws)
    if action == "remove":
        await hass.config_entries.async_remove(entry_id)
    else:
        disabled = ConfigEntryDisabler.USER
        await hass.config_entries.async_set_disabled_by(entry_id, disabled)
    assert await receive_close_code(ws) == 1001
