"""Minutes of random trouble in real time, with restarts, clients, and a witness."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
import resource
import tempfile
from time import monotonic

from tests.faults import Fault
from tests.witness import Witness, left_over

from .clients import Clients
from .home import Home, House, home_assistant, imagined_house
from .outages import Outages
from .polls import Polls
from .report import LIMIT, Report
from .stalls import Stalls

CLIENTS = 50
RESTART_EVERY, RELOAD_EVERY = 12, 5
"""Every so many faults Home Assistant is started anew, or the inverter's entry loaded anew."""


async def soak(minutes: float, *, seed: int) -> Report:
    """Let things go wrong for so long."""
    stalls = Stalls()
    outages = Outages(stalls)
    watching = asyncio.create_task(stalls.watch())
    with tempfile.TemporaryDirectory() as folder:
        async with imagined_house(seed=seed, delay=0.5) as house:
            witness = Witness(house.inverter)
            await witness.look()
            report = Report(minutes, witness, Clients(CLIENTS), stalls, outages)
            chance = Random(seed)  # noqa: S311 - chance, not cryptography
            polls = Polls(house.inverter, witness, answered=outages.settle)
            with polls.attended():
                await _Trouble(house, report, chance).last(folder)
            report.writes = house.proxy.writes
    watching.cancel()
    return report


@dataclass(frozen=True)
class _Trouble:
    """Things that go wrong with one house."""

    house: House
    report: Report
    chance: Random

    async def last(self, folder: str) -> None:
        """Go on for the minutes of the report, in one Home Assistant after the other."""
        end = monotonic() + 60 * self.report.minutes
        while monotonic() < end:
            async with home_assistant(self.house, folder) as home:
                await self._endure(home, end)
                # It is switched off in the middle of trouble, and starts in it.
                await self._spoil()
                await asyncio.sleep(self.chance.uniform(0, 4))
                began = self.report.outages.now()
                await home.stop()
                self.report.stops.append(self.report.outages.now() - began)
        await self.house.proxy.heal()

    async def _endure(self, home: Home, end: float) -> None:
        """Stay in one Home Assistant for some faults."""
        report = self.report
        self._listen(home)
        report.clients.start(lambda: (home.feed_url, home.token))
        await self._mend()
        await asyncio.sleep(5)
        report.before = report.before or _measure()
        for number in range(1, RESTART_EVERY + 1):
            if monotonic() > end:
                break
            await self._one_fault()
            if number % RELOAD_EVERY == 0:
                report.rejected += home.coordinator.inverter.counters.rejected_samples
                await home.reload()
                report.reloads += 1
                self._listen(home)
        report.rejected += home.coordinator.inverter.counters.rejected_samples
        await asyncio.sleep(2)
        report.after = _measure()
        await report.clients.stop()

    async def _one_fault(self) -> None:
        await self._spoil()
        await asyncio.sleep(self.chance.uniform(1, 12))
        await self._mend()
        await asyncio.sleep(self.chance.uniform(0, 4))

    async def _spoil(self) -> None:
        fault = self.chance.choice(tuple(Fault))
        self.report.faults[fault] += 1
        self.report.outages.spoil()
        await self.house.proxy.inflict(fault)

    async def _mend(self) -> None:
        """Let everything go right again, and wait until it does."""
        outages = self.report.outages
        await self.house.proxy.heal()
        outages.mend()
        with suppress(TimeoutError):
            async with asyncio.timeout(3 * LIMIT):
                await outages.over.wait()
        outages.settle()

    def _listen(self, home: Home) -> None:
        self.report.witness.watch(home.hass, home.entry)
        hear = self.report.outages.hear
        home.entry.async_on_unload(home.coordinator.feed.subscribe(hear))


def _measure() -> dict[str, int]:
    return left_over() | {"memory": _memory()}


def _memory() -> int:
    """MB that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize() // 2**20
