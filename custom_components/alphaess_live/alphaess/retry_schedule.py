"""When what an inverter has refused is requested again: after half a minute at first, then more and more rarely."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic

from .registers.block import Block

FIRST_RETRY = timedelta(seconds=30)
RETRY_INTERVAL = timedelta(days=1)
"""The longest time between two requests for what is refused: a firmware update may have added it."""
RETRY_INTERVAL_OF_SERVED = timedelta(minutes=5)
"""The longest time for what the same firmware has served: a meter may be connected again."""
RETRY_SHARE = 0.25
"""Of the time since the first refusal: how long to wait before the next request."""

DECIDED_AFTER = timedelta(minutes=1)
"""Three requests without an answer over this time count as absence in what is shown; a refusal does at once.

Most inverters refuse some blocks: their values would be unknown for a minute after each
installation. What is refused for the moment is shown half a minute after it is answered.
"""
SETTLED_AFTER = timedelta(minutes=10)
"""Refusals for this long show that an inverter has no such thing: that is stored."""
COUNTED_OUTAGE = FIRST_RETRY
"""How much of an outage counts as time of a refusal: nothing was refused in the rest of it."""


@dataclass(slots=True)
class _Refusal:
    """What was refused at each request from one time to another, in seconds of the schedule's clock."""

    first: float
    last: float
    count: int = 1
    was_served: bool = False
    """Whether the same firmware has served it before."""
    is_due: bool = False
    """Whether it is requested with the next reading, whatever the time."""
    is_silent: bool = False
    """Whether its last request timed out, which failed a whole reading."""
    is_decided: bool = False
    """Whether the inverter seems not to have it."""
    is_settled: bool = False
    """Whether it was refused for so long that the inverter does not have it."""

    def has_lasted(self, time: timedelta) -> bool:
        """Whether it was refused at least three times, over at least this time."""
        return self.count > 2 and self.last - self.first >= time.total_seconds()


class RetrySchedule:
    """The retries of blocks, or of fields in them: after half a minute at first, at last once a day."""

    def __init__(self) -> None:
        """Start without any refusal."""
        self._refusals: dict[type[Block], _Refusal] = {}
        self._paused = 0.0
        """Seconds of earlier outages that do not count."""
        self._outage = (0.0, 0.0)
        """From when to when nothing was read, the last time."""

    def _now(self) -> float:
        """Return the seconds of the monotonic clock, without those of outages that do not count."""
        return monotonic() - self._paused - self._pause

    @property
    def _pause(self) -> float:
        since, until = self._outage
        return max(0.0, until - since - COUNTED_OUTAGE.total_seconds())

    @property
    def blocks(self) -> frozenset[type[Block]]:
        """What was refused at its last request."""
        return frozenset(self._refusals)

    @property
    def undecided(self) -> frozenset[type[Block]]:
        """What has not answered, perhaps only for the moment."""
        refusals = self._refusals.items()
        return frozenset(block for block, one in refusals if not one.is_decided)

    @property
    def unsettled(self) -> frozenset[type[Block]]:
        """What was not refused for so long yet that the inverter certainly has no such thing."""
        refusals = self._refusals.items()
        return frozenset(block for block, one in refusals if not one.is_settled)

    def add(
        self,
        block: type[Block],
        *,
        settled: bool = False,
        silent: bool = False,
        served: bool = False,
    ) -> None:
        """Record a refusal that has just happened.

        `settled` if it is known to last; `silent` if there was no answer at all; `served`
        if the same firmware has served it before.
        """
        now = self._now()
        one = self._refusals.get(block)
        if one is None:
            one = self._refusals[block] = _Refusal(now, now)
        else:
            one.last, one.count, one.is_due = now, one.count + 1, False
        one.is_silent = silent
        one.was_served |= served
        one.is_settled |= settled or one.has_lasted(SETTLED_AFTER)
        one.is_decided |= not silent or one.is_settled or one.has_lasted(DECIDED_AFTER)

    def has_lasted(self, block: type[Block], time: timedelta) -> bool:
        """Whether something was refused at least three times, over at least this time without outages."""
        return self._refusals[block].has_lasted(time)

    def is_due(self, block: type[Block]) -> bool:
        """Whether something is requested again; what was never refused always is."""
        one = self._refusals.get(block)
        if one is None or one.is_due:
            return True
        share = RETRY_SHARE * (one.last - one.first)
        is_often = one.was_served and not one.is_silent  # A timeout fails a reading.
        most = RETRY_INTERVAL_OF_SERVED if is_often else RETRY_INTERVAL
        wait = min(max(share, FIRST_RETRY.total_seconds()), most.total_seconds())
        return self._now() - one.last >= wait

    def is_old(self, block: type[Block]) -> bool:
        """Whether something was first refused longer ago than the longest time between two requests."""
        age = self._now() - self._refusals[block].first
        return age >= RETRY_INTERVAL.total_seconds()

    def due(self) -> tuple[type[Block], ...]:
        """Return what is requested again now: what is not settled yet first, then the longest waiting."""
        due = filter(self.is_due, self._refusals)
        refusals = self._refusals
        return tuple(
            sorted(due, key=lambda b: (refusals[b].is_settled, refusals[b].last))
        )

    def end_outage(
        self, since: float, *, retry: bool, settled_only: bool = False
    ) -> None:
        """Do not count the time since the last reading; call it before each attempt to read again.

        With `retry`, what was refused is due: it may be answered now. What timed out is
        not, because its timeout may have been the outage; nor is with `settled_only` what
        is due soon anyway.
        """
        if since != self._outage[0]:
            self._paused += self._pause
        self._outage = since, monotonic()
        now = self._now()
        for one in self._refusals.values():
            one.last = min(one.last, now)
            is_wanted = one.is_settled or not settled_only
            one.is_due |= retry and is_wanted and not one.is_silent

    def remove(self, blocks: Iterable[type[Block]]) -> None:
        """Forget refusals: it was answered."""
        for block in blocks:
            self._refusals.pop(block, None)

    def clear(self) -> None:
        """Forget all refusals: other firmware may serve other things."""
        self._refusals.clear()
