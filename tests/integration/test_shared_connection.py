"""One connection for all integrations of one Home Assistant: shared, let go of, and told of."""

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
from custom_components.alphaess_live.connection.link import Transport

from .peers import (
    answering,
    answering_once,
    black_hole,
    closing,
    closing_when_asked,
    free_port,
    refusing,
    serving,
    silent,
)
from .test_transports import ask, failure, link_over

pytestmark = pytest.mark.usefixtures("socket_enabled")


async def test_integrations_share_the_one_connection_of_home_assistant(
    hass: HomeAssistant,
) -> None:
    async with serving(answering) as peer:
        params = ModbusTcpParams(host="127.0.0.1", port=peer.port)
        async with async_get_temporary_unit(hass, params, 1) as other:
            link = await link_over(hass, Transport.SHARED, port=peer.port)
            assert await other.read_holding_registers(0, 1)
            assert await ask(link) == [0x0001, 0x0203]
            assert link.unit.connected
            assert len(peer.accepted) == 1
            await link.close()
            with pytest.raises(ClientClosedError):
                await ask(link)
            assert await other.read_holding_registers(0, 1)
            assert len(peer.accepted) == 1
        await peer.gone()


async def test_a_shared_connection_that_nobody_else_uses_ends_with_the_last(
    hass: HomeAssistant,
) -> None:
    async with serving(refusing) as peer:
        link = await link_over(hass, Transport.SHARED, port=peer.port)
        for request in (
            ask(link),
            link.unit.write_register(0x0880, 0),
            link.unit.write_registers(0x0880, [0] * 9),
        ):
            with pytest.raises(IllegalDataAddressError):
                await request
        await link.close()
        await peer.gone()
        # One knock, to see whether somebody opens, and one connection a second later.
        assert len(peer.accepted) == 2
        assert peer.accepted[1] - peer.closed[0] > 0.9
    assert not async_get_connection_info(hass)


async def test_a_shared_connection_that_stalls_is_let_go_of_for_everyone(
    hass: HomeAssistant,
) -> None:
    async with serving(silent) as peer:
        link = await link_over(hass, Transport.SHARED, port=peer.port)
        for _ in range(2):
            with pytest.raises(ModbusTimeoutError, match=r"within 0\.3 s"):
                await ask(link)
            assert not link.unit.connected
        await peer.gone()
        await link.close()
        assert peer.accepted[1] - peer.closed[0] > 0.9


async def test_a_shared_connection_that_breaks_is_told_at_once(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    lost = []
    async with serving(answering_once) as peer:
        link = await link_over(
            hass, Transport.SHARED, port=peer.port, timeout_seconds=600
        )
        stop_listening = link.on_connection_lost(lambda: lost.append(True))
        with pytest.raises(ModbusConnectionError) as caught:
            await ask(link)
        assert not isinstance(caught.value, LinkDownError)
        assert lost == [True]
        stop_listening()
        await link.close()
    assert not [line for line in caplog.records if line.levelname == "ERROR"]


@pytest.mark.parametrize("behaviour", [closing, closing_when_asked])
async def test_a_shared_connection_that_another_client_has_is_refused(
    hass: HomeAssistant, behaviour: Any
) -> None:
    async with serving(behaviour) as peer:
        link = await link_over(
            hass, Transport.SHARED, port=peer.port, timeout_seconds=5
        )
        assert (await failure(link)).kind is ErrorKind.REFUSED
        await link.close()


async def test_a_closed_port_is_refused_on_a_shared_connection_too(
    hass: HomeAssistant,
) -> None:
    link = await link_over(hass, Transport.SHARED, port=free_port())
    err = await failure(link)
    assert err.kind is ErrorKind.REFUSED
    assert "another client" in str(err)
    await link.close()


async def test_a_port_that_swallows_connections_does_not_hold_a_shared_one_up(
    hass: HomeAssistant,
) -> None:
    with black_hole() as port:
        link = await link_over(hass, Transport.SHARED, port=port)
        assert (await failure(link)).kind is ErrorKind.TIMEOUT
        await link.close()
        link = await link_over(hass, Transport.SHARED, port=port, timeout_seconds=600)
        request = asyncio.ensure_future(ask(link))
        for _ in range(20):
            await asyncio.sleep(0.001)
        # Nothing waits for an answer, nor for a call of Home Assistant's own.
        await link.close()
        with pytest.raises(ModbusConnectionError):
            await request


async def test_a_shared_connection_used_in_another_way_is_refused_until_it_is_free(
    hass: HomeAssistant,
) -> None:
    async with serving(answering) as peer, AsyncExitStack() as other:
        params = ModbusTlsParams(host="127.0.0.1", port=peer.port)
        await other.enter_async_context(async_get_temporary_unit(hass, params, 1))
        link = await link_over(hass, Transport.SHARED, port=peer.port)
        err = await failure(link)
        assert err.kind is ErrorKind.REFUSED
        assert "another integration" in str(err)
        await other.aclose()
        assert await ask(link)
        await link.unit.disconnect()
        await peer.gone()
        await link.close()


async def test_a_shared_connection_is_dropped_before_it_is_taken(
    hass: HomeAssistant,
) -> None:
    link = await link_over(hass, Transport.SHARED, port=free_port())
    await link.unit.disconnect()
    await link.close()
