"""Binary sensors: whether the inverter answers, reports a fault, and charges the battery."""

from collections.abc import Mapping
from typing import Any, override

from homeassistant.components.binary_sensor import BinarySensorEntity
from homeassistant.components.binary_sensor.const import BinarySensorDeviceClass
from homeassistant.const import EntityCategory
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .entities.fault_entities import ProblemSensor
from .entity import AlphaEssEntity
from .runtime import AlphaEssConfigEntry

PARALLEL_UPDATES = 0

IDLE_WATTS = 50
"""Below this power a battery is idle: its own electronics use up to about that much."""


async def async_setup_entry(
    _: HomeAssistant,
    entry: AlphaEssConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the binary sensors of one inverter."""
    coordinator = entry.runtime_data.coordinator
    async_add_entities(
        (
            LinkSensor(coordinator, "modbus"),
            ChargingSensor(coordinator, "battery_charging"),
            ProblemSensor(coordinator, "problem"),
        )
    )


class LinkSensor(AlphaEssEntity, BinarySensorEntity):
    """Whether the inverter answers. Always available: it shows the outage itself."""

    _attr_device_class = BinarySensorDeviceClass.CONNECTIVITY
    _attr_entity_category = EntityCategory.DIAGNOSTIC
    _unrecorded_attributes = frozenset({"error_message"})

    @property
    @override
    def available(self) -> bool:
        """Always, also during an outage."""
        return True

    @property
    @override
    def is_on(self) -> bool:
        """Whether the last request was answered."""
        return self.coordinator.connection.connected

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        """Time of the last change, cause of the outage, duration of the last one (s)."""
        connection = self.coordinator.connection
        outage = connection.last_outage
        return {
            "since": connection.since,
            "error_kind": connection.error_kind,
            "error_message": connection.error_message,
            "last_outage_seconds": outage and round(outage.total_seconds(), 1),
        }


class ChargingSensor(AlphaEssEntity, BinarySensorEntity):
    """Whether the battery charges, for Home Assistant's own battery triggers."""

    _attr_device_class = BinarySensorDeviceClass.BATTERY_CHARGING

    @property
    @override
    def available(self) -> bool:
        """Whether the battery's power is known."""
        return super().available and self._power is not None

    @property
    @override
    def is_on(self) -> bool | None:
        """Whether it charges with more than the battery's own electronics use."""
        return None if self._power is None else self._power < -IDLE_WATTS

    @property
    def _power(self) -> float | None:
        data = self.coordinator.data
        return data.power.battery if data else None
