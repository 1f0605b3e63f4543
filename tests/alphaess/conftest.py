"""The clock of the protocol's tests, which a test can advance."""

from dataclasses import dataclass
from datetime import timedelta

import pytest

from custom_components.alphaess_live.alphaess import (
    device_limits,
    inverter,
    slow_blocks,
    unsupported_blocks,
)


@dataclass
class Clock:
    """A clock that stands still until a test advances it."""

    seconds: float = 0

    def __call__(self) -> float:
        return self.seconds

    def let_pass(self, time: timedelta) -> None:
        self.seconds += time.total_seconds()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    for asker in (inverter, slow_blocks, unsupported_blocks, device_limits):
        monkeypatch.setattr(asker, "monotonic", clock)
    return clock
