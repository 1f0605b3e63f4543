"""Whatever the way to an inverter, it is added, read, moved and lost alike."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import fcntl
import os
from typing import Any

from homeassistant.components.modbus import async_get_temporary_unit
from homeassistant.components.modbus.connection import async_get_connection_info
from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    SOURCE_USER,
    ConfigEntry,
    ConfigEntryState,
    ConfigFlowResult,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
from modbus_connection import ModbusTcpParams
import pytest

from custom_components.alphaess_live.alphaess.errors import ErrorKind
from custom_components.alphaess_live.const import DOMAIN
from custom_components.alphaess_live.coordinator import InverterCoordinator
from custom_components.alphaess_live.simulator.demo import imagine
from custom_components.alphaess_live.simulator.models import (
    SINGLE_PHASE,
    THREE_PHASE,
    Model,
)
from custom_components.alphaess_live.simulator.server import Server, serve

from .conftest import NOON
from .lines import passing_on, serial_line, terminal
from .peers import black_hole, free_port, hasty_web, serving, silent

pytestmark = pytest.mark.usefixtures("socket_enabled")

HOST = "127.0.0.1"


@asynccontextmanager
async def inverter(
    model: Model = THREE_PHASE, unit_id: int = 85, *, rtu: bool = True
) -> AsyncIterator[Server]:
    unit = imagine(model, NOON, speed=0)
    async with serve(unit, unit_id=unit_id, rtu=rtu) as server:
        yield server


@pytest.fixture(autouse=True)
async def _take_entries_down(hass: HomeAssistant) -> AsyncIterator[None]:
    yield
    for entry in hass.config_entries.async_entries(DOMAIN):
        await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done()


async def submit(
    hass: HomeAssistant, flow: ConfigFlowResult, **told: Any
) -> ConfigFlowResult:
    result = await hass.config_entries.flow.async_configure(flow["flow_id"], told)
    await hass.async_block_till_done()
    return result


async def form(hass: HomeAssistant, step: str) -> ConfigFlowResult:
    menu = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    return await submit(hass, menu, next_step_id=step)


async def add(hass: HomeAssistant, step: str, **told: Any) -> ConfigEntry:
    result = await submit(hass, await form(hass, step), **told)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    entry = result["result"]
    assert entry.state is ConfigEntryState.LOADED
    assert coordinator(entry).connection.connected
    return entry


def coordinator(entry: ConfigEntry) -> InverterCoordinator:
    found: InverterCoordinator = entry.runtime_data
    return found


def where(entry: ConfigEntry) -> dict[str, Any]:
    learned = ("identity", "served", "refused", "variants")
    return {key: entry.data[key] for key in entry.data if key not in learned}


def told_by(result: ConfigFlowResult) -> dict[str, str]:
    return dict(result["description_placeholders"] or {})


async def move(
    hass: HomeAssistant, entry: ConfigEntry, **told: Any
) -> ConfigFlowResult:
    flow = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_RECONFIGURE, "entry_id": entry.entry_id}
    )
    assert flow["step_id"] == "reconfigure"
    return await submit(hass, flow, **told)


async def test_an_inverter_behind_a_bridge_is_added_and_moved(
    hass: HomeAssistant,
) -> None:
    async with (
        inverter() as server,
        serving(passing_on(server)) as bridge,
        serving(passing_on(server)) as other_bridge,
    ):
        entry = await add(hass, "bridge", host=HOST, port=bridge.port)
        assert where(entry) == {
            "transport": "rtu_over_tcp",
            "host": HOST,
            "port": bridge.port,
            "unit_id": 85,
        }
        told = {"host": HOST, "port": other_bridge.port, "unit_id": 85}
        result = await move(hass, entry, **told)
        assert result["reason"] == "reconfigure_successful"
        assert where(entry) == told | {"transport": "rtu_over_tcp"}
        assert not server.unit.journal.written


async def test_an_inverter_at_a_serial_port_is_added_lost_and_found(
    hass: HomeAssistant,
) -> None:
    async with inverter() as server, serial_line(server) as cable:
        told = {"device": cable.device, "baud_rate": "115200"}
        entry = await add(hass, "serial", **told)
        assert where(entry) == {
            "transport": "serial",
            "host": "",
            "port": 502,
            "device": cable.device,
            "baud_rate": 115200,
            "unit_id": 85,
        }
        result = await move(hass, entry, **told, unit_id=85)
        assert result["reason"] == "reconfigure_successful"
        cable.unplug()
        while coordinator(entry).connection.connected:
            await hass.async_block_till_done()
        assert coordinator(entry).connection.error_kind is ErrorKind.RESET
        assert not server.unit.journal.written


async def test_an_inverter_is_added_on_the_connection_that_others_use(
    hass: HomeAssistant,
) -> None:
    async with inverter(rtu=False) as server:
        params = ModbusTcpParams(host=HOST, port=server.port)
        async with async_get_temporary_unit(hass, params, 85) as other:
            assert await other.read_holding_registers(0x0102, 1)
            # The one client that the inverter serves is there: only sharing it can work.
            told = {"host": HOST, "port": server.port, "shared": True}
            entry = await add(hass, "network", **told)
            assert where(entry) == {
                "transport": "shared",
                "host": HOST,
                "port": server.port,
                "unit_id": 85,
            }
            (shown,) = async_get_connection_info(hass)
            assert shown.units == {entry.entry_id: [85]}
            await hass.config_entries.async_unload(entry.entry_id)
            assert await other.read_holding_registers(0x0102, 1)
        await server.free()
        await hass.config_entries.async_setup(entry.entry_id)
        result = await move(hass, entry, host=HOST, port=server.port, unit_id=85)
        assert result["reason"] == "reconfigure_successful"
        assert where(entry)["transport"] == "tcp"


async def test_a_shared_inverter_is_lost_and_found_by_itself(
    hass: HomeAssistant,
) -> None:
    async with inverter(rtu=False) as server:
        told = {"host": HOST, "port": server.port, "shared": True}
        entry = await add(hass, "network", **told)
        await server.switch_off()
        while coordinator(entry).connection.connected:
            await hass.async_block_till_done()
        await coordinator(entry).async_refresh()
        assert coordinator(entry).connection.error_kind is ErrorKind.REFUSED
        await server.switch_on()
        await coordinator(entry).async_refresh()
        assert coordinator(entry).connection.connected


async def test_inverters_behind_one_bridge_are_added_one_by_one(
    hass: HomeAssistant,
) -> None:
    async with (
        inverter(unit_id=1) as one,
        inverter(SINGLE_PHASE, unit_id=2) as two,
        serving(passing_on(one, two)) as bridge,
    ):
        told = {"host": HOST, "port": bridge.port}
        first = await add(hass, "bridge", **told, unit_id=1)
        second = await add(hass, "bridge", **told, unit_id=2)
        assert first.unique_id != second.unique_id
        assert bridge.connected == 1
        assert coordinator(first).connection.connected
        again = await submit(hass, await form(hass, "bridge"), **told, unit_id=2)
        assert again["errors"] == {"base": "already_in_use"}
        nobody = await submit(hass, await form(hass, "bridge"), **told, unit_id=9)
        assert nobody["reason"] == "already_configured"
        await hass.config_entries.async_unload(first.entry_id)
        await coordinator(second).async_refresh()
        assert coordinator(second).connection.connected


async def test_one_inverter_that_is_down_delays_no_other(hass: HomeAssistant) -> None:
    async with inverter(rtu=False) as one, inverter(SINGLE_PHASE, rtu=False) as two:
        down = await add(hass, "network", host=HOST, port=one.port)
        up = await add(hass, "network", host=HOST, port=two.port)
        one.unit.behaviour = one.unit.behaviour.__class__(silent=True)
        waiting = asyncio.ensure_future(coordinator(down).async_refresh())
        for _ in range(3):
            await coordinator(up).read_now()
            assert coordinator(up).connection.connected
        assert not waiting.done()
        await waiting
        assert not coordinator(down).connection.connected


async def test_a_bridge_without_an_inverter_is_told_from_one_that_is_not_there(
    hass: HomeAssistant,
) -> None:
    async with serving(silent) as bridge:
        told = {"host": HOST, "port": bridge.port}
        result = await submit(hass, await form(hass, "bridge"), **told)
        await bridge.gone()
    assert result["errors"] == {"base": "silent_bridge"}
    assert told_by(result)["units"] == "85, 1"
    told = {"host": HOST, "port": free_port()}
    result = await submit(hass, result, **told)
    assert result["errors"] == {"base": "refused"}
    with black_hole() as port:
        result = await submit(hass, result, host=HOST, port=port)
    assert result["errors"] == {"host": "unreachable"}
    async with serving(hasty_web) as page:
        result = await submit(hass, result, host=HOST, port=page.port)
        await page.gone()
    assert result["errors"] == {"port": "not_modbus"}


async def test_a_serial_port_that_cannot_be_used_is_said_to_be(
    hass: HomeAssistant,
) -> None:
    result = await submit(hass, await form(hass, "serial"), device="/dev/nothing")
    assert result["errors"] == {"device": "no_port"}
    result = await submit(hass, result, device="socket://bridge.lan:8899")
    assert result["errors"] == {"device": "no_port"}
    async with terminal() as cable:
        other = os.open(cable.device, os.O_RDWR | os.O_NOCTTY)
        fcntl.flock(other, fcntl.LOCK_EX)
        result = await submit(hass, result, device=cable.device)
        assert result["errors"] == {"device": "port_in_use"}
        os.close(other)
        result = await submit(hass, result, device=cable.device)
        assert result["errors"] == {"base": "silent_line"}
        assert told_by(result)["device"] == cable.device
        assert told_by(result)["baud_rate"] == "9600"


async def test_a_baud_rate_that_no_inverter_has_is_not_offered(
    hass: HomeAssistant,
) -> None:
    flow = await form(hass, "serial")
    with pytest.raises(InvalidData):
        await submit(hass, flow, device="/dev/ttyUSB0", baud_rate="300")


@pytest.mark.parametrize(("step", "least"), [("network", 0.05), ("bridge", 0.3)])
async def test_a_serial_line_is_given_the_pause_that_it_needs(
    hass: HomeAssistant, step: str, least: float
) -> None:
    async with (
        inverter(rtu=step == "bridge") as server,
        serving(passing_on(server)) as bridge,
    ):
        port = bridge.port if step == "bridge" else server.port
        entry = await add(hass, step, host=HOST, port=port)
        options = hass.config_entries.options
        flow = await options.async_init(entry.entry_id)
        await options.async_configure(flow["flow_id"], {"next_step_id": "settings"})
        with pytest.raises(InvalidData):
            await options.async_configure(
                flow["flow_id"], {"message_spacing": least - 0.01}
            )
        await options.async_configure(flow["flow_id"], {"message_spacing": least})
        await hass.async_block_till_done()
        assert entry.options["message_spacing"] == least
