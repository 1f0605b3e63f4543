"""The live feed: state first, then events, then answers."""

import asyncio

from homeassistant.core import HomeAssistant

from custom_components.alphaess_live.alphaess.errors import ErrorKind
from custom_components.alphaess_live.web.clients import CLIENTS

from ..conftest import House
from .conftest import Client, Sockets, bring_back, lose
from .ws_client import receive, receive_initial, receive_type


async def test_state_comes_first(sockets: Sockets, home: House) -> None:
    status, power = await receive_initial(await sockets())
    assert status["serial"] == power["serial"] == home.identity.serial
    assert status["connected"] is True
    assert set(status["connectionStatus"]) == {
        "connected",
        "since",
        "lastAttempt",
        "lastSuccess",
        "errorKind",
        "errorMessage",
        "outageSeconds",
        "reconnects",
    }
    latest = home.coordinator.latest
    assert latest
    assert power["data"] == {
        "battery": {"soc": latest.power.soc, "power": latest.power.battery},
        "pv": {"power": latest.power.pv},
        "grid": {"power": latest.power.grid},
        "load": {"power": latest.power.load},
    }


async def test_loss_and_return_are_told_in_order(
    hass: HomeAssistant, sockets: Sockets, home: House
) -> None:
    ws = await sockets()
    _, power = await receive_initial(ws)
    await lose(hass, home)
    lost = await receive_type(ws, "modbus_disconnected")
    assert lost["errorKind"] in set(ErrorKind)
    assert lost["message"]
    assert lost["errorMessage"]
    assert (await receive_type(ws, "connection_status"))["connected"] is False
    await bring_back(hass, home)
    back = await receive_type(ws, "modbus_connected")
    assert back["outageSeconds"] >= 0
    assert (await receive(ws))["connected"] is True
    fresh = await receive(ws)
    assert fresh["type"] == "power_update"
    numbers = [one["seq"] for one in (power, lost, back, fresh)]
    assert numbers == sorted(set(numbers))


async def test_while_the_inverter_is_away_there_is_a_state_and_no_power(
    hass: HomeAssistant, sockets: Sockets, home: House
) -> None:
    await lose(hass, home)
    ws = await sockets()
    status = await receive(ws)
    assert (status["type"], status["connected"]) == ("connection_status", False)
    await ws.send_json({"type": "request_power_data"})
    assert (await receive(ws))["type"] == "connection_status"


async def test_each_request_is_answered(sockets: Sockets) -> None:
    ws = await sockets()
    await receive_initial(ws)
    for question, answer in (
        ("request_status", "connection_status"),
        ("request_power_data", "power_update"),
        ("ping", "pong"),
    ):
        await ws.send_json({"type": question})
        assert (await receive(ws))["type"] == answer
    await ws.send_json({"type": "ping", "id": "x"})
    assert (await receive(ws))["id"] == "x"


async def test_refresh_reads_a_fresh_snapshot_once_for_all_who_ask(
    sockets: Sockets, home: House
) -> None:
    one, other = await sockets(), await sockets()
    await receive_initial(one)
    await receive_initial(other)
    await home.coordinator.async_refresh()
    snapshots = home.coordinator.inverter.stats.snapshots
    for _ in range(5):
        await one.send_json({"type": "refresh"})
        await other.send_json({"type": "refresh"})
    fresh = await receive(one)
    await receive(other)
    assert fresh["type"] == "power_update"
    assert home.coordinator.inverter.stats.snapshots == snapshots + 1


async def test_an_inverter_with_a_listener_is_watched_until_the_last_one_leaves(
    hass: HomeAssistant, sockets: Sockets, client: Client, home: House
) -> None:
    one, other = await sockets(), await sockets()
    await receive_initial(one)
    await receive_initial(other)
    status = await (await client.get("/api/alphaess/collector-status")).json()
    assert (status["clients"], status["watching"]) == (2, True)
    await one.close()
    assert home.coordinator.has_live_clients
    await other.close()
    while hass.data[CLIENTS].clients:
        await asyncio.sleep(0)
    assert not home.coordinator.has_live_clients
