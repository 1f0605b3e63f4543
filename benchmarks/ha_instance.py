"""A Home Assistant in this process, with an inverter that is simulated in another process."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
import tempfile

from homeassistant.config_entries import SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.loader import DATA_CUSTOM_COMPONENTS
from homeassistant.setup import async_setup_component

from custom_components.alphaess_live.const import DOMAIN
from custom_components.alphaess_live.coordinator import InverterCoordinator
from scripts.demo_run.config_entry import DEFAULT_UNIT_ID
from scripts.demo_run.config_folder import LOOPBACK
from scripts.demo_run.processes import free_port, run_simulator

FIXED_NOON = ("--speed=0", "--start=12:00")
"""Options of a simulator whose values do not change."""


@asynccontextmanager
async def run_instance() -> AsyncGenerator[InverterCoordinator]:
    """Run both, add the inverter through the config flow, and yield its coordinator."""
    # Imported here because the workers of other benchmarks must run without the test plugin.
    from pytest_homeassistant_custom_component.common import (  # noqa: PLC0415
        async_test_home_assistant,
    )

    port = free_port(LOOPBACK)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with (
            run_simulator(port, FIXED_NOON, log=folder / "simulator.log"),
            async_test_home_assistant(
                asyncio.get_running_loop(), config_dir=name
            ) as hass,
        ):
            hass.data.pop(DATA_CUSTOM_COMPONENTS)
            # Another Home Assistant may use the usual port.
            http = {"server_host": [LOOPBACK], "server_port": free_port(LOOPBACK)}
            for domain in ("http", DOMAIN):
                await async_setup_component(hass, domain, {"http": http})
            yield await add_inverter(hass, port)
            await hass.async_stop(force=True)


async def add_inverter(hass: HomeAssistant, port: int) -> InverterCoordinator:
    """Add the inverter at this port through the config flow."""
    flow = hass.config_entries.flow
    menu = await flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    await flow.async_configure(menu["flow_id"], {"next_step_id": "network"})
    form = {"host": LOOPBACK, "port": port, "unit_id": DEFAULT_UNIT_ID}
    result = await flow.async_configure(menu["flow_id"], form)
    await hass.async_block_till_done()
    coordinator: InverterCoordinator = result["result"].runtime_data.coordinator
    return coordinator
