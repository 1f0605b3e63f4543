"""Entities of the active faults: the worst one in words, all as a list, and whether there is a problem."""

from collections.abc import Mapping
from typing import Any, override

from homeassistant.components.binary_sensor import BinarySensorEntity
from homeassistant.components.binary_sensor.const import BinarySensorDeviceClass
from homeassistant.components.sensor import SensorDeviceClass, SensorEntity

from ..alphaess.faults import Severity, fault_codes, serves_fault_words
from ..entity import AlphaEssEntity
from ..monitor.bus_events import fault_payload

MAX_LISTED_FAULTS = 20
"""Faults in an attribute: the recorder stores at most 16 KiB of attributes."""

NO_FAULT = "none"


class FaultEntity(AlphaEssEntity):
    """Shows active faults; unavailable while no fault register can be read."""

    @property
    @override
    def available(self) -> bool:
        """Whether the inverter serves a fault register."""
        data = self.coordinator.data
        return super().available and data is not None and serves_fault_words(data)


class FaultsSensor(FaultEntity, SensorEntity):
    """The most serious fault; all of them are listed in an attribute."""

    _attr_device_class = SensorDeviceClass.ENUM
    _attr_options: list[str] = [NO_FAULT, *fault_codes()]  # noqa: RUF012 - Home Assistant's type

    @property
    @override
    def native_value(self) -> str:
        """The code of the most serious fault, which is translated."""
        worst = self.coordinator.fault_tracker.worst
        return worst.code if worst else NO_FAULT

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        """All active faults and warnings, the most serious first."""
        since = self.coordinator.fault_tracker.since
        active = [
            fault_payload(self.hass, fault, first) for fault, first in since.items()
        ]
        faults = sum(fault.severity is Severity.FAULT for fault in since)
        return {
            "active": active[:MAX_LISTED_FAULTS],
            "fault_count": faults,
            "warning_count": len(since) - faults,
            # Warnings of normal operation: they are listed, but cause no event.
            "everyday_count": sum(fault.is_routine for fault in since),
        }


class ProblemSensor(FaultEntity, BinarySensorEntity):
    """Whether a fault is active. Warnings do not count: an inverter warns each night."""

    _attr_device_class = BinarySensorDeviceClass.PROBLEM

    @property
    @override
    def is_on(self) -> bool:
        """Whether a fault is active."""
        return self.coordinator.fault_tracker.is_faulty
