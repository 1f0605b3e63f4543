"""What one device answers: how many registers in one request, and which registers inside its blocks it refuses."""

from collections.abc import (
    Callable,
    Container,
    Iterable,
    Iterator,
    Mapping,
    Set as AbstractSet,
)
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from .field_subset import FieldSubset
from .read_plan import MAX_COUNT, Readable, ReadRequest, plan_requests, request_for
from .registers.block import Block
from .retry_schedule import RetrySchedule

MIN_COUNT = 10
"""Registers of the longest single value; no device answers less than that at once."""

type Part = type[Block] | FieldSubset
"""A whole block, or the fields of it that are read by one request."""


def block_of(part: Part) -> type[Block]:
    """Return the block that a part belongs to."""
    return part.block if isinstance(part, FieldSubset) else part


@dataclass
class DeviceLimits:
    """The limits of one device. They are learned from refusals and stored, so that none is repeated at each poll."""

    max_count: int = MAX_COUNT
    """Registers in one request; less than the default after a longer request was refused."""
    refused_fields: dict[type[Block], frozenset[str]] = field(default_factory=dict)
    """Fields that are refused in a block whose other fields answer."""
    refused_gaps: frozenset[int] = frozenset()
    """Unused addresses between blocks that must not be read across."""
    largest_answered: int = 0
    """Registers of the longest request that was answered; not stored."""
    retries: RetrySchedule = field(default_factory=RetrySchedule)
    """When refused fields are requested again, and when the parts of a refused block are."""
    _unknown: dict[str, frozenset[str]] = field(default_factory=dict)
    """Refused fields that only a newer release has, by the name of their block: they stay stored."""

    def clear(self) -> None:
        """Start anew: other firmware may have other limits."""
        self.max_count, self.largest_answered = MAX_COUNT, 0
        self.refused_fields, self.refused_gaps = {}, frozenset()
        self._unknown = {}
        self.retries.clear()

    def to_dict(self) -> dict[str, Any]:
        """Return what is stored; empty for a device without known limits."""
        refused = dict(self._unknown)
        for block, names in self.refused_fields.items():
            refused[block.name] = names.union(refused.get(block.name, ()))
        limits = {
            "max_count": self.max_count if self.max_count < MAX_COUNT else None,
            "refused_fields": {name: sorted(names) for name, names in refused.items()},
            "refused_gaps": sorted(self.refused_gaps),
        }
        return {key: value for key, value in limits.items() if value}

    def restore(
        self, stored: Mapping[str, Any], block: Callable[[str], type[Block]]
    ) -> None:
        """Restore what was stored; `block` finds one by its name, or raises KeyError.

        Raises AttributeError, TypeError, ValueError, and nothing is restored then.
        """
        count = int(stored.get("max_count", MAX_COUNT))
        fields: dict[type[Block], frozenset[str]] = {}
        unknown: dict[str, frozenset[str]] = {}
        for name, stored_names in stored.get("refused_fields", {}).items():
            names, known = frozenset(map(str, stored_names)), frozenset[str]()
            with suppress(KeyError):
                one = block(name)
                if known := names.intersection(one.registers):
                    fields[one] = known
            if names != known:
                unknown[name] = names - known
        gaps = frozenset(map(int, stored.get("refused_gaps", ())))
        self.max_count = min(max(count, MIN_COUNT), MAX_COUNT)
        self.refused_fields, self.refused_gaps = fields, gaps
        self._unknown = unknown
        for one in fields:
            self.retries.add(one, settled=True)

    def limit_count(self) -> None:
        """Request no more registers at once than were answered."""
        self.max_count = min(max(self.largest_answered, MIN_COUNT), self.max_count)

    def due_retries(self) -> tuple[FieldSubset, ...]:
        """Return the refused fields to request again now, by block."""
        return tuple(
            FieldSubset(block, tuple(sorted(self.refused_fields[block])))
            for block in self.retries.due()
            if block in self.refused_fields
        )

    def forget_refusal(self, block: type[Block]) -> None:
        """Request a block whole again: its refused fields were answered."""
        del self.refused_fields[block]
        self.retries.remove([block])

    def wanted_addresses(self, block: type[Block]) -> AbstractSet[int]:
        """Return the addresses of a block without those of its refused fields."""
        if block not in self.refused_fields:
            return block.address_set
        return block.address_set - self._refused_addresses(block)

    def refused_keys(self, blocks: Container[type[Block]]) -> frozenset[str]:
        """Return the keys of the refused fields of these blocks."""
        return frozenset(
            block.prefix + name
            for block, names in self.refused_fields.items()
            if block in blocks
            for name in names
        )

    def parts(self, part: Part) -> tuple[Part, ...]:
        """Divide a block, or fields of one, into what this device answers at once."""
        block = block_of(part)
        refused = self.refused_fields.get(block, frozenset())
        if not refused and request_for(part).count <= self.max_count:
            return (part,)
        names = part.field_names if isinstance(part, FieldSubset) else block.registers
        return tuple(
            self._chunks(block, [name for name in names if name not in refused])
        )

    def _chunks(self, block: type[Block], names: list[str]) -> Iterator[FieldSubset]:
        """Join fields in the order of their addresses, as long as one request may read them."""
        registers, refused = block.registers, self._refused_addresses(block)
        chunk: list[str] = []
        for name in sorted(names, key=lambda name: registers[name].address):
            span = range(registers[(chunk or [name])[0]].address, registers[name].end)
            if chunk and (len(span) > self.max_count or not refused.isdisjoint(span)):
                yield FieldSubset(block, tuple(chunk))
                chunk = []
            chunk.append(name)
        if chunk:
            yield FieldSubset(block, tuple(chunk))

    def plan(
        self, parts: Iterable[Part], may_span_gap: Callable[[range], bool]
    ) -> tuple[ReadRequest[Part], ...]:
        """Plan requests that this device answers."""
        divided = [small for part in parts for small in self.parts(part)]
        refused = self.refused_gaps.union(
            *map(self._refused_addresses, self.refused_fields)
        )
        return plan_requests(
            divided,
            lambda gap: refused.isdisjoint(gap) and may_span_gap(gap),
            max_count=self.max_count,
        )

    def _refused_addresses(self, block: type[Block]) -> set[int]:
        names = tuple(self.refused_fields.get(block, ()))
        return set(FieldSubset(block, names).addresses())


def gaps_in(request: ReadRequest[Part]) -> tuple[ReadRequest[Readable], ...]:
    """Return a request for each run of unused addresses that a request reads across."""
    used = {address for one in request.readables for address in one.addresses()}
    requests: list[ReadRequest[Readable]] = []
    for address in range(request.start, request.start + request.count):
        if address in used:
            continue
        last = requests[-1] if requests else None
        if last and last.start + last.count == address:
            requests[-1] = ReadRequest(last.start, last.count + 1, ())
        else:
            requests.append(ReadRequest(address, 1, ()))
    return tuple(requests)
