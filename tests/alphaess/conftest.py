"""The clocks of the protocol's tests, which a test can advance."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from freezegun import freeze_time
from freezegun.api import FrozenDateTimeFactory
import pytest

from custom_components.alphaess_live.alphaess import (
    inverter,
    retry_schedule,
    slow_blocks,
)
from custom_components.alphaess_live.alphaess.monotonic_counter import FEW_SAMPLES

from .readers import NOON, Reader


@dataclass
class Clock:
    """A clock that stands still until a test advances it."""

    seconds: float = 0

    def __call__(self) -> float:
        return self.seconds

    def let_pass(self, time: timedelta) -> None:
        self.seconds += time.total_seconds()


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest) -> Clock:
    if "frozen_clock" in request.fixturenames:
        # Before: to freeze the time replaces `monotonic`, also one that is replaced already.
        request.getfixturevalue("frozen_clock")
    clock = Clock()
    for asker in (inverter, slow_blocks, retry_schedule):
        monkeypatch.setattr(asker, "monotonic", clock)
    return clock


@pytest.fixture
def frozen_clock() -> Iterator[FrozenDateTimeFactory]:
    """Set the time; it only passes between two readings."""
    with freeze_time(NOON, real_asyncio=True) as factory:
        yield factory  # type: ignore[misc]


@pytest.fixture
async def both(frozen_clock: FrozenDateTimeFactory) -> Reader:
    """Read an inverter with strings and a PV meter: 8000 kWh."""
    reader = Reader(frozen_clock, strings=5000, meter_1=0.05, meter_2=3000, system=8000)
    assert await reader.read(times=FEW_SAMPLES) == 8000
    return reader
