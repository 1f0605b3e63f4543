"""How often the inverter's flash was written today: it wears out, so that is counted, told and bounded."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from .errors import TooManyWritesError

WARN_AT_WRITES = 10
"""Writes in one day after which its owner is told: a plan for a day takes a few."""

DAILY_LIMIT_WRITES = 50
"""Writes in one day: flash lasts some ten thousand, that is a year of even so many.

No person needs more, and an automation that wants to is caught in a loop.
"""


def _local_date() -> date:
    return datetime.now().astimezone().date()


class FlashWriteCounter:
    """Counts the writes of one day, by the calendar of the house."""

    def __init__(
        self,
        today: Callable[[], date] = _local_date,
        on_write: Callable[[], None] = lambda: None,
    ) -> None:
        """Begin at 0; `heard` is called after each write."""
        self.total = 0
        """Writes since this began to count."""
        self._today = today
        self._on_write = on_write
        self._day = today()
        self._count = 0

    @property
    def count(self) -> int:
        """Writes of today."""
        return self._count if self._day == self._today() else 0

    def record(self) -> None:
        """Count one write that has reached the flash, or may have."""
        self._count, self._day = self.count + 1, self._today()
        self.total += 1
        self._on_write()

    def require_budget(self, writes: int) -> None:
        """Raise TooManyWritesError unless so many more are left today.

        Asked before the first of them, so that no change is torn half way.
        """
        if writes and self.count + writes > DAILY_LIMIT_WRITES:
            raise TooManyWritesError(self.count, DAILY_LIMIT_WRITES)

    def to_dict(self) -> dict[str, Any]:
        """Lay the count out for storage."""
        return {"day": self._day.isoformat(), "count": self._count}

    def restore(self, stored: Mapping[str, Any]) -> None:
        """Go on with a count from before a restart."""
        day, count = date.fromisoformat(stored["day"]), int(stored["count"])
        self._day, self._count = day, count
