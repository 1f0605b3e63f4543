"""The address of an inverter is changed if the same inverter answers at the new address."""

import asyncio
from dataclasses import replace

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    ConfigEntry,
    ConfigEntryState,
    ConfigFlowResult,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, UnknownFlow
import pytest

from custom_components.alphaess_live.const import (
    CONF_ENERGY_SOURCES,
    CONF_IDENTITY,
    CONF_PV_METER,
    CONF_SERVED,
    DOMAIN,
)
from custom_components.alphaess_live.control import orders
from custom_components.alphaess_live.control.dispatch_status import DispatchOwner
from custom_components.alphaess_live.simulator.models import SINGLE_PHASE, THREE_PHASE
from tests.fault_proxy import FaultProxy

from ..peers import closed_port, never_answer, serve_peer
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
from .test_add_inverter import add_demo

pytestmark = pytest.mark.usefixtures("socket_enabled")


async def reconfigure_form(hass: HomeAssistant, entry: ConfigEntry) -> ConfigFlowResult:
    return await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_RECONFIGURE, "entry_id": entry.entry_id}
    )


async def test_demo_inverter_cannot_be_reconfigured(hass: HomeAssistant) -> None:
    demo = (await add_demo(hass))["result"]
    result = await reconfigure_form(hass, demo)
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "demo_has_no_address"


async def test_new_address_of_an_inverter_is_stored(hass: HomeAssistant) -> None:
    async with inverter() as old, inverter() as new:
        entry = await add(hass, old)
        form = await reconfigure_form(hass, entry)
        assert form["step_id"] == "reconfigure"
        result = await submit(hass, form, host=HOST, port=new.port, unit_id=85)
        assert result["type"] is FlowResultType.ABORT
        assert result["reason"] == "reconfigure_successful"
        assert entry.data["port"] == new.port
        assert entry.state is ConfigEntryState.LOADED
        assert await is_free(old)


@pytest.mark.parametrize("answers", [True, False])
async def test_removal_of_the_entry_ends_its_reconfiguration(
    hass: HomeAssistant, *, answers: bool
) -> None:
    async with inverter() as old, inverter() as new, serve_peer(never_answer) as peer:
        entry = await add(hass, old)
        form = await reconfigure_form(hass, entry)
        proxy = FaultProxy(new.port)
        await proxy.open()
        port = proxy.port if answers else peer.port
        task = asyncio.ensure_future(
            submit(hass, form, host=HOST, port=port, unit_id=85)
        )
        while not (proxy.attempts or peer.requests):
            await asyncio.sleep(0.01)
        await hass.config_entries.async_remove(entry.entry_id)
        result = await task
        assert result["type"] is FlowResultType.ABORT
        assert result["reason"] == "entry_removed"
        assert await is_free(new)
        await proxy.close()
        assert await is_free(old)


async def test_closed_reconfiguration_changes_nothing(hass: HomeAssistant) -> None:
    async with inverter() as old, inverter() as new:
        entry = await add(hass, old)
        form = await reconfigure_form(hass, entry)
        proxy = FaultProxy(new.port)
        await proxy.open()
        task = asyncio.ensure_future(
            submit(hass, form, host=HOST, port=proxy.port, unit_id=85)
        )
        while not proxy.attempts:
            await asyncio.sleep(0.01)
        hass.config_entries.flow.async_abort(form["flow_id"])
        with pytest.raises(UnknownFlow):
            await task
        assert entry.data["port"] == old.port
        assert entry.state is ConfigEntryState.LOADED
        assert coordinator(entry).connection.connected
        assert await is_free(new)
        await proxy.close()


async def test_connected_inverter_can_be_reconfigured_at_its_address(
    hass: HomeAssistant,
) -> None:
    async with inverter() as server:
        entry = await add(hass, server)
        form = await reconfigure_form(hass, entry)
        result = await submit(hass, form, host=HOST, port=server.port, unit_id=85)
        assert result["reason"] == "reconfigure_successful"
        assert entry.state is ConfigEntryState.LOADED


async def test_failed_reconfigure_keeps_the_old_address(
    hass: HomeAssistant,
) -> None:
    async with inverter() as server:
        entry = await add(hass, server)
        form = await reconfigure_form(hass, entry)
        result = await submit(hass, form, host=HOST, port=closed_port(), unit_id=85)
        assert problem_in(result) == {"base": "refused"}
        assert entry.state is ConfigEntryState.LOADED
        assert entry.data["port"] == server.port


async def test_address_of_another_inverter_is_refused(hass: HomeAssistant) -> None:
    async with inverter() as server, inverter(SINGLE_PHASE) as other:
        entry = await add(hass, server)
        form = await reconfigure_form(hass, entry)
        result = await submit(hass, form, host=HOST, port=other.port, unit_id=85)
        assert result["type"] is FlowResultType.ABORT
        assert result["reason"] == "unique_id_mismatch"
        assert entry.state is ConfigEntryState.LOADED
        assert entry.data["port"] == server.port
        assert await is_free(other)


@pytest.mark.parametrize("again", ["moved", "added"])
async def test_inverter_known_by_its_other_serial_number_is_the_same(
    hass: HomeAssistant, again: str
) -> None:
    without_serial = replace(THREE_PHASE, serial="")
    async with inverter(without_serial) as old, inverter() as new:
        entry = await add(hass, old)
        assert entry.unique_id == THREE_PHASE.inverter_serial
        moves = again == "moved"
        form = await (reconfigure_form(hass, entry) if moves else network_form(hass))
        result = await submit(hass, form, host=HOST, port=new.port, unit_id=85)
        expected = "reconfigure_successful" if moves else "already_configured"
        assert result["reason"] == expected
        assert entry.unique_id == THREE_PHASE.inverter_serial
        assert entry.data["port"] == (new if moves else old).port
        assert coordinator(entry).connection.connected


async def test_unloaded_entry_can_be_reconfigured(hass: HomeAssistant) -> None:
    async with inverter() as old, inverter() as new:
        entry = await add(hass, old)
        await hass.config_entries.async_unload(entry.entry_id)
        form = await reconfigure_form(hass, entry)
        result = await submit(hass, form, host=HOST, port=new.port, unit_id=85)
        assert result["reason"] == "reconfigure_successful"
        assert entry.state is ConfigEntryState.LOADED


async def test_learned_data_is_kept_by_a_reconfigure(
    hass: HomeAssistant,
) -> None:
    async with inverter() as old, inverter() as new:
        entry = await add(hass, old)
        direction = {"counter": 2, "before": 2960}
        by_day = entry.data[CONF_IDENTITY] | {"strings": 6, "rated_power": 9999}
        added = {"grid": ["sensor.alphaess_grid_energy_imported"]}
        learned = {CONF_PV_METER: direction, CONF_ENERGY_SOURCES: added}
        data = {**entry.data, **learned, CONF_IDENTITY: by_day}
        hass.config_entries.async_update_entry(entry, data=data)
        served = set(entry.data[CONF_SERVED])
        form = await reconfigure_form(hass, entry)
        await submit(hass, form, host=HOST, port=new.port, unit_id=85)
        assert entry.data["port"] == new.port
        assert entry.data | learned == entry.data
        assert entry.data[CONF_IDENTITY] == by_day
        assert set(entry.data[CONF_SERVED]) == served


@pytest.mark.parametrize("target", ["closed", "other", "moved"])
async def test_reconfigure_leaves_our_dispatch_running(
    hass: HomeAssistant, target: str
) -> None:
    async with inverter() as server, inverter(SINGLE_PHASE) as other:
        entry = await add(hass, server)
        await orders.hold(entry.runtime_data.controller, duration=3600)
        form = await reconfigure_form(hass, entry)
        ports = {"closed": closed_port(), "other": other.port, "moved": server.port}
        await submit(hass, form, host=HOST, port=ports[target], unit_id=85)
        assert entry.state is ConfigEntryState.LOADED
        dispatch = entry.runtime_data.controller.dispatch
        assert dispatch
        assert (dispatch.active, dispatch.owner) == (True, DispatchOwner.OURS)
