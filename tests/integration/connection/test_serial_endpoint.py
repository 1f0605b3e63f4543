"""Links over a serial port: responses among other bytes, lost adapters, ports in use."""

import asyncio
import fcntl
import os

from homeassistant.core import HomeAssistant
from modbus_connection import ModbusConnectionError, ModbusTimeoutError
import pytest

from custom_components.alphaess_live.alphaess.errors import ErrorKind
from custom_components.alphaess_live.connection import intervals
from custom_components.alphaess_live.connection.link import Transport

from ..serial_lines import open_cable, open_serial_line
from .links import (
    RESPONSE,
    expected,
    failure,
    link_at,
    link_over,
    loggers_with_a_traceback,
    read,
    simulated_server,
)

pytestmark = pytest.mark.usefixtures("socket_enabled")


@pytest.mark.parametrize("baud_rate", [9600, 115200])
async def test_serial_link_reads_registers(hass: HomeAssistant, baud_rate: int) -> None:
    async with simulated_server() as server, open_serial_line(server) as cable:
        link = await link_at(hass, cable, baud_rate=baud_rate)
        for _ in range(3):
            assert await read(link) == expected(server)
        await link.close()


async def test_unplugged_serial_adapter_ends_the_request_at_once(
    hass: HomeAssistant,
) -> None:
    lost = []
    async with open_cable() as cable:
        link = await link_at(hass, cable, timeout_seconds=600)
        link.on_connection_lost(lambda: lost.append(True))
        for _ in range(2):
            request = asyncio.ensure_future(read(link))
            await cable.received.get()
            cable.send(RESPONSE)
            await request
        request = asyncio.ensure_future(read(link))
        await cable.received.get()
        cable.unplug()
        with pytest.raises(ModbusConnectionError, match="closed the connection"):
            await request
        assert lost == [True]
        await link.close()


async def test_missing_serial_port_is_unreachable(
    hass: HomeAssistant,
) -> None:
    link = await link_over(hass, Transport.SERIAL, device="/dev/serial/by-id/nothing")
    err = await failure(link)
    assert err.kind is ErrorKind.UNREACHABLE
    assert "there is no serial port" in str(err)
    await link.close()


@pytest.mark.parametrize("device", ["/tmp", "/dev/null"])  # noqa: S108 - no serial port
async def test_device_that_is_no_serial_port_is_unreachable(
    hass: HomeAssistant, device: str
) -> None:
    link = await link_over(hass, Transport.SERIAL, device=device)
    err = await failure(link)
    assert err.kind is ErrorKind.UNREACHABLE
    assert device in str(err)
    await link.close()


async def test_serial_port_used_by_another_program_is_refused(
    hass: HomeAssistant,
) -> None:
    async with simulated_server() as server, open_serial_line(server) as cable:
        other = os.open(cable.device, os.O_RDWR | os.O_NOCTTY)
        fcntl.flock(other, fcntl.LOCK_EX)
        link = await link_at(hass, cable)
        assert (await failure(link)).kind is ErrorKind.REFUSED
        os.close(other)
        assert await read(link)
        await link.close()


async def test_serial_port_closes_at_once_after_any_loop_iterations(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_cable() as cable:
        for turns in range(6):
            link = await link_at(hass, cable, timeout_seconds=600)
            hass.data.pop("alphaess_live_closed_at", None)
            request = asyncio.ensure_future(read(link))
            for _ in range(turns):
                await asyncio.sleep(0)
            await link.close()
            with pytest.raises(ModbusConnectionError):
                await request
    assert not loggers_with_a_traceback(caplog)


@pytest.mark.parametrize(
    "noise",
    [b"\xff\x00\x55\x03", bytes.fromhex("5503020001 4848"), b"\x54" + RESPONSE[1:]],
    ids=["noise", "an earlier question's answer", "another unit's answer"],
)
async def test_serial_response_is_found_behind_other_bytes(
    hass: HomeAssistant, noise: bytes
) -> None:
    async with open_cable() as cable:
        link = await link_at(hass, cable, timeout_seconds=600)
        answer = asyncio.ensure_future(read(link))
        await cable.received.get()
        for byte in noise + RESPONSE:
            cable.send(bytes((byte,)))
            await asyncio.sleep(0)
        assert await answer == [1, 2]
        await link.close()


async def test_bytes_before_and_between_serial_requests_are_counted(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    async with open_cable() as cable:
        link = await link_at(hass, cable, timeout_seconds=600, spacing_seconds=0.1)
        answer = asyncio.ensure_future(read(link))
        for _ in range(3):  # The port opens, and each byte arrives by itself.
            await asyncio.sleep(0.02)
            cable.send(b"\xff")
        await cable.received.get()
        cable.send(RESPONSE)
        assert await answer == [1, 2]
        for counted in (4, 5):
            cable.send(b"\x55")
            while link.stray_bytes < counted:
                await asyncio.sleep(0)
        answer = asyncio.ensure_future(read(link))
        await cable.received.get()
        cable.send(RESPONSE)
        assert await answer == [1, 2]
        assert link.stray_bytes == 5
        await link.close()
    assert not loggers_with_a_traceback(caplog)


async def test_damaged_serial_response_times_out_and_reopens_the_port(
    hass: HomeAssistant,
) -> None:
    async with open_cable() as cable:
        link = await link_at(hass, cable)
        answer = asyncio.ensure_future(read(link))
        await cable.received.get()
        cable.send(RESPONSE[:-1] + b"\x00")
        with pytest.raises(ModbusTimeoutError, match="did not answer within"):
            await answer
        assert not link.unit.connected
        answer = asyncio.ensure_future(read(link))
        await cable.received.get()
        cable.send(RESPONSE)
        assert await answer == [1, 2]
        await link.close()


async def test_serial_response_to_a_cancelled_request_is_discarded(
    hass: HomeAssistant,
) -> None:
    async with open_cable() as cable:
        link = await link_at(hass, cable, timeout_seconds=600)
        request = asyncio.ensure_future(read(link))
        await cable.received.get()
        request.cancel()
        with pytest.raises(asyncio.CancelledError):
            await request
        cable.send(bytes.fromhex("55 03 04 0001 0003 FE37"))
        answer = asyncio.ensure_future(read(link))
        await cable.received.get()
        cable.send(RESPONSE)
        assert await answer == [1, 2]
        await link.close()


async def test_unanswered_serial_unit_has_a_short_timeout_until_it_answers(
    hass: HomeAssistant, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(intervals, "FIRST_RESPONSE_SECONDS", 0.2)
    async with open_cable() as cable:
        link = await link_at(hass, cable, timeout_seconds=600)
        for _ in range(2):
            with pytest.raises(ModbusTimeoutError, match=r"within 0\.2 s"):
                await read(link)
            await cable.received.get()
        for wait in (0, 0.4):
            answer = asyncio.ensure_future(read(link))
            await cable.received.get()
            await asyncio.sleep(wait)
            cable.send(RESPONSE)
            assert await answer == [1, 2]
        await link.close()
