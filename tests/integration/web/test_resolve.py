"""Requests for an inverter that is unknown, ambiguous, not loaded, or disconnected."""

from http import HTTPStatus

from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.common import MockConfigEntry

from custom_components.alphaess_live.const import DOMAIN

from ..conftest import House, set_up
from .conftest import Client, Clients, bring_back, lose
from .rest_client import ALL_PATHS, MODBUS_PATHS, ORDER, request_view


async def test_disconnected_inverter_is_503(
    hass: HomeAssistant, client: Client, home: House
) -> None:
    await lose(hass, home)
    requests = home.coordinator.inverter.stats.requests
    for view, path in MODBUS_PATHS:
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
    for view, path in MODBUS_PATHS:
        assert (await request_view(client, view, path))[0] == HTTPStatus.OK


@pytest.mark.usefixtures("port")
async def test_request_without_inverter_is_404(hass_client: Clients) -> None:
    client = await hass_client()
    for view, path in ALL_PATHS:
        status, body = await request_view(client, view, path)
        assert (status, body["error"]) == (HTTPStatus.NOT_FOUND, "no_inverter")


async def test_unknown_serial_number_is_404(client: Client, home: House) -> None:
    answer = await client.get("/api/health?serial=nobody")
    assert answer.status == HTTPStatus.NOT_FOUND
    assert (await answer.json())["error"] == "unknown_inverter"
    answer = await client.get(f"/api/health?serial={home.identity.serial}")
    assert answer.status == HTTPStatus.OK


async def test_request_without_serial_number_of_several_inverters_is_400(
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


async def test_unloaded_inverter_is_503_until_it_is_loaded(
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
async def test_inverter_that_never_answered_has_architecture_only(
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
