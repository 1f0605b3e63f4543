"""Start and stop a dispatch by hand: with what the numbers beside the buttons say."""

from typing import override

from homeassistant.components.button import ButtonEntity
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .clicks import Click, obey
from .coordinator import AlphaEssConfigEntry, InverterCoordinator
from .entity import AlphaEssEntity
from .permission import offers_controls

PARALLEL_UPDATES = 1


async def async_setup_entry(
    _: HomeAssistant,
    entry: AlphaEssConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add a button for each order, where the user wants controls."""
    coordinator = entry.runtime_data
    if offers_controls(coordinator):
        async_add_entities(DispatchButton(coordinator, click) for click in Click)


class DispatchButton(AlphaEssEntity, ButtonEntity):
    """Gives one order; says so if the inverter does not take it."""

    def __init__(self, coordinator: InverterCoordinator, click: Click) -> None:
        """Remember what to order."""
        super().__init__(coordinator, f"dispatch_{click}")
        self._click = click

    @override
    async def async_press(self) -> None:
        """Give the order, and wait until it is verified."""
        await obey(self._click, self.coordinator)
