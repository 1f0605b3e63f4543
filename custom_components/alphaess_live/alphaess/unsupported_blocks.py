"""Blocks that an inverter does not support: they are requested once a day instead of at each poll."""

from collections.abc import Iterable, Set as AbstractSet
from datetime import timedelta
from math import inf
from time import monotonic

from .registers.block import Block

RETRY_INTERVAL = timedelta(days=1)
"""After this, an unsupported block is requested again: a firmware update may have added it."""

AWAITED_FOR = timedelta(minutes=10)
"""How long new firmware may refuse what the old one served; 50 s after an update were reported."""


class UnsupportedBlocks:
    """Blocks that were refused, or timed out twice in a row, and never answered."""

    def __init__(
        self, served: set[type[Block]], essential: AbstractSet[type[Block]]
    ) -> None:
        """Start empty. Blocks in `served`, which may grow, and in `essential` are never unsupported."""
        self._served = served
        self._essential = essential
        self._refused_at: dict[type[Block], float] = {}
        self._timed_out: set[type[Block]] = set()
        """Blocks whose last request timed out."""
        self.doubtful: set[type[Block]] = set()
        """Served or essential blocks whose last request was refused: each is requested alone."""
        self.awaited: set[type[Block]] = set()
        """Blocks that the firmware before the last change served, and this one not yet."""
        self._awaited_until = inf

    @property
    def blocks(self) -> frozenset[type[Block]]:
        """The blocks that are not requested now."""
        oldest = monotonic() - RETRY_INTERVAL.total_seconds()
        return frozenset(block for block, at in self._refused_at.items() if at > oldest)

    def mark_refused(self, *blocks: type[Block]) -> None:
        """Stop requesting blocks, unless they are known to exist: then the refusal is temporary."""
        known = self._served | self._essential
        self.doubtful.update(known.intersection(blocks))
        for block in set(blocks) - known:
            self._refused_at[block] = monotonic()

    def mark_timeout(self, blocks: Iterable[type[Block]]) -> None:
        """Stop requesting blocks that never answered and timed out for the second time.

        Some inverters may ignore what others refuse; without this they would seem to be
        disconnected for ever.
        """
        requested = set(blocks)
        if requested.isdisjoint(self._served | self._essential):
            self.mark_refused(*requested & self._timed_out)
            self._timed_out |= requested

    def mark_answered(self, blocks: Iterable[type[Block]]) -> None:
        """Request blocks at each poll again."""
        for block in blocks:
            self._refused_at.pop(block, None)
            self._timed_out.discard(block)
            self.doubtful.discard(block)
            self.awaited.discard(block)

    def rediscover(self, blocks: Iterable[type[Block]]) -> None:
        """Request every block again, and the ones that were served at each poll for some minutes."""
        self._refused_at.clear()
        self._timed_out.clear()
        self.await_blocks(self._served.intersection(blocks))

    def await_blocks(self, blocks: Iterable[type[Block]]) -> None:
        """Treat blocks as served for some minutes, though this firmware has not served them yet."""
        self.awaited = set(blocks)
        self._awaited_until = monotonic() + AWAITED_FOR.total_seconds()

    def end_waiting(self) -> None:
        """After these minutes, blocks that were refused all the time are not served any more."""
        if monotonic() > self._awaited_until:
            lost = self.awaited & self.doubtful
            self._served -= lost
            self.doubtful -= lost
            self.mark_refused(*lost)
            self.awaited.clear()
            self._awaited_until = inf
