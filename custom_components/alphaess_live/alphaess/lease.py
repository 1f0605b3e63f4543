"""A lease: an order that the inverter ends by itself, and when that will be."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from .registers import DispatchOrder
from .write_policy import DISPATCH_ADDRESSES


@dataclass(frozen=True, kw_only=True)
class Lease:
    """An order of ours as it reads back, and when it was given."""

    order: DispatchOrder
    started_at: datetime
    """By the host's clock, as it stood then."""
    clock_offset_seconds: float | None = field(default=None, compare=False)
    """How far that clock was ahead of the loop's; None after a restart, when the loop's began anew."""

    @classmethod
    def start_now(cls, order: DispatchOrder) -> Self:
        """Begin a lease."""
        return cls(
            order=order,
            started_at=datetime.now(UTC),
            clock_offset_seconds=_wall_minus_loop(),
        )

    @property
    def expires(self) -> datetime:
        """When the inverter ends it by itself, by the host's clock as it stands now."""
        return self._adjusted_start + timedelta(seconds=self.order.duration)

    @property
    def _adjusted_start(self) -> datetime:
        """When it began, had the host's clock always stood as it does now."""
        if self.clock_offset_seconds is None:
            return self.started_at
        # To the second: no two clocks run quite alike.
        return self.started_at + timedelta(
            seconds=round(_wall_minus_loop() - self.clock_offset_seconds)
        )

    def to_dict(self) -> dict[str, Any]:
        """Lay the lease out for storage."""
        words = self.order.encode()
        return {
            "words": [words[at] for at in DISPATCH_ADDRESSES],
            "begun": self._adjusted_start.isoformat(),
        }

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """Take a lease back out of storage."""
        words = dict(zip(DISPATCH_ADDRESSES, stored["words"], strict=True))
        return cls(
            order=DispatchOrder.decode(words),
            started_at=datetime.fromisoformat(stored["begun"]),
        )


def _wall_minus_loop() -> float:
    """How far the host's clock is ahead of the loop's, in s: it changes when somebody sets the former."""
    return datetime.now(UTC).timestamp() - asyncio.get_running_loop().time()
