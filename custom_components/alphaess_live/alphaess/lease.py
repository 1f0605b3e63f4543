"""A lease: an order that the inverter ends by itself, and when that will be."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any, Self

from .registers import DispatchOrder
from .write_policy import ORDER


@dataclass(frozen=True, kw_only=True)
class Lease:
    """An order of ours as it reads back, and when it was given."""

    order: DispatchOrder
    begun: datetime
    """By the host's clock, as it stood then."""
    ahead: float | None = field(default=None, compare=False)
    """How far that clock was ahead of the loop's; None after a restart, when the loop's began anew."""

    @classmethod
    def given_now(cls, order: DispatchOrder) -> Self:
        """Begin a lease."""
        return cls(order=order, begun=datetime.now(UTC), ahead=_ahead())

    @property
    def expires(self) -> datetime:
        """When the inverter ends it by itself, by the host's clock as it stands now."""
        return self._begun + timedelta(seconds=self.order.duration)

    @property
    def _begun(self) -> datetime:
        """When it began, had the host's clock always stood as it does now."""
        if self.ahead is None:
            return self.begun
        # To the second: no two clocks run quite alike.
        return self.begun + timedelta(seconds=round(_ahead() - self.ahead))

    def as_dict(self) -> dict[str, Any]:
        """Lay the lease out for storage."""
        words = self.order.encode()
        return {"words": [words[at] for at in ORDER], "begun": self._begun.isoformat()}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """Take a lease back out of storage."""
        words = dict(zip(ORDER, stored["words"], strict=True))
        return cls(
            order=DispatchOrder.decode(words),
            begun=datetime.fromisoformat(stored["begun"]),
        )


def _ahead() -> float:
    """How far the host's clock is ahead of the loop's, in s: it changes when somebody sets the former."""
    return datetime.now(UTC).timestamp() - asyncio.get_running_loop().time()
