"""Asks a unit for registers and answers with snapshots."""

import asyncio
from collections.abc import Mapping, Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

from modbus_connection import ModbusUnit

from .errors import ErrorKind, RefusedError, UnansweredError
from .identity import is_stranger
from .map_version import misplaced
from .modbus_request import Counters, request
from .partial_read import LIVE
from .plausibility import Screen
from .read_plan import Part, Span, is_narrow, plan, span
from .registers import BLOCKS, System
from .registers.block import Block, Group
from .scale_detection import Evidence
from .scales import STANDARD, Profile
from .slow_blocks import SLOW_INTERVAL, Seldom
from .snapshot import Snapshot
from .turns import Turns
from .unsupported_blocks import Quarantine


@dataclass
class Inverter:
    """An AlphaESS inverter behind a Modbus unit, whatever carries that unit."""

    unit: ModbusUnit
    profile: Profile = STANDARD
    """Which scales it uses; grows as raw values prove more, unless it is settled."""
    settled: bool = False
    """The user has chosen the scales: nothing is detected."""
    groups: AbstractSet[Group] = frozenset(Group)
    """What is polled beside the measurements."""
    slow_interval: timedelta = SLOW_INTERVAL
    serial: str = ""
    """Who must answer after an outage; empty for whoever does."""
    served: set[type[Block]] = field(default_factory=set)
    """Blocks that have answered at least once, and lie where this firmware has them."""
    counters: Counters = field(default_factory=Counters)
    image: dict[int, int] = field(default_factory=dict)
    """The newest word that each address held: what a diagnostics file carries."""
    screen: Screen = field(init=False)
    """What no snapshot gets past."""
    quarantine: Quarantine = field(init=False)
    turns: Turns = field(default_factory=Turns)
    _slow: Seldom = field(default_factory=Seldom)
    _told: dict[str, Block] = field(default_factory=dict)
    """What was read out of turn since the newest reading began."""
    _evidence: Evidence = field(default_factory=Evidence)

    def __post_init__(self) -> None:
        """Begin without having been refused anything."""
        self.screen = Screen(self.counters)
        self.quarantine = Quarantine(self.served)

    def probe(self) -> None:
        """Find out anew what is served: new firmware brings new registers, or loses some."""
        self.served.difference_update(self.polled)  # Of the rest nothing is found out.
        self.quarantine.clear()
        self._slow.read_at = None

    @property
    def polled(self) -> tuple[type[Block], ...]:
        """Blocks that are asked for, as far as they are served, in the order they are read."""
        chosen = {Group.MEASUREMENTS, *self.groups}
        return tuple(block for block in BLOCKS if block.group in chosen)

    @property
    def offered(self) -> frozenset[type[Block]]:
        """Blocks that there are values of: served, and polled."""
        return frozenset(self.polled) & self.served

    @property
    def refused(self) -> frozenset[type[Block]]:
        """Blocks that are not asked for, since the inverter refused them."""
        return self.quarantine.blocks

    def take(self, block: Block) -> None:
        """Take over what was read back after a write: newer than a reading on its way."""
        self._told[block.name] = block
        if block.slow:
            self._slow.blocks[block.name] = block

    async def read(self, *, afresh: bool = False) -> Snapshot:
        """Read what is served and due: one burst for the power values, then the rest.

        Afresh after an outage: then what hardly changes is due, too. Raises
        UnansweredError; a refused block is None and takes nothing else down.
        """
        if afresh:
            self._slow, self.turns, self.image = Seldom(), Turns(), {}
        self._told = {}
        started, before = monotonic(), self.counters.requests
        taken, begun = datetime.now(UTC), asyncio.get_running_loop().time()
        wanted = self._wanted()
        words = await self._read(wanted)
        if afresh and self.serial and is_stranger(self.serial, words):
            # A router may have given the address away. Of a stranger nothing is learned.
            message = "another inverter answers at this address"
            raise UnansweredError(ErrorKind.PROTOCOL, message)
        memory = self._placed(words)
        if not self.settled:
            self.profile |= self._evidence.weigh(memory)
        self.counters.snapshots += 1
        self.counters.last_duration = timedelta(seconds=monotonic() - started)
        self.counters.last_requests = self.counters.requests - before
        blocks = self._decode(memory)
        known = {block.name for block in wanted if block in self.served}
        withheld = frozenset(known - blocks.keys() - self.turns.waiting)
        snapshot = Snapshot(taken=taken, begun=begun, withheld=withheld, **blocks)
        return self.turns.fill(self.screen.admit(snapshot, afresh=afresh))

    async def read_power(self, last: Snapshot) -> Snapshot:
        """Renew the power values of a snapshot, and nothing else; all of it if one is refused.

        Raises UnansweredError.
        """
        self._told = {}
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
        fresh |= self._told
        return self.screen.admit_power(replace(last, taken=taken, **fresh))

    def _wanted(self) -> tuple[type[Block], ...]:
        due = self._slow.is_due(self.slow_interval, at=monotonic())
        asked = [block for block in self.polled if block not in self.refused]
        return tuple(block for block in asked if due or not block.slow)

    async def _read(self, blocks: tuple[type[Block], ...]) -> dict[int, int]:
        memory: dict[int, int] = {}
        fast = plan((block for block in blocks if not block.slow), self._crosses)
        slow = plan((block for block in blocks if block.slow), self._crosses)
        for one in (*self.turns.take(fast, whole=bool(slow)), *slow):
            memory |= await self._fetch_served(one)
        if not memory:
            raise UnansweredError(ErrorKind.PROTOCOL, "every block was refused")
        self.image |= memory
        if slow and memory.keys() >= set(System.addresses()):
            self._slow.read_at = monotonic()
        return memory

    def _crosses(self, gap: range) -> bool:
        """Read across what is served, though nobody wants it; never across what was refused."""
        refused = {address for block in self.refused for address in block.addresses()}
        served = {address for block in self.served for address in block.addresses()}
        if not refused.isdisjoint(gap):
            return False
        return is_narrow(gap) or served.issuperset(gap)

    def _placed(self, memory: dict[int, int]) -> dict[int, int]:
        """Keep the words of the blocks that are whole and lie where they belong."""
        answered = {b for b in self.polled if memory.keys() >= set(b.addresses())}
        placed = answered - misplaced(memory, self.served)
        self.served |= placed
        return {a: memory[a] for block in placed for a in block.addresses()}

    async def _fetch_served(self, one: Span[type[Block]]) -> dict[int, int]:
        """Fetch a span; where it is refused, find out which of its blocks is to blame."""
        try:
            memory = await self._fetch(one)
        except RefusedError:
            if len(one.parts) == 1:
                self.quarantine.refuse(one.parts[0])
                return {}
            memory = {}
            for part in self._suspects(one):
                memory |= await self._fetch_served(part)
            return memory
        except UnansweredError as err:
            if err.kind is ErrorKind.TIMEOUT:
                self.quarantine.ignore(one.parts)
            raise
        self.quarantine.release(one.parts)
        return memory

    def _suspects(self, one: Span[type[Block]]) -> tuple[Span[type[Block]], ...]:
        """Divide a refused span: what has answered before together, everything else alone."""
        served = [block for block in one.parts if block in self.served]
        rest = [span(block) for block in one.parts if block not in self.served]
        return (*(plan(served) if rest else map(span, served)), *rest)

    async def _fetch[P: Part](self, one: Span[P]) -> dict[int, int]:
        self.counters.requests += 1
        try:
            return await request(self.unit, one)
        except UnansweredError:
            self.counters.failures += 1
            raise

    def _decode(self, memory: Mapping[int, int]) -> dict[str, Any]:
        read: dict[str, Any] = {
            block.name: block.decode(memory, self.profile)
            for block in self.polled
            if memory.keys() >= set(block.addresses())
        }
        read |= self._told
        self._slow.blocks |= {n: block for n, block in read.items() if block.slow}
        return read | self._slow.blocks
