"""Who is let in to the live feed, and who is not."""

from datetime import timedelta
from http import HTTPStatus
from typing import Any

from aiohttp import WSServerHandshakeError
from homeassistant.auth.models import Group
from homeassistant.components.http.auth import async_sign_path
from homeassistant.components.http.ban import (
    KEY_FAILED_LOGIN_ATTEMPTS,
    KEY_LOGIN_THRESHOLD,
)
from homeassistant.core import HomeAssistant
import pytest

from custom_components.alphaess_live.web import (
    clients,
    session,
)

from ..conftest import House
from .conftest import Client, Clients, Sockets
from .ws_client import PATH, publish_power, receive, receive_close_code, receive_initial


async def test_a_token_in_the_first_message_opens(
    home: House, hass_client_no_auth: Clients, hass_access_token: str
) -> None:
    client = await hass_client_no_auth()
    ws = await client.ws_connect(PATH)
    assert (await receive(ws))["type"] == "auth_required"
    publish_power(home, grid=1)
    await ws.send_json({"type": "auth", "token": hass_access_token})
    assert (await receive(ws))["type"] == "auth_ok"
    await receive_initial(ws)
    await ws.close()


async def test_a_signed_path_opens(
    hass: HomeAssistant, home: House, hass_client_no_auth: Clients
) -> None:
    client = await hass_client_no_auth()
    path = f"{PATH}?serial={home.identity.serial}&since=5"
    signed = async_sign_path(hass, path, timedelta(minutes=1))
    ws = await client.ws_connect(signed)
    await receive_initial(ws)
    await ws.close()
    with pytest.raises(WSServerHandshakeError) as refused:
        await client.ws_connect(signed.replace("since=5", "since=6"))
    assert refused.value.status == HTTPStatus.UNAUTHORIZED


@pytest.mark.usefixtures("home")
async def test_a_wrong_token_is_refused_and_counts_for_the_ban(
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
async def test_whoever_does_not_log_in_first_is_shown_out(
    hass_client_no_auth: Clients, first: str
) -> None:
    client = await hass_client_no_auth()
    ws = await client.ws_connect(PATH)
    await receive(ws)
    await ws.send_str(first)
    assert (await receive(ws))["type"] == "auth_invalid"
    assert await receive_close_code(ws) == 4401


@pytest.mark.usefixtures("home")
async def test_a_stranger_has_ten_seconds(
    hass_client_no_auth: Clients, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert session.AUTH_TIMEOUT_SECONDS == 10
    monkeypatch.setattr(session, "AUTH_TIMEOUT_SECONDS", 0.05)
    client = await hass_client_no_auth()
    ws = await client.ws_connect(PATH)
    await receive(ws)
    assert (await receive(ws))["type"] == "auth_invalid"
    assert await receive_close_code(ws) == 4401


async def test_revoking_the_token_closes(
    hass: HomeAssistant, sockets: Sockets, hass_access_token: str
) -> None:
    ws = await sockets()
    await receive_initial(ws)
    token = hass.auth.async_validate_access_token(hass_access_token)
    assert token
    hass.auth.async_remove_refresh_token(token)
    assert await receive_close_code(ws) == 4401


async def test_logging_in_again_takes_the_new_token(
    hass: HomeAssistant, sockets: Sockets, hass_admin_user: Any, hass_access_token: str
) -> None:
    ws = await sockets()
    await receive_initial(ws)
    other = await hass.auth.async_create_refresh_token(
        hass_admin_user, "https://example.com/"
    )
    token = hass.auth.async_create_access_token(other)
    await ws.send_json({"type": "auth", "token": token})
    assert (await receive(ws))["type"] == "auth_ok"
    first = hass.auth.async_validate_access_token(hass_access_token)
    assert first
    hass.auth.async_remove_refresh_token(first)
    await ws.send_json({"type": "ping"})
    assert (await receive(ws))["type"] == "pong"
    hass.auth.async_remove_refresh_token(other)
    assert await receive_close_code(ws) == 4401


async def test_who_may_not_read_the_entities_hears_nothing(
    hass: HomeAssistant,
    home: House,
    hass_client: Clients,
    hass_client_no_auth: Clients,
) -> None:
    user = await hass.auth.async_create_user("limited", group_ids=[])
    user.groups = [Group(name="limited", policy={})]
    user.invalidate_cache()
    refresh = await hass.auth.async_create_refresh_token(user, "https://example.com/")
    token = hass.auth.async_create_access_token(refresh)
    client = await hass_client(token)
    with pytest.raises(WSServerHandshakeError) as refused:
        await client.ws_connect(PATH)
    assert refused.value.status == HTTPStatus.FORBIDDEN
    stranger = await hass_client_no_auth()
    ws = await stranger.ws_connect(PATH)
    await receive(ws)
    await ws.send_json({"type": "auth", "token": token})
    assert (await receive(ws))["type"] == "auth_ok"
    assert (await receive(ws))["code"] == "read_not_permitted"
    assert await receive_close_code(ws) == 4404
    assert not home.coordinator.has_live_clients


async def test_what_makes_no_sense_is_refused_before_there_is_a_connection(
    client: Client,
) -> None:
    for query, status in (
        ("?serial=nobody", HTTPStatus.NOT_FOUND),
        ("?since=yesterday", HTTPStatus.BAD_REQUEST),
        ("?since=-1", HTTPStatus.BAD_REQUEST),
        ("?since=99999999999999999999", HTTPStatus.BAD_REQUEST),
    ):
        with pytest.raises(WSServerHandshakeError) as refused:
            await client.ws_connect(PATH + query)
        assert refused.value.status == status
    answer = await client.get(PATH)
    assert answer.status == HTTPStatus.UPGRADE_REQUIRED
    assert (await answer.json())["error"] == "invalid_request"


async def test_there_is_room_for_so_many_and_no_more(
    sockets: Sockets, client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clients, "MAX_CLIENTS", 1)
    await receive_initial(await sockets())
    with pytest.raises(WSServerHandshakeError) as refused:
        await client.ws_connect(PATH)
    assert refused.value.status == HTTPStatus.SERVICE_UNAVAILABLE


@pytest.mark.usefixtures("home")
async def test_strangers_do_not_fill_the_room(
    hass_client_no_auth: Clients,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(clients, "MAX_UNAUTHENTICATED_PER_ADDRESS", 1)
    client = await hass_client_no_auth()
    ws = await client.ws_connect(PATH)
    await receive(ws)
    with pytest.raises(WSServerHandshakeError):
        await client.ws_connect(PATH)
    await ws.close()
