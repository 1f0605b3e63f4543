"""Which energies become sensors: the inverter's counters, what the house has used, and each of them today."""

from collections.abc import Iterator, Mapping

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import UnitOfEnergy

from .alphaess.snapshot import PV_ENERGY_PARTS, PV_PARTS
from .coordinator import InverterCoordinator
from .kept import Kept, KeptLoad
from .total_sensor import LoadTotalSensor, TodaySensor

LOAD = "load_energy_total"

TODAY = {
    "pv_energy_total": "pv_energy_today",
    "grid_import_energy_total": "grid_import_energy_today",
    "grid_export_energy_total": "grid_export_energy_today",
    "battery_charge_energy_total": "battery_charge_energy_today",
    "battery_discharge_energy_total": "battery_discharge_energy_today",
    LOAD: "load_energy_today",
}
"""The totals of which a household wants to know today's part."""

_LOAD_NEEDS = frozenset({"grid", "battery"})


def further_energies(
    coordinator: InverterCoordinator, counters: Mapping[str, Kept]
) -> Iterator[SensorEntity]:
    """Show what follows from the counters that there are, and the load."""
    served = {block.name for block in coordinator.inverter.offered}
    totals = dict(counters)
    if not served & PV_ENERGY_PARTS:
        totals.pop("pv_energy_total", None)
    if served >= _LOAD_NEEDS and served & PV_PARTS:
        totals[LOAD] = load = KeptLoad(coordinator)
        described = _describe(LOAD, SensorStateClass.TOTAL_INCREASING, 1)
        yield LoadTotalSensor(coordinator, load, described)
    for total, today in TODAY.items():
        if total in totals:
            described = _describe(today, SensorStateClass.TOTAL, 2)
            yield TodaySensor(coordinator, totals[total], described)


def _describe(
    key: str, state_class: SensorStateClass, precision: int
) -> SensorEntityDescription:
    return SensorEntityDescription(
        key=key,
        device_class=SensorDeviceClass.ENERGY,
        state_class=state_class,
        native_unit_of_measurement=UnitOfEnergy.KILO_WATT_HOUR,
        suggested_display_precision=precision,
    )
