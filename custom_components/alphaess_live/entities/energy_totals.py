"""Energy on the dashboard: lifetime totals that never fall, and what they grew by today."""

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

from ..alphaess.snapshot import PV_ENERGY_BLOCKS, PV_POWER_BLOCKS
from ..coordinator import ON_SNAPSHOT, InverterCoordinator
from ..entity import AlphaEssEntity
from ..storage import reset_if_unreadable
from ..totals.crash_recovery import UNKNOWN_SECONDS, latest_recorded
from ..totals.daily import DailyTotal
from ..totals.restored import EnergyTotal, RestoredLoad
from .dynamic import EntityCandidate


class EnergySensor[K: EnergyTotal](AlphaEssEntity, SensorEntity):
    """Shows what is kept of a total: while the inverter is away, too, and over restarts.

    A gap or a zero would show up in the energy dashboard.
    """

    def __init__(
        self,
        coordinator: InverterCoordinator,
        kept: K,
        description: SensorEntityDescription,
    ) -> None:
        """Show a total, as described."""
        super().__init__(coordinator, description.key, context=ON_SNAPSHOT)
        self.entity_description = description
        self._kept = kept

    @override
    async def async_added_to_hass(self) -> None:
        """Go on from the last value before the restart."""
        await super().async_added_to_hass()
        await self._recall()
        self._note()

    async def _recall(self) -> None:
        """Remember what was shown before the restart."""
        raise NotImplementedError

    def _note(self) -> None:
        """Take the newest sample."""
        self._kept.update()

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        self._note()
        super()._handle_coordinator_update()

    @property
    @override
    def available(self) -> bool:
        """Whether there is a value to show: fresh or kept."""
        return self.native_value is not None

    @property
    @override
    def native_value(self) -> float | None:
        """The newest value that can be true, in kWh."""
        return self._kept.value


class TotalSensor(EnergySensor[EnergyTotal], RestoreSensor):
    """A lifetime counter of the inverter's."""

    @override
    async def _recall(self) -> None:
        last = await self.async_get_last_sensor_data()
        state = await self.async_get_last_state()
        if last and state and isinstance(last.native_value, int | float):
            self._kept.restore(float(last.native_value), state.last_updated)


class LoadTotalSensor(EnergySensor[RestoredLoad], RestoreEntity):
    """What the house has used, summed up; and for how long nobody knew it."""

    @override
    async def _recall(self) -> None:
        if not (last := await self.async_get_last_extra_data()):
            return
        with reset_if_unreadable(self.entity_id):
            stored = last.as_dict()
            until = datetime.fromisoformat(stored["until"])
            energy = float(stored["energy"])
            unknown = timedelta(seconds=stored[UNKNOWN_SECONDS])
            self._kept.restore(energy, until)
            self._kept.recall_unknown(unknown)
            # That is written down every 15 minutes: after a crash the recorder knows more.
            newest = await latest_recorded(self.hass, self.entity_id, until)
            if newest and newest.value >= round(energy, 2):
                self._kept.restore(newest.value, newest.at)
                self._kept.recall_unknown(newest.unknown)

    @property
    @override
    def native_value(self) -> float | None:
        """As fine as the inverter's own counters: each step more is a row for the recorder."""
        value = self._kept.value
        return None if value is None else round(value, 2)

    @property
    @override
    def extra_state_attributes(self) -> Mapping[str, Any]:
        """How long the load was not known, and so is not in the total."""
        return {UNKNOWN_SECONDS: round(self._kept.unknown.total_seconds())}

    @property
    @override
    def extra_restore_state_data(self) -> ExtraStoredData | None:
        """Keep all digits: else each restart would round anew."""
        if self._kept.until is None:
            return None
        return RestoredExtraData(
            {
                "energy": self._kept.value,
                "until": self._kept.until.isoformat(),
                UNKNOWN_SECONDS: self._kept.unknown.total_seconds(),
            }
        )


class TodaySensor(EnergySensor[EnergyTotal], RestoreEntity):
    """How much a total has grown since midnight, where the house stands."""

    _day: DailyTotal | None = None

    @override
    async def async_added_to_hass(self) -> None:
        """Go on with today; each midnight is a new day, whether the inverter is there or not."""
        await super().async_added_to_hass()
        midnight = async_track_time_change(
            self.hass, self._begin_day, hour=0, minute=0, second=0
        )
        self.async_on_remove(midnight)

    @override
    async def _recall(self) -> None:
        if not (last := await self.async_get_last_extra_data()):
            return
        with reset_if_unreadable(self.entity_id):
            self._day = DailyTotal.from_dict(last.as_dict())
            self._kept.restore(self._day.newest, self._day.at)

    @callback
    def _begin_day(self, _: datetime) -> None:
        self._note()
        self.async_write_ha_state()

    @override
    def _note(self) -> None:
        super()._note()
        midnight = dt_util.as_utc(dt_util.start_of_local_day())
        if self._day:
            self._day = self._day.roll_over(midnight)
        latest, total = self.coordinator.latest, self._kept.value
        if latest is None or total is None:
            return
        if self._day is None:
            self._day = DailyTotal.start(total, latest.measured_at)
        elif latest.measured_at != self._day.at:
            self._day = self._day.update(total, latest.measured_at, midnight=midnight)

    @property
    @override
    def native_value(self) -> float | None:
        """How much it has grown today, in kWh."""
        return self._day.energy if self._day else None

    @property
    @override
    def last_reset(self) -> datetime | None:
        """When today began; or counting, where that was later."""
        return self._day.begun if self._day else None

    @property
    @override
    def extra_restore_state_data(self) -> ExtraStoredData | None:
        """Keep the total that the day began with."""
        return RestoredExtraData(self._day.to_dict()) if self._day else None


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
    coordinator: InverterCoordinator, counters: dict[str, EnergyTotal]
) -> Iterator[EntityCandidate]:
    """Show what follows from the counters that there are, and the load; after them."""

    def served() -> set[str]:
        return {block.name for block in coordinator.inverter.available_blocks}

    def load_is_known() -> bool:
        return served() >= _LOAD_NEEDS and bool(served() & PV_POWER_BLOCKS)

    def make_load() -> SensorEntity:
        counters[LOAD] = load = RestoredLoad(coordinator)
        described = _describe(LOAD, SensorStateClass.TOTAL_INCREASING, 1)
        return LoadTotalSensor(coordinator, load, described)

    def is_counted(total: str) -> bool:
        counts = total != "pv_energy_total" or served() & PV_ENERGY_BLOCKS
        return total in counters and bool(counts)

    def make_today(total: str, today: str) -> SensorEntity:
        described = _describe(today, SensorStateClass.TOTAL, 2)
        return TodaySensor(coordinator, counters[total], described)

    yield EntityCandidate(key=LOAD, is_available=load_is_known, make=make_load)
    for total, today in TODAY.items():
        yield EntityCandidate(
            key=today,
            is_available=partial(is_counted, total),
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
