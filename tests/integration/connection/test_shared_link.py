"""Links on Home Assistant's shared connection: acquired, released, lost and refused."""

import asyncio
from contextlib import AsyncExitStack
from typing import Any

from homeassistant.components.modbus import async_get_temporary_unit
from homeassistant.components.modbus.connection import async_get_connection_info
from homeassistant.core import HomeAssistant
from modbus_connection import (
    ClientClosedError,
    IllegalDataAddressError,
    ModbusConnectionError,
    ModbusTcpParams,
    ModbusTimeoutError,
    ModbusTlsParams,
)
import pytest

from custom_components.alphaess_live.alphaess.errors import ErrorKind, LinkDownError
from custom_components.alphaess_live.connection.endpoint import (
    Endpoint,
    TcpEndpoint,
)
from custom_components.alphaess_live.connection.link import Transport
from custom_components.alphaess_live.connection.shared_link import SharedUnit

from ..peers import (
    answer_once_then_reset,
    answer_reads,
    close_at_once,
    close_on_request,
    closed_port,
    never_answer,
    refuse_all,
    serve_peer,
    unanswered_port,
)
from .links import failure, link_over, read

pytestmark = pytest.mark.usefixtures("socket_enabled")


async def test_shared_link_uses_the_connection_of_other_integrations(
    hass: HomeAssistant,
) -> None:
    async with serve_peer(answer_reads) as peer:
        params = ModbusTcpParams(host="127.0.0.1", port=peer.port)
        async with async_get_temporary_unit(hass, params, 1) as other:
            link = await link_over(hass, Transport.SHARED, port=peer.port)
            assert await other.read_holding_registers(0, 1)
            assert await read(link) == [0x0001, 0x0203]
            assert link.unit.connected
            assert len(peer.accepted_at) == 1
            await link.close()
            with pytest.raises(ClientClosedError):
                await read(link)
            assert await other.read_holding_registers(0, 1)
            assert len(peer.accepted_at) == 1
        await peer.wait_until_closed()


async def test_shared_connection_is_closed_with_its_last_user(
    hass: HomeAssistant,
) -> None:
    async with serve_peer(refuse_all) as peer:
        link = await link_over(hass, Transport.SHARED, port=peer.port)
        for request in (
            read(link),
            link.unit.write_register(0x0880, 0),
            link.unit.write_registers(0x0880, [0] * 9),
        ):
            with pytest.raises(IllegalDataAddressError):
                await request
        await link.close()
        await peer.wait_until_closed()
        # One probe of the port, and one connection a second later.
        assert len(peer.accepted_at) == 2
        assert peer.accepted_at[1] - peer.closed_at[0] > 0.9
    assert not async_get_connection_info(hass)


async def test_release_after_the_connection_was_closed_delays_the_next_one(
    hass: HomeAssistant,
) -> None:
    async with serve_peer(answer_reads) as peer:
        closed_at: dict[Endpoint, float] = {}
        endpoint = TcpEndpoint("127.0.0.1", peer.port)
        unit = SharedUnit(
            hass,
            endpoint,
            1,
            closed_at=closed_at,
            entry=None,
            timeout_seconds=1,
            spacing_seconds=0,
        )
        assert await unit.read_holding_registers(0, 1)
        await unit.disconnect()  # As Home Assistant does when it unloads an entry.
        closed_at.clear()
        await unit.release()
        assert closed_at.keys() == {endpoint}


async def test_silent_shared_connection_is_closed_for_all_users(
    hass: HomeAssistant,
) -> None:
    async with serve_peer(never_answer) as peer:
        link = await link_over(hass, Transport.SHARED, port=peer.port)
        for _ in range(2):
            with pytest.raises(ModbusTimeoutError, match=r"within 0\.3 s"):
                await read(link)
            assert not link.unit.connected
        await peer.wait_until_closed()
        await link.close()
        assert peer.accepted_at[1] - peer.closed_at[0] > 0.9


async def test_lost_shared_connection_is_notified_without_an_error_log(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    lost = []
    async with serve_peer(answer_once_then_reset) as peer:
        link = await link_over(
            hass, Transport.SHARED, port=peer.port, timeout_seconds=600
        )
        stop_listening = link.on_connection_lost(lambda: lost.append(True))
        with pytest.raises(ModbusConnectionError) as caught:
            await read(link)
        assert not isinstance(caught.value, LinkDownError)
        assert lost == [True]
        stop_listening()
        await link.close()
    assert not [line for line in caplog.records if line.levelname == "ERROR"]


@pytest.mark.parametrize("behaviour", [close_at_once, close_on_request])
async def test_shared_link_to_an_occupied_port_is_refused(
    hass: HomeAssistant, behaviour: Any
) -> None:
    async with serve_peer(behaviour) as peer:
        link = await link_over(
            hass, Transport.SHARED, port=peer.port, timeout_seconds=5
        )
        assert (await failure(link)).kind is ErrorKind.REFUSED
        await link.close()


async def test_shared_link_to_a_closed_port_is_refused(
    hass: HomeAssistant,
) -> None:
    link = await link_over(hass, Transport.SHARED, port=closed_port())
    err = await failure(link)
    assert err.kind is ErrorKind.REFUSED
    assert "another client" in str(err)
    await link.close()


async def test_shared_link_to_an_unanswered_port_times_out_and_closes(
    hass: HomeAssistant,
) -> None:
    with unanswered_port() as port:
        link = await link_over(hass, Transport.SHARED, port=port)
        assert (await failure(link)).kind is ErrorKind.TIMEOUT
        await link.close()
        link = await link_over(hass, Transport.SHARED, port=port, timeout_seconds=600)
        request = asyncio.ensure_future(read(link))
        for _ in range(20):
            await asyncio.sleep(0.001)
        # Neither the request nor Home Assistant's own connect is waited for.
        await link.close()
        with pytest.raises(ModbusConnectionError):
            await request


async def test_shared_link_with_other_settings_is_refused_until_free(
    hass: HomeAssistant,
) -> None:
    async with serve_peer(answer_reads) as peer, AsyncExitStack() as other:
        params = ModbusTlsParams(host="127.0.0.1", port=peer.port)
        await other.enter_async_context(async_get_temporary_unit(hass, params, 1))
        link = await link_over(hass, Transport.SHARED, port=peer.port)
        err = await failure(link)
        assert err.kind is ErrorKind.REFUSED
        assert "another integration" in str(err)
        await other.aclose()
        assert await read(link)
        await link.unit.disconnect()
        await peer.wait_until_closed()
        await link.close()


async def test_shared_link_disconnects_before_its_first_request(
    hass: HomeAssistant,
) -> None:
    link = await link_over(hass, Transport.SHARED, port=closed_port())
    await link.unit.disconnect()
    await link.close()
