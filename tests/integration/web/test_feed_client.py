"""The sending side of a feed client."""

import asyncio
import logging

from aiohttp import WSMsgType
from homeassistant.core import HomeAssistant
import pytest

from custom_components.alphaess_live.web.clients import CLIENTS

from .conftest import Sockets
from .ws_client import (
    NonReadingClient,
    receive_initial,
)


async def test_ping_is_answered(sockets: Sockets) -> None:
    ws = await sockets(autoping=False)
    await receive_initial(ws)
    await ws.ping(b"hello")
    answer = await ws.receive(timeout=20)
    assert (answer.type, answer.data) == (WSMsgType.PONG, b"hello")


async def test_client_that_leaves_before_the_answers_logs_no_error(
    hass: HomeAssistant,
    non_reading_client: NonReadingClient,
    caplog: pytest.LogCaptureFixture,
) -> None:
    await non_reading_client.connect()
    for _ in range(30):
        non_reading_client.send({"type": "request_status"})
        non_reading_client.writer.write(b"\x89\x80\0\0\0\0")
    non_reading_client.writer.transport.close()
    while hass.data[CLIENTS].clients:
        await asyncio.sleep(0)
    assert not [one for one in caplog.records if one.levelno >= logging.ERROR]
