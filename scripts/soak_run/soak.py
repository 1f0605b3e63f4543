"""Injects random faults in real time, with restarts, reloads, feed clients and checks of every value."""

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from random import Random
import resource
import tempfile
from time import monotonic

from tests.consistency_checker import ConsistencyChecker, resource_counts
from tests.fault_proxy import Fault

from .feed_clients import FeedClients
from .ha_instance import (
    HomeAssistantInstance,
    ProxiedSimulator,
    run_home_assistant,
    run_simulator,
)
from .outage_tracker import OutageTracker, SchedulingDelay
from .poll_synchronizer import PollSynchronizer
from .report import RECOVERY_LIMIT_SECONDS, Report

CLIENT_COUNT = 50
FAULTS_PER_RESTART, FAULTS_PER_RELOAD = 12, 5
"""Number of faults between two restarts of Home Assistant, and between two reloads of the entry."""


async def run_soak(minutes: float, *, seed: int) -> Report:
    """Run the soak and return its measurements."""
    delay = SchedulingDelay()
    outages = OutageTracker(delay)
    measuring = asyncio.create_task(delay.run())
    with tempfile.TemporaryDirectory() as folder:
        async with run_simulator(seed=seed, delay=0.5) as simulator:
            checker = ConsistencyChecker(simulator.inverter)
            await checker.record_current()
            report = Report(minutes, checker, FeedClients(CLIENT_COUNT), delay, outages)
            random = Random(seed)  # noqa: S311 - reproducible, not secret
            polls = PollSynchronizer(
                simulator.inverter, checker, on_snapshot=outages.on_snapshot
            )
            with polls.installed():
                await _FaultInjector(simulator, report, random).run(folder)
            report.writes = simulator.proxy.writes
    measuring.cancel()
    return report


@dataclass(frozen=True)
class _FaultInjector:
    """Injects faults into the link of one inverter."""

    simulator: ProxiedSimulator
    report: Report
    random: Random

    async def run(self, folder: str) -> None:
        """Continue for the minutes of the report, in one Home Assistant after the other."""
        end = monotonic() + 60 * self.report.minutes
        while monotonic() < end:
            async with run_home_assistant(self.simulator, folder) as instance:
                await self._run_faults(instance, end)
                # Home Assistant is stopped, and started again, during a fault.
                await self._inject_fault()
                await asyncio.sleep(self.random.uniform(0, 4))
                stopping_at = self.report.outages.now()
                await instance.stop()
                self.report.stops.append(self.report.outages.now() - stopping_at)
        await self.simulator.proxy.clear()

    async def _run_faults(self, instance: HomeAssistantInstance, end: float) -> None:
        """Inject faults into one Home Assistant until its restart is due."""
        report = self.report
        self._subscribe(instance)
        for part in (report.clients, report.guide):
            part.start(lambda: (instance.feed_url, instance.token))
        await self._remove_fault()
        await asyncio.sleep(5)
        if not report.before:
            await self._reach_peak(instance)
            report.before = _resource_counts()
        report.flood.start(lambda: (instance.feed_url, instance.token))
        for number in range(1, FAULTS_PER_RESTART + 1):
            if monotonic() > end:
                break
            await self._run_fault()
            if number % FAULTS_PER_RELOAD == 0:
                report.rejected += instance.coordinator.inverter.stats.rejected_samples
                await instance.reload()
                report.reloads += 1
                self._subscribe(instance)
        report.rejected += instance.coordinator.inverter.stats.rejected_samples
        await report.flood.stop()
        await asyncio.sleep(4)
        report.after = _resource_counts()
        for part in (report.clients, report.guide):
            await part.stop()

    async def _reach_peak(self, instance: HomeAssistantInstance) -> None:
        """Flood once before the first count: the process keeps the memory of the most connections it had."""
        self.report.flood.start(lambda: (instance.feed_url, instance.token))
        await asyncio.sleep(15)
        await self.report.flood.stop()
        await asyncio.sleep(4)

    async def _run_fault(self) -> None:
        await self._inject_fault()
        await asyncio.sleep(self.random.uniform(1, 12))
        await self._remove_fault()
        await asyncio.sleep(self.random.uniform(0, 4))

    async def _inject_fault(self) -> None:
        fault = self.random.choice(tuple(Fault))
        self.report.faults[fault] += 1
        self.report.outages.on_fault_start()
        await self.simulator.proxy.inject(fault)

    async def _remove_fault(self) -> None:
        """End the fault and wait for the recovery."""
        outages = self.report.outages
        await self.simulator.proxy.clear()
        outages.on_fault_end()
        with suppress(TimeoutError):
            async with asyncio.timeout(3 * RECOVERY_LIMIT_SECONDS):
                await outages.recovered.wait()
        outages.on_snapshot()

    def _subscribe(self, instance: HomeAssistantInstance) -> None:
        self.report.checker.attach(instance.hass, instance.entry)
        on_message = self.report.outages.on_message
        instance.entry.async_on_unload(instance.coordinator.feed.subscribe(on_message))


def _resource_counts() -> dict[str, int]:
    return resource_counts() | {"memory": _memory_megabytes()}


def _memory_megabytes() -> int:
    """Return the resident memory of this process in MB."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize() // 2**20
