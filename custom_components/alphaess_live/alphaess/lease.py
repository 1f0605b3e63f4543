"""A lease: an order that the inverter ends by itself, and when that will be."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Self

from .datasheet import DispatchOrder
from .writable import ORDER


@dataclass(frozen=True, kw_only=True)
class Lease:
    """An order of ours as it reads back, and when it was given."""

    order: DispatchOrder
    begun: datetime

    @property
    def expires(self) -> datetime:
        """When the inverter ends it by itself."""
        return self.begun + timedelta(seconds=self.order.duration)

    def as_dict(self) -> dict[str, Any]:
        """Lay the lease out for storage."""
        words = self.order.encode()
        return {"words": [words[at] for at in ORDER], "begun": self.begun.isoformat()}

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """Take a lease back out of storage."""
        words = dict(zip(ORDER, stored["words"], strict=True))
        return cls(
            order=DispatchOrder.decode(words),
            begun=datetime.fromisoformat(stored["begun"]),
        )
