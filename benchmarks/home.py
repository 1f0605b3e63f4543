"""A Home Assistant in this process, and an inverter that lives in a process of its own."""

import asyncio
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
import tempfile

from homeassistant.config_entries import SOURCE_USER
from homeassistant.core import HomeAssistant
from homeassistant.loader import DATA_CUSTOM_COMPONENTS
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.common import async_test_home_assistant

from custom_components.alphaess_live.const import DOMAIN
from custom_components.alphaess_live.coordinator import InverterCoordinator
from scripts.demo_home.entry import UNIT_ID
from scripts.demo_home.folder import LOOPBACK
from scripts.demo_home.processes import free_port
from scripts.demo_home.programs import imagined_house


@asynccontextmanager
async def live_inverter() -> AsyncGenerator[InverterCoordinator]:
    """Start both, and add the inverter as a person does; its time stands still at noon."""
    port, noon = free_port(LOOPBACK), ("--speed=0", "--start=12:00")
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        async with (
            imagined_house(port, noon, log=folder / "simulator.log"),
            async_test_home_assistant(
                asyncio.get_running_loop(), config_dir=name
            ) as hass,
        ):
            hass.data.pop(DATA_CUSTOM_COMPONENTS)
            for domain in ("http", DOMAIN):
                await async_setup_component(hass, domain, {})
            yield await add(hass, port)
            await hass.async_stop(force=True)


async def add(hass: HomeAssistant, port: int) -> InverterCoordinator:
    """Add the inverter at this port as a person does."""
    flow = hass.config_entries.flow
    menu = await flow.async_init(DOMAIN, context={"source": SOURCE_USER})
    await flow.async_configure(menu["flow_id"], {"next_step_id": "network"})
    form = {"host": LOOPBACK, "port": port, "unit_id": UNIT_ID}
    added = await flow.async_configure(menu["flow_id"], form)
    await hass.async_block_till_done()
    coordinator: InverterCoordinator = added["result"].runtime_data
    return coordinator
