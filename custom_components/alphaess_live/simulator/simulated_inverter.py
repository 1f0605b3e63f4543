"""A Modbus unit whose registers show a simulated house, and that executes dispatch orders."""

import asyncio
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from time import monotonic
from typing import override

from modbus_connection import (
    IllegalDataAddressError,
    IllegalDataValueError,
    ModbusConnectionError,
    ModbusExceptionError,
    ModbusTimeoutError,
)

from ..alphaess.holding_register_unit import HoldingRegisterUnit
from ..alphaess.registers import BLOCKS
from .behaviour import EXCEPTION_CODES, Behaviour, Reply, fault_words
from .corruption import sent_words
from .dispatch_registers import PV_SWITCH, DispatchRegisters
from .house import House
from .journal import FunctionCode, Journal, Request
from .models import Model
from .register_encoder import encode_registers
from .settings_registers import CLOCK, FEED_IN, WRITABLE, SettingsRegisters
from .sky import seconds_of

DISPATCH = range(0x0880, 0x088B)
MAX_REGISTERS_PER_REQUEST = 100
"""Largest request; larger ones are not confirmed on a real device."""
MAX_STEPS_PER_ADVANCE = 600
"""Limits the steps of one call, however much time has passed."""


class SimulatedInverter(HoldingRegisterUnit):
    """An inverter in a simulated house; serves `ModbusUnit` directly or through a server.

    `speed` is the number of house seconds for one real second; at 0 only `advance`
    moves the time. `behaviour` may be replaced at any time.
    """

    def __init__(
        self,
        house: House,
        model: Model,
        *,
        speed: float = 1.0,
        now: Callable[[], float] = monotonic,
        max_steps: int = MAX_STEPS_PER_ADVANCE,
    ) -> None:
        """Connect the inverter to a house with the model's equipment."""
        super().__init__()
        self.house = house
        self.model = model
        self.speed = speed
        self.behaviour: Behaviour = model.behaviour
        self.journal = Journal()
        self._now, self._max_steps = now, max_steps
        self._last_advance = now()
        self._pending_seconds = 0.0
        self._dispatch = DispatchRegisters(house)
        self._settings = SettingsRegisters(house, model)
        self._delayed_words: tuple[float, dict[int, int]] = (0.0, {})
        self._refreshed: dict[str, dict[int, int]] = {}
        """The words of the blocks that are not renewed at each request, by block name."""
        self._off = False
        self._connected = False

    @property
    @override
    def connected(self) -> bool:
        """Whether a request has found the inverter switched on."""
        return self._connected

    @override
    async def read_holding_registers(self, address: int, count: int) -> list[int]:
        """Answer function 0x03."""
        await self._receive(Request(FunctionCode.READ, address, count))
        wanted, habits = range(address, address + count), self.behaviour
        self._require_served(wanted)
        if count > habits.max_registers or habits.refused_addresses & {*wanted}:
            raise IllegalDataAddressError
        for corruption in habits.corruptions:
            corruption.require_answer(wanted)
        return list(sent_words(self.words(), wanted, habits.corruptions).values())

    @override
    async def write_register(self, address: int, value: int) -> None:
        """Answer function 0x06."""
        await self._receive(Request(FunctionCode.WRITE_ONE, address, 1, (value,)))
        self._write(address, (value,), self.behaviour.single_write)

    @override
    async def write_registers(self, address: int, values: list[int]) -> None:
        """Answer function 0x10."""
        words, habits = tuple(values), self.behaviour
        await self._receive(Request(FunctionCode.WRITE, address, len(words), words))
        alone = len(words) == 1
        reply = habits.block_write_of_one if alone else habits.block_write
        self._write(address, words, reply)

    @override
    async def disconnect(self) -> None:
        """Close the connection; the next request opens it again."""
        self._connected = False

    def advance(self, seconds: int) -> None:
        """Advance the house by these seconds."""
        longest = max(1, seconds // self._max_steps)
        while seconds > 0:
            changes = (self._dispatch.seconds_left, self._settings.seconds_until_change)
            step = min(seconds, longest, *(left for left in changes if left))
            self.house.period_orders = self._settings.period_orders
            self.house.step(step)
            self._dispatch.advance(step, self.behaviour)
            self._refresh()
            seconds -= step

    def _refresh(self) -> None:
        """Renew the words of the blocks that the device renews now; the others stay as they were."""
        intervals = self.behaviour.refresh_seconds
        self._refreshed = {n: w for n, w in self._refreshed.items() if n in intervals}
        second = seconds_of(self.house.clock)
        due = {
            n
            for n, s in intervals.items()
            if n not in self._refreshed or not second % s
        }
        if due:
            words = encode_registers(self.house, self.model)
            self._refreshed |= {
                block.name: {
                    address: words.get(address, 0) for address in block.addresses()
                }
                for block in BLOCKS
                if block.name in due
            }

    def advance_to_now(self) -> None:
        """Advance the house to the present time; every request does so, too."""
        now = self._now()
        self._pending_seconds += (now - self._last_advance) * self.speed
        self._last_advance = now
        whole = int(self._pending_seconds)
        self._pending_seconds -= whole
        self.advance(whole)

    def words(self) -> dict[int, int]:
        """Encode every register that has a meaning, as it reads now without a corruption."""
        until, stale = self._delayed_words
        return (
            encode_registers(self.house, self.model)
            | {a: w for words in self._refreshed.values() for a, w in words.items()}
            | self._settings.words
            | self._settings.clock().encode()
            | (stale if self._now() < until else self._dispatch.words)
            | dict(self.behaviour.word_overrides)
            | fault_words(self.behaviour.fault_bits)
        )

    def set_wall_clock(self, now: Callable[[], datetime]) -> None:
        """Set the time source of the inverter's clock."""
        self._settings.now = now

    def write_as_app(self, address: int, *values: int) -> None:
        """Set registers as the vendor's app or the display does: not over Modbus, not in the journal."""
        self._store(dict(enumerate(values, address)))

    def set_faults(self, source: str, *bits: int) -> None:
        """Set exactly these bits of a fault or warning register."""
        word = sum(1 << bit for bit in set(bits))
        fault_bits = dict(self.behaviour.fault_bits) | {source: word}
        self.behaviour = replace(self.behaviour, fault_bits=fault_bits)

    def switch_off(self) -> None:
        """Cut the power: the connection is lost, and no request is answered until `switch_on`."""
        self._off, self._connected = True, False
        self.notify_connection_lost()

    def switch_on(self) -> None:
        """Restore the power; a dispatch does not survive that."""
        self._off = False
        self._dispatch.clear()

    async def _receive(self, request: Request) -> None:
        """Record a request, then apply the present deviations."""
        if self._off:
            raise ModbusConnectionError("the simulated inverter is switched off")
        self._connected = True
        self.journal.record(request)
        if self.behaviour.delay:
            await asyncio.sleep(self.behaviour.delay)
        if self.behaviour.silent:
            raise ModbusTimeoutError("the simulated inverter is silent")
        if self.behaviour.exception is not None:
            raise ModbusExceptionError.from_code(self.behaviour.exception)
        self.advance_to_now()

    def _require_served(self, wanted: range) -> None:
        if not 1 <= len(wanted) <= MAX_REGISTERS_PER_REQUEST:
            raise IllegalDataValueError
        if not _within(wanted, self.model.served):
            raise IllegalDataAddressError

    def _write(self, address: int, values: tuple[int, ...], reply: Reply) -> None:
        habits = self.behaviour
        if reply is Reply.ACCEPTED and any(address in one for one in WRITABLE):
            reply = habits.settings
        if reply is Reply.ACCEPTED and address == PV_SWITCH.address:
            reply = habits.pv_switch_alone
        if reply is Reply.SILENT:
            raise ModbusTimeoutError("the simulated inverter ignores this function")
        if code := EXCEPTION_CODES.get(reply):
            raise ModbusExceptionError.from_code(code)
        wanted = range(address, address + len(values))
        self._require_served(wanted)
        if not _within(wanted, (CLOCK, DISPATCH, *WRITABLE)):
            raise IllegalDataAddressError
        if not habits.ignores_writes:
            self._store(dict(enumerate(values, address)))
        if habits.drops_link_after_write:
            self.behaviour = replace(habits, silent=True)

    def _store(self, words: dict[int, int]) -> None:
        first = min(words)
        if first in CLOCK:
            self._settings.set_clock(words)
        elif first in DISPATCH:
            self._delayed_words = (
                self._now() + self.behaviour.readback_lag,
                dict(self._dispatch.words),
            )
            self._dispatch.write(words, self.behaviour)
        elif first != FEED_IN or not self._dispatch.running:
            # While a dispatch runs, a write to 0x0800 is ignored [rudyh].
            self._settings.write(words, self.behaviour)


def _within(wanted: range, spans: tuple[range, ...]) -> bool:
    return any(wanted[0] in span and wanted[-1] in span for span in spans)
