"""State over REST: what is answered, to whom, and what is said instead."""

from http import HTTPStatus
import json
from typing import Any

from homeassistant.components.http.ban import (
    KEY_FAILED_LOGIN_ATTEMPTS,
    KEY_LOGIN_THRESHOLD,
)
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.alphaess_live.alphaess.snapshot import READINGS
from custom_components.alphaess_live.const import DOMAIN
from custom_components.alphaess_live.feed.serialize import rfc3339
from custom_components.alphaess_live.web.rest import VIEWS
from custom_components.alphaess_live.web.view import ApiView

from ..conftest import House, poll, set_up
from .conftest import Client, Clients, bring_back, lose

ORDER = {"power": 1500, "targetSoc": 80, "duration": 3600}
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def addresses(view: type[ApiView]) -> list[str]:
    """Name every address of a view, with a date or year that makes sense."""
    return [
        url.replace("{date}", "2025-01-06").replace("{year}", "2025")
        for url in (view.path, *view.extra_urls)
    ]


STATE = [view for view in VIEWS if "history" not in view.path]
ALL = [(view, path) for view in VIEWS for path in addresses(view)]
CONTROL = [(view, path) for view, path in ALL if view.method == "POST"]
NEEDY = [(view, path) for view, path in ALL if view.requires_modbus]


async def ask(client: Client, view: type[ApiView], path: str) -> tuple[int, Any]:
    """Ask as the address wants to be asked."""
    body = ORDER if view.method == "POST" else None
    answer = await client.request(view.method, path, json=body)
    assert answer.content_type == "application/json"
    return answer.status, await answer.json()


def test_every_address_is_found_below_our_own_prefix_too() -> None:
    for view in VIEWS:
        paths = [view.path, *view.extra_urls]
        assert view.url == view.path
        assert any(path.startswith("/api/alphaess/") for path in paths)
    bare = {path for _, path in ALL if not path.startswith("/api/alphaess/")}
    assert "/api/health" in bare
    assert not any(path.startswith("/api/history/period") for path in bare)


async def test_nobody_is_answered_without_a_token(
    home: House, hass_client_no_auth: Clients
) -> None:
    client = await hass_client_no_auth()
    for _, path in ALL:
        for method in METHODS:
            answer = await client.request(method, path)
            assert answer.status == HTTPStatus.UNAUTHORIZED
            assert (await answer.json())["error"] == "unauthorized"
    assert not home.inverter.journal.writes


@pytest.mark.usefixtures("home")
async def test_a_wrong_token_counts_for_the_ban(
    hass: HomeAssistant, hass_client_no_auth: Clients
) -> None:
    hass.http.app[KEY_LOGIN_THRESHOLD] = 2
    client = await hass_client_no_auth()
    await client.get("/api/health", headers={"Authorization": "Bearer nonsense"})
    assert sum(hass.http.app[KEY_FAILED_LOGIN_ATTEMPTS].values()) == 1


async def test_every_url_of_an_address_answers_alike(client: Client) -> None:
    for view in STATE:
        answers = [await ask(client, view, path) for path in addresses(view)]
        assert {status for status, _ in answers} == {HTTPStatus.OK}
        assert len({frozenset(body) for _, body in answers}) == 1


async def test_health_is_ok_while_the_inverter_is_there(client: Client) -> None:
    health = await (await client.get("/api/health")).json()
    assert health["status"] == "ok"
    assert health["modbus"] == {"connected": True}
    assert health["uptime"] >= 0


async def test_health_is_degraded_and_not_an_error_while_the_inverter_is_away(
    hass: HomeAssistant, client: Client, home: House
) -> None:
    await lose(hass, home)
    answer = await client.get("/api/health")
    assert answer.status == HTTPStatus.OK
    assert (await answer.json())["status"] == "degraded"


async def test_the_collector_tells_how_the_reading_goes(client: Client) -> None:
    status = await (await client.get("/api/alphaess/collector-status")).json()
    assert (status["running"], status["connected"]) == (True, True)
    assert status["intervals"] == {
        "snapshot": 10,
        "live": 2,
        "check": 5,
        "powerUpdate": 10,
    }
    assert (status["clients"], status["watching"]) == (0, False)
    assert status["counters"]["snapshots"] == 1
    assert status["lastSnapshot"]["requests"] == status["counters"]["requests"] <= 20


async def test_the_complete_status_says_every_reading_in_camel_case(
    client: Client, home: House
) -> None:
    status = await (await client.get("/api/alphaess/status")).json()
    latest = home.coordinator.latest
    assert latest
    assert latest.battery
    assert status["battery"]["soc"] == latest.power.soc
    assert status["grid"]["power"] == latest.power.grid
    assert status["load"]["power"] == latest.power.load
    assert status["battery"]["chargeEnergyTotal"] == latest.battery.charge_energy_total
    assert status["pv"]["energyTotal"] == latest.derived.pv_energy_total
    assert [string["index"] for string in status["pv"]["strings"]] == [1, 2]
    assert status["inverter"]["workMode"] == "online"
    told = json.dumps(status)
    for reading in READINGS:
        elsewhere = reading.key.startswith(("pv", "dispatch"))
        if reading.of(latest) is not None and not elsewhere:
            name = "".join(w.capitalize() for w in reading.key.split("_")[1:])
            assert f'"{name[0].lower()}{name[1:]}"' in told


async def test_a_fault_is_told_with_when_it_was_first_seen(
    client: Client, home: House
) -> None:
    home.inverter.set_faults("battery_fault", 3)
    home.inverter.set_faults("inverter_warning_2", 8)
    await poll(home, full=True)
    [first] = {rfc3339(at) for at in home.coordinator.fault_tracker.since.values()}
    await poll(home, full=True)
    status = await (await client.get("/api/alphaess/status")).json()
    assert status["timestamp"] > first
    assert status["faults"] == [
        {
            "code": "battery_dial_switch_mode_mismatch",
            "source": "battery_fault",
            "text": "Battery dial switch mode mismatch",
            "since": first,
        }
    ]
    assert [warning["code"] for warning in status["warnings"]] == ["no_pv_input"]


async def test_pv_details_name_each_string(client: Client) -> None:
    details = await (await client.get("/api/alphaess/pv-details")).json()
    strings = details["strings"]
    assert details["power"] == sum(string["power"] for string in strings)
    assert set(strings[0]) == {"index", "voltage", "current", "power"}
    assert details["acCoupled"] is None
    assert details["energy"]["total"] > 0


async def test_the_architecture_is_told_also_while_the_inverter_is_away(
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


async def test_an_inverter_that_is_away_is_503_from_state(
    hass: HomeAssistant, client: Client, home: House
) -> None:
    await lose(hass, home)
    requests = home.coordinator.inverter.stats.requests
    for view, path in NEEDY:
        answer = await client.request(view.method, path, json=ORDER)
        body = await answer.json()
        assert answer.status == HTTPStatus.SERVICE_UNAVAILABLE
        assert int(answer.headers["Retry-After"]) == 5
        assert body["error"] == "modbus_disconnected"
        assert body["connected"] is False
        assert body["connectionStatus"]["errorKind"] in {"refused", "reset", "timeout"}
        assert body["message"]
        assert body["timestamp"].endswith("Z")
    assert home.coordinator.inverter.stats.requests == requests
    await bring_back(hass, home)
    for view, path in NEEDY:
        assert (await ask(client, view, path))[0] == HTTPStatus.OK


async def test_a_wrong_method_is_405_in_json(client: Client) -> None:
    for view in VIEWS:
        for method in set(METHODS) - {view.method}:
            answer = await client.request(method, addresses(view)[0])
            assert answer.status == HTTPStatus.METHOD_NOT_ALLOWED
            assert answer.headers["Allow"] == view.method
            assert (await answer.json())["error"] == "method_not_allowed"


@pytest.mark.usefixtures("port")
async def test_without_an_inverter_there_is_none(hass_client: Clients) -> None:
    client = await hass_client()
    for view, path in ALL:
        status, body = await ask(client, view, path)
        assert (status, body["error"]) == (HTTPStatus.NOT_FOUND, "no_inverter")


async def test_an_unknown_serial_number_is_404(client: Client, home: House) -> None:
    answer = await client.get("/api/health?serial=nobody")
    assert answer.status == HTTPStatus.NOT_FOUND
    assert (await answer.json())["error"] == "unknown_inverter"
    answer = await client.get(f"/api/health?serial={home.identity.serial}")
    assert answer.status == HTTPStatus.OK


async def test_with_several_inverters_one_has_to_be_named(
    hass: HomeAssistant, client: Client, home: House
) -> None:
    other = MockConfigEntry(
        domain=DOMAIN, unique_id="AL7011025000099", data=dict(home.entry.data)
    )
    other.add_to_hass(hass)
    answer = await client.get("/api/alphaess/status")
    assert answer.status == HTTPStatus.BAD_REQUEST
    body = await answer.json()
    assert body["error"] == "ambiguous_inverter"
    assert body["serials"] == [home.identity.serial, "AL7011025000099"]
    one = await client.get(f"/api/alphaess/status?serial={home.identity.serial}")
    assert one.status == HTTPStatus.OK
    unloaded = await client.get("/api/alphaess/status?serial=AL7011025000099")
    assert unloaded.status == HTTPStatus.SERVICE_UNAVAILABLE
    assert (await unloaded.json())["error"] == "not_loaded"


async def test_an_inverter_that_is_unloaded_is_503_until_it_is_back(
    hass: HomeAssistant, client: Client, home: House
) -> None:
    await hass.config_entries.async_unload(home.entry.entry_id)
    answer = await client.get("/api/health")
    assert answer.status == HTTPStatus.SERVICE_UNAVAILABLE
    assert (await answer.json())["error"] == "not_loaded"
    await hass.config_entries.async_setup(home.entry.entry_id)
    assert home.entry.state is ConfigEntryState.LOADED
    assert (await client.get("/api/health")).status == HTTPStatus.OK


@pytest.mark.usefixtures("port")
async def test_state_is_served_before_the_house_has_answered_once(
    hass: HomeAssistant, house: House, hass_client: Clients
) -> None:
    await house.server.switch_off()
    await set_up(hass, house)
    client = await hass_client()
    answer = await client.get("/api/alphaess/complete-status")
    assert answer.status == HTTPStatus.SERVICE_UNAVAILABLE
    assert (await client.get("/api/system/architecture")).status == HTTPStatus.OK
    collector = await (await client.get("/api/alphaess/collector-status")).json()
    assert collector["lastSnapshot"] is None
