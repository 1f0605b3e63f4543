"""Counts and limits the daily writes to the inverter's flash memory, which wears out."""

from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any

from .errors import TooManyWritesError

WARN_AT_WRITES = 10
"""Writes in one day that raise a warning: the schedule of a day needs only a few."""

DAILY_LIMIT_WRITES = 50
"""No more are made in one day: flash memory endures some ten thousand, half a year at this rate.

No user needs more; an automation that does is probably stuck in a loop.
"""


def _local_date() -> date:
    return datetime.now().astimezone().date()


class FlashWriteCounter:
    """Counts the writes of one day of the local calendar."""

    def __init__(
        self,
        today: Callable[[], date] = _local_date,
        on_write: Callable[[], None] = lambda: None,
    ) -> None:
        """Start at 0; `on_write` is called after each write."""
        self.total = 0
        """Writes since the start of this program."""
        self._today = today
        self._on_write = on_write
        self._day = today()
        self._count = 0

    @property
    def count(self) -> int:
        """The number of writes today."""
        return self._count if self._day == self._today() else 0

    def record(self) -> None:
        """Count one write that has reached the flash memory, or may have."""
        self._count, self._day = self.count + 1, self._today()
        self.total += 1
        self._on_write()

    def require_writes_left(self, writes: int) -> None:
        """Raise TooManyWritesError unless the given number of writes is left today.

        This is checked before the first write, so that no change ends half way.
        """
        if writes and self.count + writes > DAILY_LIMIT_WRITES:
            raise TooManyWritesError(self.count, DAILY_LIMIT_WRITES)

    def to_dict(self) -> dict[str, Any]:
        """Return the count for storage."""
        return {"day": self._day.isoformat(), "count": self._count}

    def restore(self, stored: Mapping[str, Any]) -> None:
        """Continue a count from before a restart."""
        day, count = date.fromisoformat(stored["day"]), int(stored["count"])
        self._day, self._count = day, count
