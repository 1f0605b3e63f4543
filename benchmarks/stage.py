"""All servers that are compared, and how clients come in to each."""

from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
import resource
import socket
import tempfile

from .crowd import Crowd, Enter, converse, knock, text, upgrade
from .house import STATES, entity
from .program import Program, node_program, python, running

COALESCE = {"coalesce_messages": 1}
"""Home Assistant's frontend asks for it, which spares both a lot."""


@dataclass(frozen=True, kw_only=True)
class Stage:
    """The programs; each is ready."""

    house: Program
    """Home Assistant, whose live feed is followed."""
    home: Program
    """Another one, whose own WebSocket is followed."""
    bare: Program
    node: Program | None
    """Not in a short run, which may be one where there is no Node.js."""

    def follow(self, count: int) -> Crowd:
        """Let clients of our feed come in."""
        return Crowd(self.house.place["port"], greeting(self.house), count=count)

    def sleep(self) -> socket.socket:
        """Let one come in to our feed that reads nothing afterwards."""
        sock = knock(self.house.place["port"], buffer=4096)
        greeting(self.house)(sock)
        return sock

    def subscribe(self, count: int) -> Crowd:
        """Let clients of Home Assistant's own WebSocket come in, each for the same entities."""
        place = self.home.place
        entities = [entity(number) for number in range(STATES)]
        turns = (
            (upgrade("/api/websocket"), b"auth_required"),
            (text(type="auth", access_token=place["token"]), b"auth_ok"),
            (text(id=1, type="supported_features", features=COALESCE), b"result"),
            (text(id=2, type="subscribe_entities", entity_ids=entities), b'"a":{'),
        )
        return Crowd(place["port"], lambda sock: converse(sock, *turns), count=count)

    def listen(self, program: Program, count: int) -> Crowd:
        """Let clients of a server come in that asks nothing."""
        return Crowd(program.place["port"], _walk_in, count=count)


def greeting(house: Program) -> Enter:
    """Say how one comes in to our feed."""
    bearer = f"Authorization: Bearer {house.place['token']}"
    turn = (upgrade("/ws/power-data", bearer), b'"power_update"')
    return lambda sock: converse(sock, turn)


def _walk_in(sock: socket.socket) -> None:
    """Come in where nobody asks who is there."""
    converse(sock, (upgrade("/"), b"\r\n\r\n"))


@contextmanager
def staged(*, node: bool) -> Iterator[Stage]:
    """Start all servers at once, and stop them in the end."""
    allow_files()
    with ExitStack() as stack:
        start = stack.enter_context
        folder = Path(start(tempfile.TemporaryDirectory()))
        stage = Stage(
            house=start(python("house", log=folder / "house.log")),
            home=start(python("house", log=folder / "home.log")),
            bare=start(python("bare", log=folder / "bare.log")),
            node=start(running(*node_program(), log=folder / "node.log"))
            if node
            else None,
        )
        for program in (stage.house, stage.home, stage.bare, stage.node):
            if program:
                program.wait()
        yield stage


def allow_files() -> None:
    """Let this process, and those that it starts, open as many connections as the system allows."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
