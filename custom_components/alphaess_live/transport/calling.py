"""Has a shared connection opened, where somebody opens: Home Assistant's own call cannot be called off."""

import asyncio
from contextlib import suppress

from modbus_connection import ModbusExceptionError, ModbusUnit

from ..pace import REOPEN_AFTER
from .carrier import Carrier, Network
from .knock import Endpoint, find_cause

_ANYTHING = (0x0102, 1)
"""The state of charge: every AlphaESS tells it."""


class Calling:
    """The way in to a place, for a connection that others open, too."""

    def __init__(
        self, endpoint: Endpoint, closed_at: dict[Carrier, float], *, timeout: float
    ) -> None:
        """Remember the place, and share when each place was let go of."""
        self._endpoint = endpoint
        self._place = Network(*endpoint)
        self._closed_at = closed_at
        self._timeout = timeout
        self._door = asyncio.Lock()
        self._call: asyncio.Task[list[int]] | None = None

    def note_close(self) -> None:
        """Remember that the connection was let go of now."""
        self._closed_at[self._place] = asyncio.get_running_loop().time()

    async def open(self, unit: ModbusUnit) -> None:
        """Have the connection opened, by a question whose answer does not matter.

        Home Assistant calls for 10 s, lets nobody unload meanwhile, and complains aloud
        of who stops waiting: so it calls only where somebody opens. Its call goes on by
        itself, and nothing that matters goes out late with it. Raises LinkDownError
        where nobody opens, TimeoutError where there is no answer soon.
        """
        async with self._door:
            if unit.connected:
                return
            if self._call is None or self._call.done():
                await self._knock()
                call = unit.read_holding_registers(*_ANYTHING)
                self._call = asyncio.create_task(call)
                self._call.add_done_callback(asyncio.Task.exception)
            await asyncio.wait((self._call,), timeout=2 * self._timeout)
            if not self._call.done():
                raise TimeoutError
            with suppress(ModbusExceptionError):
                self._call.result()

    async def _knock(self) -> None:
        """Find out whether somebody opens. Raises LinkDownError."""
        await self._pause()
        cause = await find_cause(self._endpoint, patience=self._timeout)
        self.note_close()
        if cause:
            raise cause
        await self._pause()

    async def _pause(self) -> None:
        """Wait until the place may be called: an AlphaESS refuses who is back at once."""
        pause = REOPEN_AFTER.total_seconds()
        closed_at = self._closed_at.get(self._place, -pause)
        await asyncio.sleep(closed_at + pause - asyncio.get_running_loop().time())
