"""Random sequences of link faults and orders: nothing wrong is shown, written or left running at the end.

Hypothesis generates the same sequences each time. ALPHAESS_SEQUENCES=300 sets the number of
those with link faults, on real sockets; ALPHAESS_ORDERS=5000 that of those with orders.
"""

import asyncio
from collections.abc import Coroutine
from concurrent.futures import ProcessPoolExecutor
from contextlib import AsyncExitStack
from datetime import timedelta
import multiprocessing
import os
import tempfile
from typing import Any
from unittest.mock import patch

from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.entity import Entity
from hypothesis import HealthCheck, Phase, settings, strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
import pytest

from custom_components.alphaess_live.connection import connector, link
from custom_components.alphaess_live.const import DOMAIN
from scripts.corruption_run.worker import prepare
from scripts.orders_run.sequences import run_chunk, run_named
from scripts.soak_run.ha_instance import (
    HomeAssistantInstance,
    ProxiedSimulator,
    run_home_assistant,
    run_simulator,
)
from scripts.soak_run.poll_synchronizer import PollSynchronizer
from tests.consistency_checker import ConsistencyChecker, resource_counts
from tests.fault_proxy import Fault
from tests.orders_machine.regressions import REGRESSIONS

SEQUENCES = int(os.environ.get("ALPHAESS_SEQUENCES", "8"))
ORDERS = int(os.environ.get("ALPHAESS_ORDERS", "150"))
ORDERS_SEED = 13
STEPS = 20
TIMEOUT = 0.4
"""Seconds of the response timeout, in place of 2."""


class FaultSequence(RuleBasedStateMachine):
    """A Home Assistant, an inverter, and a proxy between them that injects faults."""

    simulator: ProxiedSimulator
    instance: HomeAssistantInstance
    checker: ConsistencyChecker
    polls: PollSynchronizer

    def __init__(self) -> None:
        """Start without a fault."""
        super().__init__()
        self._loop = asyncio.Runner()
        self._stack, self._running = AsyncExitStack(), AsyncExitStack()
        self._folder = ""
        self._initial_resources: dict[str, int] = {}
        self._release_live: Any = None
        self._run(self._set_up())

    def _run[T](self, work: Coroutine[Any, Any, T]) -> T:
        return self._loop.run(work)

    async def _set_up(self) -> None:
        folder = self._stack.enter_context(
            tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        )
        enabled = patch.object(Entity, "entity_registry_enabled_default", new=True)
        self._stack.enter_context(enabled)
        timing = patch.dict(
            link.TCP_TIMING, timeout_seconds=TIMEOUT, spacing_seconds=0.0
        )
        self._stack.enter_context(timing)
        pause = timedelta(seconds=0.01)
        self._stack.enter_context(patch.object(connector, "MIN_RECONNECT_DELAY", pause))
        simulator = run_simulator(seed=0, delay=0.02)
        self.simulator = await self._stack.enter_async_context(simulator)
        self.checker = ConsistencyChecker(self.simulator.inverter)
        self.polls = PollSynchronizer(
            self.simulator.inverter, self.checker, on_snapshot=lambda: None
        )
        self._stack.enter_context(self.polls.installed())
        await self.checker.record_current()
        self._folder = folder
        await self._start()
        await self.instance.coordinator.async_refresh()
        self._initial_resources = resource_counts()

    async def _start(self) -> None:
        instance = run_home_assistant(self.simulator, self._folder)
        self.instance = await self._running.enter_async_context(instance)
        self.checker.attach(self.instance.hass, self.instance.entry)

    @rule(fault=st.sampled_from(Fault))
    def fault_starts(self, fault: Fault) -> None:
        self._run(self.simulator.proxy.inject(fault))

    @precondition(lambda self: not self.simulator.proxy.fault)
    @rule(fault=st.sampled_from(Fault), answered=st.integers(1, 11))
    def fault_starts_during_a_poll(self, fault: Fault, answered: int) -> None:
        self._run(self._start_fault_during_poll(fault, answered))

    async def _start_fault_during_poll(self, fault: Fault, answered: int) -> None:
        proxy = self.simulator.proxy
        last = proxy.requests + answered
        # With the slow blocks, for as many requests as possible.
        self.instance.coordinator.inverter.rediscover()
        self.instance.coordinator._next_snapshot = 0  # noqa: SLF001 - time, not behaviour
        reading = asyncio.create_task(self.instance.coordinator.async_refresh())
        while proxy.requests < last and not reading.done():
            await asyncio.sleep(0.001)
        await proxy.inject(fault)
        await reading

    @precondition(lambda self: self.simulator.proxy.fault)
    @rule()
    def fault_ends(self) -> None:
        self._run(self.simulator.proxy.clear())

    @rule()
    def connection_is_reset(self) -> None:
        self._run(self.simulator.proxy.reset())

    @rule(seconds=st.integers(1, 600))
    def time_passes(self, seconds: int) -> None:
        self._run(self.polls.advance(seconds))

    @rule(together=st.integers(1, 3))
    def inverter_is_polled(self, together: int) -> None:
        self._run(self._poll(together))

    async def _poll(self, together: int) -> None:
        refresh = self.instance.coordinator.async_refresh
        await asyncio.gather(*(refresh() for _ in range(together)))

    @rule()
    def user_refreshes(self) -> None:
        self._run(self._refresh())

    async def _refresh(self) -> None:
        call = self.instance.hass.services.async_call
        try:
            await call(DOMAIN, "refresh", blocking=True)
        except HomeAssistantError:
            assert not self.instance.coordinator.connection.connected

    @rule()
    def live_client_connects_or_disconnects(self) -> None:
        self._run(self._toggle_live())

    async def _toggle_live(self) -> None:
        if self._release_live:
            self._release_live()
            self._release_live = None
        else:
            self._release_live = self.instance.coordinator.request_live()

    @rule()
    def entry_is_reloaded(self) -> None:
        self._run(self._reload())

    async def _reload(self) -> None:
        if self._release_live:
            await self._toggle_live()
        await self.instance.reload()
        self.checker.attach(self.instance.hass, self.instance.entry)

    @rule()
    def home_assistant_restarts(self) -> None:
        self._run(self._restart())

    async def _restart(self) -> None:
        if self._release_live:
            await self._toggle_live()
        await self._running.aclose()
        await self._start()

    @invariant()
    def no_wrong_value_is_shown(self) -> None:
        assert not self.checker.wrong_values, self.checker.wrong_values

    @invariant()
    def no_total_decreases(self) -> None:
        assert not self.checker.decreased_totals

    @invariant()
    def nothing_is_written(self) -> None:
        assert not self.simulator.proxy.writes

    def teardown(self) -> None:
        """End the fault; check that the link recovers and no resource is left over."""
        try:
            self._run(self._recover())
        finally:
            self._run(self._running.aclose())
            self._run(self._stack.aclose())
            self._loop.close()

    async def _recover(self) -> None:
        if self._release_live:
            await self._toggle_live()
        await self.simulator.proxy.clear()
        await self.polls.advance(600)
        # The first poll may only detect that a connection is dead.
        for _ in range(2):
            await self.instance.coordinator.async_refresh()
        assert self.instance.coordinator.connection.connected
        self.checker.check()
        for _ in range(20):
            if all(
                resource_counts()[name] <= count
                for name, count in self._initial_resources.items()
            ):
                return
            await asyncio.sleep(0.2)
        assert resource_counts() == self._initial_resources


@pytest.mark.timeout(60 + 10 * SEQUENCES)
@pytest.mark.usefixtures("socket_enabled")
def test_link_recovers_after_any_sequence_of_faults() -> None:
    run_state_machine_as_test(
        FaultSequence,
        settings=settings(
            max_examples=SEQUENCES,
            stateful_step_count=STEPS,
            derandomize=True,
            deadline=None,
            # Shrinking takes minutes, and the log contains the sequence that failed.
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )


def order_process() -> ProcessPoolExecutor:
    """Return a process of its own: the Home Assistant of the orders has a clock of its own."""
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(1, mp_context=context, initializer=prepare)


@pytest.fixture(scope="module")
def wrong_by_name() -> dict[str, str]:
    """Return what is wrong with each sequence that was wrong once."""
    with order_process() as process:
        return process.submit(run_named).result()


@pytest.mark.timeout(120)
@pytest.mark.parametrize("name", REGRESSIONS)
def test_sequence_that_was_wrong_once(name: str, wrong_by_name: dict[str, str]) -> None:
    assert not wrong_by_name[name]


@pytest.mark.timeout(180 + 2 * ORDERS)
def test_any_sequence_of_orders_has_one_outcome_each_and_ends() -> None:
    with order_process() as process:
        # The failure contains what has happened; to shrink it takes minutes.
        result = process.submit(run_chunk, ORDERS_SEED, ORDERS, shrink=False).result()
    assert not result.failure, result.failure
    assert result.counts.examples >= ORDERS
