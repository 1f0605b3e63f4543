"""Requests for an inverter that is unknown, ambiguous, not loaded, or disconnected."""

from http import HTTPStatus
from typing import Any

from homeassistant.components.recorder.core import Recorder
from homeassistant.config_entries import ConfigEntryState
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
import pytest

from custom_components.alphaess_live.alphaess.errors import ErrorKind
from custom_components.alphaess_live.feed.messages import OUTAGE_MESSAGES, LinkLost
from custom_components.alphaess_live.web.rest import VIEWS

from ..conftest import House, set_up
from .conftest import Client, Clients, bring_back, create_token, lose
from .rest_client import (
    ALL_PATHS,
    CHARGE_PATH,
    MODBUS_PATHS,
    ORDER,
    body_of,
    paths_of,
    request_view,
    send_order,
)

FREE_PATHS = [paths_of(view)[0] for view in VIEWS if not view.requires_modbus]
"""Paths that need no inverter."""


async def test_disconnected_inverter_is_503(
    hass: HomeAssistant, client: Client, home: House
) -> None:
    await lose(hass, home)
    requests = home.coordinator.inverter.stats.requests
    for view, path in MODBUS_PATHS:
        answer = await client.request(
            view.method, path, json=body_of(view.method, path)
        )
        body = await answer.json()
        assert answer.status == HTTPStatus.SERVICE_UNAVAILABLE
        assert int(answer.headers["Retry-After"]) == 5
        assert body["error"] == "modbus_disconnected"
        assert body["connected"] is False
        assert body["connectionStatus"]["errorKind"] in {"refused", "reset", "timeout"}
        kind = ErrorKind(body["connectionStatus"]["errorKind"])
        assert body["message"] == OUTAGE_MESSAGES[kind]
        assert body["timestamp"].endswith("Z")
    assert home.coordinator.inverter.stats.requests == requests
    await bring_back(hass, home)
    for view, path in MODBUS_PATHS:
        assert (await request_view(client, view, path))[0] == HTTPStatus.OK


@pytest.mark.parametrize(
    ("kind", "message"),
    [
        (ErrorKind.REFUSED, "The inverter refuses the connection."),
        (ErrorKind.TIMEOUT, "The inverter does not answer."),
        (ErrorKind.BUSY, "The inverter is busy."),
    ],
)
def test_message_of_an_outage_follows_its_cause(kind: ErrorKind, message: str) -> None:
    lost = LinkLost(kind=kind, message="details").fields
    assert (lost["errorKind"], lost["message"]) == (kind, message)
    assert set(ErrorKind) <= set(OUTAGE_MESSAGES)


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
    hass: HomeAssistant, client: Client, home: House, other_house: House
) -> None:
    other_house.entry.add_to_hass(hass)
    serials = [home.identity.serial, other_house.identity.serial]
    for view, path in MODBUS_PATHS:
        status, body = await request_view(client, view, path)
        assert (status, body["error"]) == (400, "ambiguous_inverter")
        assert body["serials"] == sorted(serials)
    one = await client.get(f"/api/alphaess/status?serial={serials[0]}")
    assert one.status == HTTPStatus.OK
    unloaded = await client.get(f"/api/alphaess/status?serial={serials[1]}")
    assert unloaded.status == HTTPStatus.SERVICE_UNAVAILABLE
    assert (await unloaded.json())["error"] == "modbus_disconnected"


async def test_ambiguous_request_shows_only_serial_numbers_that_may_be_read(
    hass: HomeAssistant, home: House, hass_client: Clients, other_house: House
) -> None:
    await set_up(hass, other_house)
    mine = er.async_entries_for_config_entry(er.async_get(hass), home.entry.entry_id)
    policy: Any = {"entities": {"entity_ids": {e.entity_id: True for e in mine}}}
    client = await hass_client(await create_token(hass, policy))
    body = await (await client.get("/api/alphaess/status")).json()
    assert body["serials"] == [home.identity.serial]
    theirs = other_house.identity.serial
    for path in FREE_PATHS:
        assert theirs not in await (await client.get(path)).text()


async def test_free_paths_answer_with_several_inverters(
    recorder_mock: Recorder,
    hass: HomeAssistant,
    home: House,
    client: Client,
    other_house: House,
) -> None:
    assert recorder_mock
    await set_up(hass, other_house)
    serials = [home.identity.serial, other_house.identity.serial]
    for path in FREE_PATHS:
        answer = await client.get(path)
        assert answer.status == HTTPStatus.OK
        body = await answer.json()
        one = await (await client.get(f"{path}?serial={serials[1]}")).json()
        if isinstance(body, list):
            continue
        assert "inverters" not in one
        others = body.pop("inverters")
        assert [entry["serial"] for entry in others] == serials
        assert set(body) == set(one) == set(others[1]) - {"serial"}


@pytest.mark.parametrize("lost", [0, 1])
async def test_health_of_several_inverters_is_that_of_the_worst(
    hass: HomeAssistant, home: House, client: Client, other_house: House, *, lost: int
) -> None:
    await set_up(hass, other_house)
    assert (await (await client.get("/api/health")).json())["status"] == "ok"
    houses = [home, other_house]
    await lose(hass, houses[lost])
    health = await (await client.get("/api/health")).json()
    assert (health["status"], health["modbus"]) == ("degraded", {"connected": False})
    assert [(one["serial"], one["status"]) for one in health["inverters"]] == [
        (houses[lost].identity.serial, "degraded"),
        (houses[1 - lost].identity.serial, "ok"),
    ]


async def test_inverter_that_is_not_loaded_is_like_a_disconnected_one(
    recorder_mock: Recorder, hass: HomeAssistant, client: Client, home: House
) -> None:
    assert recorder_mock
    before = [await (await client.get(path)).json() for path in FREE_PATHS]
    await hass.config_entries.async_unload(home.entry.entry_id)
    for view, path in MODBUS_PATHS:
        answer = await client.request(
            view.method, path, json=body_of(view.method, path)
        )
        body = await answer.json()
        assert answer.status == HTTPStatus.SERVICE_UNAVAILABLE
        assert int(answer.headers["Retry-After"]) == 5
        assert (body["error"], body["connected"]) == ("modbus_disconnected", False)
        assert body["connectionStatus"]["connected"] is False
        assert body["message"]
    for path, complete in zip(FREE_PATHS, before, strict=True):
        answer = await client.get(path)
        assert answer.status == HTTPStatus.OK
        body = await answer.json()
        assert isinstance(body, list) or set(body) == set(complete)
    await hass.config_entries.async_setup(home.entry.entry_id)
    assert home.entry.state is ConfigEntryState.LOADED
    for view, path in MODBUS_PATHS:
        assert (await request_view(client, view, path))[0] == HTTPStatus.OK


async def test_stored_values_are_shown_while_an_inverter_is_not_loaded(
    hass: HomeAssistant, client: Client, home: House
) -> None:
    architecture = await (await client.get("/api/system/architecture")).json()
    await send_order(client, CHARGE_PATH, ORDER)
    orders = await (await client.get("/api/history/dispatch")).json()
    assert len(orders["orders"]) == 1
    home.entry.runtime_data.controller.keeps_dispatch = True
    await hass.config_entries.async_unload(home.entry.entry_id)
    health = await (await client.get("/api/health")).json()
    assert (health["status"], health["uptime"]) == ("degraded", 0)
    collector = await (await client.get("/api/alphaess/collector-status")).json()
    assert (collector["running"], collector["connected"]) == (False, False)
    assert collector["intervals"]["snapshot"] == 10
    # The feed-in limit is not stored.
    architecture["flowRules"]["exportAllowed"] = None
    assert await (await client.get("/api/system/architecture")).json() == architecture
    assert await (await client.get("/api/history/dispatch")).json() == orders


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
