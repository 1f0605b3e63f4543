"""What reading an inverter has cost so far."""

from dataclasses import dataclass
from datetime import timedelta


@dataclass(slots=True)
class Counters:
    """Requests, and what came of them; the last full snapshot's own in `last_`."""

    requests: int = 0
    snapshots: int = 0
    failures: int = 0
    """Requests that were not answered; a refusal is an answer."""
    last_duration: timedelta = timedelta()
    last_requests: int = 0
    rejected_samples: int = 0
    """Lifetime totals that fell, or leapt, and were not believed."""
