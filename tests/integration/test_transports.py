"""An inverter is the same whatever carries its registers, and so is what is said when they stay away."""

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from typing import Any

from homeassistant.core import HomeAssistant
from modbus_connection import (
    ClientClosedError,
    IllegalDataAddressError,
    ModbusConnectionError,
    ModbusTimeoutError,
)
import pytest

from custom_components.alphaess_live.alphaess.errors import ErrorKind, LinkDownError
from custom_components.alphaess_live.connection import pymodbus_link
from custom_components.alphaess_live.connection.link import (
    ConnectionConfig,
    Link,
    Transport,
    is_in_use,
    open_link,
)
from custom_components.alphaess_live.simulator.demo import simulate
from custom_components.alphaess_live.simulator.models import MODELS
from custom_components.alphaess_live.simulator.server import Server, serve

from .conftest import NOON
from .lines import Terminal, passing_on, terminal
from .peers import black_hole, serving

pytestmark = pytest.mark.usefixtures("socket_enabled")

ANSWER = bytes.fromhex("55 03 04 0001 0002 3FF7")
HASTY = {"timeout_seconds": 0.3, "spacing_seconds": 0.0}


async def link_over(hass: HomeAssistant, transport: Transport, **where: Any) -> Link:
    where = {"host": "127.0.0.1"} | HASTY | where
    return await open_link(hass, ConnectionConfig.with_defaults(transport, **where))


async def at_port(hass: HomeAssistant, cable: Terminal, **where: Any) -> Link:
    return await link_over(hass, Transport.SERIAL, device=cable.device, **where)


def ask(link: Link) -> Awaitable[list[int]]:
    return link.unit.read_holding_registers(0x0102, 2)


async def failure(link: Link) -> LinkDownError:
    with pytest.raises(LinkDownError) as caught:
        await ask(link)
    return caught.value


def soc(server: Server) -> list[int]:
    words = server.unit.words()
    return [words[0x0102], words[0x0103]]


@asynccontextmanager
async def inverter(unit_id: int = 85, *, rtu: bool = True) -> AsyncIterator[Server]:
    unit = simulate(MODELS["three_phase"], NOON, speed=0)
    async with serve(unit, unit_id=unit_id, rtu=rtu) as server:
        yield server


def test_a_serial_line_is_asked_more_slowly_and_given_more_time() -> None:
    for transport in (Transport.SERIAL, Transport.RTU_OVER_TCP):
        address = ConnectionConfig.with_defaults(transport)
        assert (address.spacing_seconds, address.timeout_seconds) == (0.3, 5.0)
    for transport in (Transport.TCP, Transport.SHARED, Transport.DEMO):
        address = ConnectionConfig.with_defaults(transport)
        assert (address.spacing_seconds, address.timeout_seconds) == (0.1, 2.0)


@pytest.mark.parametrize("transport", Transport)
def test_an_address_survives_being_kept(transport: Transport) -> None:
    where = {"host": "bridge.lan", "port": 8899, "unit_id": 2}
    if transport is Transport.SERIAL:
        where |= {"device": "/dev/ttyUSB0", "baud_rate": 115200}
    address = ConnectionConfig.with_defaults(transport, **where)
    assert ConnectionConfig.from_entry(address.to_entry_data(), {}) == address
    slow = ConnectionConfig.from_entry(
        address.to_entry_data(), {"message_spacing": 0.5}
    )
    assert slow.spacing_seconds == 0.5


async def test_an_inverter_behind_a_bridge_answers_and_refuses(
    hass: HomeAssistant,
) -> None:
    async with inverter() as server, serving(passing_on(server)) as bridge:
        link = await link_over(hass, Transport.RTU_OVER_TCP, port=bridge.port)
        assert await ask(link) == soc(server)
        with pytest.raises(IllegalDataAddressError):
            await link.unit.read_holding_registers(0x7000, 1)
        with pytest.raises(IllegalDataAddressError):
            await link.unit.write_register(0x0010, 1)
        await link.unit.write_register(0x0880, 0)
        await link.unit.write_registers(0x0881, [0, 32000])
        await link.close()
        assert len(bridge.accepted) == 1


@pytest.mark.parametrize(
    "noise",
    [b"\xff\x00\x55\x03", bytes.fromhex("5503020001 4848"), b"\x54" + ANSWER[1:]],
    ids=["noise", "an earlier question's answer", "another unit's answer"],
)
async def test_what_is_no_answer_is_overheard_on_a_line(
    hass: HomeAssistant, noise: bytes
) -> None:
    async with terminal() as cable:
        link = await at_port(hass, cable, timeout_seconds=600)
        answer = asyncio.ensure_future(ask(link))
        await cable.heard.get()
        for byte in noise + ANSWER:
            cable.say(bytes((byte,)))
            await asyncio.sleep(0)
        assert await answer == [1, 2]
        await link.close()


async def test_a_damaged_answer_is_none_and_the_line_is_opened_afresh(
    hass: HomeAssistant,
) -> None:
    async with terminal() as cable:
        link = await at_port(hass, cable)
        answer = asyncio.ensure_future(ask(link))
        await cable.heard.get()
        cable.say(ANSWER[:-1] + b"\x00")
        with pytest.raises(ModbusTimeoutError, match="did not answer within"):
            await answer
        assert not link.unit.connected
        answer = asyncio.ensure_future(ask(link))
        await cable.heard.get()
        cable.say(ANSWER)
        assert await answer == [1, 2]
        await link.close()


async def test_an_answer_that_nobody_waits_for_any_more_is_not_taken_for_the_next(
    hass: HomeAssistant,
) -> None:
    async with terminal() as cable:
        link = await at_port(hass, cable, timeout_seconds=600)
        request = asyncio.ensure_future(ask(link))
        await cable.heard.get()
        request.cancel()
        with pytest.raises(asyncio.CancelledError):
            await request
        cable.say(bytes.fromhex("55 03 04 0001 0003 FE37"))
        answer = asyncio.ensure_future(ask(link))
        await cable.heard.get()
        cable.say(ANSWER)
        assert await answer == [1, 2]
        await link.close()


async def test_nothing_stands_still_while_a_bridge_cannot_be_reached(
    hass: HomeAssistant,
) -> None:
    with black_hole() as port:
        link = await link_over(
            hass, Transport.RTU_OVER_TCP, port=port, timeout_seconds=600
        )
        request = asyncio.ensure_future(ask(link))
        for _ in range(100):
            await asyncio.sleep(0.001)
        assert not request.done()
        await link.close()
        with pytest.raises(ModbusConnectionError):
            await request


async def test_inverters_behind_one_bridge_share_its_connection(
    hass: HomeAssistant,
) -> None:
    async with (
        inverter(1) as one,
        inverter(2) as two,
        serving(passing_on(one, two)) as bridge,
    ):
        one.unit.advance(3600 * 8)
        links = [
            await link_over(
                hass, Transport.RTU_OVER_TCP, port=bridge.port, unit_id=unit
            )
            for unit in (1, 2)
        ]
        answers = await asyncio.gather(*(ask(link) for link in links))
        assert answers == [soc(one), soc(two)]
        assert answers[0] != answers[1]
        await links[0].close()
        with pytest.raises(ClientClosedError):
            await ask(links[0])
        assert await ask(links[1])
        await links[1].close()
        await links[1].close()
        await bridge.gone()
        assert len(bridge.accepted) == 1


async def test_the_silence_of_one_ends_no_request_of_another_behind_the_same_bridge(
    hass: HomeAssistant,
) -> None:
    async with inverter(2) as two, serving(passing_on(two)) as bridge:
        dead, alive = [
            await link_over(
                hass, Transport.RTU_OVER_TCP, port=bridge.port, unit_id=unit
            )
            for unit in (1, 2)
        ]
        requests = [ask(dead), ask(alive), ask(dead), ask(alive)]
        outcomes = await asyncio.gather(*requests, return_exceptions=True)
        assert [type(outcome) for outcome in outcomes] == [
            ModbusTimeoutError,
            list,
            ModbusConnectionError,
            list,
        ]
        await dead.close()
        await alive.close()


async def test_a_link_knows_whether_somebody_else_has_one_there(
    hass: HomeAssistant,
) -> None:
    address = ConnectionConfig.with_defaults(
        Transport.RTU_OVER_TCP, host="127.0.0.1", port=8899
    )
    assert not is_in_use(hass, address)
    link = await open_link(hass, address)
    assert is_in_use(hass, address)
    assert not is_in_use(hass, ConnectionConfig.with_defaults(Transport.DEMO))
    await link.close()
    assert not is_in_use(hass, address)


async def test_who_was_silent_on_a_line_is_waited_for_shortly_until_it_answers(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pymodbus_link, "FIRST_RESPONSE_SECONDS", 0.2)
    async with terminal() as cable:
        link = await at_port(hass, cable, timeout_seconds=600)
        for _ in range(2):
            with pytest.raises(ModbusTimeoutError, match=r"within 0\.2 s"):
                await ask(link)
            await cable.heard.get()
        for wait in (0, 0.4):
            answer = asyncio.ensure_future(ask(link))
            await cable.heard.get()
            await asyncio.sleep(wait)
            cable.say(ANSWER)
            assert await answer == [1, 2]
        await link.close()


async def test_who_is_silent_is_asked_every_five_seconds_and_on_a_line_every_three(
    hass: HomeAssistant,
) -> None:
    for transport in (Transport.TCP, Transport.SHARED, Transport.DEMO):
        link = await open_link(
            hass, ConnectionConfig.with_defaults(transport, host="127.0.0.1")
        )
        assert (
            link.retry_delay(ErrorKind.TIMEOUT, was_connected=False).total_seconds()
            == 3
        )
        assert (
            link.retry_delay(ErrorKind.REFUSED, was_connected=True).total_seconds() == 5
        )
        # A router's restart leaves the connection dead, and nothing else.
        assert (
            link.retry_delay(ErrorKind.TIMEOUT, was_connected=True).total_seconds() == 1
        )
    for transport in (Transport.RTU_OVER_TCP, Transport.SERIAL):
        link = await open_link(
            hass, ConnectionConfig.with_defaults(transport, host="127.0.0.1")
        )
        assert (
            link.retry_delay(ErrorKind.TIMEOUT, was_connected=False).total_seconds()
            == 1.5
        )
        assert (
            link.retry_delay(ErrorKind.BUSY, was_connected=False).total_seconds() == 5
        )
