"""Keeps the book of outages: when the link was spoilt, noticed, mended, and back."""

import asyncio
from dataclasses import dataclass, field
from time import monotonic

from homeassistant.core import callback

from custom_components.alphaess_live.feed.feed import Message

from .stalls import Stalls


@dataclass
class Outages:
    """Counts outages, and how long Home Assistant took to notice each and to be back.

    All in seconds, without those that a busy computer took away.
    """

    stalls: Stalls
    outages: int = 0
    recoveries: list[float] = field(default_factory=list)
    """From a fault's end until fresh values were there."""
    detections: list[float] = field(default_factory=list)
    """From a fault's beginning until it was told."""
    over: asyncio.Event = field(default_factory=asyncio.Event)
    """Set while no recovery is waited for."""
    _spoilt: float | None = None
    _mended: float | None = None

    def spoil(self) -> None:
        """Note that a fault begins."""
        self._spoilt, self._mended = self.now(), None

    def mend(self) -> None:
        """Note that it ends; a connection that it left dead may still have to be found."""
        self._spoilt, self._mended = None, self.now()
        self.over.clear()

    @callback
    def hear(self, message: Message) -> None:
        """Note what the feed tells."""
        if message.event.type == "modbus_disconnected":
            self.outages += 1
            if self._spoilt is not None:
                self.detections.append(self.now() - self._spoilt)
                self._spoilt = None

    def settle(self) -> None:
        """Note that fresh values are there."""
        if self._mended is not None:
            self.recoveries.append(self.now() - self._mended)
            self._mended = None
            self.over.set()

    def now(self) -> float:
        """Read the clock that leaves out what a busy computer took away."""
        return monotonic() - self.stalls.total
