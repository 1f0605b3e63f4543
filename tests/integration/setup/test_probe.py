"""The config flow reports why no inverter was found."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
import json
import socket
from typing import Any

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType, InvalidData
from pymodbus.server import ModbusTcpServer
from pymodbus.simulator import DataType, SimData, SimDevice
import pytest

from custom_components.alphaess_live.const import DOMAIN
from custom_components.alphaess_live.setup.probe import SetupProblem
from custom_components.alphaess_live.simulator.behaviour import Behaviour

from ..peers import (
    Behaviour as PeerBehaviour,
    closed_port,
    fail_all,
    never_answer,
    other_transaction_ids,
    refuse_all,
    refuse_once,
    serve_map_of_2020,
    serve_peer,
    ssh_server,
    unanswered_port,
    web_server_parsing_bytes,
    web_server_parsing_lines,
)
from .conftest import (
    HOST,
    TEXTS,
    inverter,
    is_free,
    network_form,
    placeholders_of,
    problem_in,
    submit,
)

pytestmark = pytest.mark.usefixtures("socket_enabled")


@pytest.mark.parametrize(
    "wrong", [{"port": 0}, {"port": 70000}, {"unit_id": 0}, {"unit_id": 300}]
)
async def test_number_out_of_range_is_refused(
    hass: HomeAssistant, wrong: dict[str, int]
) -> None:
    form = await network_form(hass)
    with pytest.raises(InvalidData) as caught:
        await submit(hass, form, host=HOST, **wrong)
    assert caught.value.schema_errors.keys() == wrong.keys()
    assert not hass.config_entries.async_entries(DOMAIN)


async def test_unknown_name_is_reported_at_its_field_and_can_be_corrected(
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


async def test_silent_host_is_unreachable(hass: HomeAssistant) -> None:
    form = await network_form(hass)
    with unanswered_port() as port:
        result = await submit(hass, form, host=HOST, port=port)
    assert problem_in(result) == {"host": "unreachable"}


async def test_network_without_a_route_is_unreachable(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_route(*_: Any) -> None:
        raise OSError(101, "Network is unreachable")

    form = await network_form(hass)
    monkeypatch.setattr(socket.socket, "connect", no_route)
    result = await submit(hass, form, host=HOST)
    assert problem_in(result) == {"host": "unreachable"}


async def test_closed_port_is_refused(hass: HomeAssistant) -> None:
    form = await network_form(hass)
    result = await submit(hass, form, host=HOST, port=closed_port())
    assert problem_in(result) == {"base": "refused"}
    assert placeholders_of(result)["host"] == HOST


async def test_inverter_with_another_client_is_refused(hass: HomeAssistant) -> None:
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
        (never_answer, "base", "no_answer"),
        (web_server_parsing_lines, "port", "not_modbus"),
        (web_server_parsing_bytes, "port", "not_modbus"),
        (ssh_server, "port", "not_modbus"),
        (refuse_all, "base", "not_an_inverter"),
        (fail_all, "base", "not_an_inverter"),
        (other_transaction_ids, "base", "mismatched"),
        (serve_map_of_2020, "base", "old_firmware"),
    ],
)
async def test_other_device_is_identified_and_disconnected(
    hass: HomeAssistant, *, peer_is: PeerBehaviour, field: str, problem: str
) -> None:
    async with serve_peer(peer_is) as peer:
        form = await network_form(hass)
        result = await submit(hass, form, host=HOST, port=peer.port)
        await peer.wait_until_closed()
    assert problem_in(result) == {field: problem}
    assert placeholders_of(result)["units"] == "85, 1"
    assert not hass.config_entries.async_entries(DOMAIN)


@asynccontextmanager
async def some_meter() -> AsyncIterator[ModbusTcpServer]:
    registers = SimData(0x0000, count=0x1000, values=17, datatype=DataType.REGISTERS)
    server = ModbusTcpServer(SimDevice(85, simdata=[registers]), address=(HOST, 0))
    await server.serve_forever(background=True)
    yield server
    await server.shutdown()  # type: ignore[no-untyped-call]


async def test_other_modbus_device_is_no_inverter(hass: HomeAssistant) -> None:
    async with some_meter() as meter:
        assert isinstance(meter.transport, asyncio.Server)
        port = meter.transport.sockets[0].getsockname()[1]
        form = await network_form(hass)
        result = await submit(hass, form, host=HOST, port=port)
        assert problem_in(result) == {"base": "not_an_inverter"}
        while meter.active_connections:
            await asyncio.sleep(0)


async def test_busy_inverter_is_reported_as_busy(hass: HomeAssistant) -> None:
    async with inverter() as server:
        server.unit.behaviour = Behaviour(exception=6)
        form = await network_form(hass)
        result = await submit(hass, form, host=HOST, port=server.port)
        assert problem_in(result) == {"base": "busy"}
        assert await is_free(server)


async def test_inverter_that_stops_answering_is_reported_as_silent(
    hass: HomeAssistant,
) -> None:
    async with serve_peer(refuse_once) as peer:
        form = await network_form(hass)
        result = await submit(hass, form, host=HOST, port=peer.port)
        await peer.wait_until_closed()
    assert problem_in(result) == {"base": "no_answer"}


def test_every_problem_has_a_text() -> None:
    texts = json.loads(TEXTS.read_text("utf-8"))
    assert texts["config"]["error"].keys() == set(SetupProblem)
