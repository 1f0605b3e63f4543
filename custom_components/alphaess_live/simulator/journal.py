"""Records the requests to the simulated inverter, so that tests can check them."""

from collections import deque
from dataclasses import dataclass
from enum import IntEnum

MAX_REQUESTS = 1000
"""Number of requests kept in full; the counters count all."""


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
    """The words to write; empty for a read."""


class Journal:
    """Every request, answered or not: the last ones in full, all of them as a count."""

    def __init__(self) -> None:
        """Start empty."""
        self._requests: deque[Request] = deque(maxlen=MAX_REQUESTS)
        self.reads = 0
        self.writes = 0

    @property
    def requests(self) -> tuple[Request, ...]:
        """The last requests, oldest first."""
        return tuple(self._requests)

    @property
    def written(self) -> tuple[Request, ...]:
        """The write requests among the last requests."""
        return tuple(r for r in self._requests if r.function is not FunctionCode.READ)

    def record(self, request: Request) -> None:
        """Add a request."""
        self._requests.append(request)
        if request.function is FunctionCode.READ:
            self.reads += 1
        else:
            self.writes += 1

    def clear(self) -> None:
        """Remove all requests and reset the counters."""
        self._requests.clear()
        self.reads = self.writes = 0
