"""Everything that can go wrong between a client and an inverter, on a real socket, whenever one likes."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress
from enum import StrEnum
from functools import partial
from random import Random
import socket
import struct

_RESET_ON_CLOSE = struct.pack("ii", 1, 0)
_WRITES = (0x06, 0x10)


class Fault(StrEnum):
    """What goes wrong."""

    REFUSE = "refuse"
    """The port is closed, and who was connected is reset."""
    RESET = "reset"
    """Every request ends in a reset."""
    BLACK_HOLE = "black hole"
    """Nothing arrives any more, not even a call."""
    HALF_OPEN = "half-open"
    """A router has forgotten the connection; a new one would work."""
    SILENT = "silent"
    """Requests are taken and not answered."""
    TAKEN = "taken"
    """A second client has the inverter's one connection."""
    DELAY = "delay"
    JITTER = "jitter"
    DRIP = "drip"
    """Answers come byte by byte."""
    TRUNCATE = "truncate"
    """The second half of each answer gets lost."""
    GARBAGE = "garbage"
    WRONG_TRANSACTION = "wrong transaction"
    WRONG_UNIT = "wrong unit"
    WRONG_FUNCTION = "wrong function"
    LATE = "late"
    """The answer to an earlier request comes before each answer."""
    INSTEAD = "instead"
    """The answer to an earlier request comes in place of each answer."""
    TWICE = "twice"
    """Each answer comes twice."""
    EXCEPTION_1 = "exception 1"
    EXCEPTION_2 = "exception 2"
    EXCEPTION_3 = "exception 3"
    EXCEPTION_4 = "exception 4"
    EXCEPTION_6 = "exception 6"
    EXCEPTION_11 = "exception 11"


HARMLESS = frozenset({Fault.DELAY, Fault.JITTER, Fault.DRIP, Fault.LATE, Fault.TWICE})
"""What a good client does not even notice."""


class Proxy:
    """Stands between a client and an inverter's port, and passes on what the fault of the hour leaves."""

    def __init__(self, port: int, *, seed: int = 0, delay: float = 0.02) -> None:
        """Lead to this port of this machine; `delay` is what a slow answer takes, in seconds."""
        self.port = 0
        self.fault: Fault | None = None
        self.attempts: list[float] = []
        """When the client called, in the loop's time."""
        self.asked_at = 0.0
        """When the client asked something last, in the loop's time."""
        self.asked = 0
        """Requests that the client sent."""
        self.writes = 0
        """Those of them that wanted to write."""
        self._target = port
        self._delay = delay
        self._random = Random(seed)  # noqa: S311 - noise needs no cryptography
        self._server: asyncio.Server | None = None
        self._hole: list[socket.socket] = []
        self._clients: dict[asyncio.Task[None], asyncio.StreamWriter] = {}
        self._deaf: set[asyncio.Task[None]] = set()
        self._intruder: asyncio.StreamWriter | None = None
        self._earlier = b""

    @property
    def connected(self) -> int:
        """How many connections there are now."""
        return len(self._clients)

    async def open(self) -> None:
        """Begin to listen."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Stop listening and drop everyone."""
        await self.heal()
        await self._stop_listening()
        await self.reset()

    async def inflict(self, fault: Fault) -> None:
        """Let something go wrong from now on."""
        await self.heal()
        self.fault = fault
        if fault in (Fault.REFUSE, Fault.BLACK_HOLE):
            await self._stop_listening()
        if fault in (Fault.REFUSE, Fault.TAKEN):
            await self.reset()
        if fault in (Fault.HALF_OPEN, Fault.BLACK_HOLE):
            self._deaf |= self._clients.keys()
        if fault is Fault.BLACK_HOLE:
            self._dig_hole()
        if fault is Fault.TAKEN:
            await self._intrude()

    async def heal(self) -> None:
        """Let everything go right again; what was forgotten or lost stays so."""
        self.fault = None
        while self._hole:
            self._hole.pop().close()
        if self._intruder:
            self._intruder.close()
            self._intruder = None
        if self._server is None:
            await self.open()

    async def reset(self) -> None:
        """Reset every connection, once."""
        for task, writer in tuple(self._clients.items()):
            _abort(writer)
            task.cancel()
        while self._clients:
            await asyncio.sleep(0)

    async def _stop_listening(self) -> None:
        if self._server:
            self._server.close()
            self._server = None

    def _dig_hole(self) -> None:
        """Listen without ever accepting, with a queue that is full: calls go unheard."""
        listener = socket.socket()
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(("127.0.0.1", self.port))
        listener.listen(0)
        self._hole = [listener, socket.socket(), socket.socket()]
        for filler in self._hole[1:]:
            filler.setblocking(False)
            filler.connect_ex(("127.0.0.1", self.port))

    async def _intrude(self) -> None:
        """Be the second client, as soon as the inverter is free."""
        while self._intruder is None:
            with suppress(OSError):
                _, self._intruder = await asyncio.open_connection(
                    "127.0.0.1", self._target
                )

    async def _serve(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.attempts.append(asyncio.get_running_loop().time())
        task = asyncio.current_task()
        assert task
        self._clients[task] = writer
        self._earlier = b""
        try:
            await self._pass_on(reader, writer, task)
        except OSError, EOFError, asyncio.CancelledError:
            _abort(writer)
        finally:
            writer.close()
            self._deaf.discard(task)
            del self._clients[task]

    async def _pass_on(
        self,
        reader: asyncio.StreamReader,
        writer: asyncio.StreamWriter,
        task: asyncio.Task[None],
    ) -> None:
        """Carry one request after the other to the inverter, and its answers back."""
        theirs, ours = await self._call()
        try:
            while True:
                request = await _frame(reader)
                self.asked_at = asyncio.get_running_loop().time()
                self.asked += 1
                self.writes += request[7] in _WRITES
                if task in self._deaf or self.fault is Fault.SILENT:
                    continue
                if self.fault is Fault.RESET:
                    raise ConnectionResetError
                ours.write(request)
                answer = await _frame(theirs)
                for piece in self._spoil(answer):
                    await self._hesitate()
                    writer.write(piece)
                    await writer.drain()
                self._earlier = answer
        finally:
            ours.close()

    async def _call(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        """Connect to the inverter, whose port opens a moment after its client has left."""
        for _ in range(400):
            with suppress(ConnectionRefusedError):
                return await asyncio.open_connection("127.0.0.1", self._target)
            if self._intruder:
                break
            await asyncio.sleep(0.005)
        raise ConnectionRefusedError

    async def _hesitate(self) -> None:
        if self.fault is Fault.DELAY:
            await asyncio.sleep(self._delay)
        if self.fault is Fault.JITTER:
            await asyncio.sleep(self._random.random() * self._delay)

    def _spoil(self, answer: bytes) -> Iterator[bytes]:
        """Do to an answer what the fault does."""
        if self.fault and self.fault.startswith("exception"):
            yield _refusal(answer, int(self.fault.rpartition(" ")[2]))
        elif self.fault is Fault.GARBAGE:
            yield self._random.randbytes(len(answer))
        elif self.fault in _SPOILT:
            yield from _SPOILT[self.fault](answer, self._earlier)
        else:
            yield answer


def _abort(writer: asyncio.StreamWriter) -> None:
    end = writer.get_extra_info("socket")
    with suppress(OSError):
        end.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
    writer.transport.abort()


async def _frame(reader: asyncio.StreamReader) -> bytes:
    head = await reader.readexactly(6)
    return head + await reader.readexactly(int.from_bytes(head[4:]))


def _with(
    answer: bytes, _: bytes, *, at: int, value: Callable[[int], int]
) -> Iterator[bytes]:
    yield answer[:at] + bytes((value(answer[at]),)) + answer[at + 1 :]


def _refusal(answer: bytes, code: int) -> bytes:
    return answer[:4] + b"\0\3" + answer[6:7] + bytes((answer[7] | 0x80, code))


_SPOILT: dict[Fault, Callable[[bytes, bytes], Iterator[bytes]]] = {
    Fault.DRIP: lambda answer, _: (bytes((byte,)) for byte in answer),
    Fault.TRUNCATE: lambda answer, _: iter((answer[: len(answer) // 2],)),
    Fault.WRONG_TRANSACTION: partial(_with, at=1, value=lambda byte: byte ^ 0x40),
    Fault.WRONG_UNIT: partial(_with, at=6, value=lambda byte: byte ^ 1),
    Fault.WRONG_FUNCTION: partial(_with, at=7, value=lambda byte: byte ^ 7),
    Fault.LATE: lambda answer, earlier: iter((earlier, answer)),
    Fault.INSTEAD: lambda _, earlier: iter((earlier,)),
    Fault.TWICE: lambda answer, _: iter((answer, answer)),
}
"""What becomes of an answer, given the one before it."""
