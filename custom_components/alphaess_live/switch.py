"""A switch for the panels, there while a dispatch of ours runs: only then does the inverter listen."""

from functools import partial
from typing import Any, override

from homeassistant.components.switch import SwitchEntity
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .alphaess.dispatch import pv_enabled
from .alphaess.registers import DispatchDetail, DispatchOrder
from .control.controller import DispatchOwner, controller_of
from .control.options import has_controls
from .control.pv_switch import switch_pv
from .coordinator import AlphaEssConfigEntry
from .entities.dynamic import EntityCandidate, add_when_available
from .entity import AlphaEssEntity
from .exceptions import translate_errors

PARALLEL_UPDATES = 1


async def async_setup_entry(
    _: HomeAssistant,
    entry: AlphaEssConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the switch, where the user wants controls."""
    coordinator = entry.runtime_data
    # The order tells of both: whose it is, and what it says of the panels.
    make = partial(
        DispatchPvSwitch, coordinator, key := "dispatch_pv", context=DispatchOrder.name
    )
    add_when_available(
        coordinator,
        Platform.SWITCH,
        [EntityCandidate(key=key, part=DispatchDetail.name, make=make)],
        add=async_add_entities,
        wanted=has_controls(coordinator),
    )


class DispatchPvSwitch(AlphaEssEntity, SwitchEntity):
    """Shows what the inverter says, never what was merely asked for."""

    _attr_entity_registry_enabled_default = False

    @property
    @override
    def available(self) -> bool:
        """Whether a dispatch of ours runs: at any other time the register means nothing."""
        ours = controller_of(self.coordinator).owner is DispatchOwner.OURS
        return super().available and ours and self.is_on is not None

    @property
    @override
    def is_on(self) -> bool | None:
        """Whether the panels may produce."""
        return pv_enabled(controller_of(self.coordinator).detail)

    @override
    async def async_turn_on(self, **_: Any) -> None:
        """Let the panels produce again, and wait until it is verified."""
        await self._switch(on=True)

    @override
    async def async_turn_off(self, **_: Any) -> None:
        """Switch the panels off, and wait until it is verified."""
        await self._switch(on=False)

    async def _switch(self, *, on: bool) -> None:
        with translate_errors():
            await switch_pv(self.coordinator, on=on)
