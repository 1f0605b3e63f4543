"""Reads blocks by few requests, and learns from refusals which requests a device does not answer."""

from collections.abc import Callable, Container, Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from modbus_connection import ModbusUnit

from .device_limits import DeviceLimits, Part, block_of, gaps_in
from .errors import CommunicationError, ErrorKind, IllegalRequestError
from .field_subset import FieldSubset
from .maps import Blocks, RegisterMap
from .modbus_request import PollStats, read_words
from .read_plan import Readable, ReadRequest, is_small_gap, request_for
from .registers.block import Block
from .scales import ScaleProfile
from .unsupported_blocks import UnsupportedBlocks

MAX_DIVISIONS = 24
"""Requests that look for refused registers of one block; what is not tried counts as refused."""

MAX_PARTS = 2
"""Requests for one block with refused registers at each poll; smaller parts of it are given up."""


@dataclass(frozen=True, kw_only=True)
class BlockReader:
    """Reads the blocks of one device, and keeps its limits up to date."""

    unit: ModbusUnit
    stats: PollStats
    register_map: RegisterMap
    served: set[type[Block]]
    """The blocks that have answered; shared with the inverter."""
    unsupported: UnsupportedBlocks
    limits: DeviceLimits
    _gap_rules: dict[tuple[Blocks, Blocks], Callable[[range], bool]] = field(
        default_factory=dict
    )
    """The present rule, by the refused and the served blocks."""
    _field_plans: dict[tuple[FieldSubset, ...], tuple[ReadRequest[Part], ...]] = field(
        default_factory=dict
    )
    """Plans for some fields of blocks; what the device answers changes with whole blocks only."""

    def plan(self, blocks: Iterable[type[Block]]) -> tuple[ReadRequest[Part], ...]:
        """Plan requests for blocks; the ones that were refused last time come last, each alone."""
        self._field_plans.clear()
        wanted = set(blocks)
        alone = wanted & self.unsupported.doubtful
        requests = self.limits.plan(wanted - alone, self.gap_rule())
        for block in sorted(alone, key=lambda block: min(block.addresses())):
            requests += self.limits.plan([block], self.gap_rule())
        return requests

    def plan_fields(
        self, subsets: tuple[FieldSubset, ...]
    ) -> tuple[ReadRequest[Part], ...]:
        """Plan requests for some fields of blocks that are served."""
        if subsets not in self._field_plans:
            self._field_plans[subsets] = self.limits.plan(subsets, self.gap_rule())
        return self._field_plans[subsets]

    async def retry_fields(self) -> None:
        """Request refused fields again from time to time: a refusal may have been temporary.

        After a day each one is requested alone: perhaps some of them are answered.
        """
        limits = self.limits
        for part in limits.due_retries():
            block, names = part.block, part.field_names
            fits = request_for(part).count <= limits.max_count
            if fits and await self._try(part):
                limits.forget_refusal(block)
                continue
            limits.retries.add(block)
            if limits.retries.is_old(block):
                fields = [FieldSubset(block, (name,)) for name in names[:MAX_DIVISIONS]]
                answered = {
                    name
                    for one in fields
                    if await self._try(one)
                    for name in one.field_names
                }
                self._set_refused(block, limits.refused_fields[block] - answered)

    async def retry_blocks(
        self, polled: Container[type[Block]], *, requests: int, settled: bool
    ) -> dict[int, int]:
        """Request refused blocks again from time to time, by this number of requests and those for what is answered.

        `settled` if also those that the inverter certainly did not have. Returns the words
        of those that are answered after all. Raises CommunicationError.
        """
        memory: dict[int, int] = {}
        end = self.stats.reads + requests
        due, undecided = self.unsupported.refused.due(), self.unsupported.undecided
        # Until it is decided whether it has these, the power of the house is unknown.
        needed_now = set(filter(self._is_needed, undecided))
        for block in sorted(due, key=lambda one: one not in needed_now):
            if self.stats.reads >= end:
                break
            if block not in polled and block not in undecided:
                continue
            if not settled and block not in self.unsupported.refused.unsettled:
                continue
            needed = FieldSubset(block, self._needed_fields(block))
            if self._is_needed(block) and not await self._try(needed):
                self.unsupported.mark_refused(block)
                continue
            alone = self.limits.plan([block], self.gap_rule())
            memory |= await self._read_each(alone)
        return memory

    async def read(self, request: ReadRequest[Part]) -> dict[int, int]:
        """Read a request. If it is refused, divide it to find what is refused, and why.

        Returns the words that were answered. Raises CommunicationError.
        """
        blocks = list(dict.fromkeys(map(block_of, request.readables)))
        if request.count > self.limits.max_count:
            return await self._read_each(self.plan(blocks))
        try:
            memory = await self.read_words(request)
        except IllegalRequestError:
            if len(request.readables) > 1:
                return await self._read_divided(request)
            return await self._read_refused(request.readables[0])
        except CommunicationError as err:
            if err.kind is ErrorKind.TIMEOUT:
                self.unsupported.mark_timeout(blocks)
            raise
        self.unsupported.mark_answered(blocks)
        whole = (one for one in blocks if one not in self.limits.refused_fields)
        self.limits.retries.remove(whole)
        return memory

    async def read_words[R: Readable](self, request: ReadRequest[R]) -> dict[int, int]:
        """Read the words of a request. Raises IllegalRequestError, CommunicationError."""
        self.stats.requests += 1
        self.stats.reads += 1
        try:
            words = await read_words(self.unit, request)
        except CommunicationError:
            self.stats.failures += 1
            raise
        limits = self.limits
        limits.largest_answered = max(limits.largest_answered, request.count)
        return words

    async def read_serials(self) -> dict[int, int]:
        """Read the serial numbers alone; return the words that were answered. Raises CommunicationError."""
        words: dict[int, int] = {}
        for block in self.register_map.identity_blocks:
            with suppress(IllegalRequestError):
                subset = FieldSubset(block, ("serial",))
                words |= await self.read_words(request_for(subset))
        return words

    def complete(
        self, memory: Mapping[int, int], blocks: Iterable[type[Block]]
    ) -> Iterator[type[Block]]:
        """List the blocks of which every word was read that this device does not refuse."""
        for block in blocks:
            if memory.keys() >= self.limits.wanted_addresses(block):
                yield block

    def decode(
        self,
        memory: Mapping[int, int],
        blocks: Iterable[type[Block]],
        *,
        profile: ScaleProfile,
    ) -> dict[str, Any]:
        """Return the blocks that were read completely, by name; refused fields are None."""
        refused = self.limits.refused_fields
        return {
            block.name: block.decode(memory, profile, without=refused.get(block, ()))
            for block in self.complete(memory, blocks)
        }

    async def _read_each(self, requests: Iterable[ReadRequest[Part]]) -> dict[int, int]:
        memory: dict[int, int] = {}
        for request in requests:
            memory |= await self.read(request)
        return memory

    async def _read_divided(self, request: ReadRequest[Part]) -> dict[int, int]:
        """Read the parts of a refused request: the served blocks together, each other one alone."""
        parts = request.readables
        served = [one for one in parts if block_of(one) in self._surely_served]
        others = [request_for(one) for one in parts if one not in served]
        together = self.limits.plan(served, self.gap_rule())
        requests = (*together, *others) if others else tuple(map(request_for, served))
        memory = await self._read_each(requests)
        if all(memory.keys() >= set(one.addresses()) for one in parts):
            await self._learn_limit(request)
        return memory

    async def _learn_limit(self, request: ReadRequest[Part]) -> None:
        """Learn why a request is refused whose parts are all answered: a gap in it, or its size."""
        limits, gaps = self.limits, gaps_in(request)
        is_too_large = request.count > limits.largest_answered
        if request.count > limits.max_count or not (is_too_large or gaps):
            return
        if await self._is_answered(request):
            return  # The refusal was temporary.
        refused = [gap for gap in gaps if not await self._is_answered(gap)]
        if refused:
            addresses = (range(gap.start, gap.start + gap.count) for gap in refused)
            limits.refused_gaps = limits.refused_gaps.union(*addresses)
        elif is_too_large:
            limits.limit_count()

    async def _is_answered[R: Readable](self, request: ReadRequest[R]) -> bool:
        try:
            await self.read_words(request)
        except IllegalRequestError:
            return False
        return True

    async def _read_refused(self, part: Part) -> dict[int, int]:
        """Read the parts of a refused block that are answered; none unless there is a reason to try."""
        block = block_of(part)
        is_too_large = request_for(part).count > self.limits.largest_answered
        may_answer = is_too_large or self._is_needed(block)
        retries = self.limits.retries
        if part is block and may_answer and retries.is_due(block):
            retries.add(block)
            memory = await self._divide(block)
            if memory.keys() >= self.limits.wanted_addresses(block):
                self.unsupported.mark_answered([block])
                return memory
        self.unsupported.mark_refused(block)
        return {}

    async def _divide(self, block: type[Block]) -> dict[int, int]:
        """Find out which fields of a refused block are answered.

        Returns their words; none if a field is refused that no reading can do without.
        """
        needed = self._needed_fields(block)
        memory: dict[int, int] = {}
        for name in needed:
            words = await self._try(FieldSubset(block, (name,)))
            if not words:
                return {}
            memory |= words
        names = sorted(block.registers, key=lambda name: block.registers[name].address)
        answered, tries = set(needed), 0
        pending = [names]
        while pending and tries < MAX_DIVISIONS:
            names = pending.pop(0)
            for half in (names[: len(names) // 2], names[len(names) // 2 :]):
                tries += 1
                if words := await self._try(FieldSubset(block, tuple(half))):
                    answered.update(half)
                    memory |= words
                elif len(half) > 1:
                    pending.append(half)
        refused = frozenset(block.registers.keys() - answered)
        if refused:
            self._set_refused(block, refused)
        else:
            await self._learn_limit(request_for(block))
        return memory

    def _set_refused(self, block: type[Block], refused: frozenset[str]) -> None:
        """Keep the refused fields, and give up what would take too many requests at each poll."""
        if not refused:
            self.limits.forget_refusal(block)
            return
        needed = self._needed_fields(block)
        self.limits.refused_fields[block] = refused
        parts = [
            one for one in self.limits.parts(block) if isinstance(one, FieldSubset)
        ]
        optional = sorted(
            (one for one in parts if set(needed).isdisjoint(one.field_names)),
            key=lambda one: len(one.field_names),
        )
        for part in optional[: max(0, len(parts) - MAX_PARTS)]:
            self.limits.refused_fields[block] |= {*part.field_names}

    def _is_needed(self, block: type[Block]) -> bool:
        """Whether some fields of a block are worth a request of their own."""
        return any(one.block is block for one in self.register_map.needed_fields)

    def _needed_fields(self, block: type[Block]) -> tuple[str, ...]:
        """Return the power values of a block, or else its first field."""
        for subset in self.register_map.needed_fields:
            if subset.block is block:
                return subset.field_names
        return tuple(block.registers)[:1]

    async def _try(self, part: FieldSubset) -> Mapping[int, int] | None:
        """Read some fields of a block; None if they are refused. Raises CommunicationError."""
        try:
            return await self.read_words(request_for(part))
        except IllegalRequestError:
            return None
        except CommunicationError as err:
            if err.kind is ErrorKind.TIMEOUT:  # Or it would fail the next reading, too.
                self.unsupported.mark_timeout([part.block])
                if part.block in self.limits.retries.blocks:
                    self.limits.retries.add(part.block, silent=True)
            raise

    @property
    def undecided(self) -> frozenset[type[Block]]:
        """The blocks of which it is unknown whether the inverter has them: they have not answered for a short time."""
        refused = self.unsupported.undecided
        if not refused:
            return refused
        others = self.register_map.undecided(refused, self.served)
        return refused | others - self.served - self.unsupported.blocks

    @property
    def _surely_served(self) -> set[type[Block]]:
        """The blocks that this firmware has served, and did not refuse last time."""
        return self.served - self.unsupported.awaited - self.unsupported.doubtful

    def gap_rule(self) -> Callable[[range], bool]:
        """Return whether a request may include addresses: served ones and small gaps, never refused ones."""
        avoided = frozenset(self.unsupported.blocks | self.unsupported.doubtful)
        state = avoided, frozenset(self._surely_served)
        if state not in self._gap_rules:
            refused, served = (
                frozenset().union(*(block.address_set for block in blocks))
                for blocks in state
            )

            def may_read_across(gap: range) -> bool:
                return refused.isdisjoint(gap) and (
                    is_small_gap(gap) or served.issuperset(gap)
                )

            self._gap_rules.clear()
            self._gap_rules[state] = may_read_across
        return self._gap_rules[state]
