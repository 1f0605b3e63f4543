"""Writes registers, with the Modbus function that the device supports."""

from collections.abc import Awaitable, Callable, Mapping, Set as AbstractSet
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from modbus_connection import (
    MemoryParityError,
    ModbusError,
    ModbusTimeoutError,
    ModbusUnit,
    ServerDeviceBusyError,
    ServerDeviceFailureError,
)

from .errors import (
    CommunicationError,
    ErrorKind,
    ForbiddenRegisterError,
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
from .write_policy import (
    CLOCK_ADDRESSES,
    DISPATCH_ADDRESSES,
    DISPATCH_WITH_PV_ADDRESSES,
    PV_SWITCH_ADDRESSES,
    is_setting,
    require_writable,
)

START_ADDRESS = DISPATCH_ADDRESSES.start
"""The start flag of the order: 0 stops it."""

NOT_SENT = (LinkDownError, ServerDeviceBusyError)
"""Errors after which the inverter has certainly written nothing."""


REFUSED_WRITE_ERRORS = (
    *ILLEGAL_REQUEST_ERRORS,
    ServerDeviceFailureError,
    MemoryParityError,
)
"""Exception responses to a write that refuse it; reading back shows whether it is applied in part."""


class WriteFunction(StrEnum):
    """The two Modbus functions that write registers."""

    SINGLE = "fc06"
    BLOCK = "fc16"

    @property
    def other(self) -> WriteFunction:
        """The function to try instead."""
        return (
            WriteFunction.BLOCK
            if self is WriteFunction.SINGLE
            else WriteFunction.SINGLE
        )


@dataclass
class Writer:
    """Writes to one inverter, and remembers which functions it supports.

    A SMILE-B3 does not respond to FC06 [dxoverdy]. Many others refuse FC16 for a single
    register, and a few refuse it for the whole order.
    """

    unit: ModbusUnit
    stats: PollStats
    flash_writes: FlashWriteCounter = field(default_factory=FlashWriteCounter)
    learned: dict[str, WriteFunction] = field(default_factory=dict)
    """The function that works, by the class of registers, as in `order_9`."""
    served: AbstractSet[type[Block]] = frozenset()
    """The blocks that the inverter serves; shared with the reader, which may find more."""
    may_write: bool = True
    """Whether the register map is certain; if not, nothing is sent but reads."""
    on_start: Callable[[], object] = lambda: None
    """Called before the write that begins an order which is written one value after the other."""
    possibly_applied: int = 0
    """The number of writes that the inverter may have applied."""
    _detail_words: dict[int, int] = field(default_factory=dict)

    @property
    def detail(self) -> DispatchDetail | None:
        """What recent firmware adds to an order, as it was last read with the order."""
        return DispatchDetail.decode(self._detail_words) if self._detail_words else None

    async def read_order(self) -> DispatchOrder:
        """Read the present order. Raises CommunicationError."""
        # After a change of the firmware the order must still be readable without the detail.
        spans = [DISPATCH_ADDRESSES]
        if DispatchDetail in self.served:
            spans.insert(0, DISPATCH_WITH_PV_ADDRESSES)
        for addresses in spans:
            with suppress(IllegalRequestError):
                words = await self.read(addresses)
                self._detail_words = {
                    at: words[at] for at in addresses[len(DISPATCH_ADDRESSES) :]
                }
                return DispatchOrder.decode(words)
        message = "this inverter serves no dispatch orders"
        raise CommunicationError(ErrorKind.PROTOCOL, message)

    async def write_order(
        self, order: DispatchOrder, *, pv: bool | None = None
    ) -> None:
        """Write all nine registers in one request, or eleven with the PV switch.

        Raises IllegalRequestError, CommunicationError.
        """
        addresses = _dispatch_addresses(pv=pv)
        if self.learned.get(register_class(addresses)) is WriteFunction.SINGLE:
            raise IllegalRequestError(
                "this inverter accepts orders only register by register"
            )
        words = self._detail_words | order.encode() | _encode_pv_switch(on=pv)
        await self._send(
            WriteFunction.BLOCK, START_ADDRESS, [words[at] for at in addresses]
        )
        self._learn(addresses, WriteFunction.BLOCK)

    def knows_block_write(self, *, pv: bool | None) -> bool:
        """Whether this inverter has accepted such an order in one request before."""
        return (
            self.learned.get(register_class(_dispatch_addresses(pv=pv)))
            is WriteFunction.BLOCK
        )

    async def write_order_by_register(
        self, order: DispatchOrder, *, pv: bool | None = None
    ) -> None:
        """Write an order one value after the other, while no order runs.

        The start flag is written last: an order that is interrupted half way never runs.
        Raises IllegalRequestError, CommunicationError.
        """
        await self.write_start(0)
        words = order.encode()
        for name, register in DispatchOrder.registers.items():
            if name != "start":
                await self._write(range(register.address, register.end), words)
        if pv is not None:
            await self.write_pv_switch(on=pv)
        self.on_start()
        await self.write_start(1)
        self._learn(_dispatch_addresses(pv=pv), WriteFunction.SINGLE)

    async def write_pv_switch(self, *, on: bool) -> None:
        """Write the PV switch alone. Raises as `write_order` does."""
        await self._write(PV_SWITCH_ADDRESSES, _encode_pv_switch(on=on))

    async def write_start(self, flag: int) -> None:
        """Write the start flag alone: 0 stops any order. Raises as `write_order` does."""
        await self._write(
            range(START_ADDRESS, START_ADDRESS + 1), {START_ADDRESS: flag}
        )

    async def read(self, addresses: range) -> dict[int, int]:
        """Read registers in one request. Raises IllegalRequestError, CommunicationError."""
        self.stats.requests += 1
        return await read_words(
            self.unit, ReadRequest(addresses.start, len(addresses), ())
        )

    async def write_settings(self, words: Mapping[int, int]) -> None:
        """Write adjacent settings, in one request if the device supports that.

        Each write that may have reached the flash memory is counted.
        Raises IllegalRequestError, CommunicationError.
        """
        await self._write(range(min(words), max(words) + 1), words)

    async def read_clock(self) -> datetime | None:
        """Read the clock, in the inverter's local time. Raises IllegalRequestError, CommunicationError."""
        return Clock.decode(await self.read(CLOCK_ADDRESSES)).time

    async def write_clock(self, time: datetime) -> None:
        """Set the clock in one request. Raises IllegalRequestError, CommunicationError."""
        words = Clock(time=time).encode()
        await self._send(
            WriteFunction.BLOCK,
            CLOCK_ADDRESSES.start,
            [words[at] for at in CLOCK_ADDRESSES],
        )

    async def _write(self, addresses: range, words: Mapping[int, int]) -> None:
        """Write adjacent registers, with the function that this device supports for their class."""
        learned = self.learned.get(register_class(addresses))
        values = [words[at] for at in addresses]
        function = learned or WriteFunction.BLOCK
        try:
            await self._send(function, addresses.start, values)
        except IllegalRequestError:
            function = function.other
            await self._send(function, addresses.start, values)
        except ResponseTimeoutError:
            if await self._already_applied(addresses, values):
                return
            if learned:
                raise
            function = function.other
            await self._send(function, addresses.start, values)
        self._learn(addresses, function)

    async def _already_applied(self, addresses: range, values: list[int]) -> bool:
        """Whether a setting reads back although the response was lost: then it is not written again."""
        if not is_setting(addresses.start):
            return False
        return list((await self.read(addresses)).values()) == values

    async def _send(
        self, function: WriteFunction, start: int, values: list[int]
    ) -> None:
        """Write values with one function: in one request, or in one for each register."""
        require_writable(range(start, start + len(values)))
        if not self.may_write:
            raise ForbiddenRegisterError("the register map is not certain")
        if function is WriteFunction.BLOCK:
            await self._send_and_count(start, self.unit.write_registers(start, values))
            return
        for address, value in enumerate(values, start):
            request = self.unit.write_register(address, value)
            await self._send_and_count(address, request)

    async def _send_and_count(self, address: int, request: Awaitable[None]) -> None:
        """Wait for the response to one write request, and count the write if it may be applied."""
        self.stats.requests += 1
        may_be_applied = True
        try:
            await request
        except REFUSED_WRITE_ERRORS as err:
            may_be_applied = not isinstance(err, ILLEGAL_REQUEST_ERRORS)
            raise IllegalRequestError(str(err)) from err
        except ModbusTimeoutError as err:
            raise ResponseTimeoutError(ErrorKind.TIMEOUT, str(err)) from err
        except ModbusError as err:
            may_be_applied = not isinstance(err, NOT_SENT)
            raise to_communication_error(err) from err
        finally:
            self.possibly_applied += may_be_applied
            if may_be_applied and is_setting(address):
                self.flash_writes.record()

    def _learn(self, addresses: range, function: WriteFunction) -> None:
        self.learned[register_class(addresses)] = function


def _dispatch_addresses(*, pv: bool | None) -> range:
    return DISPATCH_ADDRESSES if pv is None else DISPATCH_WITH_PV_ADDRESSES


def _encode_pv_switch(*, on: bool | None) -> dict[int, int]:
    if on is None:
        return {}
    state = PvSwitch.ON if on else PvSwitch.OFF
    return DispatchDetail.registers["pv_switch"].encode(state)


def register_class(addresses: range) -> str:
    """Return the class of these registers: a function that works for one works for the whole class."""
    if addresses.start in DISPATCH_WITH_PV_ADDRESSES:
        return f"order_{len(addresses)}"
    # Devices treat a write of one register differently from one of several.
    return "setting_1" if len(addresses) == 1 else "settings"
