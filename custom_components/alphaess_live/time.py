"""When the charging periods begin and end."""

from datetime import time
from typing import override

from homeassistant.components.time import TimeEntity
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .alphaess.schedule import PERIOD_FIELDS
from .control.options import has_controls
from .coordinator import AlphaEssConfigEntry
from .entities.dynamic import add_when_available
from .entities.schedule_entities import ScheduleEntity, schedule_entities

PARALLEL_UPDATES = 1


async def async_setup_entry(
    _: HomeAssistant,
    entry: AlphaEssConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add a time for each end of a period, where the user wants controls."""
    coordinator = entry.runtime_data
    ends = schedule_entities(coordinator, PeriodTime, *PERIOD_FIELDS)
    wanted = has_controls(coordinator)
    add_when_available(
        coordinator, Platform.TIME, ends, add=async_add_entities, wanted=wanted
    )


class PeriodTime(ScheduleEntity, TimeEntity):
    """One end of a period, by the inverter's clock."""

    @property
    @override
    def native_value(self) -> time | None:
        """What the inverter says."""
        value: time | None = self.set_to
        return value

    @override
    async def async_set_value(self, value: time) -> None:
        """Move this end, if the period then overlaps with no other one."""
        await self.set(value)
