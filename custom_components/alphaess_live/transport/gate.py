"""How a connection is opened: not too soon, once at a time, and with a cause where it fails."""

import asyncio
from collections.abc import Callable

from pymodbus.client.base import ModbusBaseClient

from ..alphaess.errors import ErrorKind, LinkDownError
from ..pace import REOPEN_AFTER
from .carrier import Carrier

CAUSE_HOLDS = 60.0
"""Seconds for which a cause is believed, before one is looked for once more."""


class Gate:
    """The way in to one place, and why it is shut."""

    def __init__(self, carrier: Carrier, closed_at: dict[Carrier, float]) -> None:
        """Remember the place, and share when each place was let go of."""
        self.cause: LinkDownError | None = None
        """Why it is shut; forgotten with an answer."""
        self.accepted = False
        """Whether the last attempt was let in, if only to be thrown out."""
        self._carrier = carrier
        self._closed_at = closed_at
        self._found_at = 0.0

    def note_close(self) -> None:
        """Remember that the connection was let go of now."""
        self._closed_at[self._carrier] = asyncio.get_running_loop().time()

    async def open(
        self, make: Callable[[], ModbusBaseClient], *, patience: float
    ) -> ModbusBaseClient:
        """Connect a client. Raises LinkDownError."""
        loop = asyncio.get_running_loop()
        await self._pause()
        if self.cause and loop.time() > self._found_at + CAUSE_HOLDS:
            await self._look_again(patience)
        began = loop.time()
        self.accepted = False
        if client := await self._connected(make()):
            return client
        if self.accepted:
            raise self._carrier.not_served()
        if loop.time() - began >= patience:
            where = self._carrier.name
            raise LinkDownError(ErrorKind.TIMEOUT, f"{where} does not answer")
        found = self.cause or await self._find_cause(patience)
        self.cause = found or self._carrier.not_served()
        raise LinkDownError(self.cause.kind, str(self.cause))

    async def _connected(self, client: ModbusBaseClient) -> ModbusBaseClient | None:
        connected = False
        try:
            connected = await self._carrier.connect(client)
        finally:
            if not connected:
                client.close()
        return client if connected else None

    async def _look_again(self, patience: float) -> None:
        """Find out whether the cause still holds: by one knock, in place of an attempt.

        Raises LinkDownError where it does, or where there is another one.
        """
        self.cause = await self._find_cause(patience)
        if self.cause:
            raise LinkDownError(self.cause.kind, str(self.cause))
        await self._pause()

    async def _find_cause(self, patience: float) -> LinkDownError | None:
        """Knock by hand: the library only says that it failed."""
        cause = await self._carrier.find_cause(patience=patience)
        self._found_at = asyncio.get_running_loop().time()
        self.note_close()
        return cause

    async def _pause(self) -> None:
        """Wait until the place may be called: an AlphaESS refuses who is back at once."""
        pause = REOPEN_AFTER.total_seconds()
        closed_at = self._closed_at.get(self._carrier, -pause)
        await asyncio.sleep(closed_at + pause - asyncio.get_running_loop().time())
