"""Reads an inverter block by block, and returns snapshots."""

import asyncio
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from functools import partial
from math import inf
from time import monotonic
from typing import Any

from modbus_connection import ModbusUnit

from .block_reader import BlockReader
from .device_limits import DeviceLimits, Part, block_of
from .energy_ledger import EnergyLedger
from .errors import CommunicationError, ErrorKind, IllegalRequestError
from .field_subset import FieldSubset
from .identity import Identity, SerialCheck, serials_in
from .identity_detection import VERSION_BLOCKS, IdentityDetector
from .maps import CURRENT, RegisterMap
from .modbus_request import PollStats
from .plausibility import PlausibilityFilter
from .read_plan import ReadRequest, is_small_gap
from .registers import InverterOutput
from .registers.block import Block, BlockGroup
from .registers.register import Memory
from .scale_detection import ScaleDetector
from .scales import STANDARD, ScaleProfile
from .slow_blocks import SlowBlocks
from .snapshot import Snapshot, recent_balance
from .unsupported_blocks import UnsupportedBlocks

SLOW_INTERVAL = timedelta(minutes=5)
"""How often the slow blocks are read, unless the caller wants another interval."""

AC_OUTPUT = FieldSubset(InverterOutput, ("power",))
"""Read with the power values: it shows whether their sum is of one moment."""

MAX_REQUESTS = 12
"""Limit of requests in one reading, after which further slow blocks wait for the next reading."""

SNAPSHOT_REQUESTS = 8
"""Requests of one reading up to which refused blocks are requested again, but at least one; slow blocks wait then."""

EARLY_INTERVAL = timedelta(seconds=20)
"""How often a slow block is read while a scale or a version in it is uncertain."""

MAX_EARLY_READS = 40
"""Samples after which such a block is read as rarely as the others: its values fit both scales."""


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
    serials: set[str] = field(default_factory=set)
    """The serial numbers of the inverter's parts; empty to accept any. Others must not answer."""
    served_blocks: set[type[Block]] = field(default_factory=set)
    """Blocks that have answered at least once, and are where this firmware has them."""
    register_map: RegisterMap = CURRENT
    stats: PollStats = field(default_factory=PollStats)
    image: dict[int, int] = field(default_factory=dict)
    """The newest word of each address that was read, for diagnostics."""
    ledger: EnergyLedger = field(default_factory=EnergyLedger)
    limits: DeviceLimits = field(default_factory=DeviceLimits)
    known_identity: Identity = field(default_factory=lambda: Identity.from_dict({}))
    """What was stored of it."""
    identity_detector: IdentityDetector = field(init=False)
    plausibility: PlausibilityFilter = field(init=False)
    unsupported: UnsupportedBlocks = field(init=False)
    scale_detector: ScaleDetector = field(init=False)
    _reader: BlockReader = field(init=False)
    _slow: SlowBlocks = field(init=False)
    _out_of_band: dict[str, Block] = field(default_factory=dict)
    """Blocks that were read by others since the current reading began."""
    _last: Snapshot | None = None
    _read_at: float = field(init=False)
    _serial_check: SerialCheck = field(init=False)

    def __post_init__(self) -> None:
        """Build the parts that depend on the register map."""
        self._read_at = monotonic()
        self.plausibility = PlausibilityFilter(self.stats, self.register_map)
        self._slow = self._no_slow_blocks()
        self.unsupported = UnsupportedBlocks(
            self.served_blocks, self.register_map.essential
        )
        self.scale_detector = ScaleDetector(self.profile, self.register_map)
        self.identity_detector = IdentityDetector(self.known_identity)
        self._reader = BlockReader(
            unit=self.unit,
            stats=self.stats,
            register_map=self.register_map,
            served=self.served_blocks,
            unsupported=self.unsupported,
            limits=self.limits,
        )
        self._serial_check = SerialCheck(self.serials, self.register_map)

    def _no_slow_blocks(self) -> SlowBlocks:
        return SlowBlocks(self.plausibility.record_value)

    def rediscover(self) -> None:
        """Find out again what is served: new firmware may have more registers, or fewer."""
        # The blocks of groups that are not polled stay: nothing would be learned of them.
        self.unsupported.rediscover(self.polled_blocks)
        self.limits.clear()
        self.expire_slow_blocks()
        self.identity_detector.on_discovery()

    def expire_slow_blocks(self) -> None:
        """Make the slow blocks due with the next reading."""
        self._slow.expire()

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

    @property
    def _undecided(self) -> frozenset[str]:
        """The names of the polled blocks of which it is unknown whether this inverter has them."""
        undecided = self._reader.undecided
        return frozenset(one.name for one in undecided.intersection(self.polled_blocks))

    def learn_scales(self, memory: Memory) -> ScaleProfile:
        """Return the scales, after words that were read out of turn."""
        self.profile = self.scale_detector.update(memory, at=monotonic())
        return self.profile

    def update_block(self, block: Block) -> Block | None:
        """Replace a block by one that was read after a write; newer than a reading in progress.

        Return what is shown of it; None, and nothing is replaced, if it cannot be true.
        """
        if block.slow:
            block = self._slow.set(block, datetime.now(UTC))
        elif not self.plausibility.value_filter.is_possible(block):
            return None
        self._out_of_band[block.name] = block
        return block

    async def read(self, *, after_outage: bool = False) -> Snapshot:
        """Read all blocks that are served and due: first the power values, then the rest.

        After an outage the slow blocks are due, too, and nothing older is reused. Later,
        slow blocks that would take more than `max_requests` wait for the next reading.
        A refused block is None and does not affect the others. Raises CommunicationError.
        """
        if after_outage:
            self._forget_older_values()
        self._out_of_band = {}
        started, requests = monotonic(), self.stats.reads
        measured_at = datetime.now(UTC)
        read_started = asyncio.get_running_loop().time()
        words, requested = await self._read_blocks(self._blocks_to_read())
        # A router may have given the address to another one. Nothing is learned from it.
        words = await self._check_serials(words, after_outage=after_outage)
        fresh = self._learn(self._confirmed(words), measured_at, at=started)
        self.stats.snapshots += 1
        blocks = self._with_older(fresh, measured_at)
        served = {one.name for one in requested & self.served_blocks}
        snapshot = Snapshot(
            measured_at=measured_at,
            previous_balance=recent_balance(self._last, measured_at),
            read_started=read_started,
            unavailable=frozenset(served - blocks.keys()),
            undecided=self._undecided,
            refused_keys=self.limits.refused_keys(self.polled_blocks),
            **blocks,
        )
        is_first = after_outage or self._last is None
        end = inf if is_first else requests + self.max_requests
        snapshot = await self.plausibility.filter(
            snapshot, self.profile, partial(self._read_again, end=end)
        )
        self._read_at = monotonic()
        self.stats.last_duration = timedelta(seconds=self._read_at - started)
        self.stats.last_requests = self.stats.reads - requests
        self._last = snapshot
        return self.ledger.update(
            snapshot,
            {block.name for block in self.available_blocks} | snapshot.undecided,
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
        known = {one.block.name: getattr(last, one.block.name) for one in subsets}
        requested = [one for one in subsets if known[one.block.name] is not None]
        output = (AC_OUTPUT,) if last.output else ()
        memory: dict[int, int] = {}
        try:
            for request in self._reader.plan_fields((*requested, *output)):
                memory |= await self._reader.read_words(request)
        except IllegalRequestError:
            # The block was served before, so the refusal is temporary.
            return await self.read()
        blocks = {
            one.block.name: one.update(known[one.block.name], memory, self.profile)
            for one in requested
        }
        blocks |= self._out_of_band
        snapshot = replace(
            last,
            measured_at=measured_at,
            ac_output=AC_OUTPUT.value_in(memory, self.profile),
            previous_balance=recent_balance(self._last, measured_at),
            **blocks,
        )
        snapshot = await self.plausibility.filter(
            snapshot, self.profile, self._read_again, whole=frozenset()
        )
        self._last, self._read_at = snapshot, monotonic()
        return self.ledger.show(snapshot)  # Blocks that were read again are whole.

    async def _read_again(
        self, names: AbstractSet[str], *, end: float = inf
    ) -> dict[str, Any]:
        """Read doubtful blocks again, by one request or those of one block, unless `end` were made."""
        blocks = self.register_map.named(names) & self.served_blocks
        if not blocks or self.stats.reads >= end:
            return {}
        requests = self.limits.plan(blocks, is_small_gap)
        first = {block_of(part) for part in requests[0].readables}
        memory: dict[int, int] = {}
        try:
            for request in requests:
                if not first.isdisjoint(map(block_of, request.readables)):
                    memory |= await self._reader.read_words(request)
        except IllegalRequestError:
            return {}
        self.image |= memory
        return self._reader.decode(memory, self.polled_blocks, profile=self.profile)

    def _forget_older_values(self) -> None:
        self._slow, self.image = self._no_slow_blocks(), {}
        self.identity_detector.on_outage()
        retry = self._last is not None  # Else nothing was refused since the start.
        for one in (self.limits.retries, self.unsupported):
            one.end_outage(self._read_at, retry=retry)
        self.plausibility.value_filter.forget()

    def _blocks_to_read(self) -> tuple[type[Block], ...]:
        refused = self.refused_blocks
        blocks = [one for one in self.polled_blocks if one not in refused]
        is_due, interval = self._slow.is_due, self._interval
        due = {one for one in blocks if not one.slow or is_due(one, interval(one))}
        if due & (parts := self.register_map.named(VERSION_BLOCKS)):
            due |= parts  # Of one version: they are read together.
        return tuple(one for one in blocks if one in due)

    def _interval(self, block: type[Block]) -> timedelta:
        """Return how often a slow block is read: soon again while a scale or a version in it is uncertain."""
        variants = [one.variant for one in block.registers.values() if one.variant]
        samples = map(self.scale_detector.uncertain_samples, variants)
        is_uncertain = any(0 < count < MAX_EARLY_READS for count in samples)
        if is_uncertain or self.identity_detector.needs(block):
            return min(EARLY_INTERVAL, self.slow_interval)
        return self.slow_interval

    async def _read_blocks(
        self, blocks: tuple[type[Block], ...]
    ) -> tuple[dict[int, int], set[type[Block]]]:
        """Read blocks within the limit of requests. Return the words, and the blocks that were requested."""
        memory: dict[int, int] = {}
        requested = {block for block in blocks if not block.slow}
        began = self.stats.reads
        end = began + self.max_requests
        await self._reader.retry_fields()
        fast = self._reader.plan(block for block in blocks if not block.slow)
        slow = self._slow_requests(blocks)
        for request in fast:
            memory |= await self._reader.read(request)
        memory |= await self._reader.retry_blocks(
            self.polled_blocks,
            requests=max(1, SNAPSHOT_REQUESTS - len(fast) - len(slow)),
            settled=bool(self._slow.blocks),  # An outage is followed by many requests.
        )
        if self.stats.reads > began + len(fast):
            end = min(end, began + SNAPSHOT_REQUESTS)
        for request in slow:
            # The first slow request never waits: a refused block can use up the limit in each reading.
            if (
                request in slow[1:]
                and self.stats.reads >= end
                and self._slow.has_values(map(block_of, request.readables))
            ):
                continue
            memory |= await self._reader.read(request)
            requested.update(map(block_of, request.readables))
        if not memory:
            raise CommunicationError(ErrorKind.PROTOCOL, "every block was refused")
        refused = requested - {*self._reader.complete(memory, requested)}
        self._slow.mark_refused(block for block in refused if block.slow)
        self.image |= memory
        return memory, requested

    def _slow_requests(
        self, blocks: tuple[type[Block], ...]
    ) -> list[ReadRequest[Part]]:
        """Plan the slow blocks: essential ones never read first, then the longest unread ones."""

        def urgency(request: ReadRequest[Part]) -> tuple[float, bool]:
            parts = [block_of(part) for part in request.readables]
            return (
                min(map(self._slow.last_read, parts)),
                self.register_map.essential.isdisjoint(parts),
            )

        slow = [block for block in blocks if block.slow]
        return sorted(self._reader.plan(slow), key=urgency)

    async def _check_serials(
        self, words: dict[int, int], *, after_outage: bool
    ) -> dict[int, int]:
        """Return the words without the blocks whose serial number cannot be right.

        Raises CommunicationError where another inverter answers.
        """
        check = self._serial_check
        if check.has_unknown(words):
            # It may be torn: a serial number is used after it was read twice.
            check.confirm(words, await self._reader.read_serials())
        unclear = check.unclear_blocks(words, after_outage=after_outage)
        self._slow.blocks |= check.last_blocks(unclear)
        addresses = {a for block in unclear for a in block.addresses()}
        return {at: word for at, word in words.items() if at not in addresses}

    async def read_serials(self) -> dict[str, str]:
        """Read the serial numbers alone, by block name; "" for an invalid one. Raises CommunicationError."""
        found = serials_in(await self._reader.read_serials(), self.register_map)
        return {block.name: text for block, text in found.items()}

    def _confirmed(self, memory: dict[int, int]) -> dict[int, int]:
        """Return the words of the complete blocks that are where this firmware has them."""
        complete = set(self._reader.complete(memory, self.polled_blocks))
        served = self.served_blocks - self.unsupported.awaited
        confirmed = complete - self.register_map.blocks_of_other_map(memory, served)
        self.served_blocks |= confirmed
        for block in complete:
            if block.slow:
                self._slow.mark_read(block)
        wanted = self.limits.wanted_addresses
        return {a: memory[a] for block in confirmed for a in wanted(block)}

    def _learn(
        self, memory: dict[int, int], measured_at: datetime, *, at: float
    ) -> dict[str, Any]:
        """Learn of scales, identity and rated power from what was read; return its blocks, by name."""
        self.profile = self.scale_detector.update(memory, at=at)
        blocks = self._reader.decode(memory, self.polled_blocks, profile=self.profile)
        missing = frozenset(one.name for one in self.available_blocks) - blocks.keys()
        undecided = self._undecided
        reading = Snapshot(
            measured_at=measured_at, unavailable=missing, undecided=undecided, **blocks
        )
        self.identity_detector.update(reading, at=at)
        self.plausibility.set_rated_power(self.identity_detector.rated_power)
        return blocks

    def _with_older(self, fresh: dict[str, Any], at: datetime) -> dict[str, Any]:
        """Return the blocks of a time, by name; slow ones that were not read are those of the last time."""
        self._serial_check.keep(fresh)
        blocks = fresh | self._out_of_band
        for block in blocks.values():
            if block.slow:
                self._slow.update(block, at)
        return blocks | self._slow.blocks
