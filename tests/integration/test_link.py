"""A link must find its way back, say why it cannot, and leave nothing behind."""

import asyncio
from collections.abc import Awaitable
from errno import ENETUNREACH
import logging
import socket
from typing import Any

from homeassistant.core import HomeAssistant
from modbus_connection import (
    ClientClosedError,
    IllegalDataAddressError,
    ModbusConnectionError,
    ModbusProtocolError,
    ModbusTimeoutError,
)
import pytest

from custom_components.alphaess_live import gate
from custom_components.alphaess_live.alphaess.errors import ErrorKind, LinkDownError
from custom_components.alphaess_live.knock import find_cause
from custom_components.alphaess_live.link import Address, Link, Transport, open_link

from .peers import (
    answering,
    answering_once,
    black_hole,
    closing,
    closing_when_asked,
    free_port,
    ignoring_the_first,
    refusing,
    serving,
    silent,
    telling,
)

pytestmark = pytest.mark.usefixtures("socket_enabled")


def link_to(hass: HomeAssistant, port: int, **settings: Any) -> Link:
    address = {"timeout": 0.3, "spacing": 0.0} | settings
    return open_link(
        hass, Address(transport=Transport.TCP, host="127.0.0.1", port=port, **address)
    )


def ask(link: Link) -> Awaitable[list[int]]:
    return link.unit.read_holding_registers(0x0102, 2)


async def test_a_link_that_is_never_asked_connects_nowhere(hass: HomeAssistant) -> None:
    async with serving(answering) as peer:
        link = link_to(hass, peer.port)
        await asyncio.sleep(0)
        await link.close()
        assert not peer.accepted


async def test_requests_share_one_connection(hass: HomeAssistant) -> None:
    async with serving(answering) as peer:
        link = link_to(hass, peer.port)
        assert await ask(link) == [0x0001, 0x0203]
        assert await ask(link) == [0x0001, 0x0203]
        await link.close()
        await peer.gone()
        assert len(peer.accepted) == 1


async def test_requests_that_come_together_share_one_attempt(
    hass: HomeAssistant,
) -> None:
    async with serving(answering) as peer:
        link = link_to(hass, peer.port)
        await asyncio.gather(ask(link), ask(link), ask(link))
        await link.close()
        assert len(peer.accepted) == 1


async def test_a_refused_request_keeps_the_connection(hass: HomeAssistant) -> None:
    async with serving(refusing) as peer:
        link = link_to(hass, peer.port)
        for _ in range(3):
            with pytest.raises(IllegalDataAddressError):
                await ask(link)
        assert link.unit.connected
        await link.close()
        assert len(peer.accepted) == 1


async def test_writes_go_the_same_way(hass: HomeAssistant) -> None:
    async with serving(refusing) as peer:
        link = link_to(hass, peer.port)
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
        link = link_to(hass, peer.port)
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
        link = link_to(hass, peer.port, spacing=0.1)
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
            link = link_to(hass, peer.port)
            await ask(link)
            await link.close()
        await peer.gone()
        assert peer.accepted[1] - peer.closed[0] > 0.9


async def test_a_reset_ends_a_request_at_once(hass: HomeAssistant) -> None:
    lost = []
    async with serving(answering_once) as peer:
        # The test's own time limit is below this timeout.
        link = link_to(hass, peer.port, timeout=600)
        unsubscribe = link.on_lost(lambda: lost.append(True))
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
        link = link_to(hass, peer.port)
        link.on_lost(lambda: lost.append(True))()
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
        link = link_to(hass, peer.port)
        link.on_lost(lambda: lost.append(True))
        await ask(link)
        await link.unit.disconnect()
        await peer.gone()
        assert await ask(link)
        await link.close()
        assert len(peer.accepted) == 2
    assert not lost


async def test_a_closed_link_stays_closed(hass: HomeAssistant) -> None:
    async with serving(answering) as peer:
        link = link_to(hass, peer.port)
        await link.close()
        with pytest.raises(ClientClosedError):
            await ask(link)
        await link.close()
        assert not peer.accepted


async def failure(link: Link) -> LinkDownError:
    with pytest.raises(LinkDownError) as caught:
        await ask(link)
    return caught.value


async def test_a_closed_port_is_refused(hass: HomeAssistant) -> None:
    link = link_to(hass, free_port())
    err = await failure(link)
    assert err.kind is ErrorKind.REFUSED
    assert "another client" in str(err)
    await link.close()


async def test_a_taken_connection_is_refused_and_tried_once_each_time(
    hass: HomeAssistant,
) -> None:
    async with serving(closing) as peer:
        link = link_to(hass, peer.port)
        kinds = [(await failure(link)).kind for _ in range(3)]
        await link.close()
        assert kinds == [ErrorKind.REFUSED] * 3
        assert len(peer.accepted) == 3


async def test_a_cause_is_looked_for_anew_in_place_of_an_attempt(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gate, "CAUSE_HOLDS", 0)
    link = link_to(hass, port := free_port())
    for _ in range(3):
        assert (await failure(link)).kind is ErrorKind.REFUSED
    clients: list[object] = []
    server = await asyncio.start_server(
        lambda *ends: clients.append(ends), "127.0.0.1", port
    )
    with pytest.raises(ModbusTimeoutError):
        await ask(link)
    await link.close()
    server.close_clients()
    server.close()
    await server.wait_closed()


async def test_a_connection_closed_before_its_first_answer_is_refused(
    hass: HomeAssistant,
) -> None:
    async with serving(closing_when_asked) as peer:
        link = link_to(hass, peer.port)
        assert (await failure(link)).kind is ErrorKind.REFUSED
        await link.close()


async def test_a_port_that_swallows_connections_times_out(hass: HomeAssistant) -> None:
    with black_hole() as port:
        link = link_to(hass, port)
        assert (await failure(link)).kind is ErrorKind.TIMEOUT
        await link.close()


async def test_knocking_at_a_port_that_swallows_connections_ends() -> None:
    with black_hole() as port:
        cause = await find_cause(("127.0.0.1", port), patience=0.1)
    assert cause
    assert cause.kind is ErrorKind.TIMEOUT


async def test_an_unknown_name_is_unreachable(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: Any, **__: Any) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    address = Address(transport=Transport.TCP, host="nowhere.invalid")
    link = open_link(hass, address)
    err = await failure(link)
    assert err.kind is ErrorKind.UNREACHABLE
    assert str(err) == "there is no host named nowhere.invalid"
    await link.close()


async def test_a_network_without_a_route_is_unreachable(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_route(*_: Any) -> None:
        raise OSError(ENETUNREACH, "Network is unreachable")

    monkeypatch.setattr(socket.socket, "connect", no_route)
    link = link_to(hass, 502)
    assert (await failure(link)).kind is ErrorKind.UNREACHABLE
    await link.close()


async def test_a_link_closes_at_once_while_a_request_hangs(hass: HomeAssistant) -> None:
    async with serving(silent) as peer:
        link = link_to(hass, peer.port, timeout=600)
        request = asyncio.ensure_future(ask(link))
        await peer.until(lambda one: one.requests)
        async with asyncio.timeout(1):
            await link.close()
        with pytest.raises(ModbusConnectionError, match="was closed"):
            await request
        await peer.gone()


async def test_a_link_closes_at_once_while_it_connects(hass: HomeAssistant) -> None:
    with black_hole() as port:
        link = link_to(hass, port, timeout=600)
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
        link = link_to(hass, peer.port)
        request = asyncio.ensure_future(ask(link))
        await peer.until(lambda one: one.accepted)
        await link.close()
        with pytest.raises(ModbusConnectionError):
            await request
        await peer.gone()


@pytest.mark.parametrize(
    "pdu",
    [
        pytest.param(b"\x63\x01\x02", id="unknown function"),
        pytest.param(b"\x03", id="cut short"),
        pytest.param(b"\x03\x05\x00\x01\x02", id="half a word"),
        pytest.param(b"\x03\x02\x00\x01", id="too few words"),
        pytest.param(b"\x06\x01\x02\x00\x01", id="answer to something else"),
    ],
)
async def test_nonsense_is_a_protocol_error_and_ends_the_connection(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture, pdu: bytes
) -> None:
    async with serving(telling(pdu)) as peer:
        link = link_to(hass, peer.port, timeout=600)
        with pytest.raises(ModbusProtocolError):
            await ask(link)
        assert not link.unit.connected
        await peer.gone()
        await link.close()
    assert "Traceback" not in caplog.text


async def test_a_cancelled_request_stays_cancelled_and_harms_nobody(
    hass: HomeAssistant,
) -> None:
    async with serving(ignoring_the_first) as peer:
        link = link_to(hass, peer.port, timeout=600)
        request = asyncio.ensure_future(ask(link))
        await peer.until(lambda one: one.requests)
        request.cancel()
        with pytest.raises(asyncio.CancelledError):
            await request
        assert await ask(link) == [0x0001, 0x0203]
        await link.close()
        assert len(peer.accepted) == 1


async def test_no_complaint_of_pymodbus_reaches_the_log(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(silent) as peer:
        link = link_to(hass, peer.port)
        with pytest.raises(ModbusTimeoutError):
            await ask(link)
        await link.close()
    link = link_to(hass, free_port())
    await failure(link)
    await link.close()
    lines = [line for line in caplog.records if line.name.startswith("pymodbus")]
    assert not [line for line in lines if line.levelno >= logging.WARNING]


async def test_all_of_pymodbus_reaches_the_log_of_who_debugs_it(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "pymodbus")
    link = link_to(hass, free_port())
    await failure(link)
    await link.close()
    assert "Failed to connect" in caplog.text


async def test_what_pymodbus_says_to_others_reaches_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    logging.getLogger("pymodbus.logging").warning("another integration's trouble")
    assert "another integration's trouble" in caplog.text


async def test_the_demo_inverter_is_one_house_however_often_it_is_opened(
    hass: HomeAssistant,
) -> None:
    demo = Address(transport=Transport.DEMO)
    first, second = open_link(hass, demo), open_link(hass, demo)
    assert first.unit is second.unit
    assert len(await ask(first)) == 2
    await first.unit.disconnect()
    assert await ask(second)
    await first.close()


def test_an_address_is_read_from_an_entry() -> None:
    data = {"transport": "tcp", "host": "inverter.lan", "port": 1502, "unit_id": 1}
    assert Address.from_entry(data, {"message_spacing": 0.3}) == Address(
        transport=Transport.TCP, host="inverter.lan", port=1502, unit_id=1, spacing=0.3
    )
    assert Address.from_entry(data, {}).spacing == 0.1
