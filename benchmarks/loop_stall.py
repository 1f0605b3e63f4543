"""Measures the longest stalls of Home Assistant's event loop, and what is left over after all clients left."""

from collections.abc import Callable
from contextlib import closing
import time

from .load_clients import LoadClients, text_frame
from .runner import MARKERS
from .setup import Servers, feed_handshake
from .table import Table

LIMIT_MILLISECONDS = 20
REPETITIONS = 5
SETTLE_SECONDS = 3


def measure_loop_stalls(servers: Servers, table: Table, *, clients: int) -> None:
    """Measure the longest step of the loop during each kind of load, and the resources left over."""
    worker = servers.feed_worker
    _wait_until_disconnected(servers)
    before = worker.call("resource_counts")
    worker.call("start_timing")
    table.title(f"The longest step of Home Assistant's loop, {clients} clients")
    handshake = feed_handshake(worker)
    with closing(LoadClients(worker.address["port"], handshake, count=0)) as load:
        for name, repetitions, action in _actions(servers, load, clients):
            for _ in range(repetitions):
                action()
                load.drain()
            _print_longest_step(servers, table, name)
    _wait_until_disconnected(servers)
    _print_longest_step(servers, table, "the other half disconnects")
    after = worker.call("resource_counts")
    table.title("Left over when all clients are gone")
    for name in ("tasks", "sockets", "files"):
        table.row(name, after[name] - before[name], "", limit=0)


def _actions(
    servers: Servers, load: LoadClients, clients: int
) -> tuple[tuple[str, int, Callable[[], object]], ...]:
    """Return name, repetitions and function of each kind of load."""
    worker, many = servers.feed_worker, REPETITIONS
    return (
        ("all clients connect", 1, lambda: load.add(clients)),
        ("power_update", many, lambda: _publish(servers, load, "power")),
        ("3 kB", many, lambda: _publish(servers, load, "batch")),
        (
            "link lost and restored",
            many,
            lambda: _publish(servers, load, "lost", "restored"),
        ),
        ("the whole inverter is read", many, lambda: worker.call("refresh")),
        ("all clients are pinged", many, lambda: _ping(servers, load)),
        ("all clients request everything", many, lambda: _request_all(load)),
        (
            "half of the clients disconnect",
            1,
            lambda: load.close_oldest(clients // 2),
        ),
    )


def _print_longest_step(servers: Servers, table: Table, name: str) -> None:
    time.sleep(0.1)
    longest = servers.feed_worker.call("longest_step")
    duration, processor = longest["duration"] * 1000, longest["processor"] * 1000
    table.row(
        f"{name} (processor: {processor:.1f} ms)",
        duration,
        "ms",
        limit=LIMIT_MILLISECONDS,
    )
    if duration > LIMIT_MILLISECONDS / 2:
        print(f"    {longest['handle'][:200]}", flush=True)


def _publish(servers: Servers, load: LoadClients, *kinds: str) -> None:
    for kind in kinds:
        marker = next(MARKERS)
        servers.feed_worker.call("publish", kind, marker)
        load.wait_for(str(marker).encode())


def _ping(servers: Servers, load: LoadClients) -> None:
    servers.feed_worker.call("ping")
    load.drain()
    load.send_pongs()
    while servers.feed_worker.call("client_counts")["pinged"]:
        time.sleep(0.05)


def _request_all(load: LoadClients) -> None:
    for kind in ("ping", "request_status", "request_power_data", "refresh"):
        load.send(text_frame(type=kind))


def _wait_until_disconnected(servers: Servers) -> None:
    """Wait until no client is connected and pending tasks have ended."""
    while servers.feed_worker.call("client_counts")["connected"]:
        time.sleep(0.1)
    time.sleep(SETTLE_SECONDS)
