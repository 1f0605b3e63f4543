"""A lease: an order of this program, and the time at which the inverter ends it by itself."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from .registers import DispatchOrder
from .write_policy import DISPATCH_ADDRESSES


@dataclass(frozen=True, kw_only=True)
class Lease:
    """An order of this program as it reads back, and when it started."""

    order: DispatchOrder
    started_at: datetime
    """By the host's clock at that time."""
    clock_offset_seconds: float | None = field(default=None, compare=False)
    """How far that clock was ahead of the loop's clock; None after a restart, which resets the loop's."""

    @classmethod
    def start_now(cls, order: DispatchOrder) -> Self:
        """Return a lease of an order that was just applied."""
        return cls(
            order=order,
            started_at=datetime.now(UTC),
            clock_offset_seconds=_wall_minus_loop(),
        )

    @property
    def expires(self) -> datetime:
        """When the inverter ends the order by itself, by the host's clock as it is set now."""
        return self._adjusted_start + timedelta(seconds=self.order.duration)

    @property
    def _adjusted_start(self) -> datetime:
        """The start by the host's clock as it is set now."""
        if self.clock_offset_seconds is None:
            return self.started_at
        # Rounded to seconds, because the two clocks drift apart a little.
        return self.started_at + timedelta(
            seconds=round(_wall_minus_loop() - self.clock_offset_seconds)
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the lease for storage."""
        words = self.order.encode()
        return {
            "words": [words[at] for at in DISPATCH_ADDRESSES],
            "begun": self._adjusted_start.isoformat(),
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """Build a lease from its stored form."""
        words = dict(zip(DISPATCH_ADDRESSES, stored["words"], strict=True))
        return cls(
            order=DispatchOrder.decode(words),
            started_at=datetime.fromisoformat(stored["begun"]),
        )


def _wall_minus_loop() -> float:
    """Return how many seconds the host's clock is ahead of the loop's; changes when the host's is set."""
    return datetime.now(UTC).timestamp() - asyncio.get_running_loop().time()
