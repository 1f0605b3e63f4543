"""Runs the demo: starts simulator and Home Assistant, configures them, stops both at the end."""

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import AsyncExitStack, asynccontextmanager, contextmanager
from dataclasses import asdict, dataclass, replace
import fcntl
import json
from pathlib import Path
import shutil
import signal
from typing import Any, Self

from . import DemoError
from .config_entry import add_inverter, has_inverter, remove_inverters
from .config_folder import LOOPBACK, REPOSITORY, write_config_folder
from .dashboard import (
    build_dashboard,
    fingerprint,
    save_dashboard,
    save_energy_sources,
)
from .ha_client import HomeAssistantClient, HomeAssistantWebSocket, connect
from .options import Address, Options
from .processes import free_port, is_free, run_home_assistant, run_simulator

DEMO_FOLDER = REPOSITORY / ".local" / "demo"
STATE_FILE = DEMO_FOLDER / "state.json"
TOKEN_FILE = DEMO_FOLDER / "token"
CONFIG_FOLDER = DEMO_FOLDER / "config"
RESTART_EXIT_CODE = 100
"""Home Assistant's exit code when a user asked for a restart."""
SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoState:
    """What one demo stores for the next, so that the same house returns with its history."""

    simulator_port: int = 0
    """0: not chosen yet."""
    inverter: str = ""
    """The address and model of the inverter that was added to Home Assistant."""
    dashboard: str = ""
    """The fingerprint of the dashboard that the demo saved, before any change by the user."""

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read the state; return an empty one if the file does not exist."""
        return cls(**json.loads(path.read_text("utf-8"))) if path.exists() else cls()

    def write(self, path: Path, **changes: Any) -> Self:
        """Write the state with some fields changed, and return it."""
        state = replace(self, **changes)
        path.write_text(json.dumps(asdict(state), indent=2), "utf-8")
        return state


async def run_demo(options: Options) -> None:
    """Run until cancelled, for example by Ctrl-C. Raises DemoError if it cannot run."""
    _cancel_on_signal()
    with _single_instance():
        if options.reset:
            shutil.rmtree(DEMO_FOLDER, ignore_errors=True)
        if not is_free(LOOPBACK, options.port):
            raise DemoError(
                f"Port {options.port} is in use, perhaps by another Home Assistant."
                f" Stop that one, or choose another port:"
                f" ./scripts/demo --port {options.port + 1}"
            )
        token = write_config_folder(CONFIG_FOLDER, options.port)
        TOKEN_FILE.touch(mode=0o600)
        TOKEN_FILE.write_text(token, "utf-8")
        async with AsyncExitStack() as stack:
            address = options.inverter
            if address is None:
                address = await stack.enter_async_context(_run_simulator(options))
            url = f"http://{LOOPBACK}:{options.port}"
            client = await stack.enter_async_context(connect(url, token))
            await _run_home_assistant(client, address, options.model)


async def _run_home_assistant(
    client: HomeAssistantClient, address: Address, model: str | None
) -> None:
    """Run Home Assistant, and again after each restart that a user asks for."""
    print("Starting Home Assistant …")
    while True:
        log = DEMO_FOLDER / "home-assistant.log"
        async with run_home_assistant(CONFIG_FOLDER, log=log) as home_assistant:
            await home_assistant.wait_until(client.is_running)
            await _configure(client, address, model)
            print(
                f"\n  {client.address}\n\n"
                f"Live. Ctrl-C stops it. A token for its API is in {_relative(TOKEN_FILE)}."
            )
            code = await home_assistant.process.wait()
        if code != RESTART_EXIT_CODE:
            raise DemoError(f"Home Assistant ended: see {_relative(log)}")
        print("Restarting Home Assistant …")


async def _configure(
    client: HomeAssistantClient, address: Address, model: str | None
) -> None:
    """Add the inverter and the dashboard where they are missing."""
    state = DemoState.read(STATE_FILE)
    inverter = f"{address.host}:{address.port} {model or ''}".strip()
    async with client.web_socket() as web_socket:
        if inverter != state.inverter or not await has_inverter(web_socket):
            await remove_inverters(client, web_socket)
            await add_inverter(client, address)
            state = state.write(STATE_FILE, inverter=inverter)
        await _update_dashboard(web_socket, state)


async def _update_dashboard(
    web_socket: HomeAssistantWebSocket, state: DemoState
) -> None:
    """Save the dashboard unless the same one was saved before: the user may have changed it since."""
    entities = await web_socket.call("config/entity_registry/list")
    dashboard = build_dashboard(entities)
    if (current := fingerprint(dashboard)) == state.dashboard:
        return
    await save_dashboard(web_socket, dashboard)
    await save_energy_sources(web_socket, entities)
    state.write(STATE_FILE, dashboard=current)


@asynccontextmanager
async def _run_simulator(options: Options) -> AsyncGenerator[Address]:
    """Run the simulator on a port that stays the same, because the config entry contains it."""
    state = DemoState.read(STATE_FILE)
    port = state.simulator_port
    if not port or not is_free(LOOPBACK, port):
        port = free_port(LOOPBACK)
        state.write(STATE_FILE, simulator_port=port)
    print("Starting the simulated inverter …")
    log = DEMO_FOLDER / "simulator.log"
    async with run_simulator(port, options.simulator_options, log=log):
        yield Address(host=LOOPBACK, port=port)


@contextmanager
def _single_instance() -> Generator[None]:
    """Refuse a second demo in this folder. Raises DemoError."""
    DEMO_FOLDER.parent.mkdir(exist_ok=True)
    with (DEMO_FOLDER.parent / "demo.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as err:
            raise DemoError(
                "A demo is running here already: stop that one first."
            ) from err
        yield


def _cancel_on_signal() -> None:
    """Cancel the demo on the first signal and ignore further ones while it stops."""
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()

    def stop() -> None:
        for number in SIGNALS:
            loop.add_signal_handler(number, lambda: None)
        print("\nStopping …")
        if task:
            task.cancel()

    for number in SIGNALS:
        loop.add_signal_handler(number, stop)


def _relative(path: Path) -> str:
    return str(path.relative_to(REPOSITORY))
