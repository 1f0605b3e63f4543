"""Resource growth during a day of the live feed, without its pauses: `python -m benchmarks.endurance`."""

from argparse import ArgumentParser
from collections import Counter
from contextlib import closing, suppress
from pathlib import Path
from random import Random
from statistics import median
import sys
import tempfile
import time

from .load_clients import LoadClients, connect, text_frame, upgrade_request
from .runner import MARKERS
from .setup import feed_handshake, raise_file_limit
from .table import Table
from .worker_protocol import WorkerProcess, run_worker

HOURS = 24
UPDATES_PER_HOUR = 1_800
"""One every two seconds, as while a card is open."""
WARM_UP_HOURS = 4
"""Until everything that is allocated once exists: the resume buffer of 360 messages, caches."""
STEADY_CLIENTS = 50
"""Clients that stay connected all day."""
VISITORS_PER_HOUR, FLOODS_PER_HOUR, BLOCKED_CLIENTS_PER_HOUR = 100, 10, 2
"""Clients that connect for a moment, that send too much, that do not read."""
FLOOD_MESSAGES = 40
"""Invalid messages of one client; the server closes it after 20."""
MIB = 2**20
MAX_GROWTH_MIB = 2.0
"""From the median of the first hours to that of the last ones: one or two pages of the allocator."""


def main() -> None:
    """Simulate a day and print what grew."""
    parser = ArgumentParser(
        description="Measure a day of the live feed, without its pauses."
    )
    parser.add_argument(
        "--short", action="store_true", help="few updates; check counts only"
    )
    short = parser.parse_args().short
    raise_file_limit()
    table, random = Table(ignore_timings=short), Random(0)  # noqa: S311 - reproducible, not secret
    with (
        tempfile.TemporaryDirectory() as folder,
        run_worker("ha_worker", log=Path(folder) / "worker.log") as worker,
    ):
        worker.wait_until_ready()
        day = SimulatedDay(worker, random)
        started_at = time.monotonic()
        hours = [
            day.run_hour(2 if short else UPDATES_PER_HOUR)
            for _ in range(2 * WARM_UP_HOURS if short else HOURS)
        ]
        _print_results(table, day.counts, hours, seconds=time.monotonic() - started_at)
    sys.exit(table.summary or None)


class SimulatedDay:
    """Steady clients, and others that connect, disconnect and misbehave."""

    def __init__(self, worker: WorkerProcess, random: Random) -> None:
        """Connect the steady clients."""
        self.counts: Counter[str] = Counter()
        """How often each kind of event happened."""
        self._worker, self._random = worker, random
        self._port = worker.address["port"]
        self._handshake = feed_handshake(worker)
        self._clients = LoadClients(self._port, self._handshake, count=STEADY_CLIENTS)

    def run_hour(self, updates: int) -> dict[str, int]:
        """Run the events of an hour; return the resources in use after its visitors left."""
        actions = [self._visit] * min(VISITORS_PER_HOUR, updates)
        actions += [self._flood_server] * min(FLOODS_PER_HOUR, updates)
        actions += [self._stop_reading] * min(BLOCKED_CLIENTS_PER_HOUR, updates) + [
            self._lose_link
        ]
        self._random.shuffle(actions)
        done = 0
        for number in range(updates):
            self._publish("power")
            while done * updates < len(actions) * (number + 1):
                actions[done]()
                done += 1
        return self._resource_counts()

    def _publish(self, *kinds: str) -> None:
        for kind in kinds:
            marker = next(MARKERS)
            self._worker.call("publish", kind, marker)
            self._clients.wait_for(str(marker).encode())
            self.counts[kind] += 1

    def _lose_link(self) -> None:
        self._publish("lost", "restored")

    def _visit(self) -> None:
        """Connect one client in a random way and disconnect it in a random way."""
        with closing(connect(self._port)) as sock:
            way = self._random.choice(
                ("normal", "wrong token", "no request", "half a request", "batch")
            )
            if way in ("normal", "batch"):
                self._handshake(sock)
            if way == "batch":
                sock.sendall(text_frame(type="batch", size=50, maxWait=60))
                self._publish("power")
            if way == "wrong token":
                sock.sendall(upgrade_request("/ws/power-data"))
                sock.sendall(text_frame(type="auth", token="wrong"))  # noqa: S106 - not a secret
            if way == "half a request":
                sock.sendall(upgrade_request("/ws/power-data")[:40])
            if self._random.random() < 0.5:
                sock.sendall(b"\x88\x80" + bytes(4))  # A close frame.
        self.counts[f"client: {way}"] += 1

    def _flood_server(self) -> None:
        """Send invalid messages until the server closes the connection."""
        with closing(connect(self._port)) as sock:
            self._handshake(sock)
            invalid = self._random.choice(
                (
                    text_frame(type="nonsense"),
                    text_frame(type="batch"),
                    text_frame(text="x" * 5000),
                )
            )
            with suppress(ConnectionError):
                sock.sendall(invalid * FLOOD_MESSAGES)
                while sock.recv(1 << 16):
                    pass
        self.counts["flood"] += 1

    def _stop_reading(self) -> None:
        """Do not read until the server's send queue is blocked."""
        with closing(connect(self._port, buffer=4096)) as sock:
            self._handshake(sock)
            while not self._worker.call("client_counts")["blocked"]:
                self._publish("batch")
            self._publish("power", "power")
        self.counts["client that did not read"] += 1

    def _resource_counts(self) -> dict[str, int]:
        while self._worker.call("client_counts")["connected"] > len(self._clients):
            time.sleep(0.05)
        self._clients.drain()
        self._clients.send_pongs()
        # The server releases an aborted connection within this time.
        time.sleep(0.3)
        counts: dict[str, int] = self._worker.call("resource_counts")
        return counts | {"memory": self._worker.call("memory")}


def _print_results(
    table: Table, counts: Counter[str], hours: list[dict[str, int]], *, seconds: float
) -> None:
    table.title(
        f"{len(hours)} hours in {seconds:.0f} s, {STEADY_CLIENTS} steady clients"
    )
    for name, times in sorted(counts.items()):
        table.row(name, times, "times")
    table.title(f"Growth from the hours after the {WARM_UP_HOURS}th to the last ones")
    early, late = hours[WARM_UP_HOURS : 2 * WARM_UP_HOURS], hours[-WARM_UP_HOURS:]
    for name in ("tasks", "sockets", "files"):
        grown = min(hour[name] for hour in late) - min(hour[name] for hour in early)
        table.row(name, grown, "", limit=0)
    for name, unit, scale, limit in (
        ("objects", "k", 1000, 1),
        ("memory", "MiB", MIB, MAX_GROWTH_MIB),
    ):
        first = median(hour[name] for hour in early)
        last = median(hour[name] for hour in late)
        table.row(name, (last - first) / scale, unit, limit=limit)
    print("  MiB by hour:", *(round(hour["memory"] / MIB, 1) for hour in hours))


if __name__ == "__main__":
    main()
