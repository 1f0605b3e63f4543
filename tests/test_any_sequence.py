"""In whatever order things go wrong with the link: nothing wrong is shown, and all is well in the end.

Hypothesis makes the orders up, the same ones each time. ALPHAESS_SEQUENCES=300 tries that many.
"""

import asyncio
from collections.abc import Coroutine
from contextlib import AsyncExitStack
from datetime import timedelta
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
from scripts.soak_run.ha_instance import (
    HomeAssistantInstance,
    ProxiedSimulator,
    run_home_assistant,
    run_simulator,
)
from scripts.soak_run.poll_synchronizer import PollSynchronizer
from tests.faults import Fault
from tests.witness import Witness, left_over

SEQUENCES = int(os.environ.get("ALPHAESS_SEQUENCES", "8"))
STEPS = 20
TIMEOUT = 0.4
"""Seconds to wait for an answer, in place of 2."""


class Link(RuleBasedStateMachine):
    """A Home Assistant, an inverter, and a proxy between them that fails."""

    house: ProxiedSimulator
    home: HomeAssistantInstance
    witness: Witness
    polls: PollSynchronizer

    def __init__(self) -> None:
        """Begin with everything well."""
        super().__init__()
        self._loop = asyncio.Runner()
        self._stack, self._running = AsyncExitStack(), AsyncExitStack()
        self._folder = ""
        self._before: dict[str, int] = {}
        self._unwatch: Any = None
        self._run(self._begin())

    def _run[T](self, work: Coroutine[Any, Any, T]) -> T:
        return self._loop.run(work)

    async def _begin(self) -> None:
        folder = self._stack.enter_context(
            tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        )
        everything = patch.object(Entity, "entity_registry_enabled_default", new=True)
        self._stack.enter_context(everything)
        hasty = patch.dict(
            link.TCP_TIMING, timeout_seconds=TIMEOUT, spacing_seconds=0.0
        )
        self._stack.enter_context(hasty)
        pause = timedelta(seconds=0.01)
        self._stack.enter_context(patch.object(connector, "MIN_RECONNECT_DELAY", pause))
        house = run_simulator(seed=0, delay=0.02)
        self.house = await self._stack.enter_async_context(house)
        self.witness = Witness(self.house.inverter)
        self.polls = PollSynchronizer(
            self.house.inverter, self.witness, on_snapshot=lambda: None
        )
        self._stack.enter_context(self.polls.installed())
        await self.witness.look()
        self._folder = folder
        await self._start()
        await self.home.coordinator.async_refresh()
        self._before = left_over()

    async def _start(self) -> None:
        home = run_home_assistant(self.house, self._folder)
        self.home = await self._running.enter_async_context(home)
        self.witness.watch(self.home.hass, self.home.entry)

    @rule(fault=st.sampled_from(Fault))
    def a_fault_begins(self, fault: Fault) -> None:
        self._run(self.house.proxy.inflict(fault))

    @precondition(lambda self: not self.house.proxy.fault)
    @rule(fault=st.sampled_from(Fault), answered=st.integers(1, 11))
    def a_fault_begins_in_the_middle_of_a_poll(
        self, fault: Fault, answered: int
    ) -> None:
        self._run(self._spoil_the_rest(fault, answered))

    async def _spoil_the_rest(self, fault: Fault, answered: int) -> None:
        proxy = self.house.proxy
        last = proxy.asked + answered
        # What is read seldom, too.
        self.home.coordinator.inverter.rediscover()
        reading = asyncio.create_task(self.home.coordinator.refresh_all())
        while proxy.asked < last and not reading.done():
            await asyncio.sleep(0.001)
        await proxy.inflict(fault)
        await reading

    @precondition(lambda self: self.house.proxy.fault)
    @rule()
    def it_ends(self) -> None:
        self._run(self.house.proxy.heal())

    @rule()
    def the_connection_breaks(self) -> None:
        self._run(self.house.proxy.reset())

    @rule(seconds=st.integers(1, 600))
    def time_passes(self, seconds: int) -> None:
        self._run(self.polls.advance(seconds))

    @rule(together=st.integers(1, 3))
    def the_inverter_is_asked(self, together: int) -> None:
        self._run(self._ask(together))

    async def _ask(self, together: int) -> None:
        refresh = self.home.coordinator.async_refresh
        await asyncio.gather(*(refresh() for _ in range(together)))

    @rule()
    def somebody_refreshes(self) -> None:
        self._run(self._refresh())

    async def _refresh(self) -> None:
        call = self.home.hass.services.async_call
        try:
            await call(DOMAIN, "refresh", blocking=True)
        except HomeAssistantError:
            assert not self.home.coordinator.connection.connected

    @rule()
    def somebody_begins_or_ends_watching(self) -> None:
        self._run(self._watch())

    async def _watch(self) -> None:
        if self._unwatch:
            self._unwatch()
            self._unwatch = None
        else:
            self._unwatch = self.home.coordinator.request_live()

    @rule()
    def the_entry_is_loaded_again(self) -> None:
        self._run(self._reload())

    async def _reload(self) -> None:
        if self._unwatch:
            await self._watch()
        await self.home.reload()
        self.witness.watch(self.home.hass, self.home.entry)

    @rule()
    def home_assistant_starts_anew(self) -> None:
        self._run(self._restart())

    async def _restart(self) -> None:
        if self._unwatch:
            await self._watch()
        await self._running.aclose()
        await self._start()

    @invariant()
    def nothing_is_shown_that_never_was(self) -> None:
        assert not self.witness.never_was, self.witness.never_was

    @invariant()
    def no_total_falls(self) -> None:
        assert not self.witness.fell

    @invariant()
    def nothing_is_written(self) -> None:
        assert not self.house.proxy.writes

    def teardown(self) -> None:
        """Let everything go right again: then everything is well, and nothing is left over."""
        try:
            self._run(self._recover())
        finally:
            self._run(self._running.aclose())
            self._run(self._stack.aclose())
            self._loop.close()

    async def _recover(self) -> None:
        if self._unwatch:
            await self._watch()
        await self.house.proxy.heal()
        await self.polls.advance(600)
        # The first may be needed to find that a connection is dead.
        for _ in range(2):
            await self.home.coordinator.refresh_all()
        assert self.home.coordinator.connection.connected
        self.witness.check()
        for _ in range(20):
            if all(left_over()[what] <= count for what, count in self._before.items()):
                return
            await asyncio.sleep(0.2)
        assert left_over() == self._before


@pytest.mark.timeout(60 + 10 * SEQUENCES)
@pytest.mark.usefixtures("socket_enabled")
def test_after_any_sequence_of_faults_all_is_well() -> None:
    run_state_machine_as_test(
        Link,
        settings=settings(
            max_examples=SEQUENCES,
            stateful_step_count=STEPS,
            derandomize=True,
            deadline=None,
            # To find a shorter sequence takes minutes, and the log tells the one that failed.
            phases=(Phase.generate,),
            suppress_health_check=list(HealthCheck),
        ),
    )
