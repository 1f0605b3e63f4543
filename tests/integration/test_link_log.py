"""What the library says aloud stays out of a log that nobody debugs with."""

import logging

from homeassistant.core import HomeAssistant
from modbus_connection import ModbusTimeoutError
import pytest

from .peers import free_port, serving, silent
from .test_link import ask, link_to
from .test_link_causes import failure

pytestmark = pytest.mark.usefixtures("socket_enabled")


async def test_no_complaint_of_pymodbus_reaches_the_log(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(silent) as peer:
        link = await link_to(hass, peer.port)
        with pytest.raises(ModbusTimeoutError):
            await ask(link)
        await link.close()
    link = await link_to(hass, free_port())
    await failure(link)
    await link.close()
    lines = [line for line in caplog.records if line.name.startswith("pymodbus")]
    assert not [line for line in lines if line.levelno >= logging.WARNING]


async def test_all_of_pymodbus_reaches_the_log_of_who_debugs_it(
    hass: HomeAssistant, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG, "pymodbus")
    link = await link_to(hass, free_port())
    await failure(link)
    await link.close()
    assert "Failed to connect" in caplog.text


async def test_what_pymodbus_says_to_others_reaches_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    logging.getLogger("pymodbus.logging").warning("another integration's trouble")
    assert "another integration's trouble" in caplog.text
