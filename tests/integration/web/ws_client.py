"""Clients of the live feed for tests: receiving, publishing, and a client that does not read."""

import asyncio
from dataclasses import replace
import json
import socket
from typing import Any

from aiohttp import ClientWebSocketResponse, WSMsgType

from custom_components.alphaess_live.feed.messages import PowerMeasured
from custom_components.alphaess_live.web.clients import CLIENTS

from ..conftest import House

PATH = "/ws/power-data"


async def receive(ws: ClientWebSocketResponse) -> dict[str, Any]:
    """Wait for the next message."""
    message = await ws.receive(timeout=20)
    assert message.type is WSMsgType.TEXT, message
    content: dict[str, Any] = json.loads(message.data)
    assert content["timestamp"].endswith("Z")
    return content


async def receive_initial(
    ws: ClientWebSocketResponse,
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Receive the first messages of a connected inverter: status and power.

    Between them is the event of an inverter that was connected in the last minute.
    """
    status, power = await receive(ws), await receive(ws)
    if power["type"] == "modbus_connected":
        assert power["seq"] == status["seq"]
        power = await receive(ws)
    assert (status["type"], power["type"]) == ("connection_status", "power_update")
    return status, power


async def authenticate(ws: ClientWebSocketResponse, token: str) -> None:
    """Authenticate by a message, which is accepted."""
    await ws.send_json({"type": "auth", "token": token})
    assert (await receive(ws))["type"] == "auth_ok"


async def receive_type(ws: ClientWebSocketResponse, kind: str) -> dict[str, Any]:
    """Wait for the next message of a type; only connection states may come before it."""
    while (message := await receive(ws))["type"] != kind:
        assert message["type"] == "connection_status"
    return message


async def receive_close_code(ws: ClientWebSocketResponse) -> int | None:
    """Receive until the server closes; return the close code."""
    while (await ws.receive(timeout=20)).type is WSMsgType.TEXT:
        pass
    return ws.close_code


def publish_power(house: House, **watts: float | None) -> None:
    """Publish the latest power values with these changes."""
    latest = house.coordinator.latest
    assert latest
    power = replace(latest.power, **watts)
    house.coordinator.feed.publish(PowerMeasured(power=power))


def _small_socket() -> socket.socket:
    small = socket.socket()
    small.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    return small


class NonReadingClient:
    """An authenticated client that reads nothing before `read_frames`."""

    def __init__(self, port: int, token: str) -> None:
        self._port, self._token = port, token

    async def connect(self, query: str = "") -> None:
        """Open a connection with a small receive buffer, by a handshake of our own."""
        loop, sock = asyncio.get_running_loop(), _small_socket()
        sock.setblocking(False)
        await loop.sock_connect(sock, ("127.0.0.1", self._port))
        self.reader, self.writer = await asyncio.open_connection(sock=sock, limit=2**10)
        self.writer.write(
            f"GET {PATH}{query} HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\n"
            "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
            f"Authorization: Bearer {self._token}\r\n\r\n".encode()
        )
        await self.reader.readuntil(b"\r\n\r\n")
        self._transport.pause_reading()

    def send(self, content: dict[str, Any]) -> None:
        """Send a message, masked as RFC 6455 requires of clients."""
        text = json.dumps(content).encode()
        assert len(text) < 126
        self.writer.write(bytes((0x81, 0x80 | len(text), 0, 0, 0, 0)) + text)

    @property
    def _transport(self) -> asyncio.Transport:
        assert isinstance(self.writer.transport, asyncio.Transport)
        return self.writer.transport

    async def read_frames(self) -> list[tuple[int, bytes]]:
        """Read until the server closes or sends nothing for two seconds."""
        self._transport.resume_reading()
        frames: list[tuple[int, bytes]] = []
        try:
            async with asyncio.timeout(2):
                while True:
                    head = await self.reader.readexactly(2)
                    size = head[1]
                    if size == 126:
                        size = int.from_bytes(await self.reader.readexactly(2))
                    frames.append((head[0] & 15, await self.reader.readexactly(size)))
        except TimeoutError, asyncio.IncompleteReadError, ConnectionError:
            return frames


async def block_client(home: House) -> int:
    """Publish power values until the queue of the only client is blocked; return their number."""
    (client,) = home.coordinator.hass.data[CLIENTS].clients
    published = 0
    while not client.queue.is_blocked:
        published += 1
        publish_power(home, grid=published)
        await asyncio.sleep(0)
    return published
