"""Runs calls into a Modbus library so that they can be ended at once, and suppresses the library's own log messages."""

import asyncio
from collections.abc import Coroutine
from contextvars import Context, ContextVar, copy_context
import logging
from typing import Any, override

from modbus_connection import ModbusError

_IS_OURS: ContextVar[bool] = ContextVar("alphaess_live_library_call", default=False)

_LIBRARY_LOGGERS = ("pymodbus.logging", "tmodbus.transport.async_tcp")
"""The loggers of our own links' client and of Home Assistant's shared connection."""


class LibraryLogFilter(logging.Filter):
    """Drops a library's warnings and errors about our connections, unless a log level is set for it.

    The libraries log every failed request or connection as an error, pymodbus with
    its frames; a user needs one line down and one up. Records caused by other
    integrations pass.
    """

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        """Return whether the record is logged."""
        logger: logging.Logger | None = logging.getLogger(record.name)
        while logger and logger.parent:
            if logger.level:
                return True
            logger = logger.parent
        return record.levelno < logging.WARNING or not _IS_OURS.get()


for _name in _LIBRARY_LOGGERS:
    logging.getLogger(_name).addFilter(LibraryLogFilter())


def quiet_context() -> Context:
    """Return a context in which the filter applies, also in the callbacks of sockets opened there."""
    context = copy_context()
    context.run(_IS_OURS.set, True)
    return context


class LibraryCalls:
    """The calls into a library that are pending, each with its owner."""

    def __init__(self) -> None:
        """Start without pending calls."""
        self._pending: dict[asyncio.Future[ModbusError], object] = {}

    async def run[T](self, call: Coroutine[Any, Any, T], owner: object) -> T:
        """Wait for a call to finish. Raises the reason given to `end` if it is ended before."""
        loop = asyncio.get_running_loop()
        task = loop.create_task(call, context=quiet_context())
        ended: asyncio.Future[ModbusError] = loop.create_future()
        self._pending[ended] = owner
        try:
            await asyncio.wait((task, ended), return_when=asyncio.FIRST_COMPLETED)
        finally:
            del self._pending[ended]
            task.cancel()
            # Libraries raise a timeout when cancelled: the task's own error is ignored then.
            (outcome,) = await asyncio.gather(task, return_exceptions=True)
        if isinstance(outcome, BaseException):
            raise ended.result() if ended.done() else outcome
        return outcome

    def end(self, reason: ModbusError, owner: object = None) -> None:
        """Make the pending calls raise a reason: all of them, or those of one owner."""
        for ended, one in self._pending.items():
            if owner in (None, one) and not ended.done():
                ended.set_result(reason)
