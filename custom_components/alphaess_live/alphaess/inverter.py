"""Asks a unit for registers and answers with snapshots."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

from modbus_connection import ModbusUnit

from .block import Block
from .counters import Counters
from .datasheet import (
    BLOCKS,
    Battery,
    Clock,
    Grid,
    Strings,
    System,
)
from .detect import detect
from .errors import ErrorKind, OldFirmwareError, RefusedError, UnansweredError
from .excerpt import LIVE
from .layout import misplaced
from .plan import Part, Span, plan, span
from .request import request
from .screen import Screen
from .seldom import SLOW, SLOW_INTERVAL, Seldom
from .snapshot import Snapshot
from .variants import STANDARD, Profile

ESSENTIAL: frozenset[type[Block]] = frozenset({Grid, Battery, System})
"""What every AlphaESS serves: a refusal is a passing fault, never a fact of the model."""

RETRY_REFUSED = timedelta(days=1)
"""Firmware updates bring registers: what was refused is asked for again after this."""


@dataclass
class Inverter:
    """An AlphaESS inverter behind a Modbus unit, whatever carries that unit."""

    unit: ModbusUnit
    profile: Profile = STANDARD
    """Which scales it uses; grows as raw values prove more, unless it is settled."""
    settled: bool = False
    """The user has chosen the scales: nothing is detected."""
    served: set[type[Block]] = field(default_factory=set)
    """Blocks that have answered at least once, and lie where this firmware has them."""
    counters: Counters = field(default_factory=Counters)
    image: dict[int, int] = field(default_factory=dict)
    """The newest word that each address held: what a diagnostics file carries."""
    screen: Screen = field(init=False)
    """What no snapshot gets past."""
    _refused: dict[type[Block], float] = field(default_factory=dict)
    _slow_read: float | None = None
    _slow: Seldom = field(default_factory=Seldom)

    def __post_init__(self) -> None:
        """Believe what is known from before: a block that was not served is not asked for."""
        self.screen = Screen(self.counters)
        if self.served:
            unknown = set(BLOCKS) - self.served - ESSENTIAL
            self._refused = dict.fromkeys(unknown, monotonic())

    def probe(self) -> None:
        """Ask again for what was refused: new firmware brings new registers."""
        self._refused.clear()

    @property
    def refused(self) -> frozenset[type[Block]]:
        """Blocks that are not asked for, since the inverter refused them."""
        oldest = monotonic() - RETRY_REFUSED.total_seconds()
        return frozenset(b for b, at in self._refused.items() if at > oldest)

    def take(self, block: Block) -> None:
        """Remember what was read back after a write: a slow block is not read again soon."""
        if type(block) in SLOW:
            self._slow.tell(block, at=monotonic())

    async def read(self, *, afresh: bool = False) -> Snapshot:
        """Read what is served and due: one burst for the power values, then the rest.

        Afresh after an outage: then what hardly changes is due, too. Raises
        UnansweredError; a refused block is None and takes nothing else down.
        """
        if afresh:
            self._slow_read, self._slow, self.image = None, Seldom(), {}
        started, before = monotonic(), self.counters.requests
        taken = datetime.now(UTC)
        wanted = self._wanted()
        memory = self._placed(await self._read(wanted))
        if not self.settled:
            self.profile |= detect(memory)
        self.counters.snapshots += 1
        self.counters.last_duration = timedelta(seconds=monotonic() - started)
        self.counters.last_requests = self.counters.requests - before
        blocks = self._decode(memory, began=started)
        known = {block.name for block in wanted if block in self.served}
        withheld = frozenset(known - blocks.keys())
        snapshot = Snapshot(taken=taken, withheld=withheld, **blocks)
        return self.screen.admit(snapshot, afresh=afresh)

    async def read_power(self, last: Snapshot) -> Snapshot:
        """Renew the power values of a snapshot, and nothing else; all of it if one is refused.

        Raises UnansweredError.
        """
        taken = datetime.now(UTC)
        known = {e.block: getattr(last, e.block.name) for e in LIVE}
        wanted = [e for e in LIVE if known[e.block] is not None]
        memory: dict[int, int] = {}
        try:
            for one in plan(wanted):
                memory |= await self._fetch(one)
        except RefusedError:
            # They were served before, so this will pass; a full read says what is left.
            return await self.read()
        fresh = {
            e.block.name: e.renew(known[e.block], memory, self.profile) for e in wanted
        }
        return self.screen.admit_power(replace(last, taken=taken, **fresh))

    async def check_layout(self) -> None:
        """Tell old firmware, whose registers lie elsewhere, from a device that is no inverter.

        Raises OldFirmwareError: its frequency register answers, its clock does not.
        """
        if not await self._answers(Clock) and await self._answers(Strings):
            raise OldFirmwareError(
                "the clock at 0x0740 is refused: protocol before V1.20"
            )

    async def _answers(self, block: type[Block]) -> bool:
        try:
            await self._fetch(span(block))
        except RefusedError:
            return False
        return True

    def _wanted(self) -> tuple[type[Block], ...]:
        due = self._slow_read is None or (
            monotonic() - self._slow_read > SLOW_INTERVAL.total_seconds()
        )
        skipped = self.refused | (frozenset() if due else SLOW)
        return tuple(block for block in BLOCKS if block not in skipped)

    async def _read(self, blocks: tuple[type[Block], ...]) -> dict[int, int]:
        memory: dict[int, int] = {}
        fast = plan(block for block in blocks if block not in SLOW)
        slow = plan(block for block in blocks if block in SLOW)
        for one in (*fast, *slow):
            memory |= await self._fetch_served(one)
        if not memory:
            raise UnansweredError(ErrorKind.PROTOCOL, "every block was refused")
        self.image |= memory
        if slow and memory.keys() >= set(System.addresses()):
            self._slow_read = monotonic()
        return memory

    def _placed(self, memory: dict[int, int]) -> dict[int, int]:
        """Keep the words of the blocks that are whole and lie where they belong."""
        answered = {b for b in BLOCKS if memory.keys() >= set(b.addresses())}
        placed = answered - misplaced(memory, self.served)
        self.served |= placed
        return {a: memory[a] for block in placed for a in block.addresses()}

    async def _fetch_served(self, one: Span[type[Block]]) -> dict[int, int]:
        """Fetch a span; where it is refused, find out which of its blocks is to blame."""
        try:
            memory = await self._fetch(one)
        except RefusedError:
            if len(one.parts) == 1:
                self._refuse(one.parts[0])
                return {}
            memory = {}
            for part in self._suspects(one):
                memory |= await self._fetch_served(part)
            return memory
        for block in one.parts:
            self._refused.pop(block, None)
        return memory

    def _suspects(self, one: Span[type[Block]]) -> tuple[Span[type[Block]], ...]:
        """Divide a refused span: what has answered before together, everything else alone."""
        served = [block for block in one.parts if block in self.served]
        rest = [span(block) for block in one.parts if block not in self.served]
        return (*(plan(served) if rest else map(span, served)), *rest)

    def _refuse(self, block: type[Block]) -> None:
        """Stop asking for a block, unless it is known to exist: then this will pass."""
        if block not in self.served | ESSENTIAL:
            self._refused[block] = monotonic()

    async def _fetch[P: Part](self, one: Span[P]) -> dict[int, int]:
        self.counters.requests += 1
        try:
            return await request(self.unit, one)
        except UnansweredError:
            self.counters.failures += 1
            raise

    def _decode(self, memory: Mapping[int, int], *, began: float) -> dict[str, Any]:
        read: dict[str, Any] = {
            block.name: block.decode(memory, self.profile)
            for block in BLOCKS
            if memory.keys() >= set(block.addresses())
        }
        slow = {block.name: read[block.name] for block in SLOW if block.name in read}
        self._slow.learn(slow, began=began)
        return read | self._slow.blocks
