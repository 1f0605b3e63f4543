"""A simulated inverter behind a real Modbus port; one client at a time, as the real one."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
import socket
import struct

from modbus_connection import (
    IllegalFunctionError,
    ModbusConnectionError,
    ModbusExceptionError,
    ModbusTimeoutError,
)
from pymodbus.framer import FramerBase, FramerRTU, FramerSocket
from pymodbus.pdu import DecodePDU, ExceptionResponse, ModbusPDU
from pymodbus.pdu.register_message import (
    ReadHoldingRegistersRequest,
    ReadHoldingRegistersResponse,
    WriteMultipleRegistersRequest,
    WriteMultipleRegistersResponse,
    WriteSingleRegisterRequest,
    WriteSingleRegisterResponse,
)

from .simulated_inverter import SimulatedInverter

UNIT_ID = 85
"""Every AlphaESS leaves the factory with this one."""
ADVANCE_INTERVAL_SECONDS = 0.5
"""Seconds after which the house lives on, also when nobody asks."""
_MAX_UNDECODED_BYTES = 300
"""Bytes that would have held a whole request: what still is none is not Modbus."""
_FUNCTIONS = (0x03, 0x06, 0x10)
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Server:
    """The port of an inverter. It is closed while a client is connected.

    A real inverter refuses a second client at once. A port that does not listen
    is how a program does the same: it opens again as soon as the client leaves,
    so who comes back within a millisecond may find it closed (`free` waits).
    """

    def __init__(
        self, unit: SimulatedInverter, host: str, *, unit_id: int, rtu: bool
    ) -> None:
        """Put the unit behind an address; `switch_on` opens the port."""
        self.unit = unit
        self.host = host
        self.port = 0
        self._unit_id = unit_id
        self._decoder = DecodePDU(True)
        self._framer: FramerBase = (FramerRTU if rtu else FramerSocket)(self._decoder)
        self._work: asyncio.Task[None] | None = None
        self._listener: socket.socket
        self._free = asyncio.Event()

    @property
    def serving(self) -> bool:
        """Whether the inverter is switched on."""
        return self._work is not None

    async def free(self) -> None:
        """Wait until the port is open and nobody is connected."""
        await self._free.wait()

    async def switch_on(self, port: int | None = None) -> None:
        """Open the port, the same as before unless told otherwise; OSError if it is taken."""
        if self._work:
            return
        self._open(self.port if port is None else port)
        self._work = asyncio.create_task(self._serve())

    async def switch_off(self) -> None:
        """Close the port and drop the client, if there is one; the house lives on.

        A running dispatch goes on too: `unit.switch_off` is what cuts the power.
        """
        work, self._work = self._work, None
        if work:
            work.cancel()
            with suppress(asyncio.CancelledError):
                await work
            self._close()

    def _open(self, port: int) -> None:
        self._listener = socket.create_server((self.host, port), backlog=1)
        self._listener.setblocking(False)
        self.port = self._listener.getsockname()[1]
        self._free.set()

    def _close(self) -> None:
        self._free.clear()
        self._listener.close()

    async def _serve(self) -> None:
        """Take one client after the other."""
        loop = asyncio.get_running_loop()
        while True:
            client, _ = await loop.sock_accept(self._listener)
            self._close()
            await self._serve_client(client)
            self._open(self.port)

    async def _serve_client(self, client: socket.socket) -> None:
        """Answer a client until it leaves."""
        reader, writer = await asyncio.open_connection(sock=client)
        try:
            await self._answer_all(reader, writer)
        except asyncio.CancelledError:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
            raise
        except ConnectionError, ModbusConnectionError:
            return  # The client is gone, and that is its right.
        finally:
            writer.transport.abort()

    async def _answer_all(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        buffer = b""
        while received := await reader.read(1024):
            buffer += received
            while frame := self._framer.decode(buffer):
                used, unit_id, transaction, request = frame
                if not used:
                    break
                buffer = buffer[used:]
                if unit_id != self._unit_id or not request:
                    continue  # Silence: nobody of that name lives here.
                if (answer := await self._answer(request)) is None:
                    continue
                body = bytes((answer.function_code,)) + answer.encode()
                writer.write(self._framer.encode(body, unit_id, transaction))
                await writer.drain()
            if len(buffer) > _MAX_UNDECODED_BYTES:
                return

    async def _answer(self, request: bytes) -> ModbusPDU | None:
        """Ask the unit; None where it stays silent."""
        function = request[0] & 0x7F
        try:
            asked = self._decoder.decode(request)
        except struct.error:
            asked = None
        if asked is None and function in _FUNCTIONS:
            return None  # A request that is cut short.
        try:
            return await self._execute(asked)
        except ModbusExceptionError as err:
            return ExceptionResponse(function, err.exception_code or 0)
        except ModbusTimeoutError:
            return None

    async def _execute(self, asked: ModbusPDU | None) -> ModbusPDU:
        """Pass a request to the unit; refuse functions that no inverter has."""
        match asked:
            case ReadHoldingRegistersRequest(
                function_code=3, address=address, count=count
            ):
                words = await self.unit.read_holding_registers(address, count)
                return ReadHoldingRegistersResponse(registers=words)
            case WriteSingleRegisterRequest(address=address, registers=[value]):
                await self.unit.write_register(address, value)
                return WriteSingleRegisterResponse(address=address, registers=[value])
            case WriteMultipleRegistersRequest(address=address, registers=values):
                await self.unit.write_registers(address, values)
                return WriteMultipleRegistersResponse(
                    address=address, count=len(values)
                )
            case _:
                raise IllegalFunctionError


@asynccontextmanager
async def serve(
    unit: SimulatedInverter,
    host: str = "127.0.0.1",
    port: int = 0,
    *,
    unit_id: int = UNIT_ID,
    rtu: bool = False,
) -> AsyncIterator[Server]:
    """Serve an inverter on a port (0: any free one) while the context lasts.

    With `rtu` the frames are those of a serial line, as some bridges send them over TCP.
    Raises OSError if the port is taken.
    """
    server = Server(unit, host, unit_id=unit_id, rtu=rtu)
    await server.switch_on(port)
    heart = asyncio.create_task(_advance_periodically(unit))
    try:
        yield server
    finally:
        heart.cancel()
        await server.switch_off()


async def _advance_periodically(unit: SimulatedInverter) -> None:
    while True:
        unit.advance_to_now()
        await asyncio.sleep(ADVANCE_INTERVAL_SECONDS)
