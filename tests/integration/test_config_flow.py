"""Whoever adds an inverter ends with one that works, or with a sentence that helps."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import datetime
import json
from pathlib import Path
import socket
from typing import Any

from homeassistant.config_entries import (
    SOURCE_RECONFIGURE,
    SOURCE_USER,
    ConfigEntry,
    ConfigEntryState,
    ConfigFlowResult,
)
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice
import pytest

from custom_components.alphaess_live.const import DOMAIN
from custom_components.alphaess_live.probe import Problem
from custom_components.alphaess_live.simulator.behaviour import Behaviour
from custom_components.alphaess_live.simulator.demo import imagine
from custom_components.alphaess_live.simulator.models import (
    AC_COUPLED,
    SINGLE_PHASE,
    THREE_PHASE,
    Model,
)
from custom_components.alphaess_live.simulator.server import Server, serve

from .peers import (
    Behaviour as PeerBehaviour,
    black_hole,
    failing,
    free_port,
    hasty_web,
    refusing,
    refusing_then_silent,
    serving,
    shell,
    silent,
    v117,
    web,
)

pytestmark = pytest.mark.usefixtures("socket_enabled")

NOON = datetime(2025, 6, 21, 12)  # noqa: DTZ001 - as the inverter's
HOST = "127.0.0.1"
TEXTS = (
    Path(__file__).parents[2] / "custom_components/alphaess_live/translations/en.json"
)


@asynccontextmanager
async def inverter(model: Model = THREE_PHASE) -> AsyncIterator[Server]:
    async with serve(imagine(model, NOON, soc=50, speed=0)) as server:
        yield server


@pytest.fixture(autouse=True)
async def _take_entries_down(hass: HomeAssistant) -> AsyncIterator[None]:
    """Leave no inverter connected at the end of a test."""
    yield
    for entry in hass.config_entries.async_entries(DOMAIN):
        await hass.config_entries.async_remove(entry.entry_id)
    await hass.async_block_till_done()


async def network_form(hass: HomeAssistant) -> ConfigFlowResult:
    menu = await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_USER}
    )
    return await submit(hass, menu, next_step_id="network")


async def submit(
    hass: HomeAssistant, flow: ConfigFlowResult, **told: Any
) -> ConfigFlowResult:
    result = await hass.config_entries.flow.async_configure(flow["flow_id"], told)
    await hass.async_block_till_done()
    return result


async def add(hass: HomeAssistant, server: Server) -> ConfigEntry:
    form = await network_form(hass)
    result = await submit(hass, form, host=HOST, port=server.port)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    return result["result"]


async def is_free(server: Server) -> bool:
    """Whether an inverter's one connection is free; its port opens a moment after a client left."""
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


def told_by(result: ConfigFlowResult) -> Mapping[str, str]:
    placeholders = result["description_placeholders"]
    assert placeholders
    return placeholders


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


@pytest.mark.parametrize(
    "wrong", [{"port": 0}, {"port": 70000}, {"unit_id": 0}, {"unit_id": 300}]
)
async def test_a_number_out_of_range_is_refused(
    hass: HomeAssistant, wrong: dict[str, int]
) -> None:
    form = await network_form(hass)
    with pytest.raises(InvalidData) as caught:
        await submit(hass, form, host=HOST, **wrong)
    assert caught.value.schema_errors.keys() == wrong.keys()
    assert not hass.config_entries.async_entries(DOMAIN)


async def test_an_unknown_name_is_said_beside_it_and_can_be_put_right(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: Any, **__: Any) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    form = await network_form(hass)
    with monkeypatch.context() as patch:
        patch.setattr(socket, "getaddrinfo", unknown)
        result = await submit(hass, form, host="nowhere.invalid")
    assert problem_in(result) == {"host": "name_not_found"}
    async with inverter() as server:
        result = await submit(hass, result, host=HOST, port=server.port)
        assert result["type"] is FlowResultType.CREATE_ENTRY


async def test_a_host_that_is_silent_is_unreachable(hass: HomeAssistant) -> None:
    form = await network_form(hass)
    with black_hole() as port:
        result = await submit(hass, form, host=HOST, port=port)
    assert problem_in(result) == {"host": "unreachable"}


async def test_a_network_without_a_route_is_unreachable(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_route(*_: Any) -> None:
        raise OSError(101, "Network is unreachable")

    form = await network_form(hass)
    monkeypatch.setattr(socket.socket, "connect", no_route)
    result = await submit(hass, form, host=HOST)
    assert problem_in(result) == {"host": "unreachable"}


async def test_a_closed_port_is_refused(hass: HomeAssistant) -> None:
    form = await network_form(hass)
    result = await submit(hass, form, host=HOST, port=free_port())
    assert problem_in(result) == {"base": "refused"}
    assert told_by(result)["host"] == HOST


async def test_a_taken_inverter_is_refused(hass: HomeAssistant) -> None:
    async with inverter() as server:
        _, other_client = await asyncio.open_connection(HOST, server.port)
        form = await network_form(hass)
        result = await submit(hass, form, host=HOST, port=server.port)
        assert problem_in(result) == {"base": "refused"}
        other_client.close()
        assert await is_free(server)
        result = await submit(hass, result, host=HOST, port=server.port)
        assert result["type"] is FlowResultType.CREATE_ENTRY


@pytest.mark.parametrize(
    ("peer_is", "field", "problem"),
    [
        (silent, "base", "no_answer"),
        (web, "port", "not_modbus"),
        (hasty_web, "port", "not_modbus"),
        (shell, "port", "not_modbus"),
        (refusing, "base", "not_an_inverter"),
        (failing, "base", "not_an_inverter"),
        (v117, "base", "old_firmware"),
    ],
)
async def test_who_is_no_inverter_is_told_apart_and_let_go_of(
    hass: HomeAssistant, *, peer_is: PeerBehaviour, field: str, problem: str
) -> None:
    async with serving(peer_is) as peer:
        form = await network_form(hass)
        result = await submit(hass, form, host=HOST, port=peer.port)
        await peer.gone()
    assert problem_in(result) == {field: problem}
    assert told_by(result)["units"] == "85, 1"
    assert not hass.config_entries.async_entries(DOMAIN)


@asynccontextmanager
async def some_meter() -> AsyncIterator[ModbusTcpServer]:
    registers = SimData(0x0000, count=0x1000, values=17, datatype=DataType.REGISTERS)
    server = ModbusTcpServer(SimDevice(85, simdata=[registers]), address=(HOST, 0))
    await server.serve_forever(background=True)
    yield server
    await server.shutdown()  # type: ignore[no-untyped-call]


async def test_another_modbus_device_is_no_inverter(hass: HomeAssistant) -> None:
    async with some_meter() as meter:
        assert isinstance(meter.transport, asyncio.Server)
        port = meter.transport.sockets[0].getsockname()[1]
        form = await network_form(hass)
        result = await submit(hass, form, host=HOST, port=port)
        assert problem_in(result) == {"base": "not_an_inverter"}
        while meter.active_connections:
            await asyncio.sleep(0)


async def test_a_busy_inverter_is_said_to_be_busy(hass: HomeAssistant) -> None:
    async with inverter() as server:
        server.unit.behaviour = Behaviour(exception=6)
        form = await network_form(hass)
        result = await submit(hass, form, host=HOST, port=server.port)
        assert problem_in(result) == {"base": "busy"}
        assert await is_free(server)


async def test_an_inverter_that_falls_silent_half_way_does_not_answer(
    hass: HomeAssistant,
) -> None:
    async with serving(refusing_then_silent) as peer:
        form = await network_form(hass)
        result = await submit(hass, form, host=HOST, port=peer.port)
        await peer.gone()
    assert problem_in(result) == {"base": "no_answer"}


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
        assert entry.runtime_data.connection.connected


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
    async with serving(silent) as peer:
        form = await network_form(hass)
        looking = asyncio.ensure_future(submit(hass, form, host=HOST, port=peer.port))
        await peer.until(lambda one: one.requests)
        looking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await looking
        await peer.gone()


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


async def reconfigure_form(hass: HomeAssistant, entry: ConfigEntry) -> ConfigFlowResult:
    return await hass.config_entries.flow.async_init(
        DOMAIN, context={"source": SOURCE_RECONFIGURE, "entry_id": entry.entry_id}
    )


async def test_the_demo_inverter_has_no_address_to_change(hass: HomeAssistant) -> None:
    demo = (await add_demo(hass))["result"]
    result = await reconfigure_form(hass, demo)
    assert result["type"] is FlowResultType.ABORT
    assert result["reason"] == "demo_has_no_address"


async def test_an_inverter_moves_to_a_new_address(hass: HomeAssistant) -> None:
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


async def test_an_inverter_whose_connection_we_hold_is_asked_all_the_same(
    hass: HomeAssistant,
) -> None:
    async with inverter() as server:
        entry = await add(hass, server)
        form = await reconfigure_form(hass, entry)
        result = await submit(hass, form, host=HOST, port=server.port, unit_id=85)
        assert result["reason"] == "reconfigure_successful"
        assert entry.state is ConfigEntryState.LOADED


async def test_an_inverter_that_did_not_move_stays_where_it_is(
    hass: HomeAssistant,
) -> None:
    async with inverter() as server:
        entry = await add(hass, server)
        form = await reconfigure_form(hass, entry)
        result = await submit(hass, form, host=HOST, port=free_port(), unit_id=85)
        assert problem_in(result) == {"base": "refused"}
        assert entry.state is ConfigEntryState.LOADED
        assert entry.data["port"] == server.port


async def test_another_inverter_does_not_take_its_place(hass: HomeAssistant) -> None:
    async with inverter() as server, inverter(SINGLE_PHASE) as other:
        entry = await add(hass, server)
        form = await reconfigure_form(hass, entry)
        result = await submit(hass, form, host=HOST, port=other.port, unit_id=85)
        assert result["type"] is FlowResultType.ABORT
        assert result["reason"] == "unique_id_mismatch"
        assert entry.state is ConfigEntryState.LOADED
        assert entry.data["port"] == server.port
        assert await is_free(other)


async def test_an_inverter_that_is_not_loaded_can_be_moved(hass: HomeAssistant) -> None:
    async with inverter() as old, inverter() as new:
        entry = await add(hass, old)
        await hass.config_entries.async_unload(entry.entry_id)
        form = await reconfigure_form(hass, entry)
        result = await submit(hass, form, host=HOST, port=new.port, unit_id=85)
        assert result["reason"] == "reconfigure_successful"
        assert entry.state is ConfigEntryState.LOADED


CHOICE = {
    "model_family": "smile_b3",
    "snapshot_interval": 30,
    "check_interval": 10,
    "live_interval": 3,
    "message_spacing": 0.3,
    "controls": False,
    "stop_on_unload": False,
    "end_at_target": True,
}


async def choose(
    hass: HomeAssistant, flow: ConfigFlowResult, **choice: Any
) -> ConfigFlowResult:
    result = await hass.config_entries.options.async_configure(flow["flow_id"], choice)
    await hass.async_block_till_done()
    return result


async def test_how_it_is_read_can_be_chosen(hass: HomeAssistant) -> None:
    entry = (await add_demo(hass))["result"]
    form = await hass.config_entries.options.async_init(entry.entry_id)
    result = await choose(hass, form, **CHOICE)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert entry.options == CHOICE
    assert entry.state is ConfigEntryState.LOADED


async def test_the_contract_is_what_applies_unless_somebody_chooses(
    hass: HomeAssistant,
) -> None:
    entry = (await add_demo(hass))["result"]
    form = await hass.config_entries.options.async_init(entry.entry_id)
    await choose(hass, form)
    assert entry.options == {
        "model_family": "automatic",
        "snapshot_interval": 10,
        "check_interval": 5,
        "live_interval": 2,
        "message_spacing": 0.1,
        "controls": True,
        "stop_on_unload": True,
        "end_at_target": False,
    }


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"live_interval": 11}, {"live_interval": "live_above_check"}),
        ({"check_interval": 31}, {"check_interval": "check_above_snapshot"}),
    ],
)
async def test_intervals_that_defeat_each_other_are_explained(
    hass: HomeAssistant, wrong: dict[str, int], error: dict[str, str]
) -> None:
    entry = (await add_demo(hass))["result"]
    form = await hass.config_entries.options.async_init(entry.entry_id)
    result = await choose(hass, form, **CHOICE | wrong)
    assert result["errors"] == error
    assert not entry.options
    await choose(hass, result, **CHOICE)
    assert entry.options == CHOICE


def test_every_problem_has_its_sentence() -> None:
    texts = json.loads(TEXTS.read_text("utf-8"))
    assert texts["config"]["error"].keys() == set(Problem)
