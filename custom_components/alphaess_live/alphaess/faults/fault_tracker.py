"""Keeps the active faults with the time of their first appearance, and reports changes."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from ..scales import ScaleProfile
from ..snapshot import Snapshot
from . import FAULT_WORDS, Family, Fault, FaultWord, Severity, detect_family

UNREADABLE_FAULT_RETENTION = timedelta(days=1)
"""How long a fault stays active while its word cannot be read; after that new firmware has removed the word."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultChange:
    """A fault or warning that has appeared or cleared."""

    fault: Fault
    since: datetime
    """When it appeared, in UTC."""
    raised: bool


class FaultTracker:
    """Keeps the active faults and warnings, and the changes that were not fetched yet.

    One snapshot is enough to raise a fault, and one to clear it. A word that was not
    read does neither, so an outage or a refused block clears nothing.
    """

    def __init__(self) -> None:
        """Start without faults."""
        self._since: dict[Fault, datetime] = {}
        self._family: Family | None = None
        self._is_guess = True
        """Whether the family was derived from scales, not chosen or read."""
        self._read: dict[str, datetime] = {}
        self._pending: list[FaultChange] = []

    @property
    def since(self) -> Mapping[Fault, datetime]:
        """The active faults and warnings, the most serious first, with the UTC time of their appearance."""
        return MappingProxyType(self._since)

    @property
    def worst(self) -> Fault | None:
        """The most serious fault or warning; None if there are only routine ones."""
        return next((fault for fault in self._since if not fault.is_routine), None)

    @property
    def is_faulty(self) -> bool:
        """Whether a fault is active; warnings do not count."""
        return any(fault.severity is Severity.FAULT for fault in self._since)

    def update(self, snapshot: Snapshot, profile: ScaleProfile) -> None:
        """Update the faults from a full snapshot."""
        if snapshot.system or self._family is None:
            self._family = detect_family(snapshot, profile)
            is_commercial = self._family is Family.COMMERCIAL
            self._is_guess = not (is_commercial or profile.is_fixed)
        family, before = self._family, self._since
        # The family may be detected later and change the meaning of a bit; its time stays.
        known = {fault.bit_id: since for fault, since in before.items()}
        found = [
            f
            for word in FAULT_WORDS
            for f in self._active_in(word, snapshot, family=family)
        ]
        found.sort(key=lambda fault: fault.rank)
        self._since = {
            fault: known.get(fault.bit_id, snapshot.measured_at) for fault in found
        }
        self._pending += _changes(before, self._since)

    def drain(self) -> tuple[FaultChange, ...]:
        """Return the changes since the last call, cleared faults first."""
        changes, self._pending = tuple(self._pending), []
        return changes

    def to_dict(self) -> dict[str, Any]:
        """Return the family and the times for storage; no register contains them."""
        times = {
            fault.bit_id: since.isoformat() for fault, since in self._since.items()
        }
        return {"family": self._family, "since": times}

    def restore(self, stored: Mapping[str, Any]) -> None:
        """Restore the faults from before a restart. They are no changes."""
        family = stored["family"] and Family(stored["family"])
        words = {word.reading.key: word for word in FAULT_WORDS}
        known: dict[Fault, datetime] = {}
        for bit_id, since in stored["since"].items():
            source, _, bit = bit_id.rpartition(".")
            if family and source in words:
                fault = words[source].fault_of_bit(int(bit), family)
                known[fault] = datetime.fromisoformat(since)
        self._family, self._since = family, known

    def _active_in(
        self, word: FaultWord, snapshot: Snapshot, *, family: Family
    ) -> Iterable[Fault]:
        """Return the active faults of a word; those of the last reading if it was not read."""
        source, now = word.reading.key, snapshot.measured_at
        if word.bits(snapshot) is not None:
            self._read[source] = now
            return word.active(snapshot, family, is_guess=self._is_guess)
        if now - self._read.setdefault(source, now) > UNREADABLE_FAULT_RETENTION:
            return ()
        bits = [fault.bit for fault in self._since if fault.source == source]
        is_guess = self._is_guess
        return [word.fault_of_bit(bit, family, is_guess=is_guess) for bit in bits]


def _changes(
    before: Mapping[Fault, datetime], now: Mapping[Fault, datetime]
) -> list[FaultChange]:
    """Return the differences, cleared faults first, without the routine ones."""
    cleared = [
        FaultChange(fault=fault, since=since, raised=False)
        for fault, since in before.items()
        if fault not in now
    ]
    raised = [
        FaultChange(fault=fault, since=since, raised=True)
        for fault, since in now.items()
        if fault not in before
    ]
    return [one for one in (*cleared, *raised) if not one.fault.is_routine]
