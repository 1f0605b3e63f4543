"""The messages that the clients of an inverter receive: state first, then events, then answers."""

import asyncio
from dataclasses import replace
from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
from homeassistant.core import HomeAssistant
import pytest

from custom_components.alphaess_live.alphaess.errors import ErrorKind
from custom_components.alphaess_live.const import DOMAIN
from custom_components.alphaess_live.feed.messages import rfc3339
from custom_components.alphaess_live.web.clients import CLIENTS

from ..conftest import House, LoopClock, poll, set_behaviour
from .conftest import (
    Client,
    SetClock,
    Sockets,
    bring_back,
    lose,
)
from .rest_client import CHARGE_PATH, ORDER, send_order
from .ws_client import publish_power, receive, receive_initial, receive_type


async def set_fault_bits(house: House, *bits: int) -> None:
    """Set these bits of the fault word and poll the inverter."""
    house.inverter.set_faults("system_fault", *bits)
    await poll(house, full=True)


async def test_state_is_sent_first(sockets: Sockets, home: House) -> None:
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


async def test_connection_is_announced_after_a_503_without_an_outage(
    client: Client, sockets: Sockets, home: House
) -> None:
    ws = await sockets()
    await receive_initial(ws)
    # Busy for the order only: no reading fails.
    home.controller.on_order.append(lambda _: set_behaviour(home, exception=None))
    async with home.controller.lock:
        order = asyncio.create_task(send_order(client, CHARGE_PATH, ORDER))
        await asyncio.sleep(1.5)
        set_behaviour(home, exception=6)
    status, answer = await order
    assert (status, answer["error"], answer["connected"]) == (503, "no_answer", True)
    for _ in range(2):
        await poll(home)
    types = []
    while (message := await receive(ws))["type"] != "modbus_connected":
        types.append(message["type"])
    assert message["outageSeconds"] is None
    assert set(types) <= {"power_update"}
    for _ in range(3):
        await poll(home)
    await ws.send_json({"type": "ping"})
    while (message := await receive(ws))["type"] != "pong":
        assert message["type"] == "power_update"


async def test_loss_and_return_are_sent_in_order(
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


async def test_disconnected_inverter_has_a_state_and_no_power(
    hass: HomeAssistant, sockets: Sockets, home: House
) -> None:
    await lose(hass, home)
    ws = await sockets()
    status = await receive(ws)
    assert (status["type"], status["connected"]) == ("connection_status", False)
    await ws.send_json({"type": "request_power_data"})
    assert (await receive(ws))["type"] == "connection_status"


async def test_time_of_power_values_is_when_they_were_measured(
    sockets: Sockets, home: House
) -> None:
    latest = home.coordinator.latest
    assert latest
    before = latest.measured_at - timedelta(seconds=55)
    home.coordinator.latest = replace(latest, measured_at=before)
    ws = await sockets()
    _, power = await receive_initial(ws)
    assert power["timestamp"] == rfc3339(before)
    await ws.send_json({"type": "request_power_data"})
    power = await receive_type(ws, "power_update")
    measured = {rfc3339(before), rfc3339(home.coordinator.latest.measured_at)}
    assert power["timestamp"] in measured


async def test_refresh_reads_one_snapshot_for_all_clients(
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


async def test_refresh_is_shared_by_all_ways_to_request_it(
    hass: HomeAssistant, sockets: Sockets, home: House, loop_clock: LoopClock
) -> None:
    ws = await sockets()
    await receive_initial(ws)
    never = timedelta(days=1)
    home.coordinator.intervals = replace(
        home.coordinator.intervals, snapshot=never, live=never
    )
    await poll(home, full=True)  # The next one by itself is a day later.
    stats = home.coordinator.inverter.stats
    for readings in (1, 2):
        before = stats.snapshots
        cancelled = [
            asyncio.create_task(home.coordinator.refresh_all()) for _ in range(50)
        ]
        await ws.send_json({"type": "refresh"})
        await asyncio.sleep(0)
        for one in cancelled:
            one.cancel()
        await hass.services.async_call(DOMAIN, "refresh", blocking=True)
        await receive_type(ws, "power_update")
        # Within the second, the answer is the same.
        await ws.send_json({"type": "refresh"})
        await receive_type(ws, "power_update")
        assert stats.snapshots == before + 1, readings
        loop_clock.skipped += 1


async def test_live_values_are_requested_until_the_last_client_leaves(
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


async def test_client_that_reconnects_gets_missed_messages_oldest_first(
    sockets: Sockets, home: House
) -> None:
    ws = await sockets()
    _, seen = await receive_initial(ws)
    await ws.close()
    for watts in (1, 2, 3):
        publish_power(home, grid=watts)
    ws = await sockets(f"?since={seen['seq']}")
    status = await receive(ws)
    assert (status["type"], status["seq"]) == ("connection_status", seen["seq"])
    connected = await receive(ws)
    assert (connected["type"], connected["seq"]) == ("modbus_connected", seen["seq"])
    missed = [await receive(ws) for _ in range(3)]
    assert [one["data"]["grid"]["power"] for one in missed] == [1, 2, 3]
    publish_power(home, grid=4)
    live = await receive(ws)
    assert live["data"]["grid"]["power"] == 4
    assert live["seq"] == seen["seq"] + 4


async def test_client_that_missed_nothing_gets_the_state(sockets: Sockets) -> None:
    _, seen = await receive_initial(await sockets())
    status, power = await receive_initial(await sockets(f"?since={seen['seq']}"))
    assert status["seq"] == power["seq"] == seen["seq"]


@pytest.mark.parametrize("since", [0, 1, 2**53])
async def test_client_that_missed_too_much_starts_as_a_new_one(
    sockets: Sockets, home: House, since: int
) -> None:
    for watts in range(400):
        publish_power(home, grid=watts)
    status, power = await receive_initial(await sockets(f"?since={since}"))
    assert status["seq"] == power["seq"] == home.coordinator.feed.seq


async def test_fault_and_its_end_are_sent_to_all_in_english(
    home: House, sockets: Sockets
) -> None:
    clients = [await sockets() for _ in range(3)]
    for client in clients:
        await receive_initial(client)
    await set_fault_bits(home, 4)
    await set_fault_bits(home)
    for client in clients:
        raised = await receive_type(client, "fault_raised")
        cleared = await receive_type(client, "fault_cleared")
        assert raised["serial"] == home.identity.serial
        assert cleared["seq"] > raised["seq"]
        about = {"code", "source", "text", "since"}
        assert {key: raised[key] for key in about} == {
            "code": "grid_meter_lost",
            "source": "system_fault",
            "text": "Grid meter lost",
            "since": cleared["since"],
        }


async def test_client_that_reconnects_gets_a_missed_fault(
    home: House, sockets: Sockets
) -> None:
    first = await sockets()
    status, _ = await receive_initial(first)
    await first.close()
    await set_fault_bits(home, 4)
    again = await sockets(f"?since={status['seq']}")
    await receive(again)
    assert (await receive(again))["type"] == "modbus_connected"
    raised = await receive_type(again, "fault_raised")
    assert raised["code"] == "grid_meter_lost"


@pytest.mark.parametrize(("seconds", "is_sent"), [(58, True), (62, False)])
async def test_connection_of_the_last_minute_is_sent_to_a_new_client(
    sockets: Sockets, home: House, *, seconds: int, is_sent: bool
) -> None:
    publisher = home.coordinator._publisher  # noqa: SLF001 - time, not behaviour
    since = publisher.connection.since - timedelta(seconds=seconds)
    publisher._connection = replace(publisher.connection, since=since)  # noqa: SLF001
    ws = await sockets()
    assert (await receive(ws))["type"] == "connection_status"
    following = await receive(ws)
    assert (following["type"] == "modbus_connected") is is_sent
    if is_sent:
        assert following["outageSeconds"] is None
        following = await receive(ws)
    assert following["type"] == "power_update"


@pytest.mark.usefixtures("loop_clock")
async def test_clock_step_keeps_no_client_from_the_connection(
    hass: HomeAssistant,
    sockets: Sockets,
    home: House,
    set_clock: SetClock,
) -> None:
    await lose(hass, home)
    await bring_back(hass, home)
    ws = await sockets(headers=await set_clock())
    status = await receive(ws)
    assert status["connectionStatus"]["since"] <= status["timestamp"]
    assert (await receive(ws))["type"] == "modbus_connected"


@pytest.mark.usefixtures("loop_clock")
async def test_numbers_grow_over_a_reload_after_a_clock_step(
    hass: HomeAssistant, sockets: Sockets, home: House, freezer: FrozenDateTimeFactory
) -> None:
    _, power = await receive_initial(await sockets())
    await hass.config_entries.async_unload(home.entry.entry_id)
    waiting = await sockets()
    numbers = [power["seq"], (await receive(waiting))["seq"]]
    freezer.tick(-5)
    await hass.config_entries.async_setup(home.entry.entry_id)
    numbers += [(await receive(waiting))["seq"] for _ in range(2)]
    assert numbers == sorted(numbers)
    assert numbers[0] < numbers[1] < numbers[2]


async def test_client_that_was_away_gets_the_end_of_an_outage(
    hass: HomeAssistant, sockets: Sockets, home: House
) -> None:
    await lose(hass, home)
    await bring_back(hass, home)
    ws = await sockets()
    await receive(ws)
    assert (await receive(ws))["outageSeconds"] >= 0


FLOWS = {"batterySOC", "components", "flows"}


async def test_client_that_requests_flows_gets_them_and_the_others_do_not(
    sockets: Sockets, home: House
) -> None:
    plain, flows = await sockets(), await sockets("?flows=1")
    _, first = await receive_initial(plain)
    assert not first["data"].keys() & FLOWS
    _, first = await receive_initial(flows)
    assert first["data"].keys() > FLOWS
    solar = first["data"]["flows"]["solar_1_to_backup_unit"]["current"]
    assert solar == home.coordinator.latest.string_powers[0]  # type: ignore[union-attr]
    publish_power(home, grid=77)
    update = await receive(flows)
    assert update["data"]["flows"]["grid_to_backup_unit"] == {"current": 77}
    assert set((await receive(plain))["data"]) == {"battery", "pv", "grid", "load"}


async def test_flows_are_subscribed_to_and_ended_by_message(sockets: Sockets) -> None:
    ws = await sockets()
    await receive_initial(ws)
    for enabled in (True, False):
        await ws.send_json({"type": "subscribe", "flows": enabled})
        answer = await receive(ws)
        assert answer["type"] == "power_update"
        assert (answer["data"].keys() >= FLOWS) is enabled


async def test_flows_are_in_batches_and_in_replayed_messages(
    sockets: Sockets, home: House
) -> None:
    since = home.coordinator.feed.seq
    publish_power(home, grid=1)
    ws = await sockets(f"?since={since}&flows=1")
    await receive_type(ws, "modbus_connected")
    assert (await receive(ws))["data"].keys() > FLOWS
    await ws.send_json({"type": "batch", "size": 2, "maxWait": 60})
    await ws.send_json({"type": "ping"})
    await receive_type(ws, "pong")
    publish_power(home, grid=2)
    publish_power(home, grid=3)
    batch = await receive_type(ws, "power_batch")
    assert [entry.keys() > FLOWS for entry in batch["data"]] == [True, True]
