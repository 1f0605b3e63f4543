"""Writing registers: which may be written at all, and with which function a device takes them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from modbus_connection import ModbusError, ModbusTimeoutError, ModbusUnit

from .counters import Counters
from .datasheet import DispatchOrder
from .errors import (
    ErrorKind,
    ForbiddenRegisterError,
    RefusedError,
    UnansweredError,
    unanswered,
)
from .register import Register
from .request import REFUSALS

START = DispatchOrder.registers["start"].address
ORDER = range(START, DispatchOrder.registers["duration"].end)
"""The dispatch order: in RAM, so that it may be written as often as one likes (coolcaper, Axel)."""

FLASH = (range(0x0800, 0x0808), range(0x0811, 0x0812), range(0x084F, 0x0862))
"""Settings, kept in flash, which wears out: never written by anything that repeats itself (evcc #13816)."""

NEVER = (
    range(0x012E, 0x012F),
    range(0x0808, 0x0811),
    range(0x1000, 0x105C),
    range(0x1100, 0x111D),
    range(0x11B7, 0x1200),
    range(0x2000, 0x205F),
)
"""Network and unit id, grid code, restart and factory reset: a wrong word here takes a house down."""


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
    learned: dict[str, Function] = field(default_factory=dict)
    """What works, by the kind of registers and their number, as in `order_9`."""

    async def read_order(self) -> DispatchOrder:
        """Read the order that the inverter is under. Raises UnansweredError."""
        self.counters.requests += 1
        try:
            words = await self.unit.read_holding_registers(ORDER.start, len(ORDER))
        except ModbusError as err:
            raise unanswered(err) from err
        if len(words) != len(ORDER):
            raise UnansweredError(ErrorKind.PROTOCOL, f"{len(words)} registers came")
        return DispatchOrder.decode(dict(zip(ORDER, words, strict=True)))

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
            if known:
                raise
            first = first.other
            await self._send(first, addresses.start, values)
        self._learn(addresses, first)

    async def _send(self, function: Function, start: int, values: list[int]) -> None:
        """Send as few requests as the function needs."""
        _check(range(start, start + len(values)))
        try:
            if function is Function.BLOCK:
                self.counters.requests += 1
                await self.unit.write_registers(start, values)
                return
            for address, value in enumerate(values, start):
                self.counters.requests += 1
                await self.unit.write_register(address, value)
        except REFUSALS as err:
            raise RefusedError(str(err)) from err
        except ModbusTimeoutError as err:
            raise SilentError(ErrorKind.TIMEOUT, str(err)) from err
        except ModbusError as err:
            raise unanswered(err) from err

    def _learn(self, addresses: range, function: Function) -> None:
        self.learned[_kind(addresses)] = function


class SilentError(UnansweredError):
    """No answer at all: also how some devices treat a function that they do not know."""


def _kind(addresses: range) -> str:
    return f"order_{len(addresses)}"


def _addresses(register: Register[object]) -> range:
    return range(register.address, register.end)


def _check(addresses: Iterable[int]) -> None:
    """Let nothing pass but an order: the one gate before anything is written."""
    for address in addresses:
        if any(address in closed for closed in NEVER):
            raise ForbiddenRegisterError(f"0x{address:04X} is never written")
        if any(address in worn for worn in FLASH):
            raise ForbiddenRegisterError(f"0x{address:04X} is kept in flash")
        if address not in ORDER:
            raise ForbiddenRegisterError(f"0x{address:04X} is no part of an order")
