"""Reading many registers in few requests."""

from collections.abc import Callable, Iterable
from typing import NamedTuple, Protocol

MAX_GAP = 8
"""Unused registers worth reading to save a request; senalse and solax read across such gaps."""

MAX_SIZE = 100
"""Registers one request may ask for: nothing above 100 is known to work."""


class Part(Protocol):
    """Registers that must come together: a block, or an excerpt of one."""

    def addresses(self) -> Iterable[int]:
        """Every address this part needs."""


class Span[P: Part](NamedTuple):
    """A run of registers fetched by one request, and the parts that it serves."""

    start: int
    size: int
    parts: tuple[P, ...]


def span[P: Part](part: P) -> Span[P]:
    """Cover one part by a request of its own."""
    start, end = min(part.addresses()), max(part.addresses()) + 1
    return Span(start, end - start, (part,))


def is_narrow(gap: range) -> bool:
    """Tell whether reading across a gap is cheaper than another request."""
    return len(gap) <= MAX_GAP


def plan[P: Part](
    parts: Iterable[P], crosses: Callable[[range], bool] = is_narrow
) -> tuple[Span[P], ...]:
    """Cover the parts with as few requests as the inverter allows; no part is torn.

    What is known of the addresses between two parts may forbid to read across, or allow it.
    """
    spans: list[Span[P]] = []
    for single in sorted(map(span, parts), key=lambda one: one.start):
        if spans and (joined := _join(spans[-1], single, crosses=crosses)):
            spans[-1] = joined
        else:
            spans.append(single)
    return tuple(spans)


def _join[P: Part](
    left: Span[P], right: Span[P], *, crosses: Callable[[range], bool]
) -> Span[P] | None:
    """Stretch the left span over the right one, unless a new request is better."""
    left_end, right_end = left.start + left.size, right.start + right.size
    size = max(left_end, right_end) - left.start
    if size > MAX_SIZE or not crosses(range(left_end, right.start)):
        return None
    return Span(left.start, size, (*left.parts, *right.parts))
