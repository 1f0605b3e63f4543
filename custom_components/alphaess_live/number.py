"""Setpoints of the dispatch buttons, kept by Home Assistant; and settings that the inverter keeps."""

from collections.abc import Iterator
from functools import partial
from math import isfinite
from typing import override

from homeassistant.components.number import (
    NumberDeviceClass,
    NumberEntityDescription,
    NumberMode,
    RestoreNumber,
)
from homeassistant.const import (
    EntityCategory,
    Platform,
    UnitOfPower,
    UnitOfRatio,
    UnitOfTime,
)
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .alphaess.dispatch import (
    DURATION_RANGE_SECONDS,
    MAX_SOC_PERCENT,
    MIN_SOC_PERCENT,
    POWER_RANGE_WATTS,
    require_range,
)
from .alphaess.registers import DispatchOrder
from .control.manual import SECONDS_PER_MINUTE, ManualDispatch, Setpoint
from .entities.dynamic import EntityCandidate, add_controls_when_available
from .entities.schedule_entities import setting_numbers
from .entity import ControlEntity
from .exceptions import translate_errors
from .runtime import AlphaEssConfigEntry

PARALLEL_UPDATES = 1


def _target(setpoint: Setpoint) -> NumberEntityDescription:
    return NumberEntityDescription(
        key=setpoint,
        device_class=NumberDeviceClass.BATTERY,
        native_min_value=MIN_SOC_PERCENT,
        native_max_value=MAX_SOC_PERCENT,
        native_step=1,
        native_unit_of_measurement=UnitOfRatio.PERCENTAGE,
        mode=NumberMode.SLIDER,
    )


def _power(max_power: int) -> NumberEntityDescription:
    return NumberEntityDescription(
        key=Setpoint.POWER,
        device_class=NumberDeviceClass.POWER,
        native_min_value=100,
        native_max_value=max_power,
        native_step=100,
        native_unit_of_measurement=UnitOfPower.WATT,
        mode=NumberMode.BOX,
    )


_DURATION = NumberEntityDescription(
    key=Setpoint.DURATION,
    device_class=NumberDeviceClass.DURATION,
    native_min_value=DURATION_RANGE_SECONDS[0] // SECONDS_PER_MINUTE,
    native_max_value=DURATION_RANGE_SECONDS[-1] // SECONDS_PER_MINUTE,
    native_step=1,
    native_unit_of_measurement=UnitOfTime.MINUTES,
    mode=NumberMode.BOX,
)


async def async_setup_entry(
    _: HomeAssistant,
    entry: AlphaEssConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the numbers, if control is enabled."""
    runtime = entry.runtime_data
    add_controls_when_available(
        runtime.coordinator,
        Platform.NUMBER,
        (*_setpoint_numbers(runtime.manual), *setting_numbers(runtime.controller)),
        add=async_add_entities,
    )


def _setpoint_numbers(manual: ManualDispatch) -> Iterator[EntityCandidate]:
    descriptions = (
        _power(POWER_RANGE_WATTS[-1]),
        _target(Setpoint.CHARGE_TARGET),
        _target(Setpoint.DISCHARGE_TARGET),
        _DURATION,
    )
    for description in descriptions:
        make = partial(SetpointNumber, manual, description)
        yield EntityCandidate(key=description.key, part=DispatchOrder.name, make=make)


class SetpointNumber(ControlEntity, RestoreNumber):
    """One setpoint of the next order by hand. It survives restarts; nothing is sent when it changes."""

    _attr_entity_category = EntityCategory.CONFIG

    def __init__(
        self, manual: ManualDispatch, description: NumberEntityDescription
    ) -> None:
        """Start with the default, within this inverter's limits."""
        super().__init__(manual.controller, description.key)
        self.entity_description = description
        self._setpoint = Setpoint(description.key)
        self._setpoints = manual.setpoints
        self._set(self._setpoints[self._setpoint])

    def _set(self, value: float) -> None:
        minimum, maximum = self.native_min_value, self.native_max_value
        self._setpoints[self._setpoint] = max(minimum, min(maximum, value))

    @override
    async def async_added_to_hass(self) -> None:
        """Restore the value from before the restart."""
        await super().async_added_to_hass()
        last = await self.async_get_last_number_data()
        if last and last.native_value is not None and isfinite(last.native_value):
            self._set(last.native_value)

    @property
    @override
    def native_max_value(self) -> float:
        """The highest value: of a power the rated one, as soon as that is known."""
        most = super().native_max_value
        rated_power = self.controller.coordinator.identity.rated_power
        if self._setpoint is Setpoint.POWER and rated_power:
            return min(most, rated_power)
        return most

    @property
    @override
    def native_value(self) -> float:
        """The value that the next order by hand uses."""
        return self._setpoints[self._setpoint]

    @override
    async def async_set_native_value(self, value: float) -> None:
        """Change the setpoint. Home Assistant has checked the range, but that includes NaN."""
        with translate_errors():
            require_range(
                value,
                self._setpoint,
                minimum=self.native_min_value,
                maximum=self.native_max_value,
                unit=self.native_unit_of_measurement or "",
            )
        self._set(value)
        self.async_write_ha_state()
