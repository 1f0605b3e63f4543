"""What one loaded config entry holds: `entry.runtime_data`."""

from dataclasses import dataclass

from homeassistant.config_entries import ConfigEntry

from .control.controller import InverterController
from .control.manual import ManualDispatch
from .coordinator import InverterCoordinator
from .monitor.fault_persistence import FaultPersistence


@dataclass(frozen=True, kw_only=True)
class RuntimeData:
    """The parts of one inverter. They live exactly as long as the entry is loaded."""

    coordinator: InverterCoordinator
    """Reads the inverter."""
    controller: InverterController
    """Writes to it."""
    manual: ManualDispatch
    """What the buttons order, and with which setpoints."""
    faults: FaultPersistence
    """Publishes faults, and keeps since when they are active."""


type AlphaEssConfigEntry = ConfigEntry[RuntimeData]
