"""Blocks that an inverter does not support: they are requested once a day instead of at each poll."""

from collections.abc import Iterable, Set as AbstractSet
from datetime import timedelta
from time import monotonic

from .registers.block import Block

RETRY_INTERVAL = timedelta(days=1)
"""After this, an unsupported block is requested again: a firmware update may have added it."""


class UnsupportedBlocks:
    """Blocks that were refused, or timed out twice in a row, and never answered."""

    def __init__(
        self, served: AbstractSet[type[Block]], essential: AbstractSet[type[Block]]
    ) -> None:
        """Start empty. Blocks in `served`, which may grow, and in `essential` are never unsupported."""
        self._served = served
        self._essential = essential
        self._refused_at: dict[type[Block], float] = {}
        self._timed_out: set[type[Block]] = set()
        """Blocks whose last request timed out."""

    @property
    def blocks(self) -> frozenset[type[Block]]:
        """The blocks that are not requested now."""
        oldest = monotonic() - RETRY_INTERVAL.total_seconds()
        return frozenset(block for block, at in self._refused_at.items() if at > oldest)

    def mark_refused(self, *blocks: type[Block]) -> None:
        """Stop requesting blocks, unless they are known to exist: then the refusal is temporary."""
        for block in set(blocks) - self._served - self._essential:
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

    def clear(self) -> None:
        """Request every block again."""
        self._refused_at.clear()
        self._timed_out.clear()
