"""Home Assistant stops, and an inverter is let go of, at once: whatever carries the link, and however dead it is."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import replace
from functools import partial
import logging
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import EVENT_HOMEASSISTANT_STOP, STATE_ON
from homeassistant.core import HomeAssistant
import pytest

from custom_components.alphaess_live.connection import link, pymodbus_link
from custom_components.alphaess_live.simulator.server import serve
from tests.fault_proxy import Fault, FaultProxy

from .conftest import House, poll, set_up
from .peers import serve_peer
from .serial_lines import forward_to, open_serial_line

AGES = 600
"""Seconds to wait for an answer: nothing that ends before did so by itself."""

WAYS = [
    ("tcp", Fault.SILENT),
    ("tcp", Fault.BLACK_HOLE),
    ("shared", Fault.SILENT),
    ("shared", Fault.BLACK_HOLE),
    ("rtu_over_tcp", Fault.SILENT),
    ("serial", Fault.SILENT),
]


@asynccontextmanager
async def way(
    house: House, transport: str, fault: Fault
) -> AsyncIterator[tuple[dict[str, Any], Callable[[], Awaitable[None]]]]:
    """Lead to a house that is there: tell where, and how to make it fall silent."""
    async with AsyncExitStack() as stack:
        if transport in ("tcp", "shared"):
            proxy = FaultProxy(house.server.port)
            await proxy.open()
            stack.push_async_callback(proxy.close)
            yield {"port": proxy.port}, partial(proxy.inject, fault)
            return
        server = await stack.enter_async_context(serve(house.inverter, rtu=True))
        if transport == "serial":
            cable = await stack.enter_async_context(open_serial_line(server))
            yield {"device": cable.device, "baud_rate": 9600}, server.switch_off
        else:
            bridge = await stack.enter_async_context(serve_peer(forward_to(server)))
            yield {"port": bridge.port}, server.switch_off


@asynccontextmanager
async def waiting_in_vain(
    hass: HomeAssistant, house: House, transport: str, fault: Fault
) -> AsyncIterator[asyncio.Future[None]]:
    """Load a house's entry, and ask an inverter that will never answer."""
    async with way(house, transport, fault) as (where, fall_silent):
        house.entry.add_to_hass(hass)
        told = house.entry.data | {"transport": transport} | where
        hass.config_entries.async_update_entry(house.entry, data=told)
        await set_up(hass, house)
        assert house.coordinator.connection.connected
        await fall_silent()
        waiting = asyncio.ensure_future(poll(house, full=True))
        for _ in range(20):
            await asyncio.sleep(0.005)
        assert not waiting.done()
        yield waiting


@pytest.fixture(autouse=True)
def patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for ages."""
    monkeypatch.setitem(link.TCP_TIMING, "timeout_seconds", AGES)
    monkeypatch.setitem(link.SERIAL_TIMING, "timeout_seconds", AGES)
    monkeypatch.setattr(pymodbus_link, "FIRST_RESPONSE_SECONDS", AGES)


@pytest.mark.parametrize(("transport", "fault"), WAYS)
async def test_home_assistant_stops_at_once_while_it_waits(
    hass: HomeAssistant, house: House, *, transport: str, fault: Fault
) -> None:
    async with waiting_in_vain(hass, house, transport, fault) as waiting:
        async with asyncio.timeout(3):
            await hass.async_stop()
        await waiting


@pytest.mark.parametrize(("transport", "fault"), WAYS)
async def test_an_entry_is_unloaded_at_once_while_it_waits(
    hass: HomeAssistant, house: House, *, transport: str, fault: Fault
) -> None:
    async with waiting_in_vain(hass, house, transport, fault) as waiting:
        async with asyncio.timeout(3):
            await hass.config_entries.async_unload(house.entry.entry_id)
        assert house.entry.state is ConfigEntryState.NOT_LOADED
        await waiting


@pytest.mark.parametrize("action", ["stop", "reload"])
async def test_hanging_up_in_the_middle_of_an_answer_is_no_outage(
    hass: HomeAssistant, house: House, caplog: pytest.LogCaptureFixture, action: str
) -> None:
    await set_up(hass, house)
    types: list[str] = []
    house.coordinator.feed.subscribe(lambda message: types.append(message.event.type))
    house.inverter.behaviour = replace(house.inverter.behaviour, delay=0.2)
    polling = asyncio.ensure_future(house.coordinator.async_refresh())
    await asyncio.sleep(0.1)
    caplog.clear()
    if action == "stop":
        hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
        await polling
        assert house.state(hass, "modbus") == STATE_ON
        assert float(house.state(hass, "battery_soc")) > 0
    else:
        await hass.config_entries.async_reload(house.entry.entry_id)
        await polling
    assert not types
    assert not [one for one in caplog.records if one.levelno >= logging.ERROR]
