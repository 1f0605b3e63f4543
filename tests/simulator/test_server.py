"""The simulator's Modbus server: one client and one unit id, as a real inverter."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from modbus_connection import (
    IllegalDataAddressError,
    IllegalFunctionError,
    ModbusConnectionError,
    ModbusTcpParams,
    ModbusTimeoutError,
    ModbusUnit,
)
from modbus_connection.pymodbus import ModbusConnection
import pytest

from custom_components.alphaess_live.alphaess.inverter import Inverter
from custom_components.alphaess_live.simulator.behaviour import Behaviour
from custom_components.alphaess_live.simulator.demo import simulate
from custom_components.alphaess_live.simulator.models import THREE_PHASE
from custom_components.alphaess_live.simulator.server import Server, serve
from custom_components.alphaess_live.simulator.simulated_inverter import (
    SimulatedInverter,
)
from tests.simulator.moments import NOON

pytestmark = pytest.mark.usefixtures("socket_enabled")


@pytest.fixture
def unit() -> SimulatedInverter:
    """A house whose clock does not advance."""
    return simulate(THREE_PHASE, NOON, soc=50, speed=0)


@pytest.fixture
async def server(unit: SimulatedInverter) -> AsyncIterator[Server]:
    """The Modbus server of that house."""
    async with serve(unit) as server:
        yield server


@asynccontextmanager
async def _client(
    server: Server, unit_id: int = 85, framer: str = "socket"
) -> AsyncIterator[ModbusUnit]:
    params = ModbusTcpParams(host=server.host, port=server.port, framer=framer)  # type: ignore[arg-type]
    connection = ModbusConnection(params)
    client = connection.for_unit(unit_id)
    client.require_timeout(0.3)
    try:
        yield client
    finally:
        await connection.close()


async def test_snapshot_over_tcp_equals_the_direct_one(
    unit: SimulatedInverter, server: Server
) -> None:
    async with _client(server) as client:
        over_tcp = await Inverter(client).read()
    assert over_tcp == await Inverter(unit).read()


async def test_both_write_functions_are_served_over_tcp(
    unit: SimulatedInverter, server: Server
) -> None:
    async with _client(server) as client:
        await client.write_registers(
            0x0880, [1, 0, 29_000, 0, 32_000, 2, 225, 0, 3_600]
        )
        await client.write_register(0x0886, 200)
        assert await client.read_holding_registers(0x0886, 1) == [200]
    unit.advance(1)
    assert unit.house.flow.battery == -3_000


async def test_refusals_are_modbus_exceptions(server: Server) -> None:
    async with _client(server) as client:
        with pytest.raises(IllegalDataAddressError):
            await client.read_holding_registers(0x1100, 1)
        with pytest.raises(IllegalFunctionError):
            await client.read_input_registers(0x0100, 1)
        with pytest.raises(IllegalFunctionError):
            await client.read_coils(0, 1)


async def test_wrong_unit_id_gets_no_response(
    unit: SimulatedInverter, server: Server
) -> None:
    async with _client(server, 1) as client:
        with pytest.raises(ModbusTimeoutError):
            await client.read_holding_registers(0x0100, 1)
    assert not unit.journal.requests


async def test_other_unit_id_is_served_if_set(unit: SimulatedInverter) -> None:
    async with serve(unit, unit_id=7) as server, _client(server, 7) as client:
        assert await client.read_holding_registers(0x0102, 1) == [500]


async def test_silent_inverter_keeps_the_connection(
    unit: SimulatedInverter, server: Server
) -> None:
    async with _client(server) as client:
        await client.read_holding_registers(0x0102, 1)
        unit.behaviour = Behaviour(silent=True)
        with pytest.raises(ModbusTimeoutError):
            await client.read_holding_registers(0x0102, 1)
        assert client.connected
        unit.behaviour = Behaviour()
        assert await client.read_holding_registers(0x0102, 1) == [500]


async def test_second_client_is_refused_until_the_first_disconnects(
    server: Server,
) -> None:
    async with _client(server) as first, _client(server) as second:
        await first.read_holding_registers(0x0102, 1)
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(server.host, server.port)
        with pytest.raises(ModbusConnectionError):
            await second.read_holding_registers(0x0102, 1)
        await first.disconnect()
        await server.free()
        assert await second.read_holding_registers(0x0102, 1) == [500]


async def test_server_switched_off_and_on_reopens_the_same_port(
    server: Server,
) -> None:
    port = server.port
    async with _client(server) as client:
        lost = asyncio.Event()
        await client.read_holding_registers(0x0102, 1)
        client.on_connection_lost(lost.set)
        await server.switch_off()
        await server.switch_off()
        await asyncio.wait_for(lost.wait(), 5)
        assert not server.serving
        with pytest.raises(ModbusConnectionError):
            await client.read_holding_registers(0x0102, 1)
        await server.switch_on()
        await server.switch_on()
        assert (server.port, server.serving) == (port, True)
        assert await client.read_holding_registers(0x0102, 1) == [500]


async def test_server_survives_repeated_outages(server: Server) -> None:
    lost = asyncio.Event()
    async with _client(server) as client:
        client.on_connection_lost(lost.set)
        for _ in range(20):
            assert await client.read_holding_registers(0x0102, 1) == [500]
            lost.clear()
            await server.switch_off()
            await lost.wait()
            await server.switch_on()


async def test_power_outage_of_the_inverter_ends_the_connection(
    unit: SimulatedInverter, server: Server
) -> None:
    async with _client(server) as client:
        await client.read_holding_registers(0x0102, 1)
        unit.switch_off()
        with pytest.raises((ModbusConnectionError, ModbusTimeoutError)):
            await client.read_holding_registers(0x0102, 1)


async def test_port_in_use_raises_at_once(
    unit: SimulatedInverter, server: Server
) -> None:
    with pytest.raises(OSError, match="in use"):
        async with serve(unit, port=server.port):
            raise AssertionError


async def test_rtu_over_tcp_is_served(unit: SimulatedInverter) -> None:
    async with (
        serve(unit, rtu=True) as server,
        _client(server, framer="rtu") as client,
    ):
        assert await client.read_holding_registers(0x0102, 1) == [500]


async def test_frames_in_pieces_or_together_are_served(server: Server) -> None:
    reader, writer = await asyncio.open_connection(server.host, server.port)
    frame = bytes.fromhex("0001 0000 0006 55 03 0102 0001")
    response = bytes.fromhex("0001 0000 0005 55 03 02 01F4")
    writer.write(frame[:5])
    await writer.drain()
    writer.write(frame[5:] + frame)
    assert await reader.readexactly(2 * len(response)) == 2 * response
    writer.close()


@pytest.mark.parametrize(
    "invalid",
    [
        b"GET / HTTP/1.1\r\n" * 20,
        bytes.fromhex("0001 0000 0003 55 03 01") + b"\x55" * 400,
    ],
    ids=["http", "noise"],
)
async def test_invalid_frame_ends_the_connection(
    server: Server, invalid: bytes
) -> None:
    reader, writer = await asyncio.open_connection(server.host, server.port)
    writer.write(invalid)
    with pytest.raises((ConnectionResetError, asyncio.IncompleteReadError)):
        await reader.readexactly(1)
    writer.close()
    await server.free()
    async with _client(server) as client:
        assert await client.read_holding_registers(0x0102, 1) == [500]


async def test_house_clock_advances_without_requests() -> None:
    was_read = asyncio.Event()
    seconds = iter(range(0, 10_000, 10))

    def now() -> float:
        if (second := next(seconds)) > 0:
            was_read.set()
        return second

    unit = simulate(THREE_PHASE, NOON, soc=50, now=now)
    async with serve(unit):
        await was_read.wait()
    assert unit.house.clock > NOON
