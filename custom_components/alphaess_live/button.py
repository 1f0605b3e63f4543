"""Start and stop a dispatch by hand, with what the numbers beside the buttons say; set the inverter's clock."""

from functools import partial
from typing import override

from homeassistant.components.button import ButtonEntity
from homeassistant.const import EntityCategory, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .alphaess.registers import Clock, DispatchOrder
from .control.clock import set_clock
from .control.manual import ManualAction, execute
from .control.options import has_controls
from .coordinator import AlphaEssConfigEntry, InverterCoordinator
from .entities.dynamic import EntityCandidate, add_when_available
from .entity import AlphaEssEntity
from .exceptions import translate_errors

PARALLEL_UPDATES = 1


async def async_setup_entry(
    _: HomeAssistant,
    entry: AlphaEssConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add a button for each order and one for the clock, where the user wants controls."""
    coordinator = entry.runtime_data
    clock = partial(ClockButton, coordinator, key := "set_clock")
    expected = (
        *(_order(coordinator, click) for click in ManualAction),
        EntityCandidate(key=key, part=Clock.name, make=clock),
    )
    wanted = has_controls(coordinator)
    add_when_available(
        coordinator, Platform.BUTTON, expected, add=async_add_entities, wanted=wanted
    )


def _order(coordinator: InverterCoordinator, click: ManualAction) -> EntityCandidate:
    key = f"dispatch_{click}"
    make = partial(DispatchButton, coordinator, key, click)
    return EntityCandidate(key=key, part=DispatchOrder.name, make=make)


class DispatchButton(AlphaEssEntity, ButtonEntity):
    """Gives one order; says so if the inverter does not take it."""

    def __init__(
        self, coordinator: InverterCoordinator, key: str, click: ManualAction
    ) -> None:
        """Remember what to order."""
        super().__init__(coordinator, key)
        self._click = click

    @override
    async def async_press(self) -> None:
        """Give the order, and wait until it is verified."""
        await execute(self._click, self.coordinator)


class ClockButton(AlphaEssEntity, ButtonEntity):
    """Sets the inverter's clock to the house's time: its periods follow that clock."""

    _attr_entity_category = EntityCategory.CONFIG
    _attr_entity_registry_enabled_default = False

    @override
    async def async_press(self) -> None:
        """Set the clock, and wait until it is verified."""
        with translate_errors():
            await set_clock(self.coordinator)
