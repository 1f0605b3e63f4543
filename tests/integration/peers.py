"""What may be found at an address instead of a well-behaved inverter: real servers on real sockets."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field
import socket

from tests.images import IMAGES

type Behaviour = Callable[
    [Peer, asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]
]


@dataclass
class Peer:
    """A server that behaves as told, and remembers who came."""

    port: int = 0
    accepted: list[float] = field(default_factory=list)
    """When connections came, in the loop's time."""
    closed: list[float] = field(default_factory=list)
    """When they were seen to end."""
    requests: int = 0
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def connected(self) -> int:
        """How many clients there are now."""
        return len(self.accepted) - len(self.closed)

    def note(self, times: list[float] | None = None) -> None:
        """Put down that something happened, and at what time."""
        if times is not None:
            times.append(asyncio.get_running_loop().time())
        self._changed.set()

    async def until(self, happened: Callable[[Peer], object]) -> None:
        """Wait for something to happen."""
        while not happened(self):
            self._changed.clear()
            await self._changed.wait()

    async def gone(self) -> None:
        """Wait until nobody is connected."""
        await self.until(lambda peer: not peer.connected)


@asynccontextmanager
async def serving(behaviour: Behaviour) -> AsyncIterator[Peer]:
    """Serve on a free port of this machine."""
    peer = Peer()

    async def accept(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        peer.note(peer.accepted)
        try:
            await behaviour(peer, reader, writer)
            writer.close()
            await writer.wait_closed()
        except OSError, EOFError:
            writer.close()
        finally:
            peer.note(peer.closed)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    peer.port = server.sockets[0].getsockname()[1]
    try:
        yield peer
    finally:
        server.close()
        server.close_clients()
        await peer.gone()
        await server.wait_closed()


async def _request(peer: Peer, reader: asyncio.StreamReader) -> bytes:
    head = await reader.readexactly(6)
    request = head + await reader.readexactly(int.from_bytes(head[4:]))
    peer.requests += 1
    peer.note()
    return request


def _reply(request: bytes, pdu: bytes) -> bytes:
    return request[:4] + (len(pdu) + 1).to_bytes(2) + request[6:7] + pdu


def _registers(request: bytes) -> bytes:
    count = int.from_bytes(request[10:12])
    return _reply(request, bytes((3, 2 * count)) + bytes(range(2 * count)))


async def answering(
    peer: Peer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Answer every read."""
    while True:
        writer.write(_registers(await _request(peer, reader)))


async def refusing(
    peer: Peer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Answer every request with exception 2."""
    while True:
        request = await _request(peer, reader)
        writer.write(_reply(request, bytes((request[7] | 0x80, 2))))


async def refusing_then_silent(
    peer: Peer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Answer with exception 2, but only once to the same question."""
    asked = set()
    while True:
        request = await _request(peer, reader)
        if request[8:] not in asked:
            writer.write(_reply(request, bytes((request[7] | 0x80, 2))))
        asked.add(request[8:])


async def v117(
    peer: Peer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Serve what a SMILE-T10 with the protocol of 2020 served."""
    (holding,) = (one.holding for one in IMAGES if one.name == "smile_t10_v117")
    while True:
        request = await _request(peer, reader)
        start, count = int.from_bytes(request[8:10]), int.from_bytes(request[10:12])
        if all(start + i in holding for i in range(count)):
            words = b"".join(holding[start + i].to_bytes(2) for i in range(count))
            writer.write(_reply(request, bytes((3, len(words))) + words))
        else:
            writer.write(_reply(request, bytes((request[7] | 0x80, 2))))


async def failing(
    peer: Peer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Answer every request with exception 4."""
    while True:
        request = await _request(peer, reader)
        writer.write(_reply(request, bytes((request[7] | 0x80, 4))))


async def silent(
    peer: Peer, reader: asyncio.StreamReader, _: asyncio.StreamWriter
) -> None:
    """Take requests and say nothing."""
    while True:
        await _request(peer, reader)


async def answering_once(
    peer: Peer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Answer the first request of a connection; reset it at the second."""
    writer.write(_registers(await _request(peer, reader)))
    await _request(peer, reader)
    writer.transport.abort()


def telling(pdu: bytes) -> Behaviour:
    """Answer every request with this, whatever was asked."""

    async def tell(
        peer: Peer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        while True:
            writer.write(_reply(await _request(peer, reader), pdu))

    return tell


async def ignoring_the_first(
    peer: Peer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Leave the first request of a connection unanswered."""
    await _request(peer, reader)
    await answering(peer, reader, writer)


async def closing(_: Peer, __: asyncio.StreamReader, ___: asyncio.StreamWriter) -> None:
    """Close every connection at once, as an inverter whose one connection is taken."""


async def closing_when_asked(
    peer: Peer, reader: asyncio.StreamReader, _: asyncio.StreamWriter
) -> None:
    """Close every connection at its first request."""
    await _request(peer, reader)


async def shell(
    peer: Peer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Greet first, as a secure shell does, and wait."""
    writer.write(b"SSH-2.0-OpenSSH_10.2\r\n")
    await silent(peer, reader, writer)


async def hasty_web(
    peer: Peer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Answer the first nonsense at once, as most web servers do."""
    await _request(peer, reader)
    writer.write(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
    await writer.drain()


async def web(
    _: Peer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Wait for a line, and answer as a web server answers nonsense."""
    await reader.readline()
    writer.write(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
    await writer.drain()


@contextmanager
def black_hole() -> Iterator[int]:
    """Yield a port at which connecting neither succeeds nor fails."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        full = [socket.socket() for _ in range(2)]
        for one in full:
            # They fill the queue that nobody empties: the next one's call goes unheard.
            one.setblocking(False)
            one.connect_ex(listener.getsockname())
        try:
            yield listener.getsockname()[1]
        finally:
            for one in full:
                one.close()


def free_port() -> int:
    """Name a port at which nobody listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
