"""A serial port that works, is pulled out, is taken, or is none."""

import asyncio
import fcntl
import os

from homeassistant.core import HomeAssistant
from modbus_connection import ModbusConnectionError
import pytest

from custom_components.alphaess_live.alphaess.errors import ErrorKind
from custom_components.alphaess_live.connection.link import Transport

from .lines import serial_line, terminal
from .test_transports import ANSWER, ask, at_port, failure, inverter, link_over, soc

pytestmark = pytest.mark.usefixtures("socket_enabled")


@pytest.mark.parametrize("baud_rate", [9600, 115200])
async def test_an_inverter_at_a_serial_port_answers(
    hass: HomeAssistant, baud_rate: int
) -> None:
    async with inverter() as server, serial_line(server) as cable:
        link = await at_port(hass, cable, baud_rate=baud_rate)
        for _ in range(3):
            assert await ask(link) == soc(server)
        await link.close()


async def test_an_adapter_that_is_pulled_out_is_missed_at_once_and_found_again(
    hass: HomeAssistant,
) -> None:
    lost = []
    async with terminal() as cable:
        link = await at_port(hass, cable, timeout_seconds=600)
        link.on_connection_lost(lambda: lost.append(True))
        for _ in range(2):
            request = asyncio.ensure_future(ask(link))
            await cable.heard.get()
            cable.say(ANSWER)
            await request
        request = asyncio.ensure_future(ask(link))
        await cable.heard.get()
        cable.unplug()
        with pytest.raises(ModbusConnectionError, match="closed the connection"):
            await request
        assert lost == [True]
        await link.close()


async def test_a_serial_port_that_is_not_there_is_unreachable(
    hass: HomeAssistant,
) -> None:
    link = await link_over(hass, Transport.SERIAL, device="/dev/serial/by-id/nothing")
    err = await failure(link)
    assert err.kind is ErrorKind.UNREACHABLE
    assert "there is no serial port" in str(err)
    await link.close()


@pytest.mark.parametrize("device", ["/tmp", "/dev/null"])  # noqa: S108 - no serial port
async def test_what_is_no_serial_port_is_unreachable(
    hass: HomeAssistant, device: str
) -> None:
    link = await link_over(hass, Transport.SERIAL, device=device)
    err = await failure(link)
    assert err.kind is ErrorKind.UNREACHABLE
    assert device in str(err)
    await link.close()


async def test_a_serial_port_that_another_program_uses_is_refused(
    hass: HomeAssistant,
) -> None:
    async with inverter() as server, serial_line(server) as cable:
        other = os.open(cable.device, os.O_RDWR | os.O_NOCTTY)
        fcntl.flock(other, fcntl.LOCK_EX)
        link = await at_port(hass, cable)
        assert (await failure(link)).kind is ErrorKind.REFUSED
        os.close(other)
        assert await ask(link)
        await link.close()


async def test_a_serial_port_closes_at_once_however_recently_it_was_opened(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    async with terminal() as cable:
        for turns in range(6):
            link = await at_port(hass, cable, timeout_seconds=600)
            hass.data.pop("alphaess_live_closed_at", None)
            request = asyncio.ensure_future(ask(link))
            for _ in range(turns):
                await asyncio.sleep(0)
            await link.close()
            with pytest.raises(ModbusConnectionError):
                await request
    assert "Traceback" not in caplog.text
