"""Servers on real sockets that behave otherwise than an inverter should."""

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
    """A server with a behaviour, and a record of its connections."""

    port: int = 0
    accepted_at: list[float] = field(default_factory=list)
    """When connections were accepted, by the loop's clock."""
    closed_at: list[float] = field(default_factory=list)
    """When they ended."""
    requests: int = 0
    resets: int = 0
    """How many connections ended with a reset."""
    _changed: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def connected(self) -> int:
        """How many clients are connected."""
        return len(self.accepted_at) - len(self.closed_at)

    def record(self, times: list[float] | None = None) -> None:
        """Append the time to a list, and check the conditions of `wait_for`."""
        if times is not None:
            times.append(asyncio.get_running_loop().time())
        self._changed.set()

    async def wait_for(self, condition: Callable[[Peer], object]) -> None:
        """Wait until a condition holds."""
        while not condition(self):
            self._changed.clear()
            await self._changed.wait()

    async def wait_until_closed(self) -> None:
        """Wait until no client is connected."""
        await self.wait_for(lambda peer: not peer.connected)


@asynccontextmanager
async def serve_peer(behaviour: Behaviour) -> AsyncIterator[Peer]:
    """Serve on a free port of this machine."""
    peer = Peer()

    async def accept(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        peer.record(peer.accepted_at)
        try:
            await behaviour(peer, reader, writer)
            writer.close()
            await writer.wait_closed()
        except (OSError, EOFError) as err:
            peer.resets += isinstance(err, ConnectionResetError)
            writer.close()
        finally:
            peer.record(peer.closed_at)

    server = await asyncio.start_server(accept, "127.0.0.1", 0)
    peer.port = server.sockets[0].getsockname()[1]
    try:
        yield peer
    finally:
        server.close()
        server.close_clients()
        await peer.wait_until_closed()
        await server.wait_closed()


async def _request(peer: Peer, reader: asyncio.StreamReader) -> bytes:
    head = await reader.readexactly(6)
    request = head + await reader.readexactly(int.from_bytes(head[4:]))
    peer.requests += 1
    peer.record()
    return request


def _reply(request: bytes, pdu: bytes) -> bytes:
    return request[:4] + (len(pdu) + 1).to_bytes(2) + request[6:7] + pdu


def _registers(request: bytes) -> bytes:
    count = int.from_bytes(request[10:12])
    return _reply(request, bytes((3, 2 * count)) + bytes(range(2 * count)))


async def answer_reads(
    peer: Peer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Answer every read."""
    while True:
        writer.write(_registers(await _request(peer, reader)))


async def refuse_all(
    peer: Peer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Answer every request with exception 2."""
    while True:
        request = await _request(peer, reader)
        writer.write(_reply(request, bytes((request[7] | 0x80, 2))))


async def refuse_once(
    peer: Peer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Answer with exception 2, but each address only once."""
    refused = set()
    while True:
        request = await _request(peer, reader)
        if request[8:] not in refused:
            writer.write(_reply(request, bytes((request[7] | 0x80, 2))))
        refused.add(request[8:])


async def serve_map_of_2020(
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


async def fail_all(
    peer: Peer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Answer every request with exception 4."""
    while True:
        request = await _request(peer, reader)
        writer.write(_reply(request, bytes((request[7] | 0x80, 4))))


async def never_answer(
    peer: Peer, reader: asyncio.StreamReader, _: asyncio.StreamWriter
) -> None:
    """Receive requests without answering."""
    while True:
        await _request(peer, reader)


async def answer_once_then_reset(
    peer: Peer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Answer the first request of a connection; reset it at the second."""
    writer.write(_registers(await _request(peer, reader)))
    await _request(peer, reader)
    writer.transport.abort()


def always_answer(pdu: bytes) -> Behaviour:
    """Answer every request with the same PDU."""

    async def answer(
        peer: Peer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        while True:
            writer.write(_reply(await _request(peer, reader), pdu))

    return answer


def answer_with(change: Callable[[bytes], bytes]) -> Behaviour:
    """Answer every read, with changed bytes."""

    async def answer(
        peer: Peer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        while True:
            writer.write(change(_registers(await _request(peer, reader))))

    return answer


other_transaction_ids = answer_with(lambda frame: b"\x7f\x7f" + frame[2:])
"""Behave as a gateway that numbers its answers itself."""


def answer_after(*delays: float) -> Behaviour:
    """Answer every read after a delay, in seconds; a new connection has the next delay."""
    remaining = iter(delays)

    async def answer(
        peer: Peer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        delay = next(remaining)
        while True:
            request = await _request(peer, reader)
            await asyncio.sleep(delay)
            writer.write(_registers(request))

    return answer


async def ignore_first_request(
    peer: Peer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Leave the first request of a connection unanswered."""
    await _request(peer, reader)
    await answer_reads(peer, reader, writer)


async def close_at_once(
    _: Peer, __: asyncio.StreamReader, ___: asyncio.StreamWriter
) -> None:
    """Close every connection at once, as an inverter whose one connection is taken."""


async def close_on_request(
    peer: Peer, reader: asyncio.StreamReader, _: asyncio.StreamWriter
) -> None:
    """Close every connection at its first request."""
    await _request(peer, reader)


async def ssh_server(
    peer: Peer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Send a banner first, as a secure shell does, and wait."""
    writer.write(b"SSH-2.0-OpenSSH_10.2\r\n")
    await never_answer(peer, reader, writer)


def with_stray_bytes(behaviour: Behaviour, data: bytes, delay: float) -> Behaviour:
    """Send bytes that nothing asked for, some seconds after each connection opened."""

    async def send_and_behave(
        peer: Peer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        loop = asyncio.get_running_loop()
        loop.call_later(delay, writer.write, data)
        await behaviour(peer, reader, writer)

    return send_and_behave


async def web_server_parsing_bytes(
    peer: Peer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Answer the first invalid bytes at once, as most web servers do."""
    await _request(peer, reader)
    writer.write(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
    await writer.drain()


async def web_server_parsing_lines(
    _: Peer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Wait for a line, and answer as a web server answers an invalid one."""
    await reader.readline()
    writer.write(b"HTTP/1.1 400 Bad Request\r\nConnection: close\r\n\r\n")
    await writer.drain()


@contextmanager
def unanswered_port() -> Iterator[int]:
    """Yield a port at which connecting neither succeeds nor fails."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        full = [socket.socket() for _ in range(2)]
        for one in full:
            # They fill the queue of the listener: the next connection gets no reply.
            one.setblocking(False)
            one.connect_ex(listener.getsockname())
        try:
            yield listener.getsockname()[1]
        finally:
            for one in full:
                one.close()


def closed_port() -> int:
    """Return a port at which no server listens."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
