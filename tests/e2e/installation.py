"""A simulated inverter and a Home Assistant in processes of their own, which a test can stop, suspend and restart."""

import asyncio
from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, AsyncExitStack, asynccontextmanager
import json
from pathlib import Path
import signal
from typing import Any

from aiohttp import ClientSession, ClientWebSocketResponse

from scripts.demo_run import DemoError
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

SIMULATOR_OPTIONS = ("--day=sunny", "--start=12:30", "--soc=64")
START_TIMEOUT_SECONDS = 50
"""For Home Assistant; less than the timeout of a test, so that the failure shows the end of its log."""


class RestartableProcess:
    """A process that can be stopped and started again."""

    def __init__(
        self, run: Callable[[], AbstractAsyncContextManager[ManagedProcess]]
    ) -> None:
        """Keep the function that runs the process; it is not started yet."""
        self._run = run
        self._stack = AsyncExitStack()
        self._managed: ManagedProcess | None = None

    async def start(self) -> None:
        """Start the process and wait until it is ready; no effect if it runs already."""
        if self._managed is None:
            self._managed = await self._stack.enter_async_context(self._run())

    async def stop(self) -> None:
        """Stop the process in order; no effect if it does not run."""
        self._managed = None
        await self._stack.aclose()

    def suspend(self) -> None:
        """Make it stop answering without closing a connection, as a pulled cable does."""
        self._send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Continue after `suspend`."""
        self._send_signal(signal.SIGCONT)

    def kill(self) -> None:
        """End it without any clean-up of its own; `stop` must follow."""
        self._send_signal(signal.SIGKILL)

    def _send_signal(self, number: signal.Signals) -> None:
        assert self._managed
        self._managed.process.send_signal(number)


class Installation:
    """One inverter and the Home Assistant that it is added to."""

    def __init__(self, folder: Path) -> None:
        """Choose ports and write the configuration folder; no process runs yet."""
        self._folder = folder
        self._ports = (free_port(LOOPBACK), free_port(LOOPBACK))
        self.page_address = f"http://{LOOPBACK}:{free_port(LOOPBACK)}"
        """The origin of pages of others, which Home Assistant's setting for CORS allows."""
        self.token = write_config_folder(
            folder / "config", self._ports[0], origins=[self.page_address]
        )
        self._inverter_options: tuple[str, ...] = ()
        self.address = f"http://{LOOPBACK}:{self._ports[0]}"
        self.inverter = RestartableProcess(self._run_simulator)
        self.home_assistant = RestartableProcess(self._run_home_assistant)

    async def start(self) -> None:
        """Start both processes and add the inverter to Home Assistant."""
        await self.inverter.start()
        await self.home_assistant.start()
        async with self.client() as client:
            await add_inverter(client, Address(host=LOOPBACK, port=self._ports[1]))

    async def stop(self) -> None:
        """Stop both processes."""
        await self.home_assistant.stop()
        await self.inverter.stop()

    async def restart_inverter(self, *fault_bits: str) -> None:
        """Restart the inverter with exactly these bits of its fault words set, each as WORD:BIT."""
        await self._restart_inverter(*(f"--fault={bit}" for bit in fault_bits))

    async def slow_inverter_down(self, seconds: float) -> None:
        """Restart the inverter with this delay before each answer."""
        await self._restart_inverter(f"--delay={seconds}")

    async def _restart_inverter(self, *options: str) -> None:
        await self.inverter.stop()
        self._inverter_options = options
        await self.inverter.start()

    def stored_leases(self) -> list[Any]:
        """Return the leases that are on disk now."""
        for path in (self._folder / "config" / ".storage").glob("alphaess_live.*"):
            content: dict[str, Any] = json.loads(path.read_text("utf-8"))["data"]
            if "leases" in content:
                return list(content["leases"])
        return []

    async def call_action(self, action: str, **data: Any) -> None:
        """Call an action of the integration."""
        async with self.client() as client:
            await client.post(f"/api/services/alphaess_live/{action}", data)

    async def wait_for_rated_power(self) -> None:
        """Wait until readings over a minute have confirmed the rated power: an order without a power needs it."""
        while True:
            try:
                await self.call_action("hold", block="discharge")
            except DemoError as err:
                if "rated power" not in str(err):
                    raise
                await asyncio.sleep(2)
            else:
                await self.call_action("stop")
                return

    async def reload_inverter(self) -> None:
        """Reload the config entry of the inverter."""
        entries = await self.call("config_entries/get", domain="alphaess_live")
        async with self.client() as client:
            await client.post(
                "/api/services/homeassistant/reload_config_entry",
                {"entry_id": entries[0]["entry_id"]},
            )

    async def call(self, command: str, **fields: Any) -> Any:
        """Send a command to Home Assistant's WebSocket API and return its result."""
        async with self.client() as client, client.web_socket() as web_socket:
            return await web_socket.call(command, **fields)

    async def status(self) -> dict[str, Any]:
        """Return the response of the action `get_status`."""
        result = await self.call(
            "call_service",
            domain="alphaess_live",
            service="get_status",
            return_response=True,
        )
        status: dict[str, Any] = result["response"]
        return status

    async def create_dashboard(self, path: str, config: Json) -> None:
        """Add a dashboard to Home Assistant."""
        await self.call(
            "lovelace/dashboards/create",
            url_path=path,
            mode="storage",
            title=path,
            show_in_sidebar=False,
        )
        await self.call("lovelace/config/save", url_path=path, config=config)

    @asynccontextmanager
    async def feed_client(self) -> AsyncGenerator[None]:
        """Keep a feed client connected, so that polls are as frequent as with an open card."""
        headers = {"Authorization": f"Bearer {self.token}"}
        async with (
            ClientSession(headers=headers) as session,
            session.ws_connect(f"{self.address}/ws/power-data") as feed,
        ):
            receiving = asyncio.create_task(_receive_all(feed))
            yield
            receiving.cancel()

    def client(self) -> AbstractAsyncContextManager[HomeAssistantClient]:
        """Return a client of Home Assistant's API with the owner's token."""
        return connect(self.address, self.token)

    @asynccontextmanager
    async def _run_simulator(self) -> AsyncGenerator[ManagedProcess]:
        log = self._folder / "simulator.log"
        options = (*SIMULATOR_OPTIONS, *self._inverter_options)
        async with run_simulator(self._ports[1], options, log=log) as simulator:
            yield simulator

    @asynccontextmanager
    async def _run_home_assistant(self) -> AsyncGenerator[ManagedProcess]:
        log = self._folder / "home-assistant.log"
        config = self._folder / "config"
        async with run_home_assistant(config, log=log) as home_assistant:
            async with self.client() as client:
                await home_assistant.wait_until(
                    client.is_running, seconds=START_TIMEOUT_SECONDS
                )
            yield home_assistant


async def _receive_all(feed: ClientWebSocketResponse) -> None:
    """Receive and discard; the server closes the connection of a client that does not receive."""
    async for _ in feed:
        pass
