"""How a conversation of the live feed ends."""

import asyncio
import logging

from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import HomeAssistant
import pytest

from custom_components.alphaess_live.alphaess.snapshot import Power
from custom_components.alphaess_live.feed.messages import PowerMeasured
from custom_components.alphaess_live.web.clients import CLIENTS

from ..conftest import House
from .conftest import Clients, Sockets
from .ws_client import (
    PATH,
    NonReadingClient,
    block_client,
    receive,
    receive_close_code,
    receive_initial,
)


async def test_home_assistant_stops_with_a_hundred_sockets_open(
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


async def test_strangers_are_sent_away_when_home_assistant_stops(
    hass: HomeAssistant, home: House, hass_client_no_auth: Clients
) -> None:
    client = await hass_client_no_auth()
    ws = await client.ws_connect(PATH)
    await receive(ws)
    ending = asyncio.ensure_future(receive_close_code(ws))
    hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
    assert await ending == 1001
    assert not home.coordinator.has_live_clients


def test_a_power_value_that_is_missing_is_null() -> None:
    power = Power(soc=None, battery=1, pv=None, grid=2)
    data = PowerMeasured(power=power).fields["data"]
    assert data["load"] == {"power": None}
    assert data["battery"] == {"soc": None, "power": 1}


async def test_who_takes_nothing_and_asks_on_does_not_keep_home_assistant_from_stopping(
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


async def test_who_asks_and_runs_away_is_no_error(
    hass: HomeAssistant,
    non_reading_client: NonReadingClient,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await non_reading_client.connect()
    for _ in range(30):
        non_reading_client.send({"type": "request_status"})
        non_reading_client.writer.write(b"\x89\x80\0\0\0\0")
    non_reading_client.writer.transport.close()
    while hass.data[CLIENTS].clients:
        await asyncio.sleep(0)
    assert not [one for one in caplog.records if one.levelno >= logging.ERROR]
