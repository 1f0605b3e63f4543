"""Recorded statistics for the tests, written directly to the database of the recorder."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from math import sin

from homeassistant.components.recorder import db_schema
from homeassistant.components.recorder.models import (
    StatisticData,
    StatisticMeanType,
    StatisticMetaData,
)
from homeassistant.components.recorder.statistics import async_import_statistics
from homeassistant.core import HomeAssistant
from homeassistant.helpers.recorder import get_instance, session_scope
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
)
from sqlalchemy import insert

from ..conftest import House

POWER = ("battery_power", "pv_power", "grid_power", "load_power", "battery_soc")
ENERGY = (
    "pv_energy_total",
    "grid_import_energy_total",
    "grid_export_energy_total",
    "battery_charge_energy_total",
    "battery_discharge_energy_total",
)
KWH_PER_HOUR = 0.25
"""Growth of each counter."""

HOUR = timedelta(hours=1)
FIVE_MINUTES = timedelta(minutes=5)


COUNTER_START = datetime(2020, 1, 1, tzinfo=UTC)
"""The time at which every counter was 0."""


def counter_at(at: datetime) -> float:
    """Return the value of every counter in kWh."""
    return (at - COUNTER_START) / HOUR * KWH_PER_HOUR


def power_at(at: datetime) -> float:
    """Return the mean of every power in the hour from this time."""
    return round(1000 * sin(at.timestamp() / 86400), 3)


async def import_statistics(
    hass: HomeAssistant,
    house: House,
    start: datetime,
    *,
    end: datetime,
    keys: Iterable[str] = POWER + ENERGY,
    five_minutes: bool = False,
) -> None:
    """Write statistics for each hour, or for each five minutes, from start to end."""
    ids = {key: house.entity_id(hass, key) for key in keys}
    if not five_minutes:
        for key, entity in ids.items():
            _describe(hass, entity, energy=key in ENERGY, first=start)
    await async_wait_recording_done(hass)
    instance = get_instance(hass)
    await instance.async_add_executor_job(_write, hass, ids, (start, end), five_minutes)


def _describe(
    hass: HomeAssistant, entity: str, *, energy: bool, first: datetime
) -> None:
    """Create the metadata of a series, with the hour before the first one."""
    unit = "kWh" if energy else "%" if entity.endswith(("soc", "charge")) else "W"
    classes = {"kWh": "energy", "W": "power", "%": "unitless"}
    metadata = StatisticMetaData(
        has_sum=energy,
        mean_type=StatisticMeanType.NONE if energy else StatisticMeanType.ARITHMETIC,
        name=None,
        source="recorder",
        statistic_id=entity,
        unit_class=classes[unit],
        unit_of_measurement=unit,
    )
    row = StatisticData(start=first - HOUR, mean=0, min=0, max=0)
    if energy:
        row = StatisticData(
            start=first - HOUR, state=counter_at(first), sum=counter_at(first)
        )
    async_import_statistics(hass, metadata, [row])


def _write(
    hass: HomeAssistant,
    ids: Mapping[str, str],
    span: tuple[datetime, datetime],
    five_minutes: bool,  # noqa: FBT001 - an executor passes no names
) -> None:
    table = db_schema.StatisticsShortTerm if five_minutes else db_schema.Statistics
    step = FIVE_MINUTES if five_minutes else HOUR
    manager = get_instance(hass).statistics_meta_manager
    with session_scope(hass=hass) as session:
        known = manager.get_many(session, statistic_ids=set(ids.values()))
        rows = []
        for key, entity in ids.items():
            at = span[0]
            while at < span[1]:
                row = {
                    "mean": power_at(at),
                    "min": power_at(at) - 1,
                    "max": power_at(at) + 1,
                }
                if key in ENERGY:
                    row = {"state": counter_at(at + step), "sum": counter_at(at + step)}
                row |= {
                    "metadata_id": known[entity][0],
                    "start_ts": at.timestamp(),
                    "created_ts": at.timestamp(),
                }
                rows.append(row)
                at += step
            session.execute(insert(table), rows)
            rows.clear()
