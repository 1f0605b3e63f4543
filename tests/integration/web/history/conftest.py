"""A house with a past, in a recorder with SQLite and one with PostgreSQL."""

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

from custom_components.alphaess_live.feed.serialize import rfc3339

from ...conftest import House
from ..conftest import Client
from ..databases import find_postgres, postgres
from ..recorded_statistics import HOUR, KWH_PER_HOUR, SLOT, import_statistics

ZONE = ZoneInfo(f"Etc/GMT{datetime.now(UTC).hour - 14:+d}")
"""Where it is two in the afternoon: at midnight, today has no rows yet."""


@pytest.fixture(scope="package")
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
class RecordedHouse:
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
        return (self.slot - since) / HOUR * KWH_PER_HOUR


@pytest.fixture
async def past(
    recorder_mock: Recorder, hass: HomeAssistant, home: House
) -> AsyncIterator[RecordedHouse]:
    """Give the house its past."""
    assert recorder_mock
    await hass.config.async_set_time_zone(ZONE.key)
    now = dt_util.utcnow()
    hour = now.replace(minute=0, second=0, microsecond=0)
    slot = hour + (now - hour) // SLOT * SLOT
    await import_statistics(hass, home, hour - 48 * HOUR, end=hour)
    await import_statistics(hass, home, hour - HOUR, end=slot, fine=True)
    await async_wait_recording_done(hass)
    yield RecordedHouse(home, hour, slot)
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


def as_rfc3339(at: datetime) -> str:
    """Write a time as the addresses do."""
    return rfc3339(at)
