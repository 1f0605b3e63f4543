"""Writing registers, with the function that a device takes."""

from collections.abc import Awaitable, Mapping, Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from modbus_connection import (
    ModbusError,
    ModbusTimeoutError,
    ModbusUnit,
    ServerDeviceBusyError,
)

from .errors import (
    CommunicationError,
    ErrorKind,
    IllegalRequestError,
    LinkDownError,
    ResponseTimeoutError,
    to_communication_error,
)
from .flash_wear import FlashWriteCounter
from .modbus_request import ILLEGAL_REQUEST_ERRORS, PollStats, read_words
from .read_plan import ReadRequest
from .registers import Clock, DispatchDetail, DispatchOrder
from .registers.block import Block
from .registers.enums import PvSwitch
from .registers.register import Register
from .write_policy import (
    CLOCK_ADDRESSES,
    DISPATCH_ADDRESSES,
    DISPATCH_WITH_PV_ADDRESSES,
    PV_SWITCH_ADDRESSES,
    is_setting,
    require_writable,
)

START_ADDRESS = DISPATCH_ADDRESSES.start

NOT_SENT = (LinkDownError, ServerDeviceBusyError)
"""Failures after which an inverter has certainly written nothing."""


@dataclass
class Writer:
    """Writes to one inverter, and remembers how it likes to be written to.

    A SMILE-B3 never answers FC06; many others refuse FC16 for a single register,
    and a few refuse it for the whole order.
    """

    unit: ModbusUnit
    counters: PollStats
    flash_writes: FlashWriteCounter = field(default_factory=FlashWriteCounter)
    learned: dict[str, WriteFunction] = field(default_factory=dict)
    """What works, by the kind of registers, as in `order_9`."""
    served: AbstractSet[type[Block]] = frozenset()
    """What the inverter serves; it may be found to serve more."""
    possibly_applied: int = 0
    """Writes that the inverter may have carried out."""
    _detail_words: dict[int, int] = field(default_factory=dict)

    @property
    def detail(self) -> DispatchDetail | None:
        """What recent firmware adds to an order, as it was read with the order last."""
        return DispatchDetail.decode(self._detail_words) if self._detail_words else None

    async def read_order(self) -> DispatchOrder:
        """Read the order that the inverter is under. Raises UnansweredError."""
        known = DispatchDetail in self.served
        # The firmware may be another one by now: what it adds must not cost the order.
        for wanted in (
            (DISPATCH_WITH_PV_ADDRESSES, DISPATCH_ADDRESSES)
            if known
            else (DISPATCH_ADDRESSES,)
        ):
            with suppress(IllegalRequestError):
                words = await self.read(wanted)
                self._detail_words = {
                    at: words[at] for at in wanted[len(DISPATCH_ADDRESSES) :]
                }
                return DispatchOrder.decode(words)
        message = "this inverter serves no dispatch orders"
        raise CommunicationError(ErrorKind.PROTOCOL, message)

    async def write_order(
        self, order: DispatchOrder, *, pv: bool | None = None
    ) -> None:
        """Write all nine registers at once, or eleven to say something of the panels.

        Raises RefusedError, UnansweredError.
        """
        addresses = _dispatch_addresses(pv=pv)
        if self.learned.get(register_class(addresses)) is WriteFunction.SINGLE:
            raise IllegalRequestError("this inverter takes orders only piece by piece")
        words = self._detail_words | order.encode() | _switch(on=pv)
        await self._send(
            WriteFunction.BLOCK, START_ADDRESS, [words[at] for at in addresses]
        )
        self._learn(addresses, WriteFunction.BLOCK)

    def knows_block_write(self, *, pv: bool | None) -> bool:
        """Whether this inverter has taken such an order in one request before."""
        return (
            self.learned.get(register_class(_dispatch_addresses(pv=pv)))
            is WriteFunction.BLOCK
        )

    async def write_order_by_register(
        self, order: DispatchOrder, *, pv: bool | None = None
    ) -> None:
        """Write an order one value after the other, with no order running meanwhile.

        Parameters first, start flag last: one that is torn half way never runs.
        Raises RefusedError, UnansweredError.
        """
        await self.write_start(0)
        words = order.encode()
        for name, register in DispatchOrder.registers.items():
            if name != "start":
                await self._write(_addresses(register), words)
        if pv is not None:
            await self.write_pv_switch(on=pv)
        await self.write_start(1)
        self._learn(_dispatch_addresses(pv=pv), WriteFunction.SINGLE)

    async def write_pv_switch(self, *, on: bool) -> None:
        """Let the panels produce or not. Raises as the others do."""
        await self._write(PV_SWITCH_ADDRESSES, _switch(on=on))

    async def write_start(self, flag: int) -> None:
        """Write the start flag alone: 0 ends whatever runs. Raises as the others do."""
        await self._write(
            range(START_ADDRESS, START_ADDRESS + 1), {START_ADDRESS: flag}
        )

    async def read(self, addresses: range) -> dict[int, int]:
        """Read registers, as they are now. Raises RefusedError, UnansweredError."""
        self.counters.requests += 1
        return await read_words(
            self.unit, ReadRequest(addresses.start, len(addresses), ())
        )

    async def write_settings(self, run: Mapping[int, int]) -> None:
        """Write neighbouring settings, in one request if the device takes that.

        Raises RefusedError, UnansweredError. Each write that may have reached the
        flash is counted.
        """
        await self._write(range(min(run), max(run) + 1), run)

    async def read_clock(self) -> datetime | None:
        """Read the clock, in the inverter's own time. Raises RefusedError, UnansweredError."""
        return Clock.decode(await self.read(CLOCK_ADDRESSES)).time

    async def write_clock(self, time: datetime) -> None:
        """Set the clock, all three registers at once. Raises RefusedError, UnansweredError."""
        words = Clock(time=time).encode()
        await self._send(
            WriteFunction.BLOCK,
            CLOCK_ADDRESSES.start,
            [words[at] for at in CLOCK_ADDRESSES],
        )

    async def _write(self, addresses: range, words: Mapping[int, int]) -> None:
        """Write one value, with the function that this device takes for its kind."""
        known = self.learned.get(register_class(addresses))
        values = [words[at] for at in addresses]
        first = known or WriteFunction.BLOCK
        try:
            await self._send(first, addresses.start, values)
        except IllegalRequestError:
            first = first.other
            await self._send(first, addresses.start, values)
        except ResponseTimeoutError:
            if await self._already_applied(addresses, values):
                return
            if known:
                raise
            first = first.other
            await self._send(first, addresses.start, values)
        self._learn(addresses, first)

    async def _already_applied(self, addresses: range, values: list[int]) -> bool:
        """Whether a setting was taken, and only the answer was lost: then it is not written again."""
        if not is_setting(addresses.start):
            return False
        return list((await self.read(addresses)).values()) == values

    async def _send(
        self, function: WriteFunction, start: int, values: list[int]
    ) -> None:
        """Send as few requests as the function needs."""
        require_writable(range(start, start + len(values)))
        if function is WriteFunction.BLOCK:
            await self._send_and_count(start, self.unit.write_registers(start, values))
            return
        for address, value in enumerate(values, start):
            write = self.unit.write_register(address, value)
            await self._send_and_count(address, write)

    async def _send_and_count(self, address: int, write: Awaitable[None]) -> None:
        """Wait for the answer to one write."""
        self.counters.requests += 1
        may_have_arrived = True
        try:
            await write
        except ILLEGAL_REQUEST_ERRORS as err:
            may_have_arrived = False
            raise IllegalRequestError(str(err)) from err
        except ModbusTimeoutError as err:
            raise ResponseTimeoutError(ErrorKind.TIMEOUT, str(err)) from err
        except ModbusError as err:
            may_have_arrived = not isinstance(err, NOT_SENT)
            raise to_communication_error(err) from err
        finally:
            self.possibly_applied += may_have_arrived
            if may_have_arrived and is_setting(address):
                self.flash_writes.record()

    def _learn(self, addresses: range, function: WriteFunction) -> None:
        self.learned[register_class(addresses)] = function


def _dispatch_addresses(*, pv: bool | None) -> range:
    return DISPATCH_ADDRESSES if pv is None else DISPATCH_WITH_PV_ADDRESSES


def _switch(*, on: bool | None) -> dict[int, int]:
    if on is None:
        return {}
    state = PvSwitch.ON if on else PvSwitch.OFF
    return DispatchDetail.registers["pv_switch"].encode(state)


def _addresses(register: Register[object]) -> range:
    return range(register.address, register.end)


class WriteFunction(StrEnum):
    """The two ways to write a register."""

    SINGLE = "fc06"
    BLOCK = "fc16"

    @property
    def other(self) -> WriteFunction:
        """The one to try next."""
        return (
            WriteFunction.BLOCK
            if self is WriteFunction.SINGLE
            else WriteFunction.SINGLE
        )


def register_class(addresses: range) -> str:
    """Name the kind of these registers: what works for one of a kind works for all of it."""
    if addresses.start in DISPATCH_WITH_PV_ADDRESSES:
        return f"order_{len(addresses)}"
    # Settings are written in runs of any length: what matters is whether one is alone.
    return "setting_1" if len(addresses) == 1 else "settings"
