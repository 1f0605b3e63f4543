"""Many WebSocket clients in one process, with minimal cost: they read and record when."""

from collections.abc import Callable, Iterator
from itertools import batched
import json
import select
import socket
import struct
from time import monotonic, monotonic_ns

from scripts.demo_run.config_folder import LOOPBACK

TIMEOUT_SECONDS = 20.0
IDLE_SECONDS = 0.02
"""Without data for this long, all pending messages have been read."""
BUFFER_SIZE = 1 << 18
CONNECT_BATCH = 100
PONG_FRAME = b"\x8a\x80" + bytes(4)
"""An unsolicited pong, which serves as a heartbeat (RFC 6455, 5.5.3)."""

type Handshake = Callable[[socket.socket], None]


def upgrade_request(path: str, *headers: str) -> bytes:
    """Return the HTTP request that upgrades to a WebSocket."""
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


def text_frame(**content: object) -> bytes:
    """Return a text frame of a client, masked with zeros."""
    payload = json.dumps(content).encode()
    size = len(payload)
    length = bytes((0x80 | size,)) if size < 126 else b"\xfe" + struct.pack(">H", size)
    return b"\x81" + length + bytes(4) + payload


def exchange(sock: socket.socket, *steps: tuple[bytes, bytes]) -> None:
    """Send each request and read until its expected text arrives. Raises ConnectionError."""
    for request, expected in steps:
        sock.sendall(request)
        received = b""
        while expected not in received:
            if not (chunk := sock.recv(BUFFER_SIZE)):
                raise ConnectionError(received)
            received += chunk


def connect(port: int, *, buffer: int = 0) -> socket.socket:
    """Open a TCP connection; `buffer` limits its receive buffer, in bytes."""
    sock = socket.socket()
    if buffer:
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
    sock.settimeout(TIMEOUT_SECONDS)
    sock.connect((LOOPBACK, port))
    return sock


class LoadClients:
    """Connected clients of one server."""

    def __init__(self, port: int, handshake: Handshake, *, count: int) -> None:
        """Connect `count` clients."""
        self._port, self._handshake = port, handshake
        self._sockets: dict[int, socket.socket] = {}
        self._epoll = select.epoll()
        self._buffer = bytearray(BUFFER_SIZE)
        self.add(count)

    def __len__(self) -> int:
        """Return the number of connected clients."""
        return len(self._sockets)

    def add(self, count: int) -> None:
        """Connect more clients, in batches."""
        for batch in batched(range(count), CONNECT_BATCH, strict=False):
            for sock in [connect(self._port) for _ in batch]:
                self._handshake(sock)
                sock.setblocking(False)
                self._sockets[sock.fileno()] = sock
                self._epoll.register(sock.fileno(), select.EPOLLIN)

    def close_oldest(self, count: int) -> None:
        """Close the oldest connections without a close frame."""
        for file in list(self._sockets)[:count]:
            self._sockets.pop(file).close()

    def send_pongs(self) -> None:
        """Send a heartbeat from every client."""
        for sock in self._sockets.values():
            sock.sendall(PONG_FRAME)

    def send(self, message: bytes) -> None:
        """Send the same message from every client."""
        for sock in self._sockets.values():
            sock.sendall(message)

    def drain(self) -> None:
        """Read until no more data arrives."""
        while list(self._read(IDLE_SECONDS)):
            pass

    def wait_for(self, marker: bytes) -> list[int]:
        """Wait until every client has received the marker; return the sorted times, in ns. Raises TimeoutError."""
        times, tails = list[int](), dict[int, bytes]()
        end = monotonic() + TIMEOUT_SECONDS
        while len(times) < len(self._sockets):
            for file, size in self._read(TIMEOUT_SECONDS):
                if self._buffer.find(marker, 0, size) >= 0:
                    times.append(monotonic_ns())
                    continue
                # The marker may be split between two reads.
                joined = tails.get(file, b"") + self._buffer[:size]
                tails[file] = joined[-len(marker) :]
                if marker in joined:
                    times.append(monotonic_ns())
            if monotonic() > end:
                missing = len(self._sockets) - len(times)
                raise TimeoutError(f"{missing} clients did not receive {marker!r}")
        return times

    def close(self) -> None:
        """Close all connections."""
        self.close_oldest(len(self))
        self._epoll.close()

    def _read(self, timeout: float) -> Iterator[tuple[int, int]]:
        """Read once from each readable socket; yield its file descriptor and the number of bytes."""
        for file, _ in self._epoll.poll(timeout):
            size = self._sockets[file].recv_into(self._buffer)
            if not size:
                raise ConnectionError("the server closed a connection")
            yield file, size
