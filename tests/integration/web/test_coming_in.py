"""What happens while a client says who it is, and when it says so again."""

from typing import Any

from aiohttp import WSMsgType
from homeassistant.auth.models import Group
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.alphaess_live.web import clients, session
from custom_components.alphaess_live.web.clients import CLIENTS

from ..conftest import House
from .conftest import Clients, Sockets
from .ws_client import PATH, publish_power, receive, receive_close_code, receive_initial


async def test_a_ping_is_answered_before_one_has_said_who_one_is(
    home: House, hass_client_no_auth: Clients
) -> None:
    client = await hass_client_no_auth()
    ws = await client.ws_connect(PATH, autoping=False)
    await receive(ws)
    await ws.ping(b"there?")
    answer = await ws.receive(timeout=5)
    assert (answer.type, answer.data) == (WSMsgType.PONG, b"there?")
    await ws.close()
    assert not home.coordinator.has_live_clients


async def test_who_answered_a_ping_while_logging_in_is_not_let_go(
    hass: HomeAssistant,
    home: House,
    hass_client_no_auth: Clients,
    hass_access_token: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(session, "AUTH_TIMEOUT_SECONDS", 1e6)
    client = await hass_client_no_auth()
    ws = await client.ws_connect(PATH, autoping=False)
    await receive(ws)
    async_fire_time_changed(hass, dt_util.utcnow() + clients.PING_INTERVAL)
    assert (await ws.receive(timeout=5)).type is WSMsgType.PING
    await ws.pong()
    await ws.send_json({"type": "auth", "token": hass_access_token})
    assert (await receive(ws))["type"] == "auth_ok"
    await receive_initial(ws)
    async_fire_time_changed(hass, dt_util.utcnow() + 2 * clients.PING_INTERVAL)
    assert (await ws.receive(timeout=5)).type is WSMsgType.PING
    assert home.coordinator.has_live_clients
    await ws.close()


async def test_who_goes_on_as_somebody_who_may_not_read_is_shown_out(
    hass: HomeAssistant, home: House, sockets: Sockets, hass_admin_user: Any
) -> None:
    assert hass_admin_user.is_admin
    ws = await sockets()
    await receive_initial(ws)
    user = await hass.auth.async_create_user("limited", group_ids=[])
    user.groups = [Group(name="limited", policy={})]
    user.invalidate_cache()
    refresh = await hass.auth.async_create_refresh_token(user, "https://example.com/")
    token = hass.auth.async_create_access_token(refresh)
    await ws.send_json({"type": "auth", "token": token})
    assert (await receive(ws))["type"] == "auth_ok"
    publish_power(home, grid=4711)
    assert (await receive(ws))["code"] == "read_not_permitted"
    assert await receive_close_code(ws) == 4404


async def test_an_address_is_forgotten_with_its_last_stranger(
    hass: HomeAssistant, home: House, hass_client_no_auth: Clients
) -> None:
    client = await hass_client_no_auth()
    ws = await client.ws_connect(PATH)
    await receive(ws)
    assert sum(hass.data[CLIENTS].unauthenticated.values()) == 1
    await ws.close()
    await hass.async_block_till_done()
    assert not hass.data[CLIENTS].unauthenticated
    assert not home.coordinator.has_live_clients


async def test_who_comes_in_while_the_inverter_is_set_up_is_asked_to_come_again(
    hass: HomeAssistant,
    home: House,
    hass_client_no_auth: Clients,
    hass_access_token: str,
) -> None:
    client = await hass_client_no_auth()
    ws = await client.ws_connect(PATH)
    await receive(ws)
    await hass.config_entries.async_unload(home.entry.entry_id)
    await ws.send_json({"type": "auth", "token": hass_access_token})
    assert (await receive(ws))["type"] == "auth_ok"
    assert (await receive(ws))["code"] == "not_loaded"
    assert await receive_close_code(ws) == 1001
