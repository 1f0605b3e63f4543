"""Whoever adds an inverter ends with one that works."""

import asyncio

from homeassistant.config_entries import SOURCE_USER, ConfigEntryState, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest

from custom_components.alphaess_live.const import DOMAIN
from custom_components.alphaess_live.simulator.models import AC_COUPLED

from ..peers import never_answer, serve_peer
from .conftest import HOST, add, inverter, is_free, network_form, problem_in, submit

pytestmark = pytest.mark.usefixtures("socket_enabled")


async def test_a_user_is_asked_what_kind_of_inverter_it_is(hass: HomeAssistant) -> None:
    result = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    assert result["type"] is FlowResultType.MENU
    assert result["menu_options"] == ["network", "bridge", "serial", "demo"]


async def test_an_inverter_on_the_network_is_added(hass: HomeAssistant) -> None:
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


async def test_the_scales_that_the_values_prove_are_kept(hass: HomeAssistant) -> None:
    async with inverter(AC_COUPLED) as server:
        entry = await add(hass, server)
        assert "grid_voltage" in entry.data["variants"]


async def test_a_wrong_unit_id_is_put_right(hass: HomeAssistant) -> None:
    async with inverter() as server:
        form = await network_form(hass)
        result = await submit(hass, form, host=HOST, port=server.port, unit_id=7)
        assert result["type"] is FlowResultType.CREATE_ENTRY
        assert result["result"].data["unit_id"] == 85


async def test_a_pasted_address_names_the_port(hass: HomeAssistant) -> None:
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
async def test_what_is_no_host_is_said_beside_it(
    hass: HomeAssistant, host: str
) -> None:
    result = await submit(hass, await network_form(hass), host=host)
    assert problem_in(result) == {"host": "invalid_host"}


async def test_an_address_in_use_is_said_to_be(hass: HomeAssistant) -> None:
    async with inverter() as server:
        await add(hass, server)
        form = await network_form(hass)
        result = await submit(hass, form, host=HOST, port=server.port)
        assert problem_in(result) == {"base": "already_in_use"}


async def test_another_unit_id_at_an_address_in_use_is_tried_on_the_same_connection(
    hass: HomeAssistant,
) -> None:
    async with inverter() as server:
        entry = await add(hass, server)
        form = await network_form(hass)
        result = await submit(hass, form, host=HOST, port=server.port, unit_id=1)
        assert result["reason"] == "already_configured"
        assert entry.runtime_data.coordinator.connection.connected


async def test_an_inverter_is_added_once(hass: HomeAssistant) -> None:
    async with inverter() as server, inverter() as same:
        entry = await add(hass, server)
        form = await network_form(hass)
        result = await submit(hass, form, host=HOST, port=same.port)
        assert result["type"] is FlowResultType.ABORT
        assert result["reason"] == "already_configured"
        assert entry.data["port"] == server.port
        assert await is_free(same)


async def test_a_flow_that_is_left_while_it_looks_leaves_nothing(
    hass: HomeAssistant,
) -> None:
    async with serve_peer(never_answer) as peer:
        form = await network_form(hass)
        looking = asyncio.ensure_future(submit(hass, form, host=HOST, port=peer.port))
        await peer.wait_for(lambda one: one.requests)
        looking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await looking
        await peer.wait_until_closed()


async def add_demo(hass: HomeAssistant) -> ConfigFlowResult:
    menu = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    return await submit(hass, menu, next_step_id="demo")


async def test_the_demo_inverter_needs_no_hardware_and_is_added_once(
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
