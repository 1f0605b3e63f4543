"""The demo from beginning to end: a house, a Home Assistant that watches it, and both gone afterwards."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
import fcntl
from pathlib import Path
import shutil
import signal

from .dashboard import compose, fingerprint, hang
from .energy import watch_energy
from .entry import add, is_added, remove_all
from .errors import DemoError
from .folder import LOOPBACK, REPOSITORY, lay_out
from .home import Conversation, Home, home_at
from .notes import Notes
from .options import Address, Options
from .processes import free_port, is_free
from .programs import home_assistant, imagined_house

FOLDER = REPOSITORY / ".local" / "demo"
NOTES = FOLDER / "notes.json"
TOKEN = FOLDER / "token"
CONFIG = FOLDER / "config"
RESTART = 100
"""How Home Assistant ends when somebody pressed its restart button."""


async def show(options: Options) -> None:
    """Run until cancelled, by Ctrl-C for example. Raises DemoError if it cannot."""
    _stop_when_told()
    with _alone():
        if options.reset:
            shutil.rmtree(FOLDER, ignore_errors=True)
        if not is_free(LOOPBACK, options.port):
            raise DemoError(
                f"Port {options.port} is in use, perhaps by another Home Assistant."
                f" Stop that one, or choose another port:"
                f" ./scripts/demo --port {options.port + 1}"
            )
        token = lay_out(CONFIG, options.port)
        TOKEN.touch(mode=0o600)
        TOKEN.write_text(token, "utf-8")
        async with AsyncExitStack() as stack:
            address = options.inverter
            if address is None:
                address = await stack.enter_async_context(_imagined_house(options))
            place = f"http://{LOOPBACK}:{options.port}"
            home = await stack.enter_async_context(home_at(place, token))
            await _live(home, address, options.model)


async def _live(home: Home, address: Address, model: str | None) -> None:
    """Let Home Assistant run, and again after each restart that somebody asks for."""
    print("Starting Home Assistant …")
    while True:
        log = FOLDER / "home-assistant.log"
        async with home_assistant(CONFIG, log=log) as program:
            await program.until(home.is_running)
            await _furnish(home, address, model)
            print(
                f"\n  {home.address}\n\n"
                f"Live. Ctrl-C stops it. A token for its API is in {_brief(TOKEN)}."
            )
            code = await program.process.wait()
        if code != RESTART:
            raise DemoError(f"Home Assistant ended: see {_brief(program.log)}")
        print("Restarting Home Assistant …")


async def _furnish(home: Home, address: Address, model: str | None) -> None:
    """See to it that the inverter and the dashboard are there."""
    notes = Notes.read(NOTES)
    inverter = f"{address.host}:{address.port} {model or ''}".strip()
    async with home.conversation() as conversation:
        if inverter != notes.inverter or not await is_added(conversation):
            await remove_all(home, conversation)
            await add(home, address)
            notes = notes.write(NOTES, inverter=inverter)
        await _decorate(conversation, notes)


async def _decorate(conversation: Conversation, notes: Notes) -> None:
    """Hang up the dashboard, unless it hangs there already, perhaps changed by somebody."""
    entities = await conversation.ask("config/entity_registry/list")
    dashboard = compose(entities)
    if (mark := fingerprint(dashboard)) == notes.dashboard:
        return
    await hang(conversation, dashboard)
    await watch_energy(conversation, entities)
    notes.write(NOTES, dashboard=mark)


@asynccontextmanager
async def _imagined_house(options: Options) -> AsyncGenerator[Address]:
    """Let the simulator live on a port that stays the same, since Home Assistant remembers it."""
    notes = Notes.read(NOTES)
    port = notes.simulator_port
    if not port or not is_free(LOOPBACK, port):
        port = free_port(LOOPBACK)
        notes.write(NOTES, simulator_port=port)
    print("Starting the imagined house …")
    log = FOLDER / "simulator.log"
    async with imagined_house(port, options.house, log=log):
        yield Address(host=LOOPBACK, port=port)


@contextmanager
def _alone() -> Generator[None]:
    """Keep a second demo out of this folder."""
    FOLDER.parent.mkdir(exist_ok=True)
    with (FOLDER.parent / "demo.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as err:
            raise DemoError("A demo runs here already: stop that one first.") from err
        yield


def _stop_when_told() -> None:
    """Take the first signal as a wish to end; while ending, hear no further one."""
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()

    def stop() -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            loop.add_signal_handler(number, lambda: None)
        print("\nStopping …")
        if task:
            task.cancel()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        loop.add_signal_handler(number, stop)


def _brief(path: Path) -> str:
    return str(path.relative_to(REPOSITORY))
