"""The messages of a feed client that are not valid commands."""

import pytest

from .conftest import Sockets
from .ws_client import receive, receive_initial

INVALID_MESSAGES: list[tuple[str | bytes, str]] = [
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
    ('{"type":"subscribe","flows":1}', "invalid_message"),
    ('{"type":"ping","id":"%s"}' % ("x" * 4096), "too_large"),
    ('{"type":"ping","id":"%s"}' % ("€" * 1400), "too_large"),
    (b"binary", "invalid_message"),
]
"""Messages, each with the code of its error."""


@pytest.mark.parametrize(("message", "code"), INVALID_MESSAGES)
async def test_invalid_message_gets_an_error_and_the_socket_stays_open(
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
