"""Sessions of the live feed: authentication, commands, and limits."""

from http import HTTPStatus
from typing import Any

from aiohttp import WSMsgType, WSServerHandshakeError
from homeassistant.components.http.ban import (
    KEY_FAILED_LOGIN_ATTEMPTS,
    KEY_LOGIN_THRESHOLD,
)
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.alphaess_live.web import clients, session

from ..conftest import House
from .conftest import Clients, Sockets, create_token
from .ws_client import (
    PATH,
    authenticate,
    publish_power,
    receive,
    receive_close_code,
    receive_initial,
)


async def test_token_in_the_first_message_is_accepted(
    home: House, hass_client_no_auth: Clients, hass_access_token: str
) -> None:
    client = await hass_client_no_auth()
    ws = await client.ws_connect(PATH)
    assert (await receive(ws))["type"] == "auth_required"
    publish_power(home, grid=1)
    await authenticate(ws, hass_access_token)
    await receive_initial(ws)
    await ws.close()


@pytest.mark.usefixtures("home")
async def test_invalid_token_is_refused_and_counts_for_the_ban(
    hass: HomeAssistant, hass_client_no_auth: Clients
) -> None:
    hass.http.app[KEY_LOGIN_THRESHOLD] = 10
    client = await hass_client_no_auth()
    ws = await client.ws_connect(PATH)
    await receive(ws)
    await ws.send_json({"type": "auth", "token": "nonsense"})
    refusal = await receive(ws)
    assert refusal["type"] == "auth_invalid"
    assert refusal["message"]
    assert await receive_close_code(ws) == 4401
    attempts = hass.http.app[KEY_FAILED_LOGIN_ATTEMPTS]
    assert sum(attempts.values()) == 1
    with pytest.raises(WSServerHandshakeError) as refused:
        await client.ws_connect(PATH, headers={"Authorization": "Bearer nonsense"})
    assert refused.value.status == HTTPStatus.UNAUTHORIZED
    assert sum(attempts.values()) == 2


@pytest.mark.usefixtures("home")
@pytest.mark.parametrize(
    "first",
    ['{"type":"ping"}', "{", '{"type":"auth"}', "[]", '{"type":"auth","token":1}'],
)
async def test_first_message_that_is_not_auth_closes(
    hass_client_no_auth: Clients, first: str
) -> None:
    client = await hass_client_no_auth()
    ws = await client.ws_connect(PATH)
    await receive(ws)
    await ws.send_str(first)
    assert (await receive(ws))["type"] == "auth_invalid"
    assert await receive_close_code(ws) == 4401


@pytest.mark.usefixtures("home")
async def test_authentication_has_a_timeout_of_ten_seconds(
    hass_client_no_auth: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert session.AUTH_TIMEOUT_SECONDS == 10
    monkeypatch.setattr(session, "AUTH_TIMEOUT_SECONDS", 0.05)
    client = await hass_client_no_auth()
    ws = await client.ws_connect(PATH)
    await receive(ws)
    assert (await receive(ws))["type"] == "auth_invalid"
    assert await receive_close_code(ws) == 4401


async def test_revoked_token_closes(
    hass: HomeAssistant, sockets: Sockets, hass_access_token: str
) -> None:
    ws = await sockets()
    await receive_initial(ws)
    token = hass.auth.async_validate_access_token(hass_access_token)
    assert token
    hass.auth.async_remove_refresh_token(token)
    assert await receive_close_code(ws) == 4401


async def test_second_auth_replaces_the_token(
    hass: HomeAssistant, sockets: Sockets, hass_admin_user: Any, hass_access_token: str
) -> None:
    ws = await sockets()
    await receive_initial(ws)
    other = await hass.auth.async_create_refresh_token(
        hass_admin_user, "https://example.com/"
    )
    token = hass.auth.async_create_access_token(other)
    await authenticate(ws, token)
    first = hass.auth.async_validate_access_token(hass_access_token)
    assert first
    hass.auth.async_remove_refresh_token(first)
    await ws.send_json({"type": "ping"})
    assert (await receive(ws))["type"] == "pong"
    hass.auth.async_remove_refresh_token(other)
    assert await receive_close_code(ws) == 4401


async def test_user_without_read_permission_gets_no_values(
    hass: HomeAssistant,
    home: House,
    hass_client: Clients,
    hass_client_no_auth: Clients,
) -> None:
    token = await create_token(hass, {})
    client = await hass_client(token)
    with pytest.raises(WSServerHandshakeError) as refused:
        await client.ws_connect(PATH)
    assert refused.value.status == HTTPStatus.FORBIDDEN
    unauthenticated = await hass_client_no_auth()
    ws = await unauthenticated.ws_connect(PATH)
    await receive(ws)
    await authenticate(ws, token)
    assert (await receive(ws))["code"] == "read_not_permitted"
    assert await receive_close_code(ws) == 4404
    assert not home.coordinator.has_live_clients


async def test_ping_before_authentication_is_answered(
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


async def test_pong_before_authentication_keeps_the_connection(
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
    await authenticate(ws, hass_access_token)
    await receive_initial(ws)
    async_fire_time_changed(hass, dt_util.utcnow() + 2 * clients.PING_INTERVAL)
    assert (await ws.receive(timeout=5)).type is WSMsgType.PING
    assert home.coordinator.has_live_clients
    await ws.close()


async def test_change_to_a_user_without_permission_closes(
    hass: HomeAssistant, home: House, sockets: Sockets, hass_admin_user: Any
) -> None:
    assert hass_admin_user.is_admin
    ws = await sockets()
    await receive_initial(ws)
    token = await create_token(hass, {})
    await authenticate(ws, token)
    publish_power(home, grid=4711)
    assert (await receive(ws))["code"] == "read_not_permitted"
    assert await receive_close_code(ws) == 4404


async def test_authentication_during_a_load_is_accepted(
    hass: HomeAssistant,
    home: House,
    hass_client_no_auth: Clients,
    hass_access_token: str,
) -> None:
    client = await hass_client_no_auth()
    ws = await client.ws_connect(PATH)
    await receive(ws)
    await hass.config_entries.async_unload(home.entry.entry_id)
    await authenticate(ws, hass_access_token)
    assert (await receive(ws))["connected"] is False
    await hass.config_entries.async_setup(home.entry.entry_id)
    assert (await receive(ws))["connected"] is True
    assert (await receive(ws))["type"] == "modbus_connected"
    await ws.close()


async def test_change_of_user_during_a_load_requires_permission(
    hass: HomeAssistant, home: House, sockets: Sockets
) -> None:
    await hass.config_entries.async_unload(home.entry.entry_id)
    ws = await sockets()
    await receive(ws)
    await authenticate(ws, await create_token(hass, {}))
    assert (await receive(ws))["code"] == "read_not_permitted"
    assert await receive_close_code(ws) == 4404


async def test_each_request_is_answered(sockets: Sockets) -> None:
    ws = await sockets()
    await receive_initial(ws)
    for question, answer in (
        ("request_status", "connection_status"),
        ("request_power_data", "power_update"),
        ("ping", "pong"),
    ):
        await ws.send_json({"type": question})
        assert (await receive(ws))["type"] == answer
    await ws.send_json({"type": "ping", "id": "x"})
    assert (await receive(ws))["id"] == "x"


async def test_more_than_twenty_errors_in_ten_seconds_close(sockets: Sockets) -> None:
    ws = await sockets()
    await receive_initial(ws)
    for _ in range(20):
        await ws.send_str("?")
        assert (await receive(ws))["type"] == "error"
    await ws.send_str("?")
    assert await receive_close_code(ws) == 1008


async def test_errors_outside_the_window_do_not_count(
    sockets: Sockets, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "ERROR_WINDOW_SECONDS", 0.0)
    ws = await sockets()
    await receive_initial(ws)
    for _ in range(30):
        await ws.send_str("?")
        assert (await receive(ws))["type"] == "error"


async def test_many_messages_are_read_slowly_and_all_answered(
    sockets: Sockets, home: House
) -> None:
    flooding, calm = await sockets(), await sockets()
    await receive_initial(flooding)
    await receive_initial(calm)
    for n in range(80):
        await flooding.send_json({"type": "ping", "id": n})
    publish_power(home, grid=42)
    assert (await receive(calm))["data"]["grid"]["power"] == 42
    answers = [await receive(flooding) for _ in range(81)]
    pongs = [answer["id"] for answer in answers if answer["type"] == "pong"]
    assert pongs == list(range(80))
