"""Knocks at a port by hand, where a Modbus library only says that it failed: why, and who is there?"""

import asyncio
import fcntl
import os
from socket import gaierror

from ..alphaess.errors import ErrorKind, LinkDownError

type Endpoint = tuple[str, int]
"""Host and port."""

_PROTOCOL = slice(2, 4)
"""Where a Modbus TCP frame says what it is: two zero bytes."""

_GREETING = bytes.fromhex("0001 0000 0006 55 03 0102 0001") + b"\r\n\r\n"
"""A question that any Modbus device may answer, and a line's end, for who waits for lines."""


async def find_cause(endpoint: Endpoint, *, patience: float) -> LinkDownError | None:
    """Find out, with one connection, why a port accepts none; None if it does.

    Waits `patience` seconds.
    """
    host, port = endpoint
    try:
        async with asyncio.timeout(patience):
            _, writer = await asyncio.open_connection(host, port)
    except OSError as err:
        return explain(endpoint, err)
    writer.close()
    return None


def explain(endpoint: Endpoint, err: OSError) -> LinkDownError:
    """Say in a user's terms why connecting to a port failed."""
    host, port = endpoint
    where = f"{host}:{port}"
    match err:
        case gaierror():
            return LinkDownError(
                ErrorKind.UNREACHABLE, f"there is no host named {host}"
            )
        case ConnectionRefusedError() | ConnectionResetError():
            return LinkDownError(
                ErrorKind.REFUSED,
                f"{where} refuses the connection: Modbus TCP is off, or another client has it",
            )
        case TimeoutError():
            return LinkDownError(ErrorKind.TIMEOUT, f"{where} does not answer")
    return LinkDownError(ErrorKind.UNREACHABLE, f"no way to {where}: {err.strerror}")


def find_serial_cause(device: str) -> LinkDownError | None:
    """Find out, by opening it, why a serial port does not open; None if it does."""
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


def not_served(where: str) -> LinkDownError:
    """Explain a connection that was accepted and closed before a first answer."""
    return LinkDownError(
        ErrorKind.REFUSED,
        f"{where} closes the connection unanswered: another client has it",
    )


async def speaks_something_else(endpoint: Endpoint, *, patience: float) -> bool:
    """Whether a port answers, but not as Modbus TCP does: a web server, say."""
    try:
        async with asyncio.timeout(patience):
            reader, writer = await asyncio.open_connection(*endpoint)
            try:
                writer.write(_GREETING)
                head = await reader.readexactly(_PROTOCOL.stop)
            finally:
                writer.close()
    except OSError, EOFError:
        return False
    return head[_PROTOCOL] != b"\0\0"
