"""A Modbus TCP port for a simulated inverter; it serves one client at a time, as a real inverter."""

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
"""The factory setting of every AlphaESS."""
ADVANCE_INTERVAL_SECONDS = 0.5
"""The house advances this often without a request."""
_MAX_UNDECODED_BYTES = 300
"""More than a whole request; an undecodable buffer of this size is not Modbus."""
_FUNCTIONS = (0x03, 0x06, 0x10)
_RESET_ON_CLOSE = struct.pack("ii", 1, 0)


class Server:
    """The Modbus port of an inverter. It is closed while a client is connected.

    A real inverter refuses a second client at once. The server does the same by not
    listening: the port opens again when the client leaves, so a client that reconnects
    within a millisecond may find it closed (`free` waits for the port).
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
        """Wait until the port is open and no client is connected."""
        await self._free.wait()

    async def switch_on(self, port: int | None = None) -> None:
        """Open the port, by default the same as before. Raises OSError if it is in use."""
        if self._work:
            return
        self._open(self.port if port is None else port)
        self._work = asyncio.create_task(self._serve())

    async def switch_off(self) -> None:
        """Close the port and drop the client, if there is one; the house continues.

        A running dispatch continues, too: `unit.switch_off` cuts the power.
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
        """Serve one client after the other."""
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
            with suppress(OSError):  # The client may have closed it just before.
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET_ON_CLOSE)
            raise
        except ConnectionError, ModbusConnectionError:
            return  # The client has disconnected.
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
                    continue  # A request for another unit id is not answered.
                if (answer := await self._answer(request)) is None:
                    continue
                body = bytes((answer.function_code,)) + answer.encode()
                writer.write(self._framer.encode(body, unit_id, transaction))
                await writer.drain()
            if len(buffer) > _MAX_UNDECODED_BYTES:
                return

    async def _answer(self, request: bytes) -> ModbusPDU | None:
        """Pass the request to the unit; None if it does not answer."""
        function = request[0] & 0x7F
        try:
            decoded = self._decoder.decode(request)
        except struct.error:
            decoded = None
        if decoded is None and function in _FUNCTIONS:
            return None  # A request that is cut short.
        try:
            return await self._execute(decoded)
        except ModbusExceptionError as err:
            return ExceptionResponse(function, err.exception_code or 0)
        except ModbusTimeoutError:
            return None

    async def _execute(self, request: ModbusPDU | None) -> ModbusPDU:
        """Execute a request on the unit; raises IllegalFunctionError for other functions."""
        match request:
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

    With `rtu` the frames are RTU frames, as some bridges send them over TCP.
    Raises OSError if the port is taken.
    """
    server = Server(unit, host, unit_id=unit_id, rtu=rtu)
    await server.switch_on(port)
    ticker = asyncio.create_task(_advance_periodically(unit))
    try:
        yield server
    finally:
        ticker.cancel()
        await server.switch_off()


async def _advance_periodically(unit: SimulatedInverter) -> None:
    while True:
        unit.advance_to_now()
        await asyncio.sleep(ADVANCE_INTERVAL_SECONDS)
