"""The past over REST: what is remembered, for whom, and at what price."""

from datetime import timedelta
from http import HTTPStatus
from itertools import pairwise
import threading

from homeassistant.auth.models import Group
from homeassistant.components.recorder.core import Recorder
from homeassistant.core import HomeAssistant
from homeassistant.helpers.recorder import get_instance
import pytest
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)
from sqlalchemy import event

from custom_components.alphaess_live.feed.serialize import rfc3339

from ..conftest import Client, Clients, bring_back, lose
from ..recorded_statistics import HOUR, KWH_PER_HOUR, import_statistics, power_at
from .conftest import RecordedHouse, as_rfc3339, get, query


async def test_power_is_the_recorders_hours(
    client: Client, past: RecordedHouse
) -> None:
    start = past.hour - 24 * HOUR
    body = await get(client, "power" + query(start, past.hour, "hour"))
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


async def test_energy_is_what_the_counters_grew_by(
    client: Client, past: RecordedHouse
) -> None:
    start = past.hour - 24 * HOUR
    body = await get(client, "energy" + query(start, past.hour, "hour"))
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
    # No register counts what the house uses: an hour of its mean power does.
    assert load[5]["sum"] == round(power_at(start + 5 * HOUR) / 1000, 3)


async def test_the_hour_that_is_not_over_is_there_too(
    client: Client, past: RecordedHouse
) -> None:
    hour = past.hour
    body = await get(client, "energy" + query(hour - 2 * HOUR, hour + HOUR, "hour"))
    sums = [row["sum"] for row in body["series"]["pv"]]
    expected = [KWH_PER_HOUR, KWH_PER_HOUR, past.growth(hour)]
    assert sums == pytest.approx(expected, abs=0.002)


async def test_the_last_minutes_come_from_the_states(
    client: Client, past: RecordedHouse
) -> None:
    body = await get(client, "power")
    assert body["period"] == "5minute"
    last = body["series"]["grid"][-1]
    latest = past.house.coordinator.latest
    assert latest
    assert last["start"] >= as_rfc3339(past.slot)
    assert last["mean"] == last["min"] == last["max"] == latest.power.grid
    starts = [row["start"] for row in body["series"]["grid"]]
    assert starts == sorted(set(starts))


async def test_the_past_is_there_while_the_inverter_is_away(
    hass: HomeAssistant, client: Client, past: RecordedHouse
) -> None:
    await lose(hass, past.house)
    body = await get(client, "power" + query(past.hour - 5 * HOUR, past.hour, "hour"))
    assert body["stale"] is True
    assert body["lastUpdate"] == rfc3339(
        past.house.coordinator.connection.last_success or past.hour
    )
    assert len(body["series"]["pv"]) == 5


async def test_loss_and_return_are_remembered(
    hass: HomeAssistant, client: Client, past: RecordedHouse
) -> None:
    await lose(hass, past.house)
    await bring_back(hass, past.house)
    await async_wait_recording_done(hass)
    lost, back = (await get(client, "connection"))["events"]
    assert lost["type"] == "modbus_disconnected"
    assert lost["errorKind"] in {"reset", "refused"}
    assert lost["outageSeconds"] is None
    assert back["type"] == "modbus_connected"
    assert back["outageSeconds"] >= 0
    assert back["errorKind"] is None
    assert lost["timestamp"] < back["timestamp"]


async def test_who_may_not_read_an_entity_does_not_see_its_series(
    hass: HomeAssistant, past: RecordedHouse, hass_client: Clients
) -> None:
    user = await hass.auth.async_create_user("limited", group_ids=[])
    readable = {past.house.entity_id(hass, "grid_power"): {"read": True}}
    policy = {"entities": {"entity_ids": readable}}
    user.groups = [Group(name="limited", policy=policy)]
    user.invalidate_cache()
    refresh = await hass.auth.async_create_refresh_token(user, "https://example.com/")
    client = await hass_client(hass.auth.async_create_access_token(refresh))
    body = await get(client, "power")
    assert set(body["series"]) == {"grid"}
    assert (await get(client, "energy"))["series"] == {}
    assert set((await get(client, "last-24-hours"))[0]) == {"timestamp", "grid_power"}
    assert await get(client, "connection") == {"events": []}


async def test_a_year_of_hours_costs_as_many_questions_as_a_day(
    hass: HomeAssistant, client: Client, past: RecordedHouse
) -> None:
    hour = past.hour
    first = hour - 366 * 24 * HOUR
    await import_statistics(hass, past.house, first, end=hour - 49 * HOUR)
    asked: list[str] = []

    def note(*_: object) -> None:
        # The recorder writes in a thread of its own, whenever it is time to.
        if (name := threading.current_thread().name) != recorder.name:
            asked.append(name)

    recorder = get_instance(hass)
    engine = recorder.engine
    assert engine
    event.listen(engine, "before_cursor_execute", note)
    counts = []
    for days in (1, 366):
        asked.clear()
        start = hour - timedelta(days=days)
        body = await get(client, "power" + query(start, hour, "hour"))
        for series in body["series"].values():
            assert len(series) == 24 * days
            assert all(one["start"] < two["start"] for one, two in pairwise(series))
        counts.append(len(asked))
        assert threading.main_thread().name not in asked
    event.remove(engine, "before_cursor_execute", note)
    assert counts[0] == counts[1] <= 6


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("power?start=yesterday", "start"),
        ("power?start=2026-03-10T00:00:00", "start"),
        ("power?start=2026-13-10T00:00:00Z", "start"),
        ("power?start=0001-01-01T00:00:00%2B23:59", "start"),
        ("power?end=9999-12-31T23:59:59-23:59", "end"),
        ("power?end=2026-03-10T00:00:00Z&start=2026-03-10T00:00:00Z", "end"),
        ("power?start=2025-03-01T00:00:00Z&end=2026-03-10T00:00:00Z", "start"),
        ("power?period=week", "period"),
        ("energy?period=", "period"),
        ("connection?start=", "start"),
        ("date/2026-02-30", "date"),
        ("date/20260301", "date"),
        ("date/today", "date"),
        ("date/٢٠٢٦-٠٣-٠١", "date"),
        ("daily?start=2026-03-10&end=2026-03-01", "end"),
        ("daily?start=2020-03-10", "start"),
        ("monthly/26", "year"),
        ("monthly/9999", "year"),
    ],
)
@pytest.mark.parametrize("recorder_db_url", ["sqlite"], indirect=True)
async def test_a_bad_date_is_named(
    recorder_mock: Recorder, client: Client, path: str, field: str
) -> None:
    assert recorder_mock
    answer = await client.get(f"/api/history/{path}")
    assert answer.status == HTTPStatus.BAD_REQUEST
    body = await answer.json()
    assert (body["error"], body["field"]) == ("invalid_request", field)
    assert body["message"]
