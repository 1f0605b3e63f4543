"""The results of a soak as table rows, and the limits that were exceeded."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.consistency_checker import ConsistencyChecker

from .feed_clients import FeedClients, GuideClient, UnauthenticatedFlood
from .outage_tracker import OutageTracker, SchedulingDelay

RECOVERY_LIMIT_SECONDS = 10.0
"""For a recovery, and for the detection of an outage while no client is connected."""
STOP_LIMIT_SECONDS = 3.0

ALLOWED_GROWTH = {"clients": 0, "sockets": 2, "files": 3, "tasks": 3, "memory": 40}
"""From beginning to end, for counts that fluctuate; memory in MB."""


@dataclass
class Report:
    """Measurements of one soak."""

    minutes: float
    checker: ConsistencyChecker
    clients: FeedClients
    scheduling_delay: SchedulingDelay
    outages: OutageTracker
    flood: UnauthenticatedFlood = field(default_factory=UnauthenticatedFlood)
    guide: GuideClient = field(default_factory=GuideClient)
    faults: Counter[str] = field(default_factory=Counter)
    stops: list[float] = field(default_factory=list)
    """Seconds of each stop of Home Assistant."""
    reloads: int = 0
    rejected: int = 0
    writes: int = 0
    before: dict[str, int] = field(default_factory=dict)
    after: dict[str, int] = field(default_factory=dict)

    @property
    def rows(self) -> Iterator[tuple[str, object]]:
        """Name and value of each row."""
        outages, clients, delay = self.outages, self.clients, self.scheduling_delay
        yield "minutes", f"{self.minutes:g}"
        yield "faults, of kinds", f"{self.faults.total()}, {len(self.faults)}"
        yield "outages", outages.outages
        yield "recoveries", len(outages.recoveries)
        yield "longest recovery", f"{max(outages.recoveries, default=0):.1f} s"
        yield "mean recovery", f"{_mean(outages.recoveries):.1f} s"
        yield "longest detection", f"{max(outages.detections, default=0):.1f} s"
        yield "restarts of Home Assistant", len(self.stops)
        yield "longest stop of Home Assistant", f"{max(self.stops, default=0):.1f} s"
        yield "reloads of the entry", self.reloads
        messages = clients.messages.total()
        order = f"{clients.out_of_order} out of order"
        yield "feed clients", f"{clients.count}, {messages} messages, {order}"
        yield "feed clients refused a place", clients.refused
        yield "connections without a token", self.flood.connections
        pause = f"{self.guide.longest_pause:.1f} s"
        yield "client of the followed system", f"{self.guide.refreshes} refreshes"
        yield "its longest pause while the inverter answers", pause
        wrong_values = ", ".join(self.checker.wrong_values)
        yield (
            "readings with a value that the inverter never had",
            wrong_values or "none",
        )
        yield "totals that decreased", len(self.checker.decreased_totals)
        yield "samples rejected", self.rejected
        yield "writes to the inverter", self.writes
        waited = f"{delay.total:.1f} s, at most {delay.longest:.1f} s at a time"
        yield "waiting for a processor (not counted above)", waited
        for name, count in self.before.items():
            yield f"{name}, beginning and end", f"{count} → {self.after[name]}"

    @property
    def failures(self) -> Iterator[str]:
        """One sentence for each limit that was exceeded."""
        yield from _above(
            RECOVERY_LIMIT_SECONDS, self.outages.recoveries, "recovery took {:.1f} s"
        )
        yield from _above(
            RECOVERY_LIMIT_SECONDS, self.outages.detections, "detection took {:.1f} s"
        )
        yield from _above(
            STOP_LIMIT_SECONDS, self.stops, "stopping Home Assistant took {:.1f} s"
        )
        for key, values in self.checker.wrong_values.items():
            yield f"{key} had wrong values: {', '.join(sorted(values))}"
        yield from (
            f"a total decreased: {change}" for change in self.checker.decreased_totals
        )
        if self.clients.refused:
            yield f"{self.clients.refused} feed clients were refused a place"
        if self.guide.longest_pause > RECOVERY_LIMIT_SECONDS:
            yield f"a client paused for {self.guide.longest_pause:.1f} s"
        if self.writes:
            yield f"{self.writes} write requests"
        if self.clients.out_of_order:
            yield "feed messages were out of order"
        for name, count in self.before.items():
            if (growth := self.after[name] - count) > ALLOWED_GROWTH[name]:
                yield f"{growth} {name} were left over"


def _above(limit: float, values: list[float], sentence: str) -> Iterator[str]:
    return (sentence.format(value) for value in values if value > limit)


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else 0
