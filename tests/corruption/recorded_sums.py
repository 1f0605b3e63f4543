"""Replays states of energy sensors into a real recorder, and returns the sums that it compiles."""

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from typing import Any

from freezegun import freeze_time
from homeassistant.components.recorder.statistics import statistics_during_period
from homeassistant.components.sensor.const import SensorStateClass
from homeassistant.const import UnitOfEnergy
from homeassistant.core import HomeAssistant
from homeassistant.helpers.recorder import get_instance
from homeassistant.setup import async_setup_component
from pytest_homeassistant_custom_component.components.recorder.common import (
    async_wait_recording_done,
    do_adhoc_statistics,
)

START = datetime(2026, 1, 1, tzinfo=UTC)
SLOT = timedelta(minutes=5)
_ATTRIBUTES = {
    "state_class": SensorStateClass.TOTAL_INCREASING,
    "device_class": "energy",
    "unit_of_measurement": UnitOfEnergy.KILO_WATT_HOUR,
}


async def recorded_sums(
    hass: HomeAssistant, series: Iterable[tuple[timedelta, str, str]]
) -> dict[str, float]:
    """Record states (time since the beginning, entity id, state); return the compiled sums in kWh."""
    # Its statistics platform compiles them.
    assert await async_setup_component(hass, "sensor", {})
    end = START
    for since, entity_id, state in sorted(series, key=lambda one: one[0]):
        end = START + since
        with freeze_time(end):
            hass.states.async_set(entity_id, state, _ATTRIBUTES)
    await async_wait_recording_done(hass)
    start = START
    while start <= end:
        do_adhoc_statistics(hass, start=start)
        start += SLOT
    await async_wait_recording_done(hass)
    found: dict[str, list[Any]] = await get_instance(hass).async_add_executor_job(
        statistics_during_period, hass, START, None, None, "5minute", None, {"sum"}
    )
    return {entity_id: rows[-1]["sum"] for entity_id, rows in found.items()}
