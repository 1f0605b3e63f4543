"""Measures how long this computer let the soak wait for a processor: no product can do anything about it."""

import asyncio
from dataclasses import dataclass
from time import monotonic, process_time

TICK = 0.05
"""Seconds between two looks."""
USUAL = 0.02
"""Seconds by which a sleeper wakes up late on any computer."""


@dataclass
class Stalls:
    """Seconds that were taken away. What we computed ourselves meanwhile is not among them."""

    total: float = 0.0
    longest: float = 0.0

    async def watch(self) -> None:
        """Look at the clock again and again."""
        while True:
            began, used = monotonic(), process_time()
            await asyncio.sleep(TICK)
            late = monotonic() - began - TICK - (process_time() - used)
            if late > USUAL:
                self.total += late
                self.longest = max(self.longest, late)
