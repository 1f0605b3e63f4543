"""How the two programs are started: the imagined house, and the Home Assistant that watches it."""

from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from .folder import LOOPBACK, REPOSITORY, TIME_ZONE
from .processes import Program, is_open, running

SIMULATOR = "custom_components.alphaess_live.simulator"


@asynccontextmanager
async def imagined_house(
    port: int, wishes: Iterable[str], *, log: Path
) -> AsyncGenerator[Program]:
    """Let the simulator live on this port; it listens when the context begins."""
    async with running(
        "The simulated inverter",
        SIMULATOR,
        f"--host={LOOPBACK}",
        f"--port={port}",
        # Else Home Assistant, rightly, finds the inverter's clock wrong.
        f"--wall-clock={TIME_ZONE}",
        *wishes,
        folder=REPOSITORY,
        log=log,
    ) as program:
        await program.until(partial(is_open, LOOPBACK, port))
        yield program


@asynccontextmanager
async def home_assistant(config: Path, *, log: Path) -> AsyncGenerator[Program]:
    """Start Home Assistant on this folder; it is not ready when the context begins."""
    async with running(
        "Home Assistant",
        "homeassistant",
        f"--config={config}",
        # Everything is installed, and nothing may be fetched while it runs.
        "--skip-pip",
        folder=config,
        log=log,
    ) as program:
        yield program
