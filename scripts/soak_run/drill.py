"""Runs each fault many times with shortened time-outs: every outage must end with the next poll."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import timedelta
import tempfile
from unittest.mock import patch

from custom_components.alphaess_live.connection import connector, link
from tests.consistency_checker import ConsistencyChecker, resource_counts
from tests.fault_proxy import HARMLESS, Fault

from .ha_instance import (
    HomeAssistantInstance,
    ProxiedSimulator,
    run_home_assistant,
    run_simulator,
)

TIMEOUT, PAUSE, SPACING, DELAY = 0.4, 0.01, 0.0, 0.02
"""Seconds, in place of 2, 1 and 0.1; and the delay of a slow answer."""


@dataclass
class DrillResult:
    """Counts of one kind of fault."""

    fault: Fault
    outages: int = 0
    recovered: int = 0
    """Recovered with the first poll after the fault; with the second where a dead connection had to be detected."""
    leaks: dict[str, int] = field(default_factory=dict)
    wrong_values: int = 0
    decreased_totals: int = 0
    writes: int = 0

    def passed(self, times: int) -> bool:
        """Return whether each outage was detected and recovered, without leaks, wrong values or writes."""
        expected = 0 if self.fault in HARMLESS else times
        if (self.outages, self.recovered) != (expected, times):
            return False
        return not (
            self.leaks or self.wrong_values or self.decreased_totals or self.writes
        )


async def run_drill(times: int) -> AsyncIterator[DrillResult]:
    """Run every fault `times` times, and yield the result of each kind."""
    with (
        tempfile.TemporaryDirectory() as folder,
        patch.dict(link.TCP_TIMING, timeout_seconds=TIMEOUT, spacing_seconds=SPACING),
        patch.object(connector, "MIN_RECONNECT_DELAY", timedelta(seconds=PAUSE)),
    ):
        async with (
            run_simulator(seed=0, delay=DELAY) as simulator,
            run_home_assistant(simulator, folder) as instance,
        ):
            for fault in Fault:
                yield await _run_fault(
                    instance, simulator, DrillResult(fault), times=times
                )


async def _run_fault(
    instance: HomeAssistantInstance,
    simulator: ProxiedSimulator,
    result: DrillResult,
    *,
    times: int,
) -> DrillResult:
    checker = ConsistencyChecker(simulator.inverter)
    checker.attach(instance.hass, instance.entry)
    await checker.record_current()
    await _poll(instance)
    before, writes = resource_counts(), simulator.proxy.writes
    event_types: list[str] = []
    unsubscribe = instance.coordinator.feed.subscribe(
        lambda message: event_types.append(message.event.type)
    )
    for _ in range(times):
        event_types.clear()
        await simulator.proxy.inject(result.fault)
        simulator.inverter.advance(5)
        await checker.record_current()
        await _poll(instance)
        # A scheduled poll may have reconnected meanwhile, where the fault allows it.
        result.outages += "modbus_disconnected" in event_types
        await simulator.proxy.clear()
        await _poll(instance)
        if (
            result.fault is Fault.RESET
            and not instance.coordinator.connection.connected
        ):
            await _poll(instance)
        result.recovered += instance.coordinator.connection.connected
    unsubscribe()
    result.leaks = await _leaks(before)
    result.wrong_values, result.decreased_totals = (
        len(checker.wrong_values),
        len(checker.decreased_totals),
    )
    result.writes = simulator.proxy.writes - writes
    return result


async def _poll(instance: HomeAssistantInstance) -> None:
    await instance.coordinator.async_refresh()
    await asyncio.sleep(0)


async def _leaks(before: dict[str, int]) -> dict[str, int]:
    """Count what is left over after at most four seconds, in which closed objects are collected."""
    leaks = dict[str, int]()
    for _ in range(20):
        after = resource_counts()
        leaks = {name: after[name] - before[name] for name in after}
        if all(count <= 0 for count in leaks.values()):
            break
        await asyncio.sleep(0.2)
    return {name: count for name, count in leaks.items() if count > 0}
