"""Entities and recorded series of another AlphaESS integration that was used before."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from time import sleep, time
from typing import Any

from homeassistant.components.recorder.core import Recorder
from homeassistant.components.recorder.models import (
    StatisticData,
    StatisticMeanType,
    StatisticMetaData,
)
from homeassistant.components.recorder.statistics import (
    STATISTIC_UNIT_TO_UNIT_CONVERTER,
    async_import_statistics,
    statistics_during_period,
)
from homeassistant.core import Context, HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.recorder import get_instance
from homeassistant.util import dt as dt_util
import pytest
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
    do_adhoc_statistics,
)

from ..conftest import House, set_up

HOUR = timedelta(hours=1)
ENTRY = "01OLDENTRY"
"""The config entry of the other integration, gone or disabled by now."""


@dataclass(frozen=True, kw_only=True)
class Old:
    """An entity of the other integration."""

    unique_id: str
    entity_id: str
    unit: str
    platform: str = "alphaess_modbus"
    counts: bool = False


GRID = Old(
    unique_id=f"{ENTRY}_power_grid",
    entity_id="sensor.alphaess_grid_power_old",
    unit="W",
)
IMPORTED = Old(
    unique_id=f"{ENTRY}_total_energy_consumption_from_grid_meter",
    entity_id="sensor.alphaess_total_energy_consumption_from_grid",
    unit="kWh",
    counts=True,
)


@pytest.fixture(autouse=True)
def one_hour() -> None:
    """Do not start a test just before a full hour: hourly statistics would be compiled within it."""
    left = 3600 - time() % 3600
    if left < 20:
        sleep(left)


@pytest.fixture
async def home(
    hass: HomeAssistant,
    recorder_mock: Recorder,  # noqa: ARG001 - asked for, so that there is one
    house: House,
) -> House:
    """Load the entry of a house, with a recorder."""
    await set_up(hass, house)
    await async_wait_recording_done(hass)
    return house


def register(hass: HomeAssistant, old: Old) -> None:
    """Register an entity of the other integration, which does not provide it."""
    entry = er.async_get(hass).async_get_or_create(
        "sensor",
        old.platform,
        old.unique_id,
        suggested_object_id=old.entity_id.removeprefix("sensor."),
    )
    assert entry.entity_id == old.entity_id


async def record(
    hass: HomeAssistant, old: Old, values: Sequence[float], *, end: datetime
) -> None:
    """Record one value for each hour until the end, and a last state."""
    first = end - len(values) * HOUR
    rows = [
        StatisticData(start=first + n * HOUR, state=value, sum=value - values[0])
        if old.counts
        else StatisticData(start=first + n * HOUR, mean=value, min=value, max=value)
        for n, value in enumerate(values)
    ]
    async_import_statistics(hass, describe(old), rows)
    attributes = {"unit_of_measurement": old.unit}
    changed_at = end.timestamp() - 1
    hass.states.async_set(
        old.entity_id, str(values[-1]), attributes, timestamp=changed_at
    )
    hass.states.async_set(old.entity_id, "unavailable", timestamp=end.timestamp())
    await async_wait_recording_done(hass)
    hass.states.async_remove(old.entity_id)
    await async_wait_recording_done(hass)


def describe(old: Old) -> StatisticMetaData:
    """Describe the statistics of an old entity, as the recorder does."""
    mean = StatisticMeanType.NONE if old.counts else StatisticMeanType.ARITHMETIC
    converter = STATISTIC_UNIT_TO_UNIT_CONVERTER.get(old.unit)
    return StatisticMetaData(
        has_sum=old.counts,
        mean_type=mean,
        name=None,
        source="recorder",
        statistic_id=old.entity_id,
        unit_class=converter.UNIT_CLASS if converter else None,
        unit_of_measurement=old.unit,
    )


def hour(ago: int) -> datetime:
    """Return the start of the hour that was some hours ago."""
    now = dt_util.utcnow().replace(minute=0, second=0, microsecond=0)
    return now - ago * HOUR


async def migrate(
    hass: HomeAssistant, *, context: Context | None = None, **data: Any
) -> dict[str, Any]:
    """Call the action; return its result by old entity id."""
    answer: Any = await hass.services.async_call(
        "alphaess_live",
        "migrate",
        data,
        blocking=True,
        context=context,
        return_response=True,
    )
    await hass.async_block_till_done()
    return {move["entity_id"]: move for move in answer["entities"]}


async def series(
    hass: HomeAssistant, entity_id: str, *, period: Any = "hour"
) -> list[Any]:
    """Read a series of statistics as recorded; of the hours, those that are over.

    The recorder compiles the row of the current hour with its last five minutes: from :55
    on there would be one more row.
    """
    await async_wait_recording_done(hass)
    found = await get_instance(hass).async_add_executor_job(
        statistics_during_period,
        hass,
        hour(1000),
        hour(0) if period == "hour" else None,
        {entity_id},
        period,
        None,
        {"mean", "state", "sum"},
    )
    return found.get(entity_id, [])


async def compile_now(hass: HomeAssistant) -> None:
    """Compile the statistics of the current five minutes."""
    now = dt_util.utcnow()
    slot = now.replace(minute=now.minute // 5 * 5, second=0, microsecond=0)
    await async_wait_recording_done(hass)
    do_adhoc_statistics(hass, start=slot)
    await async_wait_recording_done(hass)
