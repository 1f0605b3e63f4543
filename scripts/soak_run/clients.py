"""Programs that follow the live feed, and come back whenever they lose it."""

import asyncio
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
import json

from aiohttp import ClientError, ClientSession, WSMsgType

COME_BACK_AFTER = 1.0
"""Seconds."""


class Clients:
    """Some clients of the feed, and what they have heard together."""

    def __init__(self, count: int) -> None:
        """Be so many."""
        self.heard: Counter[str] = Counter()
        self.reconnects = 0
        self.out_of_order = 0
        self.count = count
        self._where: Callable[[], tuple[str, str]]
        self._tasks: list[asyncio.Task[None]] = []

    def start(self, where: Callable[[], tuple[str, str]]) -> None:
        """Begin to listen where one may now: at which address, with which token."""
        self._where = where
        self._tasks = [asyncio.create_task(self._follow()) for _ in range(self.count)]

    async def stop(self) -> None:
        """Listen no longer."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def _follow(self) -> None:
        async with ClientSession() as session:
            while True:
                with suppress(ClientError, OSError):
                    await self._listen(session)
                self.reconnects += 1
                await asyncio.sleep(COME_BACK_AFTER)

    async def _listen(self, session: ClientSession) -> None:
        url, token = self._where()
        bearer = {"Authorization": f"Bearer {token}"}
        last = 0
        async with session.ws_connect(url, headers=bearer) as socket:
            async for message in socket:
                if message.type is not WSMsgType.TEXT:
                    continue
                told = json.loads(message.data)
                self.heard[told["type"]] += 1
                sequence = told.get("seq", last)
                self.out_of_order += sequence < last
                last = sequence
