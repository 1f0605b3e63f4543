"""Client of a running Home Assistant, with its owner's token: REST and WebSocket."""

from collections.abc import AsyncGenerator, Iterable, Mapping
from contextlib import asynccontextmanager
from typing import Any

from aiohttp import (
    ClientConnectionError,
    ClientSession,
    ClientTimeout,
    ClientWebSocketResponse,
)

from custom_components.alphaess_live.const import DOMAIN

from . import DemoError

type Json = Mapping[str, Any]

REQUEST_TIMEOUT = ClientTimeout(total=60)
"""Adding an inverter that does not answer takes tens of seconds."""


class HomeAssistantClient:
    """REST client of one Home Assistant."""

    def __init__(self, session: ClientSession, address: str) -> None:
        """Use a session whose headers carry the token."""
        self._session = session
        self.address = address

    async def is_running(self) -> bool:
        """Return whether Home Assistant has finished starting."""
        try:
            async with self._session.get("/api/config") as answer:
                return answer.ok and (await answer.json())["state"] == "RUNNING"
        except ClientConnectionError:
            return False

    async def get(self, path: str) -> Any:
        """Send a GET request and return the decoded body."""
        async with self._session.get(path) as answer:
            if not answer.ok:
                raise DemoError(f"Home Assistant: {path}: {await answer.text()}")
            return await answer.json()

    async def post(self, path: str, body: Json) -> Any:
        """Send a POST request and return the decoded body."""
        async with self._session.post(path, json=body) as answer:
            if not answer.ok:
                raise DemoError(f"Home Assistant: {path}: {await answer.text()}")
            return await answer.json()

    async def delete(self, path: str) -> None:
        """Send a DELETE request."""
        async with self._session.delete(path) as answer:
            answer.raise_for_status()

    @asynccontextmanager
    async def web_socket(self) -> AsyncGenerator[HomeAssistantWebSocket]:
        """Open an authenticated WebSocket, for commands that have no REST path."""
        async with self._session.ws_connect("/api/websocket") as socket:
            token = self._session.headers["Authorization"].removeprefix("Bearer ")
            await socket.receive_json()
            await socket.send_json({"type": "auth", "access_token": token})
            if (await socket.receive_json())["type"] != "auth_ok":
                raise DemoError("Home Assistant refuses the demo's token: try --reset.")
            yield HomeAssistantWebSocket(socket)


class HomeAssistantWebSocket:
    """Commands over Home Assistant's WebSocket, one at a time."""

    def __init__(self, socket: ClientWebSocketResponse) -> None:
        """Use an authenticated socket."""
        self._socket = socket
        self._last_id = 0

    async def call(self, command: str, **fields: Any) -> Any:
        """Send a command and return its result. Raises DemoError."""
        self._last_id += 1
        await self._socket.send_json({"id": self._last_id, "type": command, **fields})
        while (answer := await self._socket.receive_json())["id"] != self._last_id:
            pass
        if not answer["success"]:
            raise DemoError(f"Home Assistant: {command}: {answer['error']['message']}")
        return answer["result"]


@asynccontextmanager
async def connect(address: str, token: str) -> AsyncGenerator[HomeAssistantClient]:
    """Create a client. Home Assistant need not be running yet."""
    headers = {"Authorization": f"Bearer {token}"}
    async with ClientSession(
        address, headers=headers, timeout=REQUEST_TIMEOUT
    ) as session:
        yield HomeAssistantClient(session, address)


def entity_ids_by_key(entities: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Map keys such as `battery_soc` to the ids of our enabled entities, from the entity registry's list."""
    return {
        entity["unique_id"].partition("_")[2]: entity["entity_id"]
        for entity in entities
        if entity["platform"] == DOMAIN and not entity["disabled_by"]
    }
