"""The real thing: Home Assistant with our integration and a simulated inverter. Started by other benchmarks."""

import asyncio
from asyncio import Handle
from collections.abc import Callable
from dataclasses import dataclass, replace
import gc
import json
import logging
from pathlib import Path
import resource
import tempfile
from time import monotonic_ns, perf_counter, thread_time
from typing import Any, cast

from homeassistant import bootstrap, runner
from homeassistant.core import HomeAssistant

from custom_components.alphaess_live.alphaess.errors import ErrorKind
from custom_components.alphaess_live.coordinator import InverterCoordinator
from custom_components.alphaess_live.feed.feed import (
    Event,
    LinkLost,
    LinkRestored,
    PowerMeasured,
)
from custom_components.alphaess_live.web.clients import DOOR
from scripts.demo_home.folder import LOOPBACK, lay_out
from scripts.demo_home.processes import free_port
from scripts.demo_home.programs import imagined_house
from tests.witness import left_over

from .home import add
from .obedience import obey, say

STATES = 60
"""Entities of Home Assistant's own that change at once."""
MANY = 18
"""Power values that make a batch of 3 kB."""
STILL = ("--speed=0", "--start=12:00")


@dataclass(frozen=True, slots=True)
class ManyMeasured:
    """A batch as one event, so that a message of 3 kB goes the way of every other."""

    entries: tuple[dict[str, Any], ...]

    type = "power_batch"

    @property
    def fields(self) -> dict[str, Any]:
        """What the message tells."""
        return {"data": self.entries}


class House:
    """What may be ordered."""

    def __init__(self, hass: HomeAssistant, coordinator: InverterCoordinator) -> None:
        """Count what is encoded from now on."""
        self._hass = hass
        self._coordinator = coordinator
        self._encoded: list[str] = []
        self._longest = (0.0, 0.0, "")
        self._run = Handle._run  # noqa: SLF001 - every step of the loop goes through it
        dumps = json.dumps

        def counted(*args: Any, **kwargs: Any) -> str:
            self._encoded.append(dumps(*args, **kwargs))
            return self._encoded[-1]

        json.dumps = counted

    async def publish(self, size: str, mark: int) -> dict[str, Any]:
        """Tell the feed something as the coordinator does; say when, in ns."""
        event = self._event(size, mark)
        self._encoded.clear()
        at = monotonic_ns()
        self._coordinator.feed.publish(cast(Event, event))
        return {"at": at}

    async def encoded(self, mark: int) -> int:
        """Count how often what was published last was put into JSON."""
        return sum(str(mark) in text for text in self._encoded)

    async def write(self, size: str, mark: int) -> str:
        """Say how the feed would put it."""
        message = self._coordinator.feed.message(cast(Event, self._event(size, mark)))
        return message.encoded.decode()

    async def change(self, mark: int) -> dict[str, Any]:
        """Let Home Assistant's own entities change; the last one bears the mark."""
        at = monotonic_ns()
        for number in reversed(range(STATES)):
            self._hass.states.async_set(
                entity(number),
                str(mark - number),
                {"unit_of_measurement": "W", "friendly_name": f"Power {number}"},
            )
        return {"at": at}

    async def refresh(self) -> None:
        """Read the whole inverter, out of turn."""
        await self._coordinator.read_now()

    async def ping(self) -> None:
        """Ask every client whether it is there."""
        self._hass.data[DOOR]._pulse._beat(None)  # type: ignore[arg-type]  # noqa: SLF001 - half a minute earlier

    async def clients(self) -> dict[str, int]:
        """Count the clients, those that do not take what they are sent, and those that owe a pong."""
        clients = self._hass.data[DOOR].clients
        return {
            "connected": len(clients),
            "clogged": sum(client.outbox.clogged for client in clients),
            "pinged": sum(not client.alive for client in clients),
        }

    async def memory(self) -> int:
        """Bytes that this process holds."""
        gc.collect()
        return _resident()

    async def left(self) -> dict[str, int]:
        """Count what may be left over."""
        return left_over() | {"objects": len(gc.get_objects())}

    async def watch(self) -> None:
        """Take the time of each step of the loop from now on."""
        self._longest, run = (0.0, 0.0, ""), self._run

        def timed(handle: Handle) -> None:
            began, spent = perf_counter(), thread_time()
            run(handle)
            took = perf_counter() - began
            if took > self._longest[0]:
                self._longest = (took, thread_time() - spent, repr(handle))

        setattr(Handle, "_run", timed)  # noqa: B010 - mypy lets nobody assign to a method

    async def longest(self) -> dict[str, Any]:
        """Say which step took longest, in s, and how much of that the processor worked for it."""
        took, worked, what = self._longest
        self._longest = (0.0, 0.0, "")
        return {"took": took, "worked": worked, "what": what}

    def _event(self, size: str, mark: int) -> Event | ManyMeasured:
        latest = self._coordinator.latest
        if latest is None:
            raise RuntimeError("the simulated inverter does not answer")
        if size == "power":
            return PowerMeasured(power=replace(latest.power, grid=mark))
        if size == "loss":
            return LinkLost(kind=ErrorKind.RESET, message=str(mark))
        if size == "return":
            return LinkRestored(outage_seconds=mark)
        marked = replace(latest.power, grid=mark)
        message = self._coordinator.feed.message(PowerMeasured(power=marked))
        return ManyMeasured((json.loads(message.entry),) * MANY)


def _resident() -> int:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize()


def entity(number: int) -> str:
    """Name one of Home Assistant's own entities."""
    return f"sensor.power_{number}"


async def main() -> None:
    """Live until there are no more orders."""
    logging.disable(logging.WARNING)
    port, modbus = free_port(LOOPBACK), free_port(LOOPBACK)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        token = lay_out(folder / "config", port)
        async with imagined_house(modbus, STILL, log=folder / "simulator.log"):
            hass = await _start(folder / "config")
            house = House(hass, await add(hass, modbus))
            await house.change(STATES)
            say({"port": port, "token": token})
            await obey(_orders(house))
            await hass.async_stop(force=True)


async def _start(config: Path) -> HomeAssistant:
    """Start as `hass` does."""
    settings = runner.RuntimeConfig(config_dir=str(config), skip_pip=True)
    hass = await bootstrap.async_setup_hass(settings)
    if hass is None:
        raise RuntimeError("Home Assistant does not start")
    await hass.async_start()
    return hass


def _orders(house: House) -> dict[str, Callable[..., Any]]:
    allowed = (
        house.publish,
        house.encoded,
        house.write,
        house.change,
        house.refresh,
        house.ping,
        house.clients,
        house.memory,
        house.left,
        house.watch,
        house.longest,
    )
    return {order.__name__: order for order in allowed}


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=runner.create_event_loop) as loop:
        loop.run(main())
