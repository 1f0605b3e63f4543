"""The responses of the REST paths for state."""

from http import HTTPStatus

from homeassistant.core import HomeAssistant
import pytest

from ..conftest import House
from .conftest import Client, SetClock, bring_back, lose


async def test_health_of_connected_inverter_is_ok(client: Client) -> None:
    health = await (await client.get("/api/health")).json()
    assert health["status"] == "ok"
    assert health["modbus"] == {"connected": True}
    assert health["uptime"] >= 0


async def test_health_of_disconnected_inverter_is_degraded(
    hass: HomeAssistant, client: Client, home: House
) -> None:
    await lose(hass, home)
    answer = await client.get("/api/health")
    assert answer.status == HTTPStatus.OK
    assert (await answer.json())["status"] == "degraded"


@pytest.mark.usefixtures("loop_clock")
async def test_durations_do_not_follow_a_step_of_the_clock(
    hass: HomeAssistant,
    client: Client,
    home: House,
    set_clock: SetClock,
) -> None:
    await lose(hass, home)
    headers = await set_clock()
    health = await (await client.get("/api/health", headers=headers)).json()
    assert 0 <= health["uptime"] < 60
    path = "/api/alphaess/collector-status"
    status = (await (await client.get(path, headers=headers)).json())[
        "connectionStatus"
    ]
    assert status["since"] <= health["timestamp"]
    assert 0 <= status["outageSeconds"] < 60
    await bring_back(hass, home)
    answer = await (await client.get(path, headers=headers)).json()
    assert 0 <= answer["connectionStatus"]["outageSeconds"] < 60


@pytest.mark.usefixtures("loop_clock")
async def test_outage_of_an_entry_that_is_not_loaded_ignores_clock_steps(
    hass: HomeAssistant,
    client: Client,
    home: House,
    set_clock: SetClock,
) -> None:
    await hass.config_entries.async_unload(home.entry.entry_id)
    path = "/api/alphaess/collector-status"
    await client.get(path)
    headers = await set_clock()
    answer = await (await client.get(path, headers=headers)).json()
    assert 0 <= answer["connectionStatus"]["outageSeconds"] < 60


async def test_collector_status_contains_the_state_of_polling(
    client: Client, home: House
) -> None:
    status = await (await client.get("/api/alphaess/collector-status")).json()
    assert (status["running"], status["connected"]) == (True, True)
    assert status["intervals"] == {
        "snapshot": 10,
        "live": 2,
        "check": 5,
        "powerUpdate": 10,
    }
    assert (status["clients"], status["watching"]) == (0, False)
    stats = home.coordinator.inverter.stats
    assert status["counters"]["snapshots"] == stats.snapshots > 1
    assert status["counters"]["requests"] == stats.requests
    assert status["lastSnapshot"]["requests"] == stats.last_requests <= 6


async def test_architecture_is_available_while_disconnected(
    hass: HomeAssistant, client: Client, home: House
) -> None:
    there = await (await client.get("/api/system/architecture")).json()
    await lose(hass, home)
    away = await (await client.get("/api/system/architecture")).json()
    assert away == there
    assert there["inverter"]["serial"] == home.identity.serial
    assert there["transport"] == {"kind": "tcp", "unitId": 85}
    assert {"method": "POST", "path": "/api/alphaess/stop", "requiresModbus": True} in (
        there["endpoints"]
    )
