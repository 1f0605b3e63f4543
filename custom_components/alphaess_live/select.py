"""Selects: the dispatch that runs, and the active charging periods."""

from functools import partial
from typing import Any, override

from homeassistant.components.select import SelectEntity
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .alphaess.dispatch import BatteryAction, HoldBlock
from .alphaess.registers import ActivePeriods, DispatchOrder
from .control.manual import ManualAction, ManualDispatch
from .control.settings import current_schedule
from .entities.dynamic import EntityCandidate, add_controls_when_available
from .entities.schedule_entities import ScheduleEntity, schedule_entities
from .entity import ControlEntity
from .exceptions import translate_errors
from .runtime import AlphaEssConfigEntry

PARALLEL_UPDATES = 1

MANUAL_ACTIONS: dict[BatteryAction | HoldBlock, ManualAction] = {
    BatteryAction.IDLE: ManualAction.STOP,
    BatteryAction.CHARGING: ManualAction.CHARGE,
    BatteryAction.DISCHARGING: ManualAction.DISCHARGE,
    HoldBlock.BOTH: ManualAction.HOLD,
    HoldBlock.DISCHARGE: ManualAction.BLOCK_DISCHARGE,
    HoldBlock.CHARGE: ManualAction.BLOCK_CHARGE,
}
"""The action that starts each kind of dispatch; those of other programs have none."""


async def async_setup_entry(
    _: HomeAssistant,
    entry: AlphaEssConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the selects, if control is enabled."""
    runtime, part = entry.runtime_data, DispatchOrder.name
    make = partial(DispatchSelect, runtime.manual, key := "dispatch", context=part)
    add_controls_when_available(
        runtime.coordinator,
        Platform.SELECT,
        (
            EntityCandidate(key=key, part=part, make=make),
            *schedule_entities(runtime.controller, PeriodsSelect, "active_periods"),
        ),
        add=async_add_entities,
    )


class DispatchSelect(ControlEntity, SelectEntity):
    """The dispatch that the registers contain; selecting another one orders it."""

    _attr_entity_registry_enabled_default = False

    def __init__(self, manual: ManualDispatch, key: str, *, context: str) -> None:
        """Subscribe to the order's block."""
        super().__init__(manual.controller, key, context=context)
        self._manual = manual

    @property
    @override
    def options(self) -> list[str]:
        """All orders."""
        return [action.value for action in ManualAction]

    @property
    @override
    def current_option(self) -> str | None:
        """The order that runs; None for a grid target, whose orders change all the time."""
        dispatch = self.controller.dispatch
        if dispatch is None or dispatch.grid_target:
            return None
        return MANUAL_ACTIONS.get(dispatch.block or dispatch.battery_action)

    @override
    async def async_select_option(self, option: str) -> None:
        """Give the order, and wait until it is verified."""
        with translate_errors():
            await self._manual.execute(ManualAction(option), self.caller)


class PeriodsSelect(ScheduleEntity, SelectEntity):
    """Which of the charging periods are active."""

    @property
    @override
    def options(self) -> list[str]:
        """All combinations."""
        return [periods.value for periods in ActivePeriods]

    @property
    @override
    def current_option(self) -> str | None:
        """The setting of the inverter."""
        value: ActivePeriods | None = self.setting
        return value

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        """What is switched on, although no period of it has a length."""
        schedule = current_schedule(self.coordinator)
        return {"without_period": list(schedule.without_period) if schedule else []}

    @override
    async def async_select_option(self, option: str) -> None:
        """Activate periods, unless they overlap."""
        await self.write(ActivePeriods(option))
