"""Keeps the book of outages: when the link was spoilt, noticed, mended, and back."""

import asyncio
from dataclasses import dataclass, field
from time import monotonic

from homeassistant.core import callback

from custom_components.alphaess_live.feed import Message


@dataclass
class Outages:
    """Counts outages, and how long Home Assistant took to notice each and to be back."""

    outages: int = 0
    recoveries: list[float] = field(default_factory=list)
    """Seconds from the fault's end until fresh values were there."""
    detections: list[float] = field(default_factory=list)
    """Seconds from the fault's beginning until it was told."""
    over: asyncio.Event = field(default_factory=asyncio.Event)
    """Set while no recovery is waited for."""
    _spoilt: float | None = None
    _mended: float | None = None

    def spoil(self) -> None:
        """Note that a fault begins."""
        self._spoilt, self._mended = monotonic(), None

    def mend(self, *, connected: bool) -> None:
        """Note that it ends; there is something to recover from only while the inverter is away."""
        self._spoilt = None
        if connected:
            self.over.set()
        else:
            self.over.clear()
            self._mended = monotonic()

    @callback
    def hear(self, message: Message) -> None:
        """Note what the feed tells."""
        if message.event.type == "modbus_disconnected":
            self.outages += 1
            if self._spoilt is not None:
                self.detections.append(monotonic() - self._spoilt)
                self._spoilt = None
        if message.event.type == "modbus_connected":
            self.settle()

    def settle(self) -> None:
        """Note that fresh values are there."""
        if self._mended is not None:
            self.recoveries.append(monotonic() - self._mended)
            self._mended = None
            self.over.set()
