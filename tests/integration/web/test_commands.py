"""What a client of the live feed may say, and what is answered to everything else."""

import pytest

from custom_components.alphaess_live.web import (
    session,
)

from ..conftest import House
from .conftest import Sockets
from .ws_client import publish_power, receive, receive_close_code, receive_initial


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ("{", "invalid_json"),
        ("", "invalid_json"),
        ('{"type":"ping","id":NaN}', "invalid_json"),
        ("[1]", "invalid_message"),
        ("{}", "invalid_message"),
        ('{"type":7}', "invalid_message"),
        ('{"type":"ping","id":{}}', "invalid_message"),
        ('{"type":"dance"}', "unknown_type"),
        ('{"type":"batch"}', "invalid_message"),
        ('{"type":"batch","size":0,"maxWait":5}', "invalid_message"),
        ('{"type":"batch","size":101,"maxWait":5}', "invalid_message"),
        ('{"type":"batch","size":true,"maxWait":5}', "invalid_message"),
        ('{"type":"batch","size":2.5,"maxWait":5}', "invalid_message"),
        ('{"type":"batch","size":2,"maxWait":61}', "invalid_message"),
        ('{"type":"ping","id":"%s"}' % ("x" * 4096), "too_large"),
        ('{"type":"ping","id":"%s"}' % ("€" * 1400), "too_large"),
        (b"binary", "invalid_message"),
    ],
)
async def test_what_is_not_understood_is_said_and_the_socket_stays_open(
    sockets: Sockets, message: str | bytes, code: str
) -> None:
    ws = await sockets()
    await receive_initial(ws)
    if isinstance(message, bytes):
        await ws.send_bytes(message)
    else:
        await ws.send_str(message)
    error = await receive(ws)
    assert (error["type"], error["code"]) == ("error", code)
    assert error["message"]
    await ws.send_json({"type": "ping"})
    assert (await receive(ws))["type"] == "pong"


async def test_more_than_twenty_errors_in_ten_seconds_close(sockets: Sockets) -> None:
    ws = await sockets()
    await receive_initial(ws)
    for _ in range(20):
        await ws.send_str("?")
        assert (await receive(ws))["type"] == "error"
    await ws.send_str("?")
    assert await receive_close_code(ws) == 1008


async def test_errors_long_ago_are_forgiven(
    sockets: Sockets, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session, "ERROR_WINDOW_SECONDS", 0.0)
    ws = await sockets()
    await receive_initial(ws)
    for _ in range(30):
        await ws.send_str("?")
        assert (await receive(ws))["type"] == "error"


async def test_a_flood_is_read_slowly_and_never_closed(
    sockets: Sockets, home: House
) -> None:
    flooding, calm = await sockets(), await sockets()
    await receive_initial(flooding)
    await receive_initial(calm)
    for n in range(80):
        await flooding.send_json({"type": "ping", "id": n})
    publish_power(home, grid=42)
    assert (await receive(calm))["data"]["grid"]["power"] == 42
    answers = [await receive(flooding) for _ in range(81)]
    pongs = [answer["id"] for answer in answers if answer["type"] == "pong"]
    assert pongs == list(range(80))


async def test_a_message_without_measure_ends_the_conversation(
    sockets: Sockets,
) -> None:
    ws = await sockets()
    await receive_initial(ws)
    await ws.send_str("x" * 100_000)
    assert await receive_close_code(ws) == 1009
