"""Requests whose user loses the permission while the database searches: nothing is returned."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from itertools import count
import threading
from typing import Any

from homeassistant.auth.models import Group, User
from homeassistant.components.recorder.core import Recorder
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.recorder import get_instance
import pytest
from sqlalchemy import event

from ...conftest import House, set_up
from ...user_changes import (
    Change,
    deactivate_user,
    delete_user,
    revoke_tokens,
    take_permission,
)
from ..conftest import Clients, create_token
from ..test_openapi import check

pytestmark = pytest.mark.parametrize("recorder_db_url", ["sqlite"], indirect=True)

PATHS = (
    "/api/history/power",
    "/api/history/energy",
    "/api/history/connection",
    "/api/history/events",
    "/api/history/today",
    "/api/alphaess/pv-details",
)

CHANGES = (
    (take_permission, HTTPStatus.FORBIDDEN),
    (revoke_tokens, HTTPStatus.UNAUTHORIZED),
    (delete_user, HTTPStatus.UNAUTHORIZED),
    (deactivate_user, HTTPStatus.UNAUTHORIZED),
)


@contextmanager
def slow_queries(hass: HomeAssistant, after: int = 0) -> Iterator[threading.Event]:
    """Let each query after some wait until the event is set; the recorder itself goes on writing."""
    recorder, may_answer, numbers = get_instance(hass), threading.Event(), count()
    engine = recorder.engine
    assert engine

    def wait(*_: object) -> None:
        if threading.current_thread().name != recorder.name and next(numbers) >= after:
            may_answer.wait(20)

    event.listen(engine, "before_cursor_execute", wait)
    try:
        yield may_answer
    finally:
        may_answer.set()
        event.remove(engine, "before_cursor_execute", wait)


def restrict_to(kept: dict[str, dict[str, bool]]) -> Change:
    """Leave the permission for some entities."""

    async def restrict(_: HomeAssistant, user: User) -> None:
        user.groups = [Group(name="one", policy={"entities": {"entity_ids": kept}})]
        user.invalidate_cache()

    return restrict


def user_of(hass: HomeAssistant, token: str) -> User:
    """Return the user of an access token."""
    refresh = hass.auth.async_validate_access_token(token)
    assert refresh
    return refresh.user


async def get_while(
    hass: HomeAssistant, clients: Clients, path: str, change: Change, *, after: int = 0
) -> tuple[int, Any]:
    """Request a path, and do something to the user before the database answers."""
    token = await create_token(hass, {"entities": True})
    client = await clients(token)
    with slow_queries(hass, after) as may_answer:
        request = asyncio.create_task(client.get(path))
        await asyncio.sleep(0.2)
        assert not request.done()
        await change(hass, user_of(hass, token))
        may_answer.set()
        answer = await request
        return answer.status, await answer.json()


@pytest.mark.parametrize(
    ("path", "change", "status"),
    [
        *((path, *CHANGES[0]) for path in PATHS),
        *((PATHS[0], *change) for change in CHANGES[1:]),
    ],
)
async def test_reading_of_a_user_without_permission_is_not_returned(
    recorder_mock: Recorder,  # noqa: ARG001 - before Home Assistant
    hass: HomeAssistant,
    home: House,
    hass_client: Clients,
    *,
    path: str,
    change: Change,
    status: HTTPStatus,
) -> None:
    answer, body = await get_while(hass, hass_client, path, change)
    assert answer == status, body
    check(path, "get", status=answer, body=body)
    assert set(body) == {"error", "message"}
    assert home.identity.serial not in str(body)


async def test_reading_of_an_entity_without_permission_is_not_returned(
    recorder_mock: Recorder,  # noqa: ARG001 - before Home Assistant
    hass: HomeAssistant,
    home: House,
    hass_client: Clients,
) -> None:
    kept = {home.entity_id(hass, "battery_soc"): {"read": True}}

    answer, body = await get_while(hass, hass_client, PATHS[0], restrict_to(kept))
    assert (answer, body["error"]) == (HTTPStatus.FORBIDDEN, "read_not_permitted")


async def test_reading_of_another_inverter_without_permission_is_left_out(
    recorder_mock: Recorder,  # noqa: ARG001 - before Home Assistant
    hass: HomeAssistant,
    home: House,
    other_house: House,
    hass_client: Clients,
) -> None:
    await set_up(hass, other_house)
    entities = er.async_entries_for_config_entry(
        er.async_get(hass), home.entry.entry_id
    )
    kept = {one.entity_id: {"read": True} for one in entities}

    # The connection's history takes one query: of the first inverter, again, and of the other.
    change = restrict_to(kept)
    answer, body = await get_while(hass, hass_client, PATHS[2], change, after=2)
    assert answer == HTTPStatus.OK
    assert [one["serial"] for one in body["inverters"]] == [home.identity.serial]
