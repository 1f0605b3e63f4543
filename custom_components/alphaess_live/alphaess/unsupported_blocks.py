"""Blocks that an inverter does not support: they are requested ever more rarely instead of at each poll."""

from collections.abc import Iterable, Set as AbstractSet
from math import inf
from time import monotonic

from .registers.block import Block
from .retry_schedule import RETRY_INTERVAL, SETTLED_AFTER, RetrySchedule


class UnsupportedBlocks:
    """Blocks that were refused, or timed out twice in a row, and never answered."""

    def __init__(
        self, served: set[type[Block]], essential: AbstractSet[type[Block]]
    ) -> None:
        """Start empty. Blocks in `served`, which may grow, and in `essential` are never unsupported."""
        self._served = served
        self._essential = essential
        self.refused = RetrySchedule()
        """The blocks that were refused."""
        self._ignored_at: dict[type[Block], float] = {}
        """When blocks timed out. They are requested once a day: each timeout fails a whole reading."""
        self._timed_out: set[type[Block]] = set()
        """Blocks whose last request timed out."""
        self.doubtful: set[type[Block]] = set()
        """Served or essential blocks whose last request was refused: each is requested alone."""
        self.awaited: set[type[Block]] = set()
        """Blocks that the firmware before the last change served, and this one not yet."""
        self._awaited_until = inf

    @property
    def blocks(self) -> frozenset[type[Block]]:
        """The blocks that are not requested with the others now."""
        if not self._ignored_at:
            return self.refused.blocks
        oldest = monotonic() - RETRY_INTERVAL.total_seconds()
        ignored = (block for block, at in self._ignored_at.items() if at > oldest)
        return self.refused.blocks.union(ignored)

    @property
    def undecided(self) -> frozenset[type[Block]]:
        """Refused blocks of which it is unknown whether the inverter has them."""
        return self.refused.undecided

    def mark_refused(self, *blocks: type[Block], settled: bool = False) -> None:
        """Stop requesting blocks, unless they are known to exist: then the refusal is temporary.

        `settled` if the refusal is known to last.
        """
        known = self._served | self._essential
        self.doubtful.update(known.intersection(blocks))
        for block in set(blocks) - known:
            self.refused.add(block, settled=settled)

    def mark_timeout(self, blocks: Iterable[type[Block]]) -> None:
        """Stop requesting blocks that never answered and timed out for the second time.

        Some inverters may ignore what others refuse; without this they would seem to be
        disconnected for ever.
        """
        requested = set(blocks)
        if requested.isdisjoint(self._served | self._essential):
            ignored = requested & self._timed_out
            self._ignored_at |= dict.fromkeys(ignored, monotonic())
            self.refused.remove(ignored)
            self._timed_out |= requested

    def mark_answered(self, blocks: Iterable[type[Block]]) -> None:
        """Request blocks at each poll again."""
        self.refused.remove(blocks)
        for block in blocks:
            self._ignored_at.pop(block, None)
            self._timed_out.discard(block)
            self.doubtful.discard(block)
            self.awaited.discard(block)

    def rediscover(self, blocks: Iterable[type[Block]]) -> None:
        """Request every block again, and the ones that were served at each poll for some minutes."""
        self.refused.clear()
        self._ignored_at.clear()
        self._timed_out.clear()
        self.await_blocks(self._served.intersection(blocks))

    def await_blocks(self, blocks: Iterable[type[Block]]) -> None:
        """Treat blocks as served for some minutes, though this firmware has not served them yet."""
        self.awaited = set(blocks)
        self._awaited_until = monotonic() + SETTLED_AFTER.total_seconds()

    def end_waiting(self) -> None:
        """After these minutes, blocks that were refused all the time are not served any more."""
        if monotonic() > self._awaited_until:
            lost = self.awaited & self.doubtful
            self._served -= lost
            self.doubtful -= lost
            self.mark_refused(*lost, settled=True)
            self.awaited.clear()
            self._awaited_until = inf
