"""Advances the simulator only between polls, so that each poll reads one consistent moment."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic
from unittest.mock import patch

from custom_components.alphaess_live.alphaess.snapshot import Snapshot
from custom_components.alphaess_live.coordinator import InverterCoordinator
from custom_components.alphaess_live.simulator.simulated_inverter import (
    SimulatedInverter,
)
from tests.consistency_checker import ConsistencyChecker


class PollSynchronizer:
    """Counts the polls that are running, and advances the simulator while there is none.

    A value that is computed from several registers would otherwise mix two moments,
    and could not be compared with what the inverter had.
    """

    def __init__(
        self,
        inverter: SimulatedInverter,
        checker: ConsistencyChecker,
        *,
        on_snapshot: Callable[[], None],
    ) -> None:
        """Start at the current time. `on_snapshot` is called after each successful poll."""
        self._inverter = inverter
        self._checker = checker
        self._on_snapshot = on_snapshot
        self._polls_running = 0
        self._idle = asyncio.Event()
        self._idle.set()
        self._simulated_until = monotonic()

    @contextmanager
    def installed(self) -> Iterator[None]:
        """Wrap every poll of this process for the duration of the context."""
        poll = InverterCoordinator._async_update_data  # noqa: SLF001 - each poll passes through it

        async def observed(coordinator: InverterCoordinator) -> Snapshot | None:
            self._polls_running += 1
            self._idle.clear()
            self._checker.on_poll()
            try:
                snapshot = await poll(coordinator)
                if snapshot and snapshot is not coordinator.data:
                    self._checker.on_snapshot(snapshot)
            finally:
                self._polls_running -= 1
                await self._advance_to_now()
            self._on_snapshot()
            return snapshot

        with patch.object(InverterCoordinator, "_async_update_data", observed):
            yield

    async def advance(self, seconds: int) -> None:
        """Advance the simulator beyond real time, as soon as no poll is running."""
        await self._idle.wait()
        self._inverter.advance(seconds)
        await self._checker.record_current()

    async def _advance_to_now(self) -> None:
        """Advance the simulator to real time, unless a poll is running."""
        if self._polls_running:
            return
        self._idle.set()
        seconds = int(monotonic() - self._simulated_until)
        self._simulated_until += seconds
        self._inverter.advance(seconds)
        await self._checker.record_current()
