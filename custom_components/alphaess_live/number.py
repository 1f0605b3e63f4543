"""Power, targets and duration for the dispatch buttons, kept here; and the numbers that the inverter keeps."""

from collections.abc import Iterator
from functools import partial
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
    MAX_TARGET_SOC_PERCENT,
    MIN_TARGET_SOC_PERCENT,
    POWER_RANGE_WATTS,
)
from .alphaess.registers import DispatchOrder
from .control.controller import controller_of
from .control.manual import SECONDS_PER_MINUTE
from .control.options import has_controls
from .control.setpoints import Setpoint
from .coordinator import AlphaEssConfigEntry, InverterCoordinator
from .entities.dynamic import EntityCandidate, add_when_available
from .entities.schedule_entities import setting_numbers
from .entity import AlphaEssEntity

PARALLEL_UPDATES = 1


def _target(setpoint: Setpoint) -> NumberEntityDescription:
    return NumberEntityDescription(
        key=setpoint,
        device_class=NumberDeviceClass.BATTERY,
        native_min_value=MIN_TARGET_SOC_PERCENT,
        native_max_value=MAX_TARGET_SOC_PERCENT,
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
    """Add the numbers, where the user wants controls."""
    coordinator = entry.runtime_data
    expected = (*_setpoint_numbers(coordinator), *setting_numbers(coordinator))
    wanted = has_controls(coordinator)
    add_when_available(
        coordinator, Platform.NUMBER, expected, add=async_add_entities, wanted=wanted
    )


def _setpoint_numbers(coordinator: InverterCoordinator) -> Iterator[EntityCandidate]:
    most = min(
        coordinator.identity.rated_power or POWER_RANGE_WATTS[-1], POWER_RANGE_WATTS[-1]
    )
    described = (
        _power(most),
        _target(Setpoint.CHARGE_TARGET),
        _target(Setpoint.DISCHARGE_TARGET),
        _DURATION,
    )
    for one in described:
        make = partial(SetpointNumber, coordinator, one)
        yield EntityCandidate(key=one.key, part=DispatchOrder.name, make=make)


class SetpointNumber(AlphaEssEntity, RestoreNumber):
    """One value for the next order. It survives restarts and is nothing the inverter knows of."""

    _attr_entity_category = EntityCategory.CONFIG

    def __init__(
        self, coordinator: InverterCoordinator, description: NumberEntityDescription
    ) -> None:
        """Begin with the usual value, within this inverter's limits."""
        super().__init__(coordinator, description.key)
        self.entity_description = description
        self._setpoint = Setpoint(description.key)
        self._set(self._setpoints[self._setpoint])

    @property
    def _setpoints(self) -> dict[Setpoint, float]:
        return controller_of(self.coordinator).setpoints

    def _set(self, value: float) -> None:
        least, most = self.native_min_value, self.native_max_value
        self._setpoints[self._setpoint] = max(least, min(most, value))

    @override
    async def async_added_to_hass(self) -> None:
        """Bring back the value from before the restart."""
        await super().async_added_to_hass()
        last = await self.async_get_last_number_data()
        if last and last.native_value is not None:
            self._set(last.native_value)

    @property
    @override
    def native_value(self) -> float:
        """The value that the next click sends."""
        return self._setpoints[self._setpoint]

    @override
    async def async_set_native_value(self, value: float) -> None:
        """Choose a value; nothing is sent."""
        self._set(value)
        self.async_write_ha_state()
