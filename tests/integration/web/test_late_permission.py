"""Orders whose user loses the permission while the body is on its way, or while the order waits its turn."""

import asyncio
from http import HTTPStatus
import json
from typing import Any

from homeassistant.auth.models import User
from homeassistant.core import HomeAssistant
import pytest

from custom_components.alphaess_live.web import order_body
from custom_components.alphaess_live.web.session import WebSocketSession

from ..conftest import House
from ..user_changes import (
    Change,
    deactivate_user,
    delete_user,
    revoke_tokens,
    take_permission,
)
from .conftest import Client, Clients, create_token
from .rest_client import CHARGE_PATH, ORDER
from .test_openapi import check
from .ws_client import PATH, receive_close_code

CHANGES = [
    (take_permission, HTTPStatus.FORBIDDEN),
    (revoke_tokens, HTTPStatus.UNAUTHORIZED),
    (delete_user, HTTPStatus.UNAUTHORIZED),
    (deactivate_user, HTTPStatus.UNAUTHORIZED),
]


@pytest.fixture
async def token(hass: HomeAssistant) -> str:
    """Return the access token of a user with all permissions on entities."""
    return await create_token(hass, {"entities": True})


@pytest.fixture
async def user(hass: HomeAssistant, token: str) -> User:
    """Return that user."""
    refresh = hass.auth.async_validate_access_token(token)
    assert refresh
    return refresh.user


async def send_part(
    client: Client, token: str, path: str = CHARGE_PATH
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter, bytes]:
    """Send an order without the rest of its body, which is returned."""
    body = json.dumps(ORDER).encode()
    reader, writer = await asyncio.open_connection("127.0.0.1", client.port)
    writer.write(
        f"POST {path} HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode()
        + body[:5]
    )
    await writer.drain()
    return reader, writer, body[5:]


async def read_answer(reader: asyncio.StreamReader) -> tuple[int, dict[str, Any]]:
    """Read the status and the body of an answer, until the server closes."""
    async with asyncio.timeout(20):
        head, _, body = (await reader.read()).partition(b"\r\n\r\n")
    assert b"application/json" in head
    return int(head.split()[1]), json.loads(body)


@pytest.mark.parametrize(("change", "status"), CHANGES)
async def test_order_is_refused_whose_permission_ends_before_its_body(
    hass: HomeAssistant,
    home: House,
    client: Client,
    token: str,
    user: User,
    *,
    change: Change,
    status: HTTPStatus,
) -> None:
    reader, writer, rest = await send_part(client, token)
    await asyncio.sleep(0.2)
    await change(hass, user)
    writer.write(rest)
    answer, body = await read_answer(reader)
    assert answer == status, body
    check(CHARGE_PATH, "post", status=answer, body=body)
    assert not home.inverter.journal.writes
    writer.close()


@pytest.mark.parametrize(("change", "status"), CHANGES)
async def test_order_is_refused_whose_permission_ends_while_it_waits(
    hass: HomeAssistant,
    home: House,
    hass_client: Clients,
    token: str,
    user: User,
    *,
    change: Change,
    status: HTTPStatus,
) -> None:
    client = await hass_client(token)
    async with home.controller.lock:
        order = asyncio.create_task(client.post(CHARGE_PATH, json=ORDER))
        await asyncio.sleep(0.2)
        await change(hass, user)
    answer = await order
    assert answer.status == status
    assert not home.inverter.journal.writes
    assert not home.controller.leases


async def test_order_is_given_whose_body_comes_in_parts(
    home: House, client: Client, token: str
) -> None:
    reader, writer, rest = await send_part(client, token)
    await asyncio.sleep(0.2)
    writer.write(rest)
    answer, _ = await read_answer(reader)
    assert answer == HTTPStatus.OK
    assert home.inverter.journal.writes
    writer.close()


async def test_body_that_does_not_arrive_ends_with_408(
    home: House, client: Client, token: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert order_body.BODY_TIMEOUT_SECONDS == 10
    monkeypatch.setattr(order_body, "BODY_TIMEOUT_SECONDS", 0.2)
    reader, writer, rest = await send_part(client, token)
    # Each byte on its own: the time is for the whole body.
    for byte in rest[:10]:
        writer.write(bytes((byte,)))
        await asyncio.sleep(0.05)
    answer, body = await asyncio.wait_for(read_answer(reader), 15)
    assert (answer, body["error"]) == (HTTPStatus.REQUEST_TIMEOUT, "timeout")
    check(CHARGE_PATH, "post", status=answer, body=body)
    assert not home.inverter.journal.writes
    writer.close()


async def test_token_revoked_during_the_handshake_gets_no_feed(
    hass: HomeAssistant,
    home: House,
    hass_client: Clients,
    token: str,
    user: User,
    *,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    client = await hass_client(token)
    run = WebSocketSession.run

    async def run_later(session: WebSocketSession, since: int | None) -> None:
        await revoke_tokens(hass, user)
        await run(session, since)

    monkeypatch.setattr(WebSocketSession, "run", run_later)
    ws = await client.ws_connect(PATH)
    assert await receive_close_code(ws) == 4401
    assert not home.coordinator.has_live_clients
