"""An inverter is added, reconfigured, lost and found over each transport."""

import asyncio
from typing import Any

from homeassistant.components.modbus import async_get_temporary_unit
from homeassistant.components.modbus.connection import async_get_connection_info
from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigEntry,
    ConfigFlowResult,
)
from homeassistant.core import HomeAssistant
from modbus_connection import ModbusTcpParams
import pytest

from custom_components.alphaess_live.alphaess.errors import ErrorKind
from custom_components.alphaess_live.connection import link
from custom_components.alphaess_live.const import DOMAIN
from custom_components.alphaess_live.simulator.models import SINGLE_PHASE

from ..peers import serve_peer
from ..serial_lines import forward_to, open_serial_line
from .conftest import HOST, add_by, coordinator, form, inverter, submit

pytestmark = pytest.mark.usefixtures("socket_enabled")


def address_of(entry: ConfigEntry) -> dict[str, Any]:
    learned = ("identity", "serials", "served", "refused", "variants")
    return {key: entry.data[key] for key in entry.data if key not in learned}


async def reconfigure(
    hass: HomeAssistant, entry: ConfigEntry, **user_input: Any
) -> ConfigFlowResult:
    flow = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_RECONFIGURE, "entry_id": entry.entry_id}
    )
    assert flow["step_id"] == "reconfigure"
    result = await submit(hass, flow, **user_input)
    assert not result.get("errors")
    return result


async def test_inverter_behind_a_bridge_is_added_and_reconfigured(
    hass: HomeAssistant,
) -> None:
    async with (
        inverter(rtu=True) as server,
        serve_peer(forward_to(server)) as bridge,
        serve_peer(forward_to(server)) as other_bridge,
    ):
        entry = await add_by(hass, "bridge", host=HOST, port=bridge.port)
        assert address_of(entry) == {
            "transport": "rtu_over_tcp",
            "host": HOST,
            "port": bridge.port,
            "unit_id": 85,
        }
        user_input = {"host": HOST, "port": other_bridge.port, "unit_id": 85}
        result = await reconfigure(hass, entry, **user_input)
        assert result["reason"] == "reconfigure_successful"
        assert address_of(entry) == user_input | {"transport": "rtu_over_tcp"}
        assert not server.unit.journal.written


async def test_inverter_at_a_serial_port_is_added_and_lost_when_unplugged(
    hass: HomeAssistant,
) -> None:
    async with inverter(rtu=True) as server, open_serial_line(server) as cable:
        user_input = {"device": cable.device, "baud_rate": "115200"}
        entry = await add_by(hass, "serial", **user_input)
        assert address_of(entry) == {
            "transport": "serial",
            "host": "",
            "port": 502,
            "device": cable.device,
            "baud_rate": 115200,
            "unit_id": 85,
        }
        result = await reconfigure(hass, entry, **user_input, unit_id=85)
        assert result["reason"] == "reconfigure_successful"
        cable.unplug()
        while coordinator(entry).connection.connected:
            await hass.async_block_till_done()
        assert coordinator(entry).connection.error_kind is ErrorKind.RESET
        assert not server.unit.journal.written


async def test_inverter_is_added_on_a_connection_that_is_in_use(
    hass: HomeAssistant,
) -> None:
    async with inverter() as server:
        params = ModbusTcpParams(host=HOST, port=server.port)
        async with async_get_temporary_unit(hass, params, 85) as other:
            assert await other.read_holding_registers(0x0102, 1)
            # The inverter's only client is connected, so the connection must be shared.
            user_input = {"host": HOST, "port": server.port, "shared": True}
            entry = await add_by(hass, "network", **user_input)
            assert address_of(entry) == {
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
        result = await reconfigure(hass, entry, host=HOST, port=server.port, unit_id=85)
        assert result["reason"] == "reconfigure_successful"
        assert address_of(entry)["transport"] == "tcp"


async def test_shared_inverter_reconnects_by_itself(
    hass: HomeAssistant,
) -> None:
    async with inverter() as server:
        user_input = {"host": HOST, "port": server.port, "shared": True}
        entry = await add_by(hass, "network", **user_input)
        await server.switch_off()
        while coordinator(entry).connection.connected:
            await hass.async_block_till_done()
        await coordinator(entry).async_refresh()
        assert coordinator(entry).connection.error_kind is ErrorKind.REFUSED
        await server.switch_on()
        await coordinator(entry).async_refresh()
        assert coordinator(entry).connection.connected


async def test_two_inverters_behind_one_bridge_are_added(
    hass: HomeAssistant,
) -> None:
    async with (
        inverter(unit_id=1, rtu=True) as one,
        inverter(SINGLE_PHASE, unit_id=2, rtu=True) as two,
        serve_peer(forward_to(one, two)) as bridge,
    ):
        user_input = {"host": HOST, "port": bridge.port}
        first = await add_by(hass, "bridge", **user_input, unit_id=1)
        second = await add_by(hass, "bridge", **user_input, unit_id=2)
        assert first.unique_id != second.unique_id
        assert bridge.connected == 1
        assert coordinator(first).connection.connected
        again = await submit(hass, await form(hass, "bridge"), **user_input, unit_id=2)
        assert again["errors"] == {"base": "already_in_use"}
        other = await submit(hass, await form(hass, "bridge"), **user_input, unit_id=9)
        assert other["reason"] == "already_configured"
        await hass.config_entries.async_unload(first.entry_id)
        await coordinator(second).async_refresh()
        assert coordinator(second).connection.connected


async def test_silent_inverter_does_not_delay_another_one(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Longer than three readings take, also on a busy computer.
    monkeypatch.setitem(link.TCP_TIMING, "timeout_seconds", 6)
    async with inverter() as one, inverter(SINGLE_PHASE) as two:
        down = await add_by(hass, "network", host=HOST, port=one.port)
        up = await add_by(hass, "network", host=HOST, port=two.port)
        one.unit.behaviour = one.unit.behaviour.__class__(silent=True)
        waiting = asyncio.ensure_future(coordinator(down).async_refresh())
        for _ in range(3):
            await coordinator(up).async_refresh()
            assert coordinator(up).connection.connected
        assert not waiting.done()
        await waiting
        assert not coordinator(down).connection.connected
