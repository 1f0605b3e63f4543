"""Clients of the live feed that reconnect whenever they are disconnected."""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
import json

from aiohttp import ClientError, ClientSession, WSMsgType

RECONNECT_DELAY_SECONDS = 1.0


class FeedClients:
    """A number of feed clients, and the messages that they received together."""

    def __init__(self, count: int) -> None:
        """Prepare `count` clients."""
        self.messages: Counter[str] = Counter()
        self.reconnects = 0
        self.out_of_order = 0
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
                with suppress(ClientError, OSError):
                    await self._receive(session)
                self.reconnects += 1
                await asyncio.sleep(RECONNECT_DELAY_SECONDS)

    async def _receive(self, session: ClientSession) -> None:
        url, token = self._endpoint()
        bearer = {"Authorization": f"Bearer {token}"}
        last = 0
        async with session.ws_connect(url, headers=bearer) as socket:
            async for message in socket:
                if message.type is not WSMsgType.TEXT:
                    continue
                received = json.loads(message.data)
                self.messages[received["type"]] += 1
                sequence = received.get("seq", last)
                self.out_of_order += sequence < last
                last = sequence
