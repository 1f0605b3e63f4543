"""A loaded inverter, and HTTP and WebSocket clients of Home Assistant."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

from aiohttp import ClientWebSocketResponse
from aiohttp.test_utils import TestClient
from freezegun.api import FrozenDateTimeFactory
from homeassistant.auth.models import Group
from homeassistant.auth.permissions.types import PolicyType
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.alphaess_live.alphaess.identity import identify
from custom_components.alphaess_live.alphaess.inverter import Inverter
from custom_components.alphaess_live.const import (
    CONF_IDENTITY,
    CONF_SERVED,
    CONF_VARIANTS,
    DOMAIN,
)
from custom_components.alphaess_live.simulator.demo import simulate
from custom_components.alphaess_live.simulator.models import MODELS
from custom_components.alphaess_live.simulator.server import serve
from custom_components.alphaess_live.web.clients import CLIENTS

from ..conftest import NOON, House, set_up
from .ws_client import NonReadingClient

type Client = TestClient[Any, Any]
type Clients = Callable[..., Awaitable[Client]]
type SetClock = Callable[[], Awaitable[dict[str, str]]]
type Sockets = Callable[..., Awaitable[ClientWebSocketResponse]]


@pytest.fixture
async def port(hass: HomeAssistant) -> None:
    """Register the paths of the API, without an inverter."""
    assert await async_setup_component(hass, DOMAIN, {})


@pytest.fixture
async def home(hass: HomeAssistant, port: None, house: House) -> House:  # noqa: ARG001 - the paths are registered first, as in the setup of the integration
    """Load the config entry of the simulated inverter."""
    await set_up(hass, house)
    return house


@pytest.fixture
async def other_house(home: House) -> AsyncIterator[House]:
    """Serve a second inverter, whose entry is not loaded yet."""
    inverter = simulate(MODELS["ac_coupled"], NOON, speed=0)
    snapshot = await (reader := Inverter(inverter)).read()
    async with serve(inverter) as server:
        entry = MockConfigEntry(
            domain=DOMAIN,
            unique_id=MODELS["ac_coupled"].serial,
            data=dict(home.entry.data)
            | {
                "port": server.port,
                CONF_IDENTITY: identify(snapshot).to_dict(),
                CONF_SERVED: sorted(block.name for block in reader.served_blocks),
                CONF_VARIANTS: sorted(
                    v.name for v in inverter.model.profile.alternatives
                ),
            },
            options=dict(home.entry.options),
        )
        yield House(inverter, server, entry, identify(snapshot))
        if entry.state is ConfigEntryState.LOADED:
            hass = home.coordinator.hass
            await hass.config_entries.async_unload(entry.entry_id)


@pytest.fixture
async def client(home: House, hass_client: Clients) -> Client:
    """Return an HTTP client with the token of an administrator."""
    assert home.entry.state is ConfigEntryState.LOADED
    return await hass_client()


@pytest.fixture
async def sockets(client: Client) -> AsyncIterator[Sockets]:
    """Return a function that opens connections of the live feed; all are closed after the test."""
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
    """Prepare a client that does not read."""
    non_reading_client = NonReadingClient(client.port or 0, hass_access_token)
    yield non_reading_client
    non_reading_client.writer.transport.abort()
    while home.coordinator.hass.data[CLIENTS].clients:
        await asyncio.sleep(0)


async def lose(hass: HomeAssistant, house: House) -> None:
    """Switch the inverter off and poll it."""
    await house.server.switch_off()
    house.inverter.switch_off()
    await house.coordinator.async_refresh()
    await hass.async_block_till_done()


async def bring_back(hass: HomeAssistant, house: House) -> None:
    """Switch the inverter on and poll it."""
    house.inverter.switch_on()
    await house.server.switch_on()
    await house.coordinator.async_refresh()
    await hass.async_block_till_done()


async def headers_of_new_token(hass: HomeAssistant) -> dict[str, str]:
    """Return the headers of a user who may read everything, valid from now by the host's clock."""
    return {"Authorization": f"Bearer {await create_token(hass, {'entities': True})}"}


@pytest.fixture(params=[-3600, 3600], ids=["back", "forward"])
def set_clock(
    hass: HomeAssistant,
    freezer: FrozenDateTimeFactory,
    request: pytest.FixtureRequest,
) -> SetClock:
    """Return a function that sets the host's clock by an hour; it returns headers that are valid then."""

    async def step() -> dict[str, str]:
        freezer.tick(request.param)
        return await headers_of_new_token(hass)

    return step


async def create_token(hass: HomeAssistant, policy: PolicyType) -> str:
    """Create a user with this policy only; return an access token of this user."""
    user = await hass.auth.async_create_user("limited", group_ids=[])
    user.groups = [Group(name="limited", policy=policy)]
    user.invalidate_cache()
    refresh = await hass.auth.async_create_refresh_token(user, "https://example.com/")
    return hass.auth.async_create_access_token(refresh)
