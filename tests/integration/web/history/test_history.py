"""Recorded series over REST: values, permissions, and the number of database queries."""

import asyncio
from datetime import timedelta
from http import HTTPStatus
from itertools import pairwise
import threading

from homeassistant.components.recorder.core import Recorder
from homeassistant.components.recorder.tasks import StopTask
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.recorder import get_instance
import pytest
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)
from sqlalchemy import event

from custom_components.alphaess_live.feed.messages import rfc3339
from custom_components.alphaess_live.web.clients import CLIENTS

from ...conftest import House, set_up
from ..conftest import Client, Clients, bring_back, create_token, lose
from ..recorded_statistics import HOUR, KWH_PER_HOUR, import_statistics, power_at
from .conftest import RecordedHouse, as_rfc3339, get, query


async def test_power_equals_the_recorders_hours(
    client: Client, recorded: RecordedHouse
) -> None:
    start = recorded.hour - 24 * HOUR
    body = await get(client, "power" + query(start, recorded.hour, "hour"))
    assert body["unit"] == "W"
    assert body["period"] == "hour"
    assert body["stale"] is False
    assert body["lastUpdate"].endswith("Z")
    assert set(body["series"]) == {"battery", "pv", "grid", "load", "soc"}
    for series in body["series"].values():
        assert len(series) == 24
        assert series[0] == {
            "start": as_rfc3339(start),
            "mean": round(power_at(start), 1),
            "min": power_at(start) - 1,
            "max": power_at(start) + 1,
        }


async def test_energy_equals_the_growth_of_the_counters(
    client: Client, recorded: RecordedHouse
) -> None:
    start = recorded.hour - 24 * HOUR
    body = await get(client, "energy" + query(start, recorded.hour, "hour"))
    assert body["unit"] == "kWh"
    assert set(body["series"]) == {
        "pv",
        "gridImport",
        "gridExport",
        "batteryCharge",
        "batteryDischarge",
        "load",
    }
    load = body["series"].pop("load")
    for series in body["series"].values():
        assert [row["sum"] for row in series] == [KWH_PER_HOUR] * 24
    # No register counts the energy of the load; it is computed from the mean power.
    assert load[5]["sum"] == round(power_at(start + 5 * HOUR) / 1000, 3)


async def test_current_hour_is_included(
    client: Client, recorded: RecordedHouse
) -> None:
    hour = recorded.hour
    body = await get(client, "energy" + query(hour - 2 * HOUR, hour + HOUR, "hour"))
    sums = [row["sum"] for row in body["series"]["pv"]]
    expected = [KWH_PER_HOUR, KWH_PER_HOUR, recorded.growth(hour)]
    assert sums == pytest.approx(expected, abs=0.002)


async def test_last_minutes_are_computed_from_states(
    client: Client, recorded: RecordedHouse
) -> None:
    body = await get(client, "power")
    assert body["period"] == "5minute"
    last = body["series"]["grid"][-1]
    latest = recorded.house.coordinator.latest
    assert latest
    assert last["start"] >= as_rfc3339(recorded.compiled_until)
    assert last["mean"] == last["min"] == last["max"] == latest.power.grid
    starts = [row["start"] for row in body["series"]["grid"]]
    assert starts == sorted(set(starts))


async def test_history_is_available_while_disconnected(
    hass: HomeAssistant, client: Client, recorded: RecordedHouse
) -> None:
    await lose(hass, recorded.house)
    body = await get(
        client, "power" + query(recorded.hour - 5 * HOUR, recorded.hour, "hour")
    )
    assert body["stale"] is True
    assert body["lastUpdate"] == rfc3339(
        recorded.house.coordinator.connection.last_success or recorded.hour
    )
    assert len(body["series"]["pv"]) == 5


async def test_connection_changes_are_recorded(
    hass: HomeAssistant, client: Client, recorded: RecordedHouse
) -> None:
    await lose(hass, recorded.house)
    await bring_back(hass, recorded.house)
    await async_wait_recording_done(hass)
    lost, back = (await get(client, "connection"))["events"]
    assert lost["type"] == "modbus_disconnected"
    assert lost["errorKind"] in {"reset", "refused"}
    assert lost["outageSeconds"] is None
    assert back["type"] == "modbus_connected"
    assert back["outageSeconds"] >= 0
    assert back["errorKind"] is None
    assert lost["timestamp"] < back["timestamp"]


async def test_series_of_unreadable_entities_are_left_out(
    hass: HomeAssistant, recorded: RecordedHouse, hass_client: Clients
) -> None:
    readable = {recorded.house.entity_id(hass, "grid_power"): {"read": True}}
    policy = {"entities": {"entity_ids": readable}}
    token = await create_token(hass, policy)
    client = await hass_client(token)
    body = await get(client, "power")
    assert set(body["series"]) == {"grid"}
    assert (await get(client, "energy"))["series"] == {}
    assert set((await get(client, "last-24-hours"))[0]) == {"timestamp", "grid_power"}
    assert await get(client, "connection") == {"events": []}


@pytest.mark.parametrize("recorder_db_url", ["sqlite"], indirect=True)
async def test_history_is_of_the_first_inverter_that_the_user_may_read(
    hass: HomeAssistant,
    recorded: RecordedHouse,
    other_house: House,
    hass_client: Clients,
) -> None:
    await set_up(hass, other_house)
    start, serial = recorded.hour - 48 * HOUR, other_house.identity.serial
    await import_statistics(hass, other_house, start, end=recorded.hour)
    await async_wait_recording_done(hass)
    entry_id, registry = other_house.entry.entry_id, er.async_get(hass)
    entities = [
        one.entity_id for one in er.async_entries_for_config_entry(registry, entry_id)
    ]
    policy = {"entities": {"entity_ids": {one: {"read": True} for one in entities}}}
    client = await hass_client(await create_token(hass, policy))
    for path in ("last-24-hours", "today", "daily", "power", "energy", "connection"):
        body = await get(client, path)
        alone = await get(client, f"{path}?serial={serial}")
        if isinstance(body, dict):
            assert [one.pop("serial") for one in body.pop("inverters")] == [serial]
            body, alone = (
                {k: v for k, v in one.items() if k in ("series", "events")}
                for one in (body, alone)
            )
        assert body == alone
        assert body
    # Of an inverter of which one entity is readable, that one.
    readable = {other_house.entity_id(hass, "grid_power"): {"read": True}}
    policy = {"entities": {"entity_ids": readable}}
    client = await hass_client(await create_token(hass, policy))
    assert [*(await get(client, "power"))["series"]] == ["grid"]


@pytest.mark.parametrize("recorder_db_url", ["sqlite"], indirect=True)
async def test_inverter_removed_during_a_query_does_not_come_back(
    hass: HomeAssistant, client: Client, recorded: RecordedHouse
) -> None:
    released, recorder = threading.Event(), get_instance(hass)

    def wait(*_: object) -> None:
        if threading.current_thread().name != recorder.name:
            released.wait(20)

    assert recorder.engine
    event.listen(recorder.engine, "before_cursor_execute", wait)
    answer = asyncio.create_task(client.get("/api/history/power"))
    await asyncio.sleep(0.3)
    entry = recorded.house.entry
    await hass.config_entries.async_remove(entry.entry_id)
    released.set()
    assert (await answer).status == HTTPStatus.OK
    event.remove(recorder.engine, "before_cursor_execute", wait)
    assert hass.data[CLIENTS].find_channel(entry) is None


async def test_year_of_hours_needs_as_many_queries_as_a_day(
    hass: HomeAssistant, client: Client, recorded: RecordedHouse
) -> None:
    hour = recorded.hour
    first = hour - 366 * 24 * HOUR
    await import_statistics(hass, recorded.house, first, end=hour - 49 * HOUR)
    queries: list[str] = []

    def on_query(*_: object) -> None:
        # The recorder writes in a thread of its own at any time.
        if (name := threading.current_thread().name) != recorder.name:
            queries.append(name)

    recorder = get_instance(hass)
    engine = recorder.engine
    assert engine
    event.listen(engine, "before_cursor_execute", on_query)
    counts = []
    for days in (1, 366):
        queries.clear()
        start = hour - timedelta(days=days)
        body = await get(client, "power" + query(start, hour, "hour"))
        for series in body["series"].values():
            assert len(series) == 24 * days
            assert all(one["start"] < two["start"] for one, two in pairwise(series))
        counts.append(len(queries))
        assert threading.main_thread().name not in queries
    event.remove(engine, "before_cursor_execute", on_query)
    assert counts[0] == counts[1] <= 6


async def test_missing_recorder_is_504(client: Client) -> None:
    answer = await client.get("/api/history/power")
    assert answer.status == HTTPStatus.GATEWAY_TIMEOUT
    assert (await answer.json())["error"] == "history_unavailable"
    assert answer.headers["Retry-After"]
    details = await (await client.get("/api/alphaess/pv-details")).json()
    assert details["energy"]["today"] is None


@pytest.mark.parametrize("recorder_db_url", ["sqlite"], indirect=True)
async def test_stopped_recorder_is_504(
    recorder_mock: Recorder, hass: HomeAssistant, client: Client
) -> None:
    recorder_mock.queue_task(StopTask())
    await hass.async_add_executor_job(recorder_mock.join)
    for path in ("power", "connection", "events", "today"):
        answer = await client.get(f"/api/history/{path}")
        assert answer.status == HTTPStatus.GATEWAY_TIMEOUT
        assert (await answer.json())["error"] == "history_unavailable"
    details = await client.get("/api/alphaess/pv-details")
    assert details.status == HTTPStatus.OK
