"""The outgoing messages of a client that reads slowly, not at all, or in batches."""

import asyncio
import json

from homeassistant.core import HomeAssistant
import pytest

from custom_components.alphaess_live.alphaess.errors import ErrorKind
from custom_components.alphaess_live.feed.messages import (
    LinkLost,
)
from custom_components.alphaess_live.web import send_queue
from custom_components.alphaess_live.web.clients import CLIENTS
from custom_components.alphaess_live.web.send_queue import ws_text_frame

from ..conftest import House
from .conftest import Sockets
from .ws_client import (
    NonReadingClient,
    block_client,
    publish_power,
    receive,
    receive_initial,
)


@pytest.mark.parametrize(
    ("size", "head"),
    [
        (0, b"\x81\x00"),
        (125, b"\x81\x7d"),
        (126, b"\x81\x7e\x00\x7e"),
        (65535, b"\x81\x7e\xff\xff"),
        (65536, b"\x81\x7f\x00\x00\x00\x00\x00\x01\x00\x00"),
    ],
)
def test_frame_header_contains_the_length(size: int, head: bytes) -> None:
    frame = ws_text_frame(b"x" * size)
    assert frame.startswith(head)
    assert len(frame) == len(head) + size


async def test_resuming_client_that_reads_nothing_holds_few_bytes(
    home: House, non_reading_client: NonReadingClient
) -> None:
    first = home.coordinator.feed.seq
    for watts in range(360):
        publish_power(home, grid=watts)
    await non_reading_client.connect(f"?since={first}")
    (client,) = home.coordinator.hass.data[CLIENTS].clients
    while not client.queue.is_blocked:
        await asyncio.sleep(0)
    transport = client.request.transport
    assert transport
    assert transport.get_write_buffer_size() <= 2 * send_queue.CHUNK_BYTES
    for watts in range(500):
        publish_power(home, grid=-watts)
    assert transport.get_write_buffer_size() <= 2 * send_queue.CHUNK_BYTES
    texts = [text for code, text in await non_reading_client.read_frames() if code == 1]
    messages = [json.loads(text) for text in texts]
    power = [one for one in messages if one["type"] == "power_update"]
    # All that was missed, then the newest value.
    assert [one["data"]["grid"]["power"] for one in power] == [*range(360), -499]
    assert power[-1]["dropped"] == 499


async def test_slow_client_gets_the_newest_value_and_every_event(
    home: House, non_reading_client: NonReadingClient
) -> None:
    await non_reading_client.connect()
    published = await block_client(home)
    for watts in range(1000):
        publish_power(home, grid=published + watts)
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
    assert len(power) == published + 2
    assert sum(one["type"] == "modbus_disconnected" for one in frames) == 1
    numbers = [one["seq"] for one in frames]
    assert numbers == sorted(numbers)
    # The queue is empty, so that the client receives every message again.
    publish_power(home, grid=5)
    (_, last), *_ = await non_reading_client.read_frames()
    assert "dropped" not in json.loads(last)


async def test_slow_client_with_batches_gets_the_newest_values(
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


async def test_client_that_does_not_read_delays_no_other_client(
    home: House, non_reading_client: NonReadingClient, sockets: Sockets
) -> None:
    await non_reading_client.connect()
    await block_client(home)
    awake = await sockets()
    await receive_initial(awake)
    for watts in range(50):
        publish_power(home, grid=watts)
        assert (await receive(awake))["data"]["grid"]["power"] == watts


async def test_client_that_stalls_is_closed(
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


async def test_batch_contains_several_values_oldest_first(
    sockets: Sockets, home: House
) -> None:
    ws = await sockets()
    await receive_initial(ws)
    await ws.send_json({"type": "batch", "size": 3, "maxWait": 60})
    await ws.send_json({"type": "ping"})
    await receive(ws)
    for watts in (1, 2, 3, 4):
        publish_power(home, grid=watts)
    batch = await receive(ws)
    assert batch["type"] == "power_batch"
    assert [one["grid"]["power"] for one in batch["data"]] == [1, 2, 3]
    assert batch["seq"] == batch["data"][-1]["seq"]
    assert all(one["timestamp"].endswith("Z") for one in batch["data"])
    # An event is sent after the values before it.
    home.coordinator.feed.publish(LinkLost(kind=ErrorKind.RESET, message="gone"))
    rest, event = await receive(ws), await receive(ws)
    assert [one["grid"]["power"] for one in rest["data"]] == [4]
    assert event["type"] == "modbus_disconnected"
    assert rest["seq"] < event["seq"]
    publish_power(home, grid=5)
    await ws.send_json({"type": "batch", "size": 1})
    assert [one["grid"]["power"] for one in (await receive(ws))["data"]] == [5]
    publish_power(home, grid=6)
    assert (await receive(ws))["type"] == "power_update"


async def test_batch_is_sent_after_its_maximum_wait(
    sockets: Sockets, home: House
) -> None:
    ws = await sockets()
    await receive_initial(ws)
    await ws.send_json({"type": "batch", "size": 100, "maxWait": 1})
    await ws.send_json({"type": "ping"})
    await receive(ws)
    publish_power(home, grid=1)
    publish_power(home, grid=2)
    batch = await receive(ws)
    assert [one["grid"]["power"] for one in batch["data"]] == [1, 2]
