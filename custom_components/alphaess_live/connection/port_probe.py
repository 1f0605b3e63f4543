"""Opens a port without a Modbus library, to find out why connecting fails and whether Modbus is spoken there."""

import asyncio
import fcntl
import os
import socket
import struct

from ..alphaess.errors import ErrorKind, LinkDownError

PROBE_FRAME = bytes.fromhex("0001 0000 0006 55 03 0102 0001") + b"\r\n\r\n"
"""A read request that any Modbus device can answer, and the end of a line for servers that read lines."""

_NO_LINGER = struct.pack("ii", 1, 0)

_PROTOCOL_ID = slice(2, 4)
"""The bytes of a Modbus TCP frame that are always zero."""


def format_address(host: str, port: int) -> str:
    """Return an address as a user knows it; an IPv6 address is in brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


async def diagnose_port(
    host: str, port: int, *, timeout_seconds: float
) -> LinkDownError | None:
    """Return why a port accepts no connection, or None if it accepts one."""
    try:
        async with asyncio.timeout(timeout_seconds):
            _, writer = await asyncio.open_connection(host, port)
    except OSError as err:
        return to_link_error(host, port, err)
    reset_on_close(writer)
    writer.close()
    return None


def reset_on_close(connection: asyncio.BaseTransport | asyncio.StreamWriter) -> None:
    """Let a TCP connection end with a reset: some inverters keep a closed client's place for two minutes."""
    if sock := connection.get_extra_info("socket"):
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _NO_LINGER)


def to_link_error(host: str, port: int, err: OSError) -> LinkDownError:
    """Convert the error of a failed connection to one that a user understands."""
    address = format_address(host, port)
    match err:
        case socket.gaierror():
            return LinkDownError(
                ErrorKind.UNREACHABLE, f"there is no host named {host}"
            )
        case ConnectionRefusedError() | ConnectionResetError():
            return LinkDownError(
                ErrorKind.REFUSED,
                f"{address} refuses the connection: Modbus TCP is off, another client has it, "
                "or the inverter still keeps the place of a closed one, for two minutes at most",
            )
        case TimeoutError():
            return no_answer(address)
    return LinkDownError(ErrorKind.UNREACHABLE, f"no way to {address}: {err.strerror}")


def diagnose_serial_port(device: str) -> LinkDownError | None:
    """Return why a serial port cannot be opened, or None if it can."""
    try:
        port = os.open(device, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
    except FileNotFoundError:
        return LinkDownError(
            ErrorKind.UNREACHABLE,
            f"there is no serial port {device}: its adapter is unplugged, or has another name",
        )
    except OSError as err:
        message = f"{device} cannot be used: {err.strerror}"
        return LinkDownError(ErrorKind.UNREACHABLE, message)
    try:
        fcntl.flock(port, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        message = f"another program uses the serial port {device}"
        return LinkDownError(ErrorKind.REFUSED, message)
    finally:
        os.close(port)
    return None


def closed_before_answer(address: str) -> LinkDownError:
    """Describe a connection that was accepted and closed before a first response."""
    return LinkDownError(
        ErrorKind.REFUSED,
        f"{address} closes the connection unanswered: another client has it, "
        "or the inverter still keeps the place of a closed one, for two minutes at most",
    )


def no_answer(address: str) -> LinkDownError:
    """Describe a connection attempt that was neither accepted nor refused."""
    return LinkDownError(ErrorKind.TIMEOUT, f"{address} does not answer")


async def is_not_modbus(host: str, port: int, *, timeout_seconds: float) -> bool:
    """Whether a port answers in another protocol than Modbus TCP, as a web server does."""
    try:
        async with asyncio.timeout(timeout_seconds):
            reader, writer = await asyncio.open_connection(host, port)
            try:
                writer.write(PROBE_FRAME)
                head = await reader.readexactly(_PROTOCOL_ID.stop)
            finally:
                reset_on_close(writer)
                writer.close()
    except OSError, EOFError:
        return False
    return head[_PROTOCOL_ID] != b"\0\0"
