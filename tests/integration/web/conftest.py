"""A house whose inverter is read by Home Assistant, and programs at Home Assistant's port."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from aiohttp import ClientWebSocketResponse
from aiohttp.test_utils import TestClient
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest

from custom_components.alphaess_live.const import DOMAIN
from custom_components.alphaess_live.web.clients import CLIENTS

from ..conftest import House, set_up
from .ws_client import NonReadingClient

type Client = TestClient[Any, Any]
type Clients = Callable[..., Awaitable[Client]]
type Sockets = Callable[..., Awaitable[ClientWebSocketResponse]]


@pytest.fixture
async def port(hass: HomeAssistant) -> None:
    """Let the integration register its addresses, before there is an inverter."""
    assert await async_setup_component(hass, DOMAIN, {})


@pytest.fixture
async def home(hass: HomeAssistant, port: None, house: House) -> House:  # noqa: ARG001 - the addresses come first, as in the integration's setup
    """Load the house's entry."""
    await set_up(hass, house)
    return house


@pytest.fixture
async def client(home: House, hass_client: Clients) -> Client:
    """Be a program with an administrator's token."""
    assert home.entry.state is ConfigEntryState.LOADED
    return await hass_client()


@pytest.fixture
async def sockets(client: Client) -> AsyncIterator[Sockets]:
    """Open connections of the live feed; all of them are closed in the end."""
    opened: list[ClientWebSocketResponse] = []

    async def connect(query: str = "", **options: Any) -> ClientWebSocketResponse:
        path = f"/ws/power-data{query}"
        socket: ClientWebSocketResponse = await client.ws_connect(path, **options)
        opened.append(socket)
        return socket

    yield connect
    for socket in opened:
        await socket.close()


@pytest.fixture
async def non_reading_client(
    client: Client, home: House, hass_access_token: str
) -> AsyncIterator[NonReadingClient]:
    """Prepare a client that sleeps."""
    non_reading_client = NonReadingClient(client.port or 0, hass_access_token)
    yield non_reading_client
    non_reading_client.writer.transport.abort()
    while home.coordinator.hass.data[CLIENTS].clients:
        await asyncio.sleep(0)


async def lose(hass: HomeAssistant, house: House) -> None:
    """Cut the inverter's power, and let Home Assistant find out."""
    await house.server.switch_off()
    house.inverter.switch_off()
    await house.coordinator.async_refresh()
    await hass.async_block_till_done()


async def bring_back(hass: HomeAssistant, house: House) -> None:
    """Give the inverter its power back, and let Home Assistant find out."""
    house.inverter.switch_on()
    await house.server.switch_on()
    await house.coordinator.async_refresh()
    await hass.async_block_till_done()
