"""What may be asked of the past, and what is said where there is none."""

from datetime import timedelta
from http import HTTPStatus

from homeassistant.components.recorder.core import Recorder
from homeassistant.components.recorder.tasks import StopTask
from homeassistant.core import HomeAssistant
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
async def test_the_period_follows_from_the_span(
    recorder_mock: Recorder, client: Client, start: str, end: str, period: str
) -> None:
    assert recorder_mock
    # The plus is not escaped, as people type it.
    body = await get(client, f"power?start={start}&end={end}")
    assert body["period"] == period


@pytest.mark.parametrize("recorder_db_url", ["sqlite"], indirect=True)
async def test_a_day_is_told_in_five_minutes_for_as_long_as_they_are_kept(
    recorder_mock: Recorder, client: Client
) -> None:
    assert recorder_mock
    for age, period in ((0, "5minute"), (8, "5minute"), (12, "hour")):
        end = dt_util.utcnow() - timedelta(days=age)
        body = await get(client, f"power?end={end:%Y-%m-%dT%H:%M:%SZ}")
        assert body["period"] == period


async def test_without_a_recorder_there_is_no_past(client: Client) -> None:
    answer = await client.get("/api/history/power")
    assert answer.status == HTTPStatus.SERVICE_UNAVAILABLE
    assert (await answer.json())["error"] == "history_unavailable"
    assert answer.headers["Retry-After"]
    details = await (await client.get("/api/alphaess/pv-details")).json()
    assert details["energy"]["today"] is None


@pytest.mark.parametrize("recorder_db_url", ["sqlite"], indirect=True)
async def test_a_recorder_that_has_ended_has_no_past(
    recorder_mock: Recorder, hass: HomeAssistant, client: Client
) -> None:
    recorder_mock.queue_task(StopTask())
    await hass.async_add_executor_job(recorder_mock.join)
    for path in ("power", "connection", "today"):
        answer = await client.get(f"/api/history/{path}")
        assert answer.status == HTTPStatus.SERVICE_UNAVAILABLE
        assert (await answer.json())["error"] == "history_unavailable"
    details = await client.get("/api/alphaess/pv-details")
    assert details.status == HTTPStatus.OK
