"""Opens connections: after a minimum delay, one attempt at a time, and with a cause if it fails."""

import asyncio
from collections.abc import Callable
from contextlib import suppress

from modbus_connection import ModbusExceptionError, ModbusUnit
from pymodbus.client.base import ModbusBaseClient
from pymodbus.exceptions import ModbusException

from ..alphaess.errors import LinkDownError
from .endpoint import Endpoint, TcpEndpoint
from .intervals import MIN_RECONNECT_DELAY
from .port_probe import no_answer, reset_on_close

CAUSE_VALID_SECONDS = 60.0
"""For how long a cause is reported without diagnosing the endpoint again."""

PROBE_REGISTER = (0x0102, 1)
"""The state of charge: every AlphaESS serves it."""


def close_client(client: ModbusBaseClient) -> None:
    """Close a client's connection at once. A TCP connection is reset."""
    with suppress(ModbusException, OSError):
        if transport := client.ctx.transport:
            reset_on_close(transport)
        client.close()


class ReconnectDelay:
    """Keeps an endpoint closed for a while: an AlphaESS refuses a client that reconnects at once."""

    def __init__(self, endpoint: Endpoint, closed_at: dict[Endpoint, float]) -> None:
        """Share the times at which endpoints were closed, by the loop's clock."""
        self._endpoint = endpoint
        self._closed_at = closed_at

    def mark_closed(self) -> None:
        """Record that a connection to the endpoint was closed now."""
        self._closed_at[self._endpoint] = asyncio.get_running_loop().time()

    async def wait(self) -> None:
        """Wait until the endpoint may be connected to again."""
        delay = MIN_RECONNECT_DELAY.total_seconds()
        closed_at = self._closed_at.get(self._endpoint, -delay)
        await asyncio.sleep(closed_at + delay - asyncio.get_running_loop().time())


class Connector:
    """Connects our own clients to an endpoint, and finds out why that fails."""

    def __init__(
        self, endpoint: Endpoint, delay: ReconnectDelay, *, timeout_seconds: float
    ) -> None:
        """Set the endpoint and the timeout of an attempt. No I/O."""
        self.cause: LinkDownError | None = None
        """Why the endpoint cannot be connected to; the link resets it with a response."""
        self.accepted = False
        """Whether the last attempt was accepted, even if the connection was closed at once."""
        self._endpoint = endpoint
        self._delay = delay
        self._timeout_seconds = timeout_seconds
        self._diagnosed_at = 0.0

    async def open(
        self, create_client: Callable[[], ModbusBaseClient]
    ) -> ModbusBaseClient:
        """Return a connected client. Raises LinkDownError."""
        loop = asyncio.get_running_loop()
        await self._delay.wait()
        if self.cause and loop.time() > self._diagnosed_at + CAUSE_VALID_SECONDS:
            await self._check_cause()
        started = loop.time()
        self.accepted = False
        if client := await self._connected(create_client()):
            return client
        if self.accepted:
            raise self._endpoint.closed_before_answer()
        if loop.time() - started >= self._timeout_seconds:
            raise no_answer(self._endpoint.address)
        found = self.cause or await self._diagnose()
        self.cause = found or self._endpoint.closed_before_answer()
        raise LinkDownError(self.cause.kind, str(self.cause))

    async def _connected(self, client: ModbusBaseClient) -> ModbusBaseClient | None:
        connected = False
        try:
            with suppress(TimeoutError):
                async with asyncio.timeout(self._timeout_seconds):
                    connected = await self._endpoint.connect(client)
        finally:
            if not connected:
                close_client(client)
        return client if connected else None

    async def _check_cause(self) -> None:
        """Diagnose the endpoint again, instead of an attempt.

        Raises LinkDownError if connecting still fails.
        """
        self.cause = await self._diagnose()
        if self.cause:
            raise LinkDownError(self.cause.kind, str(self.cause))
        await self._delay.wait()

    async def _diagnose(self) -> LinkDownError | None:
        """Probe the endpoint without pymodbus, which only reports that it failed."""
        cause = await self._endpoint.diagnose(timeout_seconds=self._timeout_seconds)
        self._diagnosed_at = asyncio.get_running_loop().time()
        self._delay.mark_closed()
        return cause


class SharedConnector:
    """Opens the shared connection after probing the port, because Home Assistant's connect cannot be cancelled.

    That connect takes up to 10 s, blocks the unloading of the entry meanwhile, and is
    logged as an error if its caller stops waiting.
    """

    def __init__(
        self, endpoint: TcpEndpoint, delay: ReconnectDelay, *, timeout_seconds: float
    ) -> None:
        """Set the endpoint and the timeout of the probe. No I/O."""
        self._endpoint = endpoint
        self._delay = delay
        self._timeout_seconds = timeout_seconds
        self._lock = asyncio.Lock()
        self._first_read: asyncio.Task[list[int]] | None = None

    async def open(self, unit: ModbusUnit) -> None:
        """Make Home Assistant connect, by a read whose response does not matter.

        The read goes on if the caller stops waiting; a write never is sent late this way.
        Raises LinkDownError if the port accepts no connection, TimeoutError if there is
        no response in time.
        """
        async with self._lock:
            if unit.connected:
                return
            if self._first_read is None or self._first_read.done():
                await self._probe()
                read = unit.read_holding_registers(*PROBE_REGISTER)
                self._first_read = asyncio.create_task(read)
                self._first_read.add_done_callback(asyncio.Task.exception)
            await asyncio.wait((self._first_read,), timeout=2 * self._timeout_seconds)
            if not self._first_read.done():
                raise TimeoutError
            with suppress(ModbusExceptionError):
                self._first_read.result()

    async def _probe(self) -> None:
        """Check whether the port accepts a connection. Raises LinkDownError."""
        await self._delay.wait()
        cause = await self._endpoint.diagnose(timeout_seconds=self._timeout_seconds)
        self._delay.mark_closed()
        if cause:
            raise cause
        await self._delay.wait()
