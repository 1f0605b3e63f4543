"""The config flow adds an inverter that works."""

import asyncio

from homeassistant.config_entries import SOURCE_USER, ConfigEntryState, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest

from custom_components.alphaess_live.const import DOMAIN
from custom_components.alphaess_live.simulator.models import AC_COUPLED, THREE_PHASE

from ..peers import never_answer, serve_peer
from .conftest import HOST, add, inverter, is_free, network_form, problem_in, submit

pytestmark = pytest.mark.usefixtures("socket_enabled")


async def test_user_step_shows_the_menu_of_transports(hass: HomeAssistant) -> None:
    result = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    assert result["type"] is FlowResultType.MENU
    assert result["menu_options"] == ["network", "bridge", "serial", "demo"]


async def test_inverter_on_the_network_is_added(hass: HomeAssistant) -> None:
    async with inverter() as server:
        form = await network_form(hass)
        assert form["type"] is FlowResultType.FORM
        result = await submit(hass, form, host=f" {HOST} ", port=server.port)
        assert result["type"] is FlowResultType.CREATE_ENTRY
        assert result["title"] == "AlphaESS 0001"
        entry = result["result"]
        assert entry.unique_id == "AL7011025000001"
        assert entry.state is ConfigEntryState.LOADED
        data = dict(entry.data)
        identity, served = data.pop("identity"), data.pop("served")
        assert data.pop("refused") == []
        assert data.pop("serials") == [THREE_PHASE.inverter_serial]
        assert identity["phases"] == 3
        assert {"grid", "battery", "system"} <= set(served)
        assert data == {
            "transport": "tcp",
            "host": HOST,
            "port": server.port,
            "unit_id": 85,
            "variants": [],
        }
        await hass.config_entries.async_unload(entry.entry_id)
        assert await is_free(server)
        assert not server.unit.journal.written


async def test_scales_of_one_reading_are_not_stored(hass: HomeAssistant) -> None:
    async with inverter(AC_COUPLED) as server:
        entry = await add(hass, server)
        assert entry.data["variants"] == []
        assert "confirmed_scales" not in entry.data


async def test_wrong_unit_id_is_corrected(hass: HomeAssistant) -> None:
    async with inverter() as server:
        form = await network_form(hass)
        result = await submit(hass, form, host=HOST, port=server.port, unit_id=7)
        assert result["type"] is FlowResultType.CREATE_ENTRY
        assert result["result"].data["unit_id"] == 85


async def test_port_in_a_pasted_address_is_used(hass: HomeAssistant) -> None:
    async with inverter() as server:
        form = await network_form(hass)
        result = await submit(hass, form, host=f"{HOST}:{server.port}")
        assert result["type"] is FlowResultType.CREATE_ENTRY
        assert result["result"].data["port"] == server.port


@pytest.mark.parametrize(
    "host",
    [
        "",
        "  ",
        "192.168.1",
        "192.168.1.500",
        "a b",
        "me@inverter.lan",
        "inverter..lan",
        "inverter:port",
        "inverter:0",
        "[::1]:70000",
        "-inverter",
    ],
)
async def test_invalid_host_is_reported_at_its_field(
    hass: HomeAssistant, host: str
) -> None:
    result = await submit(hass, await network_form(hass), host=host)
    assert problem_in(result) == {"host": "invalid_host"}


async def test_address_in_use_is_reported(hass: HomeAssistant) -> None:
    async with inverter() as server:
        await add(hass, server)
        form = await network_form(hass)
        result = await submit(hass, form, host=HOST, port=server.port)
        assert problem_in(result) == {"base": "already_in_use"}


async def test_other_unit_id_at_a_used_address_shares_the_connection(
    hass: HomeAssistant,
) -> None:
    async with inverter() as server:
        entry = await add(hass, server)
        form = await network_form(hass)
        result = await submit(hass, form, host=HOST, port=server.port, unit_id=1)
        assert result["reason"] == "already_configured"
        assert entry.runtime_data.coordinator.connection.connected


async def test_inverter_that_is_configured_is_not_added_again(
    hass: HomeAssistant,
) -> None:
    async with inverter() as server, inverter() as same:
        entry = await add(hass, server)
        form = await network_form(hass)
        result = await submit(hass, form, host=HOST, port=same.port)
        assert result["type"] is FlowResultType.ABORT
        assert result["reason"] == "already_configured"
        assert entry.data["port"] == server.port
        assert await is_free(same)


async def test_cancelled_flow_closes_its_connection(
    hass: HomeAssistant,
) -> None:
    async with serve_peer(never_answer) as peer:
        form = await network_form(hass)
        task = asyncio.ensure_future(submit(hass, form, host=HOST, port=peer.port))
        await peer.wait_for(lambda one: one.requests)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await peer.wait_until_closed()


async def add_demo(hass: HomeAssistant) -> ConfigFlowResult:
    menu = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    return await submit(hass, menu, next_step_id="demo")


async def test_demo_inverter_is_added_once(
    hass: HomeAssistant,
) -> None:
    result = await add_demo(hass)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    entry = result["result"]
    assert entry.data["transport"] == "demo"
    assert entry.state is ConfigEntryState.LOADED
    assert entry.unique_id == "AL7011025000001"
    again = await add_demo(hass)
    assert again["type"] is FlowResultType.ABORT
    assert again["reason"] == "already_configured"
