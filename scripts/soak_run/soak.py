"""Minutes of random trouble in real time, with restarts, clients, and a witness."""

import asyncio
from collections import Counter
from contextlib import suppress
from dataclasses import dataclass, field
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

CLIENTS = 50
RESTART_EVERY, RELOAD_EVERY = 12, 5
"""Every so many faults Home Assistant is started anew, or the inverter's entry loaded anew."""
IDLE = 0.8
"""Seconds without a request, after which no poll is under way: a slow answer takes half a second."""
LIMIT = 10.0
"""Seconds that a recovery may take."""


@dataclass
class Report:
    """What is told in the end."""

    outages: Outages = field(default_factory=Outages)
    faults: Counter[str] = field(default_factory=Counter)
    clients: Clients = field(default_factory=lambda: Clients(CLIENTS))
    restarts: int = 0
    reloads: int = 0
    rejected: int = 0
    writes: int = 0
    never_was: list[str] = field(default_factory=list)
    """Readings of which something was shown that the inverter never had."""
    fell: int = 0
    before: dict[str, int] = field(default_factory=dict)
    after: dict[str, int] = field(default_factory=dict)


async def soak(minutes: float, *, seed: int) -> Report:
    """Let things go wrong for so long."""
    report = Report()
    chance = Random(seed)  # noqa: S311 - chance, not cryptography
    end = monotonic() + 60 * minutes
    with tempfile.TemporaryDirectory() as folder:
        async with imagined_house(seed=seed, delay=0.5) as house:
            witness = Witness(house.inverter)
            living = asyncio.create_task(_live(house, witness))
            while monotonic() < end:
                async with home_assistant(house, folder) as home:
                    await _endure(
                        home,
                        house,
                        witness=witness,
                        report=report,
                        chance=chance,
                        end=end,
                    )
                report.restarts += 1
            living.cancel()
            report.writes = house.proxy.writes
    report.never_was = [
        f"{key}: {', '.join(sorted(values))}"
        for key, values in witness.never_was.items()
    ]
    report.fell = len(witness.fell)
    return report


async def _live(house: House, witness: Witness) -> None:
    """Let the house's time pass, and note what it has; but not while it is being read.

    What is summed up from several readings would otherwise be of two moments.
    """
    await witness.look()
    while True:
        asked_at = house.proxy.asked_at
        await asyncio.sleep(IDLE)
        if asked_at == house.proxy.asked_at:
            house.inverter.advance(1)
            await witness.look()


async def _endure(
    home: Home,
    house: House,
    *,
    witness: Witness,
    report: Report,
    chance: Random,
    end: float,
) -> None:
    """Stay in one Home Assistant for some faults."""
    _listen(home, witness, report)
    report.clients.start(lambda: (home.feed_url, home.token))
    await asyncio.sleep(5)
    if not report.before:
        report.before = _measure()
    for number in range(1, RESTART_EVERY + 1):
        if monotonic() > end:
            break
        await _one_fault(home, house, report=report, chance=chance)
        if number % RELOAD_EVERY == 0:
            report.rejected += home.coordinator.inverter.counters.rejected_samples
            await home.reload()
            report.reloads += 1
            _listen(home, witness, report)
    report.rejected += home.coordinator.inverter.counters.rejected_samples
    await asyncio.sleep(2)
    report.after = _measure()
    await report.clients.stop()


async def _one_fault(
    home: Home, house: House, *, report: Report, chance: Random
) -> None:
    fault = chance.choice(tuple(Fault))
    report.faults[fault] += 1
    report.outages.spoil()
    await house.proxy.inflict(fault)
    await asyncio.sleep(chance.uniform(1, 12))
    await house.proxy.heal()
    report.outages.mend(connected=home.coordinator.connection.connected)
    with suppress(TimeoutError):
        async with asyncio.timeout(3 * LIMIT):
            await report.outages.over.wait()
    report.outages.settle()
    await asyncio.sleep(chance.uniform(0, 4))


def _listen(home: Home, witness: Witness, report: Report) -> None:
    witness.watch(home.hass, home.entry)
    home.entry.async_on_unload(home.coordinator.feed.subscribe(report.outages.hear))


def _measure() -> dict[str, int]:
    return left_over() | {"memory": _memory()}


def _memory() -> int:
    """MB that this process holds now."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize() // 2**20
