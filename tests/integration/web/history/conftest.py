"""An inverter with recorded statistics, in SQLite and in PostgreSQL."""

from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any
from zoneinfo import ZoneInfo

from homeassistant.components.recorder.core import Recorder
from homeassistant.core import HomeAssistant
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)
from sqlalchemy import create_engine, text

from custom_components.alphaess_live.feed.messages import rfc3339

from ...conftest import House
from ..conftest import Client
from ..databases import find_postgres, postgres
from ..recorded_statistics import FIVE_MINUTES, HOUR, KWH_PER_HOUR, import_statistics

ZONE = ZoneInfo(f"Etc/GMT{datetime.now(UTC).hour - 14:+d}")
"""A time zone where it is two in the afternoon, because at midnight today has no rows yet."""


@pytest.fixture(scope="package")
def postgres_url() -> Iterator[str]:
    """Run a PostgreSQL server for these tests."""
    programs = find_postgres()
    if programs is None:
        pytest.skip("PostgreSQL is not installed (Debian: apt install postgresql)")
    with postgres(programs) as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def recorder_db_url(
    request: pytest.FixtureRequest, hass_fixture_setup: list[bool]
) -> str:
    """Return the URL of an empty database, of each kind in turn."""
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
class RecordedHouse:
    """An inverter with two days of hours and up to two hours of five minutes on record."""

    house: House
    hour: datetime
    compiled_until: datetime
    """The end of the newest five-minute statistics."""

    @property
    def day(self) -> datetime:
        """The start of the current local day."""
        local = self.hour.astimezone(ZONE)
        return local.replace(hour=0).astimezone(UTC)

    def growth(self, since: datetime) -> float:
        """Return the growth of every counter since then in kWh."""
        return (self.compiled_until - since) / HOUR * KWH_PER_HOUR


@pytest.fixture
async def recorded(
    recorder_mock: Recorder, hass: HomeAssistant, home: House
) -> AsyncIterator[RecordedHouse]:
    """Load the inverter and write its statistics."""
    assert recorder_mock
    await hass.config.async_set_time_zone(ZONE.key)
    now = dt_util.utcnow()
    hour = now.replace(minute=0, second=0, microsecond=0)
    compiled_until = hour + (now - hour) // FIVE_MINUTES * FIVE_MINUTES
    await import_statistics(hass, home, hour - 48 * HOUR, end=hour)
    await import_statistics(
        hass, home, hour - HOUR, end=compiled_until, five_minutes=True
    )
    await async_wait_recording_done(hass)
    yield RecordedHouse(home, hour, compiled_until)
    dt_util.set_default_time_zone(dt_util.UTC)


async def get(client: Client, path: str) -> Any:
    """Request a history path and return the body."""
    answer = await client.get(f"/api/history/{path}")
    body = await answer.json()
    assert answer.status == HTTPStatus.OK, body
    return body


def query(start: datetime, end: datetime, period: str) -> str:
    """Build the query of a time range."""
    return f"?start={start:%Y-%m-%dT%H:%M:%SZ}&end={end:%Y-%m-%dT%H:%M:%SZ}&period={period}"


def as_rfc3339(at: datetime) -> str:
    """Format a time as the API does."""
    return rfc3339(at)
