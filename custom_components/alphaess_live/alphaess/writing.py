"""Writing registers, with the function that a device takes."""

from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from modbus_connection import (
    ModbusError,
    ModbusTimeoutError,
    ModbusUnit,
    ServerDeviceBusyError,
)

from .counters import Counters
from .datasheet import Clock, DispatchOrder
from .errors import (
    ErrorKind,
    LinkDownError,
    RefusedError,
    UnansweredError,
    unanswered,
)
from .plan import Span, span
from .register import Register
from .request import REFUSALS, request
from .wear import Wear
from .writable import CLOCK, ORDER, is_setting, require_writable

START = ORDER.start
_ORDER_SPAN = span(DispatchOrder)

NOT_SENT = (LinkDownError, ServerDeviceBusyError)
"""Failures after which an inverter has certainly written nothing."""


class Function(StrEnum):
    """The two ways to write a register."""

    SINGLE = "fc06"
    BLOCK = "fc16"

    @property
    def other(self) -> Function:
        """The one to try next."""
        return Function.BLOCK if self is Function.SINGLE else Function.SINGLE


@dataclass
class Writer:
    """Writes to one inverter, and remembers how it likes to be written to.

    A SMILE-B3 never answers FC06; many others refuse FC16 for a single register,
    and a few refuse it for the whole order.
    """

    unit: ModbusUnit
    counters: Counters
    wear: Wear = field(default_factory=Wear)
    learned: dict[str, Function] = field(default_factory=dict)
    """What works, by the kind of registers and their number, as in `order_9`."""

    async def read_order(self) -> DispatchOrder:
        """Read the order that the inverter is under. Raises UnansweredError."""
        self.counters.requests += 1
        try:
            return DispatchOrder.decode(await request(self.unit, _ORDER_SPAN))
        except RefusedError as err:
            raise UnansweredError(
                ErrorKind.PROTOCOL, "this inverter serves no dispatch orders"
            ) from err

    async def write_order(self, order: DispatchOrder) -> None:
        """Write all nine registers at once. Raises RefusedError, UnansweredError."""
        if self.learned.get(_kind(ORDER)) is Function.SINGLE:
            raise RefusedError("this inverter takes orders only piece by piece")
        words = order.encode()
        await self._send(Function.BLOCK, START, [words[at] for at in ORDER])
        self._learn(ORDER, Function.BLOCK)

    @property
    def knows_whole(self) -> bool:
        """Whether this inverter has taken an order in one request before."""
        return self.learned.get(_kind(ORDER)) is Function.BLOCK

    async def write_order_piecemeal(self, order: DispatchOrder) -> None:
        """Write an order one value after the other, with no order running meanwhile.

        Parameters first, start flag last: one that is torn half way never runs.
        Raises RefusedError, UnansweredError.
        """
        await self.write_start(0)
        words = order.encode()
        for name, register in DispatchOrder.registers.items():
            if name != "start":
                await self._write(_addresses(register), words)
        await self.write_start(1)
        self._learn(ORDER, Function.SINGLE)

    async def write_start(self, flag: int) -> None:
        """Write the start flag alone: 0 ends whatever runs. Raises as the others do."""
        await self._write(range(START, START + 1), {START: flag})

    async def read_settings(self, addresses: range) -> dict[int, int]:
        """Read settings, as they are now. Raises RefusedError, UnansweredError."""
        self.counters.requests += 1
        return await request(self.unit, Span(addresses.start, len(addresses), ()))

    async def write_settings(self, run: Mapping[int, int]) -> None:
        """Write neighbouring settings, in one request if the device takes that.

        Raises RefusedError, UnansweredError. Each write that may have reached the
        flash is counted.
        """
        await self._write(range(min(run), max(run) + 1), run)

    async def read_clock(self) -> datetime | None:
        """Read the clock, in the inverter's own time. Raises RefusedError, UnansweredError."""
        self.counters.requests += 1
        return Clock.decode(await request(self.unit, span(Clock))).time

    async def write_clock(self, time: datetime) -> None:
        """Set the clock, all three registers at once. Raises RefusedError, UnansweredError."""
        words = Clock(time=time).encode()
        await self._send(Function.BLOCK, CLOCK.start, [words[at] for at in CLOCK])

    async def _write(self, addresses: range, words: Mapping[int, int]) -> None:
        """Write one value, with the function that this device takes for its kind."""
        known = self.learned.get(_kind(addresses))
        values = [words[at] for at in addresses]
        first = known or Function.BLOCK
        try:
            await self._send(first, addresses.start, values)
        except RefusedError:
            first = first.other
            await self._send(first, addresses.start, values)
        except SilentError:
            if await self._has_worn(addresses, values):
                return
            if known:
                raise
            first = first.other
            await self._send(first, addresses.start, values)
        self._learn(addresses, first)

    async def _has_worn(self, addresses: range, values: list[int]) -> bool:
        """Whether a setting was taken, and only the answer was lost: then it is not written again."""
        if not is_setting(addresses.start):
            return False
        return list((await self.read_settings(addresses)).values()) == values

    async def _send(self, function: Function, start: int, values: list[int]) -> None:
        """Send as few requests as the function needs."""
        require_writable(range(start, start + len(values)))
        if function is Function.BLOCK:
            await self._acknowledged(start, self.unit.write_registers(start, values))
            return
        for address, value in enumerate(values, start):
            write = self.unit.write_register(address, value)
            await self._acknowledged(address, write)

    async def _acknowledged(self, address: int, write: Awaitable[None]) -> None:
        """Wait for the answer to one write."""
        self.counters.requests += 1
        may_have_arrived = True
        try:
            await write
        except REFUSALS as err:
            may_have_arrived = False
            raise RefusedError(str(err)) from err
        except ModbusTimeoutError as err:
            raise SilentError(ErrorKind.TIMEOUT, str(err)) from err
        except ModbusError as err:
            may_have_arrived = not isinstance(err, NOT_SENT)
            raise unanswered(err) from err
        finally:
            if may_have_arrived and is_setting(address):
                self.wear.note()

    def _learn(self, addresses: range, function: Function) -> None:
        self.learned[_kind(addresses)] = function


class SilentError(UnansweredError):
    """No answer at all: also how some devices treat a function that they do not know."""


def _kind(addresses: range) -> str:
    if addresses.start in ORDER:
        return f"order_{len(addresses)}"
    # Settings are written in runs of any length: what matters is whether one is alone.
    return "setting_1" if len(addresses) == 1 else "settings"


def _addresses(register: Register[object]) -> range:
    return range(register.address, register.end)
