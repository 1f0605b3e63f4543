"""What the live feed costs a thousand clients and Home Assistant: `python -m benchmarks.feed`."""

from argparse import ArgumentParser
from collections.abc import Callable
from contextlib import ExitStack, closing
from statistics import median
import sys
import time

from .contest import Contestant, Result, compete
from .crowd import Crowd
from .house import STATES
from .stage import Stage, staged
from .strain import strain
from .table import Table

KIB = 1024
SIZES = {"power": "a power_update", "many": "a power_batch of 3 kB"}
CLIENTS = 1_000
ROUNDS = 60
WARM_UP = 5
HOME_ROUNDS = 12
"""Home Assistant's own way takes a while for a thousand clients."""
BLOCKS, IN_A_BLOCK = 20, 10
"""Rounds with a client that sleeps and rounds without, in turn."""
TO_CLOG = 60
"""Messages of 3 kB that a client which sleeps does not take all."""


def main() -> None:
    """Measure everything and print a table."""
    parser = ArgumentParser(description="What the live feed costs.")
    parser.add_argument(
        "--short", action="store_true", help="few clients, counts judged alone"
    )
    short = parser.parse_args().short
    clients, rounds, blocks = (20, 1, 1) if short else (CLIENTS, ROUNDS, BLOCKS)
    table = Table(counts_only=short)
    with staged(node=not short) as stage:
        with closing(_come_in(stage, table, clients)) as crowd:
            for size in SIZES:
                _race(stage, table, crowd, size=size, rounds=rounds)
            _race_home(stage, table, crowd, rounds=min(rounds, HOME_ROUNDS))
            _sleep(stage, table, crowd, blocks=blocks)
        strain(stage, table, clients=clients)
    sys.exit(table.verdict or None)


def _come_in(stage: Stage, table: Table, clients: int) -> Crowd:
    """Tell what a client of ours costs while it is idle."""
    # What is made for the first clients alone is no client's.
    stage.follow(20).close()
    time.sleep(0.5)
    before = stage.house.ask("memory")
    crowd = stage.follow(clients)
    crowd.settle()
    grown = (stage.house.ask("memory") - before) / KIB / clients
    table.title(f"{clients} clients come in to the feed")
    table.row("Memory for each idle client", grown, "KiB", most=24)
    return crowd


def _ours(stage: Stage, crowd: Crowd, size: str) -> Contestant:
    return Contestant(
        program=stage.house,
        crowd=crowd,
        order=lambda mark: ("publish", size, mark),
    )


def _race(stage: Stage, table: Table, crowd: Crowd, *, size: str, rounds: int) -> None:
    """Compare with other servers that send the same bytes."""
    told = stage.house.ask("write", size, 7_000_000)
    encodings = set[int]()

    def count(name: str, mark: int) -> None:
        if name == "ours":
            encodings.add(stage.house.ask("encoded", mark))

    def publish(*way: str) -> Callable[[int], tuple[str, ...]]:
        return lambda mark: ("publish", told.replace("7000000", str(mark)), *way)

    contestants = {"ours": _ours(stage, crowd, size)}
    with ExitStack() as stack:
        bare = stack.enter_context(closing(stage.listen(stage.bare, len(crowd))))
        contestants["bare"] = Contestant(
            program=stage.bare, crowd=bare, order=publish()
        )
        if stage.node:
            node = stack.enter_context(closing(stage.listen(stage.node, len(crowd))))
            for way in ("each", "once"):
                contestants[way] = Contestant(
                    program=stage.node,
                    crowd=node,
                    order=publish(way),
                )
        compete(contestants, WARM_UP)
        results = compete(contestants, rounds, after=count)
    crowd.assure()
    table.title(f"{SIZES[size]}, {len(told)} bytes, to {len(crowd)} clients")
    _tell_race(table, results, strict=size == "many")
    table.row("JSON encodings of one message", max(encodings), "", most=1)


def _tell_race(table: Table, results: dict[str, Result], *, strict: bool) -> None:
    ours, bare = results["ours"], results["bare"]
    for name, result in results.items():
        table.row(f"p99 from publish to receipt, {name}", median(result.latency), "ms")
    table.row("… ours to bare aiohttp", ours.latency_to(bare), "x", most=1.2)
    # Few bytes are put into JSON in less time than they take to be sent.
    for name, what, most in (
        ("each", "JSON for each client", 0.5 if strict else None),
        ("once", "JSON once", 1.1),
    ):
        if name in results:
            ratio = ours.latency_to(results[name])
            table.row(f"… to Node.js ws, {what}", ratio, "x", most=most)
    for name in ("ours", "bare"):
        table.row(f"CPU of a delivery, {name}", median(results[name].cpu), "us")
    table.row("… ours to bare aiohttp", ours.cpu_to(bare), "x", most=1.3)


def _race_home(stage: Stage, table: Table, crowd: Crowd, *, rounds: int) -> None:
    """Compare with what Home Assistant itself has to say when many entities change."""
    with closing(stage.subscribe(len(crowd))) as subscribers:
        contestants = {
            "ours": _ours(stage, crowd, "power"),
            "home": Contestant(
                program=stage.home,
                crowd=subscribers,
                order=lambda mark: ("change", mark),
            ),
        }
        results = compete(contestants, rounds)
    crowd.assure()
    ours, home = results["ours"], results["home"]
    table.title(f"Home Assistant's subscribe_entities, {STATES} states change")
    table.row("p99 from change to receipt", median(home.latency), "ms")
    table.row("CPU of a delivery of all of them", median(home.cpu), "us")
    table.row("CPU of a delivery, ours to that", ours.cpu_to(home), "x", most=0.1)


def _sleep(stage: Stage, table: Table, crowd: Crowd, *, blocks: int) -> None:
    """See what a client that reads nothing means for the others; with and without begin in turn."""
    ratios = list[float]()
    for number in range(blocks):
        if number % 2:
            beside, alone = _beside_a_sleeper(stage, crowd), _latency(stage, crowd)
        else:
            alone, beside = _latency(stage, crowd), _beside_a_sleeper(stage, crowd)
        ratios.append(beside / alone)
        crowd.assure()
    table.title("One more client that reads nothing")
    change = (median(ratios) - 1) * 100
    table.row("p99 of the others changes by", change, "%", most=10)


def _beside_a_sleeper(stage: Stage, crowd: Crowd) -> float:
    with closing(stage.sleep()):
        return _latency(stage, crowd, clogged=True)


def _latency(stage: Stage, crowd: Crowd, *, clogged: bool = False) -> float:
    """Say in ms when 99 of 100 have a message, after so many large ones that a sleeper is full."""
    compete({"ours": _ours(stage, crowd, "many")}, TO_CLOG)
    if bool(stage.house.ask("clients")["clogged"]) != clogged:
        raise RuntimeError("who should sleep does not, or who should not does")
    results = compete({"ours": _ours(stage, crowd, "power")}, IN_A_BLOCK)
    return median(results["ours"].latency)


if __name__ == "__main__":
    main()
