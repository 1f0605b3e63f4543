"""Energy sensors: lifetime totals that never fall, and how much they have grown today."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from functools import partial
from typing import Any, override

from homeassistant.components.sensor import (
    RestoreSensor,
    SensorDeviceClass,
    SensorEntity,
    SensorEntityDescription,
    SensorStateClass,
)
from homeassistant.const import UnitOfEnergy
from homeassistant.core import callback
from homeassistant.helpers.event import async_track_time_change
from homeassistant.helpers.restore_state import (
    ExtraStoredData,
    RestoredExtraData,
    RestoreEntity,
)
from homeassistant.util import dt as dt_util

from ..alphaess.counter_samples import parse_moment
from ..alphaess.snapshot import PV_ENERGY_BLOCKS, PV_ENERGY_KEY, PV_POWER_BLOCKS
from ..coordinator import ON_SNAPSHOT, InverterCoordinator
from ..entity import AlphaEssEntity
from ..storage import reset_if_unreadable
from ..totals.daily import DailyTotal, Sunlight, Weigh, weigh_time
from ..totals.restored import (
    UNKNOWN_SECONDS,
    EnergyTotal,
    LedgerTotal,
    RestoredLoad,
    latest_recorded,
)
from .dynamic import EntityCandidate

OFFSET = "offset"
REGISTER_VALUE = "register_value"


class EnergySensor[K: EnergyTotal](AlphaEssEntity, SensorEntity):
    """Shows a total, also while the inverter is disconnected and after restarts.

    A gap or a zero would be visible on the energy dashboard.
    """

    _is_restored = False

    def is_first_addition(self) -> bool:
        """Whether the sensor is added for the first time, and not again under another entity id.

        What is stored under that id may be of another sensor, or be counted already.
        """
        was_restored, self._is_restored = self._is_restored, True
        return not was_restored

    def __init__(
        self,
        coordinator: InverterCoordinator,
        total: K,
        description: SensorEntityDescription,
    ) -> None:
        """Show a total."""
        super().__init__(coordinator, description.key, context=ON_SNAPSHOT)
        self.entity_description = description
        self._total = total

    @property
    @override
    def available(self) -> bool:
        """Whether there is a value, measured or restored."""
        return self.native_value is not None

    @property
    @override
    def native_value(self) -> float | None:
        """The newest plausible value, in kWh."""
        return self._total.value


class TotalSensor(EnergySensor[LedgerTotal], RestoreSensor):
    """A lifetime counter of the inverter."""

    _unrecorded_attributes = frozenset({OFFSET, REGISTER_VALUE})

    @override
    async def async_added_to_hass(self) -> None:
        """Continue the series of an inverter that was removed and is added again.

        After a restart, the ledger has read what is stored before the inverter was read.
        """
        await super().async_added_to_hass()
        if not self.is_first_addition():
            return
        last = await self.async_get_last_sensor_data()
        state = await self.async_get_last_state()
        if not (last and state and isinstance(last.native_value, int | float)):
            return
        if last.native_unit_of_measurement == UnitOfEnergy.KILO_WATT_HOUR:
            self._total.restore(float(last.native_value), state.last_updated)

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        """The inverter's own number, and what is added to it, in kWh."""
        return {
            OFFSET: self._total.offset,
            REGISTER_VALUE: self._total.register_value,
        }


class LoadTotalSensor(EnergySensor[RestoredLoad], RestoreEntity):
    """The energy that the house has used, integrated from its power."""

    @override
    async def async_added_to_hass(self) -> None:
        """Continue from the energy before the restart."""
        await super().async_added_to_hass()
        if not self.is_first_addition():
            return
        if not (last := await self.async_get_last_extra_data()):
            return
        with reset_if_unreadable(self.entity_id):
            stored = last.as_dict()
            until = parse_moment(stored["until"])
            energy = float(stored["energy"])
            unknown_time = timedelta(seconds=stored[UNKNOWN_SECONDS])
            self._total.restore(energy, until)
            self._total.restore_unknown_time(unknown_time)
            # The restore state is stored every 15 minutes: the recorder may have more.
            newest = await latest_recorded(self.hass, self.entity_id, until)
            if newest and newest.value >= round(energy, 2):
                self._total.restore(newest.value, newest.at)
                self._total.restore_unknown_time(newest.unknown_time)

    @property
    @override
    def native_value(self) -> float | None:
        """The energy in steps of the inverter's counters: each step is a row for the recorder."""
        value = self._total.value
        return None if value is None else round(value, 2)

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        """Time in which the load was not known; its energy is not in the total."""
        return {UNKNOWN_SECONDS: round(self._total.unknown_time.total_seconds())}

    @property
    @override
    def extra_restore_state_data(self) -> ExtraStoredData | None:
        """Store all digits: else each restart would round the energy."""
        if self._total.until is None:
            return None
        return RestoredExtraData(
            {
                "energy": self._total.value,
                "until": self._total.until.isoformat(),
                UNKNOWN_SECONDS: self._total.unknown_time.total_seconds(),
            }
        )


class TodaySensor(EnergySensor[EnergyTotal], RestoreEntity):
    """How much a total has grown since local midnight."""

    _day: DailyTotal | None = None

    @override
    async def async_added_to_hass(self) -> None:
        """Continue the day; start a new one at midnight, also during an outage.

        Checked each hour: where the clocks are set forward at midnight, the day starts at one.
        """
        await super().async_added_to_hass()
        every_hour = async_track_time_change(
            self.hass, self._on_hour, minute=0, second=0
        )
        self.async_on_remove(every_hour)
        last = await self.async_get_last_extra_data()
        if last and self.is_first_addition():
            with reset_if_unreadable(self.entity_id):
                self._day = DailyTotal.from_dict(last.as_dict())
                self._total.restore(self._day.newest, self._day.newest_at)
        self._update()

    @callback
    def _on_hour(self, _: datetime) -> None:
        self._handle_coordinator_update()

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        self._update()
        super()._handle_coordinator_update()

    @property
    def _weigh(self) -> Weigh:
        """How a gap over midnight is divided: the panels generate nothing at night."""
        if self.entity_description.key != TODAY_KEYS[PV_ENERGY_KEY]:
            return weigh_time
        config = self.hass.config
        return Sunlight(config.latitude, config.longitude)

    def _update(self) -> None:
        """Update the day with the newest total."""
        midnight = dt_util.as_utc(dt_util.start_of_local_day())
        if self.coordinator.latest is not None:
            self._day = DailyTotal.follow(
                self._day,
                self._total.value,
                at=self._total.confirmed_at,
                midnight=midnight,
                late=self._total.late_energies,
                weigh=self._weigh,
            )
        elif self._day:
            self._day = self._day.roll_over(midnight)

    @property
    @override
    def native_value(self) -> float | None:
        """How much the total has grown today, in kWh."""
        return self._day.energy if self._day else None

    @property
    @override
    def last_reset(self) -> datetime | None:
        """Local midnight; on the first day, when counting started."""
        return self._day.started_at if self._day else None

    @property
    @override
    def extra_restore_state_data(self) -> ExtraStoredData | None:
        """Store the total at the start of the day."""
        return RestoredExtraData(self._day.to_dict()) if self._day else None


LOAD_KEY = "load_energy_total"

TODAY_KEYS = {
    PV_ENERGY_KEY: "pv_energy_today",
    "grid_import_energy_total": "grid_import_energy_today",
    "grid_export_energy_total": "grid_export_energy_today",
    "battery_charge_energy_total": "battery_charge_energy_today",
    "battery_discharge_energy_total": "battery_discharge_energy_today",
    LOAD_KEY: "load_energy_today",
}
"""The totals that have a sensor for today, and the key of that sensor."""

_BLOCKS_OF_LOAD = frozenset({"grid", "battery"})


def computed_energy_sensors(
    coordinator: InverterCoordinator, totals: dict[str, EnergyTotal]
) -> Iterator[EntityCandidate]:
    """List the sensors of the load and of today. They must follow those of the counters in `totals`."""

    def served_blocks() -> set[str]:
        return {block.name for block in coordinator.inverter.available_blocks}

    def has_load() -> bool:
        served = served_blocks()
        return served >= _BLOCKS_OF_LOAD and bool(served & PV_POWER_BLOCKS)

    def make_load() -> SensorEntity:
        totals[LOAD_KEY] = load = RestoredLoad(coordinator)
        description = _describe(LOAD_KEY, SensorStateClass.TOTAL_INCREASING, 1)
        return LoadTotalSensor(coordinator, load, description)

    def has_total(key: str) -> bool:
        has_counter = key != PV_ENERGY_KEY or served_blocks() & PV_ENERGY_BLOCKS
        return key in totals and bool(has_counter)

    def make_today(total_key: str, today_key: str) -> SensorEntity:
        description = _describe(today_key, SensorStateClass.TOTAL, 2)
        return TodaySensor(coordinator, totals[total_key], description)

    yield EntityCandidate(key=LOAD_KEY, is_available=has_load, make=make_load)
    for total_key, today_key in TODAY_KEYS.items():
        yield EntityCandidate(
            key=today_key,
            is_available=partial(has_total, total_key),
            make=partial(make_today, total_key, today_key),
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
