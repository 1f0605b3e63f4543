"""What the inverter complains about now: in words, and whether somebody should look after it."""

from collections.abc import Mapping
from typing import Any, override

from homeassistant.components.binary_sensor import BinarySensorEntity
from homeassistant.components.binary_sensor.const import BinarySensorDeviceClass
from homeassistant.components.sensor import SensorDeviceClass, SensorEntity

from ..alphaess.faults import Severity, fault_codes, serves_fault_words
from ..entity import AlphaEssEntity
from ..monitor.bus_events import fault_payload

LISTED = 20
"""The longest list of an attribute: the recorder takes 16 KiB, and nobody mends more at once."""

NONE = "none"


class FaultEntity(AlphaEssEntity):
    """Looks at the complaints; unavailable while not one of their words can be read."""

    @property
    @override
    def available(self) -> bool:
        """Whether the inverter can complain at all."""
        data = self.coordinator.data
        return super().available and data is not None and serves_fault_words(data)


class FaultsSensor(FaultEntity, SensorEntity):
    """The most serious complaint; the others are listed beside it."""

    _attr_device_class = SensorDeviceClass.ENUM
    _attr_options: list[str] = [NONE, *fault_codes()]  # noqa: RUF012 - Home Assistant's type

    @property
    @override
    def native_value(self) -> str:
        """The code, which Home Assistant shows as words."""
        worst = self.coordinator.fault_tracker.worst
        return worst.code if worst else NONE

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        """Everything that is complained about, the most serious first."""
        since = self.coordinator.fault_tracker.since
        told = [
            fault_payload(self.hass, fault, first) for fault, first in since.items()
        ]
        faults = sum(fault.severity is Severity.FAULT for fault in since)
        return {
            "active": told[:LISTED],
            "fault_count": faults,
            "warning_count": len(since) - faults,
            # The warnings that are listed, but that nobody needs to be told of.
            "everyday_count": sum(fault.is_routine for fault in since),
        }


class ProblemSensor(FaultEntity, BinarySensorEntity):
    """Whether there is a fault. Warnings are none: an inverter warns of the night."""

    _attr_device_class = BinarySensorDeviceClass.PROBLEM

    @property
    @override
    def is_on(self) -> bool:
        """Whether a fault is active."""
        return self.coordinator.fault_tracker.is_faulty
