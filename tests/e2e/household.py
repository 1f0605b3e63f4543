"""The house under test: a simulated inverter and a real Home Assistant, either of which can be taken away."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
from pathlib import Path
import signal
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse

from scripts.demo_run.config_entry import add_inverter
from scripts.demo_run.config_folder import LOOPBACK, write_config_folder
from scripts.demo_run.ha_client import HomeAssistantClient, Json, connect
from scripts.demo_run.options import Address
from scripts.demo_run.processes import (
    ManagedProcess,
    free_port,
    run_home_assistant,
    run_simulator,
)

SUNNY_NOON = ("--day=sunny", "--start=12:30", "--soc=64")
TO_START = 50
"""s that Home Assistant has until it is ready: less than a test has, so that its log says what is wrong."""


class Plug:
    """Whatever hangs on it can be switched off and on."""

    def __init__(
        self, start: Callable[[], AbstractAsyncContextManager[ManagedProcess]]
    ) -> None:
        """Nothing runs yet."""
        self._start = start
        self._running = AsyncExitStack()
        self._program: ManagedProcess | None = None

    async def on(self) -> None:
        """Start it and wait until it is ready; nothing if it is on already."""
        if self._program is None:
            self._program = await self._running.enter_async_context(self._start())

    async def off(self) -> None:
        """Stop it as a person would; nothing if it is off already."""
        self._program = None
        await self._running.aclose()

    def freeze(self) -> None:
        """Let it fall silent without a word, as behind a pulled cable."""
        self._signal(signal.SIGSTOP)

    def kill(self) -> None:
        """End it without a chance to put anything in order; `off` clears up."""
        self._signal(signal.SIGKILL)

    def thaw(self) -> None:
        """Let it go on where it stopped."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        assert self._program
        self._program.process.send_signal(number)


async def _exhaust(feed: ClientWebSocketResponse) -> None:
    """Read on: who does not is taken for dead."""
    async for _ in feed:
        pass


class Household:
    """What a test may do to the house."""

    def __init__(self, folder: Path) -> None:
        """Choose places and ports; nothing runs yet."""
        self._folder = folder
        self._ports = (free_port(LOOPBACK), free_port(LOOPBACK))
        self._token = write_config_folder(folder / "config", self._ports[0])
        self.ailments: tuple[str, ...] = ()
        """What the inverter complains about from its next start: WORD:BIT."""
        self.address = f"http://{LOOPBACK}:{self._ports[0]}"
        self.inverter = Plug(self._simulator)
        self.home_assistant = Plug(self._home_assistant)

    async def move_in(self) -> None:
        """Switch everything on, and give Home Assistant the inverter."""
        await self.inverter.on()
        await self.home_assistant.on()
        async with self.home() as home:
            await add_inverter(home, Address(host=LOOPBACK, port=self._ports[1]))

    async def move_out(self) -> None:
        """Switch everything off."""
        await self.home_assistant.off()
        await self.inverter.off()

    async def fall_ill(self, *ailments: str) -> None:
        """Let the inverter start anew, with these bits of its fault words set and no others."""
        await self.inverter.off()
        self.ailments = ailments
        await self.inverter.on()

    async def act(self, action: str, **data: Any) -> None:
        """Call one of our actions, as an automation would."""
        async with self.home() as home:
            await home.post(f"/api/services/alphaess_live/{action}", data)

    async def ask(self, command: str, **fields: Any) -> Any:
        """Ask Home Assistant over its WebSocket."""
        async with self.home() as home, home.web_socket() as conversation:
            return await conversation.call(command, **fields)

    async def hang(self, path: str, dashboard: Json) -> None:
        """Give Home Assistant one more dashboard."""
        await self.ask(
            "lovelace/dashboards/create",
            url_path=path,
            mode="storage",
            title=path,
            show_in_sidebar=False,
        )
        await self.ask("lovelace/config/save", url_path=path, config=dashboard)

    @asynccontextmanager
    async def watched(self) -> AsyncGenerator[None]:
        """Follow the feed without a browser, so that the inverter is read as often as while a card is open."""
        headers = {"Authorization": f"Bearer {self._token}"}
        async with (
            ClientSession(headers=headers) as session,
            session.ws_connect(f"{self.address}/ws/power-data") as feed,
        ):
            listening = asyncio.create_task(_exhaust(feed))
            yield
            listening.cancel()

    def home(self) -> AbstractAsyncContextManager[HomeAssistantClient]:
        """Speak to Home Assistant as its owner."""
        return connect(self.address, self._token)

    @asynccontextmanager
    async def _simulator(self) -> AsyncGenerator[ManagedProcess]:
        log = self._folder / "simulator.log"
        faults = (f"--fault={ailment}" for ailment in self.ailments)
        wishes = (*SUNNY_NOON, *faults)
        async with run_simulator(self._ports[1], wishes, log=log) as program:
            yield program

    @asynccontextmanager
    async def _home_assistant(self) -> AsyncGenerator[ManagedProcess]:
        log = self._folder / "home-assistant.log"
        config = self._folder / "config"
        async with run_home_assistant(config, log=log) as home_assistant:
            async with self.home() as home:
                await home_assistant.wait_until(home.is_running, seconds=TO_START)
            yield home_assistant
