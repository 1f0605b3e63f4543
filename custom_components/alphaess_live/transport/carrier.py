"""What carries the frames: the network, a bridge to a serial line, or the line itself."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol, override

from modbus_connection import (
    ModbusProtocolError,
    ModbusSerialParams,
    ModbusTcpParams,
)
from pymodbus import FramerType
from pymodbus.client import AsyncModbusSerialClient, AsyncModbusTcpClient
from pymodbus.client.base import ModbusBaseClient

from ..alphaess.errors import ErrorKind, LinkDownError
from .frames import answer_on_line, is_nonsense
from .knock import find_cause, find_serial_cause, not_served

type Lost = Callable[[bool], None]
"""Hears of a connection that opens (True) or is gone (False)."""


class Carrier(Protocol):
    """One way for frames to go to a place and back. Equal ones lead to the same place."""

    numbered: bool
    """Whether an answer bears the number of its request."""

    @property
    def name(self) -> str:
        """Where it leads, in a user's words."""

    @property
    def params(self) -> ModbusTcpParams | ModbusSerialParams:
        """Where it leads, in the library's words."""

    def client(self, lost: Lost, *, timeout: float) -> ModbusBaseClient:
        """Make a client that is not connected yet."""

    async def connect(self, client: ModbusBaseClient) -> bool:
        """Connect a client of its own; False where that fails."""

    def sift(self, request: bytes, received: bytes) -> bytes:
        """Take what may be believed out of the bytes received.

        Raises ModbusProtocolError where no answer can follow any more.
        """

    async def find_cause(self, *, patience: float) -> LinkDownError | None:
        """Find out why connecting fails; None if it does not."""

    def not_served(self) -> LinkDownError:
        """Explain a connection that is there, and gone before a first answer."""


@dataclass(frozen=True)
class Network(Carrier):
    """Modbus TCP."""

    host: str
    port: int
    numbered = True
    framing = FramerType.SOCKET

    @property
    @override
    def name(self) -> str:
        return f"{self.host}:{self.port}"

    @property
    @override
    def params(self) -> ModbusTcpParams:
        return ModbusTcpParams(host=self.host, port=self.port)

    @override
    def client(self, lost: Lost, *, timeout: float) -> ModbusBaseClient:
        return AsyncModbusTcpClient(
            self.host,
            port=self.port,
            framer=self.framing,
            timeout=timeout,
            name=self.name,
            reconnect_delay=0,
            retries=0,
            trace_connect=lost,
        )

    @override
    async def connect(self, client: ModbusBaseClient) -> bool:
        return await client.connect() and client.connected

    @override
    def sift(self, request: bytes, received: bytes) -> bytes:
        if is_nonsense(request, received):
            raise ModbusProtocolError(f"{self.name} answers, but no Modbus")
        return received

    @override
    async def find_cause(self, *, patience: float) -> LinkDownError | None:
        return await find_cause((self.host, self.port), patience=patience)

    @override
    def not_served(self) -> LinkDownError:
        return not_served(self.name)


@dataclass(frozen=True)
class Bridge(Network):
    """The frames of a serial line, passed on over TCP as they are.

    Not pyserial's `socket://`, which connects while everything else stands still.
    """

    numbered = False
    framing = FramerType.RTU

    @override
    def sift(self, request: bytes, received: bytes) -> bytes:
        return answer_on_line(request, received)


@dataclass(frozen=True)
class SerialPort(Carrier):
    """An RS485 adapter at this computer; 8 bits, no parity, one stop bit."""

    device: str
    baud_rate: int
    numbered = False

    @property
    @override
    def name(self) -> str:
        return self.device

    @property
    @override
    def params(self) -> ModbusSerialParams:
        return ModbusSerialParams(device=self.device, baudrate=self.baud_rate)

    @override
    def client(self, lost: Lost, *, timeout: float) -> ModbusBaseClient:
        return AsyncModbusSerialClient(
            self.device,
            framer=FramerType.RTU,
            baudrate=self.baud_rate,
            timeout=timeout,
            name=self.name,
            reconnect_delay=0,
            retries=0,
            trace_connect=lost,
        )

    @override
    async def connect(self, client: ModbusBaseClient) -> bool:
        if not await client.connect():
            return False
        # It begins to listen two turns of the loop later; closed before, it would fail aloud.
        for _ in range(2):
            await asyncio.sleep(0)
        return client.connected

    @override
    def sift(self, request: bytes, received: bytes) -> bytes:
        return answer_on_line(request, received)

    @override
    async def find_cause(self, *, patience: float) -> LinkDownError | None:
        return find_serial_cause(self.device)

    @override
    def not_served(self) -> LinkDownError:
        message = f"{self.device} does not work as a serial port"
        return LinkDownError(ErrorKind.UNREACHABLE, message)
