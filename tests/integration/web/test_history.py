"""The past over REST, from a recorder with SQLite and one with PostgreSQL."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from itertools import pairwise
import threading
from typing import Any
from zoneinfo import ZoneInfo

from homeassistant.auth.models import Group
from homeassistant.components.recorder.core import Recorder
from homeassistant.core import HomeAssistant
from homeassistant.helpers.recorder import get_instance
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)
from sqlalchemy import create_engine, event, text

from custom_components.alphaess_live.wording import rfc3339

from ..conftest import House
from .conftest import Client, Clients, bring_back, lose
from .databases import find_postgres, postgres
from .past import GROWTH, HOUR, SLOT, remember, watts

ZONE = ZoneInfo(f"Etc/GMT{datetime.now(UTC).hour - 14:+d}")
"""Where it is two in the afternoon: at midnight, today has no rows yet."""


@pytest.fixture(scope="module")
def postgres_url() -> Iterator[str]:
    """Run a PostgreSQL for these tests."""
    programs = find_postgres()
    if programs is None:
        pytest.skip("PostgreSQL is not installed (Debian: apt install postgresql)")
    with postgres(programs) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def recorder_db_url(
    request: pytest.FixtureRequest, hass_fixture_setup: list[bool]
) -> str:
    """Begin with an empty database: one of each kind."""
    assert not hass_fixture_setup
    if request.param == "sqlite":
        return "sqlite://"
    url: str = request.getfixturevalue("postgres_url")
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    return url


@dataclass(frozen=True)
class Past:
    """A house with a past: two days of hours, and five minutes of the last hour or two."""

    house: House
    hour: datetime
    slot: datetime
    """When the newest five minutes of statistics end."""

    @property
    def day(self) -> datetime:
        """When the present day began, where the house stands."""
        local = self.hour.astimezone(ZONE)
        return local.replace(hour=0).astimezone(UTC)

    def growth(self, since: datetime) -> float:
        """Say what every counter has grown by since then, in kWh."""
        return (self.slot - since) / HOUR * GROWTH


@pytest.fixture
async def past(
    recorder_mock: Recorder, hass: HomeAssistant, home: House
) -> AsyncIterator[Past]:
    """Give the house its past."""
    assert recorder_mock
    await hass.config.async_set_time_zone(ZONE.key)
    now = dt_util.utcnow()
    hour = now.replace(minute=0, second=0, microsecond=0)
    slot = hour + (now - hour) // SLOT * SLOT
    await remember(hass, home, hour - 48 * HOUR, end=hour)
    await remember(hass, home, hour - HOUR, end=slot, fine=True)
    await async_wait_recording_done(hass)
    yield Past(home, hour, slot)
    dt_util.set_default_time_zone(dt_util.UTC)


async def get(client: Client, path: str) -> Any:
    """Ask about the past."""
    answer = await client.get(f"/api/history/{path}")
    body = await answer.json()
    assert answer.status == HTTPStatus.OK, body
    return body


def query(start: datetime, end: datetime, period: str) -> str:
    """Write a query."""
    return f"?start={start:%Y-%m-%dT%H:%M:%SZ}&end={end:%Y-%m-%dT%H:%M:%SZ}&period={period}"


def written(at: datetime) -> str:
    """Write a time as the addresses do."""
    return rfc3339(at)


async def test_power_is_the_recorders_hours(client: Client, past: Past) -> None:
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
            "start": written(start),
            "mean": round(watts(start), 1),
            "min": watts(start) - 1,
            "max": watts(start) + 1,
        }


async def test_energy_is_what_the_counters_grew_by(client: Client, past: Past) -> None:
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
        assert [row["sum"] for row in series] == [GROWTH] * 24
    # No register counts what the house uses: an hour of its mean power does.
    assert load[5]["sum"] == round(watts(start + 5 * HOUR) / 1000, 3)


async def test_the_hour_that_is_not_over_is_there_too(
    client: Client, past: Past
) -> None:
    hour = past.hour
    body = await get(client, "energy" + query(hour - 2 * HOUR, hour + HOUR, "hour"))
    sums = [row["sum"] for row in body["series"]["pv"]]
    expected = [GROWTH, GROWTH, past.growth(hour)]
    assert sums == pytest.approx(expected, abs=0.002)


async def test_the_last_minutes_come_from_the_states(
    client: Client, past: Past
) -> None:
    body = await get(client, "power")
    assert body["period"] == "5minute"
    last = body["series"]["grid"][-1]
    latest = past.house.coordinator.latest
    assert latest
    assert last["start"] >= written(past.slot)
    assert last["mean"] == last["min"] == last["max"] == latest.power.grid
    starts = [row["start"] for row in body["series"]["grid"]]
    assert starts == sorted(set(starts))


async def test_days_and_months_are_those_of_the_house(
    client: Client, past: Past
) -> None:
    body = await get(client, "energy" + query(past.hour - 30 * HOUR, past.hour, "day"))
    rows = body["series"]["pv"]
    yesterday = past.day - 24 * HOUR
    assert [row["start"] for row in rows][-2:] == [
        written(yesterday),
        written(past.day),
    ]
    assert rows[-2]["sum"] == 24 * GROWTH
    months = await get(client, f"monthly/{past.day.astimezone(ZONE).year}")
    assert months[-1]["month"] == f"{past.hour.astimezone(ZONE):%Y-%m}"
    days = await get(client, "daily")
    assert days[-2]["pv_generation_kwh"] == 24 * GROWTH
    assert days[-1]["pv_generation_kwh"] == pytest.approx(
        past.growth(past.day), abs=0.01
    )


async def test_the_shorthands_have_the_followed_systems_rows(
    client: Client, past: Past
) -> None:
    hourly = {
        "timestamp",
        "battery_soc",
        "pv_energy_kwh",
        "grid_import_kwh",
        "grid_export_kwh",
        "battery_charge_kwh",
        "battery_discharge_kwh",
        "load_consumption_kwh",
    }
    rows = await get(client, "last-24-hours")
    assert set(rows[0]) == {
        "timestamp",
        "battery_soc",
        "battery_power",
        "grid_power",
        "pv_power",
        "load_power",
    }
    today = await get(client, "today")
    assert set(today[0]) == hourly
    assert today[0]["timestamp"] == written(past.day)
    yesterday = (past.day - HOUR).astimezone(ZONE).date()
    rows = await get(client, f"date/{yesterday}")
    assert len(rows) == 24
    assert rows[0]["timestamp"] == written(past.day - 24 * HOUR)
    assert rows[0]["pv_energy_kwh"] == GROWTH
    daily = await get(client, f"daily?start={yesterday}&end={yesterday}")
    assert [row["date"] for row in daily] == [f"{yesterday}"]
    assert daily[0]["grid_import_kwh"] == 24 * GROWTH
    assert await get(client, "monthly/1999") == []
    details = await (await client.get("/api/alphaess/pv-details")).json()
    assert details["energy"]["today"] == pytest.approx(past.growth(past.day), abs=0.01)


async def test_the_past_is_there_while_the_inverter_is_away(
    hass: HomeAssistant, client: Client, past: Past
) -> None:
    await lose(hass, past.house)
    body = await get(client, "power" + query(past.hour - 5 * HOUR, past.hour, "hour"))
    assert body["stale"] is True
    assert body["lastUpdate"] == rfc3339(
        past.house.coordinator.connection.last_success or past.hour
    )
    assert len(body["series"]["pv"]) == 5


async def test_loss_and_return_are_remembered(
    hass: HomeAssistant, client: Client, past: Past
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
    hass: HomeAssistant, past: Past, hass_client: Clients
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
    hass: HomeAssistant, client: Client, past: Past
) -> None:
    hour = past.hour
    first = hour - 366 * 24 * HOUR
    await remember(hass, past.house, first, end=hour - 49 * HOUR)
    asked: list[str] = []

    def note(*_: object) -> None:
        asked.append(threading.current_thread().name)

    engine = get_instance(hass).engine
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


@pytest.mark.parametrize(
    ("start", "end", "period"),
    [
        ("2026-03-09T12:00:00Z", "2026-03-10T12:00:00Z", "5minute"),
        ("2026-03-09T12:00:00+01:00", "2026-03-10T12:00:00.5+01:00", "hour"),
        ("2026-03-01 12:00:00z", "2026-03-10t12:00:00z", "hour"),
        ("2026-01-01T00:00:00Z", "2026-03-10T12:00:00Z", "day"),
    ],
)
@pytest.mark.parametrize("recorder_db_url", ["sqlite"], indirect=True)
async def test_the_period_follows_from_the_span(
    recorder_mock: Recorder, client: Client, start: str, end: str, period: str
) -> None:
    assert recorder_mock
    # The plus is not escaped, as people type it.
    body = await get(client, f"power?start={start}&end={end}")
    assert body["period"] == period


async def test_without_a_recorder_there_is_no_past(client: Client) -> None:
    answer = await client.get("/api/history/power")
    assert answer.status == HTTPStatus.SERVICE_UNAVAILABLE
    assert (await answer.json())["error"] == "history_unavailable"
    assert answer.headers["Retry-After"]
    details = await (await client.get("/api/alphaess/pv-details")).json()
    assert details["energy"]["today"] is None
