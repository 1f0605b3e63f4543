"""Child processes of the demo, the simulator and Home Assistant: started, awaited, always stopped."""

import asyncio
from asyncio.subprocess import Process
from collections.abc import AsyncGenerator, Callable, Coroutine, Iterable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
import socket
import sys

from . import DemoError
from .config_folder import LOOPBACK, REPOSITORY, TIME_ZONE

STOP_TIMEOUT_SECONDS = 30
"""How long a process may take to exit after SIGTERM."""
POLL_INTERVAL_SECONDS = 0.2
START_TIMEOUT_SECONDS = 300
"""A first start of Home Assistant on a small computer takes a minute or two."""
SIMULATOR_MODULE = "scripts.demo_run.simulator"
SIMULATOR_READY_LINE = f"listens on {LOOPBACK}"
"""Printed by the simulator as soon as its port is open."""
SIMULATOR_START_TIMEOUT_SECONDS = 30
"""A start takes about 1 s on an idle computer."""


@dataclass(frozen=True, slots=True)
class ManagedProcess:
    """A running child process and its log."""

    name: str
    log: Path
    process: Process

    async def wait_until(
        self,
        ready: Callable[[], Coroutine[None, None, bool]],
        *,
        seconds: float = START_TIMEOUT_SECONDS,
    ) -> None:
        """Poll `ready` until it returns True.

        Raises DemoError, with the log's end, if the process exits before or takes too long.
        """
        try:
            async with asyncio.timeout(seconds):
                while not await ready():
                    if self.process.returncode is not None:
                        raise DemoError(
                            f"{self.name} did not start:\n\n{self._log_tail()}"
                        )
                    await asyncio.sleep(POLL_INTERVAL_SECONDS)
        except TimeoutError as err:
            raise DemoError(
                f"{self.name} is not ready after {seconds:g} s:\n\n{self._log_tail()}"
            ) from err

    async def has_logged(self, text: str) -> bool:
        """Return whether the log contains a text."""
        return text in self.log.read_text("utf-8", errors="replace")

    def _log_tail(self) -> str:
        lines = self.log.read_text("utf-8", errors="replace").splitlines()
        return "\n".join(f"  {line}" for line in lines[-15:])


@asynccontextmanager
async def run_simulator(
    port: int, options: Iterable[str], *, log: Path
) -> AsyncGenerator[ManagedProcess]:
    """Run the simulator; it listens on the port when the context begins.

    Its log proves that. A connection would not: the simulator serves one client at a time, and
    Home Assistant may reconnect first and occupy the port.
    """
    async with run_module(
        "The simulated inverter",
        SIMULATOR_MODULE,
        f"--host={LOOPBACK}",
        f"--port={port}",
        # Without it, Home Assistant would report a wrong inverter clock.
        f"--wall-clock={TIME_ZONE}",
        *options,
        folder=REPOSITORY,
        log=log,
    ) as simulator:
        await simulator.wait_until(
            partial(simulator.has_logged, SIMULATOR_READY_LINE),
            seconds=SIMULATOR_START_TIMEOUT_SECONDS,
        )
        yield simulator


@asynccontextmanager
async def run_home_assistant(
    config: Path, *, log: Path
) -> AsyncGenerator[ManagedProcess]:
    """Run Home Assistant with this configuration folder; it is still starting when the context begins."""
    async with run_module(
        "Home Assistant",
        "scripts.demo_run.home_assistant",
        f"--config={config}",
        # All requirements are installed already; a download at run time would be an error.
        "--skip-pip",
        folder=REPOSITORY,
        log=log,
    ) as home_assistant:
        yield home_assistant


@asynccontextmanager
async def run_module(
    name: str, module: str, *arguments: str, folder: Path, log: Path
) -> AsyncGenerator[ManagedProcess]:
    """Run a Python module in a process of its own; stop it when the context ends."""
    with log.open("wb") as output:
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            module,
            *arguments,
            cwd=folder,
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=asyncio.subprocess.STDOUT,
            # Ctrl-C must reach the demo only, which then stops its processes in order.
            start_new_session=True,
        )
    try:
        yield ManagedProcess(name, log, process)
    finally:
        await _stop(process)


async def _stop(process: Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(STOP_TIMEOUT_SECONDS):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def is_free(host: str, port: int) -> bool:
    """Return whether a port of this computer can be bound."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_port(host: str) -> int:
    """Return a port that is free now."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port
