"""What a quantity looks like in Home Assistant; every reading becomes a sensor."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import override

from homeassistant.components.sensor import (
    SensorDeviceClass as Device,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass as State,
)
from homeassistant.const import EntityCategory, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from .alphaess.installed import is_installed
from .alphaess.registers.register import Quantity as Q
from .alphaess.snapshot import DERIVED, READINGS, Reading
from .coordinator import ON_SNAPSHOT, InverterCoordinator
from .entities.dispatch_sensors import dispatch_sensors
from .entities.dynamic import EntityCandidate, add_when_available, entity_id
from .entities.energy_totals import TotalSensor, further_energies
from .entities.fault_entities import FaultsSensor
from .entities.flash_writes import flash_writes_sensors
from .entities.reading import ReadingSensor
from .entity import AlphaEssEntity
from .runtime import AlphaEssConfigEntry
from .totals.restored import EnergyTotal, RestoredCounter

PARALLEL_UPDATES = 0


@dataclass(frozen=True, slots=True)
class EntityTraits:
    """What Home Assistant needs to know of a quantity beside its unit."""

    device_class: Device | None = None
    state_class: State | None = None
    precision: int | None = None


TRAITS: dict[Q | None, EntityTraits] = {
    Q.POWER: EntityTraits(Device.POWER, State.MEASUREMENT, 0),
    Q.REACTIVE_POWER: EntityTraits(Device.REACTIVE_POWER, State.MEASUREMENT, 0),
    Q.APPARENT_POWER: EntityTraits(Device.APPARENT_POWER, State.MEASUREMENT, 0),
    Q.POWER_FACTOR: EntityTraits(Device.POWER_FACTOR, State.MEASUREMENT, 2),
    Q.ENERGY: EntityTraits(Device.ENERGY, State.TOTAL_INCREASING, 1),
    Q.CAPACITY: EntityTraits(Device.ENERGY_STORAGE, State.MEASUREMENT, 1),
    Q.VOLTAGE: EntityTraits(Device.VOLTAGE, State.MEASUREMENT, 1),
    Q.CURRENT: EntityTraits(Device.CURRENT, State.MEASUREMENT, 1),
    Q.FREQUENCY: EntityTraits(Device.FREQUENCY, State.MEASUREMENT, 2),
    Q.TEMPERATURE: EntityTraits(Device.TEMPERATURE, State.MEASUREMENT, 1),
    Q.CHARGE: EntityTraits(Device.BATTERY, State.MEASUREMENT, 1),
    Q.SHARE: EntityTraits(None, State.MEASUREMENT, 1),
    Q.MINUTES: EntityTraits(Device.DURATION, State.MEASUREMENT, 0),
    Q.SECONDS: EntityTraits(Device.DURATION, None, 0),
    Q.MILLISECONDS: EntityTraits(Device.DURATION, None, 0),
    Q.COUNT: EntityTraits(precision=0),
    Q.FLAGS: EntityTraits(precision=0),
    None: EntityTraits(),
}

PRIMARY = frozenset(
    {
        "battery_soc",
        "battery_power",
        "battery_charge_energy_total",
        "battery_discharge_energy_total",
        "grid_power",
        "grid_import_energy_total",
        "grid_export_energy_total",
        "pv_power",
        "pv_energy_total",
        "pv1_power",
        "pv2_power",
        "load_power",
        "inverter_work_mode",
    }
)
"""What a household looks at: enabled, and on the device page's first panel."""

SECONDARY = frozenset(
    {
        "battery_charge_power",
        "battery_discharge_power",
        "battery_charge_from_grid_energy_total",
        "grid_import_power",
        "grid_export_power",
        "inverter_power",
        *(f"pv{n}_power" for n in range(3, 7)),
    }
)
"""What follows from the front ones, or few houses have: beside them, but disabled."""

DIAGNOSTIC_DEFAULT = frozenset(
    {"battery_soh", "battery_temperature_max", "inverter_temperature"}
)
"""What tells that all is well: enabled, among the diagnostic ones. All others start disabled."""


async def async_setup_entry(
    _: HomeAssistant,
    entry: AlphaEssConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add a sensor for every reading of what the house has, now or later."""
    runtime, coordinator = entry.runtime_data, entry.runtime_data.coordinator
    counters: dict[str, EnergyTotal] = {}
    expected = (
        *(_expected(coordinator, counters, one) for one in READINGS),
        *further_energies(coordinator, counters),
        *dispatch_sensors(runtime.controller),
        *flash_writes_sensors(runtime.controller),
    )
    add_when_available(coordinator, Platform.SENSOR, expected, add=async_add_entities)
    async_add_entities(
        (
            LastSnapshotSensor(coordinator, "last_snapshot", context=ON_SNAPSHOT),
            FaultsSensor(coordinator, "faults"),
        )
    )


def _expected(
    coordinator: InverterCoordinator, counters: dict[str, EnergyTotal], reading: Reading
) -> EntityCandidate:
    """Wait for what a reading is of: a block, a string, a phase, a pack, a meter.

    What was there once has an entry in the registry, and is there from the start,
    also at night or while the inverter is away.
    """

    def is_there() -> bool:
        known = entity_id(coordinator, Platform.SENSOR, reading.key) is not None
        return known or is_installed(reading, coordinator.data)

    return EntityCandidate(
        key=reading.key,
        part=None if reading.part == DERIVED else reading.part,
        is_available=is_there,
        make=partial(_sensor, coordinator, counters, reading),
    )


def _sensor(
    coordinator: InverterCoordinator, counters: dict[str, EnergyTotal], reading: Reading
) -> SensorEntity:
    """Make the sensor of a reading; what is kept of a counter serves others, too."""
    described = _describe(reading)
    if reading.quantity is not Q.ENERGY:
        return ReadingSensor(coordinator, reading, described)
    kept = counters[reading.key] = RestoredCounter(coordinator, reading)
    return TotalSensor(coordinator, kept, described)


def _describe(reading: Reading) -> SensorEntityDescription:
    """Derive what Home Assistant wants to know from what the reading measures."""
    key, traits = reading.key, TRAITS[reading.quantity]
    device_class = traits.device_class
    if reading.options:
        device_class = Device.ENUM
    if key == "system_time":
        device_class = Device.TIMESTAMP
    front = key in PRIMARY
    return SensorEntityDescription(
        key=key,
        device_class=device_class,
        state_class=traits.state_class,
        native_unit_of_measurement=reading.quantity.unit if reading.quantity else None,
        suggested_display_precision=traits.precision,
        options=list(reading.options) or None,
        entity_category=None
        if front or key in SECONDARY
        else EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=front or key in DIAGNOSTIC_DEFAULT,
    )


class LastSnapshotSensor(AlphaEssEntity, SensorEntity):
    """When everything was last read: for whoever wants to compute an age."""

    _attr_device_class = Device.TIMESTAMP
    _attr_entity_category = EntityCategory.DIAGNOSTIC
    _attr_entity_registry_enabled_default = False

    @property
    @override
    def native_value(self) -> datetime | None:
        """The time of the last full snapshot."""
        data = self.coordinator.data
        return data.measured_at if data else None
