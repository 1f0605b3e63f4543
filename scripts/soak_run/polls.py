"""Lets the house live from poll to poll, so that each poll reads one moment of it."""

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
from tests.witness import Witness


class Polls:
    """Counts the polls under way; between two of them time passes in the house.

    What is summed up from several registers would otherwise be of two moments, and
    nobody could say whether the inverter ever had it.
    """

    def __init__(
        self,
        inverter: SimulatedInverter,
        witness: Witness,
        *,
        answered: Callable[[], None],
    ) -> None:
        """Begin now; `answered` is called after each poll that brought values."""
        self._inverter = inverter
        self._witness = witness
        self._answered = answered
        self._under_way = 0
        self._nobody_reads = asyncio.Event()
        self._nobody_reads.set()
        self._lived_until = monotonic()

    @contextmanager
    def attended(self) -> Iterator[None]:
        """Attend every poll of this process while the context lasts."""
        poll = InverterCoordinator._async_update_data  # noqa: SLF001 - a spy at the door

        async def attend(coordinator: InverterCoordinator) -> Snapshot | None:
            self._under_way += 1
            self._nobody_reads.clear()
            self._witness.note_poll()
            try:
                snapshot = await poll(coordinator)
                if snapshot and snapshot is not coordinator.data:
                    self._witness.note_snapshot(snapshot)
            finally:
                self._under_way -= 1
                await self._live()
            self._answered()
            return snapshot

        with patch.object(InverterCoordinator, "_async_update_data", attend):
            yield

    async def advance(self, seconds: int) -> None:
        """Let time pass in the house that does not pass outside, as soon as nobody reads."""
        await self._nobody_reads.wait()
        self._inverter.advance(seconds)
        await self._witness.look()

    async def _live(self) -> None:
        """Let the time pass that has passed outside, unless somebody reads."""
        if self._under_way:
            return
        self._nobody_reads.set()
        seconds = int(monotonic() - self._lived_until)
        self._lived_until += seconds
        self._inverter.advance(seconds)
        await self._witness.look()
