"""The time range and period of a history request."""

from datetime import timedelta
from http import HTTPStatus

from homeassistant.components.recorder.core import Recorder
from homeassistant.util import dt as dt_util
import pytest

from ..conftest import Client
from .conftest import get


@pytest.mark.parametrize(
    ("start", "end", "period"),
    [
        ("2026-03-09T12:00:00Z", "2026-03-10T12:00:00Z", "hour"),
        ("2026-03-09T12:00:00+01:00", "2026-03-10T12:00:00.5+01:00", "hour"),
        ("2026-03-01 12:00:00z", "2026-03-10t12:00:00z", "hour"),
        ("2026-01-01T00:00:00Z", "2026-03-10T12:00:00Z", "day"),
    ],
)
@pytest.mark.parametrize("recorder_db_url", ["sqlite"], indirect=True)
async def test_period_depends_on_the_length(
    recorder_mock: Recorder, client: Client, start: str, end: str, period: str
) -> None:
    assert recorder_mock
    # The plus sign is not escaped, as it is typed by hand.
    body = await get(client, f"power?start={start}&end={end}")
    assert body["period"] == period


@pytest.mark.parametrize("recorder_db_url", ["sqlite"], indirect=True)
async def test_day_has_five_minutes_for_as_long_as_they_are_kept(
    recorder_mock: Recorder, client: Client
) -> None:
    assert recorder_mock
    for age, period in ((0, "5minute"), (8, "5minute"), (12, "hour")):
        end = dt_util.utcnow() - timedelta(days=age)
        body = await get(client, f"power?end={end:%Y-%m-%dT%H:%M:%SZ}")
        assert body["period"] == period


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
async def test_invalid_time_is_named(
    recorder_mock: Recorder, client: Client, path: str, field: str
) -> None:
    assert recorder_mock
    answer = await client.get(f"/api/history/{path}")
    assert answer.status == HTTPStatus.BAD_REQUEST
    body = await answer.json()
    assert (body["error"], body["field"]) == ("invalid_request", field)
    assert body["message"]
