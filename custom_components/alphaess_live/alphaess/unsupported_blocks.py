"""Blocks that an inverter does not serve: not asked for on every poll, but once a day."""

from collections.abc import Iterable
from datetime import timedelta
from time import monotonic

from .registers import Battery, Grid, System
from .registers.block import Block

ESSENTIAL: frozenset[type[Block]] = frozenset({Grid, Battery, System})
"""What every AlphaESS serves: a refusal is a passing fault, never a fact of the model."""

RETRY_INTERVAL = timedelta(days=1)
"""Firmware updates bring registers: what was refused is asked for again after this."""


class UnsupportedBlocks:
    """What was refused, or ignored twice in a row, and never served."""

    def __init__(self, served: set[type[Block]]) -> None:
        """Spare what is served: that set may grow, and whatever is in it is only ever refused for a while."""
        self._served = served
        self._refused_at: dict[type[Block], float] = {}
        self._timed_out: set[type[Block]] = set()
        """What was not answered the last time that it was asked for."""

    @property
    def blocks(self) -> frozenset[type[Block]]:
        """What is not asked for now."""
        oldest = monotonic() - RETRY_INTERVAL.total_seconds()
        return frozenset(block for block, at in self._refused_at.items() if at > oldest)

    def mark_refused(self, *blocks: type[Block]) -> None:
        """Stop asking for blocks, unless they are known to exist: then this will pass."""
        for block in set(blocks) - self._served - ESSENTIAL:
            self._refused_at[block] = monotonic()

    def mark_timeout(self, blocks: Iterable[type[Block]]) -> None:
        """Stop asking for blocks that never answered, and did not for the second time.

        Some inverters may ignore what others refuse; they must not seem lost for it.
        """
        asked = set(blocks)
        if asked.isdisjoint(self._served | ESSENTIAL):
            self.mark_refused(*asked & self._timed_out)
            self._timed_out |= asked

    def mark_answered(self, blocks: Iterable[type[Block]]) -> None:
        """Take back what answered."""
        for block in blocks:
            self._refused_at.pop(block, None)
            self._timed_out.discard(block)

    def clear(self) -> None:
        """Ask for everything again."""
        self._refused_at.clear()
        self._timed_out.clear()
