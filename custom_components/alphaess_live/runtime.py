"""What one loaded config entry holds: `entry.runtime_data`."""

from dataclasses import dataclass

from homeassistant.config_entries import ConfigEntry, ConfigEntryState

from .control.controller import InverterController
from .control.manual import ManualDispatch
from .coordinator import InverterCoordinator
from .monitor.dispatch_log import DispatchLog
from .monitor.fault_persistence import FaultPersistence
from .totals.ledger_persistence import LedgerPersistence


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
    dispatch_log: DispatchLog
    """Publishes changes of the dispatch, and keeps the newest ones."""


type AlphaEssConfigEntry = ConfigEntry[RuntimeData]


def loaded_runtime(entry: AlphaEssConfigEntry) -> RuntimeData | None:
    """Return what an entry holds; None while it is not loaded."""
    return entry.runtime_data if entry.state is ConfigEntryState.LOADED else None


async def load_runtime_data(coordinator: InverterCoordinator) -> RuntimeData:
    """Build the parts beside the coordinator, and restore what is stored of them."""
    controller = InverterController(coordinator)
    faults = FaultPersistence(coordinator)
    await controller.load()
    await faults.load()
    coordinator.config_entry.async_on_unload(faults.close)
    ledger = LedgerPersistence(coordinator)
    await ledger.load()
    coordinator.config_entry.async_on_unload(ledger.close)
    dispatch_log = DispatchLog(controller)
    await dispatch_log.load()
    coordinator.config_entry.async_on_unload(dispatch_log.close)
    return RuntimeData(
        coordinator=coordinator,
        controller=controller,
        manual=ManualDispatch(controller),
        faults=faults,
        dispatch_log=dispatch_log,
    )
