"""A measured program, seen from outside: started, told what to do, its processor time read."""

from collections.abc import Iterator
from contextlib import contextmanager
import json
from pathlib import Path
import subprocess
import sys
import time
from typing import IO, Any, cast

ROOT = Path(__file__).parent.parent
TO_STOP = 30
"""s that a program has to end by itself."""
NODE = ROOT / "benchmarks" / "node"


class ProgramError(Exception):
    """A measured program does not answer; the text is the end of its log."""


class Program:
    """One that runs and obeys."""

    def __init__(self, process: subprocess.Popen[bytes], log: Path) -> None:
        """Nothing was heard of it yet."""
        self.process = process
        self.place: dict[str, Any] = {}
        """Where it listens, as it told when it was ready."""
        self._log = log
        self._orders = cast("IO[bytes]", process.stdin)
        self._answers = cast("IO[bytes]", process.stdout)
        # Linux gives every process a clock of its own that others may read (clock_getcpuclockid).
        self._clock = (~process.pid << 3) | 2

    def wait(self) -> None:
        """Wait until it is ready."""
        self.place = self.hear()

    def ask(self, *words: Any) -> Any:
        """Tell it to do something, and wait for what comes of it."""
        self.tell(*words)
        return self.hear()

    def tell(self, *words: Any) -> None:
        """Tell it to do something; `hear` has to follow."""
        self._orders.write(json.dumps(words).encode() + b"\n")
        self._orders.flush()

    def hear(self) -> Any:
        """Wait for what came of the oldest order. Raises ProgramError."""
        if line := self._answers.readline():
            return json.loads(line)
        raise ProgramError(self._log.read_text("utf-8", errors="replace")[-3000:])

    @property
    def cpu(self) -> int:
        """Processor time that it has taken so far, in ns."""
        return time.clock_gettime_ns(self._clock)


@contextmanager
def running(*command: str, log: Path) -> Iterator[Program]:
    """Start a program; stop it in any case. It is not ready when the context begins."""
    with log.open("wb") as errors:
        process = subprocess.Popen(
            command,
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
        )
    try:
        yield Program(process, log)
    finally:
        _stop(process)


@contextmanager
def python(module: str, *arguments: str, log: Path) -> Iterator[Program]:
    """Start a Python module of this folder."""
    with running(
        sys.executable, "-m", f"benchmarks.{module}", *arguments, log=log
    ) as program:
        yield program


def node_program() -> tuple[str, ...]:
    """Install the Node.js server where it is not, and say how it is started."""
    if not (NODE / "node_modules" / "ws").exists():
        install = ("npm", "ci", "--no-audit", "--no-fund", "--loglevel=error")
        subprocess.run(install, cwd=NODE, check=True)
    return ("node", str(NODE / "server.mjs"))


def _stop(process: subprocess.Popen[bytes]) -> None:
    """Say that there are no more orders; a program ends then."""
    if process.stdin:
        process.stdin.close()
    try:
        process.wait(TO_STOP)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
