"""The host of the orders: its clocks, its disk, and a process that may be killed between any two steps."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from functools import cache
import json
import sys
import tempfile
import time
from typing import Any, override
from unittest.mock import patch

from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.json import json_bytes
from homeassistant.helpers.storage import Store
from homeassistant.util.json import json_loads
from modbus_connection import ModbusConnectionError

from custom_components.alphaess_live.alphaess.holding_register_unit import (
    HoldingRegisterUnit,
)
from custom_components.alphaess_live.const import DOMAIN
from tests.corruption.installation import TIME_ZONE, Bench, run_home_assistant
from tests.corruption.virtual_time import VirtualTime

from .recording_inverter import RecordingInverter

SAVE_SECONDS = 0.2
"""How long a file is written."""


class HostTime(VirtualTime):
    """The clocks of a host that may be asleep, and whose wall clock may be set."""

    def __init__(self, start: datetime) -> None:
        """Start awake."""
        super().__init__(start)
        self._asleep = 0.0
        self._patch_clocks()

    def _patch_clocks(self) -> None:
        """Let `time.monotonic` stand still while the host is asleep, whatever its wall clock shows."""
        patch.object(time, "clock_gettime", self._clock_gettime).start()
        package = f"custom_components.{DOMAIN}."
        for name, module in tuple(sys.modules.items()):
            if name.startswith(package) and hasattr(module, "monotonic"):
                patch.object(module, "monotonic", self.loop.time).start()

    def _clock_gettime(self, clock: int) -> float:
        return self._now + (self._asleep if clock == time.CLOCK_BOOTTIME else 0)

    def sleep_host(self, seconds: float) -> None:
        """Let time pass while the host is asleep: its timers stand still, its wall clock does not."""
        self._asleep += seconds
        self._wall_clock.tick(seconds)
        self.on_advance(seconds)


class Process(HoldingRegisterUnit):
    """One run of the program. Once it is killed, nothing of it reaches the inverter or the disk."""

    def __init__(self, inverter: RecordingInverter) -> None:
        """Start."""
        super().__init__()
        self.inverter = inverter
        self.is_alive = True
        self._one_request = asyncio.Lock()
        self._is_sending = False
        self._step = 0
        self._events: dict[int, Callable[[], None]] = {}

    def at_step(self, number: int, event: Callable[[], None]) -> None:
        """Call this at one of the next steps: before and after each request and each file."""
        self._events[self._step + number] = event

    def step(self) -> None:
        """Count one step."""
        self._step += 1
        if event := self._events.pop(self._step, None):
            event()

    @property
    def is_sending(self) -> bool:
        """Whether a request is on its way to the inverter."""
        return self._is_sending

    def forget_events(self) -> None:
        """Call none of those that are still to come."""
        self._events.clear()

    def _require_alive(self) -> None:
        if not self.is_alive:
            raise ModbusConnectionError("the process was killed")

    @property
    @override
    def connected(self) -> bool:
        return self.is_alive and self.inverter.connected

    @override
    async def disconnect(self) -> None:
        """Do nothing: the next request connects again."""

    @asynccontextmanager
    async def _request(self) -> AsyncIterator[None]:
        async with self._one_request:
            self._is_sending = True
            self.step()
            self._require_alive()
            self.inverter.process = self
            try:
                yield
            finally:
                self._is_sending = False
                self.step()
                self._require_alive()

    @override
    async def read_holding_registers(self, address: int, count: int) -> list[int]:
        async with self._request():
            return await self.inverter.read_holding_registers(address, count)

    @override
    async def write_register(self, address: int, value: int) -> None:
        async with self._request():
            await self.inverter.write_register(address, value)

    @override
    async def write_registers(self, address: int, values: list[int]) -> None:
        async with self._request():
            await self.inverter.write_registers(address, values)


class Disk:
    """The files of the integration: what is not written when its process is killed is lost."""

    def __init__(self) -> None:
        """Start empty."""
        self.files: dict[str, bytes] = {}
        self.process: Process | None = None
        """The process that writes."""

    async def write(self, store: Store[Any], content: dict[str, Any]) -> None:
        """Write one file of the integration; those of Home Assistant are not of interest."""
        if not store.key.startswith(DOMAIN) or not (process := self.process):
            return
        if "data_func" in content:
            content["data"] = content.pop("data_func")()
        words = json_bytes(content)
        process.step()
        await asyncio.sleep(SAVE_SECONDS)
        if process.is_alive:
            self.files[store.key] = words
        process.step()

    async def load(self, store: Store[Any]) -> Any:
        """Read one file."""
        found = self.files.get(store.key)
        return json_loads(found)["data"] if found else None  # type: ignore[call-overload,index]

    async def remove(self, store: Store[Any]) -> None:
        """Delete one file."""
        self.files.pop(store.key, None)

    def content(self, key: str) -> Any:
        """Return what one file contains now; None if there is none."""
        found = self.files.get(key)
        return json.loads(found)["data"] if found else None


class OrderBench(Bench):
    """A Home Assistant with the clocks and the disk of its host."""

    time: HostTime
    disk: Disk


_RUNNING = AsyncExitStack()


@cache
def order_bench() -> tuple[HomeAssistant, HostTime, Disk]:
    """Return the Home Assistant of this process; it starts with the first call, and runs to the end."""
    clocks, disk = HostTime(datetime(2026, 1, 1, tzinfo=TIME_ZONE)), Disk()
    started = _RUNNING.enter_async_context(run_home_assistant(tempfile.mkdtemp()))
    hass = clocks.loop.run_until_complete(started)
    for name, replacement in (
        ("_async_write_data", disk.write),
        ("async_load", disk.load),
        ("async_remove", disk.remove),
    ):
        _patch_store(name, replacement)
    patch.object(Entity, "entity_registry_enabled_default", new=True).start()
    return hass, clocks, disk


def _patch_store(name: str, replacement: Callable[..., Any]) -> None:
    def call(store: Store[Any], *arguments: Any) -> Any:
        return replacement(store, *arguments)

    patch.object(Store, name, call).start()
