"""What all REST views share: authentication, permission, method, and paths."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from homeassistant.components.http.ban import (
    KEY_FAILED_LOGIN_ATTEMPTS,
    KEY_LOGIN_THRESHOLD,
)
from homeassistant.core import HomeAssistant
from homeassistant.setup import async_setup_component
import pytest

from custom_components.alphaess_live.const import DOMAIN
from custom_components.alphaess_live.web.rest import VIEWS

from ..conftest import House, set_up
from .conftest import Client, Clients, create_token, lose
from .rest_client import ALL_PATHS, CONTROL_PATHS, ORDER, paths_of, request_view

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


STATE = [view for view in VIEWS if "history" not in view.path]


@pytest.fixture
def policy() -> Mapping[str, Any]:
    """Return a policy without any permission; tests parametrize it."""
    return {}


@pytest.fixture
async def limited(
    home: House, hass_client: Clients, policy: Mapping[str, Any]
) -> Client:
    """Return a client with the token of a user with this policy only."""
    hass = home.coordinator.hass
    token = await create_token(hass, policy)
    return await hass_client(token)


def test_every_path_exists_below_our_prefix_too() -> None:
    for view in VIEWS:
        paths = [view.path, *view.extra_urls]
        assert view.url == view.path
        assert any(path.startswith("/api/alphaess/") for path in paths)
    bare = {path for _, path in ALL_PATHS if not path.startswith("/api/alphaess/")}
    assert "/api/health" in bare
    assert not any(path.startswith("/api/history/period") for path in bare)


async def test_request_without_token_is_401(
    home: House, hass_client_no_auth: Clients
) -> None:
    client = await hass_client_no_auth()
    for _, path in ALL_PATHS:
        for method in METHODS:
            answer = await client.request(method, path)
            assert answer.status == HTTPStatus.UNAUTHORIZED
            assert (await answer.json())["error"] == "unauthorized"
    assert not home.inverter.journal.writes


@pytest.mark.usefixtures("home")
async def test_invalid_token_counts_for_the_ban(
    hass: HomeAssistant, hass_client_no_auth: Clients
) -> None:
    hass.http.app[KEY_LOGIN_THRESHOLD] = 2
    client = await hass_client_no_auth()
    await client.get("/api/health", headers={"Authorization": "Bearer nonsense"})
    assert sum(hass.http.app[KEY_FAILED_LOGIN_ATTEMPTS].values()) == 1


async def test_all_paths_of_a_view_have_the_same_response(client: Client) -> None:
    for view in STATE:
        answers = [await request_view(client, view, path) for path in paths_of(view)]
        assert {status for status, _ in answers} == {HTTPStatus.OK}
        assert len({frozenset(body) for _, body in answers}) == 1


async def test_wrong_method_is_405_in_json(client: Client) -> None:
    for view in VIEWS:
        for method in set(METHODS) - {view.method}:
            answer = await client.request(method, paths_of(view)[0])
            assert answer.status == HTTPStatus.METHOD_NOT_ALLOWED
            assert answer.headers["Allow"] == view.method
            assert (await answer.json())["error"] == "method_not_allowed"


@pytest.mark.parametrize("method", ["TRACE", "PROPFIND", "HEAD", "POST", "DELETE"])
async def test_method_that_no_path_has_is_405_in_json(
    client: Client, method: str
) -> None:
    for path in ("/api/health", "/api/history/date/2025-01-06", "/ws/power-data"):
        answer = await client.request(method, path)
        assert answer.status == HTTPStatus.METHOD_NOT_ALLOWED
        assert answer.headers["Allow"] == "GET"
        assert answer.content_type == "application/json"
        if method != "HEAD":
            assert (await answer.json())["error"] == "method_not_allowed"
    answer = await client.request("TRACE", "/api/alphaess/charge")
    assert answer.headers["Allow"] == "POST"


async def test_user_without_read_permission_gets_no_state(limited: Client) -> None:
    for path in ("complete-status", "collector-status", "dispatch-status"):
        answer = await limited.get(f"/api/alphaess/{path}")
        assert answer.status == HTTPStatus.FORBIDDEN
        assert (await answer.json())["error"] == "read_not_permitted"
    assert (await limited.get("/api/health")).status == HTTPStatus.OK


@pytest.mark.parametrize("policy", [{"entities": {"all": {"read": True}}}])
async def test_user_with_read_permission_controls_nothing(
    limited: Client, home: House
) -> None:
    assert (await limited.get("/api/alphaess/status")).status == HTTPStatus.OK
    for view, path in CONTROL_PATHS:
        status, body = await request_view(limited, view, path)
        assert (status, body["error"]) == (403, "control_not_permitted")
    assert not home.inverter.journal.writes


async def test_read_only_user_controls_nothing(
    home: House, hass_client: Clients, hass_read_only_access_token: str
) -> None:
    client = await hass_client(hass_read_only_access_token)
    for view, path in CONTROL_PATHS:
        status, body = await request_view(client, view, path)
        assert (status, body["error"]) == (403, "control_not_permitted")
    assert not home.inverter.journal.writes


ORIGIN = "http://monitor.example:8080"
OTHER_ORIGIN = "http://other.example"


@pytest.fixture
async def allowed_origin(hass: HomeAssistant) -> None:
    """Allow the pages of an origin in Home Assistant's own setting."""
    http = {"cors_allowed_origins": [ORIGIN]}
    assert await async_setup_component(hass, "http", {"http": http})


def preflight(origin: str, method: str) -> Mapping[str, str]:
    """Return the headers that a browser sends before a request of a page."""
    return {
        "Origin": origin,
        "Access-Control-Request-Method": method,
        "Access-Control-Request-Headers": "authorization,content-type",
    }


@pytest.mark.usefixtures("allowed_origin")
async def test_page_of_an_allowed_origin_may_use_all_paths(
    hass: HomeAssistant, home: House, client: Client, hass_client_no_auth: Clients
) -> None:
    browser = await hass_client_no_auth()
    for view, path in ALL_PATHS:
        headers = preflight(ORIGIN, view.method)
        answer = await browser.options(path, headers=headers)
        assert answer.status == HTTPStatus.OK
        allowed = answer.headers["Access-Control-Allow-Headers"].lower()
        assert {"authorization", "content-type"} <= set(allowed.split(","))
        assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    for body, status in ((ORDER, 200), ({}, 400)):
        path = "/api/alphaess/charge"
        answer = await client.post(path, json=body, headers={"Origin": ORIGIN})
        assert answer.status == status
        assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN
    await lose(hass, home)
    answer = await client.get("/api/alphaess/status", headers={"Origin": ORIGIN})
    assert answer.status == HTTPStatus.SERVICE_UNAVAILABLE
    assert answer.headers["Access-Control-Allow-Origin"] == ORIGIN


@pytest.mark.usefixtures("allowed_origin", "home")
async def test_page_of_another_origin_may_use_no_path(client: Client) -> None:
    for view, path in ALL_PATHS:
        headers = preflight(OTHER_ORIGIN, view.method)
        assert (await client.options(path, headers=headers)).status == 403
    answer = await client.get("/api/health", headers={"Origin": OTHER_ORIGIN})
    assert "Access-Control-Allow-Origin" not in answer.headers


async def test_without_the_setting_no_page_of_another_origin_is_allowed(
    client: Client,
) -> None:
    answer = await client.options("/api/health", headers=preflight(ORIGIN, "GET"))
    assert answer.status == HTTPStatus.FORBIDDEN


async def test_preflight_without_any_allowed_origin_is_405_and_no_login(
    hass: HomeAssistant, house: House, hass_client_no_auth: Clients
) -> None:
    http: dict[str, list[str]] = {"cors_allowed_origins": []}
    assert await async_setup_component(hass, "http", {"http": http})
    assert await async_setup_component(hass, DOMAIN, {})
    await set_up(hass, house)
    hass.http.app[KEY_LOGIN_THRESHOLD] = 2
    client = await hass_client_no_auth()
    for path in ("/api/health", "/api/alphaess/charge", "/ws/power-data"):
        answer = await client.options(path, headers=preflight(ORIGIN, "GET"))
        assert answer.status == HTTPStatus.METHOD_NOT_ALLOWED
        assert (await answer.json())["error"] == "method_not_allowed"
    assert not hass.http.app[KEY_FAILED_LOGIN_ATTEMPTS]
