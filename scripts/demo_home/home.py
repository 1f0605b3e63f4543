"""A running Home Assistant, spoken to as its owner: over REST, and over its WebSocket."""

from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import (
    ClientConnectionError,
    ClientSession,
    ClientTimeout,
    ClientWebSocketResponse,
)

from .errors import DemoError

type Json = Mapping[str, Any]

PATIENCE = ClientTimeout(total=60)
"""Adding an inverter that does not answer takes a while."""


class Home:
    """Home Assistant at an address, with a token of its owner."""

    def __init__(self, session: ClientSession, address: str) -> None:
        """Speak to it through a session that carries the token."""
        self._session = session
        self.address = address

    async def is_running(self) -> bool:
        """Tell whether everything that starts has started."""
        try:
            async with self._session.get("/api/config") as answer:
                return answer.ok and (await answer.json())["state"] == "RUNNING"
        except ClientConnectionError:
            return False

    async def get(self, path: str) -> Any:
        """Ask for what is at a path."""
        async with self._session.get(path) as answer:
            if not answer.ok:
                raise DemoError(f"Home Assistant: {path}: {await answer.text()}")
            return await answer.json()

    async def post(self, path: str, body: Json) -> Any:
        """Ask for something to be done."""
        async with self._session.post(path, json=body) as answer:
            if not answer.ok:
                raise DemoError(f"Home Assistant: {path}: {await answer.text()}")
            return await answer.json()

    async def delete(self, path: str) -> None:
        """Ask for something to be removed."""
        async with self._session.delete(path) as answer:
            answer.raise_for_status()

    @asynccontextmanager
    async def conversation(self) -> AsyncGenerator[Conversation]:
        """Open its WebSocket, where what has no REST path is asked for."""
        async with self._session.ws_connect("/api/websocket") as socket:
            token = self._session.headers["Authorization"].removeprefix("Bearer ")
            await socket.receive_json()
            await socket.send_json({"type": "auth", "access_token": token})
            if (await socket.receive_json())["type"] != "auth_ok":
                raise DemoError("Home Assistant refuses the demo's token: try --reset.")
            yield Conversation(socket)


class Conversation:
    """Questions and answers, one after the other."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        """Begin to count."""
        self._socket = socket
        self._asked = 0

    async def ask(self, command: str, **fields: Any) -> Any:
        """Send a command and wait for its result."""
        self._asked += 1
        await self._socket.send_json({"id": self._asked, "type": command, **fields})
        while (answer := await self._socket.receive_json())["id"] != self._asked:
            pass
        if not answer["success"]:
            raise DemoError(f"Home Assistant: {command}: {answer['error']['message']}")
        return answer["result"]


@asynccontextmanager
async def home_at(address: str, token: str) -> AsyncGenerator[Home]:
    """Be ready to speak to the Home Assistant there, whether or not it is up yet."""
    headers = {"Authorization": f"Bearer {token}"}
    async with ClientSession(address, headers=headers, timeout=PATIENCE) as session:
        yield Home(session, address)
