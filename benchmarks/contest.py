"""Servers that tell the same to as many clients, in turn, so that what disturbs one disturbs all."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from math import ceil
from statistics import median
import time

from .crowd import Crowd
from .program import Program

SETTLE = 0.01
"""s after the last receipt that still count as work for it."""
MARKS = count(7_000_001)
"""Each message bears a number by which it is recognised; all are equally long."""


@dataclass(frozen=True, kw_only=True)
class Contestant:
    """A server, its clients, and how it is ordered to tell them something."""

    program: Program
    crowd: Crowd
    order: Callable[[int], Sequence[object]]

    def tell(self) -> tuple[float, float, int]:
        """Tell everybody once: p99 in ms, the server's µs for each client, the mark."""
        mark, crowd, program = next(MARKS), self.crowd, self.program
        order = self.order(mark)
        crowd.settle()
        before = program.cpu
        program.tell(*order)
        times = crowd.hear(str(mark).encode())
        began = program.hear()["at"]
        time.sleep(SETTLE)
        spent = program.cpu - before
        return (p99(times) - began) / 1e6, spent / 1e3 / len(crowd), mark


@dataclass
class Result:
    """What came of a server's rounds."""

    latency: list[float] = field(default_factory=list)
    """p99 from publish to receipt of each round, in ms."""
    cpu: list[float] = field(default_factory=list)
    """Of the server, for each delivery, in µs."""

    def latency_to(self, other: Result) -> float:
        """Compare round by round."""
        return _ratio(self.latency, other.latency)

    def cpu_to(self, other: Result) -> float:
        """Compare round by round."""
        return _ratio(self.cpu, other.cpu)


def compete(
    contestants: Mapping[str, Contestant],
    rounds: int,
    *,
    after: Callable[[str, int], None] | None = None,
) -> dict[str, Result]:
    """Let everybody tell something in each round; who begins changes."""
    results = {name: Result() for name in contestants}
    order = list(contestants)
    for _ in range(rounds):
        for name in order:
            latency, cpu, mark = contestants[name].tell()
            results[name].latency.append(latency)
            results[name].cpu.append(cpu)
            if after:
                after(name, mark)
        order.append(order.pop(0))
    return results


def p99(times: Sequence[int]) -> int:
    """Say when 99 of 100 had it."""
    return times[ceil(0.99 * len(times)) - 1]


def _ratio(mine: Sequence[float], theirs: Sequence[float]) -> float:
    return median(a / b for a, b in zip(mine, theirs, strict=True))
