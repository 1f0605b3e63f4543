"""The config flow adds an inverter that works."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    SOURCE_USER,
    ConfigEntryState,
    ConfigFlowResult,
)
from homeassistant.const import EVENT_HOMEASSISTANT_STOP
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, UnknownFlow
from homeassistant.helpers import device_registry as dr, entity_registry as er
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

import custom_components.alphaess_live as integration
from custom_components.alphaess_live.alphaess.registers import Battery, System
from custom_components.alphaess_live.connection import link
from custom_components.alphaess_live.const import DOMAIN
from custom_components.alphaess_live.simulator.behaviour import Behaviour
from custom_components.alphaess_live.simulator.models import (
    AC_COUPLED,
    SINGLE_PHASE,
    THREE_PHASE,
    Model,
)
from custom_components.alphaess_live.simulator.replay import replay
from custom_components.alphaess_live.simulator.server import Server, serve
from tests.fault_proxy import FaultProxy
from tests.setup_steps import explode
from tests.t10_v117 import t10_image

from ..peers import never_answer, serve_peer
from .conftest import (
    HOST,
    add,
    coordinator,
    inverter,
    is_free,
    network_form,
    problem_in,
    submit,
)

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


@pytest.mark.parametrize("model", [AC_COUPLED, THREE_PHASE], ids=["meter", "none"])
async def test_pv_meter_that_has_counted_is_identified(
    hass: HomeAssistant, model: Model
) -> None:
    async with inverter(model) as server:
        entry = await add(hass, server)
        assert entry.data["identity"]["ac_coupled"] == (model is AC_COUPLED)


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


async def test_connection_of_the_flow_is_handed_over_to_the_entry(
    hass: HomeAssistant,
) -> None:
    async with inverter() as server:
        proxy = FaultProxy(server.port)
        await proxy.open()
        form = await network_form(hass)
        result = await submit(hass, form, host=HOST, port=proxy.port)
        entry = result["result"]
        assert coordinator(entry).connection.connected
        flow = await hass.config_entries.flow.async_init(
            DOMAIN, context={"source": SOURCE_RECONFIGURE, "entry_id": entry.entry_id}
        )
        result = await submit(hass, flow, host=HOST, port=proxy.port, unit_id=85)
        assert result["reason"] == "reconfigure_successful"
        assert coordinator(entry).connection.connected
        assert len(proxy.attempts) == 1
        await hass.config_entries.async_unload(entry.entry_id)
        assert await is_free(server)
        await proxy.close()


async def add_without_loading(hass: HomeAssistant, server: Server) -> ConfigFlowResult:
    """Add an inverter whose entry fails to load after the flow has kept its connection."""
    form = await network_form(hass)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(integration, "open_link", explode)
        return await submit(hass, form, host=HOST, port=server.port)


async def test_connection_of_the_flow_is_closed_if_the_entry_never_loads(
    hass: HomeAssistant,
) -> None:
    async with inverter() as server:
        result = await add_without_loading(hass, server)
        assert result["result"].state is ConfigEntryState.SETUP_ERROR
        later = dt_util.utcnow() + timedelta(seconds=link.HAND_OVER_SECONDS + 1)
        async_fire_time_changed(hass, later)
        await hass.async_block_till_done()
        assert await is_free(server)


async def test_connection_kept_for_an_entry_is_closed_at_a_stop(
    hass: HomeAssistant,
) -> None:
    async with inverter() as server:
        await add_without_loading(hass, server)
        assert not await is_free(server)
        hass.bus.async_fire(EVENT_HOMEASSISTANT_STOP)
        await hass.async_block_till_done()
        assert await is_free(server)


async def test_connection_of_a_closed_dialog_is_closed(hass: HomeAssistant) -> None:
    async with inverter() as server:
        proxy = FaultProxy(server.port)
        await proxy.open()
        form = await network_form(hass)
        task = asyncio.ensure_future(submit(hass, form, host=HOST, port=proxy.port))
        while not proxy.attempts:
            await asyncio.sleep(0.01)
        hass.config_entries.flow.async_abort(form["flow_id"])
        with pytest.raises(UnknownFlow):
            await task
        assert not hass.config_entries.async_entries(DOMAIN)
        assert await is_free(server)
        await proxy.close()


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


EMS = System.registers["serial"]


def make_unsteady(server: Server, *words: int) -> None:
    """Send other words at the start of the EMS serial number, one after the other."""
    read, pending = server.unit.read_holding_registers, list(words)

    async def answer(address: int, count: int) -> list[int]:
        answered = await read(address, count)
        if EMS.address in range(address, address + count) and pending:
            answered[EMS.address - address] = pending.pop(0)
        return answered

    server.unit.read_holding_registers = answer  # type: ignore[method-assign]


@pytest.mark.parametrize("torn", [0x0000, 0x4142, 0xFFFF])
async def test_serial_number_torn_once_at_set_up_is_read_again(
    hass: HomeAssistant, torn: int
) -> None:
    async with inverter() as server:
        make_unsteady(server, torn)
        entry = await add(hass, server)
        assert entry.unique_id == THREE_PHASE.serial


async def test_serial_number_that_never_repeats_is_refused_with_the_reason(
    hass: HomeAssistant,
) -> None:
    async with inverter() as server:
        make_unsteady(server, *range(0x4141, 0x415A))
        form = await network_form(hass)
        result = await submit(hass, form, host=HOST, port=server.port)
        assert problem_in(result) == {"base": "serial_unclear"}
        assert await is_free(server)


async def test_inverter_that_refuses_one_register_is_added(
    hass: HomeAssistant,
) -> None:
    soh = Battery.registers["soh"].address
    async with inverter() as server:
        behaviour = Behaviour(refused_addresses=frozenset({soh}), max_registers=50)
        server.unit.behaviour = behaviour
        entry = await add(hass, server)
        limits = entry.data["limits"]
        assert limits["refused_fields"] == {"battery": ["soh"]}
        assert limits["max_count"] <= 50


async def test_exchanged_inverter_is_already_configured(hass: HomeAssistant) -> None:
    exchanged = replace(THREE_PHASE, serial="AL7011025000777")
    async with inverter() as server, inverter(exchanged) as again:
        entry = await add(hass, server)
        form = await network_form(hass)
        result = await submit(hass, form, host=HOST, port=again.port)
        assert result["reason"] == "already_configured"
        hass.config_entries.async_update_entry(
            entry, data={**entry.data, "serials": ["AL7011025000777"]}
        )
        form = await network_form(hass)
        result = await submit(hass, form, host=HOST, port=again.port)
        assert result["reason"] == "already_configured"


async def test_firmware_before_v120_is_added_and_only_read(
    hass: HomeAssistant,
) -> None:
    async with serve(replay(t10_image())) as server:
        entry = await add(hass, server)
        assert entry.unique_id == "AL2002021099999"
        assert entry.data["register_map"] == "v117"
        assert coordinator(entry).data
        registry = er.async_get(hass)
        found = er.async_entries_for_config_entry(registry, entry.entry_id)
        assert {one.domain for one in found} == {"binary_sensor", "event", "sensor"}
        (device,) = dr.async_entries_for_config_entry(
            dr.async_get(hass), entry.entry_id
        )
        assert "probable" in str(device.sw_version)


async def test_entry_of_a_newer_release_does_not_prevent_adding_another(
    hass: HomeAssistant,
) -> None:
    async with inverter() as server, inverter(SINGLE_PHASE) as other:
        entry = await add(hass, server)
        data = {**entry.data, "transport": "bluetooth"}
        hass.config_entries.async_update_entry(entry, data=data)
        assert (await add(hass, other)).unique_id == SINGLE_PHASE.serial
