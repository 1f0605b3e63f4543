"""The spacing of requests: applied between all requests of a link, as the user chose it."""

import asyncio

from homeassistant.core import HomeAssistant
import pytest

from custom_components.alphaess_live.connection.link import (
    ConnectionConfig,
    Transport,
    open_link,
)
from custom_components.alphaess_live.simulator.demo import simulate
from custom_components.alphaess_live.simulator.models import MODELS
from custom_components.alphaess_live.simulator.server import serve

from ..conftest import NOON, House, poll, set_up
from ..peers import serve_peer
from ..serial_lines import forward_to

LONG = 3600.0
"""Seconds: longer than any other wait of the tests, and skipped."""


@pytest.fixture
def waits(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Collect the waits between two requests, and skip them."""
    collected: list[float] = []
    sleep = asyncio.sleep

    async def skip(seconds: float, result: object = None) -> object:
        if seconds > LONG - 30:
            collected.append(seconds)
        return await sleep(0 if seconds > LONG / 100 else seconds, result)

    monkeypatch.setattr(asyncio, "sleep", skip)
    return collected


@pytest.mark.parametrize("options", [{"message_spacing": LONG}])
async def test_every_request_but_the_first_waits_for_the_spacing(
    hass: HomeAssistant, house: House, waits: list[float]
) -> None:
    await set_up(hass, house)
    await poll(house, full=True)
    await poll(house)
    requests = len(house.inverter.journal.requests)
    assert requests > 10
    assert len(waits) == requests - 1


@pytest.mark.usefixtures("socket_enabled")
async def test_concurrent_serial_requests_wait_for_the_spacing_in_turn(
    hass: HomeAssistant, waits: list[float]
) -> None:
    unit = simulate(MODELS["three_phase"], NOON, speed=0)
    async with (
        serve(unit, unit_id=85, rtu=True) as server,
        serve_peer(forward_to(server)) as bridge,
    ):
        where = {"host": "127.0.0.1", "port": bridge.port, "spacing_seconds": LONG}
        link = await open_link(
            hass, ConnectionConfig.with_defaults(Transport.RTU_OVER_TCP, **where)
        )
        requests = (link.unit.read_holding_registers(0x0102, 1) for _ in range(4))
        await asyncio.gather(*requests)
        await link.close()
    assert len(waits) == 3
