"""The values of the blocks that are read every few minutes, without those that cannot be true."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from datetime import datetime, timedelta
from math import inf
from time import monotonic

from .monotonic_counter import RejectionReason
from .registers.block import Block, BlockGroup
from .value_ranges import ranges_of_slow_blocks

MAX_HELD_READINGS = 3
"""Rejected or refused readings in a row that are replaced by the last good one; the values are unknown then."""

type Record = Callable[[str, datetime, float, float | None, RejectionReason], None]
"""As in the value filter: key, time, sample, what is shown instead, reason."""


class SlowBlocks:
    """The last values of the slow blocks, for the snapshots between two readings of them.

    A block with a value out of range, and settings that have changed, are due again with
    the next snapshot: one odd reading must not last until the next regular one.
    """

    def __init__(self, record: Record) -> None:
        """Start empty; `record` is called for each rejected value."""
        self.blocks: dict[str, Block] = {}
        """The value of each slow block that is shown, by block name."""
        self._record = record
        self._good: dict[str, Block] = {}
        """The last good values, by block name."""
        self._rejected: dict[str, int] = {}
        """How often a block was rejected in a row."""
        self._refused: Counter[str] = Counter()
        """How often a block was refused in a row."""
        self._read_at: dict[type[Block], float] = {}
        """When each was read, by the monotonic clock; without an entry it is due now."""

    def is_due(self, block: type[Block], interval: timedelta) -> bool:
        """Whether the last reading of a slow block is longer ago than the interval."""
        age = monotonic() - self._read_at.get(block, -inf)
        return age > interval.total_seconds()

    def last_read(self, block: type[Block]) -> float:
        """Return a sort key by which the longest unread block comes first."""
        return self._read_at.get(block, -inf)

    def has_values(self, blocks: Iterable[type[Block]]) -> bool:
        """Whether all these blocks have values: not after an outage or a rediscovery."""
        return self.blocks.keys() >= {block.name for block in blocks}

    def mark_read(self, block: type[Block]) -> None:
        """Record that a block was read now."""
        self._read_at[block] = monotonic()
        self._refused.pop(block.name, None)

    def mark_refused(self, blocks: Iterable[type[Block]]) -> None:
        """Forget the values of blocks that were refused some times in a row: they may have changed."""
        for block in blocks:
            self._refused[block.name] += 1
            if self._refused[block.name] > MAX_HELD_READINGS:
                self.blocks.pop(block.name, None)
                self._good.pop(block.name, None)

    def expire(self) -> None:
        """Make every block due. The values stay."""
        self._read_at.clear()

    def set(self, block: Block, at: datetime) -> Block:
        """Use the values of a block that was read after a write, if they can be true; return what is shown."""
        if _impossible_values(block):
            self.update(block, at)
        else:
            self.blocks[block.name] = block
        return self.blocks[block.name]

    def update(self, block: Block, at: datetime) -> None:
        """Use a block that was read now, or its last good values where it cannot be true."""
        before, kind = self.blocks.get(block.name), type(block)
        wrong = _impossible_values(block)
        if not wrong:
            self._rejected.pop(block.name, None)
            self.blocks[block.name] = self._good[block.name] = block
            if block.group is BlockGroup.SETTINGS and before not in (None, block):
                self._read_at.pop(kind, None)
            return
        count = self._rejected[block.name] = self._rejected.get(block.name, 0) + 1
        is_held = count <= MAX_HELD_READINGS
        if is_held:
            self._read_at.pop(kind, None)
        good = self._good.get(block.name)
        last: dict[str, float | None] = {
            name: getattr(good, name, None) for name in wrong
        }
        shown = {name: value if is_held else None for name, value in last.items()}
        if good is not None:
            self._good[block.name] = replace(block, **last)
        self.blocks[block.name] = replace(block, **shown)
        for name, sample in wrong.items():
            key, reason = block.prefix + name, RejectionReason.IMPOSSIBLE
            self._record(key, at, sample, shown[name], reason)


def _impossible_values(block: Block) -> dict[str, float]:
    """Return the values out of range, by field."""
    ranges = ranges_of_slow_blocks().get(block.name)
    return ranges.impossible_values(block) if ranges else {}
