"""One example of the corruption machine: its time, its corruptions, and how it ends."""

import asyncio
from collections.abc import Coroutine
from dataclasses import asdict, replace
from datetime import datetime, timedelta
import re
from typing import Any, ClassVar, NamedTuple

from hypothesis.stateful import RuleBasedStateMachine, invariant

from custom_components.alphaess_live.simulator.corruption import Corruption
from custom_components.alphaess_live.simulator.energy_flow import (
    EnergyCounters,
    in_joules,
)

from .checker import COMPLETE_SECONDS, SETTLED_SECONDS, Checker
from .counts import Counts
from .installation import Installation, shared_bench
from .targets import OTHER_SCALES, Moment

SNAPSHOT_SECONDS = 10
MAX_SNAPSHOTS_PER_STEP = 5
"""The rest of a longer corruption overlaps the next steps."""
MAX_SCALED_SNAPSHOTS = 4
"""A device whose words have another scale for a minute has that scale: no client can detect the difference."""
ALL_ADDRESSES = range(0x1100)


class Recording(NamedTuple):
    """What the totals of one example have shown."""

    states: tuple[tuple[datetime, str, str], ...]
    """When, of which key, and what."""
    sums: dict[str, float]
    """What they add up to, in kWh, by key."""


class Example(RuleBasedStateMachine):
    """An inverter and its entry in virtual time, with words that are wrong for some time."""

    counts: ClassVar[Counts]
    open_kinds: ClassVar[tuple[str, ...]] = ()
    """Patterns of findings that do not fail: what is known to be wrong."""
    collects: ClassVar[int | None] = None
    """With a seed, findings do not fail, but are counted."""
    recordings: ClassVar[list[Recording]]
    """Those of all examples."""

    installation: Installation
    checker: Checker

    def __init__(self) -> None:
        """Start without an inverter."""
        super().__init__()
        self._bench = shared_bench()
        self._loop = self._bench.time.loop
        self._active: list[tuple[float, Corruption]] = []
        """Corruptions, each with the time when it ends."""
        self._disturbed_at = 0.0
        """When a word was wrong, or the inverter was off, for the last time."""
        self._happened: list[str] = []
        """The events so far, as text."""
        self._was_scaled = False
        """Whether words had another scale: twice would look like the truth."""
        self.counts.examples += 1

    def _run[T](self, work: Coroutine[Any, Any, T]) -> T:
        return self._loop.run_until_complete(work)

    def _log(self, event: str, detail: object = "") -> None:
        self.counts.events[event] += 1
        self._happened.append(f"{event} {detail}".rstrip())

    def _begin(
        self, corruptions: tuple[Corruption, ...], snapshots: int, moment: Moment
    ) -> None:
        """Begin corruptions; they end shortly before the snapshot after the last one with them."""
        for corruption in corruptions:
            length, is_scaled = snapshots, corruption.kind in OTHER_SCALES
            if is_scaled:
                if self._was_scaled:
                    continue
                self._was_scaled = True
                length = min(snapshots, MAX_SCALED_SNAPSHOTS)
            self.counts.tried[corruption.kind, moment] += 1
            self._log("corruptions", f"at {moment}, {length} snapshots: {corruption}")
            if not corruption.before:
                words = self.installation.inverter.words()
                corruption = replace(corruption, before=words)  # noqa: PLW2901
            end = self._loop.time() + length * SNAPSHOT_SECONDS - 4
            self._active.append((end, corruption))
        self._update_corruptions()

    def _update_corruptions(self) -> None:
        now, inverter = self._loop.time(), self.installation.inverter
        if self._active:
            self._disturbed_at = now
        self._active = [one for one in self._active if one[0] > now]
        inverter.is_another = any(
            one.addresses == ALL_ADDRESSES for _, one in self._active
        )
        corruptions = tuple(corruption for _, corruption in self._active)
        inverter.behaviour = replace(inverter.behaviour, corruptions=corruptions)

    async def _wait(self, seconds: float) -> None:
        """Let time pass, and check everything after each poll."""
        end = self._loop.time() + seconds
        while (left := end - self._loop.time()) > 0:
            ends = [at - self._loop.time() for at, _ in self._active]
            await asyncio.sleep(min(left, SNAPSHOT_SECONDS / 2, *ends))
            self._update_corruptions()
            self._check()

    def _check(self) -> None:
        self.checker.check(quiet_seconds=self._quiet)

    @property
    def _quiet(self) -> float:
        """Seconds since the last disturbance."""
        return self._loop.time() - self._disturbed_at

    def _suspend(self, duration: timedelta) -> None:
        """Let time pass without a poll; growth during that time is confirmed by several samples."""
        self.installation.suspend(duration)
        self._disturbed_at = self._loop.time()

    async def _wait_during(self, snapshots: int) -> None:
        await self._wait(min(snapshots, MAX_SNAPSHOTS_PER_STEP) * SNAPSHOT_SECONDS)

    @invariant()
    def nothing_is_wrong(self) -> None:
        if not hasattr(self, "checker"):
            return
        findings = self.checker.findings
        wrong = [one for one in findings if not self._is_open(one)]
        if self.collects is not None:
            self.counts.add_findings(wrong, self.collects, self._happened)
            findings.clear()
            return
        assert not wrong, "\n".join((*wrong[:5], "after:", *self._happened))

    def _is_open(self, finding: str) -> bool:
        return any(re.search(kind, finding) for kind in self.open_kinds)

    def teardown(self) -> None:
        """End all corruptions; check that everything is right again, also after an hour of energy."""
        if not hasattr(self, "checker"):
            return
        try:
            if all(map(self._is_open, self.checker.findings)):
                self._run(self._settle())
                self.nothing_is_wrong()
        finally:
            self.counts.undecidable += self.checker.undecidable
            recording = Recording(tuple(self.checker.states), self.checker.sums)
            self.recordings.append(recording)
            self.checker.close()
            self._run(self.installation.remove())
            self.counts.events["snapshots"] += self.installation.snapshots

    async def _settle(self) -> None:
        if self._active:
            left = max(at - self._loop.time() for at, _ in self._active)
            self._suspend(timedelta(seconds=left))
            self._update_corruptions()
        self.checker.detach()
        await self._wait(SETTLED_SECONDS + SNAPSHOT_SECONDS)
        await self._wait_until_complete()
        house = self.installation.inverter.house
        more = {
            name: in_joules(1)
            for name, counted in asdict(house.counters).items()
            if counted
        }
        house.counters = house.counters.plus(EnergyCounters(**more), 1)
        self._suspend(timedelta(hours=1))
        await self._wait(3 * SNAPSHOT_SECONDS)
        await self._wait_until_complete()
        self._check()

    async def _wait_until_complete(self) -> None:
        """Wait until all energy is shown, but only so long that missing energy is a finding."""
        while not self.checker.is_complete and self._quiet <= COMPLETE_SECONDS:
            await self._wait(SNAPSHOT_SECONDS)
