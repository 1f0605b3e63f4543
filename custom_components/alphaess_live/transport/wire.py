"""A Modbus connection with the manners that an AlphaESS asks for, and honest about what fails."""

import asyncio
from collections.abc import Callable, Coroutine, Iterator
from contextlib import ExitStack, contextmanager
from functools import partial
from typing import Any, override

from modbus_connection import (
    ClientClosedError,
    ModbusConnectionError,
    ModbusError,
    ModbusExceptionError,
    ModbusProtocolError,
    ModbusTimeoutError,
)
from modbus_connection.pymodbus import ModbusConnection, PymodbusUnit
from pymodbus.client.base import ModbusBaseClient

from .carrier import Carrier
from .gate import Gate
from .waiting import Waiting

FIRST_ANSWER = 1.5
"""Seconds to wait on a line for who was silent: none is slower than 0.4 s, and others wait behind."""


class Wire(ModbusConnection):
    """Connects when asked something, one attempt at a time, and lets go of a peer that stalls.

    Behind a bridge several inverters share one: they take turns, and the silence
    of one ends no other's request.
    """

    def __init__(
        self, carrier: Carrier, closed_at: dict[Carrier, float], *, timeout: float
    ) -> None:
        """Remember where to connect to, and share when each place was let go of."""
        super().__init__(carrier.params, timeout=timeout)
        self.held: set[WireUnit] = set()
        """Who uses it; closing it is up to the last one."""
        self._carrier = carrier
        self._gate = Gate(carrier, closed_at)
        self._turn = asyncio.Lock()
        self._waiting = Waiting()
        self._asking: WireUnit | None = None
        self._request = b""
        self._spoilt = False
        self._answered = False
        self.on_connection_lost(self._lost)

    @override
    def for_unit(self, unit_id: int) -> WireUnit:
        unit = WireUnit(self, unit_id)
        self.held.add(unit)
        return unit

    def release(self, unit: WireUnit) -> None:
        """Let one user go; whatever it waits for fails."""
        self.held.discard(unit)
        self._waiting.end(self._was_closed(), unit)

    async def ask[T](
        self, unit: WireUnit, request: Callable[[], Coroutine[Any, Any, T]]
    ) -> T:
        """Carry out a request. A refusal is an answer; after silence the connection is let go of."""
        if unit not in self.held:
            raise ClientClosedError(f"the connection to {self._target} is closed")
        try:
            answer = await self._waiting.outcome(self._in_turn(unit, request), unit)
        except ModbusExceptionError:
            self._heard(unit)
            raise
        except ModbusTimeoutError as err:
            patience, unit.heard = self._patience(unit), False
            # Who waits behind for the same inverter would wait in vain.
            self._waiting.end(self._was_closed(), unit)
            raise ModbusTimeoutError(
                f"{self._target} did not answer within {patience:g} s"
            ) from err
        self._heard(unit)
        return answer

    @override
    async def connect(self) -> None:
        """Connect as the library does, but once; and who stops waiting leaves no complaint of what came of it."""
        if not (self._closed or self._client or self._connect_task):
            self._connect_task = asyncio.create_task(self._do_connect())
            self._connect_task.add_done_callback(self._connect_done)
        if attempt := self._connect_task:
            await asyncio.wait((attempt,))
            attempt.result()
        if not self._client:  # Lost since; the library would try again, for nobody.
            raise self._was_closed() if self._closed else self._carrier.not_served()

    @override
    async def disconnect(self) -> None:
        """Let go of the connection at once, whatever waits for it."""
        self._waiting.end(self._was_closed())
        attempt = self._connect_task
        if attempt or self.connected:
            self._gate.note_close()
        if attempt:
            attempt.cancel()
            await asyncio.wait((attempt,))
        await super().disconnect()

    async def _in_turn[T](
        self, unit: WireUnit, request: Callable[[], Coroutine[Any, Any, T]]
    ) -> T:
        async with self._turn:
            self._asking, self._spoilt = unit, False
            try:
                await self.connect()
                with self._in_time(unit):
                    return await request()
            except ModbusExceptionError, ModbusConnectionError:
                raise
            except ModbusError, asyncio.CancelledError:
                if self._is_stale():
                    # A router's restart leaves the socket half-open: it would time out for ever.
                    self._gate.note_close()
                    await super().disconnect()
                raise

    def _patience(self, unit: WireUnit) -> float:
        """How many seconds a unit has."""
        if unit.heard or self._carrier.numbered:
            return self._timeout
        return min(self._timeout, FIRST_ANSWER)

    @contextmanager
    def _in_time(self, unit: WireUnit) -> Iterator[None]:
        """Wait no longer than a unit has, where that is less than the library waits for all."""
        patience, end = self._patience(unit), self._waiting.end
        with ExitStack() as stack:
            if patience < self._timeout:
                loop, silence = asyncio.get_running_loop(), ModbusTimeoutError("none")
                timer = loop.call_later(patience, end, silence, unit)
                stack.callback(timer.cancel)
            yield

    def _is_stale(self) -> bool:
        """Whether what comes next on this connection might be no answer to what is asked next."""
        if not self.connected:
            return False
        task = asyncio.current_task()
        left = task is not None and task.cancelling()
        # Who gave up waiting harms nobody, where a late answer is known by its number.
        return self._spoilt or not left or not self._carrier.numbered

    @override
    async def _connect_client(self) -> Any:
        """Open the one connection. Raises LinkDownError."""
        client = await self._gate.open(self._client_to_open, patience=self._timeout)
        self._answered = False
        return client

    def _client_to_open(self) -> ModbusBaseClient:
        client = self._carrier.client(self._on_trace_connect, timeout=self._timeout)
        client.ctx.trace_packet = self._inspect
        return client

    @override
    def _on_trace_connect(self, connecting: bool) -> None:
        self._gate.accepted |= connecting
        super()._on_trace_connect(connecting)

    def _inspect(self, sending: bool, data: bytes) -> bytes:  # noqa: FBT001
        """Withhold what is no answer: pymodbus would throw it at Home Assistant's event loop."""
        if sending:
            self._request = data
            return data
        try:
            return self._carrier.sift(self._request, data)
        except ModbusProtocolError as err:
            self._spoilt = True
            self._waiting.end(err, self._asking)
            return b""

    def _heard(self, unit: WireUnit) -> None:
        self._answered = unit.heard = True
        self._gate.cause = None

    def _lost(self) -> None:
        self._gate.note_close()
        if self._answered:
            message = f"{self._target} closed the connection"
            self._waiting.end(ModbusConnectionError(message))
        else:
            self._waiting.end(self._carrier.not_served())

    def _was_closed(self) -> ModbusError:
        return ModbusConnectionError(f"the connection to {self._target} was closed")


class WireUnit(PymodbusUnit):
    """The three functions that an AlphaESS knows, carried out with care."""

    def __init__(self, wire: Wire, unit_id: int) -> None:
        """Stand for one unit at the other end of a wire."""
        super().__init__(wire, unit_id)
        self.heard = False
        """Whether its last request was answered."""
        self._wire = wire

    @override
    async def read_holding_registers(self, address: int, count: int) -> list[int]:
        read = super().read_holding_registers
        return await self._wire.ask(self, partial(read, address, count))

    @override
    async def write_register(self, address: int, value: int) -> None:
        write = super().write_register
        await self._wire.ask(self, partial(write, address, value))

    @override
    async def write_registers(self, address: int, values: list[int]) -> None:
        write = super().write_registers
        await self._wire.ask(self, partial(write, address, values))
