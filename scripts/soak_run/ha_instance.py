"""A Home Assistant in this process, set up with a simulated inverter behind a proxy that injects faults."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from types import MappingProxyType
from typing import Any

from aiohttp.test_utils import TestServer
from homeassistant.auth.const import GROUP_ID_ADMIN
from homeassistant.config_entries import SOURCE_USER, ConfigEntry
from homeassistant.core import CoreState, HomeAssistant
from homeassistant.helpers import recorder as recorder_helper
from homeassistant.loader import DATA_CUSTOM_COMPONENTS
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import async_test_home_assistant

from custom_components.alphaess_live.alphaess.identity import identify
from custom_components.alphaess_live.alphaess.inverter import Inverter
from custom_components.alphaess_live.connection.link import ConnectionConfig, Transport
from custom_components.alphaess_live.const import DOMAIN
from custom_components.alphaess_live.coordinator import InverterCoordinator
from custom_components.alphaess_live.simulator.demo import simulate
from custom_components.alphaess_live.simulator.models import THREE_PHASE
from custom_components.alphaess_live.simulator.server import serve
from custom_components.alphaess_live.simulator.simulated_inverter import (
    SimulatedInverter,
)
from scripts.demo_run.processes import free_port
from tests.fault_proxy import FaultProxy

LOOPBACK = "127.0.0.1"

START_TIME = datetime(2025, 6, 21, 9, 30)  # noqa: DTZ001 - the inverter's clock has no time zone


@dataclass(frozen=True)
class ProxiedSimulator:
    """A simulated inverter whose time is advanced explicitly, and the proxy before it."""

    inverter: SimulatedInverter
    proxy: FaultProxy


@asynccontextmanager
async def run_simulator(*, seed: int, delay: float) -> AsyncIterator[ProxiedSimulator]:
    """Serve an inverter on a local port behind a proxy, whose slow answers take `delay` seconds."""
    inverter = simulate(THREE_PHASE, START_TIME, speed=0)
    async with serve(inverter) as server:
        proxy = FaultProxy(server.port, seed=seed, delay=delay)
        await proxy.open()
        try:
            yield ProxiedSimulator(inverter, proxy)
        finally:
            await proxy.close()


@dataclass(frozen=True)
class HomeAssistantInstance:
    """A running Home Assistant with the inverter's config entry."""

    hass: HomeAssistant
    entry: ConfigEntry
    feed_url: str
    token: str

    @property
    def coordinator(self) -> InverterCoordinator:
        """The coordinator of the loaded entry."""
        coordinator: InverterCoordinator = self.entry.runtime_data.coordinator
        return coordinator

    async def stop(self) -> None:
        """Stop Home Assistant unless it is stopped already."""
        if self.hass.state is not CoreState.stopped:
            await self.hass.async_stop(force=True)

    async def reload(self) -> None:
        """Reload the inverter's config entry."""
        await self.hass.config_entries.async_reload(self.entry.entry_id)


@asynccontextmanager
async def run_home_assistant(
    simulator: ProxiedSimulator, folder: str, *, has_recorder: bool = False
) -> AsyncIterator[HomeAssistantInstance]:
    """Run a Home Assistant that reads this inverter and serves clients on a local port."""
    async with async_test_home_assistant(
        asyncio.get_running_loop(), config_dir=folder
    ) as hass:
        hass.data.pop(DATA_CUSTOM_COMPONENTS)
        if has_recorder:
            database = {"db_url": f"sqlite:///{folder}/history.db"}
            recorder_helper.async_initialize_recorder(hass)
            await async_setup_component(hass, "recorder", {"recorder": database})
        # Not its usual port: a demo may run on this computer.
        address = {"server_host": LOOPBACK, "server_port": free_port(LOOPBACK)}
        await async_setup_component(hass, "http", {"http": address})
        await async_setup_component(hass, DOMAIN, {})
        entry = await _config_entry(simulator)
        await hass.config_entries.async_add(entry)
        server = TestServer(hass.http.app)
        await server.start_server()
        url = str(server.make_url("/ws/power-data"))
        instance = HomeAssistantInstance(hass, entry, url, await _create_token(hass))
        try:
            yield instance
        finally:
            # Always: a recorder that runs on would keep the process from ending.
            await instance.stop()
            await server.close()


async def _config_entry(simulator: ProxiedSimulator) -> ConfigEntry[Any]:
    reader = Inverter(simulator.inverter)
    identity = identify(await reader.read())
    address = ConnectionConfig.with_defaults(
        Transport.TCP, host=LOOPBACK, port=simulator.proxy.port
    )
    learned = {
        "identity": identity.to_dict(),
        "served": sorted(block.name for block in reader.served_blocks),
        "variants": [],
    }
    return ConfigEntry(
        data=address.to_entry_data() | learned,
        discovery_keys=MappingProxyType({}),
        domain=DOMAIN,
        minor_version=1,
        options=None,
        source=SOURCE_USER,
        subentries_data=None,
        title="AlphaESS",
        unique_id=identity.serial,
        version=1,
    )


async def _create_token(hass: HomeAssistant) -> str:
    """Create an access token for the feed clients."""
    user = await hass.auth.async_create_user("Clients", group_ids=[GROUP_ID_ADMIN])
    refresh = await hass.auth.async_create_refresh_token(
        user,
        client_name="soak",
        token_type="long_lived_access_token",  # noqa: S106 - a kind of token, not a secret
        access_token_expiration=timedelta(days=1),
    )
    return hass.auth.async_create_access_token(refresh)
