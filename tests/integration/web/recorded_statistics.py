"""A past for the recorder: statistics as it would have made them, written in one go."""

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
"""kWh that each counter grows in an hour."""

HOUR = timedelta(hours=1)
SLOT = timedelta(minutes=5)


BEGINNING = datetime(2020, 1, 1, tzinfo=UTC)
"""When every counter stood at 0."""


def counter_at(at: datetime) -> float:
    """Say how far every counter has come, in kWh."""
    return (at - BEGINNING) / HOUR * KWH_PER_HOUR


def power_at(at: datetime) -> float:
    """Say what every power was in an hour."""
    return round(1000 * sin(at.timestamp() / 86400), 3)


async def import_statistics(
    hass: HomeAssistant,
    house: House,
    start: datetime,
    *,
    end: datetime,
    keys: Iterable[str] = POWER + ENERGY,
    fine: bool = False,
) -> None:
    """Write statistics for each hour, or else for each five minutes, from start to end."""
    ids = {key: house.entity_id(hass, key) for key in keys}
    if not fine:
        for key, entity in ids.items():
            _describe(hass, entity, energy=key in ENERGY, first=start)
    await async_wait_recording_done(hass)
    instance = get_instance(hass)
    await instance.async_add_executor_job(_write, hass, ids, (start, end), fine)


def _describe(
    hass: HomeAssistant, entity: str, *, energy: bool, first: datetime
) -> None:
    """Let the recorder know the series: by its first hour, which is older than the rest."""
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
    fine: bool,  # noqa: FBT001 - an executor passes no names
) -> None:
    table = db_schema.StatisticsShortTerm if fine else db_schema.Statistics
    step = SLOT if fine else HOUR
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
