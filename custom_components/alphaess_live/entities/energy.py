"""Which energies become sensors: the inverter's counters, what the house has used, and each of them today."""

from collections.abc import Iterator
from functools import partial

from homeassistant.components.sensor import (
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import UnitOfEnergy

from ..alphaess.snapshot import PV_ENERGY_PARTS, PV_PARTS
from ..coordinator import InverterCoordinator
from ..totals.kept import Kept, KeptLoad
from .arrivals import Expected
from .total import LoadTotalSensor, TodaySensor

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
    coordinator: InverterCoordinator, counters: dict[str, Kept]
) -> Iterator[Expected]:
    """Show what follows from the counters that there are, and the load; after them."""

    def served() -> set[str]:
        return {block.name for block in coordinator.inverter.offered}

    def load_is_known() -> bool:
        return served() >= _LOAD_NEEDS and bool(served() & PV_PARTS)

    def make_load() -> SensorEntity:
        counters[LOAD] = load = KeptLoad(coordinator)
        described = _describe(LOAD, SensorStateClass.TOTAL_INCREASING, 1)
        return LoadTotalSensor(coordinator, load, described)

    def is_counted(total: str) -> bool:
        counts = total != "pv_energy_total" or served() & PV_ENERGY_PARTS
        return total in counters and bool(counts)

    def make_today(total: str, today: str) -> SensorEntity:
        described = _describe(today, SensorStateClass.TOTAL, 2)
        return TodaySensor(coordinator, counters[total], described)

    yield Expected(key=LOAD, is_there=load_is_known, make=make_load)
    for total, today in TODAY.items():
        yield Expected(
            key=today,
            is_there=partial(is_counted, total),
            make=partial(make_today, total, today),
        )


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
