"""A simulated inverter that is slow, clamps or ignores, and records what is written and what runs when."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, override

from modbus_connection import (
    ModbusConnectionError,
    ModbusError,
    ModbusTimeoutError,
    ServerDeviceBusyError,
    ServerDeviceFailureError,
)

from custom_components.alphaess_live.alphaess.holding_register_unit import (
    HoldingRegisterUnit,
)
from custom_components.alphaess_live.alphaess.registers import DispatchOrder
from custom_components.alphaess_live.alphaess.write_policy import (
    DISPATCH_ADDRESSES,
    DISPATCH_WITH_PV_ADDRESSES,
)
from custom_components.alphaess_live.alphaess.writer import START_ADDRESS
from custom_components.alphaess_live.simulator.behaviour import Reply
from custom_components.alphaess_live.simulator.simulated_inverter import (
    SimulatedInverter,
)

TIMEOUT_SECONDS = 2.0
"""Until a request without an answer fails."""
REQUEST_SECONDS = 0.05
"""How long a request takes."""


class LinkFault(StrEnum):
    """What happens to requests."""

    SILENT = "silent"
    """They do not arrive."""
    ANSWER_LOST = "answer lost"
    """They are executed, but no answer comes back."""
    CLOSED = "closed"
    """The connection is closed, and a new one refused."""
    CLOSED_AFTER = "closed after it"
    """They are executed, then the connection is closed."""
    BUSY = "busy"
    FAILING = "exception 4"


class Source(StrEnum):
    """Whose order runs."""

    OURS = "ours"
    OTHER = "other"
    UNDECIDABLE = "undecidable"
    """Written by another program, but equal to one of ours that may run."""


@dataclass(kw_only=True)
class Write:
    """A write request that has arrived."""

    at: int
    address: int
    values: tuple[int, ...]
    process: HoldingRegisterUnit | None
    """Which run of the program has sent it."""
    is_applied: bool = False
    """Whether it has taken effect, or will."""

    @property
    def words(self) -> dict[int, int]:
        """The words by address."""
        return dict(enumerate(self.values, self.address))


@dataclass(frozen=True, kw_only=True)
class Running:
    """An order that runs, as the registers contain it."""

    order: DispatchOrder
    source: Source
    since: int
    """When it took effect, in seconds of the inverter's life; so are all times here."""
    written_at: int
    write: Write | None
    """The request that has begun it; None for one of another program."""


class RecordingInverter(SimulatedInverter):
    """Records every write, and which order has run when."""

    def __init__(self, *args: Any, **keywords: Any) -> None:
        """Start without an order or a fault."""
        self.age = 0
        """Seconds since the start."""
        self.effect_delay = 0
        """Seconds until a written order takes effect."""
        self.fault: LinkFault | None = None
        self.requests_before_fault = 0
        self.process: HoldingRegisterUnit | None = None
        """Which run of the program sends the present request."""
        self.writes: list[Write] = []
        self.changes: list[tuple[int, Running | None]] = [(0, None)]
        """What runs from when on, the newest last."""
        self.displayed: DispatchOrder | None = None
        """The order that was read last."""
        self.on_display: Callable[[DispatchOrder], None] = lambda _: None
        self.on_write: Callable[[Write], None] = lambda _: None
        """Called before the write has an effect."""
        self.on_second: Callable[[], None] = lambda: None
        self.identify: Callable[[DispatchOrder], Source] = lambda _: Source.OTHER
        """Returns whose an order that was not written over Modbus can be."""
        self._by_app = False
        self._writer: Write | None = None
        self._pending: list[tuple[int, dict[int, int], Write | None]] = []
        self._image: tuple[object, dict[int, int]] = (None, {})
        super().__init__(*args, **keywords)

    @property
    def running(self) -> Running | None:
        """What runs now."""
        return self.changes[-1][1]

    @property
    def is_settled(self) -> bool:
        """Whether everything that was written has taken effect, and reads back."""
        return not self._pending and self._now() >= self._delayed_words[0]

    @property
    def read_back(self) -> Running | None:
        """What has ended, but still reads back; None if the registers contain what runs."""
        until, stale = self._delayed_words
        if self._now() >= until:
            return None
        order = DispatchOrder.decode(stale)
        found = (one for _, one in reversed(self.changes) if one)
        return next((one for one in found if one.order == order), None)

    def ran_between(self, start: int, end: int) -> list[Running | None]:
        """Return what ran at some time between these."""
        found = [one for at, one in self.changes if start < at <= end]
        before = [one for at, one in self.changes if at <= start]
        return [before[-1], *found] if before else found

    @override
    def advance(self, seconds: int) -> None:
        while seconds > 0:
            due = min((at for at, *_ in self._pending), default=self.age + seconds)
            step = max(0, min(seconds, due - self.age))
            super().advance(step)
            self.age += step
            seconds -= step
            for one in [one for one in self._pending if one[0] <= self.age]:
                self._pending.remove(one)
                self._take_effect(*one[1:])
            self._record()
            self.on_second()

    @override
    def words(self) -> dict[int, int]:
        key = (
            self.house.clock,
            len(self.writes),
            len(self.changes),
            self._now() < self._delayed_words[0],
            tuple(self._dispatch.words.values()),
        )
        if self._image[0] != key:
            self._image = (key, super().words())
        return self._image[1]

    @override
    async def read_holding_registers(self, address: int, count: int) -> list[int]:
        async with self._request():
            words = await super().read_holding_registers(address, count)
        memory = dict(enumerate(words, address))
        if memory.keys() >= {*DISPATCH_ADDRESSES}:
            self.displayed = DispatchOrder.decode(memory)
            self.on_display(self.displayed)
        return words

    @override
    async def write_register(self, address: int, value: int) -> None:
        async with self._request():
            await super().write_register(address, value)

    @override
    async def write_registers(self, address: int, values: list[int]) -> None:
        async with self._request():
            await super().write_registers(address, values)

    @asynccontextmanager
    async def _request(self) -> AsyncIterator[None]:
        """Take the time of a request, and apply the present fault."""
        fault, self.requests_before_fault = (
            (None, self.requests_before_fault - 1)
            if self.requests_before_fault
            else (self.fault, 0)
        )
        await asyncio.sleep(REQUEST_SECONDS)
        if fault is LinkFault.SILENT:
            await _time_out()
        if fault in _ERRORS:
            raise _ERRORS[fault]
        yield
        if fault is LinkFault.ANSWER_LOST:
            await _time_out()
        if fault is LinkFault.CLOSED_AFTER:
            if self.fault is LinkFault.CLOSED_AFTER:
                self.fault = LinkFault.CLOSED
            if self.process:
                self.process.notify_connection_lost()
            raise ModbusConnectionError("closed")

    @override
    def _write(self, address: int, values: tuple[int, ...], reply: Reply) -> None:
        process = self.process
        write = Write(at=self.age, address=address, values=values, process=process)
        self.on_write(write)
        self.writes.append(write)
        super()._write(address, values, reply)

    @override
    def write_as_app(self, address: int, *values: int) -> None:
        self._by_app = True
        try:
            super().write_as_app(address, *values)
        finally:
            self._by_app = False
        self._record()

    @override
    def switch_on(self) -> None:
        super().switch_on()
        self._pending.clear()
        self._record()

    @override
    def _store(self, words: dict[int, int]) -> None:
        write = None if self._by_app else self.writes[-1]
        if write:
            write.is_applied = True
        if min(words) not in DISPATCH_WITH_PV_ADDRESSES:
            super()._store(words)
        elif self.effect_delay:
            self._pending.append((self.age + self.effect_delay, words, write))
        else:
            self._take_effect(words, write)

    def _take_effect(self, words: dict[int, int], write: Write | None) -> None:
        super()._store(words)
        if not {*words}.isdisjoint(DISPATCH_ADDRESSES):
            self._writer = write
        self._record(has_restarted=START_ADDRESS in words)

    def _record(self, *, has_restarted: bool = False) -> None:
        """Record what runs, if that is something else than before."""
        before, now = self.running, None
        order = DispatchOrder.decode(self._dispatch.words)
        if order.start:
            write = self._writer
            source = Source.OURS if write else self.identify(order)
            at = write.at if write else self.age
            now = Running(
                order=order, source=source, since=self.age, written_at=at, write=write
            )
            if before and not has_restarted and before.order == order:
                return
        if before or now:
            self.changes.append((self.age, now))


_ERRORS: dict[LinkFault | None, type[ModbusError]] = {
    LinkFault.CLOSED: ModbusConnectionError,
    LinkFault.BUSY: ServerDeviceBusyError,
    LinkFault.FAILING: ServerDeviceFailureError,
}


async def _time_out() -> None:
    await asyncio.sleep(TIMEOUT_SECONDS)
    raise ModbusTimeoutError("no answer")
