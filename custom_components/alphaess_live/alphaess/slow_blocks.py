"""What hardly changes: remembered between two readings."""

from datetime import timedelta

from .registers.block import Block

SLOW_INTERVAL = timedelta(minutes=5)
"""What hardly changes is read with the first snapshot, and then this often, unless told otherwise."""


class SlowBlockCache:
    """The blocks that are read seldom, as they were read last."""

    def __init__(self) -> None:
        """Begin with nothing."""
        self.blocks: dict[str, Block] = {}
        """By their names."""
        self.read_at: float | None = None
        """When they were all asked for; None if they are to be, as soon as possible."""

    def is_due(self, interval: timedelta, *, at: float) -> bool:
        """Whether they were read longer ago than that."""
        return self.read_at is None or at - self.read_at > interval.total_seconds()
