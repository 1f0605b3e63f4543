"""Serial lines for tests: a bridge with inverters behind it, and a pair of pseudo terminals."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
import os
import tty

from custom_components.alphaess_live.simulator.server import Server

from .peers import Behaviour, Peer


@dataclass
class SerialBus:
    """A line with several inverters: all receive every request, and the one addressed answers."""

    servers: tuple[Server, ...]
    responses: asyncio.Queue[bytes] = field(default_factory=asyncio.Queue)
    _writers: dict[Server, asyncio.StreamWriter] = field(default_factory=dict)
    _receivers: set[asyncio.Task[None]] = field(default_factory=set)

    async def send(self, data: bytes) -> None:
        """Send bytes to all inverters that are switched on."""
        for server in self.servers:
            writer = self._writers.get(server)
            if writer is None or writer.is_closing():
                with suppress(OSError):
                    writer = await self._connect(server)
            if writer is not None and server.serving:
                writer.write(data)

    async def close(self) -> None:
        """Disconnect all inverters."""
        for task in self._receivers:
            task.cancel()
        for writer in self._writers.values():
            writer.close()

    async def _connect(self, server: Server) -> asyncio.StreamWriter:
        reader, writer = await asyncio.open_connection(server.host, server.port)
        self._writers[server] = writer
        self._receivers.add(asyncio.create_task(self._receive(reader, writer)))
        return writer

    async def _receive(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        with suppress(OSError):
            while data := await reader.read(1024):
                self.responses.put_nowait(data)
        writer.close()


def forward_to(*servers: Server) -> Behaviour:
    """Behave as a bridge: forward bytes between the client and a serial line."""

    async def forward(
        peer: Peer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        bus = SerialBus(servers)

        async def send_responses() -> None:
            while True:
                writer.write(await bus.responses.get())

        sending = asyncio.create_task(send_responses())
        try:
            while data := await reader.read(1024):
                peer.requests += 1
                await bus.send(data)
        finally:
            sending.cancel()
            await bus.close()

    return forward


@dataclass
class SerialCable:
    """The inverter's end of a serial cable; the other end is a device."""

    device: str
    _end: int
    received: asyncio.Queue[bytes] = field(default_factory=asyncio.Queue)
    """What the other end sent."""

    def send(self, data: bytes) -> None:
        """Send bytes to the other end."""
        os.write(self._end, data)

    def unplug(self) -> None:
        """Remove the adapter from the computer."""
        if self._end >= 0:
            asyncio.get_running_loop().remove_reader(self._end)
            os.close(self._end)
            self._end = -1

    def plug_in(self, end: int) -> None:
        """Receive what the other end sends."""
        self._end = end
        asyncio.get_running_loop().add_reader(end, self._receive)

    def _receive(self) -> None:
        self.received.put_nowait(os.read(self._end, 1024))


@asynccontextmanager
async def open_cable() -> AsyncIterator[SerialCable]:
    """Yield a cable whose other end is not opened yet."""
    end, device = os.openpty()
    tty.setraw(device)
    cable = SerialCable(os.ttyname(device), -1)
    cable.plug_in(end)
    try:
        yield cable
    finally:
        cable.unplug()
        os.close(device)


@asynccontextmanager
async def open_serial_line(*servers: Server) -> AsyncIterator[SerialCable]:
    """Yield a cable with inverters at its end."""
    bus = SerialBus(servers)
    async with open_cable() as cable:

        async def send_requests() -> None:
            while True:
                await bus.send(await cable.received.get())

        async def send_responses() -> None:
            while True:
                cable.send(await bus.responses.get())

        tasks = [
            asyncio.create_task(send_requests()),
            asyncio.create_task(send_responses()),
        ]
        try:
            yield cable
        finally:
            for task in tasks:
                task.cancel()
            await bus.close()
