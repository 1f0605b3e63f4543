"""Connection configurations, and links over each transport: bridges, shared endpoints, retries."""

import asyncio

from homeassistant.core import HomeAssistant
from modbus_connection import (
    ClientClosedError,
    IllegalDataAddressError,
    ModbusConnectionError,
    ModbusTimeoutError,
)
import pytest

from custom_components.alphaess_live.alphaess.errors import ErrorKind
from custom_components.alphaess_live.connection.link import (
    ConnectionConfig,
    Transport,
    is_in_use,
    open_link,
)

from ..peers import answer_reads, serve_peer, unanswered_port, with_stray_bytes
from ..serial_lines import forward_to
from .links import expected, link_over, loggers_with_a_traceback, read, simulated_server

pytestmark = pytest.mark.usefixtures("socket_enabled")


def test_default_timing_is_slower_with_a_serial_line() -> None:
    for transport in (Transport.SERIAL, Transport.RTU_OVER_TCP):
        address = ConnectionConfig.with_defaults(transport)
        assert (address.spacing_seconds, address.timeout_seconds) == (0.3, 5.0)
    for transport in (Transport.TCP, Transport.DEMO):
        address = ConnectionConfig.with_defaults(transport)
        assert (address.spacing_seconds, address.timeout_seconds) == (0.1, 3.0)
    address = ConnectionConfig.with_defaults(Transport.SHARED)
    assert (address.spacing_seconds, address.timeout_seconds) == (0.1, 2.0)


@pytest.mark.parametrize("transport", Transport)
def test_config_survives_a_round_trip_through_an_entry(transport: Transport) -> None:
    where = {"host": "bridge.lan", "port": 8899, "unit_id": 2}
    if transport is Transport.SERIAL:
        where |= {"device": "/dev/ttyUSB0", "baud_rate": 115200}
    address = ConnectionConfig.with_defaults(transport, **where)
    assert ConnectionConfig.from_entry(address.to_entry_data(), {}) == address
    slow = ConnectionConfig.from_entry(
        address.to_entry_data(), {"message_spacing": 0.5}
    )
    assert slow.spacing_seconds == 0.5


async def test_rtu_over_tcp_link_reads_writes_and_raises_refusals(
    hass: HomeAssistant,
) -> None:
    async with simulated_server() as server, serve_peer(forward_to(server)) as bridge:
        link = await link_over(hass, Transport.RTU_OVER_TCP, port=bridge.port)
        assert await read(link) == expected(server)
        with pytest.raises(IllegalDataAddressError):
            await link.unit.read_holding_registers(0x7000, 1)
        with pytest.raises(IllegalDataAddressError):
            await link.unit.write_register(0x0010, 1)
        await link.unit.write_register(0x0880, 0)
        await link.unit.write_registers(0x0881, [0, 32000])
        await link.close()
        assert len(bridge.accepted_at) == 1


STRAY_DELAYS = [0, 0.002, 0.01, 0.05]
"""Seconds after connecting; pymodbus sends no request in the first 0.1 s."""


@pytest.mark.parametrize("delay", STRAY_DELAYS)
async def test_stray_bytes_of_a_bridge_are_dropped_and_counted(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture, delay: float
) -> None:
    async with simulated_server() as server:
        noisy = with_stray_bytes(forward_to(server), b"\xff", delay)
        async with serve_peer(noisy) as bridge:
            link = await link_over(hass, Transport.RTU_OVER_TCP, port=bridge.port)
            for reads in (1, 2):
                assert await read(link) == expected(server)
                await link.unit.disconnect()
                assert link.stray_bytes == reads
            await link.close()
    assert not loggers_with_a_traceback(caplog)


@pytest.mark.parametrize("delay", STRAY_DELAYS)
async def test_stray_bytes_over_modbus_tcp_are_dropped_and_counted(
    hass: HomeAssistant, delay: float
) -> None:
    noisy = with_stray_bytes(answer_reads, b"hello, client", delay)
    async with serve_peer(noisy) as peer:
        link = await link_over(hass, Transport.TCP, port=peer.port)
        assert await read(link) == [0x0001, 0x0203]
        assert link.stray_bytes == 13
        await link.close()
        assert len(peer.accepted_at) == 1


async def test_unreachable_bridge_does_not_block_the_event_loop(
    hass: HomeAssistant,
) -> None:
    with unanswered_port() as port:
        link = await link_over(
            hass, Transport.RTU_OVER_TCP, port=port, timeout_seconds=600
        )
        request = asyncio.ensure_future(read(link))
        for _ in range(100):
            await asyncio.sleep(0.001)
        assert not request.done()
        await link.close()
        with pytest.raises(ModbusConnectionError):
            await request


async def test_units_behind_one_bridge_share_its_connection(
    hass: HomeAssistant,
) -> None:
    async with (
        simulated_server(1) as one,
        simulated_server(2) as two,
        serve_peer(forward_to(one, two)) as bridge,
    ):
        one.unit.advance(3600 * 8)
        links = [
            await link_over(
                hass, Transport.RTU_OVER_TCP, port=bridge.port, unit_id=unit
            )
            for unit in (1, 2)
        ]
        answers = await asyncio.gather(*(read(link) for link in links))
        assert answers == [expected(one), expected(two)]
        assert answers[0] != answers[1]
        await links[0].close()
        with pytest.raises(ClientClosedError):
            await read(links[0])
        assert await read(links[1])
        await links[1].close()
        await links[1].close()
        await bridge.wait_until_closed()
        assert len(bridge.accepted_at) == 1


async def test_timeout_of_one_unit_keeps_the_requests_to_another(
    hass: HomeAssistant,
) -> None:
    async with simulated_server(2) as two, serve_peer(forward_to(two)) as bridge:
        dead, alive = [
            await link_over(
                hass, Transport.RTU_OVER_TCP, port=bridge.port, unit_id=unit
            )
            for unit in (1, 2)
        ]
        requests = [read(dead), read(alive), read(dead), read(alive)]
        outcomes = await asyncio.gather(*requests, return_exceptions=True)
        assert [type(outcome) for outcome in outcomes] == [
            ModbusTimeoutError,
            list,
            ModbusConnectionError,
            list,
        ]
        await dead.close()
        await alive.close()


async def test_endpoint_is_in_use_while_a_link_is_open(
    hass: HomeAssistant,
) -> None:
    address = ConnectionConfig.with_defaults(
        Transport.RTU_OVER_TCP, host="127.0.0.1", port=8899
    )
    assert not is_in_use(hass, address)
    link = await open_link(hass, address)
    assert is_in_use(hass, address)
    assert not is_in_use(hass, ConnectionConfig.with_defaults(Transport.DEMO))
    await link.close()
    assert not is_in_use(hass, address)


async def test_retry_delay_depends_on_cause_and_transport(
    hass: HomeAssistant,
) -> None:
    for transport in (Transport.TCP, Transport.SHARED, Transport.DEMO):
        link = await open_link(
            hass, ConnectionConfig.with_defaults(transport, host="127.0.0.1")
        )
        assert link.retry_delay(
            ErrorKind.TIMEOUT, was_connected=False
        ).total_seconds() == (3 if transport is Transport.SHARED else 2)
        assert (
            link.retry_delay(ErrorKind.REFUSED, was_connected=True).total_seconds() == 5
        )
        # A router's restart leaves the connection dead, and nothing else.
        assert (
            link.retry_delay(ErrorKind.TIMEOUT, was_connected=True).total_seconds() == 1
        )
    for transport in (Transport.RTU_OVER_TCP, Transport.SERIAL):
        link = await open_link(
            hass, ConnectionConfig.with_defaults(transport, host="127.0.0.1")
        )
        assert (
            link.retry_delay(ErrorKind.TIMEOUT, was_connected=False).total_seconds()
            == 1.5
        )
        assert (
            link.retry_delay(ErrorKind.BUSY, was_connected=False).total_seconds() == 5
        )


async def test_demo_inverter_is_shared_by_all_its_links(
    hass: HomeAssistant,
) -> None:
    demo = ConnectionConfig(transport=Transport.DEMO)
    first, second = await open_link(hass, demo), await open_link(hass, demo)
    assert first.unit is second.unit
    assert len(await read(first)) == 2
    await first.unit.disconnect()
    assert await read(second)
    await first.close()


def test_config_is_read_from_entry_data_and_options() -> None:
    data = {"transport": "tcp", "host": "inverter.lan", "port": 1502, "unit_id": 1}
    assert ConnectionConfig.from_entry(
        data, {"message_spacing": 0.3}
    ) == ConnectionConfig(
        transport=Transport.TCP,
        host="inverter.lan",
        port=1502,
        unit_id=1,
        spacing_seconds=0.3,
    )
    assert ConnectionConfig.from_entry(data, {}).spacing_seconds == 0.1
