"""Which readings the past is told of, in which columns, and as which numbers."""

from collections.abc import Callable
from dataclasses import dataclass

from ..statistics.buckets import Row
from ..statistics.query import Figure


@dataclass(frozen=True, slots=True)
class Column:
    """One value of a row: the key of its entity, and how it is read."""

    key: str
    read: Callable[[Row], float | None]
    figures: tuple[Figure, ...]
    """What it is read from."""


_POWER: tuple[Figure, ...] = ("mean", "min", "max")


def _mean(row: Row) -> float | None:
    return None if row.mean is None else round(row.mean, 1)


def _growth(row: Row) -> float | None:
    return None if row.change is None else round(row.change, 3)


def _area(row: Row) -> float | None:
    """Make kWh of a mean in W; no register counts what the house uses."""
    return None if row.mean is None else round(row.mean * row.seconds / 3.6e6, 3)


POWER = {
    "battery": Column("battery_power", _mean, _POWER),
    "pv": Column("pv_power", _mean, _POWER),
    "grid": Column("grid_power", _mean, _POWER),
    "load": Column("load_power", _mean, _POWER),
    "soc": Column("battery_soc", _mean, _POWER),
}

ENERGY = {
    "pv": Column("pv_energy_total", _growth, ("change",)),
    "gridImport": Column("grid_import_energy_total", _growth, ("change",)),
    "gridExport": Column("grid_export_energy_total", _growth, ("change",)),
    "batteryCharge": Column("battery_charge_energy_total", _growth, ("change",)),
    "batteryDischarge": Column("battery_discharge_energy_total", _growth, ("change",)),
    "load": Column("load_power", _area, ("mean",)),
}

POWER_ROW = {
    "battery_soc": POWER["soc"],
    "battery_power": POWER["battery"],
    "grid_power": POWER["grid"],
    "pv_power": POWER["pv"],
    "load_power": POWER["load"],
}

FLOW_ROW = {
    "grid_import_kwh": ENERGY["gridImport"],
    "grid_export_kwh": ENERGY["gridExport"],
    "battery_charge_kwh": ENERGY["batteryCharge"],
    "battery_discharge_kwh": ENERGY["batteryDischarge"],
    "load_consumption_kwh": ENERGY["load"],
}

HOUR_ROW = {"battery_soc": POWER["soc"], "pv_energy_kwh": ENERGY["pv"]} | FLOW_ROW

DAY_ROW = {"pv_generation_kwh": ENERGY["pv"]} | FLOW_ROW
