"""Our own Modbus connection, on pymodbus: paced, reconnecting, and closed as soon as a response is missing."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import override

from modbus_connection import (
    ClientClosedError,
    ModbusConnectionError,
    ModbusError,
    ModbusExceptionError,
    ModbusProtocolError,
    ModbusTimeoutError,
)
from pymodbus.client.base import ModbusBaseClient
from pymodbus.exceptions import ConnectionException, ModbusException, ModbusIOException
from pymodbus.pdu import ExceptionResponse, ModbusPDU

from ..alphaess.errors import MismatchedResponseError
from ..alphaess.holding_register_unit import HoldingRegisterUnit
from .connector import Connector, ReconnectDelay, close_client
from .endpoint import Endpoint
from .intervals import ANSWER_VALID_SECONDS, ResponseTimeout
from .library_calls import LibraryCalls

MAX_LATE = 32
"""Missing responses that are recognized when they arrive; a unit that stays silent has ever more."""

type Send = Callable[[ModbusBaseClient], Awaitable[ModbusPDU]]
"""Sends a request over a client and returns the response."""


class PymodbusLink:
    """A connection to one endpoint, opened by the first request, with one request at a time.

    Several inverters behind a bridge share one link: they take turns, and a missing
    response of one does not end the requests to another.
    """

    def __init__(
        self,
        endpoint: Endpoint,
        closed_at: dict[Endpoint, float],
        *,
        timeout_seconds: float,
    ) -> None:
        """Set the endpoint, and share when endpoints were closed. No I/O."""
        self.users: set[LinkUnit] = set()
        """The units in use; the last one to be released closes the link."""
        self._endpoint = endpoint
        self._delay = ReconnectDelay(endpoint, closed_at)
        self._connector = Connector(
            endpoint, self._delay, timeout_seconds=timeout_seconds
        )
        self._timeout_seconds = timeout_seconds
        self._lock = asyncio.Lock()
        self._calls = LibraryCalls()
        self._closed = False
        self._client: ModbusBaseClient | None = None
        """The connected client; None while there is no connection."""
        self._attempt: asyncio.Task[None] | None = None
        self._request = b""
        """The request whose response is awaited; empty while there is none."""
        self.stray_bytes = 0
        """How many bytes came while no response was awaited."""
        self._received = b""
        """What came since the last request, without a response in it."""
        self._requesting: LinkUnit | None = None
        self._last_unit: LinkUnit | None = None
        self._last_request_at = 0.0
        self._desynchronized = False
        """Whether bytes came that are no response to the request."""
        self._answered = False
        """Whether the present connection carried a response."""
        self._late: dict[bytes, LinkUnit] = {}
        """The units whose responses are missing on this connection, by their transaction ids."""

    @property
    def connected(self) -> bool:
        """Whether the connection is open."""
        return self._client is not None

    def for_unit(self, unit_id: int) -> LinkUnit:
        """Add a user: one unit behind the endpoint."""
        timeout = ResponseTimeout(
            self._timeout_seconds,
            has_serial_line=not self._endpoint.has_transaction_id,
        )
        unit = LinkUnit(self, unit_id, timeout)
        self.users.add(unit)
        return unit

    def release(self, unit: LinkUnit) -> None:
        """Remove a user; its pending requests fail."""
        self.users.discard(unit)
        self._calls.end(self._closed_error(), unit)

    async def execute(self, unit: LinkUnit, name: str, send: Send) -> ModbusPDU:
        """Send a request of a unit and return the response. The name appears in errors.

        Raises ModbusExceptionError for an exception response, LinkDownError if the
        connection cannot be opened, and other errors of modbus_connection. After a
        missing or invalid response the connection is closed.
        """
        if unit not in self.users:
            raise ClientClosedError(
                f"the connection to {self._endpoint.address} is closed"
            )
        try:
            response = await self._calls.run(self._serialized(unit, name, send), unit)
        except ModbusExceptionError:
            self._mark_answered()
            raise
        except ModbusTimeoutError, MismatchedResponseError:
            # Further requests to the same inverter would time out too.
            self._calls.end(self._closed_error(), unit)
            raise
        self._mark_answered()
        return response

    async def disconnect(self) -> None:
        """Close the connection at once and end all requests; the next request opens it again."""
        self._calls.end(self._closed_error())
        attempt = self._attempt
        if attempt or self._client:
            self._delay.mark_closed()
        if attempt:
            attempt.cancel()
            await asyncio.wait((attempt,))
        self._close_client()

    async def close(self) -> None:
        """Close the connection for good."""
        self._closed = True
        await self.disconnect()

    async def _serialized(self, unit: LinkUnit, name: str, send: Send) -> ModbusPDU:
        """Send a request when all earlier ones are done, over an open connection."""
        async with self._lock:
            self._requesting, self._desynchronized = unit, False
            was_silent = not unit.timeout.answered
            try:
                await self._connect()
                await self._wait_for_spacing(unit)
                return await self._send(unit, name, send)
            except ModbusExceptionError:
                raise
            except BaseException as err:  # Also errors that pymodbus should not raise.
                is_known = was_silent and isinstance(err, ModbusTimeoutError)
                if self._is_stale() and not (is_known and self._another_answers(unit)):
                    # A router's restart leaves the socket half-open: every request would time out.
                    self._delay.mark_closed()
                    self._close_client()
                raise

    async def _wait_for_spacing(self, unit: LinkUnit) -> None:
        """Leave the link idle for as long as this unit or the previous one requires."""
        if self._last_unit:
            spacing = max(unit.spacing_seconds, self._last_unit.spacing_seconds)
            now = asyncio.get_running_loop().time()
            # Never longer than the spacing, whatever the clock does.
            delay = min(spacing, self._last_request_at + spacing - now)
            if delay > 0:
                await asyncio.sleep(delay)

    async def _send(self, unit: LinkUnit, name: str, send: Send) -> ModbusPDU:
        """Send a request, and convert pymodbus's errors to those of modbus_connection."""
        if self._client is None:  # Lost since: no new connection for this request.
            raise self._closed_error()
        loop = asyncio.get_running_loop()
        started = loop.time()
        seconds = unit.timeout.seconds(others_wait=self._another_answers(unit))
        try:
            async with asyncio.timeout(seconds):
                # Not a local variable: the traceback of an error would keep the client alive.
                response = await send(self._client)
        except ConnectionException as err:
            raise ModbusConnectionError(f"{name}: {err}") from err
        except (ModbusIOException, TimeoutError) as err:
            raise self._timeout_error(unit, seconds) from err
        except ModbusException as err:
            raise ModbusError(f"{name}: {err}") from err
        finally:
            self._request = self._received = b""
            self._last_unit = unit
            self._last_request_at = loop.time()
        unit.timeout.on_response(self._last_request_at - started)
        unit.answered_at = self._last_request_at
        if isinstance(response, ExceptionResponse):
            code = response.exception_code
            message = f"{name}: Device returned Modbus exception code {code}"
            raise ModbusExceptionError.from_code(code, message)
        return response

    def _timeout_error(self, unit: LinkUnit, seconds: float) -> ModbusError:
        """Describe a missing response, by what came instead of it."""
        address, request = self._endpoint.address, self._request
        unit.timeout.on_timeout()
        received = self._without_late(self._received)
        if self._endpoint.has_transaction_id:
            self._late[request[:2]] = unit
            if len(self._late) > MAX_LATE:
                del self._late[next(iter(self._late))]
        if mismatch := self._endpoint.describe_mismatch(request, received):
            return MismatchedResponseError(f"{address} answers {mismatch}")
        return ModbusTimeoutError(f"{address} did not answer within {seconds:g} s")

    def _another_answers(self, unit: LinkUnit) -> bool:
        """Whether the connection works without doubt, and a late response of this unit can be recognized."""
        if not self._endpoint.has_transaction_id:
            return False
        since = asyncio.get_running_loop().time() - ANSWER_VALID_SECONDS
        others = self.users - {unit}
        return any(one.timeout.answered and one.answered_at >= since for one in others)

    def _without_late(self, received: bytes) -> bytes:
        """Return what came without late responses; their units get more time from now on."""
        while unit := self._late.get(received[:2]):
            unit.timeout.on_late_response()
            received = received[6 + int.from_bytes(received[4:6]) :]
        return received

    def _is_stale(self) -> bool:
        """Whether the next bytes on this connection may not be the response to the next request."""
        if self._client is None:
            return False
        task = asyncio.current_task()
        cancelled = task is not None and task.cancelling()
        # A late response to a cancelled request is recognized by its transaction id.
        return (
            self._desynchronized
            or not cancelled
            or not self._endpoint.has_transaction_id
        )

    async def _connect(self) -> None:
        """Connect, unless connected. Raises LinkDownError.

        The attempt is a task of its own: it goes on if the request is cancelled.
        """
        if not (self._closed or self._client or self._attempt):
            self._attempt = asyncio.create_task(self._open())
            self._attempt.add_done_callback(self._on_attempt_done)
        if attempt := self._attempt:
            await asyncio.wait((attempt,))
            attempt.result()
        if self._client is None:  # Lost since: no new attempt for this request.
            raise (
                self._closed_error()
                if self._closed
                else self._endpoint.closed_before_answer()
            )

    async def _open(self) -> None:
        self._request = self._received = b""
        self._late.clear()
        self._client = await self._connector.open(self._create_client)
        self._answered = False

    def _create_client(self) -> ModbusBaseClient:
        return self._endpoint.create_client(
            name=self._endpoint.address,
            # Longer than any of our own, which end connecting and waiting.
            timeout=3 * self._timeout_seconds,
            retries=0,
            reconnect_delay=0,
            trace_connect=self._on_trace_connect,
            trace_packet=self._on_trace_packet,
        )

    def _close_client(self) -> None:
        client, self._client = self._client, None
        if client:
            close_client(client)

    def _on_attempt_done(self, attempt: asyncio.Task[None]) -> None:
        """Allow the next attempt. The error of one that nothing waits for is dropped."""
        self._attempt = None
        if not attempt.cancelled():
            attempt.exception()

    def _on_trace_connect(self, connected: bool) -> None:  # noqa: FBT001
        """Handle an opened or lost connection; pymodbus calls it, also for our own close."""
        self._connector.accepted |= connected
        if connected or self._client is None:
            return
        self._client = None
        self._delay.mark_closed()
        if self._answered:
            message = f"{self._endpoint.address} closed the connection"
            self._calls.end(ModbusConnectionError(message))
        else:
            self._calls.end(self._endpoint.closed_before_answer())
        for unit in tuple(self.users):
            unit.notify_connection_lost()

    def _on_trace_packet(self, sending: bool, data: bytes) -> bytes:  # noqa: FBT001
        """Drop what is no response: pymodbus would raise an error in the event loop's callback.

        Bytes received are all since the last request or response.
        """
        if sending:
            self._request, self._received = data, b""
            self._late.pop(data[:2], None)
            return data
        self._without_late(data)
        before, self._received = self._received, data
        if not self._request:
            # The library starts again with an empty buffer when it is full.
            known = len(before) if data.startswith(before) else 0
            self.stray_bytes += len(data) - known
            return b""
        try:
            return self._endpoint.filter_frame(self._request, data)
        except ModbusProtocolError as err:
            self._desynchronized = True
            self._calls.end(err, self._requesting)
            return b""

    def _mark_answered(self) -> None:
        self._answered = True
        self._connector.cause = None

    def _closed_error(self) -> ModbusError:
        message = f"the connection to {self._endpoint.address} was closed"
        return ModbusConnectionError(message)


class LinkUnit(HoldingRegisterUnit):
    """One unit on a link, with the three functions that an AlphaESS serves."""

    def __init__(
        self, link: PymodbusLink, unit_id: int, timeout: ResponseTimeout
    ) -> None:
        """Stand for one unit behind the link's endpoint."""
        super().__init__()
        self.timeout = timeout
        """How long the link waits for its next response."""
        self.answered_at = 0.0
        """When its last response arrived, by the loop's clock."""
        self.spacing_seconds = 0.0
        """How long the link is idle before and after its requests."""
        self._link = link
        self._unit_id = unit_id

    @property
    @override
    def connected(self) -> bool:
        """Whether the link is open."""
        return self._link.connected

    @override
    def set_message_spacing(self, seconds: float) -> None:
        """Keep the link idle before and after this unit's requests."""
        self.spacing_seconds = seconds

    @override
    async def read_holding_registers(self, address: int, count: int) -> list[int]:
        """Execute function 0x03."""
        response = await self._link.execute(
            self,
            f"read_holding_registers({address}, {count})",
            lambda client: client.read_holding_registers(
                address, count=count, device_id=self._unit_id
            ),
        )
        return response.registers

    @override
    async def write_register(self, address: int, value: int) -> None:
        """Execute function 0x06."""
        await self._link.execute(
            self,
            f"write_register({address}, {value})",
            lambda client: client.write_register(
                address, value, device_id=self._unit_id
            ),
        )

    @override
    async def write_registers(self, address: int, values: list[int]) -> None:
        """Execute function 0x10."""
        await self._link.execute(
            self,
            f"write_registers({address}, {values})",
            lambda client: client.write_registers(
                address, values, device_id=self._unit_id
            ),
        )

    @override
    async def disconnect(self) -> None:
        """Close the link, for all its units; the next request opens it again."""
        await self._link.disconnect()
