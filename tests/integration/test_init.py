"""Home Assistant stops and an entry unloads at once, over every kind of link, also one that is dead."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial
import logging
from typing import Any

from homeassistant.config_entries import ConfigEntryState
from homeassistant.const import EVENT_HOMEASSISTANT_STOP, STATE_ON
from homeassistant.core import HomeAssistant
import pytest

from custom_components.alphaess_live.connection import intervals, link
from custom_components.alphaess_live.simulator.server import serve
from tests.fault_proxy import Fault, FaultProxy

from .conftest import House, poll, set_behaviour, set_up
from .peers import serve_peer
from .serial_lines import forward_to, open_serial_line

LONG_TIMEOUT = 600
"""Seconds of the response timeout: a request that ends earlier did not time out."""


LINKS = [
    ("tcp", Fault.SILENT),
    ("tcp", Fault.BLACK_HOLE),
    ("shared", Fault.SILENT),
    ("shared", Fault.BLACK_HOLE),
    ("rtu_over_tcp", Fault.SILENT),
    ("serial", Fault.SILENT),
]


@asynccontextmanager
async def open_link(
    house: House, transport: str, fault: Fault
) -> AsyncIterator[tuple[dict[str, Any], Callable[[], Awaitable[None]]]]:
    """Serve a house over this link; yield its entry data, and a function that makes it silent."""
    async with AsyncExitStack() as stack:
        if transport in ("tcp", "shared"):
            proxy = FaultProxy(house.server.port)
            await proxy.open()
            stack.push_async_callback(proxy.close)
            yield {"port": proxy.port}, partial(proxy.inject, fault)
            return
        server = await stack.enter_async_context(serve(house.inverter, rtu=True))
        if transport == "serial":
            line = await stack.enter_async_context(open_serial_line(server))
            yield {"device": line.device, "baud_rate": 9600}, server.switch_off
        else:
            gateway = await stack.enter_async_context(serve_peer(forward_to(server)))
            yield {"port": gateway.port}, server.switch_off


@asynccontextmanager
async def unanswered_poll(
    hass: HomeAssistant, house: House, transport: str, fault: Fault
) -> AsyncIterator[asyncio.Future[None]]:
    """Load a house's entry; yield a poll to which the inverter never answers."""
    async with open_link(house, transport, fault) as (address, silence):
        house.entry.add_to_hass(hass)
        data = house.entry.data | {"transport": transport} | address
        hass.config_entries.async_update_entry(house.entry, data=data)
        await set_up(hass, house)
        assert house.coordinator.connection.connected
        await silence()
        waiting = asyncio.ensure_future(poll(house, full=True))
        for _ in range(20):
            await asyncio.sleep(0.005)
        assert not waiting.done()
        yield waiting


@pytest.fixture(autouse=True)
def long_timeouts(monkeypatch: pytest.MonkeyPatch) -> None:
    """Set every response timeout to LONG_TIMEOUT."""
    monkeypatch.setitem(link.TCP_TIMING, "timeout_seconds", LONG_TIMEOUT)
    monkeypatch.setitem(link.SERIAL_TIMING, "timeout_seconds", LONG_TIMEOUT)
    monkeypatch.setitem(link.SHARED_TIMING, "timeout_seconds", LONG_TIMEOUT)
    monkeypatch.setattr(intervals, "FIRST_RESPONSE_SECONDS", LONG_TIMEOUT)


@pytest.mark.parametrize(("transport", "fault"), LINKS)
async def test_home_assistant_stop_during_unanswered_poll_is_immediate(
    hass: HomeAssistant, house: House, *, transport: str, fault: Fault
) -> None:
    async with unanswered_poll(hass, house, transport, fault) as waiting:
        async with asyncio.timeout(3):
            await hass.async_stop()
        await waiting


@pytest.mark.parametrize(("transport", "fault"), LINKS)
async def test_unload_during_unanswered_poll_is_immediate(
    hass: HomeAssistant, house: House, *, transport: str, fault: Fault
) -> None:
    async with unanswered_poll(hass, house, transport, fault) as waiting:
        async with asyncio.timeout(3):
            await hass.config_entries.async_unload(house.entry.entry_id)
        assert house.entry.state is ConfigEntryState.NOT_LOADED
        await waiting


@pytest.mark.parametrize("action", ["stop", "reload"])
async def test_stop_or_reload_during_a_response_reports_no_outage(
    hass: HomeAssistant, house: House, caplog: pytest.LogCaptureFixture, action: str
) -> None:
    await set_up(hass, house)
    types: list[str] = []
    house.coordinator.feed.subscribe(lambda message: types.append(message.event.type))
    set_behaviour(house, delay=0.2)
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
