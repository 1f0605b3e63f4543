"""What hardly changes: remembered between two readings, and corrected by what was written meanwhile."""

from collections.abc import Mapping
from datetime import timedelta

from .block import Block

SLOW_INTERVAL = timedelta(minutes=5)
"""What hardly changes is read with the first snapshot, and then this often, unless told otherwise."""


class Seldom:
    """The blocks that are read seldom, as they were read last."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.blocks: dict[str, Block] = {}
        """By their names."""
        self.read_at: float | None = None
        """When they were all asked for; None if they are to be, as soon as possible."""
        self._told: dict[str, float] = {}

    def is_due(self, interval: timedelta, *, at: float) -> bool:
        """Whether they were read longer ago than that."""
        return self.read_at is None or at - self.read_at > interval.total_seconds()

    def learn(self, read: Mapping[str, Block], *, began: float) -> None:
        """Take over a reading, but for what was told while it was on its way: that is newer."""
        for name, block in read.items():
            if self._told.get(name, float("-inf")) < began:
                self.blocks[name] = block

    def tell(self, block: Block, *, at: float) -> None:
        """Take over a block that was read back after a write."""
        self.blocks[block.name] = block
        self._told[block.name] = at
