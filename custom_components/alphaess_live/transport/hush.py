"""Keeps a Modbus library's complaints about our own connections out of a user's log."""

from contextvars import Context, ContextVar, copy_context
import logging
from typing import override

_OURS: ContextVar[bool] = ContextVar("alphaess_live_hush", default=False)

_LIBRARIES = ("pymodbus.logging", "tmodbus.transport.async_tcp")
"""Who complains: the client of our own links, and that of Home Assistant's shared one."""


class _Hush(logging.Filter):
    """Drops what a library complains about, unless somebody has set a level for it.

    They log every failed request or connection as an error, pymodbus with its
    frames; a user needs one line down and one up. What they say for other
    integrations is left alone.
    """

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        logger: logging.Logger | None = logging.getLogger(record.name)
        while logger and logger.parent:
            if logger.level:
                return True
            logger = logger.parent
        return record.levelno < logging.WARNING or not _OURS.get()


for _library in _LIBRARIES:
    logging.getLogger(_library).addFilter(_Hush())


def hushed() -> Context:
    """Make a context in which these are quiet, in the callbacks of their sockets too."""
    context = copy_context()
    context.run(_OURS.set, True)
    return context
