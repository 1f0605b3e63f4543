"""Clients that do not keep up, or are not there any more."""

import asyncio
import json

from aiohttp import WSMsgType
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.alphaess_live.alphaess.errors import ErrorKind
from custom_components.alphaess_live.feed.messages import LinkLost
from custom_components.alphaess_live.web import (
    clients,
    send_queue,
)
from custom_components.alphaess_live.web.clients import CLIENTS

from ..conftest import House
from .conftest import Sockets
from .ws_client import (
    NonReadingClient,
    block_client,
    publish_power,
    receive,
    receive_initial,
)


async def test_a_slow_client_gets_the_newest_value_and_every_event(
    home: House, non_reading_client: NonReadingClient
) -> None:
    await non_reading_client.connect()
    told = await block_client(home)
    for watts in range(1000):
        publish_power(home, grid=told + watts)
    home.coordinator.feed.publish(LinkLost(kind=ErrorKind.RESET, message="gone"))
    publish_power(home, grid=-77)
    frames = [
        json.loads(text)
        for code, text in await non_reading_client.read_frames()
        if code == 1
    ]
    power = [one for one in frames if one["type"] == "power_update"]
    assert power[-1]["data"]["grid"]["power"] == -77
    assert power[-1]["dropped"] == 1000
    assert len(power) == told + 2
    assert sum(one["type"] == "modbus_disconnected" for one in frames) == 1
    numbers = [one["seq"] for one in frames]
    assert numbers == sorted(numbers)
    # It has caught up: from now on it hears everything again.
    publish_power(home, grid=5)
    (_, last), *_ = await non_reading_client.read_frames()
    assert "dropped" not in json.loads(last)


async def test_a_slow_client_of_batches_keeps_the_newest_ones(
    home: House, non_reading_client: NonReadingClient
) -> None:
    await non_reading_client.connect()
    await block_client(home)
    (sleeping,) = home.coordinator.hass.data[CLIENTS].clients
    sleeping.set_batching(5, 60)
    for watts in range(100):
        publish_power(home, grid=watts)
    frames = [
        json.loads(text)
        for code, text in await non_reading_client.read_frames()
        if code == 1
    ]
    batch = frames[-1]
    assert batch["type"] == "power_batch"
    assert [one["grid"]["power"] for one in batch["data"]] == [95, 96, 97, 98, 99]
    assert batch["dropped"] == 95


async def test_a_client_that_sleeps_delays_nobody(
    home: House, non_reading_client: NonReadingClient, sockets: Sockets
) -> None:
    await non_reading_client.connect()
    await block_client(home)
    awake = await sockets()
    await receive_initial(awake)
    for watts in range(50):
        publish_power(home, grid=watts)
        assert (await receive(awake))["data"]["grid"]["power"] == watts


async def test_a_client_that_takes_nothing_is_closed(
    hass: HomeAssistant,
    home: House,
    non_reading_client: NonReadingClient,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert send_queue.STALL_TIMEOUT_SECONDS == 30
    monkeypatch.setattr(send_queue, "STALL_TIMEOUT_SECONDS", 0.05)
    await non_reading_client.connect()
    await block_client(home)
    while home.coordinator.has_live_clients:
        await asyncio.sleep(0.01)
    code, reason = (await non_reading_client.read_frames())[-1]
    assert (code, int.from_bytes(reason[:2])) == (8, 1013)
    assert not hass.data[CLIENTS].clients


async def test_who_misses_a_ping_is_let_go(
    hass: HomeAssistant, non_reading_client: NonReadingClient, sockets: Sockets
) -> None:
    awake = await sockets()
    await receive_initial(awake)
    await non_reading_client.connect()
    for beats in (1, 2):
        async_fire_time_changed(hass, dt_util.utcnow() + beats * clients.PING_INTERVAL)
        # It is read from while it waits for this, and so answers the ping.
        await awake.send_json({"type": "ping"})
        await receive(awake)
    while len(hass.data[CLIENTS].clients) > 1:
        await asyncio.sleep(0)
    assert (9, b"") in await non_reading_client.read_frames()


async def test_a_ping_is_answered(sockets: Sockets) -> None:
    ws = await sockets(autoping=False)
    await receive_initial(ws)
    await ws.ping(b"hello")
    answer = await ws.receive(timeout=20)
    assert (answer.type, answer.data) == (WSMsgType.PONG, b"hello")
