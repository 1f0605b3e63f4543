"""The last good blocks, and for how many samples each value has had no good one."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from .findings import Finding


@dataclass(slots=True)
class RejectedValue:
    """A value of which the last sample was rejected."""

    finding: Finding
    count: int
    """Samples without a good one."""


@dataclass(slots=True)
class _GoodBlock:
    """The last good block, with good values of before for those that were rejected."""

    block: Any
    at: datetime
    missed: int = 0
    """Samples without the block since then: it was refused, or nothing answered."""


@dataclass(slots=True)
class LastGoodValues:
    """What may replace a value that cannot be true, and how long it has done so."""

    _blocks: dict[str, _GoodBlock] = field(default_factory=dict)
    _rejected: dict[str, RejectedValue] = field(default_factory=dict)
    """By the key of the value, or by the name of a block."""

    def clear(self) -> None:
        """Forget everything."""
        self._blocks.clear()
        self._rejected.clear()

    def block(self, name: str) -> Any:
        """Return the last good block; None if there is none."""
        return good.block if (good := self._blocks.get(name)) else None

    def recent_block(self, name: str, at: datetime, *, age: timedelta) -> Any:
        """Return the last good block; None if it is older at a time."""
        good = self._blocks.get(name)
        return good.block if good and abs(at - good.at) <= age else None

    def keep(self, name: str, block: Any, at: datetime) -> None:
        """Keep a good block, and when it was read."""
        self._blocks[name] = _GoodBlock(block, at)

    def drop(self, name: str) -> None:
        """Forget a block: it is too old to replace anything."""
        self._blocks.pop(name, None)

    def miss(self, name: str) -> None:
        """Count a sample without a block."""
        if good := self._blocks.get(name):
            good.missed += 1

    @property
    def rejected(self) -> Iterator[tuple[str, RejectedValue]]:
        """The values of which the last sample was rejected, by their keys."""
        yield from tuple(self._rejected.items())

    def rejections(self, key: str) -> int:
        """Return for how many samples a value has had no good one."""
        one = self._rejected.get(key)
        return one.count if one else 0

    def reject(self, key: str, finding: Finding) -> int:
        """Count a rejected sample; return how many there were without a good one."""
        one = self._rejected.get(key)
        if one is None:
            good = self._blocks.get(finding.reading.part)
            one = RejectedValue(finding, good.missed if good else 0)
            self._rejected[key] = one
        one.finding, one.count = finding, one.count + 1
        return one.count

    def release(self, key: str) -> None:
        """End the rejection of a value: its sample is good again."""
        del self._rejected[key]
