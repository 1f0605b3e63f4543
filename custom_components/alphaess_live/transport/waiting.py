"""Waits for an answer, but never longer than there is something to wait for."""

import asyncio
from collections.abc import Coroutine
from typing import Any

from modbus_connection import ModbusError

from .hush import hushed


class Waiting:
    """Who waits for an answer now, and how that is ended."""

    def __init__(self) -> None:
        """Begin with nobody waiting."""
        self._ends: dict[asyncio.Future[ModbusError], object] = {}

    async def outcome[T](self, work: Coroutine[Any, Any, T], who: object) -> T:
        """Wait for work to be done, unless the waiting is ended: then its reason is raised."""
        loop = asyncio.get_running_loop()
        task = loop.create_task(work, context=hushed())
        ended: asyncio.Future[ModbusError] = loop.create_future()
        self._ends[ended] = who
        try:
            await asyncio.wait((task, ended), return_when=asyncio.FIRST_COMPLETED)
        finally:
            del self._ends[ended]
            task.cancel()
            # Libraries turn a cancellation into a timeout: the task's own word is not taken.
            (outcome,) = await asyncio.gather(task, return_exceptions=True)
        if isinstance(outcome, BaseException):
            raise ended.result() if ended.done() else outcome
        return outcome

    def end(self, reason: ModbusError, who: object = None) -> None:
        """Let nobody wait any longer, or only not the one named."""
        for ended, waiter in self._ends.items():
            if who in (None, waiter) and not ended.done():
                ended.set_result(reason)
