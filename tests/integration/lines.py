"""Serial lines to try an inverter on: a bridge with inverters behind it, and a pair of pseudo terminals."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
import os
import tty

from custom_components.alphaess_live.simulator.server import Server

from .peers import Behaviour, Peer


@dataclass
class Bus:
    """Two wires to which inverters are clamped: all hear everything, and whoever is meant answers."""

    servers: tuple[Server, ...]
    answers: asyncio.Queue[bytes] = field(default_factory=asyncio.Queue)
    _writers: dict[Server, asyncio.StreamWriter] = field(default_factory=dict)
    _listening: set[asyncio.Task[None]] = field(default_factory=set)

    async def say(self, data: bytes) -> None:
        """Put bytes on the wires; an inverter that is off hears nothing."""
        for server in self.servers:
            writer = self._writers.get(server)
            if writer is None or writer.is_closing():
                with suppress(OSError):
                    writer = await self._clamp(server)
            if writer is not None and server.serving:
                writer.write(data)

    async def close(self) -> None:
        """Take every inverter off the wires."""
        for task in self._listening:
            task.cancel()
        for writer in self._writers.values():
            writer.close()

    async def _clamp(self, server: Server) -> asyncio.StreamWriter:
        reader, writer = await asyncio.open_connection(server.host, server.port)
        self._writers[server] = writer
        self._listening.add(asyncio.create_task(self._listen(reader, writer)))
        return writer

    async def _listen(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        with suppress(OSError):
            while data := await reader.read(1024):
                self.answers.put_nowait(data)
        writer.close()


def passing_on(*servers: Server) -> Behaviour:
    """Be a bridge: pass on to the wires what comes, and back what is said on them."""

    async def pass_on(
        peer: Peer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        bus = Bus(servers)

        async def answer() -> None:
            while True:
                writer.write(await bus.answers.get())

        answering = asyncio.create_task(answer())
        try:
            while data := await reader.read(1024):
                peer.requests += 1
                await bus.say(data)
        finally:
            answering.cancel()
            await bus.close()

    return pass_on


@dataclass
class Terminal:
    """The inverter's end of a serial cable; the other end is a device."""

    device: str
    _end: int
    heard: asyncio.Queue[bytes] = field(default_factory=asyncio.Queue)
    """What was said at the other end."""

    def say(self, data: bytes) -> None:
        """Send bytes to the other end."""
        os.write(self._end, data)

    def unplug(self) -> None:
        """Pull the cable out of the computer, adapter and all."""
        if self._end >= 0:
            asyncio.get_running_loop().remove_reader(self._end)
            os.close(self._end)
            self._end = -1

    def plug_in(self, end: int) -> None:
        """Listen to what is said at the other end."""
        self._end = end
        asyncio.get_running_loop().add_reader(end, self._listen)

    def _listen(self) -> None:
        self.heard.put_nowait(os.read(self._end, 1024))


@asynccontextmanager
async def terminal() -> AsyncIterator[Terminal]:
    """Yield a cable whose other end nobody has opened yet."""
    end, device = os.openpty()
    tty.setraw(device)
    cable = Terminal(os.ttyname(device), -1)
    cable.plug_in(end)
    try:
        yield cable
    finally:
        cable.unplug()
        os.close(device)


@asynccontextmanager
async def serial_line(*servers: Server) -> AsyncIterator[Terminal]:
    """Yield a cable with inverters at its end."""
    bus = Bus(servers)
    async with terminal() as cable:

        async def ask() -> None:
            while True:
                await bus.say(await cable.heard.get())

        async def answer() -> None:
            while True:
                cable.say(await bus.answers.get())

        tasks = [asyncio.create_task(ask()), asyncio.create_task(answer())]
        try:
            yield cable
        finally:
            for task in tasks:
                task.cancel()
            await bus.close()
