"""Plans the read requests: as few as possible, none longer than a device answers."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Protocol

MAX_GAP = 8
"""Unused registers that are read to save a request, as others do [senalse; solax]."""

MAX_COUNT = 100
"""Registers in one request: nothing above 100 is known to work [senalse; solax].

A device that refuses less has its own limit, which is learned."""


class Readable(Protocol):
    """Registers that must be read by one request: a block, or some of its fields."""

    def addresses(self) -> Iterable[int]:
        """Every address that is needed."""


@dataclass(frozen=True, slots=True)
class ReadRequest[R: Readable]:
    """Consecutive registers that one request reads, and what they are read for."""

    start: int
    count: int
    readables: tuple[R, ...]


def request_for[R: Readable](readable: R) -> ReadRequest[R]:
    """Build a request for one block alone."""
    start, end = min(readable.addresses()), max(readable.addresses()) + 1
    return ReadRequest(start, end - start, (readable,))


def is_small_gap(gap: range) -> bool:
    """Whether reading unused registers costs less than another request."""
    return len(gap) <= MAX_GAP


def plan_requests[R: Readable](
    readables: Iterable[R],
    may_span_gap: Callable[[range], bool] = is_small_gap,
    *,
    max_count: int = MAX_COUNT,
) -> tuple[ReadRequest[R], ...]:
    """Cover the blocks with few requests; no block is split.

    `may_span_gap` decides whether the unused addresses between two blocks may be read.
    """
    requests: list[ReadRequest[R]] = []
    for single in sorted(map(request_for, readables), key=lambda one: one.start):
        joined = requests and _join(requests[-1], single, may_span_gap=may_span_gap)
        if joined and joined.count <= max_count:
            requests[-1] = joined
        else:
            requests.append(single)
    return tuple(requests)


def _join[R: Readable](
    left: ReadRequest[R],
    right: ReadRequest[R],
    *,
    may_span_gap: Callable[[range], bool],
) -> ReadRequest[R] | None:
    """Extend the left request over the right one; None where that is not allowed."""
    left_end, right_end = left.start + left.count, right.start + right.count
    count = max(left_end, right_end) - left.start
    if not may_span_gap(range(left_end, right.start)):
        return None
    return ReadRequest(left.start, count, (*left.readables, *right.readables))
