"""Asks a unit for registers and answers with snapshots."""

import asyncio
from collections.abc import Mapping, Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from time import monotonic
from typing import Any

from modbus_connection import ModbusUnit

from .errors import CommunicationError, ErrorKind, IllegalRequestError
from .identity import is_other_inverter
from .map_version import blocks_of_other_map
from .modbus_request import PollStats, read_words
from .partial_read import POWER_FIELDS
from .plausibility import PlausibilityFilter
from .read_plan import Readable, ReadRequest, is_small_gap, plan_requests, request_for
from .registers import BLOCKS, System
from .registers.block import Block, BlockGroup
from .scale_detection import ScaleDetector
from .scales import STANDARD, ScaleProfile
from .slow_blocks import SLOW_INTERVAL, SlowBlockCache
from .snapshot import Snapshot
from .turns import Turns
from .unsupported_blocks import UnsupportedBlocks


@dataclass
class Inverter:
    """An AlphaESS inverter behind a Modbus unit, whatever carries that unit."""

    unit: ModbusUnit
    profile: ScaleProfile = STANDARD
    """Which scales it uses; grows as raw values prove more, unless it is settled."""
    scales_fixed: bool = False
    """The user has chosen the scales: nothing is detected."""
    groups: AbstractSet[BlockGroup] = frozenset(BlockGroup)
    """What is polled beside the measurements."""
    slow_interval: timedelta = SLOW_INTERVAL
    expected_serial: str = ""
    """Who must answer after an outage; empty for whoever does."""
    served_blocks: set[type[Block]] = field(default_factory=set)
    """Blocks that have answered at least once, and lie where this firmware has them."""
    stats: PollStats = field(default_factory=PollStats)
    image: dict[int, int] = field(default_factory=dict)
    """The newest word that each address held: what a diagnostics file carries."""
    plausibility: PlausibilityFilter = field(init=False)
    """What no snapshot gets past."""
    unsupported: UnsupportedBlocks = field(init=False)
    turns: Turns = field(default_factory=Turns)
    _slow_cache: SlowBlockCache = field(default_factory=SlowBlockCache)
    _out_of_band: dict[str, Block] = field(default_factory=dict)
    """What was read out of turn since the newest reading began."""
    _scale_detector: ScaleDetector = field(default_factory=ScaleDetector)

    def __post_init__(self) -> None:
        """Begin without having been refused anything."""
        self.plausibility = PlausibilityFilter(self.stats)
        self.unsupported = UnsupportedBlocks(self.served_blocks)

    def rediscover(self) -> None:
        """Find out anew what is served: new firmware brings new registers, or loses some."""
        self.served_blocks.difference_update(
            self.polled_blocks
        )  # Of the rest nothing is found out.
        self.unsupported.clear()
        self._slow_cache.read_at = None

    @property
    def polled_blocks(self) -> tuple[type[Block], ...]:
        """Blocks that are asked for, as far as they are served, in the order they are read."""
        chosen = {BlockGroup.MEASUREMENTS, *self.groups}
        return tuple(block for block in BLOCKS if block.group in chosen)

    @property
    def available_blocks(self) -> frozenset[type[Block]]:
        """Blocks that there are values of: served, and polled."""
        return frozenset(self.polled_blocks) & self.served_blocks

    @property
    def refused_blocks(self) -> frozenset[type[Block]]:
        """Blocks that are not asked for, since the inverter refused them."""
        return self.unsupported.blocks

    def update_block(self, block: Block) -> None:
        """Take over what was read back after a write: newer than a reading on its way."""
        self._out_of_band[block.name] = block
        if block.slow:
            self._slow_cache.blocks[block.name] = block

    async def read(self, *, after_outage: bool = False) -> Snapshot:
        """Read what is served and due: one burst for the power values, then the rest.

        Afresh after an outage: then what hardly changes is due, too. Raises
        UnansweredError; a refused block is None and takes nothing else down.
        """
        if after_outage:
            self._slow_cache, self.turns, self.image = SlowBlockCache(), Turns(), {}
        self._out_of_band = {}
        started, before = monotonic(), self.stats.requests
        taken, begun = datetime.now(UTC), asyncio.get_running_loop().time()
        wanted = self._blocks_to_read()
        words = await self._read_blocks(wanted)
        if (
            after_outage
            and self.expected_serial
            and is_other_inverter(self.expected_serial, words)
        ):
            # A router may have given the address away. Of a stranger nothing is learned.
            message = "another inverter answers at this address"
            raise CommunicationError(ErrorKind.PROTOCOL, message)
        memory = self._confirmed(words)
        if not self.scales_fixed:
            self.profile |= self._scale_detector.update(memory)
        self.stats.snapshots += 1
        self.stats.last_duration = timedelta(seconds=monotonic() - started)
        self.stats.last_requests = self.stats.requests - before
        blocks = self._decode(memory)
        known = {block.name for block in wanted if block in self.served_blocks}
        withheld = frozenset(known - blocks.keys() - self.turns.waiting)
        snapshot = Snapshot(
            measured_at=taken, read_started=begun, unavailable=withheld, **blocks
        )
        return self.turns.fill(
            self.plausibility.filter(snapshot, after_outage=after_outage)
        )

    async def read_power(self, last: Snapshot) -> Snapshot:
        """Renew the power values of a snapshot, and nothing else; all of it if one is refused.

        Raises UnansweredError.
        """
        self._out_of_band = {}
        taken = datetime.now(UTC)
        known = {e.block: getattr(last, e.block.name) for e in POWER_FIELDS}
        wanted = [e for e in POWER_FIELDS if known[e.block] is not None]
        memory: dict[int, int] = {}
        try:
            for one in plan_requests(wanted):
                memory |= await self._read_words(one)
        except IllegalRequestError:
            # They were served before, so this will pass; a full read says what is left.
            return await self.read()
        fresh = {
            e.block.name: e.update(known[e.block], memory, self.profile) for e in wanted
        }
        fresh |= self._out_of_band
        return self.plausibility.filter_power(replace(last, measured_at=taken, **fresh))

    def _blocks_to_read(self) -> tuple[type[Block], ...]:
        due = self._slow_cache.is_due(self.slow_interval, at=monotonic())
        asked = [
            block for block in self.polled_blocks if block not in self.refused_blocks
        ]
        return tuple(block for block in asked if due or not block.slow)

    async def _read_blocks(self, blocks: tuple[type[Block], ...]) -> dict[int, int]:
        memory: dict[int, int] = {}
        fast = plan_requests(
            (block for block in blocks if not block.slow), self._may_read_across
        )
        slow = plan_requests(
            (block for block in blocks if block.slow), self._may_read_across
        )
        for one in (*self.turns.take(fast, whole=bool(slow)), *slow):
            memory |= await self._read_or_bisect(one)
        if not memory:
            raise CommunicationError(ErrorKind.PROTOCOL, "every block was refused")
        self.image |= memory
        if slow and memory.keys() >= set(System.addresses()):
            self._slow_cache.read_at = monotonic()
        return memory

    def _may_read_across(self, gap: range) -> bool:
        """Read across what is served, though nobody wants it; never across what was refused."""
        refused = {
            address for block in self.refused_blocks for address in block.addresses()
        }
        served = {
            address for block in self.served_blocks for address in block.addresses()
        }
        if not refused.isdisjoint(gap):
            return False
        return is_small_gap(gap) or served.issuperset(gap)

    def _confirmed(self, memory: dict[int, int]) -> dict[int, int]:
        """Keep the words of the blocks that are whole and lie where they belong."""
        answered = {
            b for b in self.polled_blocks if memory.keys() >= set(b.addresses())
        }
        placed = answered - blocks_of_other_map(memory, self.served_blocks)
        self.served_blocks |= placed
        return {a: memory[a] for block in placed for a in block.addresses()}

    async def _read_or_bisect(self, one: ReadRequest[type[Block]]) -> dict[int, int]:
        """Fetch a span; where it is refused, find out which of its blocks is to blame."""
        try:
            memory = await self._read_words(one)
        except IllegalRequestError:
            if len(one.readables) == 1:
                self.unsupported.mark_refused(one.readables[0])
                return {}
            memory = {}
            for part in self._bisect(one):
                memory |= await self._read_or_bisect(part)
            return memory
        except CommunicationError as err:
            if err.kind is ErrorKind.TIMEOUT:
                self.unsupported.mark_timeout(one.readables)
            raise
        self.unsupported.mark_answered(one.readables)
        return memory

    def _bisect(
        self, one: ReadRequest[type[Block]]
    ) -> tuple[ReadRequest[type[Block]], ...]:
        """Divide a refused span: what has answered before together, everything else alone."""
        served = [block for block in one.readables if block in self.served_blocks]
        rest = [
            request_for(block)
            for block in one.readables
            if block not in self.served_blocks
        ]
        return (*(plan_requests(served) if rest else map(request_for, served)), *rest)

    async def _read_words[P: Readable](self, one: ReadRequest[P]) -> dict[int, int]:
        self.stats.requests += 1
        try:
            return await read_words(self.unit, one)
        except CommunicationError:
            self.stats.failures += 1
            raise

    def _decode(self, memory: Mapping[int, int]) -> dict[str, Any]:
        read: dict[str, Any] = {
            block.name: block.decode(memory, self.profile)
            for block in self.polled_blocks
            if memory.keys() >= set(block.addresses())
        }
        read |= self._out_of_band
        self._slow_cache.blocks |= {n: block for n, block in read.items() if block.slow}
        return read | self._slow_cache.blocks
