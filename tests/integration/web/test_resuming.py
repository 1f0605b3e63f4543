"""Several values in one message, and what one has missed."""

import pytest

from custom_components.alphaess_live.alphaess.errors import ErrorKind
from custom_components.alphaess_live.feed.messages import LinkLost

from ..conftest import House
from .conftest import Sockets
from .ws_client import publish_power, receive, receive_initial


async def test_a_client_of_batches_hears_several_values_at_once_oldest_first(
    sockets: Sockets, home: House
) -> None:
    ws = await sockets()
    await receive_initial(ws)
    await ws.send_json({"type": "batch", "size": 3, "maxWait": 60})
    await ws.send_json({"type": "ping"})
    await receive(ws)
    for watts in (1, 2, 3, 4):
        publish_power(home, grid=watts)
    batch = await receive(ws)
    assert batch["type"] == "power_batch"
    assert [one["grid"]["power"] for one in batch["data"]] == [1, 2, 3]
    assert batch["seq"] == batch["data"][-1]["seq"]
    assert all(one["timestamp"].endswith("Z") for one in batch["data"])
    # An event does not overtake what came before it.
    home.coordinator.feed.publish(LinkLost(kind=ErrorKind.RESET, message="gone"))
    rest, event = await receive(ws), await receive(ws)
    assert [one["grid"]["power"] for one in rest["data"]] == [4]
    assert event["type"] == "modbus_disconnected"
    assert rest["seq"] < event["seq"]
    publish_power(home, grid=5)
    await ws.send_json({"type": "batch", "size": 1})
    assert [one["grid"]["power"] for one in (await receive(ws))["data"]] == [5]
    publish_power(home, grid=6)
    assert (await receive(ws))["type"] == "power_update"


async def test_a_batch_waits_no_longer_than_asked(
    sockets: Sockets, home: House
) -> None:
    ws = await sockets()
    await receive_initial(ws)
    await ws.send_json({"type": "batch", "size": 100, "maxWait": 1})
    await ws.send_json({"type": "ping"})
    await receive(ws)
    publish_power(home, grid=1)
    publish_power(home, grid=2)
    batch = await receive(ws)
    assert [one["grid"]["power"] for one in batch["data"]] == [1, 2]


async def test_who_comes_back_gets_what_it_missed_oldest_first(
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
    missed = [await receive(ws) for _ in range(3)]
    assert [one["data"]["grid"]["power"] for one in missed] == [1, 2, 3]
    publish_power(home, grid=4)
    live = await receive(ws)
    assert live["data"]["grid"]["power"] == 4
    assert live["seq"] == seen["seq"] + 4


async def test_who_missed_nothing_gets_the_state(sockets: Sockets) -> None:
    _, seen = await receive_initial(await sockets())
    status, power = await receive_initial(await sockets(f"?since={seen['seq']}"))
    assert status["seq"] == power["seq"] == seen["seq"]


@pytest.mark.parametrize("since", [0, 1, 2**53])
async def test_who_was_away_for_too_long_starts_as_a_new_client(
    sockets: Sockets, home: House, since: int
) -> None:
    for watts in range(400):
        publish_power(home, grid=watts)
    status, power = await receive_initial(await sockets(f"?since={since}"))
    assert status["seq"] == power["seq"] == home.coordinator.feed.seq
