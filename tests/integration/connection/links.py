"""Links to inverters and peers for tests, with short timeouts."""

from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
import logging
from typing import Any

from homeassistant.core import HomeAssistant
import pytest

from custom_components.alphaess_live.alphaess.errors import LinkDownError
from custom_components.alphaess_live.connection.link import (
    ConnectionConfig,
    Link,
    Transport,
    open_link,
)
from custom_components.alphaess_live.simulator.demo import simulate
from custom_components.alphaess_live.simulator.models import MODELS
from custom_components.alphaess_live.simulator.server import Server, serve

from ..conftest import NOON
from ..serial_lines import SerialCable

RESPONSE = bytes.fromhex("55 03 04 0001 0002 3FF7")
"""The response on a serial line to `read`: the words 1 and 2."""
FAST = {"timeout_seconds": 0.3, "spacing_seconds": 0.0}


async def link_over(hass: HomeAssistant, transport: Transport, **where: Any) -> Link:
    """Open a link over a transport, to this machine."""
    where = {"host": "127.0.0.1"} | FAST | where
    return await open_link(hass, ConnectionConfig.with_defaults(transport, **where))


async def link_to(hass: HomeAssistant, port: int, **settings: Any) -> Link:
    """Open a Modbus TCP link to a port of this machine."""
    return await link_over(hass, Transport.TCP, port=port, **settings)


async def link_at(hass: HomeAssistant, cable: SerialCable, **settings: Any) -> Link:
    """Open a link over a serial port."""
    return await link_over(hass, Transport.SERIAL, device=cable.device, **settings)


def read(link: Link) -> Awaitable[list[int]]:
    """Read two registers, of which the first is the state of charge."""
    return link.unit.read_holding_registers(0x0102, 2)


async def failure(link: Link) -> LinkDownError:
    """Return the error of a read for which no connection can be opened."""
    with pytest.raises(LinkDownError) as caught:
        await read(link)
    return caught.value


def loggers_with_a_traceback(caplog: pytest.LogCaptureFixture) -> list[str]:
    """List the loggers that logged a traceback; in debug mode, the loop logs one for each reset."""
    shown = [line for line in caplog.records if line.levelno >= logging.INFO]
    return [
        one.name for one in shown if one.exc_info or "Traceback" in one.getMessage()
    ]


@asynccontextmanager
async def simulated_server(
    unit_id: int = 85, *, rtu: bool = True
) -> AsyncIterator[Server]:
    """Serve a simulated inverter, with the frames of a serial line."""
    unit = simulate(MODELS["three_phase"], NOON, speed=0)
    async with serve(unit, unit_id=unit_id, rtu=rtu) as server:
        yield server


def expected(server: Server) -> list[int]:
    """Return the words that `read` returns from a simulated inverter."""
    words = server.unit.words()
    return [words[0x0102], words[0x0103]]
