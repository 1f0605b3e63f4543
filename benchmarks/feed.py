"""Cost of the live feed for a thousand clients and for Home Assistant: `python -m benchmarks.feed`."""

from argparse import ArgumentParser
from collections.abc import Callable
from contextlib import ExitStack, closing
from statistics import median
import sys
import time

from .ha_worker import STATE_COUNT
from .load_clients import LoadClients
from .loop_stall import measure_loop_stalls
from .runner import Result, Server, run_rounds
from .setup import Servers, run_servers
from .table import Table

KIB = 1024
MESSAGES = {"power": "a power_update", "batch": "a power_batch of 3 kB"}
CLIENTS = 1_000
ROUNDS = 60
WARM_UP = 5
HOME_ASSISTANT_ROUNDS = 12
"""Fewer, because Home Assistant's own API is slow with a thousand clients."""
BLOCKS, ROUNDS_PER_BLOCK = 20, 10
"""Blocks of rounds with a blocked client and without one alternate."""
MESSAGES_TO_BLOCK = 60
"""Messages of 3 kB that exceed the socket buffers of a client that does not read."""


def main() -> None:
    """Measure everything and print a table."""
    parser = ArgumentParser(description="Measure the cost of the live feed.")
    parser.add_argument(
        "--short", action="store_true", help="few clients; check counts only"
    )
    short = parser.parse_args().short
    clients, rounds, blocks = (20, 1, 1) if short else (CLIENTS, ROUNDS, BLOCKS)
    table = Table(ignore_timings=short)
    with run_servers(node=not short) as servers:
        with closing(_measure_idle_clients(servers, table, clients)) as load:
            for kind in MESSAGES:
                _compare_servers(servers, table, load, kind=kind, rounds=rounds)
            _compare_home_assistant(
                servers, table, load, rounds=min(rounds, HOME_ASSISTANT_ROUNDS)
            )
            _measure_blocked_client(servers, table, load, blocks=blocks)
        measure_loop_stalls(servers, table, clients=clients)
    sys.exit(table.summary or None)


def _measure_idle_clients(servers: Servers, table: Table, clients: int) -> LoadClients:
    """Connect the clients, and measure the memory of an idle one."""
    # Memory that is allocated once, for the first clients, must not count.
    servers.connect_to_feed(20).close()
    time.sleep(0.5)
    before = servers.feed_worker.call("memory")
    load = servers.connect_to_feed(clients)
    load.drain()
    grown = (servers.feed_worker.call("memory") - before) / KIB / clients
    table.title(f"{clients} clients connect to the feed")
    table.row("Memory of each idle client", grown, "KiB", limit=24)
    return load


def _feed_server(servers: Servers, load: LoadClients, kind: str) -> Server:
    return Server(
        worker=servers.feed_worker,
        clients=load,
        command=lambda marker: ("publish", kind, marker),
    )


def _compare_servers(
    servers: Servers, table: Table, load: LoadClients, *, kind: str, rounds: int
) -> None:
    """Compare with other servers that send the same messages."""
    text = servers.feed_worker.call("encode", kind, 7_000_000)
    encodings = set[int]()

    def count(name: str, marker: int) -> None:
        if name == "ours":
            encodings.add(servers.feed_worker.call("encoding_count", marker))

    def publish(*sender: str) -> Callable[[int], tuple[str, ...]]:
        return lambda marker: ("publish", text.replace("7000000", str(marker)), *sender)

    compared = {"ours": _feed_server(servers, load, kind)}
    with ExitStack() as stack:
        aiohttp = stack.enter_context(
            closing(servers.connect_to(servers.aiohttp_worker, len(load)))
        )
        compared["aiohttp"] = Server(
            worker=servers.aiohttp_worker, clients=aiohttp, command=publish()
        )
        if servers.node_worker:
            node = stack.enter_context(
                closing(servers.connect_to(servers.node_worker, len(load)))
            )
            for sender in ("each", "once"):
                compared[sender] = Server(
                    worker=servers.node_worker,
                    clients=node,
                    command=publish(sender),
                )
        run_rounds(compared, WARM_UP)
        results = run_rounds(compared, rounds, after=count)
    load.send_pongs()
    table.title(f"{MESSAGES[kind]}, {len(text)} bytes, to {len(load)} clients")
    _print_comparison(table, results, strict=kind == "batch")
    table.row("JSON encodings of one message", max(encodings), "", limit=1)


def _print_comparison(
    table: Table, results: dict[str, Result], *, strict: bool
) -> None:
    ours, aiohttp = results["ours"], results["aiohttp"]
    for name, result in results.items():
        table.row(f"p99 from publish to receipt, {name}", median(result.latency), "ms")
    table.row("… ours to bare aiohttp", ours.latency_to(aiohttp), "x", limit=1.2)
    # A short message is encoded faster than it is sent, so encoding per client costs little.
    for name, encoding, limit in (
        ("each", "JSON for each client", 0.5 if strict else None),
        ("once", "JSON once", 1.1),
    ):
        if name in results:
            ratio = ours.latency_to(results[name])
            table.row(f"… to Node.js ws, {encoding}", ratio, "x", limit=limit)
    for name in ("ours", "aiohttp"):
        table.row(f"CPU of a delivery, {name}", median(results[name].cpu), "us")
    table.row("… ours to bare aiohttp", ours.cpu_to(aiohttp), "x", limit=1.3)


def _compare_home_assistant(
    servers: Servers, table: Table, load: LoadClients, *, rounds: int
) -> None:
    """Compare with Home Assistant's own WebSocket API while many entities change."""
    with closing(servers.connect_to_home_assistant(len(load))) as subscribers:
        compared = {
            "ours": _feed_server(servers, load, "power"),
            "states": Server(
                worker=servers.states_worker,
                clients=subscribers,
                command=lambda marker: ("change_states", marker),
            ),
        }
        results = run_rounds(compared, rounds)
    load.send_pongs()
    ours, states = results["ours"], results["states"]
    table.title(f"Home Assistant's subscribe_entities, {STATE_COUNT} states change")
    table.row("p99 from change to receipt", median(states.latency), "ms")
    table.row("CPU of a delivery of all of them", median(states.cpu), "us")
    table.row("CPU of a delivery, ours to that", ours.cpu_to(states), "x", limit=0.1)


def _measure_blocked_client(
    servers: Servers, table: Table, load: LoadClients, *, blocks: int
) -> None:
    """Measure how a client that does not read affects the others; the order alternates."""
    ratios = list[float]()
    for number in range(blocks):
        if number % 2:
            with_blocked, without = (
                _latency_with_blocked_client(servers, load),
                _latency(servers, load),
            )
        else:
            without, with_blocked = (
                _latency(servers, load),
                _latency_with_blocked_client(servers, load),
            )
        ratios.append(with_blocked / without)
        load.send_pongs()
    table.title("One more client that does not read")
    change = (median(ratios) - 1) * 100
    table.row("p99 of the others changes by", change, "%", limit=10)


def _latency_with_blocked_client(servers: Servers, load: LoadClients) -> float:
    with closing(servers.connect_blocked_client()):
        return _latency(servers, load, blocked=True)


def _latency(servers: Servers, load: LoadClients, *, blocked: bool = False) -> float:
    """Return p99 in ms, after enough large messages to fill the buffers of a blocked client."""
    run_rounds({"ours": _feed_server(servers, load, "batch")}, MESSAGES_TO_BLOCK)
    if bool(servers.feed_worker.call("client_counts")["blocked"]) != blocked:
        raise RuntimeError("the number of blocked clients is wrong")
    results = run_rounds(
        {"ours": _feed_server(servers, load, "power")}, ROUNDS_PER_BLOCK
    )
    return median(results["ours"].latency)


if __name__ == "__main__":
    main()
