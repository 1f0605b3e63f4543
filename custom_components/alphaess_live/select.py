"""Choices: what the battery is told to do now, and which charging periods it keeps to."""

from functools import partial
from typing import override

from homeassistant.components.select import SelectEntity
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .alphaess.dispatch import BatteryAction
from .alphaess.registers import ActivePeriods, DispatchOrder
from .control.dispatch_status import current_dispatch
from .control.manual import ManualAction, execute
from .control.options import has_controls
from .coordinator import AlphaEssConfigEntry
from .entities.dynamic import EntityCandidate, add_when_available
from .entities.schedule_entities import ScheduleEntity, schedule_entities
from .entity import AlphaEssEntity

PARALLEL_UPDATES = 1

ACTION_OF_MODE = {
    BatteryAction.IDLE: ManualAction.STOP,
    BatteryAction.CHARGING: ManualAction.CHARGE,
    BatteryAction.DISCHARGING: ManualAction.DISCHARGE,
    BatteryAction.HOLDING: ManualAction.HOLD,
}
"""The click that brings about what runs; a mode that is none of ours has none."""


async def async_setup_entry(
    _: HomeAssistant,
    entry: AlphaEssConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the selects, where the user wants controls."""
    coordinator = entry.runtime_data
    part = DispatchOrder.name
    dispatch = partial(DispatchSelect, coordinator, key := "dispatch", context=part)
    expected = (
        EntityCandidate(key=key, part=part, make=dispatch),
        *schedule_entities(coordinator, PeriodsSelect, "active_periods"),
    )
    wanted = has_controls(coordinator)
    add_when_available(
        coordinator, Platform.SELECT, expected, add=async_add_entities, wanted=wanted
    )


class DispatchSelect(AlphaEssEntity, SelectEntity):
    """Shows what the inverter says that it does, never what was merely asked for."""

    _attr_entity_registry_enabled_default = False

    @property
    @override
    def options(self) -> list[str]:
        """What may run."""
        return [click.value for click in ManualAction]

    @property
    @override
    def current_option(self) -> str | None:
        """What runs now."""
        told = current_dispatch(self.coordinator)
        return ACTION_OF_MODE.get(told.battery_action) if told else None

    @override
    async def async_select_option(self, option: str) -> None:
        """Give the order, and wait until it is verified."""
        await execute(ManualAction(option), self.coordinator)


class PeriodsSelect(ScheduleEntity, SelectEntity):
    """Which of the charging periods are on."""

    @property
    @override
    def options(self) -> list[str]:
        """What may be on."""
        return [periods.value for periods in ActivePeriods]

    @property
    @override
    def current_option(self) -> str | None:
        """What the inverter says."""
        value: ActivePeriods | None = self.set_to
        return value

    @override
    async def async_select_option(self, option: str) -> None:
        """Switch periods on and off, if those that are on do not overlap."""
        await self.set(ActivePeriods(option))
