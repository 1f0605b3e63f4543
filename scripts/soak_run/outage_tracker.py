"""Measures outages: times from a fault to its detection, and from its end to the recovery."""

import asyncio
from dataclasses import dataclass, field
from time import monotonic, process_time

from homeassistant.core import callback

from custom_components.alphaess_live.feed.messages import Message

CHECK_INTERVAL_SECONDS = 0.05
NORMAL_DELAY_SECONDS = 0.02
"""By which a sleeping task wakes up late on any computer."""


@dataclass
class SchedulingDelay:
    """Seconds for which this process had to wait for a processor. Its own computing time is not included."""

    total: float = 0.0
    longest: float = 0.0

    async def run(self) -> None:
        """Measure until cancelled."""
        while True:
            started, used = monotonic(), process_time()
            await asyncio.sleep(CHECK_INTERVAL_SECONDS)
            elapsed = monotonic() - started
            late = elapsed - CHECK_INTERVAL_SECONDS - (process_time() - used)
            if late > NORMAL_DELAY_SECONDS:
                self.total += late
                self.longest = max(self.longest, late)


@dataclass
class OutageTracker:
    """Counts outages and measures their detection and recovery times.

    All times are in seconds, less the scheduling delay of a busy computer.
    """

    scheduling_delay: SchedulingDelay
    outages: int = 0
    recoveries: list[float] = field(default_factory=list)
    """From the end of a fault to the next snapshot."""
    detections: list[float] = field(default_factory=list)
    """From the start of a fault to the feed's `modbus_disconnected`."""
    recovered: asyncio.Event = field(default_factory=asyncio.Event)
    """Set while no recovery is pending."""
    _fault_started_at: float | None = None
    _fault_ended_at: float | None = None

    def on_fault_start(self) -> None:
        """Record that a fault starts."""
        self._fault_started_at, self._fault_ended_at = self.now(), None

    def on_fault_end(self) -> None:
        """Record that the fault ends. A connection that it left dead may still be undetected."""
        self._fault_started_at, self._fault_ended_at = None, self.now()
        self.recovered.clear()

    @callback
    def on_message(self, message: Message) -> None:
        """Record an outage that the feed reports."""
        if message.event.type == "modbus_disconnected":
            self.outages += 1
            if self._fault_started_at is not None:
                self.detections.append(self.now() - self._fault_started_at)
                self._fault_started_at = None

    def on_snapshot(self) -> None:
        """Record that a snapshot was read."""
        if self._fault_ended_at is not None:
            self.recoveries.append(self.now() - self._fault_ended_at)
            self._fault_ended_at = None
            self.recovered.set()

    def now(self) -> float:
        """Return the monotonic time less the scheduling delay."""
        return monotonic() - self.scheduling_delay.total
