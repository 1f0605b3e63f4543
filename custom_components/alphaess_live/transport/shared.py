"""A unit on Home Assistant's own Modbus connection: several integrations share an inverter's one client."""

from collections.abc import Callable, Coroutine
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
from ..simulator.unit import HoldingRegistersOnly
from .calling import Calling
from .carrier import Carrier
from .knock import Endpoint, explain, not_served
from .waiting import Waiting


class SharedUnit(HoldingRegistersOnly):
    """Takes a hold on the shared connection when first asked something; says what fails as a wire does."""

    def __init__(
        self,
        hass: HomeAssistant,
        endpoint: Endpoint,
        unit_id: int,
        *,
        closed_at: dict[Carrier, float],
        entry: ConfigEntry | None,
        timeout: float,
        spacing: float,
    ) -> None:
        """Remember what to ask for; without an entry the hold ends with `hang_up`."""
        self._hass = hass
        self._endpoint = endpoint
        self._unit_id = unit_id
        self._entry = entry
        self._timeout = timeout
        self._spacing = spacing
        self._where = f"{endpoint[0]}:{endpoint[1]}"
        self._unit: ModbusUnit | None = None
        self._holds = AsyncExitStack()
        self._waiting = Waiting()
        self._lost_callbacks: dict[object, Callable[[], None]] = {}
        self._closed = False
        self._answered = False
        self._calling = Calling(endpoint, closed_at, timeout=timeout)

    @property
    @override
    def connected(self) -> bool:
        """Whether the shared connection is open, whoever opened it."""
        return self._unit is not None and self._unit.connected

    @override
    def on_connection_lost(self, callback: Callable[[], None]) -> Callable[[], None]:
        """Call back when the shared connection drops by itself."""
        key = object()
        self._lost_callbacks[key] = callback

        def unsubscribe() -> None:
            self._lost_callbacks.pop(key, None)

        return unsubscribe

    @override
    async def read_holding_registers(self, address: int, count: int) -> list[int]:
        """Carry out function 0x03."""
        return await self._ask(lambda u: u.read_holding_registers(address, count))

    @override
    async def write_register(self, address: int, value: int) -> None:
        """Carry out function 0x06."""
        await self._ask(lambda u: u.write_register(address, value))

    @override
    async def write_registers(self, address: int, values: list[int]) -> None:
        """Carry out function 0x10."""
        await self._ask(lambda u: u.write_registers(address, values))

    @override
    async def disconnect(self) -> None:
        """Let go of the connection, for everyone: who else uses it connects again when it asks."""
        self._waiting.end(self._closed_by("us"))
        await self._let_go()

    async def hang_up(self) -> None:
        """Use the shared connection no longer; it stays open for the others."""
        self._closed = True
        if self.connected:
            self._calling.note_close()
        self._waiting.end(self._closed_by("us"))
        await self._holds.aclose()

    async def _ask[T](
        self, request: Callable[[ModbusUnit], Coroutine[Any, Any, T]]
    ) -> T:
        if self._closed:
            raise ClientClosedError(f"the connection to {self._where} is closed")
        answer = await self._waiting.outcome(self._carry_out(request), self)
        self._answered = True
        return answer

    async def _carry_out[T](
        self, request: Callable[[ModbusUnit], Coroutine[Any, Any, T]]
    ) -> T:
        unit = self._unit or await self._take()
        try:
            if not unit.connected:
                self._answered = False
                await self._calling.open(unit)
                self._answered = True
            return await request(unit)
        except ModbusExceptionError:
            self._answered = True
            raise
        except LinkDownError:
            raise
        except TimeoutError as err:
            raise await self._silence(unit) from err
        except ModbusConnectionError as err:
            raise self._explained(err) from err

    async def _take(self) -> ModbusUnit:
        """Get a hold on the shared connection. Raises LinkDownError where it is used in another way."""
        modbus = await async_import_module(
            self._hass, "homeassistant.components.modbus"
        )
        host, port = self._endpoint
        where = self._hass, ModbusTcpParams(host=host, port=port), self._unit_id
        try:
            if self._entry:
                hass, params, unit_id = where
                unit = modbus.async_get_unit(hass, self._entry, params, unit_id)
            else:
                hold = modbus.async_get_temporary_unit(*where)
                unit = await self._holds.enter_async_context(hold)
        except HomeAssistantError as err:
            message = f"another integration uses {self._where} with other settings"
            raise LinkDownError(ErrorKind.REFUSED, message) from err
        unit.require_timeout(self._timeout)
        unit.set_message_spacing(self._spacing)
        self._holds.callback(unit.on_connection_lost(self._lost))
        self._unit = unit
        return unit  # type: ignore[no-any-return] # The module is found at run time.

    async def _silence(self, unit: ModbusUnit) -> ModbusTimeoutError | LinkDownError:
        """Say what was not answered, and let go: a half-open socket would time out for ever."""
        if not unit.connected:
            return LinkDownError(ErrorKind.TIMEOUT, f"{self._where} does not answer")
        await self._let_go()
        return ModbusTimeoutError(
            f"{self._where} did not answer within {self._timeout:g} s"
        )

    def _explained(self, err: ModbusConnectionError) -> ModbusConnectionError:
        """Say why a connection that served nothing yet failed; a broken one needs no words."""
        if self._answered:
            return err
        cause: BaseException | None = err
        while cause:
            if isinstance(cause, OSError):
                return explain(self._endpoint, cause)
            cause = cause.__cause__
        return not_served(self._where)

    async def _let_go(self) -> None:
        if self._unit:
            self._calling.note_close()
            await self._unit.disconnect()

    def _lost(self) -> None:
        self._calling.note_close()
        if self._answered:
            # Who only waits for its turn would connect again, in the middle of a burst.
            self._waiting.end(self._closed_by("the other end"))
        for callback in tuple(self._lost_callbacks.values()):
            callback()

    def _closed_by(self, whom: str) -> ModbusConnectionError:
        return ModbusConnectionError(f"{whom} closed the connection to {self._where}")
