"""Who may see state over REST, and who may control."""

from collections.abc import Mapping
from http import HTTPStatus
from typing import Any

from homeassistant.auth.models import Group
import pytest

from ..conftest import House
from .conftest import Client, Clients
from .test_rest import CONTROL, ask


@pytest.fixture
def policy() -> Mapping[str, Any]:
    """Permit nothing; tests parametrize it."""
    return {}


@pytest.fixture
async def limited(
    home: House, hass_client: Clients, policy: Mapping[str, Any]
) -> Client:
    """Be a program with the token of a user who has this policy alone."""
    hass = home.coordinator.hass
    user = await hass.auth.async_create_user("limited", group_ids=[])
    user.groups = [Group(name="limited", policy=policy)]
    user.invalidate_cache()
    token = await hass.auth.async_create_refresh_token(user, "https://example.com/")
    return await hass_client(hass.auth.async_create_access_token(token))


async def test_who_may_not_read_the_entities_gets_no_state(limited: Client) -> None:
    for path in ("complete-status", "collector-status", "dispatch-status"):
        answer = await limited.get(f"/api/alphaess/{path}")
        assert answer.status == HTTPStatus.FORBIDDEN
        assert (await answer.json())["error"] == "read_not_permitted"
    assert (await limited.get("/api/health")).status == HTTPStatus.OK


@pytest.mark.parametrize("policy", [{"entities": {"all": {"read": True}}}])
async def test_who_may_only_read_controls_nothing(limited: Client, home: House) -> None:
    assert (await limited.get("/api/alphaess/status")).status == HTTPStatus.OK
    for view, path in CONTROL:
        status, body = await ask(limited, view, path)
        assert (status, body["error"]) == (403, "control_not_permitted")
    assert not home.inverter.journal.writes


async def test_a_read_only_user_controls_nothing(
    home: House, hass_client: Clients, hass_read_only_access_token: str
) -> None:
    client = await hass_client(hass_read_only_access_token)
    for view, path in CONTROL:
        status, body = await ask(client, view, path)
        assert (status, body["error"]) == (403, "control_not_permitted")
    assert not home.inverter.journal.writes
