"""What the protocol's tests share: a clock that they can move."""

from dataclasses import dataclass
from datetime import timedelta

import pytest

from custom_components.alphaess_live.alphaess import inverter, unsupported_blocks


@dataclass
class Clock:
    """Stands still until a test lets time pass."""

    seconds: float = 0

    def __call__(self) -> float:
        return self.seconds

    def let_pass(self, time: timedelta) -> None:
        self.seconds += time.total_seconds()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    for asker in (inverter, unsupported_blocks):
        monkeypatch.setattr(asker, "monotonic", clock)
    return clock
