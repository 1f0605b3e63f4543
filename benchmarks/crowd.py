"""A thousand clients of a server in one process, that do as little as possible: read, and note when."""

from collections.abc import Callable, Iterator
from itertools import batched
import json
import select
import socket
import struct
from time import monotonic, monotonic_ns

from scripts.demo_home.folder import LOOPBACK

PATIENCE = 20.0
"""s that anything may take."""
QUIET = 0.02
"""s without a message, after which nothing more comes."""
ROOM = 1 << 18
RUSH = 100
PONG = b"\x8a\x80" + bytes(4)
"""A whole pong that nobody asked for: it says that a client is there (RFC 6455, 5.5.3)."""

type Enter = Callable[[socket.socket], None]


def upgrade(path: str, *headers: str) -> bytes:
    """Ask for a WebSocket."""
    lines = (
        f"GET {path} HTTP/1.1",
        "Host: localhost",
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Version: 13",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        *headers,
    )
    return "\r\n".join((*lines, "", "")).encode()


def text(**content: object) -> bytes:
    """Write a message as a client does: masked, with a mask that changes nothing."""
    payload = json.dumps(content).encode()
    size = len(payload)
    length = bytes((0x80 | size,)) if size < 126 else b"\xfe" + struct.pack(">H", size)
    return b"\x81" + length + bytes(4) + payload


def converse(sock: socket.socket, *turns: tuple[bytes, bytes]) -> None:
    """Say something, and wait for an answer that contains something; again and again."""
    for said, expected in turns:
        sock.sendall(said)
        heard = b""
        while expected not in heard:
            if not (chunk := sock.recv(ROOM)):
                raise ConnectionError(heard)
            heard += chunk


def knock(port: int, *, buffer: int = 0) -> socket.socket:
    """Connect, before anything is said."""
    sock = socket.socket()
    if buffer:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    sock.settimeout(PATIENCE)
    sock.connect((LOOPBACK, port))
    return sock


class Crowd:
    """Clients that have come in to one server, and listen."""

    def __init__(self, port: int, enter: Enter, *, count: int) -> None:
        """Come in one after the other."""
        self._port, self._enter = port, enter
        self._sockets: dict[int, socket.socket] = {}
        self._epoll = select.epoll()
        self._buffer = bytearray(ROOM)
        self.grow(count)

    def __len__(self) -> int:
        """Count those that are connected."""
        return len(self._sockets)

    def grow(self, count: int) -> None:
        """Let so many more come in; a hundred stand before the door at a time."""
        for some in batched(range(count), RUSH, strict=False):
            for sock in [knock(self._port) for _ in some]:
                self._enter(sock)
                sock.setblocking(False)
                self._sockets[sock.fileno()] = sock
                self._epoll.register(sock.fileno(), select.EPOLLIN)

    def shrink(self, count: int) -> None:
        """Let the oldest go, without a word."""
        for file in list(self._sockets)[:count]:
            self._sockets.pop(file).close()

    def assure(self) -> None:
        """Tell the server that everybody is still there."""
        for sock in self._sockets.values():
            sock.sendall(PONG)

    def say(self, message: bytes) -> None:
        """Let everybody say the same."""
        for sock in self._sockets.values():
            sock.sendall(message)

    def settle(self) -> None:
        """Read until nothing more comes."""
        while list(self._read(QUIET)):
            pass

    def hear(self, mark: bytes) -> list[int]:
        """Wait until everybody has read a mark; tell when each had, in ns and in that order."""
        times, tails = list[int](), dict[int, bytes]()
        end = monotonic() + PATIENCE
        while len(times) < len(self._sockets):
            for file, size in self._read(PATIENCE):
                if self._buffer.find(mark, 0, size) >= 0:
                    times.append(monotonic_ns())
                    continue
                # What was cut in two is put together again.
                joined = tails.get(file, b"") + self._buffer[:size]
                tails[file] = joined[-len(mark) :]
                if mark in joined:
                    times.append(monotonic_ns())
            if monotonic() > end:
                missing = len(self._sockets) - len(times)
                raise TimeoutError(f"{missing} clients did not hear {mark!r}")
        return times

    def close(self) -> None:
        """Let all go."""
        self.shrink(len(self))
        self._epoll.close()

    def _read(self, patience: float) -> Iterator[tuple[int, int]]:
        """Read once from each that has something: which one, and how many bytes."""
        for file, _ in self._epoll.poll(patience):
            size = self._sockets[file].recv_into(self._buffer)
            if not size:
                raise ConnectionError("the server closed a connection")
            yield file, size
