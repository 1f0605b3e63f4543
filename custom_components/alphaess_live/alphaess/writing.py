"""Writing registers: which may be written at all, and with which function a device takes them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from modbus_connection import ModbusError, ModbusTimeoutError, ModbusUnit

from .counters import Counters
from .datasheet import Clock, DispatchOrder
from .errors import (
    ErrorKind,
    ForbiddenRegisterError,
    RefusedError,
    UnansweredError,
    unanswered,
)
from .plan import Span, span
from .register import Register
from .request import REFUSALS, request

START = DispatchOrder.registers["start"].address
ORDER = range(START, DispatchOrder.registers["duration"].end)
"""The dispatch order: in RAM, so that it may be written as often as one likes (coolcaper, Axel)."""

_ORDER_SPAN = span(DispatchOrder)

FLASH = (range(0x0800, 0x0808), range(0x0811, 0x0812), range(0x084F, 0x0862))
"""Settings, kept in flash, which wears out: never written by anything that repeats itself (evcc #13816)."""

FEED_IN = 0x0800
"""The feed-in limit, in percent of the panels' power: the one setting that is written, and only if it changes."""

CLOCK = range(0x0740, 0x0743)
"""The clock: written as a whole or not at all, and when a person asks for it (senalse)."""

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

    async def read_feed_in(self) -> int:
        """Read the feed-in limit. Raises RefusedError, UnansweredError."""
        self.counters.requests += 1
        return (await request(self.unit, Span(FEED_IN, 1, ())))[FEED_IN]

    async def write_feed_in(self, share: int) -> None:
        """Write the feed-in limit, unless it is that already: flash wears out.

        Raises RefusedError, UnansweredError.
        """
        if await self.read_feed_in() != share:
            await self._write(range(FEED_IN, FEED_IN + 1), {FEED_IN: share})

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
    what = "order" if addresses.start in ORDER else "setting"
    return f"{what}_{len(addresses)}"


def _addresses(register: Register[object]) -> range:
    return range(register.address, register.end)


def _check(addresses: range) -> None:
    """Let nothing pass but an order, the feed-in limit and the clock: the one gate before anything is written."""
    if addresses in (range(FEED_IN, FEED_IN + 1), CLOCK):
        return
    for address in addresses:
        if any(address in closed for closed in NEVER):
            raise ForbiddenRegisterError(f"0x{address:04X} is never written")
        if any(address in worn for worn in FLASH):
            raise ForbiddenRegisterError(f"0x{address:04X} is kept in flash")
        if address not in ORDER:
            raise ForbiddenRegisterError(f"0x{address:04X} is no part of an order")
