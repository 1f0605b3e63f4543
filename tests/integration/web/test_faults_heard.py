"""A fault comes and goes while programs listen: each hears of it, and who was away hears of it later."""

from ..conftest import House, poll
from .conftest import Sockets
from .ws_client import receive_initial, receive_type


async def complain(house: House, *bits: int) -> None:
    """Let the inverter set these bits, and be asked."""
    house.inverter.set_faults("system_fault", *bits)
    await poll(house, full=True)


async def test_a_fault_and_its_end_are_told_to_all_in_english(
    home: House, sockets: Sockets
) -> None:
    clients = [await sockets() for _ in range(3)]
    for client in clients:
        await receive_initial(client)
    await complain(home, 4)
    await complain(home)
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


async def test_who_was_away_hears_of_the_fault_when_it_comes_back(
    home: House, sockets: Sockets
) -> None:
    first = await sockets()
    status, _ = await receive_initial(first)
    await first.close()
    await complain(home, 4)
    again = await sockets(f"?since={status['seq']}")
    raised = await receive_type(again, "fault_raised")
    assert raised["code"] == "grid_meter_lost"
