"""Starts and stops a dispatch with the setpoints of the number entities, and sets the inverter's clock."""

from functools import partial
from typing import override

from homeassistant.components.button import ButtonEntity
from homeassistant.const import EntityCategory, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .alphaess.registers import Clock, DispatchOrder
from .control.clock import set_clock
from .control.manual import ManualAction, ManualDispatch
from .entities.dynamic import EntityCandidate, add_controls_when_available
from .entity import ControlEntity
from .exceptions import translate_errors
from .runtime import AlphaEssConfigEntry

PARALLEL_UPDATES = 1


async def async_setup_entry(
    _: HomeAssistant,
    entry: AlphaEssConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add a button for each order and one for the clock, if control is enabled."""
    runtime = entry.runtime_data
    clock = partial(ClockButton, runtime.controller, key := "set_clock")
    add_controls_when_available(
        runtime.coordinator,
        Platform.BUTTON,
        (
            *(_candidate(runtime.manual, action) for action in ManualAction),
            EntityCandidate(key=key, part=Clock.name, make=clock),
        ),
        add=async_add_entities,
    )


ENABLED = (
    ManualAction.CHARGE,
    ManualAction.DISCHARGE,
    ManualAction.HOLD,
    ManualAction.STOP,
)
"""The buttons that are enabled by default."""


def _candidate(manual: ManualDispatch, action: ManualAction) -> EntityCandidate:
    key = f"dispatch_{action}"
    make = partial(DispatchButton, manual, key, action)
    return EntityCandidate(key=key, part=DispatchOrder.name, make=make)


class DispatchButton(ControlEntity, ButtonEntity):
    """Gives one order; raises an error if the inverter does not apply it."""

    def __init__(self, manual: ManualDispatch, key: str, action: ManualAction) -> None:
        """Store the action of this button."""
        super().__init__(manual.controller, key)
        self._manual = manual
        self._action = action
        self._attr_entity_registry_enabled_default = action in ENABLED

    @override
    async def async_press(self) -> None:
        """Give the order, and wait until it is verified."""
        with translate_errors():
            await self._manual.execute(self._action, self.caller)


class ClockButton(ControlEntity, ButtonEntity):
    """Sets the inverter's clock to local time: its charging periods follow that clock."""

    _attr_entity_category = EntityCategory.CONFIG
    _attr_entity_registry_enabled_default = False

    @override
    async def async_press(self) -> None:
        """Set the clock, and wait until it is verified."""
        with translate_errors():
            await set_clock(self.controller, self.caller)
