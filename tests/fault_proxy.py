"""A TCP proxy that injects connection and protocol faults between a Modbus client and an inverter."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress
from enum import StrEnum
from functools import partial
from random import Random
import socket
import struct

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
_WRITE_FUNCTIONS = (0x06, 0x10)
PLACE_KEPT_SECONDS = 120.0


class Fault(StrEnum):
    """Kinds of fault."""

    REFUSE = "refuse"
    """The port is closed, and open connections are reset."""
    RESET = "reset"
    """Every request is answered with a reset."""
    BLACK_HOLE = "black hole"
    """No packet arrives, not even a connection request."""
    HALF_OPEN = "half-open"
    """Packets of the open connection are lost; a new connection works."""
    STRAY_BYTES = "stray bytes"
    """The connection is reset, and each new one begins with bytes that nothing asked for."""
    PLACE_KEPT = "place kept"
    """As half-open; and a client that closes without a reset is refused for two minutes."""
    SILENT = "silent"
    """Requests are received and not answered."""
    TAKEN = "taken"
    """A second client occupies the inverter's only connection."""
    DELAY = "delay"
    JITTER = "jitter"
    DRIP = "drip"
    """Answers arrive byte by byte."""
    TRUNCATE = "truncate"
    """The second half of each answer is lost."""
    GARBAGE = "garbage"
    WRONG_TRANSACTION = "wrong transaction"
    WRONG_UNIT = "wrong unit"
    WRONG_FUNCTION = "wrong function"
    LATE = "late"
    """The answer to the previous request arrives before each answer."""
    INSTEAD = "instead"
    """The answer to the previous request arrives instead of each answer."""
    TWICE = "twice"
    """Each answer arrives twice."""
    EXCEPTION_1 = "exception 1"
    EXCEPTION_2 = "exception 2"
    EXCEPTION_3 = "exception 3"
    EXCEPTION_4 = "exception 4"
    EXCEPTION_6 = "exception 6"
    EXCEPTION_11 = "exception 11"


HARMLESS = frozenset({Fault.DELAY, Fault.JITTER, Fault.DRIP, Fault.LATE, Fault.TWICE})
"""Faults that cause no outage."""


class FaultProxy:
    """Forwards requests to an inverter's port, and its answers as the current fault distorts them."""

    def __init__(self, port: int, *, seed: int = 0, delay: float = 0.02) -> None:
        """Forward to a local port. `delay` is the delay of a slow answer, in seconds."""
        self.port = 0
        self.fault: Fault | None = None
        self.attempts: list[float] = []
        """Loop times at which a client connected."""
        self.last_request_at = 0.0
        """Loop time of the last request."""
        self.requests = 0
        """Number of requests."""
        self.writes = 0
        """Number of write requests."""
        self._target = port
        self._delay = delay
        self._random = Random(seed)  # noqa: S311 - reproducible, not secret
        self._server: asyncio.Server | None = None
        self._full_backlog: list[socket.socket] = []
        self._clients: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._ignored: set[asyncio.Task[None]] = set()
        self._second_client: asyncio.StreamWriter | None = None
        self._previous_answer = b""
        self._kept_until = 0.0
        """Until when the place of a closed client is kept, by the loop's clock."""

    @property
    def connected(self) -> int:
        """Number of open connections."""
        return len(self._clients)

    async def open(self) -> None:
        """Start listening."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Stop listening and reset all connections."""
        await self.clear()
        await self._stop_listening()
        await self.reset()

    async def inject(self, fault: Fault) -> None:
        """Start a fault, in place of the current one."""
        await self.clear()
        self.fault = fault
        if fault in (Fault.REFUSE, Fault.BLACK_HOLE):
            await self._stop_listening()
        if fault in (Fault.REFUSE, Fault.TAKEN, Fault.STRAY_BYTES):
            await self.reset()
        if fault in (Fault.HALF_OPEN, Fault.BLACK_HOLE, Fault.PLACE_KEPT):
            self._ignored |= self._clients.keys()
        if fault is Fault.BLACK_HOLE:
            self._fill_backlog()
        if fault is Fault.TAKEN:
            await self._occupy_inverter()

    async def clear(self) -> None:
        """End the current fault. Lost packets and dead connections stay lost."""
        self.fault = None
        while self._full_backlog:
            self._full_backlog.pop().close()
        if self._second_client:
            self._second_client.close()
            self._second_client = None
        if self._server is None:
            await self.open()

    async def reset(self) -> None:
        """Reset all open connections."""
        for task, writer in tuple(self._clients.items()):
            _abort(writer)
            task.cancel()
        while self._clients:
            await asyncio.sleep(0)

    async def _stop_listening(self) -> None:
        if self._server:
            self._server.close()
            self._server = None

    def _fill_backlog(self) -> None:
        """Listen with a full backlog and never accept, so that connection requests are ignored."""
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        listener.listen(0)
        self._full_backlog = [listener, socket.socket(), socket.socket()]
        for filler in self._full_backlog[1:]:
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", self.port))

    async def _occupy_inverter(self) -> None:
        """Connect as the second client, as soon as the inverter accepts it."""
        while self._second_client is None:
            with suppress(OSError):
                _, self._second_client = await asyncio.open_connection(
                    "127.0.0.1", self._target
                )

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.attempts.append(asyncio.get_running_loop().time())
        task = asyncio.current_task()
        assert task
        self._clients[task] = writer
        self._previous_answer = b""
        loop = asyncio.get_running_loop()
        try:
            if loop.time() < self._kept_until:
                raise ConnectionRefusedError
            if self.fault is Fault.STRAY_BYTES:
                writer.write(b"\xff\x00stray")
            await self._forward(reader, writer, task)
        except EOFError:
            if self.fault is Fault.PLACE_KEPT:
                self._kept_until = loop.time() + PLACE_KEPT_SECONDS
            _abort(writer)
        except OSError, asyncio.CancelledError:
            _abort(writer)
        finally:
            writer.close()
            self._ignored.discard(task)
            del self._clients[task]

    async def _forward(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        task: asyncio.Task[None],
    ) -> None:
        """Forward requests to the inverter, and its answers back."""
        inverter_reader, inverter_writer = await self._connect()
        try:
            while True:
                request = await _frame(reader)
                self.last_request_at = asyncio.get_running_loop().time()
                self.requests += 1
                self.writes += request[7] in _WRITE_FUNCTIONS
                if task in self._ignored or self.fault is Fault.SILENT:
                    continue
                if self.fault is Fault.RESET:
                    raise ConnectionResetError
                inverter_writer.write(request)
                answer = await _frame(inverter_reader)
                for piece in self._distort(answer):
                    await self._delay_answer()
                    writer.write(piece)
                    await writer.drain()
                self._previous_answer = answer
        finally:
            inverter_writer.close()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Connect to the inverter, which accepts a client only after the previous one was closed."""
        for _ in range(400):
            with suppress(ConnectionRefusedError):
                return await asyncio.open_connection("127.0.0.1", self._target)
            if self._second_client:
                break
            await asyncio.sleep(0.005)
        raise ConnectionRefusedError

    async def _delay_answer(self) -> None:
        if self.fault is Fault.DELAY:
            await asyncio.sleep(self._delay)
        if self.fault is Fault.JITTER:
            await asyncio.sleep(self._random.random() * self._delay)

    def _distort(self, answer: bytes) -> Iterator[bytes]:
        """Yield an answer as the current fault distorts it."""
        if self.fault and self.fault.startswith("exception"):
            yield _exception_answer(answer, int(self.fault.rpartition(" ")[2]))
        elif self.fault is Fault.GARBAGE:
            yield self._random.randbytes(len(answer))
        elif self.fault in _DISTORTIONS:
            yield from _DISTORTIONS[self.fault](answer, self._previous_answer)
        else:
            yield answer


def _abort(writer: asyncio.StreamWriter) -> None:
    sock = writer.get_extra_info("socket")
    with suppress(OSError):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    writer.transport.abort()


async def _frame(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readexactly(6)
    return head + await reader.readexactly(int.from_bytes(head[4:]))


def _change_byte(
    answer: bytes, _: bytes, *, at: int, value: Callable[[int], int]
) -> Iterator[bytes]:
    yield answer[:at] + bytes((value(answer[at]),)) + answer[at + 1 :]


def _exception_answer(answer: bytes, code: int) -> bytes:
    return answer[:4] + b"\0\3" + answer[6:7] + bytes((answer[7] | 0x80, code))


_DISTORTIONS: dict[Fault, Callable[[bytes, bytes], Iterator[bytes]]] = {
    Fault.DRIP: lambda answer, _: (bytes((byte,)) for byte in answer),
    Fault.TRUNCATE: lambda answer, _: iter((answer[: len(answer) // 2],)),
    Fault.WRONG_TRANSACTION: partial(
        _change_byte, at=1, value=lambda byte: byte ^ 0x40
    ),
    Fault.WRONG_UNIT: partial(_change_byte, at=6, value=lambda byte: byte ^ 1),
    Fault.WRONG_FUNCTION: partial(_change_byte, at=7, value=lambda byte: byte ^ 7),
    Fault.LATE: lambda answer, previous: iter((previous, answer)),
    Fault.INSTEAD: lambda _, previous: iter((previous,)),
    Fault.TWICE: lambda answer, _: iter((answer, answer)),
}
"""Functions that distort an answer, given the previous one."""
