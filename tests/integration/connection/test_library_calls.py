"""The log of the Modbus library: quiet about our links unless its level is set."""

import logging

from homeassistant.core import HomeAssistant
from modbus_connection import ModbusTimeoutError
import pytest

from ..peers import closed_port, never_answer, serve_peer
from .links import failure, link_to, read

pytestmark = pytest.mark.usefixtures("socket_enabled")


async def test_pymodbus_errors_of_own_links_are_not_logged(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    async with serve_peer(never_answer) as peer:
        link = await link_to(hass, peer.port)
        with pytest.raises(ModbusTimeoutError):
            await read(link)
        await link.close()
    link = await link_to(hass, closed_port())
    await failure(link)
    await link.close()
    lines = [line for line in caplog.records if line.name.startswith("pymodbus")]
    assert not [line for line in lines if line.levelno >= logging.WARNING]


async def test_pymodbus_records_are_logged_when_its_level_is_set(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "pymodbus")
    link = await link_to(hass, closed_port())
    await failure(link)
    await link.close()
    assert "Failed to connect" in caplog.text


async def test_pymodbus_warnings_of_other_integrations_are_logged(
    caplog: pytest.LogCaptureFixture,
) -> None:
    logging.getLogger("pymodbus.logging").warning("a warning of another integration")
    assert "a warning of another integration" in caplog.text
