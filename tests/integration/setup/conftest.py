"""Steps of the config flow, and simulated inverters to be found."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any

from homeassistant.config_entries import (
    SOURCE_USER,
    ConfigEntry,
    ConfigEntryState,
    ConfigFlowResult,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest

from custom_components.alphaess_live.const import DOMAIN
from custom_components.alphaess_live.coordinator import InverterCoordinator
from custom_components.alphaess_live.simulator.demo import simulate
from custom_components.alphaess_live.simulator.models import THREE_PHASE, Model
from custom_components.alphaess_live.simulator.server import Server, serve

NOON = datetime(2025, 6, 21, 12)  # noqa: DTZ001 - as the inverter's


HOST = "127.0.0.1"


TEXTS = (
    Path(__file__).parents[3] / "custom_components/alphaess_live/translations/en.json"
)


@asynccontextmanager
async def inverter(
    model: Model = THREE_PHASE, unit_id: int = 85, *, rtu: bool = False
) -> AsyncIterator[Server]:
    unit = simulate(model, NOON, soc=50, speed=0)
    async with serve(unit, unit_id=unit_id, rtu=rtu) as server:
        yield server


@pytest.fixture(autouse=True)
async def _take_entries_down(hass: HomeAssistant) -> AsyncIterator[None]:
    """Remove all entries at the end of a test."""
    yield
    for entry in hass.config_entries.async_entries(DOMAIN):
        await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done()


async def form(hass: HomeAssistant, step: str) -> ConfigFlowResult:
    menu = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    return await submit(hass, menu, next_step_id=step)


async def network_form(hass: HomeAssistant) -> ConfigFlowResult:
    return await form(hass, "network")


async def submit(
    hass: HomeAssistant, flow: ConfigFlowResult, **user_input: Any
) -> ConfigFlowResult:
    result = await hass.config_entries.flow.async_configure(flow["flow_id"], user_input)
    await hass.async_block_till_done()
    return result


async def add_by(hass: HomeAssistant, step: str, **user_input: Any) -> ConfigEntry:
    result = await submit(hass, await form(hass, step), **user_input)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    entry = result["result"]
    assert entry.state is ConfigEntryState.LOADED
    assert coordinator(entry).connection.connected
    return entry


async def add(hass: HomeAssistant, server: Server) -> ConfigEntry:
    return await add_by(hass, "network", host=HOST, port=server.port)


def coordinator(entry: ConfigEntry) -> InverterCoordinator:
    found: InverterCoordinator = entry.runtime_data.coordinator
    return found


async def is_free(server: Server) -> bool:
    """Wait until the inverter's only connection is free: its port opens a moment after a disconnect."""
    for _ in range(100):
        try:
            _, writer = await asyncio.open_connection(HOST, server.port)
        except ConnectionRefusedError:
            await asyncio.sleep(0.01)
        else:
            writer.close()
            await writer.wait_closed()
            return True
    return False


def problem_in(result: ConfigFlowResult) -> dict[str, str]:
    assert result["type"] is FlowResultType.FORM
    assert result["errors"]
    return result["errors"]


def placeholders_of(result: ConfigFlowResult) -> Mapping[str, str]:
    placeholders = result["description_placeholders"]
    assert placeholders
    return placeholders
