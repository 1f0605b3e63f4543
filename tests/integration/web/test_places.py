"""Places of the feed: neither unauthenticated clients nor a single user keep others out."""

import asyncio
from collections.abc import AsyncIterator
from http import HTTPStatus

from aiohttp import (
    ClientSession,
    ClientWebSocketResponse,
    TCPConnector,
    WSMsgType,
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
            await addresses.is_refused(f"127.0.0.{host + 1}")
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


async def test_client_at_the_address_of_many_unknown_ones_has_a_place(
    hass: HomeAssistant,
    addresses: Addresses,
    hass_access_token: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(places, "MAX_UNAUTHENTICATED_PER_ADDRESS", 10)
    unknown = [await addresses.connect("127.0.0.2") for _ in range(10)]
    for ws in unknown:
        await receive(ws)
    ws = await addresses.connect("127.0.0.2")
    await receive(ws)
    assert len(hass.data[CLIENTS].places.unauthenticated["127.0.0.2"]) == 10
    assert (await unknown[0].receive(timeout=20)).type is not WSMsgType.TEXT
    await authenticate(ws, hass_access_token)
    await receive_initial(ws)


async def test_unknown_clients_of_many_addresses_replace_no_new_client(
    addresses: Addresses,
    hass_access_token: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(places, "MAX_UNAUTHENTICATED", 20)
    ws = await addresses.connect("127.0.1.1")
    await receive(ws)
    refused = [await addresses.is_refused(f"127.0.2.{host}") for host in range(1, 41)]
    assert refused == [False] * 19 + [True] * 21
    await authenticate(ws, hass_access_token)
    await receive_initial(ws)


async def test_client_replaces_an_unknown_one_that_has_had_its_time(
    addresses: Addresses,
    hass_access_token: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(places, "MAX_UNAUTHENTICATED", 20)
    monkeypatch.setattr(places, "FAIR_SECONDS", 0.5)
    unknown = [await addresses.connect(f"127.0.2.{n}") for n in range(1, 21)]
    await asyncio.sleep(0.6)
    ws = await addresses.connect("127.0.1.1")
    await receive(ws)
    assert (await unknown[0].receive(timeout=20)).type is WSMsgType.TEXT
    assert (await unknown[0].receive(timeout=20)).type is not WSMsgType.TEXT
    await authenticate(ws, hass_access_token)
    await receive_initial(ws)


async def test_user_has_no_more_than_its_limit_whatever_its_addresses(
    hass: HomeAssistant,
    addresses: Addresses,
    hass_access_token: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Each limit is a hundredth of the real one, but a user has two in any case.
    monkeypatch.setattr(places, "MAX_CLIENTS", 20)
    monkeypatch.setattr(places, "MAX_CLIENTS_PER_USER", 10)
    monkeypatch.setattr(places, "GUARANTEED_CLIENTS", 2)
    greedy = await create_token(hass, READ)
    refused = [
        await addresses.is_refused(f"127.0.0.{host}", greedy)
        for host in range(2, 22)
        for _ in range(2)
    ]
    # Once each of ten addresses has one, no further address has fewer than another.
    assert refused.count(False) >= 10
    while len(hass.data[CLIENTS].clients) > 10:
        await asyncio.sleep(0.01)
    assert not await addresses.is_refused("127.0.1.1", hass_access_token)


async def test_administrator_has_a_first_connection_in_any_case(
    hass: HomeAssistant,
    addresses: Addresses,
    hass_access_token: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(places, "MAX_CLIENTS", 2)
    monkeypatch.setattr(places, "GUARANTEED_CLIENTS", 1)
    tokens = [await create_token(hass, READ) for _ in range(5)]
    refused = [
        await addresses.is_refused(f"127.0.0.{n}", token)
        for n, token in enumerate(tokens, 2)
    ]
    assert refused == [False] * 4 + [True]
    assert not await addresses.is_refused("127.0.0.2", hass_access_token)
    assert await addresses.is_refused("127.0.0.2", hass_access_token)


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
    # All places are taken. A third user has two, and the greedy one elsewhere replaces two.
    third = await create_token(hass, READ)
    for address, token in (("127.0.0.2", third), ("127.0.0.4", greedy)):
        for _ in range(2):
            await receive_initial(await addresses.connect(address, token))
        assert await addresses.is_refused(address, token)
    while len(hass.data[CLIENTS].clients) > 22:
        await asyncio.sleep(0.01)


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
