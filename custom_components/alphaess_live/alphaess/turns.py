"""Who waits: where one reading would take too many requests, some blocks are left out of it, each in turn."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

from .read_plan import ReadRequest
from .registers import BLOCKS
from .registers.block import Block
from .snapshot import Snapshot

MOST = 6
"""Requests for a snapshot; what needs more has a hole that may not be read across.

Older firmware refuses PV strings 4 to 6, which stand between the others and the
inverter's state; a device without a backup output has another hole beside them.
"""

LONGEST = 2
"""Readings in a row that anybody may be left out of: who was left out least waits first."""


class Turns:
    """Remembers who waited last, and how what may wait was shown."""

    def __init__(self) -> None:
        """Begin with nothing that could wait."""
        self._waited: Mapping[type[Block], int] = {}
        """How often in a row the last readings left out what the very last one did."""
        self._shown: dict[type[Block], Block] = {}
        self._ended = False
        """Whether the next reading leaves out nobody."""

    @property
    def waiting(self) -> frozenset[str]:
        """The names of the blocks that the last reading left out."""
        return frozenset(block.name for block in self._waited)

    def take(
        self, spans: Iterable[ReadRequest[type[Block]]], *, whole: bool
    ) -> tuple[ReadRequest[type[Block]], ...]:
        """Leave out as few requests as needed, in turn; none of a whole reading."""
        asked = list(spans)
        spare = 0 if whole or self._ended else max(0, len(asked) - MOST)
        self._ended = False
        patient = sorted(filter(self._may_wait, asked), key=self._turns_waited)
        waiting = patient[:spare]
        self._waited = {
            block: self._waited.get(block, 0) + 1
            for one in waiting
            for block in one.readables
        }
        return tuple(one for one in asked if one not in waiting)

    def end(self) -> None:
        """Let nobody wait in the next reading: somebody wants to know everything now.

        One that is on its way still shows what it has left out.
        """
        self._ended = True

    def fill(self, snapshot: Snapshot) -> Snapshot:
        """Show what waits as it was shown last.

        Only now, after the screen: the same sample again is no second opinion.
        """
        kept: dict[str, Any] = {b.name: self._shown[b] for b in self._waited}
        if kept:
            snapshot = replace(snapshot, waiting=self.waiting, **kept)
        shown = {b: getattr(snapshot, b.name) for b in BLOCKS if b.may_wait}
        self._shown = {b: block for b, block in shown.items() if block is not None}
        return snapshot

    def _may_wait(self, one: ReadRequest[type[Block]]) -> bool:
        """Whether all of it is known, may wait, and has not for too long.

        What was refused just now is not known: it is asked for again at once.
        """
        known = self._shown.keys() >= set(one.readables)
        return known and self._turns_waited(one) < LONGEST

    def _turns_waited(self, one: ReadRequest[type[Block]]) -> int:
        return max(self._waited.get(block, 0) for block in one.readables)
