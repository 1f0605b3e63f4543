"""When what an inverter has refused is requested again: after half a minute at first, then more and more rarely."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from time import monotonic

from .registers.block import Block

FIRST_RETRY = timedelta(seconds=30)
RETRY_INTERVAL = timedelta(days=1)
"""The longest time between two requests for what is refused: a firmware update may have added it."""
RETRY_SHARE = 0.25
"""Of the time since the first refusal: how long to wait before the next request."""

DECIDED_AFTER = timedelta(minutes=1)
"""Three refusals over this time count as absence in what is shown; 50 s after an update were reported."""
SETTLED_AFTER = timedelta(minutes=10)
"""Refusals for this long show that an inverter has no such thing: that is stored."""


@dataclass(slots=True)
class _Refusal:
    """What was refused at each request from one time to another, in seconds of the monotonic clock."""

    first: float
    last: float
    count: int = 1
    is_due: bool = False
    """Whether it is requested with the next reading, whatever the time."""
    is_decided: bool = False
    """Whether the inverter seems not to have it."""
    is_settled: bool = False
    """Whether it was refused for so long that the inverter does not have it."""


class RetrySchedule:
    """The retries of blocks, or of fields in them: after half a minute at first, at last once a day."""

    def __init__(self) -> None:
        """Start without any refusal."""
        self._refusals: dict[type[Block], _Refusal] = {}

    @property
    def blocks(self) -> frozenset[type[Block]]:
        """What was refused at its last request."""
        return frozenset(self._refusals)

    @property
    def undecided(self) -> frozenset[type[Block]]:
        """What may only be refused for the moment."""
        refusals = self._refusals.items()
        return frozenset(block for block, one in refusals if not one.is_decided)

    @property
    def unsettled(self) -> frozenset[type[Block]]:
        """What was not refused for so long yet that the inverter certainly has no such thing."""
        refusals = self._refusals.items()
        return frozenset(block for block, one in refusals if not one.is_settled)

    def add(self, block: type[Block], *, settled: bool = False) -> None:
        """Record a refusal that has just happened; `settled` if it is known to last."""
        now = monotonic()
        one = self._refusals.get(block)
        if one is None:
            one = self._refusals[block] = _Refusal(now, now)
        else:
            one.last, one.count, one.is_due = now, one.count + 1, False
        lasts = timedelta(seconds=now - one.first)
        one.is_settled |= settled or (one.count > 2 and lasts >= SETTLED_AFTER)
        one.is_decided |= one.is_settled or (one.count > 2 and lasts >= DECIDED_AFTER)

    def is_due(self, block: type[Block]) -> bool:
        """Whether something is requested again; what was never refused always is."""
        one = self._refusals.get(block)
        if one is None or one.is_due:
            return True
        share = RETRY_SHARE * (one.last - one.first)
        least, most = FIRST_RETRY.total_seconds(), RETRY_INTERVAL.total_seconds()
        return monotonic() - one.last >= min(max(share, least), most)

    def is_old(self, block: type[Block]) -> bool:
        """Whether something was first refused longer ago than the longest time between two requests."""
        age = monotonic() - self._refusals[block].first
        return age >= RETRY_INTERVAL.total_seconds()

    def due(self) -> tuple[type[Block], ...]:
        """Return what is requested again now: what is not settled yet first, then the longest waiting."""
        due = filter(self.is_due, self._refusals)
        refusals = self._refusals
        return tuple(
            sorted(due, key=lambda b: (refusals[b].is_settled, refusals[b].last))
        )

    def retry_now(self) -> None:
        """Make everything due: after an outage it may be answered."""
        for one in self._refusals.values():
            one.is_due = True

    def remove(self, blocks: Iterable[type[Block]]) -> None:
        """Forget refusals: it was answered."""
        for block in blocks:
            self._refusals.pop(block, None)

    def clear(self) -> None:
        """Forget all refusals: other firmware may serve other things."""
        self._refusals.clear()
