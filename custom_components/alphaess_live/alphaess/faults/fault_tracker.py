"""What an inverter complains about, and since when: its fault and warning bits do not say."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from ..scales import ScaleProfile
from ..snapshot import Snapshot
from . import FAULT_WORDS, Family, Fault, FaultWord, Severity, detect_family

UNREADABLE_FAULT_RETENTION = timedelta(days=1)
"""For so long a complaint stands though its word cannot be read; then the word is gone, with new firmware."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FaultChange:
    """A complaint that is new, or over."""

    fault: Fault
    since: datetime
    """When it was first seen, in UTC."""
    raised: bool


class FaultTracker:
    """Remembers when each fault was first seen, for as long as it lasts, and what has not been told of that.

    One snapshot is enough to raise a complaint, and one to clear it. A word that is
    not read does neither: an outage, or a refused block, mends nothing.
    """

    def __init__(self) -> None:
        """Begin without any."""
        self._since: dict[Fault, datetime] = {}
        self._family: Family | None = None
        self._read: dict[str, datetime] = {}
        self._pending: list[FaultChange] = []

    @property
    def since(self) -> Mapping[Fault, datetime]:
        """What is complained about now, the most serious first, and the UTC time of the first sight."""
        return MappingProxyType(self._since)

    @property
    def worst(self) -> Fault | None:
        """The most serious complaint; None on an ordinary day."""
        return next((fault for fault in self._since if not fault.is_routine), None)

    @property
    def is_faulty(self) -> bool:
        """Whether there is a fault; warnings are none."""
        return any(fault.severity is Severity.FAULT for fault in self._since)

    def update(self, snapshot: Snapshot, profile: ScaleProfile) -> None:
        """Take over what a full snapshot says."""
        if snapshot.system or self._family is None:
            self._family = detect_family(snapshot, profile)
        family, before = self._family, self._since
        # What a bit is called may change with what is learned of the inverter; it is the same bit.
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
        """Hand over what has not been told yet, once: what is over first."""
        news, self._pending = tuple(self._pending), []
        return news

    def to_dict(self) -> dict[str, Any]:
        """Lay out for storage what no register remembers."""
        times = {
            fault.bit_id: since.isoformat() for fault, since in self._since.items()
        }
        return {"family": self._family, "since": times}

    def restore(self, stored: Mapping[str, Any]) -> None:
        """Take back out of storage what was complained about before a restart. It is no news."""
        family = stored["family"] and Family(stored["family"])
        words = {word.reading.key: word for word in FAULT_WORDS}
        known: dict[Fault, datetime] = {}
        for place, since in stored["since"].items():
            source, _, bit = place.rpartition(".")
            if family and source in words:
                fault = words[source].fault_of_bit(int(bit), family)
                known[fault] = datetime.fromisoformat(since)
        self._family, self._since = family, known

    def _active_in(
        self, word: FaultWord, snapshot: Snapshot, *, family: Family
    ) -> Iterable[Fault]:
        """Name what a word complains about; if it is not read, what it said last."""
        source, now = word.reading.key, snapshot.measured_at
        if word.bits(snapshot) is not None:
            self._read[source] = now
            return word.active(snapshot, family)
        if now - self._read.setdefault(source, now) > UNREADABLE_FAULT_RETENTION:
            return ()
        bits = [fault.bit for fault in self._since if fault.source == source]
        return [word.fault_of_bit(bit, family) for bit in bits]


def _changes(
    before: Mapping[Fault, datetime], now: Mapping[Fault, datetime]
) -> list[FaultChange]:
    """Compare; what belongs to an ordinary day is no news."""
    gone = [
        FaultChange(fault=fault, since=since, raised=False)
        for fault, since in before.items()
        if fault not in now
    ]
    new = [
        FaultChange(fault=fault, since=since, raised=True)
        for fault, since in now.items()
        if fault not in before
    ]
    return [one for one in (*gone, *new) if not one.fault.is_routine]
