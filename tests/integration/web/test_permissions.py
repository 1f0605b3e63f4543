"""Users without permission: they learn no serial number, and lose the feed with the permission."""

from http import HTTPStatus
from typing import Any

from aiohttp import WSServerHandshakeError
from homeassistant.auth.const import GROUP_ID_READ_ONLY, GROUP_ID_USER
from homeassistant.auth.models import User
from homeassistant.components.http import auth_util
from homeassistant.components.http.ban import (
    KEY_FAILED_LOGIN_ATTEMPTS,
    KEY_LOGIN_THRESHOLD,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.alphaess_live.web import clients

from ..conftest import House, set_up
from .conftest import Client, Clients, create_token
from .rest_client import ALL_PATHS, body_of
from .ws_client import PATH, authenticate, receive, receive_close_code, receive_initial

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
UNKNOWN = "AL7011025000042"


def volatile(body: Any) -> Any:
    """Remove the time from an answer."""
    if isinstance(body, dict):
        return {k: v for k, v in body.items() if k not in ("timestamp", "uptime")}
    return body


@pytest.mark.parametrize("several", [False, True])
async def test_user_without_permission_learns_no_serial_number(
    hass: HomeAssistant,
    home: House,
    other_house: House,
    hass_client: Clients,
    *,
    several: bool,
) -> None:
    if several:
        await set_up(hass, other_house)
    known = home.identity.serial
    client = await hass_client(await create_token(hass, {}))
    for _, path in (*ALL_PATHS, (None, PATH)):
        for method in METHODS:
            answers = []
            for query in ("", f"?serial={known}", f"?serial={UNKNOWN}"):
                answer = await client.request(
                    method, path + query, json=body_of(method, path)
                )
                text = await answer.text()
                for serial in (known, other_house.identity.serial):
                    assert serial not in text
                    assert serial not in str(answer.headers)
                is_json = answer.content_type == "application/json"
                body = volatile(await answer.json()) if is_json else text
                answers.append((answer.status, body))
            assert answers[1] == answers[2], path
    assert not home.inverter.journal.writes


async def test_feed_of_a_user_without_permission_names_no_inverter(
    hass: HomeAssistant,
    home: House,
    hass_client: Clients,
    hass_client_no_auth: Clients,
) -> None:
    token = await create_token(hass, {})
    client, unknown = await hass_client(token), await hass_client_no_auth()
    statuses, messages = [], []
    for serial in (home.identity.serial, UNKNOWN):
        path = f"{PATH}?serial={serial}"
        with pytest.raises(WSServerHandshakeError) as refused:
            await client.ws_connect(path)
        statuses.append(refused.value.status)
        ws = await unknown.ws_connect(path)
        await receive(ws)
        await authenticate(ws, token)
        messages.append(volatile(await receive(ws)))
        assert await receive_close_code(ws) == 4404
    assert statuses == [HTTPStatus.NOT_FOUND] * 2
    assert messages[0] == messages[1]
    assert messages[0]["code"] == "unknown_inverter"


@pytest.fixture
async def reader(hass: HomeAssistant) -> User:
    """Create a user who may read everything, after the first one, who is the owner."""
    await hass.auth.async_create_user("owner")
    return await hass.auth.async_create_user("reader", group_ids=[GROUP_ID_READ_ONLY])


@pytest.fixture
async def reading_client(
    hass: HomeAssistant, home: House, reader: User, hass_client: Clients
) -> Client:
    """Return an HTTP client of this user."""
    assert home.coordinator.connection.connected
    refresh = await hass.auth.async_create_refresh_token(reader, "https://example.com/")
    return await hass_client(hass.auth.async_create_access_token(refresh))


@pytest.mark.parametrize("query", ["", "?serial=AL7011025000001"])
async def test_feed_is_closed_when_the_permission_is_taken_away(
    hass: HomeAssistant,
    home: House,
    reader: User,
    reading_client: Client,
    query: str,
) -> None:
    ws = await reading_client.ws_connect(PATH + query)
    await receive_initial(ws)
    await hass.auth.async_update_user(reader, group_ids=[GROUP_ID_USER])
    await ws.send_json({"type": "ping"})
    assert (await receive(ws))["type"] == "pong"  # That group may read, too.
    await hass.auth.async_update_user(reader, group_ids=[])
    assert (await receive(ws))["code"] == "read_not_permitted"
    assert await receive_close_code(ws) == 4404
    assert not home.coordinator.has_live_clients


async def test_feed_is_closed_when_its_user_is_deactivated(
    hass: HomeAssistant, reader: User, reading_client: Client
) -> None:
    ws = await reading_client.ws_connect(PATH)
    await receive_initial(ws)
    await hass.auth.async_update_user(reader, is_active=False)
    assert await receive_close_code(ws) == 4401


async def test_feed_of_a_remote_client_is_closed_when_its_user_becomes_local(
    hass: HomeAssistant,
    reader: User,
    reading_client: Client,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    ws = await reading_client.ws_connect(PATH)
    await receive_initial(ws)
    await hass.auth.async_update_user(reader, local_only=True)
    await ws.send_json({"type": "ping"})
    assert (await receive(ws))["type"] == "pong"
    monkeypatch.setattr(auth_util, "is_local", lambda _: False)
    await hass.auth.async_update_user(reader, local_only=True)
    assert await receive_close_code(ws) == 4401


async def test_feed_is_closed_when_an_entity_gets_out_of_the_permission(
    hass: HomeAssistant, home: House, hass_client: Clients
) -> None:
    registry = er.async_get(hass)
    entity_ids = er.async_entries_for_config_entry(registry, home.entry.entry_id)
    policy = {"entities": {"entity_ids": {one.entity_id: True for one in entity_ids}}}
    client = await hass_client(await create_token(hass, policy))
    ws = await client.ws_connect(PATH)
    await receive_initial(ws)
    renamed = home.entity_id(hass, "battery_soc")
    registry.async_update_entity(renamed, new_entity_id="sensor.secret")
    async_fire_time_changed(hass, dt_util.utcnow() + clients.PING_INTERVAL)
    assert (await receive(ws))["code"] == "read_not_permitted"
    assert await receive_close_code(ws) == 4404


def by_header(token: str) -> dict[str, Any]:
    return {"headers": {"Authorization": f"Bearer {token}"}}


@pytest.mark.parametrize("way", ["header", "message", "rest"])
async def test_token_of_a_user_who_may_not_log_in_counts_for_the_ban(
    hass: HomeAssistant,
    home: House,
    reader: User,
    hass_client_no_auth: Clients,
    *,
    way: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert home.coordinator.connection.connected
    hass.http.app[KEY_LOGIN_THRESHOLD] = 10
    refresh = await hass.auth.async_create_refresh_token(reader, "https://example.com/")
    token = hass.auth.async_create_access_token(refresh)
    await hass.auth.async_update_user(reader, local_only=True)
    monkeypatch.setattr(auth_util, "is_local", lambda _: False)
    client = await hass_client_no_auth()
    if way == "rest":
        answer = await client.get("/api/health", **by_header(token))
        assert answer.status == HTTPStatus.UNAUTHORIZED
    elif way == "header":
        with pytest.raises(WSServerHandshakeError) as refused:
            await client.ws_connect(PATH, **by_header(token))
        assert refused.value.status == HTTPStatus.UNAUTHORIZED
    else:
        ws = await client.ws_connect(PATH)
        await receive(ws)
        await ws.send_json({"type": "auth", "token": token})
        assert (await receive(ws))["type"] == "auth_invalid"
        assert await receive_close_code(ws) == 4401
    assert sum(hass.http.app[KEY_FAILED_LOGIN_ATTEMPTS].values()) == 1
