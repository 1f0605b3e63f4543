"""Worker processes of a benchmark: commands as JSON lines on stdin, replies as JSON lines on stdout."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping
from contextlib import contextmanager
import json
import os
from pathlib import Path
import subprocess
import sys
import time
from typing import IO, Any, cast

ROOT = Path(__file__).parent.parent
NODE_FOLDER = ROOT / "benchmarks" / "node"
STDIN, STDOUT = 0, 1
STOP_TIMEOUT_SECONDS = 30
"""How long a worker may take to exit after its stdin was closed."""

type Command = Callable[..., Awaitable[Any]]


class WorkerError(Exception):
    """A worker ended without a reply. The text is the end of its log."""


class WorkerProcess:
    """The benchmark's side of a running worker."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        """Use a process whose stdin and stdout are pipes."""
        self.process = process
        self.address: dict[str, Any] = {}
        """Port and token of the worker's server, from its first reply."""
        self._log = log
        self._stdin = cast("IO[bytes]", process.stdin)
        self._stdout = cast("IO[bytes]", process.stdout)
        # Linux derives the id of a process's CPU clock from its pid (clock_getcpuclockid).
        self._clock = (~process.pid << 3) | 2

    def wait_until_ready(self) -> None:
        """Wait for the first reply, which contains the address."""
        self.address = self.receive()

    def call(self, *command: Any) -> Any:
        """Send a command and return its result. Raises WorkerError."""
        self.send(*command)
        return self.receive()

    def send(self, *command: Any) -> None:
        """Send a command; its result must be fetched with `receive`."""
        self._stdin.write(json.dumps(command).encode() + b"\n")
        self._stdin.flush()

    def receive(self) -> Any:
        """Wait for the result of the oldest pending command. Raises WorkerError."""
        if line := self._stdout.readline():
            return json.loads(line)
        raise WorkerError(self._log.read_text("utf-8", errors="replace")[-3000:])

    @property
    def cpu_nanoseconds(self) -> int:
        """Processor time that the worker has used so far."""
        return time.clock_gettime_ns(self._clock)


@contextmanager
def run_process(*command: str, log: Path) -> Iterator[WorkerProcess]:
    """Run a program as a worker; it is still starting when the context begins."""
    with log.open("wb") as errors:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
        )
    try:
        yield WorkerProcess(process, log)
    finally:
        _stop(process)


@contextmanager
def run_worker(module: str, *arguments: str, log: Path) -> Iterator[WorkerProcess]:
    """Run a Python module of this folder as a worker."""
    with run_process(
        sys.executable, "-m", f"benchmarks.{module}", *arguments, log=log
    ) as worker:
        yield worker


def node_command() -> tuple[str, ...]:
    """Return the command of the Node.js server; install its packages if they are missing."""
    if not (NODE_FOLDER / "node_modules" / "ws").exists():
        install = ("npm", "ci", "--no-audit", "--no-fund", "--loglevel=error")
        subprocess.run(install, cwd=NODE_FOLDER, check=True)
    return ("node", str(NODE_FOLDER / "server.mjs"))


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Close stdin, on which a worker exits."""
    if process.stdin:
        process.stdin.close()
    try:
        process.wait(STOP_TIMEOUT_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def send_reply(reply: Any) -> None:
    """Send a reply, in the worker."""
    os.write(STDOUT, json.dumps(reply).encode() + b"\n")


async def serve_commands(commands: Mapping[str, Command]) -> None:
    """Execute the commands one after the other until stdin is closed, in the worker."""
    loop = asyncio.get_running_loop()
    lines: asyncio.Queue[str | None] = asyncio.Queue()
    rest = b""

    def read() -> None:
        nonlocal rest
        if not (chunk := os.read(STDIN, 1 << 16)):
            loop.remove_reader(STDIN)
            lines.put_nowait(None)
            return
        *complete, rest = (rest + chunk).split(b"\n")
        for line in complete:
            lines.put_nowait(line.decode())

    loop.add_reader(STDIN, read)
    while (line := await lines.get()) is not None:
        name, *arguments = json.loads(line)
        send_reply(await commands[name](*arguments))
