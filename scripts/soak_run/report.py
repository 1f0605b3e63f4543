"""What a soak tells in the end, and what of it was promised otherwise."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from tests.witness import Witness

from .clients import Clients
from .outages import Outages
from .stalls import Stalls

LIMIT = 10.0
"""Seconds that a recovery may take, and the detection of an outage that nobody watches."""
STOP_LIMIT = 3.0
"""Seconds that Home Assistant may take to stop."""
SLACK = {"clients": 0, "sockets": 2, "files": 3, "tasks": 3, "memory": 40}
"""How much more there may be at the end than at the beginning, for what comes and goes."""


@dataclass
class Report:
    """How a soak went."""

    minutes: float
    witness: Witness
    clients: Clients
    stalls: Stalls
    outages: Outages
    faults: Counter[str] = field(default_factory=Counter)
    stops: list[float] = field(default_factory=list)
    """Seconds that Home Assistant took to stop, each time."""
    reloads: int = 0
    rejected: int = 0
    writes: int = 0
    before: dict[str, int] = field(default_factory=dict)
    after: dict[str, int] = field(default_factory=dict)

    @property
    def rows(self) -> Iterator[tuple[str, object]]:
        """What is told, and how much it was."""
        outages, clients, stalls = self.outages, self.clients, self.stalls
        yield "minutes", f"{self.minutes:g}"
        yield "faults, of kinds", f"{self.faults.total()}, {len(self.faults)}"
        yield "outages", outages.outages
        yield "recoveries waited for", len(outages.recoveries)
        yield "longest recovery", f"{max(outages.recoveries, default=0):.1f} s"
        yield "mean recovery", f"{_mean(outages.recoveries):.1f} s"
        yield "longest detection", f"{max(outages.detections, default=0):.1f} s"
        yield "restarts of Home Assistant", len(self.stops)
        yield "longest stop of Home Assistant", f"{max(self.stops, default=0):.1f} s"
        yield "reloads of the entry", self.reloads
        told = f"{clients.count}, {clients.heard.total()} messages"
        yield "feed clients", f"{told}, {clients.out_of_order} out of order"
        invented = self.witness.never_was
        yield "readings that showed what never was", ", ".join(invented) or "none"
        yield "totals that fell", len(self.witness.fell)
        yield "samples rejected", self.rejected
        yield "writes to the inverter", self.writes
        taken = f"{stalls.total:.1f} s, at most {stalls.longest:.1f} s at a time"
        yield "taken away by a busy computer", taken
        for what, count in self.before.items():
            yield f"{what}, beginning and end", f"{count} → {self.after[what]}"

    @property
    def failures(self) -> Iterator[str]:
        """What was not as promised."""
        yield from _above(LIMIT, self.outages.recoveries, "a recovery took {:.1f} s")
        yield from _above(LIMIT, self.outages.detections, "it took {:.1f} s to notice")
        yield from _above(
            STOP_LIMIT, self.stops, "Home Assistant took {:.1f} s to stop"
        )
        for key, values in self.witness.never_was.items():
            yield f"{key} showed what never was: {', '.join(sorted(values))}"
        yield from (f"a total fell: {fall}" for fall in self.witness.fell)
        if self.writes:
            yield f"{self.writes} requests to write"
        if self.clients.out_of_order:
            yield "the feed was out of order"
        for what, count in self.before.items():
            if (more := self.after[what] - count) > SLACK[what]:
                yield f"{more} {what} were left over"


def _above(limit: float, values: list[float], complaint: str) -> Iterator[str]:
    return (complaint.format(value) for value in values if value > limit)


def _mean(values: list[float]) -> float:
    return sum(values) / len(values) if values else 0
