"""Measures several servers in alternating rounds, so that a disturbance affects all of them alike."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import count
from math import ceil
from statistics import median
import time

from .load_clients import LoadClients
from .worker_protocol import WorkerProcess

SETTLE_SECONDS = 0.01
"""Processor time within this time after the last receipt counts as part of the delivery."""
MARKERS = count(7_000_001)
"""Each message contains a unique number; all have the same length."""


@dataclass(frozen=True, kw_only=True)
class Server:
    """A server under test, its clients, and the command that makes it send a message."""

    worker: WorkerProcess
    clients: LoadClients
    command: Callable[[int], Sequence[object]]
    """The worker's command for a message with this marker."""

    def run_round(self) -> tuple[float, float, int]:
        """Send one message to all clients; return p99 in ms, the server's µs per client, the marker."""
        marker, clients, worker = next(MARKERS), self.clients, self.worker
        command = self.command(marker)
        clients.drain()
        before = worker.cpu_nanoseconds
        worker.send(*command)
        times = clients.wait_for(str(marker).encode())
        published_at = worker.receive()["at"]
        time.sleep(SETTLE_SECONDS)
        used = worker.cpu_nanoseconds - before
        return (p99(times) - published_at) / 1e6, used / 1e3 / len(clients), marker


@dataclass
class Result:
    """A server's measurements, one of each kind per round."""

    latency: list[float] = field(default_factory=list)
    """p99 from publish to receipt, in ms."""
    cpu: list[float] = field(default_factory=list)
    """Processor time of the server per delivery, in µs."""

    def latency_to(self, other: Result) -> float:
        """Return the median of the ratios of each round."""
        return _median_ratio(self.latency, other.latency)

    def cpu_to(self, other: Result) -> float:
        """Return the median of the ratios of each round."""
        return _median_ratio(self.cpu, other.cpu)


def run_rounds(
    servers: Mapping[str, Server],
    rounds: int,
    *,
    after: Callable[[str, int], None] | None = None,
) -> dict[str, Result]:
    """Measure every server once per round, in rotating order."""
    results = {name: Result() for name in servers}
    order = list(servers)
    for _ in range(rounds):
        for name in order:
            latency, cpu, marker = servers[name].run_round()
            results[name].latency.append(latency)
            results[name].cpu.append(cpu)
            if after:
                after(name, marker)
        order.append(order.pop(0))
    return results


def p99(times: Sequence[int]) -> int:
    """Return the 99th percentile of sorted times."""
    return times[ceil(0.99 * len(times)) - 1]


def _median_ratio(numerators: Sequence[float], denominators: Sequence[float]) -> float:
    return median(a / b for a, b in zip(numerators, denominators, strict=True))
