"""The register map: one file for each part of the device, one class for each block."""

from ..block import Block
from .battery import Battery, Packs
from .inverter import (
    Backup,
    InverterDetail,
    InverterOutput,
    InverterState,
    MoreStrings,
    Strings,
    StringsTotal,
)
from .meter import Grid, GridCt, PvMeter, PvMeterCt
from .settings import (
    SETTINGS,
    FeedIn,
    Installation,
    PeriodMinutes,
    Periods,
    PhaseBalance,
)
from .states import (
    ActivePeriods,
    BatteryType,
    ChargeState,
    DispatchMode,
    Relay,
    WorkMode,
)
from .system import (
    ArmVersion,
    Clock,
    DispatchDetail,
    DispatchOrder,
    InverterVersions,
    System,
    SystemSuffix,
    SystemTotals,
)

__all__ = [
    "BLOCKS",
    "SETTINGS",
    "ActivePeriods",
    "ArmVersion",
    "Backup",
    "Battery",
    "BatteryType",
    "ChargeState",
    "Clock",
    "DispatchDetail",
    "DispatchMode",
    "DispatchOrder",
    "FeedIn",
    "Grid",
    "GridCt",
    "Installation",
    "InverterDetail",
    "InverterOutput",
    "InverterState",
    "InverterVersions",
    "MoreStrings",
    "Packs",
    "PeriodMinutes",
    "Periods",
    "PhaseBalance",
    "PvMeter",
    "PvMeterCt",
    "Relay",
    "Strings",
    "StringsTotal",
    "System",
    "SystemSuffix",
    "SystemTotals",
    "WorkMode",
]

BLOCKS: tuple[type[Block], ...] = (
    Grid,
    PvMeter,
    Battery,
    Packs,
    InverterOutput,
    Backup,
    Strings,
    MoreStrings,
    InverterState,
    InverterDetail,
    StringsTotal,
    DispatchOrder,
    DispatchDetail,
    SystemTotals,
    Clock,
    System,
    SystemSuffix,
    InverterVersions,
    ArmVersion,
    GridCt,
    PvMeterCt,
    *SETTINGS,
)
"""Every block, in the order it is read: the power values come first, in one burst."""
