"""A link must find its way back, say why it cannot, and leave nothing behind."""

import asyncio
from collections.abc import Awaitable
from typing import Any

from homeassistant.core import HomeAssistant
from modbus_connection import (
    ClientClosedError,
    IllegalDataAddressError,
    ModbusConnectionError,
    ModbusTimeoutError,
)
import pytest

from custom_components.alphaess_live.alphaess.errors import LinkDownError
from custom_components.alphaess_live.connection.link import (
    ConnectionConfig,
    Link,
    Transport,
    open_link,
)

from .peers import (
    answering,
    answering_once,
    black_hole,
    ignoring_the_first,
    refusing,
    serving,
    silent,
)

pytestmark = pytest.mark.usefixtures("socket_enabled")


async def link_to(hass: HomeAssistant, port: int, **settings: Any) -> Link:
    address = {"timeout_seconds": 0.3, "spacing_seconds": 0.0} | settings
    return await open_link(
        hass,
        ConnectionConfig(
            transport=Transport.TCP, host="127.0.0.1", port=port, **address
        ),
    )


def ask(link: Link) -> Awaitable[list[int]]:
    return link.unit.read_holding_registers(0x0102, 2)


async def test_a_link_that_is_never_asked_connects_nowhere(hass: HomeAssistant) -> None:
    async with serving(answering) as peer:
        link = await link_to(hass, peer.port)
        await asyncio.sleep(0)
        await link.close()
        assert not peer.accepted


async def test_requests_share_one_connection(hass: HomeAssistant) -> None:
    async with serving(answering) as peer:
        link = await link_to(hass, peer.port)
        assert await ask(link) == [0x0001, 0x0203]
        assert await ask(link) == [0x0001, 0x0203]
        await link.close()
        await peer.gone()
        assert len(peer.accepted) == 1


async def test_requests_that_come_together_share_one_attempt(
    hass: HomeAssistant,
) -> None:
    async with serving(answering) as peer:
        link = await link_to(hass, peer.port)
        await asyncio.gather(ask(link), ask(link), ask(link))
        await link.close()
        assert len(peer.accepted) == 1


async def test_a_refused_request_keeps_the_connection(hass: HomeAssistant) -> None:
    async with serving(refusing) as peer:
        link = await link_to(hass, peer.port)
        for _ in range(3):
            with pytest.raises(IllegalDataAddressError):
                await ask(link)
        assert link.unit.connected
        await link.close()
        assert len(peer.accepted) == 1


async def test_writes_go_the_same_way(hass: HomeAssistant) -> None:
    async with serving(refusing) as peer:
        link = await link_to(hass, peer.port)
        with pytest.raises(IllegalDataAddressError):
            await link.unit.write_register(0x0880, 0)
        with pytest.raises(IllegalDataAddressError):
            await link.unit.write_registers(0x0880, [0] * 9)
        await link.close()
        assert peer.requests == 2


async def test_a_stalled_peer_is_let_go_of_and_opened_again_a_second_later(
    hass: HomeAssistant,
) -> None:
    async with serving(silent) as peer:
        link = await link_to(hass, peer.port)
        for _ in range(2):
            with pytest.raises(
                ModbusTimeoutError, match=r"did not answer within 0\.3 s"
            ):
                await ask(link)
            assert not link.unit.connected
        await peer.gone()
        await link.close()
        assert len(peer.accepted) == 2
        # The peer sees the end a moment after it was meant.
        assert peer.accepted[1] - peer.closed[0] > 0.9


async def test_a_stall_ends_the_requests_that_wait_behind_it(
    hass: HomeAssistant,
) -> None:
    async with serving(silent) as peer:
        link = await link_to(hass, peer.port, spacing_seconds=0.1)
        outcomes = await asyncio.gather(ask(link), ask(link), return_exceptions=True)
        assert [type(one) for one in outcomes] == [
            ModbusTimeoutError,
            ModbusConnectionError,
        ]
        await link.close()
        assert peer.requests == 1


async def test_a_new_link_to_the_same_port_also_waits_a_second(
    hass: HomeAssistant,
) -> None:
    async with serving(answering) as peer:
        for _ in range(2):
            link = await link_to(hass, peer.port)
            await ask(link)
            await link.close()
        await peer.gone()
        assert peer.accepted[1] - peer.closed[0] > 0.9


async def test_a_reset_ends_a_request_at_once(hass: HomeAssistant) -> None:
    lost = []
    async with serving(answering_once) as peer:
        # The test's own time limit is below this timeout.
        link = await link_to(hass, peer.port, timeout_seconds=600)
        unsubscribe = link.on_connection_lost(lambda: lost.append(True))
        await ask(link)
        with pytest.raises(
            ModbusConnectionError, match="closed the connection"
        ) as caught:
            await ask(link)
        assert not isinstance(caught.value, LinkDownError)
        assert lost == [True]
        assert not link.unit.connected
        unsubscribe()
        await link.close()


async def test_a_lost_link_that_is_not_listened_to_any_more_is_silent(
    hass: HomeAssistant,
) -> None:
    lost = []
    async with serving(answering_once) as peer:
        link = await link_to(hass, peer.port)
        link.on_connection_lost(lambda: lost.append(True))()
        await ask(link)
        with pytest.raises(ModbusConnectionError):
            await ask(link)
        await link.close()
    assert not lost


async def test_a_drop_is_no_loss_and_the_next_request_connects_again(
    hass: HomeAssistant,
) -> None:
    lost = []
    async with serving(answering) as peer:
        link = await link_to(hass, peer.port)
        link.on_connection_lost(lambda: lost.append(True))
        await ask(link)
        await link.unit.disconnect()
        await peer.gone()
        assert await ask(link)
        await link.close()
        assert len(peer.accepted) == 2
    assert not lost


async def test_a_closed_link_stays_closed(hass: HomeAssistant) -> None:
    async with serving(answering) as peer:
        link = await link_to(hass, peer.port)
        await link.close()
        with pytest.raises(ClientClosedError):
            await ask(link)
        await link.close()
        assert not peer.accepted


async def test_a_link_closes_at_once_while_a_request_hangs(hass: HomeAssistant) -> None:
    async with serving(silent) as peer:
        link = await link_to(hass, peer.port, timeout_seconds=600)
        request = asyncio.ensure_future(ask(link))
        await peer.until(lambda one: one.requests)
        async with asyncio.timeout(1):
            await link.close()
        with pytest.raises(ModbusConnectionError, match="was closed"):
            await request
        await peer.gone()


async def test_a_link_closes_at_once_while_it_connects(hass: HomeAssistant) -> None:
    with black_hole() as port:
        link = await link_to(hass, port, timeout_seconds=600)
        request = asyncio.ensure_future(ask(link))
        await asyncio.sleep(0.1)
        async with asyncio.timeout(1):
            await link.close()
        with pytest.raises(ModbusConnectionError, match="was closed"):
            await request


async def test_a_link_closes_at_once_while_it_has_just_connected(
    hass: HomeAssistant,
) -> None:
    async with serving(answering) as peer:
        link = await link_to(hass, peer.port)
        request = asyncio.ensure_future(ask(link))
        await peer.until(lambda one: one.accepted)
        await link.close()
        with pytest.raises(ModbusConnectionError):
            await request
        await peer.gone()


async def test_a_cancelled_request_stays_cancelled_and_harms_nobody(
    hass: HomeAssistant,
) -> None:
    async with serving(ignoring_the_first) as peer:
        link = await link_to(hass, peer.port, timeout_seconds=600)
        request = asyncio.ensure_future(ask(link))
        await peer.until(lambda one: one.requests)
        request.cancel()
        with pytest.raises(asyncio.CancelledError):
            await request
        assert await ask(link) == [0x0001, 0x0203]
        await link.close()
        assert len(peer.accepted) == 1


async def test_the_demo_inverter_is_one_house_however_often_it_is_opened(
    hass: HomeAssistant,
) -> None:
    demo = ConnectionConfig(transport=Transport.DEMO)
    first, second = await open_link(hass, demo), await open_link(hass, demo)
    assert first.unit is second.unit
    assert len(await ask(first)) == 2
    await first.unit.disconnect()
    assert await ask(second)
    await first.close()


def test_an_address_is_read_from_an_entry() -> None:
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
