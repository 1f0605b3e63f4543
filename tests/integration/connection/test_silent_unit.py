"""A unit behind a Modbus TCP gateway that does not answer, and one beside it that does."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from homeassistant.core import HomeAssistant
from modbus_connection import ModbusTimeoutError
import pytest

from custom_components.alphaess_live.connection import intervals, pymodbus_link
from custom_components.alphaess_live.connection.link import Link

from ..peers import Peer, serve_peer
from .links import link_to, read

pytestmark = pytest.mark.usefixtures("socket_enabled")

TIMEOUT, SHORT = 0.6, 0.2
"""Seconds for a first response, and for a unit that is known to be silent."""

NEVER = 60.0


@dataclass
class Gateway:
    """Two units behind one connection, each with its response time in seconds."""

    peer: Peer
    good: Link
    other: Link
    delays: dict[int, float]

    async def expect_silence(self) -> float:
        """Read the other unit without a response; return the seconds that this took."""
        loop = asyncio.get_running_loop()
        started = loop.time()
        with pytest.raises(ModbusTimeoutError):
            await read(self.other)
        return loop.time() - started


@asynccontextmanager
async def gateway(hass: HomeAssistant) -> AsyncIterator[Gateway]:
    """Serve the gateway; the good unit has answered, and the other one has not."""
    delays, answers = {85: 0.0, 1: NEVER}, set[asyncio.TimerHandle]()

    async def behave(
        _: Peer, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        loop = asyncio.get_running_loop()
        while request := await reader.readexactly(12):
            unit, size = request[6], 2 * request[11]
            head = request[:4] + (3 + size).to_bytes(2) + bytes((unit, 3, size))
            answer = head + bytes(size - 1) + bytes((unit,))
            answers.add(loop.call_later(delays[unit], writer.write, answer))

    async with serve_peer(behave) as peer:
        good, other = [
            await link_to(hass, peer.port, unit_id=unit_id, timeout_seconds=TIMEOUT)
            for unit_id in (85, 1)
        ]
        one = Gateway(peer, good, other, delays)
        assert await read(good) == [0, 85]
        yield one
        await good.close()
        await other.close()
        for answer in answers:
            answer.cancel()


@pytest.fixture(autouse=True)
def _short_probe(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(intervals, "FIRST_RESPONSE_SECONDS", SHORT)


async def test_silent_unit_keeps_the_connection_of_another_one(
    hass: HomeAssistant,
) -> None:
    async with gateway(hass) as one:
        assert await one.expect_silence() > SHORT
        for _ in range(4):
            assert await read(one.good) == [0, 85]
            assert await one.expect_silence() < TIMEOUT
        assert len(one.peer.accepted_at) == 1
        one.delays[1] = 0
        assert await read(one.other) == [0, 1]
        assert len(one.peer.accepted_at) == 1


async def test_unit_that_answers_late_is_recognized_and_waited_for(
    hass: HomeAssistant,
) -> None:
    async with gateway(hass) as one:
        await one.expect_silence()
        one.delays[1] = 2 * SHORT
        assert await one.expect_silence() < 2 * SHORT
        one.delays[85] = 1.5 * SHORT  # Its response arrives after the late one.
        assert await read(one.good) == [0, 85]
        assert await read(one.other) == [0, 1]
        assert len(one.peer.accepted_at) == 1


async def test_late_response_to_an_earlier_request_is_no_mismatch(
    hass: HomeAssistant,
) -> None:
    async with gateway(hass) as one:
        await one.expect_silence()
        one.delays[1] = 1.5 * SHORT
        await one.expect_silence()
        one.delays[1] = NEVER
        # The late response arrives while this request is awaited.
        await one.expect_silence()
        assert await read(one.good) == [0, 85]
        assert len(one.peer.accepted_at) == 1


async def test_unit_that_was_answering_is_disconnected_by_its_silence(
    hass: HomeAssistant,
) -> None:
    async with gateway(hass) as one:
        one.delays[1] = 0
        assert await read(one.other) == [0, 1]
        one.delays[1] = NEVER
        await one.expect_silence()
        assert not one.good.unit.connected
        assert await read(one.good) == [0, 85]
        await one.expect_silence()
        assert len(one.peer.accepted_at) == 2


async def test_silent_unit_closes_a_connection_without_recent_answers(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with gateway(hass) as one:
        monkeypatch.setattr(pymodbus_link, "ANSWER_VALID_SECONDS", 0.1)
        await one.expect_silence()
        assert not one.good.unit.connected
