"""The kinds of endpoints that a link connects to: Modbus TCP, a bridge to a serial line, a serial port."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, TypedDict, Unpack, override

from modbus_connection import ModbusProtocolError
from pymodbus import FramerType
from pymodbus.client import AsyncModbusSerialClient, AsyncModbusTcpClient
from pymodbus.client.base import ModbusBaseClient

from ..alphaess.errors import ErrorKind, LinkDownError
from .frame_filter import (
    describe_mismatch,
    extract_rtu_response,
    is_invalid_tcp_frame,
)
from .port_probe import (
    closed_before_answer,
    diagnose_port,
    diagnose_serial_port,
    format_address,
)


class ClientOptions(TypedDict):
    """What all clients of pymodbus are created with."""

    name: str
    timeout: float
    """Seconds for connecting and for each response."""
    retries: int
    reconnect_delay: float
    trace_connect: Callable[[bool], None]
    """Called when a connection opens (True) and when it is lost (False)."""
    trace_packet: Callable[[bool, bytes], bytes]
    """Called with bytes sent (True) and received (False); returns those to use instead."""


class Endpoint(Protocol):
    """What a link connects to. Equal endpoints are the same device."""

    has_transaction_id: bool
    """Whether a response carries the transaction id of its request."""

    @property
    def address(self) -> str:
        """The address as a user knows it."""

    def create_client(self, **options: Unpack[ClientOptions]) -> ModbusBaseClient:
        """Create a client that is not connected yet."""

    async def connect(self, client: ModbusBaseClient) -> bool:
        """Connect a client of this endpoint. Returns whether it is connected."""

    def filter_frame(self, request: bytes, received: bytes) -> bytes:
        """Return the bytes received that belong to the response of a request.

        Raises ModbusProtocolError if no response can follow them.
        """

    def describe_mismatch(self, request: bytes, received: bytes) -> str | None:
        """Return how bytes that came instead of the response differ from it; None if that is unknown."""

    async def diagnose(self, *, timeout_seconds: float) -> LinkDownError | None:
        """Return why connecting fails, or None if it does not."""

    def closed_before_answer(self) -> LinkDownError:
        """Describe a connection that was opened and lost before a first response."""


@dataclass(frozen=True)
class TcpEndpoint(Endpoint):
    """Modbus TCP."""

    host: str
    port: int
    has_transaction_id = True
    framer = FramerType.SOCKET

    @property
    @override
    def address(self) -> str:
        return format_address(self.host, self.port)

    @override
    def create_client(self, **options: Unpack[ClientOptions]) -> ModbusBaseClient:
        return AsyncModbusTcpClient(
            self.host, port=self.port, framer=self.framer, **options
        )

    @override
    async def connect(self, client: ModbusBaseClient) -> bool:
        return await client.connect() and client.connected

    @override
    def filter_frame(self, request: bytes, received: bytes) -> bytes:
        if is_invalid_tcp_frame(request, received):
            raise ModbusProtocolError(f"{self.address} answers, but no Modbus")
        return received

    @override
    def describe_mismatch(self, request: bytes, received: bytes) -> str | None:
        return describe_mismatch(request, received)

    @override
    async def diagnose(self, *, timeout_seconds: float) -> LinkDownError | None:
        return await diagnose_port(
            self.host, self.port, timeout_seconds=timeout_seconds
        )

    @override
    def closed_before_answer(self) -> LinkDownError:
        return closed_before_answer(self.address)


@dataclass(frozen=True)
class RtuOverTcpEndpoint(TcpEndpoint):
    """The frames of a serial line, forwarded over TCP unchanged.

    Not pyserial's `socket://`, which blocks the event loop while it connects.
    """

    has_transaction_id = False
    framer = FramerType.RTU

    @override
    def filter_frame(self, request: bytes, received: bytes) -> bytes:
        return extract_rtu_response(request, received)

    @override
    def describe_mismatch(self, request: bytes, received: bytes) -> None:
        return None


@dataclass(frozen=True)
class SerialEndpoint(Endpoint):
    """An RS485 adapter at this computer; 8 bits, no parity, one stop bit."""

    device: str
    baud_rate: int
    has_transaction_id = False

    @property
    @override
    def address(self) -> str:
        return self.device

    @override
    def create_client(self, **options: Unpack[ClientOptions]) -> ModbusBaseClient:
        return AsyncModbusSerialClient(
            self.device, framer=FramerType.RTU, baudrate=self.baud_rate, **options
        )

    @override
    async def connect(self, client: ModbusBaseClient) -> bool:
        if not await client.connect():
            return False
        # pymodbus adds its reader two loop iterations later; closing before logs a traceback.
        for _ in range(2):
            await asyncio.sleep(0)
        return client.connected

    @override
    def filter_frame(self, request: bytes, received: bytes) -> bytes:
        return extract_rtu_response(request, received)

    @override
    def describe_mismatch(self, request: bytes, received: bytes) -> None:
        return None

    @override
    async def diagnose(self, *, timeout_seconds: float) -> LinkDownError | None:
        return diagnose_serial_port(self.device)

    @override
    def closed_before_answer(self) -> LinkDownError:
        message = f"{self.device} does not work as a serial port"
        return LinkDownError(ErrorKind.UNREACHABLE, message)
