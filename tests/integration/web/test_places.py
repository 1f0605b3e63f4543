"""Places of the feed: neither unauthenticated clients nor a single user keep others out."""

import asyncio
from collections.abc import AsyncIterator
from http import HTTPStatus

from aiohttp import (
    ClientSession,
    ClientWebSocketResponse,
    TCPConnector,
    WSServerHandshakeError,
)
from homeassistant.core import HomeAssistant
import pytest

from custom_components.alphaess_live.web import places
from custom_components.alphaess_live.web.clients import CLIENTS

from ..conftest import House
from .conftest import Client, Sockets, create_token
from .ws_client import PATH, authenticate, receive, receive_close_code, receive_initial

READ = {"entities": {"all": {"read": True}}}


@pytest.fixture
async def addresses(home: House, client: Client) -> AsyncIterator[Addresses]:
    """Open connections from addresses of this computer's loopback network."""
    assert home.coordinator.connection.connected
    addresses = Addresses(f"http://127.0.0.1:{client.port}{PATH}")
    yield addresses
    await addresses.close()


class Addresses:
    """Clients that connect from different addresses."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._sessions: dict[str, ClientSession] = {}
        self._opened: list[ClientWebSocketResponse] = []

    async def connect(self, address: str, token: str = "") -> ClientWebSocketResponse:
        """Connect from an address, with or without an access token."""
        if address not in self._sessions:
            connector = TCPConnector(local_addr=(address, 0), limit=0)
            self._sessions[address] = ClientSession(connector=connector)
        headers = {"Authorization": f"Bearer {token}"} if token else {}
        ws = await self._sessions[address].ws_connect(self._url, headers=headers)
        self._opened.append(ws)
        return ws

    async def is_refused(self, address: str, token: str = "") -> bool:
        """Return whether a connection is answered with 503."""
        try:
            await self.connect(address, token)
        except WSServerHandshakeError as err:
            return err.status == HTTPStatus.SERVICE_UNAVAILABLE
        return False

    async def close(self) -> None:
        """Close all connections."""
        for ws in self._opened:
            await ws.close()
        for session in self._sessions.values():
            await session.close()


async def test_unauthenticated_clients_of_many_addresses_keep_no_user_out(
    hass: HomeAssistant,
    addresses: Addresses,
    sockets: Sockets,
    hass_access_token: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Each limit is a tenth of the real one.
    monkeypatch.setattr(places, "MAX_CLIENTS", 200)
    monkeypatch.setattr(places, "MAX_UNAUTHENTICATED", 50)
    monkeypatch.setattr(places, "MAX_UNAUTHENTICATED_PER_ADDRESS", 10)
    for host in range(1, 21):
        for _ in range(10):
            await receive(await addresses.connect(f"127.0.0.{host + 1}"))
    # A client with a token, and one that authenticates by message.
    await receive_initial(await sockets())
    ws = await addresses.connect("127.0.0.99")
    await receive(ws)
    await authenticate(ws, hass_access_token)
    await receive_initial(ws)
    held = hass.data[CLIENTS].places.unauthenticated.values()
    assert sum(map(len, held)) <= 50
    while len(hass.data[CLIENTS].clients) > 52:
        await asyncio.sleep(0)


async def test_unauthenticated_clients_of_an_address_have_a_limit(
    addresses: Addresses, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "MAX_UNAUTHENTICATED_PER_ADDRESS", 2)
    for _ in range(2):
        await receive(await addresses.connect("127.0.0.2"))
    assert await addresses.is_refused("127.0.0.2")
    await receive(await addresses.connect("127.0.0.3"))


async def test_user_with_all_places_keeps_no_other_user_out(
    hass: HomeAssistant,
    addresses: Addresses,
    hass_access_token: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(places, "MAX_CLIENTS", 20)
    monkeypatch.setattr(places, "MAX_CLIENTS_PER_USER", 10)
    monkeypatch.setattr(places, "GUARANTEED_CLIENTS", 2)
    greedy, other = await create_token(hass, READ), hass_access_token
    for _ in range(10):
        await receive_initial(await addresses.connect("127.0.0.2", greedy))
    assert await addresses.is_refused("127.0.0.2", greedy)
    for _ in range(10):
        await receive_initial(await addresses.connect("127.0.0.3", other))
    # All places are taken. A third user, and the greedy one elsewhere, have two each.
    third = await create_token(hass, READ)
    for address, token in (("127.0.0.2", third), ("127.0.0.4", greedy)):
        for _ in range(2):
            await receive_initial(await addresses.connect(address, token))
        assert await addresses.is_refused(address, token)


async def test_place_is_free_again_when_its_client_leaves(
    hass: HomeAssistant,
    addresses: Addresses,
    hass_access_token: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(places, "MAX_CLIENTS", 1)
    monkeypatch.setattr(places, "GUARANTEED_CLIENTS", 0)
    for _ in range(3):
        ws = await addresses.connect("127.0.0.2", hass_access_token)
        await receive_initial(ws)
        assert await addresses.is_refused("127.0.0.2", hass_access_token)
        await ws.close()
        while hass.data[CLIENTS].clients:
            await asyncio.sleep(0)


async def test_client_without_a_place_after_its_message_is_closed(
    addresses: Addresses, hass_access_token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(places, "MAX_CLIENTS", 1)
    monkeypatch.setattr(places, "GUARANTEED_CLIENTS", 0)
    await receive_initial(await addresses.connect("127.0.0.2", hass_access_token))
    ws = await addresses.connect("127.0.0.2")
    await receive(ws)
    await authenticate(ws, hass_access_token)
    assert (await receive(ws))["code"] == "too_many_clients"
    assert await receive_close_code(ws) == 1001


async def test_change_of_user_takes_a_place_of_the_new_user(
    hass: HomeAssistant,
    addresses: Addresses,
    hass_access_token: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(places, "MAX_CLIENTS_PER_USER", 1)
    monkeypatch.setattr(places, "GUARANTEED_CLIENTS", 0)
    ws = await addresses.connect("127.0.0.2", await create_token(hass, READ))
    await receive_initial(ws)
    await authenticate(ws, hass_access_token)
    await ws.send_json({"type": "ping"})
    assert (await receive(ws))["type"] == "pong"
    assert await addresses.is_refused("127.0.0.3", hass_access_token)
    other = await addresses.connect("127.0.0.3", await create_token(hass, READ))
    await receive_initial(other)
