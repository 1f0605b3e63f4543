"""Reads an inverter block by block, and returns snapshots."""

import asyncio
from collections.abc import Mapping, Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from math import inf
from time import monotonic
from typing import Any

from modbus_connection import ModbusUnit

from .energy_ledger import EnergyLedger
from .errors import CommunicationError, ErrorKind, IllegalRequestError
from .identity import is_other_inverter
from .maps import CURRENT, RegisterMap
from .modbus_request import PollStats, read_words
from .plausibility import PlausibilityFilter
from .read_plan import (
    Readable,
    ReadRequest,
    is_small_gap,
    plan_requests,
    request_for,
)
from .registers.block import Block, BlockGroup
from .registers.register import Memory
from .scale_detection import ScaleDetector
from .scales import STANDARD, ScaleProfile
from .snapshot import Snapshot
from .unsupported_blocks import UnsupportedBlocks

SLOW_INTERVAL = timedelta(minutes=5)
"""How often the slow blocks are read, unless the caller wants another interval."""

MAX_REQUESTS = 12
"""Limit of requests in one reading, after which further slow blocks wait for the next reading."""


EARLY_INTERVAL = timedelta(seconds=20)
"""How often a slow block is read while a scale in it is uncertain: its settings cannot be written until then."""

MAX_EARLY_READS = 40
"""Samples after which such a block is read as rarely as the others: its values fit both scales."""


class SlowBlockCache:
    """The last values of the slow blocks, for the snapshots between two readings of them."""

    def __init__(self) -> None:
        """Start empty."""
        self.blocks: dict[str, Block] = {}
        """The last value of each slow block, by block name."""
        self._read_at: dict[type[Block], float] = {}
        """When each was read, by the monotonic clock; without an entry it is due now."""

    def is_due(self, block: type[Block], interval: timedelta) -> bool:
        """Whether the last reading of a slow block is longer ago than the interval."""
        age = monotonic() - self._read_at.get(block, -inf)
        return age > interval.total_seconds()

    def last_read(self, block: type[Block]) -> float:
        """Return a sort key by which the longest unread block comes first."""
        return self._read_at.get(block, -inf)

    def mark_read(self, block: type[Block]) -> None:
        """Record that a block was read now."""
        self._read_at[block] = monotonic()

    def expire(self) -> None:
        """Make every block due. The values stay."""
        self._read_at.clear()


@dataclass
class Inverter:
    """An AlphaESS inverter behind a Modbus unit, independent of the transport."""

    unit: ModbusUnit
    profile: ScaleProfile = STANDARD
    """The scales that it uses: what was stored or chosen, then what the raw values confirm."""
    groups: AbstractSet[BlockGroup] = frozenset(BlockGroup)
    """The groups that are polled; the measurements always are."""
    slow_interval: timedelta = SLOW_INTERVAL
    max_requests: int = MAX_REQUESTS
    """Requests of one reading, except the first one and the first after an outage."""
    expected_serial: str = ""
    """The serial number that must be there after an outage; empty to accept any."""
    served_blocks: set[type[Block]] = field(default_factory=set)
    """Blocks that have answered at least once, and are where this firmware has them."""
    register_map: RegisterMap = CURRENT
    stats: PollStats = field(default_factory=PollStats)
    image: dict[int, int] = field(default_factory=dict)
    """The newest word of each address that was read, for diagnostics."""
    ledger: EnergyLedger = field(default_factory=EnergyLedger)
    plausibility: PlausibilityFilter = field(init=False)
    unsupported: UnsupportedBlocks = field(init=False)
    scale_detector: ScaleDetector = field(init=False)
    _slow_cache: SlowBlockCache = field(default_factory=SlowBlockCache)
    _out_of_band: dict[str, Block] = field(default_factory=dict)
    """Blocks that were read by others since the current reading began."""

    def __post_init__(self) -> None:
        """Build the parts that depend on the register map."""
        self.plausibility = PlausibilityFilter(self.stats, self.register_map)
        self.unsupported = UnsupportedBlocks(
            self.served_blocks, self.register_map.essential
        )
        self.scale_detector = ScaleDetector(self.profile, self.register_map)

    def rediscover(self) -> None:
        """Forget what is served: new firmware may have more registers, or fewer."""
        # The blocks of groups that are not polled stay: nothing would be learned of them.
        self.served_blocks.difference_update(self.polled_blocks)
        self.unsupported.clear()
        self.expire_slow_blocks()

    def expire_slow_blocks(self) -> None:
        """Make the slow blocks due with the next reading."""
        self._slow_cache.expire()

    @property
    def polled_blocks(self) -> tuple[type[Block], ...]:
        """The blocks of the polled groups, in reading order."""
        groups = {BlockGroup.MEASUREMENTS, *self.groups}
        return tuple(
            block for block in self.register_map.blocks if block.group in groups
        )

    @property
    def available_blocks(self) -> frozenset[type[Block]]:
        """The blocks that there are values of: served and polled."""
        return frozenset(self.polled_blocks) & self.served_blocks

    @property
    def refused_blocks(self) -> frozenset[type[Block]]:
        """The blocks that are not requested now, because the inverter refused them."""
        return self.unsupported.blocks

    def learn_scales(self, memory: Memory) -> ScaleProfile:
        """Return the scales, after words that were read out of turn."""
        self.profile = self.scale_detector.update(memory, at=monotonic())
        return self.profile

    def update_block(self, block: Block) -> None:
        """Replace a block by one that was read after a write; newer than a reading in progress."""
        self._out_of_band[block.name] = block
        if block.slow:
            self._slow_cache.blocks[block.name] = block

    async def read(self, *, after_outage: bool = False) -> Snapshot:
        """Read all blocks that are served and due: first the power values, then the rest.

        After an outage the slow blocks are due, too, and nothing older is reused. Later,
        slow blocks that would take more than `max_requests` wait for the next reading.
        A refused block is None and does not affect the others. Raises CommunicationError.
        """
        if after_outage:
            self._slow_cache, self.image = SlowBlockCache(), {}
            self.plausibility.gauges.forget()
        self._out_of_band = {}
        started, requests = monotonic(), self.stats.requests
        measured_at = datetime.now(UTC)
        read_started = asyncio.get_running_loop().time()
        words, requested = await self._read_blocks(self._blocks_to_read())
        if after_outage and self._is_other_inverter(words):
            # A router may have given the address to another one. Nothing is learned from it.
            message = "another inverter answers at this address"
            raise CommunicationError(ErrorKind.PROTOCOL, message)
        memory = self._confirmed(words)
        self.profile = self.scale_detector.update(memory, at=started)
        self.stats.snapshots += 1
        blocks = self._decode(memory)
        served = {one.name for one in requested if one in self.served_blocks}
        snapshot = Snapshot(
            measured_at=measured_at,
            read_started=read_started,
            unavailable=frozenset(served - blocks.keys()),
            **blocks,
        )
        snapshot = await self.plausibility.filter(
            snapshot,
            self.profile,
            partial(self._read_again, end=requests + self.max_requests),
        )
        self.stats.last_duration = timedelta(seconds=monotonic() - started)
        self.stats.last_requests = self.stats.requests - requests
        return self.ledger.update(
            snapshot,
            {block.name for block in self.available_blocks},
            max_power=self.plausibility.max_power,
            record=self.plausibility.record,
        )

    async def read_power(self, last: Snapshot) -> Snapshot:
        """Return the last snapshot with new power values.

        Reads a full snapshot if a power value is refused. Raises CommunicationError.
        """
        self._out_of_band = {}
        measured_at = datetime.now(UTC)
        subsets = self.register_map.power_fields
        known = {one.block: getattr(last, one.block.name) for one in subsets}
        requested = [one for one in subsets if known[one.block] is not None]
        memory: dict[int, int] = {}
        try:
            for request in plan_requests(requested):
                memory |= await self._read_words(request)
        except IllegalRequestError:
            # The block was served before, so the refusal is temporary; a full snapshot
            # shows what is left.
            return await self.read()
        blocks = {
            one.block.name: one.update(known[one.block], memory, self.profile)
            for one in requested
        }
        blocks |= self._out_of_band
        snapshot = replace(last, measured_at=measured_at, **blocks)
        return await self.plausibility.filter(
            snapshot, self.profile, self._read_again, whole=frozenset()
        )

    async def _read_again(
        self, names: AbstractSet[str], *, end: float = inf
    ) -> dict[str, Any]:
        """Read doubtful blocks a second time, by one request, unless `end` were made; return them by name."""
        blocks = self.register_map.named(names) & self.served_blocks
        if not blocks or self.stats.requests >= end:
            return {}
        request = plan_requests(blocks)[0]
        try:
            memory = await self._read_words(request)
        except IllegalRequestError:
            return {}
        self.image |= memory
        return {
            block.name: block.decode(memory, self.profile)
            for block in request.readables
        }

    def _blocks_to_read(self) -> tuple[type[Block], ...]:
        refused = self.refused_blocks
        return tuple(
            block
            for block in self.polled_blocks
            if block not in refused
            and (
                not block.slow or self._slow_cache.is_due(block, self._interval(block))
            )
        )

    def _interval(self, block: type[Block]) -> timedelta:
        """Return how often a slow block is read: soon again while the scale of a setting is uncertain."""
        samples = [
            self.scale_detector.uncertain_samples(register.variant)
            for register in block.registers.values()
            if register.variant
        ]
        is_uncertain = any(0 < count < MAX_EARLY_READS for count in samples)
        return (
            min(EARLY_INTERVAL, self.slow_interval)
            if is_uncertain
            else self.slow_interval
        )

    async def _read_blocks(
        self, blocks: tuple[type[Block], ...]
    ) -> tuple[dict[int, int], set[type[Block]]]:
        """Read blocks within the limit of requests. Return the words, and the blocks that were requested."""
        memory: dict[int, int] = {}
        requested: set[type[Block]] = set()
        end = self.stats.requests + self.max_requests
        measurements = [block for block in blocks if not block.slow]
        slow = self._slow_requests(blocks)
        for request in (*plan_requests(measurements, self._may_read_across), *slow):
            # The first slow request never waits: a refused block can use up the limit in each reading.
            if (
                request in slow[1:]
                and self.stats.requests >= end
                and self._has_older_values(request)
            ):
                continue
            memory |= await self._read_or_bisect(request)
            requested.update(request.readables)
        if not memory:
            raise CommunicationError(ErrorKind.PROTOCOL, "every block was refused")
        self.image |= memory
        for block in requested:
            if block.slow and memory.keys() >= set(block.addresses()):
                self._slow_cache.mark_read(block)
        return memory, requested

    def _has_older_values(self, request: ReadRequest[type[Block]]) -> bool:
        """Whether all blocks of a request have older values: not after an outage or a rediscovery."""
        return all(one.name in self._slow_cache.blocks for one in request.readables)

    def _slow_requests(
        self, blocks: tuple[type[Block], ...]
    ) -> list[ReadRequest[type[Block]]]:
        """Plan the slow blocks: essential ones never read first, then the longest unread ones."""
        slow = [block for block in blocks if block.slow]
        return sorted(
            plan_requests(slow, self._may_read_across),
            key=lambda request: (
                min(map(self._slow_cache.last_read, request.readables)),
                self.register_map.essential.isdisjoint(request.readables),
            ),
        )

    def _is_other_inverter(self, words: Mapping[int, int]) -> bool:
        return bool(self.expected_serial) and is_other_inverter(
            self.expected_serial, words, self.register_map
        )

    def _may_read_across(self, gap: range) -> bool:
        """Whether a request may include these addresses: served ones and small gaps, never refused ones."""
        refused = {a for block in self.refused_blocks for a in block.addresses()}
        served = {a for block in self.served_blocks for a in block.addresses()}
        if not refused.isdisjoint(gap):
            return False
        return is_small_gap(gap) or served.issuperset(gap)

    def _confirmed(self, memory: dict[int, int]) -> dict[int, int]:
        """Return the words of the complete blocks that are where this firmware has them."""
        complete = {
            block
            for block in self.polled_blocks
            if memory.keys() >= set(block.addresses())
        }
        confirmed = complete - self.register_map.blocks_of_other_map(
            memory, self.served_blocks
        )
        self.served_blocks |= confirmed
        return {a: memory[a] for block in confirmed for a in block.addresses()}

    async def _read_or_bisect(
        self, request: ReadRequest[type[Block]]
    ) -> dict[int, int]:
        """Read a request; if it is refused, divide it to find the block that is refused."""
        try:
            memory = await self._read_words(request)
        except IllegalRequestError:
            if len(request.readables) == 1:
                self.unsupported.mark_refused(request.readables[0])
                return {}
            memory = {}
            for part in self._bisect(request):
                memory |= await self._read_or_bisect(part)
            return memory
        except CommunicationError as err:
            if err.kind is ErrorKind.TIMEOUT:
                self.unsupported.mark_timeout(request.readables)
            raise
        self.unsupported.mark_answered(request.readables)
        return memory

    def _bisect(
        self, request: ReadRequest[type[Block]]
    ) -> tuple[ReadRequest[type[Block]], ...]:
        """Divide a refused request: the blocks that were served before together, each other one alone."""
        served = [one for one in request.readables if one in self.served_blocks]
        others = [
            request_for(one)
            for one in request.readables
            if one not in self.served_blocks
        ]
        if others:
            return (*plan_requests(served), *others)
        return tuple(map(request_for, served))

    async def _read_words[R: Readable](self, request: ReadRequest[R]) -> dict[int, int]:
        self.stats.requests += 1
        try:
            return await read_words(self.unit, request)
        except CommunicationError:
            self.stats.failures += 1
            raise

    def _decode(self, memory: Mapping[int, int]) -> dict[str, Any]:
        """Decode the blocks, by name; slow ones that were not read are those of the last time."""
        blocks: dict[str, Any] = {
            block.name: block.decode(memory, self.profile)
            for block in self.polled_blocks
            if memory.keys() >= set(block.addresses())
        }
        blocks |= self._out_of_band
        self._slow_cache.blocks |= {n: b for n, b in blocks.items() if b.slow}
        return blocks | self._slow_cache.blocks
