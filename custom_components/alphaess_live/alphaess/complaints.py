"""What an inverter complains about, and since when: its fault and warning bits do not say."""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

from .faults import Fault, active, recognise
from .snapshot import Snapshot
from .variants import Profile


class Complaints:
    """Remembers when each fault was first seen, for as long as it lasts."""

    def __init__(self) -> None:
        """Begin without any."""
        self._since: dict[Fault, datetime] = {}

    @property
    def since(self) -> Mapping[Fault, datetime]:
        """What is complained about now, faults first, and the UTC time of the first sight."""
        return MappingProxyType(self._since)

    def note(self, snapshot: Snapshot, profile: Profile) -> None:
        """Take over what a full snapshot says."""
        before = self._since
        self._since = {
            fault: before.get(fault, snapshot.taken)
            for fault in active(snapshot, recognise(snapshot, profile))
        }
