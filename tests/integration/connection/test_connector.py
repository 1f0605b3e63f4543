"""Failed connections: each has its cause, which is diagnosed once."""

import asyncio
from errno import ENETUNREACH
import socket
from typing import Any

from homeassistant.core import HomeAssistant
from modbus_connection import ModbusTimeoutError
import pytest

from custom_components.alphaess_live.alphaess.errors import ErrorKind
from custom_components.alphaess_live.connection import connector
from custom_components.alphaess_live.connection.link import (
    ConnectionConfig,
    Transport,
    open_link,
)
from custom_components.alphaess_live.connection.port_probe import diagnose_port

from ..peers import (
    close_at_once,
    close_on_request,
    closed_port,
    serve_peer,
    unanswered_port,
)
from .links import failure, link_to, read

pytestmark = pytest.mark.usefixtures("socket_enabled")


async def test_connecting_to_a_closed_port_is_refused(hass: HomeAssistant) -> None:
    link = await link_to(hass, closed_port())
    err = await failure(link)
    assert err.kind is ErrorKind.REFUSED
    assert "another client" in str(err)
    await link.close()


async def test_connecting_to_an_occupied_port_is_refused_with_one_attempt(
    hass: HomeAssistant,
) -> None:
    async with serve_peer(close_at_once) as peer:
        link = await link_to(hass, peer.port)
        kinds = [(await failure(link)).kind for _ in range(3)]
        await link.close()
        assert kinds == [ErrorKind.REFUSED] * 3
        assert len(peer.accepted_at) == 3


async def test_expired_cause_is_diagnosed_again_instead_of_an_attempt(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connector, "CAUSE_VALID_SECONDS", 0)
    link = await link_to(hass, port := closed_port())
    for _ in range(3):
        assert (await failure(link)).kind is ErrorKind.REFUSED
    clients: list[object] = []
    server = await asyncio.start_server(
        lambda *ends: clients.append(ends), "127.0.0.1", port
    )
    with pytest.raises(ModbusTimeoutError):
        await read(link)
    await link.close()
    server.close_clients()
    server.close()
    await server.wait_closed()


async def test_connection_closed_before_its_first_response_is_refused(
    hass: HomeAssistant,
) -> None:
    async with serve_peer(close_on_request) as peer:
        link = await link_to(hass, peer.port)
        assert (await failure(link)).kind is ErrorKind.REFUSED
        await link.close()


async def test_connecting_to_an_unanswered_port_times_out(hass: HomeAssistant) -> None:
    with unanswered_port() as port:
        link = await link_to(hass, port)
        assert (await failure(link)).kind is ErrorKind.TIMEOUT
        await link.close()


async def test_diagnosing_an_unanswered_port_times_out() -> None:
    with unanswered_port() as port:
        cause = await diagnose_port("127.0.0.1", port, timeout_seconds=0.1)
    assert cause
    assert cause.kind is ErrorKind.TIMEOUT


async def test_connecting_to_an_unknown_host_is_unreachable(
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


async def test_connecting_without_a_route_is_unreachable(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_route(*_: Any) -> None:
        raise OSError(ENETUNREACH, "Network is unreachable")

    monkeypatch.setattr(socket.socket, "connect", no_route)
    link = await link_to(hass, 502)
    assert (await failure(link)).kind is ErrorKind.UNREACHABLE
    await link.close()
