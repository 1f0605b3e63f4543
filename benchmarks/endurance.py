"""A day of the live feed, without its pauses: does anything grow? `python -m benchmarks.endurance`."""

from argparse import ArgumentParser
from collections import Counter
from contextlib import closing, suppress
from pathlib import Path
from random import Random
from statistics import median
import sys
import tempfile
import time

from .contest import MARKS
from .crowd import Crowd, knock, text, upgrade
from .program import Program, python
from .stage import allow_files, greeting
from .table import Table

HOURS = 24
UPDATES = 1_800
"""In an hour: one every two seconds, as while somebody watches."""
WARM_UP = 4
"""Hours after which everything that is made once has been made: a resume buffer of 360 messages, caches."""
CROWD = 50
"""Clients that stay all day."""
COMING, FLOODS, SLEEPERS = 100, 10, 2
"""In an hour: clients that come and go, that send too much, that read nothing."""
FLOOD = 40
"""Messages that nobody understands; after 20 a client is closed."""
MIB = 2**20
GROWTH = 2.0
"""MiB from the median of the first hours to that of the last ones: what an allocator's page or two may be."""


def main() -> None:
    """Live through a day and print what grew."""
    parser = ArgumentParser(description="A day of the live feed, without its pauses.")
    parser.add_argument(
        "--short", action="store_true", help="a day without much, counts judged alone"
    )
    short = parser.parse_args().short
    allow_files()
    table, chance = Table(counts_only=short), Random(0)  # noqa: S311 - chance, not cryptography
    with (
        tempfile.TemporaryDirectory() as folder,
        python("house", log=Path(folder) / "house.log") as house,
    ):
        house.wait()
        day = Day(house, chance)
        began = time.monotonic()
        hours = [
            day.hour(2 if short else UPDATES)
            for _ in range(2 * WARM_UP if short else HOURS)
        ]
        _tell(table, day.did, hours, seconds=time.monotonic() - began)
    sys.exit(table.verdict or None)


class Day:
    """Clients that come, go and misbehave around some that stay."""

    def __init__(self, house: Program, chance: Random) -> None:
        """Begin with those that stay."""
        self.did: Counter[str] = Counter()
        """What happened so far, how often."""
        self._house, self._chance = house, chance
        self._port = house.place["port"]
        self._greet = greeting(house)
        self._crowd = Crowd(self._port, self._greet, count=CROWD)

    def hour(self, updates: int) -> dict[str, int]:
        """Let an hour pass, and count what is there when its visitors are gone."""
        acts = [self._come_and_go] * min(COMING, updates)
        acts += [self._flood] * min(FLOODS, updates)
        acts += [self._sleep] * min(SLEEPERS, updates) + [self._lose_link]
        self._chance.shuffle(acts)
        done = 0
        for number in range(updates):
            self._publish("power")
            while done * updates < len(acts) * (number + 1):
                acts[done]()
                done += 1
        return self._count()

    def _publish(self, *kinds: str) -> None:
        for kind in kinds:
            mark = next(MARKS)
            self._house.ask("publish", kind, mark)
            self._crowd.hear(str(mark).encode())
            self.did[kind] += 1

    def _lose_link(self) -> None:
        self._publish("loss", "return")

    def _come_and_go(self) -> None:
        """Come in in one of the ways, and go in one."""
        with closing(knock(self._port)) as sock:
            way = self._chance.choice(("stay", "stranger", "silent", "half", "batch"))
            if way in ("stay", "batch"):
                self._greet(sock)
            if way == "batch":
                sock.sendall(text(type="batch", size=50, maxWait=60))
                self._publish("power")
            if way == "stranger":
                sock.sendall(upgrade("/ws/power-data"))
                sock.sendall(text(type="auth", token="wrong"))  # noqa: S106 - that is the point
            if way == "half":
                sock.sendall(upgrade("/ws/power-data")[:40])
            if self._chance.random() < 0.5:
                sock.sendall(b"\x88\x80" + bytes(4))  # A polite goodbye.
        self.did[f"client: {way}"] += 1

    def _flood(self) -> None:
        """Say what nobody understands, until the server has had enough."""
        with closing(knock(self._port)) as sock:
            self._greet(sock)
            nonsense = self._chance.choice(
                (text(type="nonsense"), text(type="batch"), text(text="x" * 5000))
            )
            with suppress(ConnectionError):
                sock.sendall(nonsense * FLOOD)
                while sock.recv(1 << 16):
                    pass
        self.did["flood"] += 1

    def _sleep(self) -> None:
        """Read nothing, until the server keeps what was not taken."""
        with closing(knock(self._port, buffer=4096)) as sock:
            self._greet(sock)
            while not self._house.ask("clients")["clogged"]:
                self._publish("many")
            self._publish("power", "power")
        self.did["client that read nothing"] += 1

    def _count(self) -> dict[str, int]:
        while self._house.ask("clients")["connected"] > len(self._crowd):
            time.sleep(0.05)
        self._crowd.settle()
        self._crowd.assure()
        # A connection that was cut short is let go of within this time.
        time.sleep(0.3)
        left: dict[str, int] = self._house.ask("left")
        return left | {"memory": self._house.ask("memory")}


def _tell(
    table: Table, did: Counter[str], hours: list[dict[str, int]], *, seconds: float
) -> None:
    table.title(f"{len(hours)} hours in {seconds:.0f} s, {CROWD} clients all along")
    for what, times in sorted(did.items()):
        table.row(what, times, "times")
    table.title(f"Growth from the hours after the {WARM_UP}th to the last ones")
    early, late = hours[WARM_UP : 2 * WARM_UP], hours[-WARM_UP:]
    for what in ("tasks", "sockets", "files"):
        grown = min(hour[what] for hour in late) - min(hour[what] for hour in early)
        table.row(what, grown, "", most=0)
    for what, unit, scale, most in (
        ("objects", "k", 1000, 1),
        ("memory", "MiB", MIB, GROWTH),
    ):
        first = median(hour[what] for hour in early)
        last = median(hour[what] for hour in late)
        table.row(what, (last - first) / scale, unit, most=most)
    print("  MiB by hour:", *(round(hour["memory"] / MIB, 1) for hour in hours))


if __name__ == "__main__":
    main()
