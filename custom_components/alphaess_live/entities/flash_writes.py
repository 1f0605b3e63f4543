"""Sensor of the settings written today: the inverter's flash wears out with each write."""

from datetime import datetime
from functools import partial
from typing import override

from homeassistant.components.sensor import SensorEntity, SensorStateClass
from homeassistant.const import EntityCategory
from homeassistant.core import callback
from homeassistant.helpers.event import async_track_time_change

from ..alphaess.write_policy import SETTING_ADDRESSES
from ..control.controller import InverterController
from ..control.options import has_controls
from ..entity import ControlEntity
from .dynamic import EntityCandidate

_KEY = "settings_written_today"


def flash_writes_sensors(controller: InverterController) -> list[EntityCandidate]:
    """List the sensor, where controls are on and the inverter has settings, polled or not."""

    def is_settable() -> bool:
        served = controller.coordinator.inverter.served_blocks
        addresses = {address for block in served for address in block.addresses()}
        return any(addresses & set(setting) for setting in SETTING_ADDRESSES)

    if not has_controls(controller.coordinator):
        return []
    make = partial(FlashWritesSensor, controller, _KEY)
    return [EntityCandidate(key=_KEY, is_available=is_settable, make=make)]


class FlashWritesSensor(ControlEntity, SensorEntity):
    """Counts from local midnight, also while the inverter is disconnected."""

    _attr_entity_category = EntityCategory.DIAGNOSTIC
    _attr_entity_registry_enabled_default = False
    _attr_state_class = SensorStateClass.TOTAL_INCREASING

    @override
    async def async_added_to_hass(self) -> None:
        """Update the state at midnight, when the count is reset.

        Checked each hour: where the clocks are set forward at midnight, the day starts at one.
        """
        await super().async_added_to_hass()
        every_hour = async_track_time_change(
            self.hass, self._on_hour, minute=0, second=0
        )
        self.async_on_remove(every_hour)

    @callback
    def _on_hour(self, _: datetime) -> None:
        self.async_write_ha_state()

    @property
    @override
    def available(self) -> bool:
        """Always, because the count is ours."""
        return True

    @property
    @override
    def native_value(self) -> int:
        """The writes of today that have reached the flash or may have."""
        return self.controller.flash_writes.count
