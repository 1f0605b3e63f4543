"""Switches PV production while a dispatch of ours runs: at any other time the inverter ignores it."""

from functools import partial
from typing import Any, override

from homeassistant.components.switch import SwitchEntity
from homeassistant.const import Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .alphaess.dispatch import pv_enabled
from .alphaess.registers import DispatchDetail, DispatchOrder
from .control.dispatch_status import DispatchOwner
from .control.orders import switch_pv
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
    """Add the switch, if control is enabled."""
    runtime, key = entry.runtime_data, "dispatch_pv"
    # Its state depends on the owner of the order, too: it follows the order's block.
    make = partial(
        DispatchPvSwitch, runtime.controller, key, context=DispatchOrder.name
    )
    add_controls_when_available(
        runtime.coordinator,
        Platform.SWITCH,
        [EntityCandidate(key=key, part=DispatchDetail.name, make=make)],
        add=async_add_entities,
    )


class DispatchPvSwitch(ControlEntity, SwitchEntity):
    """The PV switch that the registers contain."""

    _attr_entity_registry_enabled_default = False

    @property
    @override
    def available(self) -> bool:
        """Whether a dispatch of ours runs: otherwise the register has no effect."""
        is_ours = self.controller.owner is DispatchOwner.OURS
        return super().available and is_ours and self.is_on is not None

    @property
    @override
    def is_on(self) -> bool | None:
        """Whether PV may produce."""
        return pv_enabled(self.controller.detail)

    @override
    async def async_turn_on(self, **_: Any) -> None:
        """Switch PV on, and wait until it is verified."""
        await self._switch(on=True)

    @override
    async def async_turn_off(self, **_: Any) -> None:
        """Switch PV off, and wait until it is verified."""
        await self._switch(on=False)

    async def _switch(self, *, on: bool) -> None:
        with translate_errors():
            await switch_pv(self.controller, on=on, context=self.caller)
