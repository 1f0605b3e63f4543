"""The servers that are compared, each in a process of its own, and how clients connect to each."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
import resource
import socket
import tempfile

from .ha_worker import STATE_COUNT, entity_id
from .load_clients import (
    Handshake,
    LoadClients,
    connect,
    exchange,
    text_frame,
    upgrade_request,
)
from .worker_protocol import WorkerProcess, node_command, run_process, run_worker

CLIENT_FEATURES = {"coalesce_messages": 1}
"""As Home Assistant's frontend asks for; it reduces the cost for both sides."""


@dataclass(frozen=True, kw_only=True)
class Servers:
    """The running servers."""

    feed_worker: WorkerProcess
    """A Home Assistant whose live feed is measured."""
    states_worker: WorkerProcess
    """Another Home Assistant, whose own WebSocket API is measured."""
    aiohttp_worker: WorkerProcess
    node_worker: WorkerProcess | None
    """None in a short run, which must work without Node.js."""

    def connect_to_feed(self, count: int) -> LoadClients:
        """Connect clients to the live feed."""
        port = self.feed_worker.address["port"]
        return LoadClients(port, feed_handshake(self.feed_worker), count=count)

    def connect_blocked_client(self) -> socket.socket:
        """Connect one client to the live feed that never reads after its handshake."""
        sock = connect(self.feed_worker.address["port"], buffer=4096)
        feed_handshake(self.feed_worker)(sock)
        return sock

    def connect_to_home_assistant(self, count: int) -> LoadClients:
        """Connect clients to Home Assistant's own WebSocket API; all subscribe to the same entities."""
        address = self.states_worker.address
        entities = [entity_id(number) for number in range(STATE_COUNT)]
        features = {"type": "supported_features", "features": CLIENT_FEATURES}
        subscription = {"type": "subscribe_entities", "entity_ids": entities}
        steps = (
            (upgrade_request("/api/websocket"), b"auth_required"),
            (text_frame(type="auth", access_token=address["token"]), b"auth_ok"),
            (text_frame(id=1, **features), b"result"),
            (text_frame(id=2, **subscription), b'"a":{'),
        )
        return LoadClients(
            address["port"], lambda sock: exchange(sock, *steps), count=count
        )

    def connect_to(self, worker: WorkerProcess, count: int) -> LoadClients:
        """Connect clients to a server without authentication."""
        return LoadClients(worker.address["port"], _plain_handshake, count=count)


def feed_handshake(worker: WorkerProcess) -> Handshake:
    """Return the handshake of the live feed, up to its first power update."""
    bearer = f"Authorization: Bearer {worker.address['token']}"
    step = (upgrade_request("/ws/power-data", bearer), b'"power_update"')
    return lambda sock: exchange(sock, step)


def _plain_handshake(sock: socket.socket) -> None:
    exchange(sock, (upgrade_request("/"), b"\r\n\r\n"))


@contextmanager
def run_servers(*, node: bool) -> Iterator[Servers]:
    """Start all servers at once, wait until all are ready, and stop them at the end."""
    raise_file_limit()
    with ExitStack() as stack:
        start = stack.enter_context
        folder = Path(start(tempfile.TemporaryDirectory()))
        feed = start(run_worker("ha_worker", log=folder / "feed.log"))
        states = start(run_worker("ha_worker", log=folder / "states.log"))
        aiohttp = start(run_worker("baseline_aiohttp", log=folder / "aiohttp.log"))
        workers = [feed, states, aiohttp]
        node_worker = None
        if node:
            node_worker = start(run_process(*node_command(), log=folder / "node.log"))
            workers.append(node_worker)
        for worker in workers:
            worker.wait_until_ready()
        yield Servers(
            feed_worker=feed,
            states_worker=states,
            aiohttp_worker=aiohttp,
            node_worker=node_worker,
        )


def raise_file_limit() -> None:
    """Allow this process and its children as many open files as the system permits."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
