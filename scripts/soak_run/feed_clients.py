"""Clients of the live feed that reconnect whenever they are disconnected."""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from http import HTTPStatus
import json
from time import monotonic

from aiohttp import (
    ClientError,
    ClientSession,
    ClientWebSocketResponse,
    TCPConnector,
    WSMsgType,
    WSServerHandshakeError,
)
from yarl import URL

RECONNECT_DELAY_SECONDS = 1.0

FLOOD_ADDRESSES = tuple(f"127.0.1.{host}" for host in range(1, 21))
CONNECTIONS_PER_ADDRESS = 30
FLOOD_SECONDS = 5.0
"""How long each of these connections is held."""

GUIDE_REFRESH_SECONDS = 5.0


class FeedClients:
    """A number of feed clients, and the messages that they received together."""

    def __init__(self, count: int) -> None:
        """Prepare `count` clients."""
        self.messages: Counter[str] = Counter()
        self.reconnects = 0
        self.out_of_order = 0
        self.refused = 0
        """How often there was no place for a client."""
        self.count = count
        self._endpoint: Callable[[], tuple[str, str]]
        self._tasks: list[asyncio.Task[None]] = []

    def start(self, endpoint: Callable[[], tuple[str, str]]) -> None:
        """Start the clients. `endpoint` returns the current URL and token."""
        self._endpoint = endpoint
        self._tasks = [
            asyncio.create_task(self._run_client()) for _ in range(self.count)
        ]

    async def stop(self) -> None:
        """Stop all clients."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _run_client(self) -> None:
        async with ClientSession() as session:
            while True:
                try:
                    await self._receive(session)
                except WSServerHandshakeError as err:
                    self.refused += err.status == HTTPStatus.SERVICE_UNAVAILABLE
                except ClientError, OSError:
                    pass
                self.reconnects += 1
                await asyncio.sleep(RECONNECT_DELAY_SECONDS)

    async def _receive(self, session: ClientSession) -> None:
        url, token = self._endpoint()
        last = 0
        async with session.ws_connect(url, headers=_bearer(token)) as socket:
            async for message in socket:
                if message.type is not WSMsgType.TEXT:
                    continue
                received = json.loads(message.data)
                self.messages[received["type"]] += 1
                sequence = received.get("seq", last)
                self.out_of_order += sequence < last
                last = sequence


class UnauthenticatedFlood:
    """Clients without a token at many addresses, which take each place that they can get."""

    def __init__(self) -> None:
        """Prepare the clients."""
        self.connections = 0
        self._tasks: list[asyncio.Task[None]] = []

    def start(self, endpoint: Callable[[], tuple[str, str]]) -> None:
        """Start the clients."""
        self._tasks = [
            asyncio.create_task(self._run_address(address, endpoint))
            for address in FLOOD_ADDRESSES
        ]

    async def stop(self) -> None:
        """Stop all clients."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _run_address(
        self, address: str, endpoint: Callable[[], tuple[str, str]]
    ) -> None:
        connector = TCPConnector(local_addr=(address, 0), limit=0)
        async with ClientSession(connector=connector) as session:
            while True:
                held: list[ClientWebSocketResponse] = []
                with suppress(ClientError, OSError):
                    for _ in range(CONNECTIONS_PER_ADDRESS):
                        held.append(await session.ws_connect(endpoint()[0]))
                        self.connections += 1
                await asyncio.sleep(FLOOD_SECONDS)
                for one in held:
                    await one.close()


class GuideClient:
    """A client with the rules of the followed system: stop on 503, start again on `modbus_connected`."""

    def __init__(self) -> None:
        """Start stopped, as after a 503."""
        self.refreshes = 0
        self.longest_pause = 0.0
        """From the first answer of 200 that it could have had to its next refresh, in seconds."""
        self._running = asyncio.Event()
        self._works_since: float | None = None
        self._tasks: list[asyncio.Task[None]] = []

    def start(self, endpoint: Callable[[], tuple[str, str]]) -> None:
        """Start refreshing and following the feed."""
        self._running.set()
        self._tasks = [
            asyncio.create_task(one(endpoint))
            for one in (self._refresh, self._follow, self._observe)
        ]

    async def stop(self) -> None:
        """Stop."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _refresh(self, endpoint: Callable[[], tuple[str, str]]) -> None:
        async with ClientSession() as session:
            while True:
                await self._running.wait()
                match await _status(session, *endpoint()):
                    case HTTPStatus.OK:
                        self.refreshes += 1
                        self._works_since = None
                    case HTTPStatus.SERVICE_UNAVAILABLE:
                        self._running.clear()
                await asyncio.sleep(GUIDE_REFRESH_SECONDS)

    async def _follow(self, endpoint: Callable[[], tuple[str, str]]) -> None:
        async with ClientSession() as session:
            while True:
                with suppress(ClientError, OSError):
                    url, token = endpoint()
                    async with session.ws_connect(url, headers=_bearer(token)) as feed:
                        async for message in feed:
                            if json.loads(message.data)["type"] == "modbus_connected":
                                self._running.set()
                await asyncio.sleep(RECONNECT_DELAY_SECONDS)

    async def _observe(self, endpoint: Callable[[], tuple[str, str]]) -> None:
        """Measure how long the client pauses although the inverter is there."""
        async with ClientSession() as session:
            while True:
                works = await _status(session, *endpoint()) == HTTPStatus.OK
                if not works or self._running.is_set():
                    self._works_since = None
                else:
                    self._works_since = self._works_since or monotonic()
                    pause = monotonic() - self._works_since
                    self.longest_pause = max(self.longest_pause, pause)
                await asyncio.sleep(0.5)


async def _status(session: ClientSession, url: str, token: str) -> int:
    """Return the status of a REST answer; 0 if there is none."""
    path = URL(url).with_path("/api/alphaess/complete-status")
    try:
        async with session.get(path, headers=_bearer(token)) as answer:
            return answer.status
    except ClientError, OSError:
        return 0


def _bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}
