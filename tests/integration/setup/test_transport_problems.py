"""Problems of bridges and serial lines are reported, and their minimum message spacing is enforced."""

import fcntl
import os

from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import InvalidData
import pytest

from ..peers import (
    closed_port,
    never_answer,
    serve_peer,
    unanswered_port,
    web_server_parsing_bytes,
)
from ..serial_lines import forward_to, open_cable
from .conftest import HOST, add_by, form, inverter, placeholders_of, submit

pytestmark = pytest.mark.usefixtures("socket_enabled")


async def test_bridge_without_an_inverter_differs_from_a_missing_bridge(
    hass: HomeAssistant,
) -> None:
    async with serve_peer(never_answer) as bridge:
        user_input = {"host": HOST, "port": bridge.port}
        result = await submit(hass, await form(hass, "bridge"), **user_input)
        await bridge.wait_until_closed()
    assert result["errors"] == {"base": "silent_bridge"}
    assert placeholders_of(result)["units"] == "85, 1"
    user_input = {"host": HOST, "port": closed_port()}
    result = await submit(hass, result, **user_input)
    assert result["errors"] == {"base": "refused"}
    with unanswered_port() as port:
        result = await submit(hass, result, host=HOST, port=port)
    assert result["errors"] == {"host": "unreachable"}
    async with serve_peer(web_server_parsing_bytes) as page:
        result = await submit(hass, result, host=HOST, port=page.port)
        await page.wait_until_closed()
    assert result["errors"] == {"port": "not_modbus"}


async def test_unusable_serial_port_is_reported(
    hass: HomeAssistant,
) -> None:
    result = await submit(hass, await form(hass, "serial"), device="/dev/nothing")
    assert result["errors"] == {"device": "no_port"}
    result = await submit(hass, result, device="socket://bridge.lan:8899")
    assert result["errors"] == {"device": "no_port"}
    async with open_cable() as cable:
        other = os.open(cable.device, os.O_RDWR | os.O_NOCTTY)
        fcntl.flock(other, fcntl.LOCK_EX)
        result = await submit(hass, result, device=cable.device)
        assert result["errors"] == {"device": "port_in_use"}
        os.close(other)
        result = await submit(hass, result, device=cable.device)
        assert result["errors"] == {"base": "silent_line"}
        assert placeholders_of(result)["device"] == cable.device
        assert placeholders_of(result)["baud_rate"] == "9600"


async def test_unsupported_baud_rate_is_refused(
    hass: HomeAssistant,
) -> None:
    flow = await form(hass, "serial")
    with pytest.raises(InvalidData):
        await submit(hass, flow, device="/dev/ttyUSB0", baud_rate="300")


@pytest.mark.parametrize(("step", "least"), [("network", 0.05), ("bridge", 0.3)])
async def test_message_spacing_below_that_of_the_transport_is_refused(
    hass: HomeAssistant, step: str, least: float
) -> None:
    async with (
        inverter(rtu=step == "bridge") as server,
        serve_peer(forward_to(server)) as bridge,
    ):
        port = bridge.port if step == "bridge" else server.port
        entry = await add_by(hass, step, host=HOST, port=port)
        options = hass.config_entries.options
        flow = await options.async_init(entry.entry_id)
        await options.async_configure(flow["flow_id"], {"next_step_id": "settings"})
        with pytest.raises(InvalidData):
            await options.async_configure(
                flow["flow_id"], {"message_spacing": least - 0.01}
            )
        await options.async_configure(flow["flow_id"], {"message_spacing": least})
        await hass.async_block_till_done()
        assert entry.options["message_spacing"] == least
