"""Sensors: one for each reading, described by its quantity, and those of energy, dispatch and faults."""

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any, override

from homeassistant.components.sensor import (
    SensorDeviceClass as Device,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass as State,
)
from homeassistant.const import EntityCategory, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback
from homeassistant.util import dt as dt_util

from .alphaess.installed import is_installed
from .alphaess.registers.register import Quantity as Q
from .alphaess.snapshot import DERIVED, READINGS, Reading, Value
from .coordinator import ON_SNAPSHOT, InverterCoordinator
from .entities.dispatch_sensors import dispatch_sensors
from .entities.dynamic import EntityCandidate, add_when_available
from .entities.energy_totals import TotalSensor, computed_energy_sensors
from .entities.fault_entities import FaultsSensor
from .entities.flash_writes import flash_writes_sensors
from .entity import AlphaEssEntity, registered_entity_id
from .runtime import AlphaEssConfigEntry
from .totals.restored import EnergyTotal, LedgerTotal

PARALLEL_UPDATES = 0


@dataclass(frozen=True, slots=True)
class EntityTraits:
    """How Home Assistant shows a quantity, besides its unit."""

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
"""Keys that most users need: enabled, in the first panel of the device page."""

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
"""Keys that follow from the primary ones, or few houses have: in the same panel, but disabled."""

DIAGNOSTIC_DEFAULT = frozenset(
    {"battery_soh", "battery_temperature_max", "inverter_temperature"}
)
"""Diagnostic keys that are enabled. All other diagnostic ones start disabled."""


async def async_setup_entry(
    _: HomeAssistant,
    entry: AlphaEssConfigEntry,
    async_add_entities: AddConfigEntryEntitiesCallback,
) -> None:
    """Add a sensor for each reading that the inverter serves, now or later."""
    runtime, coordinator = entry.runtime_data, entry.runtime_data.coordinator
    totals: dict[str, EnergyTotal] = {}
    candidates = (
        *(_candidate(coordinator, totals, reading) for reading in READINGS),
        *computed_energy_sensors(coordinator, totals),
        *dispatch_sensors(runtime.controller),
        *flash_writes_sensors(runtime.controller),
    )
    add_when_available(coordinator, Platform.SENSOR, candidates, add=async_add_entities)
    async_add_entities(
        (
            LastSnapshotSensor(coordinator, "last_snapshot", context=ON_SNAPSHOT),
            FaultsSensor(coordinator, "faults"),
        )
    )


def _candidate(
    coordinator: InverterCoordinator, totals: dict[str, EnergyTotal], reading: Reading
) -> EntityCandidate:
    """Make a reading's sensor available when its block, string, phase, pack or meter is found.

    A sensor that is in the registry is added at the start, also at night or during an
    outage.
    """

    def is_available() -> bool:
        registered = (
            registered_entity_id(coordinator, Platform.SENSOR, reading.key) is not None
        )
        return registered or is_installed(reading, coordinator.data)

    return EntityCandidate(
        key=reading.key,
        part=None if reading.part == DERIVED else reading.part,
        is_available=is_available,
        make=partial(_sensor, coordinator, totals, reading),
    )


def _sensor(
    coordinator: InverterCoordinator, totals: dict[str, EnergyTotal], reading: Reading
) -> SensorEntity:
    """Create the sensor of a reading; the total of a counter is added to `totals`."""
    description = _describe(reading)
    if reading.key == "load_power":
        return LoadSensor(coordinator, reading, description)
    if reading.quantity is not Q.ENERGY:
        return ReadingSensor(coordinator, reading, description)
    total = totals[reading.key] = LedgerTotal(coordinator, reading.key)
    return TotalSensor(coordinator, total, description)


def _describe(reading: Reading) -> SensorEntityDescription:
    """Derive the description of a sensor from the reading's key and quantity."""
    key, traits = reading.key, TRAITS[reading.quantity]
    device_class = traits.device_class
    if reading.options:
        device_class = Device.ENUM
    if key == "system_time":
        device_class = Device.TIMESTAMP
    is_primary = key in PRIMARY
    return SensorEntityDescription(
        key=key,
        device_class=device_class,
        state_class=traits.state_class,
        native_unit_of_measurement=reading.quantity.unit if reading.quantity else None,
        suggested_display_precision=traits.precision,
        options=list(reading.options) or None,
        entity_category=None
        if is_primary or key in SECONDARY
        else EntityCategory.DIAGNOSTIC,
        entity_registry_enabled_default=is_primary or key in DIAGNOSTIC_DEFAULT,
    )


class ReadingSensor(AlphaEssEntity, SensorEntity):
    """One reading; unavailable during an outage, and while its block is not served."""

    def __init__(
        self,
        coordinator: InverterCoordinator,
        reading: Reading,
        description: SensorEntityDescription,
    ) -> None:
        """Show a reading of the inverter's snapshots."""
        super().__init__(coordinator, reading.key, context=reading.part)
        self.reading = reading
        self.entity_description = description

    @property
    @override
    def available(self) -> bool:
        """Whether the inverter is connected and serves the reading."""
        data, reading = self.coordinator.data, self.reading
        served = data is not None and getattr(data, reading.part) is not None
        refused = data is not None and reading.key in data.refused_keys
        return super().available and served and not refused

    @property
    @override
    def native_value(self) -> Value:
        """The reading, in the quantity's unit; None for a code without a documented meaning."""
        data = self.coordinator.data
        value = self.reading.of(data) if data else None
        if isinstance(value, datetime):
            # The inverter's clock has no time zone: it shows the local time of the house.
            return value.replace(tzinfo=dt_util.get_default_time_zone())
        return value


class LoadSensor(ReadingSensor):
    """The house's load, which shows 0 where the sum of all sources is negative."""

    @property
    @override
    def extra_state_attributes(self) -> dict[str, Any]:
        """Since when the sum is negative, once this lasts: the house has something that is not measured."""
        since = self.coordinator.negative_load.since
        return {"negative_since": since} if since else {}


class LastSnapshotSensor(AlphaEssEntity, SensorEntity):
    """The time of the last full snapshot, for automations that need the age of the values."""

    _attr_device_class = Device.TIMESTAMP
    _attr_entity_category = EntityCategory.DIAGNOSTIC
    _attr_entity_registry_enabled_default = False

    @property
    @override
    def native_value(self) -> datetime | None:
        """The time of the last full snapshot."""
        data = self.coordinator.data
        return data.measured_at if data else None
