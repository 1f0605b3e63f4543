"""Every fault, many times in a row, with seconds shortened: each outage must end with the next poll."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
import tempfile
from unittest.mock import patch

from custom_components.alphaess_live import link
from custom_components.alphaess_live.transport import gate
from tests.faults import HARMLESS, Fault
from tests.witness import Witness, left_over

from .home import Home, House, home_assistant, imagined_house

TIMEOUT, PAUSE, SPACING, DELAY = 0.4, 0.01, 0.0, 0.02
"""Seconds, in place of 2, 1 and 0.1; and what a slow answer takes."""


@dataclass
class Drill:
    """What came of one kind of fault."""

    fault: Fault
    outages: int = 0
    recovered: int = 0
    """After one poll more than the fault lasted; two, where a dead connection had to be found."""
    leaks: dict[str, int] = field(default_factory=dict)
    never_was: int = 0
    fell: int = 0
    writes: int = 0

    def is_as_promised(self, times: int) -> bool:
        """Whether each outage was noticed and over in time, and nothing else happened."""
        noticed = 0 if self.fault in HARMLESS else times
        if (self.outages, self.recovered) != (noticed, times):
            return False
        return not (self.leaks or self.never_was or self.fell or self.writes)


async def drill(times: int) -> AsyncIterator[Drill]:
    """Practise every fault so many times, and tell of each."""
    with (
        tempfile.TemporaryDirectory() as folder,
        patch.dict(link.NETWORK, timeout=TIMEOUT, spacing=SPACING),
        patch.object(gate, "REOPEN_AFTER", timedelta(seconds=PAUSE)),
    ):
        async with (
            imagined_house(seed=0, delay=DELAY) as house,
            home_assistant(house, folder) as home,
        ):
            for fault in Fault:
                yield await _practise(home, house, Drill(fault), times=times)


async def _practise(home: Home, house: House, result: Drill, *, times: int) -> Drill:
    witness = Witness(house.inverter)
    witness.watch(home.hass, home.entry)
    await witness.look()
    await _poll(home)
    before, writes = left_over(), house.proxy.writes
    told: list[str] = []
    unsubscribe = home.coordinator.feed.subscribe(
        lambda message: told.append(message.event.type)
    )
    for _ in range(times):
        told.clear()
        await house.proxy.inflict(result.fault)
        house.inverter.advance(5)
        await witness.look()
        await _poll(home)
        # A scheduled poll may have found a new connection meanwhile, where one works.
        result.outages += "modbus_disconnected" in told
        await house.proxy.heal()
        await _poll(home)
        if result.fault is Fault.RESET and not home.coordinator.connection.connected:
            await _poll(home)
        result.recovered += home.coordinator.connection.connected
    unsubscribe()
    result.leaks = await _leaks(before)
    result.never_was, result.fell = len(witness.never_was), len(witness.fell)
    result.writes = house.proxy.writes - writes
    return result


async def _poll(home: Home) -> None:
    await home.coordinator.async_refresh()
    await asyncio.sleep(0)


async def _leaks(before: dict[str, int]) -> dict[str, int]:
    """Count what is left over, once what ends by itself has ended."""
    leaks: dict[str, int] = {}
    for _ in range(20):
        after = left_over()
        leaks = {what: after[what] - before[what] for what in after}
        if all(count <= 0 for count in leaks.values()):
            break
        await asyncio.sleep(0.2)
    return {what: count for what, count in leaks.items() if count > 0}
