"""Requests for the live feed that are accepted or refused before there is a connection."""

from datetime import timedelta
from http import HTTPStatus
from typing import Any

from aiohttp import WSServerHandshakeError
from homeassistant.components.http.auth import async_sign_path
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.alphaess_live.const import DOMAIN
from custom_components.alphaess_live.feed.feed import RESERVED_NUMBERS, Feed
from custom_components.alphaess_live.storage import FEED_FILE

from ..conftest import House, set_up
from .conftest import Client, Clients, Sockets, bring_back, lose
from .ws_client import PATH, authenticate, receive, receive_close_code, receive_initial


async def test_signed_path_is_accepted(
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


async def test_invalid_query_is_refused_before_the_connection(
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


async def test_message_above_the_frame_limit_closes_the_connection(
    sockets: Sockets,
) -> None:
    ws = await sockets()
    await receive_initial(ws)
    await ws.send_str("x" * 100_000)
    assert await receive_close_code(ws) == 1009


@pytest.mark.usefixtures("home")
async def test_page_of_any_origin_may_connect_with_a_token(
    hass_client_no_auth: Clients, hass_access_token: str
) -> None:
    client = await hass_client_no_auth()
    ws = await client.ws_connect(PATH, headers={"Origin": "http://monitor.example"})
    assert (await receive(ws))["type"] == "auth_required"
    await authenticate(ws, hass_access_token)
    await receive_initial(ws)
    await ws.close()


@pytest.mark.parametrize(
    ("stored", "least"),
    [
        ({"reserved": 2**52}, 2**52 + 1),
        ({"reserved": "many"}, 1),
        ({}, 1),
    ],
)
async def test_numbers_grow_over_a_restart_with_a_wrong_clock(
    hass: HomeAssistant,
    house: House,
    hass_storage: dict[str, Any],
    hass_client: Clients,
    *,
    monkeypatch: pytest.MonkeyPatch,
    stored: dict[str, Any],
    least: int,
) -> None:
    # The host has started at the beginning of 1970.
    monkeypatch.setattr(Feed, "newest_seq", 0)
    key = f"{DOMAIN}{FEED_FILE.suffix}"
    hass_storage[key] = {"version": 1, "key": key, "data": stored}
    await set_up(hass, house)
    ws = await (await hass_client()).ws_connect(PATH)
    status, *_ = await receive_initial(ws)
    assert least <= status["seq"] < least + 100
    reserved = hass_storage[key]["data"]["reserved"]
    assert status["seq"] + RESERVED_NUMBERS - 100 < reserved <= 2**53
    await ws.close()
    await hass.config_entries.async_remove(house.entry.entry_id)
    assert key not in hass_storage


async def test_numbers_are_reserved_for_an_inverter_that_is_added_again(
    hass: HomeAssistant, house: House, hass_storage: dict[str, Any]
) -> None:
    await set_up(hass, house)
    key = f"{DOMAIN}{FEED_FILE.suffix}"
    data, unique_id = dict(house.entry.data), house.entry.unique_id
    await hass.config_entries.async_remove(house.entry.entry_id)
    assert key not in hass_storage
    again = MockConfigEntry(domain=DOMAIN, unique_id=unique_id, data=data)
    again.add_to_hass(hass)
    assert await hass.config_entries.async_setup(again.entry_id)
    reserved = hass_storage[key]["data"]["reserved"]
    assert reserved > Feed.newest_seq + RESERVED_NUMBERS - 100
    assert await hass.config_entries.async_reload(again.entry_id)
    assert hass_storage[key]["data"]["reserved"] == reserved
    await hass.config_entries.async_unload(again.entry_id)


async def test_client_of_a_loading_entry_gets_later_what_it_missed(
    hass: HomeAssistant, home: House, sockets: Sockets
) -> None:
    await hass.config_entries.async_unload(home.entry.entry_id)
    ws = await sockets()
    seen = await receive(ws)
    assert not seen["connected"]
    await ws.close()
    assert await hass.config_entries.async_setup(home.entry.entry_id)
    await lose(hass, home)
    await bring_back(hass, home)
    ws = await sockets(f"?since={seen['seq']}")
    status = await receive(ws)
    assert (status["type"], status["seq"]) == ("connection_status", seen["seq"])
    types = [(await receive(ws))["type"] for _ in range(4)]
    assert "modbus_disconnected" in types
    assert types.index("modbus_disconnected") > types.index("modbus_connected")
