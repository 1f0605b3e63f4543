"""The live feed of several inverters: all of them where none is named, also those that come later."""

from aiohttp import ClientWebSocketResponse
from homeassistant.core import HomeAssistant
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.alphaess_live.alphaess.identity import identify
from custom_components.alphaess_live.alphaess.inverter import Inverter
from custom_components.alphaess_live.const import (
    CONF_IDENTITY,
    CONF_SERVED,
    CONF_VARIANTS,
    DOMAIN,
)
from custom_components.alphaess_live.simulator.demo import simulate
from custom_components.alphaess_live.simulator.models import MODELS
from custom_components.alphaess_live.simulator.server import serve
from custom_components.alphaess_live.web.clients import CLIENTS

from ..conftest import NOON, House, set_up
from .conftest import Sockets
from .ws_client import publish_power, receive, receive_close_code, receive_initial


async def serials(ws: ClientWebSocketResponse, count: int) -> set[str]:
    """Hear so many messages, and say of which inverters they were."""
    return {(await receive(ws))["serial"] for _ in range(count)}


async def test_an_inverter_that_comes_later_is_heard_by_who_named_none(
    hass: HomeAssistant, home: House, sockets: Sockets
) -> None:
    mine, theirs = home.identity.serial, MODELS["ac_coupled"].serial
    everything, only_mine = await sockets(), await sockets(f"?serial={mine}")
    await receive_initial(everything)
    await receive_initial(only_mine)
    inverter = simulate(MODELS["ac_coupled"], NOON, speed=0)
    snapshot = await (reader := Inverter(inverter)).read()
    async with serve(inverter) as server:
        entry = MockConfigEntry(
            domain=DOMAIN,
            unique_id=theirs,
            data=dict(home.entry.data)
            | {
                "port": server.port,
                CONF_IDENTITY: identify(snapshot).to_dict(),
                CONF_SERVED: sorted(block.name for block in reader.served_blocks),
                CONF_VARIANTS: sorted(v.name for v in reader.profile),
            },
            options=dict(home.entry.options),
        )
        other = House(inverter, server, entry, identify(snapshot))
        await set_up(hass, other)
        assert await serials(everything, 2) == {theirs}
        publish_power(other, grid=1)
        publish_power(home, grid=2)
        assert await serials(everything, 2) == {mine, theirs}
        assert (await receive(only_mine))["data"]["grid"]["power"] == 2
        # A number is one inverter's: with several it says nothing.
        both = await sockets(f"?since={other.coordinator.feed.seq - 1}")
        assert await serials(both, 4) == {mine, theirs}
        await hass.config_entries.async_unload(entry.entry_id)
        assert await receive_close_code(everything) == 1001
    assert len(hass.data[CLIENTS].clients) == 1
    publish_power(home, grid=3)
    assert (await receive(only_mine))["data"]["grid"]["power"] == 3
