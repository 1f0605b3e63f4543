"""A unit on Home Assistant's own Modbus connection, through which several integrations share one inverter."""

from collections.abc import Awaitable, Callable, Coroutine
from contextlib import AsyncExitStack
from typing import Any, override

from homeassistant.config_entries import ConfigEntry
from homeassistant.core import HomeAssistant
from homeassistant.exceptions import HomeAssistantError
from homeassistant.helpers.importlib import async_import_module
from modbus_connection import (
    ClientClosedError,
    ModbusConnectionError,
    ModbusExceptionError,
    ModbusTcpParams,
    ModbusTimeoutError,
    ModbusUnit,
)

from ..alphaess.errors import ErrorKind, LinkDownError
from ..alphaess.holding_register_unit import HoldingRegisterUnit
from .connector import ReconnectDelay, SharedConnector
from .endpoint import Endpoint, TcpEndpoint
from .library_calls import LibraryCalls
from .port_probe import no_answer, to_link_error


class SharedUnit(HoldingRegisterUnit):
    """Acquires the shared connection with its first request; its errors are those of our own links."""

    def __init__(
        self,
        hass: HomeAssistant,
        endpoint: TcpEndpoint,
        unit_id: int,
        *,
        closed_at: dict[Endpoint, float],
        entry: ConfigEntry | None,
        timeout_seconds: float,
        spacing_seconds: float,
    ) -> None:
        """Set what to connect to. Without an entry the connection is held until `release`. No I/O."""
        super().__init__()
        self._hass = hass
        self._endpoint = endpoint
        self._unit_id = unit_id
        self._entry = entry
        self._timeout_seconds = timeout_seconds
        self._spacing_seconds = spacing_seconds
        self._unit: ModbusUnit | None = None
        self._holds = AsyncExitStack()
        self._calls = LibraryCalls()
        self._closed = False
        self._answered = False
        """Whether the present connection carried a response."""
        self._delay = ReconnectDelay(endpoint, closed_at)
        self._connector = SharedConnector(
            endpoint, self._delay, timeout_seconds=timeout_seconds
        )

    @property
    @override
    def connected(self) -> bool:
        """Whether the shared connection is open, whichever integration opened it."""
        return self._unit is not None and self._unit.connected

    @override
    async def read_holding_registers(self, address: int, count: int) -> list[int]:
        """Execute function 0x03."""
        return await self._execute(lambda u: u.read_holding_registers(address, count))

    @override
    async def write_register(self, address: int, value: int) -> None:
        """Execute function 0x06."""
        await self._execute(lambda u: u.write_register(address, value))

    @override
    async def write_registers(self, address: int, values: list[int]) -> None:
        """Execute function 0x10."""
        await self._execute(lambda u: u.write_registers(address, values))

    @override
    async def disconnect(self) -> None:
        """Close the connection for all its users; each of them opens it again with its next request."""
        self._calls.end(self._closed_by("us"))
        await self._disconnect()

    async def release(self) -> None:
        """Stop using the shared connection; it stays open for its other users."""
        self._closed = True
        if self._unit:
            # Home Assistant may have closed it just before, as the entry was unloaded.
            self._delay.mark_closed()
        self._calls.end(self._closed_by("us"))
        await self._holds.aclose()

    async def _execute[T](
        self, send: Callable[[ModbusUnit], Coroutine[Any, Any, T]]
    ) -> T:
        if self._closed:
            raise ClientClosedError(
                f"the connection to {self._endpoint.address} is closed"
            )
        response = await self._calls.run(self._send(send), self)
        self._answered = True
        return response

    async def _send[T](self, send: Callable[[ModbusUnit], Awaitable[T]]) -> T:
        unit = self._unit or await self._acquire()
        try:
            if not unit.connected:
                self._answered = False
                await self._connector.open(unit)
                self._answered = True
            return await send(unit)
        except ModbusExceptionError:
            self._answered = True
            raise
        except LinkDownError:
            raise
        except TimeoutError as err:
            raise await self._timeout_error(unit) from err
        except ModbusConnectionError as err:
            raise self._with_cause(err) from err

    async def _acquire(self) -> ModbusUnit:
        """Get a unit on the shared connection. Raises LinkDownError if it is open with other settings."""
        modbus = await async_import_module(
            self._hass, "homeassistant.components.modbus"
        )
        params = ModbusTcpParams(host=self._endpoint.host, port=self._endpoint.port)
        try:
            if self._entry:
                unit = modbus.async_get_unit(
                    self._hass, self._entry, params, self._unit_id
                )
            else:
                hold = modbus.async_get_temporary_unit(
                    self._hass, params, self._unit_id
                )
                unit = await self._holds.enter_async_context(hold)
        except HomeAssistantError as err:
            message = (
                f"another integration uses {self._endpoint.address} with other settings"
            )
            raise LinkDownError(ErrorKind.REFUSED, message) from err
        unit.require_timeout(self._timeout_seconds)
        unit.set_message_spacing(self._spacing_seconds)
        self._holds.callback(unit.on_connection_lost(self._on_lost))
        self._unit = unit
        return unit  # type: ignore[no-any-return] # The module is imported at run time.

    async def _timeout_error(
        self, unit: ModbusUnit
    ) -> ModbusTimeoutError | LinkDownError:
        """Describe a missing response, and disconnect: a half-open socket would never answer."""
        address = self._endpoint.address
        if not unit.connected:
            return no_answer(address)
        await self._disconnect()
        return ModbusTimeoutError(
            f"{address} did not answer within {self._timeout_seconds:g} s"
        )

    def _with_cause(self, err: ModbusConnectionError) -> ModbusConnectionError:
        """Return why a connection failed that carried no response yet; else the error itself."""
        if self._answered:
            return err
        cause: BaseException | None = err
        while cause:
            if isinstance(cause, OSError):
                return to_link_error(self._endpoint.host, self._endpoint.port, cause)
            cause = cause.__cause__
        return self._endpoint.closed_before_answer()

    async def _disconnect(self) -> None:
        if self._unit:
            self._delay.mark_closed()
            await self._unit.disconnect()

    def _on_lost(self) -> None:
        self._delay.mark_closed()
        if self._answered:
            # Requests still in the queue would connect again in the middle of a read.
            self._calls.end(self._closed_by("the other end"))
        self.notify_connection_lost()

    def _closed_by(self, closer: str) -> ModbusConnectionError:
        return ModbusConnectionError(
            f"{closer} closed the connection to {self._endpoint.address}"
        )
