"""How the two programs are started: the imagined house, and the Home Assistant that watches it."""

from collections.abc import AsyncGenerator, Iterable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

from .folder import LOOPBACK, REPOSITORY, TIME_ZONE
from .processes import Program, running

SIMULATOR = "custom_components.alphaess_live.simulator"
LISTENING = f"listens on {LOOPBACK}"
"""What the simulator prints as soon as its port is open."""
SIMULATOR_SECONDS = 30
"""s that its start may take; about 1 s where nothing else runs."""


@asynccontextmanager
async def imagined_house(
    port: int, wishes: Iterable[str], *, log: Path
) -> AsyncGenerator[Program]:
    """Run the simulator on this port; it listens when the context begins.

    Its log says so. A connection of our own would be no proof: the simulator serves one client at a time, and
    Home Assistant may reconnect first and keep the port.
    """
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
        await program.until(
            partial(program.has_logged, LISTENING), seconds=SIMULATOR_SECONDS
        )
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
