"""Which readings the past is told of, in which columns, and as which numbers."""

from collections.abc import Callable
from dataclasses import dataclass

from ..statistics.buckets import Row
from ..statistics.query import Statistic


@dataclass(frozen=True, slots=True)
class Column:
    """One value of a row: the key of its entity, and how it is read."""

    key: str
    value: Callable[[Row], float | None]
    statistics: tuple[Statistic, ...]
    """What it is read from."""


_POWER_STATISTICS: tuple[Statistic, ...] = ("mean", "min", "max")


def _mean(row: Row) -> float | None:
    return None if row.mean is None else round(row.mean, 1)


def _change(row: Row) -> float | None:
    return None if row.change is None else round(row.change, 3)


def _mean_as_energy(row: Row) -> float | None:
    """Make kWh of a mean in W; no register counts what the house uses."""
    return None if row.mean is None else round(row.mean * row.seconds / 3.6e6, 3)


POWER_COLUMNS = {
    "battery": Column("battery_power", _mean, _POWER_STATISTICS),
    "pv": Column("pv_power", _mean, _POWER_STATISTICS),
    "grid": Column("grid_power", _mean, _POWER_STATISTICS),
    "load": Column("load_power", _mean, _POWER_STATISTICS),
    "soc": Column("battery_soc", _mean, _POWER_STATISTICS),
}

ENERGY_COLUMNS = {
    "pv": Column("pv_energy_total", _change, ("change",)),
    "gridImport": Column("grid_import_energy_total", _change, ("change",)),
    "gridExport": Column("grid_export_energy_total", _change, ("change",)),
    "batteryCharge": Column("battery_charge_energy_total", _change, ("change",)),
    "batteryDischarge": Column("battery_discharge_energy_total", _change, ("change",)),
    "load": Column("load_power", _mean_as_energy, ("mean",)),
}

POWER_ROW_COLUMNS = {
    "battery_soc": POWER_COLUMNS["soc"],
    "battery_power": POWER_COLUMNS["battery"],
    "grid_power": POWER_COLUMNS["grid"],
    "pv_power": POWER_COLUMNS["pv"],
    "load_power": POWER_COLUMNS["load"],
}

FLOW_COLUMNS = {
    "grid_import_kwh": ENERGY_COLUMNS["gridImport"],
    "grid_export_kwh": ENERGY_COLUMNS["gridExport"],
    "battery_charge_kwh": ENERGY_COLUMNS["batteryCharge"],
    "battery_discharge_kwh": ENERGY_COLUMNS["batteryDischarge"],
    "load_consumption_kwh": ENERGY_COLUMNS["load"],
}

HOUR_ROW_COLUMNS = {
    "battery_soc": POWER_COLUMNS["soc"],
    "pv_energy_kwh": ENERGY_COLUMNS["pv"],
} | FLOW_COLUMNS

DAY_ROW_COLUMNS = {"pv_generation_kwh": ENERGY_COLUMNS["pv"]} | FLOW_COLUMNS
