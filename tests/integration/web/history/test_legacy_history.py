"""The rows of the legacy history paths."""

from datetime import datetime

from freezegun import freeze_time
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest

from custom_components.alphaess_live.web.legacy_history import _rates

from ...conftest import House, set_up
from ..conftest import Client, Clients, create_token
from ..recorded_statistics import HOUR, KWH_PER_HOUR
from .conftest import ZONE, RecordedHouse, as_rfc3339, get, query


async def test_days_and_months_are_local(
    client: Client, recorded: RecordedHouse
) -> None:
    body = await get(
        client, "energy" + query(recorded.hour - 30 * HOUR, recorded.hour, "day")
    )
    rows = body["series"]["pv"]
    yesterday = recorded.day - 24 * HOUR
    assert [row["start"] for row in rows][-2:] == [
        as_rfc3339(yesterday),
        as_rfc3339(recorded.day),
    ]
    assert rows[-2]["sum"] == 24 * KWH_PER_HOUR
    months = await get(client, f"monthly/{recorded.day.astimezone(ZONE).year}")
    assert months[-1]["month"] == f"{recorded.hour.astimezone(ZONE):%Y-%m}"
    days = await get(client, "daily")
    assert days[-2]["pv_generation_kwh"] == 24 * KWH_PER_HOUR
    assert days[-1]["pv_generation_kwh"] == pytest.approx(
        recorded.growth(recorded.day), abs=0.01
    )


async def test_legacy_paths_have_the_legacy_rows(
    client: Client, recorded: RecordedHouse
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
    assert today[0]["timestamp"] == as_rfc3339(recorded.day)
    yesterday = (recorded.day - HOUR).astimezone(ZONE).date()
    rows = await get(client, f"date/{yesterday}")
    assert len(rows) == 24
    assert rows[0]["timestamp"] == as_rfc3339(recorded.day - 24 * HOUR)
    assert rows[0]["pv_energy_kwh"] == KWH_PER_HOUR
    daily = await get(client, f"daily?start={yesterday}&end={yesterday}")
    assert [row["date"] for row in daily] == [f"{yesterday}"]
    assert daily[0]["grid_import_kwh"] == 24 * KWH_PER_HOUR
    assert await get(client, "monthly/1999") == []
    details = await (await client.get("/api/alphaess/pv-details")).json()
    assert details["energy"]["today"] == pytest.approx(
        recorded.growth(recorded.day), abs=0.01
    )


@pytest.mark.parametrize("recorder_db_url", ["sqlite"], indirect=True)
async def test_hour_that_contains_midnight_belongs_to_one_day(
    hass: HomeAssistant, client: Client, recorded: RecordedHouse
) -> None:
    await hass.config.async_set_time_zone("Asia/Kolkata")
    zone = dt_util.get_default_time_zone()
    yesterday = (recorded.hour - 24 * HOUR).astimezone(zone).date()
    rows = await get(client, f"date/{yesterday}")
    begun = [datetime.fromisoformat(row["timestamp"]).astimezone(zone) for row in rows]
    assert {one.date() for one in begun} == {yesterday}
    assert len(rows) == 24
    [day] = await get(client, f"daily?start={yesterday}&end={yesterday}")
    assert day["grid_import_kwh"] == sum(row["grid_import_kwh"] for row in rows)


@pytest.mark.parametrize(
    ("row", "consumption", "sufficiency"),
    [
        ((10, 4, 20, 5), 60.0, 75.0),
        ((3, 1, 3, 2), 66.7, 33.3),
        ((0, 0, 0, 0), None, None),
        ((5, 6, 5, 6), 0, 0),
        ((5, None, None, 1), None, None),
    ],
)
def test_rates_of_a_day_are_shares_of_generation_and_load(
    row: tuple[float, ...], consumption: float | None, sufficiency: float | None
) -> None:
    names = ("pv_generation", "grid_export", "load_consumption", "grid_import")
    content = {f"{name}_kwh": value for name, value in zip(names, row, strict=True)}
    assert _rates(content) == {
        "self_consumption_rate": consumption,
        "self_sufficiency_rate": sufficiency,
    }


@pytest.mark.parametrize("recorder_db_url", ["sqlite"], indirect=True)
async def test_summary_of_today_is_the_row_of_the_day(
    hass: HomeAssistant, client: Client, recorded: RecordedHouse, other_house: House
) -> None:
    today = recorded.day.astimezone(ZONE).date()
    now = (
        dt_util.utcnow()
    )  # The load of today grows with the time: all answers are of one moment.
    with freeze_time(now, real_asyncio=True):
        summary = await get(client, "today?summary=1")
        rows = await get(client, f"daily?start={today}&end={today}")
    await set_up(hass, other_house)
    with freeze_time(now, real_asyncio=True):
        both = await get(client, "today?summary=1")
    assert summary["date"] == f"{today}"
    assert [summary] == rows
    load, imported = summary["load_consumption_kwh"], summary["grid_import_kwh"]
    rate = min(max(100 - 100 * imported / load, 0), 100)
    assert summary["self_sufficiency_rate"] == pytest.approx(rate, abs=0.1)
    mine, theirs = both.pop("inverters")
    assert both == summary
    assert mine == {"serial": recorded.house.identity.serial} | summary
    assert theirs["serial"] == other_house.identity.serial


@pytest.mark.parametrize("recorder_db_url", ["sqlite"], indirect=True)
async def test_summary_without_permission_is_empty(
    hass: HomeAssistant,
    recorded: RecordedHouse,
    other_house: House,
    hass_client: Clients,
) -> None:
    assert recorded
    client = await hass_client(await create_token(hass, {}))
    assert await get(client, "today?summary=1") == {}
    await set_up(hass, other_house)
    assert await get(client, "today?summary=1") == {"inverters": []}
