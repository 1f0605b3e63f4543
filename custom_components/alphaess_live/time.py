"""Start and end of the charging periods."""

from datetime import time
from typing import override

from homeassistant.components.time import TimeEntity
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .alphaess.schedule import PERIOD_FIELDS
from .entities.dynamic import add_controls_when_available
from .entities.schedule_entities import ScheduleEntity, schedule_entities
from .runtime import AlphaEssConfigEntry

PARALLEL_UPDATES = 1


async def async_setup_entry(
    _: HomeAssistant,
    entry: AlphaEssConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add a time for each start and end of a period, if control is enabled."""
    runtime = entry.runtime_data
    add_controls_when_available(
        runtime.coordinator,
        Platform.TIME,
        schedule_entities(runtime.controller, PeriodTime, *PERIOD_FIELDS),
        add=async_add_entities,
    )


class PeriodTime(ScheduleEntity, TimeEntity):
    """Start or end of a period, by the inverter's clock.

    A period whose start equals its end is off, as in the inverter's own menu.
    """

    @property
    @override
    def native_value(self) -> time | None:
        """The setting of the inverter."""
        value: time | None = self.setting
        return value

    @override
    async def async_set_value(self, value: time) -> None:
        """Change this setting, unless the period then overlaps another one."""
        await self.write(value)
