"""The programs that make up the demo: started beside it, never left behind."""

import asyncio
from asyncio.subprocess import Process
from collections.abc import AsyncGenerator, Callable, Coroutine
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
import socket
import sys

from .errors import DemoError

TO_STOP = 30
"""s that a program has to end by itself."""
BETWEEN_LOOKS = 0.2
"""s."""
START_SECONDS = 300
"""s until a program that is not ready is given up: a first start on a small computer takes a minute or two."""


@dataclass(frozen=True, slots=True)
class Program:
    """One that runs."""

    name: str
    log: Path
    process: Process

    async def until(
        self,
        ready: Callable[[], Coroutine[None, None, bool]],
        *,
        seconds: float = START_SECONDS,
    ) -> None:
        """Wait until it is ready. Raises DemoError, with the end of its log, if it ends before or takes too long."""
        try:
            async with asyncio.timeout(seconds):
                while not await ready():
                    if self.process.returncode is not None:
                        raise DemoError(
                            f"{self.name} did not start:\n\n{self._last_words()}"
                        )
                    await asyncio.sleep(BETWEEN_LOOKS)
        except TimeoutError as err:
            raise DemoError(
                f"{self.name} is not ready after {seconds:g} s:\n\n{self._last_words()}"
            ) from err

    async def has_logged(self, text: str) -> bool:
        """Whether its log contains a text."""
        return text in self.log.read_text("utf-8", errors="replace")

    def _last_words(self) -> str:
        lines = self.log.read_text("utf-8", errors="replace").splitlines()
        return "\n".join(f"  {line}" for line in lines[-15:])


@asynccontextmanager
async def running(
    name: str, module: str, *arguments: str, folder: Path, log: Path
) -> AsyncGenerator[Program]:
    """Run a Python module, and stop it at the end in any case."""
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
            # Ctrl-C reaches the demo alone, which then stops its programs in order.
            start_new_session=True,
        )
    try:
        yield Program(name, log, process)
    finally:
        await _stop(process)


async def _stop(process: Process) -> None:
    if process.returncode is not None:
        return
    process.terminate()
    try:
        async with asyncio.timeout(TO_STOP):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


def is_free(host: str, port: int) -> bool:
    """Tell whether nobody listens on a port of this computer."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True


def free_port(host: str) -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind((host, 0))
        port: int = probe.getsockname()[1]
        return port
