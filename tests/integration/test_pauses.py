"""The pause between two requests is asked for on every way, as long as the household chose it."""

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

from .conftest import NOON, House, poll, set_up
from .lines import passing_on
from .peers import serving

LONG = 3600.0
"""Seconds: so long that nobody else on this machine asks for it, and never waited for."""


@pytest.fixture
def pauses(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """Collect the pauses that follow a request, and let none of them pass.

    The link's clock began when the machine did, which is its first request's predecessor:
    on a machine that has just started that one would wait, too, but not as long.
    """
    asked: list[float] = []
    sleep = asyncio.sleep

    async def note(seconds: float, result: object = None) -> object:
        if seconds > LONG - 30:
            asked.append(seconds)
        return await sleep(0 if seconds > LONG / 100 else seconds, result)

    monkeypatch.setattr(asyncio, "sleep", note)
    return asked


@pytest.mark.parametrize("options", [{"message_spacing": LONG}])
async def test_every_request_but_the_first_waits_for_the_pause(
    hass: HomeAssistant, house: House, pauses: list[float]
) -> None:
    await set_up(hass, house)
    await poll(house, full=True)
    await poll(house)
    requests = len(house.inverter.journal.requests)
    assert requests > 10
    assert len(pauses) == requests - 1


@pytest.mark.usefixtures("socket_enabled")
async def test_requests_that_come_together_over_a_line_wait_one_after_the_other(
    hass: HomeAssistant, pauses: list[float]
) -> None:
    unit = simulate(MODELS["three_phase"], NOON, speed=0)
    async with (
        serve(unit, unit_id=85, rtu=True) as server,
        serving(passing_on(server)) as bridge,
    ):
        where = {"host": "127.0.0.1", "port": bridge.port, "spacing_seconds": LONG}
        link = await open_link(
            hass, ConnectionConfig.with_defaults(Transport.RTU_OVER_TCP, **where)
        )
        asked = (link.unit.read_holding_registers(0x0102, 1) for _ in range(4))
        await asyncio.gather(*asked)
        await link.close()
    assert len(pauses) == 3
