"""A state machine that corrupts words at will, while Home Assistant reads, restarts and writes."""

import asyncio
from collections import Counter
from collections.abc import Coroutine
from dataclasses import asdict, dataclass, field, replace
from datetime import timedelta
import re
from typing import Any, ClassVar

from homeassistant.exceptions import HomeAssistantError
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from custom_components.alphaess_live.alphaess.errors import (
    CommunicationError,
    NotAnInverterError,
)
from custom_components.alphaess_live.alphaess.identity import identify
from custom_components.alphaess_live.alphaess.inverter import Inverter
from custom_components.alphaess_live.const import DOMAIN
from custom_components.alphaess_live.simulator.corruption import (
    Corruption,
    CorruptionKind,
)
from custom_components.alphaess_live.simulator.energy_flow import (
    EnergyCounters,
    in_joules,
)

from .checker import Checker
from .installation import Installation, shared_bench
from .oracle import counters_at
from .targets import ALL_MODELS, CORRUPTIONS, SNAPSHOTS, STARTS, Moment
from .written_words import WrittenOrder, WrittenSetting, check_written

SNAPSHOT_SECONDS = 10
SETTLED_SECONDS = 110
"""After this time without a wrong word, everything must be shown, and right: a scale takes a minute."""
MAX_SNAPSHOTS_PER_STEP = 5
"""The rest of a longer corruption overlaps the next steps."""


@dataclass
class Counts:
    """What was tried."""

    examples: int = 0
    tried: Counter[tuple[str, str]] = field(default_factory=Counter)
    """How often each kind of corruption began at each moment."""
    undecidable: Counter[str] = field(default_factory=Counter)
    """How often a wrong word was shown that nothing refutes, by the key of the reading."""

    def __add__(self, other: Counts) -> Counts:
        """Add the counts of another run."""
        return Counts(
            self.examples + other.examples,
            self.tried + other.tried,
            self.undecidable + other.undecidable,
        )

    @property
    def table(self) -> str:
        """The kinds as rows, the moments as columns."""
        moments = [moment.value for moment in Moment]
        rows = [["", *moments]] + [
            [kind.value, *(str(self.tried[kind, moment]) for moment in moments)]
            for kind in CorruptionKind
        ]
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [
            "  ".join(
                text.rjust(width) for text, width in zip(row, widths, strict=True)
            )
            for row in rows
        ]
        shown = sum(self.undecidable.values())
        return "\n".join(lines) + f"\nwrong, possible and shown while sent: {shown}"


class CorruptionMachine(RuleBasedStateMachine):
    """One example: an inverter, its entry, and a sequence of events."""

    counts: ClassVar[Counts]
    open_kinds: ClassVar[tuple[str, ...]] = ()
    """Patterns of findings that do not fail: what is known to be wrong."""

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
        self.counts.examples += 1

    def _run[T](self, work: Coroutine[Any, Any, T]) -> T:
        return self._loop.run_until_complete(work)

    @initialize(
        model=st.sampled_from(list(ALL_MODELS)),
        start=st.sampled_from(list(STARTS)),
        charge=st.sampled_from((20.0, 50.0, 100.0)),
        corruption=st.none() | CORRUPTIONS,
        snapshots=SNAPSHOTS,
    )
    def entry_is_added(
        self,
        *,
        model: str,
        start: str,
        charge: float,
        corruption: Corruption | None,
        snapshots: int,
    ) -> None:
        self.installation = Installation(
            self._bench, ALL_MODELS[model], start=STARTS[start], soc=charge
        )
        self.checker = Checker(self.installation)
        self._run(self._add_entry(corruption, snapshots))

    async def _add_entry(self, corruption: Corruption | None, snapshots: int) -> None:
        inverter = self.installation.inverter
        self.checker.identity = identify(await Inverter(inverter).read())
        if corruption:
            self.checker.unknown_bases = counters_at(corruption.addresses)
            self._begin(corruption, snapshots, Moment.FIRST_SETUP)
        while True:
            try:
                await self.installation.add_entry()
                break
            except NotAnInverterError, CommunicationError:
                await self._wait(SNAPSHOT_SECONDS)
        self.checker.attach()
        await self._wait(2 * SNAPSHOT_SECONDS)

    def _begin(self, corruption: Corruption, snapshots: int, moment: Moment) -> None:
        """Begin a corruption; it ends shortly before the snapshot after the last one with it."""
        self.counts.tried[corruption.kind, moment] += 1
        words = self.installation.inverter.words()
        end = self._loop.time() + snapshots * SNAPSHOT_SECONDS - 4
        self._active.append((end, replace(corruption, before=words)))
        self._update_corruptions()

    def _update_corruptions(self) -> None:
        now, inverter = self._loop.time(), self.installation.inverter
        if self._active:
            self._disturbed_at = now
        self._active = [one for one in self._active if one[0] > now]
        corruptions = tuple(corruption for _, corruption in self._active)
        inverter.behaviour = replace(inverter.behaviour, corruptions=corruptions)

    async def _wait(self, seconds: float) -> None:
        """Let time pass, and check everything after each poll."""
        end = self._loop.time() + seconds
        while (left := end - self._loop.time()) > 0:
            ends = [at - self._loop.time() for at, _ in self._active]
            await asyncio.sleep(min(left, SNAPSHOT_SECONDS / 2, *ends))
            self._update_corruptions()
            quiet_seconds = self._loop.time() - self._disturbed_at
            self.checker.check(settled=quiet_seconds > SETTLED_SECONDS)

    def _suspend(self, duration: timedelta) -> None:
        """Let time pass without a poll; growth during that time is confirmed by several samples."""
        self.installation.suspend(duration)
        self._disturbed_at = self._loop.time()

    async def _wait_during(self, snapshots: int) -> None:
        await self._wait(min(snapshots, MAX_SNAPSHOTS_PER_STEP) * SNAPSHOT_SECONDS)

    @rule(snapshots=st.integers(1, 6))
    def time_passes(self, snapshots: int) -> None:
        self._run(self._wait(snapshots * SNAPSHOT_SECONDS))

    @rule(corruption=CORRUPTIONS, snapshots=SNAPSHOTS)
    def words_are_corrupted(self, corruption: Corruption, snapshots: int) -> None:
        self._begin(corruption, snapshots, Moment.RUNNING)
        self._run(self._wait_during(snapshots))

    @rule(corruption=CORRUPTIONS, snapshots=SNAPSHOTS)
    def entry_is_reloaded(self, corruption: Corruption, snapshots: int) -> None:
        self._begin(corruption, snapshots, Moment.RELOAD)
        self._run(self._reload(snapshots))

    async def _observe_again(self, snapshots: int) -> None:
        """Check the entities of an entry that was loaded again."""
        self.checker.attach()
        self._disturbed_at = self._loop.time()
        await self._wait_during(snapshots)

    async def _reload(self, snapshots: int) -> None:
        await self.installation.unload()
        await self.installation.set_up()
        await self._observe_again(snapshots)

    @rule(
        corruption=CORRUPTIONS,
        snapshots=SNAPSHOTS,
        minutes=st.sampled_from((0, 1, 60)),
    )
    def home_assistant_restarts(
        self, corruption: Corruption, snapshots: int, minutes: int
    ) -> None:
        self._run(self._restart(corruption, snapshots, minutes))

    async def _restart(
        self, corruption: Corruption, snapshots: int, minutes: int
    ) -> None:
        await self.installation.restart(
            timedelta(minutes=minutes),
            before_start=lambda: self._begin(corruption, snapshots, Moment.RESTART),
        )
        await self._observe_again(snapshots)

    @rule(
        corruption=CORRUPTIONS,
        snapshots=SNAPSHOTS,
        seconds=st.sampled_from((20, 60)),
        updated=st.booleans(),
    )
    def inverter_is_away(
        self, *, corruption: Corruption, snapshots: int, seconds: int, updated: bool
    ) -> None:
        self._run(self._lose_inverter(seconds))
        moment = Moment.OUTAGE
        if updated:
            self._update_firmware()
            moment = Moment.FIRMWARE
        self.installation.inverter.switch_on()
        self._begin(corruption, snapshots, moment)
        self._run(self._wait_during(snapshots))

    async def _lose_inverter(self, seconds: int) -> None:
        self._disturbed_at = self._loop.time()
        self.installation.inverter.switch_off()
        await self._wait(seconds)
        self._disturbed_at = self._loop.time()

    def _update_firmware(self) -> None:
        inverter = self.installation.inverter
        high, middle, low = inverter.model.firmware
        inverter.model = replace(inverter.model, firmware=(high, middle, low + 1))
        if self.checker.identity:
            # Firmware is identified after an outage only; a corruption of it may hide that.
            self.checker.identity = None

    @rule(
        corruption=CORRUPTIONS,
        snapshots=SNAPSHOTS,
        minutes=st.sampled_from((1, 20, 120)),
    )
    def computer_is_suspended(
        self, corruption: Corruption, snapshots: int, minutes: int
    ) -> None:
        self._suspend(timedelta(minutes=minutes))
        self._begin(corruption, snapshots, Moment.SUSPENDED)
        self._run(self._wait_during(snapshots))

    @rule(
        corruption=st.none() | CORRUPTIONS,
        setting=st.sampled_from(WrittenSetting),
        percent=st.integers(10, 100),
    )
    def setting_is_written(
        self, corruption: Corruption | None, setting: WrittenSetting, percent: int
    ) -> None:
        if corruption:
            self._begin(corruption, 2, Moment.SETTING)
        inverter = self.installation.inverter
        wanted = setting.words(percent, inverter.model.profile)
        inverter.journal.clear()
        done = self._run(self._call(setting.action, {setting.field: percent}))
        self.checker.findings += check_written(inverter.journal, setting=wanted)
        if done and not wanted.items() <= inverter.words().items():
            self.checker.findings.append(f"{setting} {percent} % is not there")

    @rule(
        corruption=st.none() | CORRUPTIONS,
        action=st.sampled_from(("charge", "discharge", "hold")),
        power=st.integers(100, 5000),
        limit=st.integers(10, 100),
        minutes=st.integers(1, 60),
    )
    def order_is_given(
        self,
        *,
        corruption: Corruption | None,
        action: str,
        power: int,
        limit: int,
        minutes: int,
    ) -> None:
        if corruption:
            self._begin(corruption, 2, Moment.ORDER)
        inverter = self.installation.inverter
        order = WrittenOrder(action, power, limit, minutes)
        inverter.journal.clear()
        self._run(self._call(action, order.fields))
        self.checker.findings += check_written(inverter.journal, order=order)

    async def _call(self, action: str, fields: dict[str, Any]) -> bool:
        """Call an action; return whether it succeeded."""
        try:
            await self.installation.hass.services.async_call(
                DOMAIN, action, fields, blocking=True
            )
        except HomeAssistantError:
            return False
        return True

    @invariant()
    def nothing_is_wrong(self) -> None:
        if hasattr(self, "checker"):
            wrong = [one for one in self.checker.findings if not self._is_open(one)]
            assert not wrong, "\n".join(wrong[:5])

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
            self.checker.close()
            self._run(self.installation.remove())

    async def _settle(self) -> None:
        left = max((at - self._loop.time() for at, _ in self._active), default=0)
        self._suspend(timedelta(seconds=left))
        self._update_corruptions()
        await self._wait(SETTLED_SECONDS + SNAPSHOT_SECONDS)
        house = self.installation.inverter.house
        more = {
            name: in_joules(1)
            for name, counted in asdict(house.counters).items()
            if counted
        }
        house.counters = house.counters.plus(EnergyCounters(**more), 1)
        self._suspend(timedelta(hours=1))
        await self._wait(6 * SNAPSHOT_SECONDS)
        self.checker.check(settled=True)
