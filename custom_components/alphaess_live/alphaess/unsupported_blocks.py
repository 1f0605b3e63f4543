"""Blocks that an inverter does not support: they are requested ever more rarely instead of at each poll."""

from collections.abc import Iterable, Set as AbstractSet
from datetime import timedelta

from .registers.block import Block
from .retry_schedule import SETTLED_AFTER, RetrySchedule

MISSING_AFTER = timedelta(days=1)
"""Refusals for this long show that what the same firmware served is gone: a meter was removed."""


class UnsupportedBlocks:
    """Blocks that were refused, or timed out twice, and never answered; and those that are refused though served."""

    def __init__(
        self, served: set[type[Block]], essential: AbstractSet[type[Block]]
    ) -> None:
        """Start empty. Blocks in `served`, which may change, and in `essential` are not unsupported."""
        self._served = served
        self._essential = essential
        self.refused = RetrySchedule()
        """The blocks that were refused, or timed out, at each request but perhaps the first one."""
        self._doubted = RetrySchedule()
        self._timed_out: set[type[Block]] = set()
        """Blocks that have timed out once, perhaps with the whole inverter."""
        self.awaited: set[type[Block]] = set()
        """Blocks that the firmware before the last change served, and this one not yet."""

    @property
    def blocks(self) -> frozenset[type[Block]]:
        """The blocks that are not requested with the others now."""
        return self.refused.blocks

    @property
    def missing(self) -> frozenset[type[Block]]:
        """The blocks that the inverter certainly does not have: they were refused for minutes."""
        return self.refused.blocks - self.refused.unsettled

    @property
    def doubtful(self) -> frozenset[type[Block]]:
        """Served or essential blocks whose last request was refused: each is requested alone."""
        return self._doubted.blocks

    @property
    def undecided(self) -> frozenset[type[Block]]:
        """Blocks without an answer, of which it is unknown whether the inverter has them."""
        return self.refused.undecided

    def mark_refused(self, *blocks: type[Block], settled: bool = False) -> None:
        """Stop requesting blocks, unless they are known to exist: then the refusal is temporary.

        `settled` if the refusal is known to last.
        """
        for block in blocks:
            if block in self._served or block in self._essential:
                self._doubt(block)
            else:
                self.refused.add(block, settled=settled)

    def _doubt(self, block: type[Block]) -> None:
        """Count the refusals of a block that is known; if they have lasted, it is missing."""
        self._doubted.add(block)
        limit = SETTLED_AFTER if block in self.awaited else MISSING_AFTER
        if block not in self._essential and self._doubted.has_lasted(block, limit):
            self._served.discard(block)
            self.awaited.discard(block)
            self._doubted.remove([block])
            self.refused.add(block, settled=True, served=True)

    def mark_timeout(self, blocks: Iterable[type[Block]]) -> None:
        """Stop requesting blocks that never answered and timed out again, as refused ones.

        Some inverters may ignore what others refuse; without this they would seem to be
        disconnected for ever.
        """
        requested = set(blocks)
        if requested.isdisjoint(self._served | self._essential):
            for block in requested & (self._timed_out | self.refused.blocks):
                self.refused.add(block, silent=True)
            self._timed_out |= requested

    def mark_answered(self, blocks: Iterable[type[Block]]) -> None:
        """Request blocks at each poll again."""
        answered = tuple(blocks)
        self.refused.remove(answered)
        self._doubted.remove(answered)
        self._timed_out.difference_update(answered)
        self.awaited.difference_update(answered)

    def rediscover(self, blocks: Iterable[type[Block]]) -> None:
        """Request every block again, and the ones that were served at each poll for some minutes."""
        self.refused.clear()
        self._timed_out.clear()
        self._doubted.clear()
        self.await_blocks(self._served.intersection(blocks))

    def await_blocks(self, blocks: Iterable[type[Block]]) -> None:
        """Treat blocks as served until refusals have lasted for minutes, though this firmware has not served them yet."""
        self.awaited = set(blocks)

    def end_outage(self, since: float, *, retry: bool) -> None:
        """Do not count the time since the last reading as time of a refusal; see RetrySchedule."""
        self.refused.end_outage(since, retry=retry, settled_only=True)
        self._doubted.end_outage(since, retry=retry)
