"""Why a link cannot be opened is found out, once, and said."""

import asyncio
from errno import ENETUNREACH
import socket
from typing import Any

from homeassistant.core import HomeAssistant
from modbus_connection import ModbusProtocolError, ModbusTimeoutError
import pytest

from custom_components.alphaess_live.alphaess.errors import ErrorKind, LinkDownError
from custom_components.alphaess_live.connection import connector
from custom_components.alphaess_live.connection.link import (
    ConnectionConfig,
    Link,
    Transport,
    open_link,
)
from custom_components.alphaess_live.connection.port_probe import diagnose_port

from .peers import black_hole, closing, closing_when_asked, free_port, serving, telling
from .test_link import ask, link_to

pytestmark = pytest.mark.usefixtures("socket_enabled")


async def failure(link: Link) -> LinkDownError:
    with pytest.raises(LinkDownError) as caught:
        await ask(link)
    return caught.value


async def test_a_closed_port_is_refused(hass: HomeAssistant) -> None:
    link = await link_to(hass, free_port())
    err = await failure(link)
    assert err.kind is ErrorKind.REFUSED
    assert "another client" in str(err)
    await link.close()


async def test_a_taken_connection_is_refused_and_tried_once_each_time(
    hass: HomeAssistant,
) -> None:
    async with serving(closing) as peer:
        link = await link_to(hass, peer.port)
        kinds = [(await failure(link)).kind for _ in range(3)]
        await link.close()
        assert kinds == [ErrorKind.REFUSED] * 3
        assert len(peer.accepted) == 3


async def test_a_cause_is_looked_for_anew_in_place_of_an_attempt(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connector, "CAUSE_VALID_SECONDS", 0)
    link = await link_to(hass, port := free_port())
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
        link = await link_to(hass, peer.port)
        assert (await failure(link)).kind is ErrorKind.REFUSED
        await link.close()


async def test_a_port_that_swallows_connections_times_out(hass: HomeAssistant) -> None:
    with black_hole() as port:
        link = await link_to(hass, port)
        assert (await failure(link)).kind is ErrorKind.TIMEOUT
        await link.close()


async def test_knocking_at_a_port_that_swallows_connections_ends() -> None:
    with black_hole() as port:
        cause = await diagnose_port("127.0.0.1", port, timeout_seconds=0.1)
    assert cause
    assert cause.kind is ErrorKind.TIMEOUT


async def test_an_unknown_name_is_unreachable(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unknown(*_: Any, **__: Any) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(socket, "getaddrinfo", unknown)
    address = ConnectionConfig(transport=Transport.TCP, host="nowhere.invalid")
    link = await open_link(hass, address)
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
    link = await link_to(hass, 502)
    assert (await failure(link)).kind is ErrorKind.UNREACHABLE
    await link.close()


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
        link = await link_to(hass, peer.port, timeout_seconds=600)
        with pytest.raises(ModbusProtocolError):
            await ask(link)
        assert not link.unit.connected
        await peer.gone()
        await link.close()
    assert "Traceback" not in caplog.text
