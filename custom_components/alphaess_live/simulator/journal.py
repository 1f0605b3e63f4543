"""What was asked of the simulated inverter, so that a test can prove what was not."""

from collections import deque
from dataclasses import dataclass
from enum import IntEnum

MAX_REQUESTS = 1000
"""Requests that are remembered; the counters know of all."""


class FunctionCode(IntEnum):
    """The three function codes that an AlphaESS inverter serves."""

    READ = 0x03
    WRITE_ONE = 0x06
    WRITE = 0x10


@dataclass(frozen=True, slots=True)
class Request:
    """One request, as it arrived."""

    function: FunctionCode
    address: int
    count: int
    values: tuple[int, ...] = ()
    """What was to be written; empty for a read."""


class Journal:
    """Every request, answered or not: the last ones in full, all of them as a count."""

    def __init__(self) -> None:
        """Begin with an empty page."""
        self._requests: deque[Request] = deque(maxlen=MAX_REQUESTS)
        self.reads = 0
        self.writes = 0

    @property
    def requests(self) -> tuple[Request, ...]:
        """The last requests, oldest first."""
        return tuple(self._requests)

    @property
    def written(self) -> tuple[Request, ...]:
        """Those of the last requests that wanted to write."""
        return tuple(r for r in self._requests if r.function is not FunctionCode.READ)

    def record(self, request: Request) -> None:
        """Put a request down."""
        self._requests.append(request)
        if request.function is FunctionCode.READ:
            self.reads += 1
        else:
            self.writes += 1

    def clear(self) -> None:
        """Begin a new page: counters at 0, nothing remembered."""
        self._requests.clear()
        self.reads = self.writes = 0
