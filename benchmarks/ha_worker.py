"""Home Assistant with the integration and a simulated inverter. Started as a worker by other benchmarks."""

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
from typing import Any

from homeassistant import bootstrap, runner
from homeassistant.core import HomeAssistant

from custom_components.alphaess_live.alphaess.errors import ErrorKind
from custom_components.alphaess_live.coordinator import InverterCoordinator
from custom_components.alphaess_live.feed.messages import (
    Event,
    LinkLost,
    LinkRestored,
    PowerMeasured,
)
from custom_components.alphaess_live.web.clients import CLIENTS
from scripts.demo_run.config_folder import LOOPBACK, write_config_folder
from scripts.demo_run.home_assistant import replace_voice_packages
from scripts.demo_run.processes import free_port, run_simulator
from tests.consistency_checker import resource_counts

from .ha_instance import FIXED_NOON, add_inverter
from .worker_protocol import send_reply, serve_commands

STATE_COUNT = 60
"""Entities of Home Assistant that change at once."""
BATCH_SIZE = 18
"""Entries of a batch message of 3 kB."""


@dataclass(frozen=True, slots=True)
class PowerBatch:
    """A batch as a feed event, so that a message of 3 kB takes the same path as any other."""

    entries: tuple[dict[str, Any], ...]

    type = "power_batch"

    @property
    def fields(self) -> dict[str, Any]:
        """The fields of the message."""
        return {"data": self.entries}


class HomeAssistantWorker:
    """The commands of the worker, in units of ns for times."""

    def __init__(self, hass: HomeAssistant, coordinator: InverterCoordinator) -> None:
        """Start counting JSON encodings."""
        self._hass = hass
        self._coordinator = coordinator
        self._encoded_messages: list[str] = []
        self._longest_step = (0.0, 0.0, "")
        self._run = Handle._run  # noqa: SLF001 - the only hook on every step of the loop
        dumps = json.dumps

        def counted(*args: Any, **kwargs: Any) -> str:
            self._encoded_messages.append(dumps(*args, **kwargs))
            return self._encoded_messages[-1]

        json.dumps = counted

    async def publish(self, kind: str, marker: int) -> dict[str, Any]:
        """Publish an event of this kind on the feed; return when."""
        event = self._event(kind, marker)
        self._encoded_messages.clear()
        at = monotonic_ns()
        self._coordinator.feed.publish(event)
        return {"at": at}

    async def encoding_count(self, marker: int) -> int:
        """Return how often the last published message was encoded as JSON."""
        return sum(str(marker) in text for text in self._encoded_messages)

    async def encode(self, kind: str, marker: int) -> str:
        """Return the feed's message of this kind as JSON."""
        message = self._coordinator.feed.message(self._event(kind, marker))
        return message.encoded.decode()

    async def change_states(self, marker: int) -> dict[str, Any]:
        """Change the states of Home Assistant's own entities; the last one contains the marker."""
        at = monotonic_ns()
        for number in reversed(range(STATE_COUNT)):
            self._hass.states.async_set(
                entity_id(number),
                str(marker - number),
                {"unit_of_measurement": "W", "friendly_name": f"Power {number}"},
            )
        return {"at": at}

    async def refresh(self) -> None:
        """Read the whole inverter now."""
        self._coordinator._next_snapshot = 0  # noqa: SLF001 - time, not behaviour
        await self._coordinator.async_refresh()

    async def ping(self) -> None:
        """Ping every client."""
        self._hass.data[CLIENTS]._heartbeat._start_round(None)  # type: ignore[arg-type]  # noqa: SLF001 - the timer would do it half a minute later

    async def client_counts(self) -> dict[str, int]:
        """Count the clients: connected, with a blocked send queue, with a pending pong."""
        clients = self._hass.data[CLIENTS].clients
        return {
            "connected": len(clients),
            "blocked": sum(client.queue.is_blocked for client in clients),
            "pinged": sum(not client.has_responded for client in clients),
        }

    async def memory(self) -> int:
        """Return the resident memory of this process, in bytes."""
        gc.collect()
        return _resident_bytes()

    async def resource_counts(self) -> dict[str, int]:
        """Count tasks, sockets, files and objects of this process."""
        return resource_counts() | {"objects": len(gc.get_objects())}

    async def start_timing(self) -> None:
        """Start measuring each step of the event loop."""
        self._longest_step, run = (0.0, 0.0, ""), self._run

        def timed(handle: Handle) -> None:
            started, used = perf_counter(), thread_time()
            run(handle)
            duration = perf_counter() - started
            if duration > self._longest_step[0]:
                self._longest_step = (duration, thread_time() - used, repr(handle))

        setattr(Handle, "_run", timed)  # noqa: B010 - mypy rejects an assignment to a method

    async def longest_step(self) -> dict[str, Any]:
        """Return the longest step since the last call: duration and processor time in s, the handle."""
        duration, processor, handle = self._longest_step
        self._longest_step = (0.0, 0.0, "")
        return {"duration": duration, "processor": processor, "handle": handle}

    def _event(self, kind: str, marker: int) -> Event:
        latest = self._coordinator.latest
        if latest is None:
            raise RuntimeError("the simulated inverter does not answer")
        if kind == "power":
            return PowerMeasured(power=replace(latest.power, grid=marker))
        if kind == "lost":
            return LinkLost(kind=ErrorKind.RESET, message=str(marker))
        if kind == "restored":
            return LinkRestored(outage_seconds=marker)
        marked = replace(latest.power, grid=marker)
        message = self._coordinator.feed.message(PowerMeasured(power=marked))
        return PowerBatch((json.loads(message.batch_entry),) * BATCH_SIZE)


def _resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * resource.getpagesize()


def entity_id(number: int) -> str:
    """Return the id of one of Home Assistant's own entities."""
    return f"sensor.power_{number}"


async def main() -> None:
    """Serve until there are no more commands."""
    logging.disable(logging.WARNING)
    port, modbus = free_port(LOOPBACK), free_port(LOOPBACK)
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as name:
        folder = Path(name)
        token = write_config_folder(folder / "config", port)
        async with run_simulator(modbus, FIXED_NOON, log=folder / "simulator.log"):
            hass = await _start(folder / "config")
            worker = HomeAssistantWorker(hass, await add_inverter(hass, modbus))
            await worker.change_states(STATE_COUNT)
            send_reply({"port": port, "token": token})
            await serve_commands(_commands(worker))
            await hass.async_stop(force=True)


async def _start(config: Path) -> HomeAssistant:
    """Start as the `hass` command does."""
    replace_voice_packages()
    settings = runner.RuntimeConfig(config_dir=str(config), skip_pip=True)
    hass = await bootstrap.async_setup_hass(settings)
    if hass is None:
        raise RuntimeError("Home Assistant does not start")
    await hass.async_start()
    return hass


def _commands(worker: HomeAssistantWorker) -> dict[str, Callable[..., Any]]:
    commands = (
        worker.publish,
        worker.encoding_count,
        worker.encode,
        worker.change_states,
        worker.refresh,
        worker.ping,
        worker.client_counts,
        worker.memory,
        worker.resource_counts,
        worker.start_timing,
        worker.longest_step,
    )
    return {command.__name__: command for command in commands}


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=runner.create_event_loop) as loop:
        loop.run(main())
