"""A reading on the dashboard: measurements come and go with the inverter, totals stay and never fall."""

from datetime import datetime
from typing import override

from homeassistant.components.sensor import (
    RestoreSensor,
    SensorEntity,
    SensorEntityDescription,
)
from homeassistant.core import callback
from homeassistant.util import dt as dt_util

from .alphaess.screen import Rejection
from .alphaess.snapshot import Reading, Value
from .alphaess.totals import Total
from .coordinator import InverterCoordinator
from .entity import AlphaEssEntity
from .feed import Message


class ReadingSensor(AlphaEssEntity, SensorEntity):
    """One reading; unavailable while its block, or the whole inverter, is away."""

    def __init__(
        self,
        coordinator: InverterCoordinator,
        reading: Reading,
        description: SensorEntityDescription,
    ) -> None:
        """Show a reading of the inverter's snapshots, as described."""
        super().__init__(coordinator, reading.key, part=reading.part)
        self.reading = reading
        self.entity_description = description

    @property
    @override
    def available(self) -> bool:
        """Whether the inverter is there and serves this reading's block."""
        data = self.coordinator.data
        there = data is not None and getattr(data, self.reading.part) is not None
        return super().available and there

    @property
    @override
    def native_value(self) -> Value:
        """The reading, in the quantity's unit; None for a state that no document names."""
        data = self.coordinator.data
        value = self.reading.of(data) if data else None
        if isinstance(value, datetime):
            # The inverter's clock runs in the house's own time.
            return value.replace(tzinfo=dt_util.get_default_time_zone())
        return value


class TotalSensor(ReadingSensor, RestoreSensor):
    """A lifetime counter: keeps its last value while the inverter is away, and over restarts.

    A gap or a zero would show up in the energy dashboard. Snapshots have been looked
    through already; but nobody else knows what was shown before a restart. That guards
    what is read after it, until the two agree.
    """

    def __init__(
        self,
        coordinator: InverterCoordinator,
        reading: Reading,
        description: SensorEntityDescription,
    ) -> None:
        """Begin without a value."""
        super().__init__(coordinator, reading, description)
        self._kept: float | None = None
        self._guard: Total | None = Total()
        self._guarded = 0

    @override
    async def async_added_to_hass(self) -> None:
        """Go on from the last value before the restart."""
        await super().async_added_to_hass()
        last = await self.async_get_last_sensor_data()
        state = await self.async_get_last_state()
        if last and state and isinstance(last.native_value, int | float):
            self._kept = float(last.native_value)
            self._guard = Total(self._kept, state.last_updated)
        self._note()
        self.async_on_remove(self.coordinator.feed.subscribe(self._hear))

    @callback
    def _hear(self, _: Message) -> None:
        """Count samples while in doubt: entities are not told of one that changes nothing."""
        if self._guard and self._note():
            self.async_write_ha_state()

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        self._note()
        super()._handle_coordinator_update()

    def _note(self) -> bool:
        """Take the newest sample, unless it cannot be; say whether that changed anything."""
        snapshot, before = self.coordinator.latest, self._kept
        sample = self.reading.of(snapshot) if snapshot else None
        if snapshot and isinstance(sample, int | float):
            if self._guard:
                self._doubt(self._guard, sample, snapshot.taken)
            else:
                self._kept = sample
        return self._kept != before

    def _doubt(self, guard: Total, sample: float, at: datetime) -> None:
        """Compare with what was shown before the restart; each full snapshot counts once."""
        inverter = self.coordinator.inverter
        if self._guarded == inverter.counters.snapshots:
            return
        self._guarded = inverter.counters.snapshots
        if reason := guard.admit(sample, at, most=inverter.screen.most):
            rejection = Rejection(self.reading.key, at, sample, guard.value, reason)
            inverter.screen.reject(rejection)
        self._kept = guard.value
        if self._kept == sample:
            self._guard = None

    @property
    @override
    def available(self) -> bool:
        """Whether there is a value to show: fresh or kept."""
        return self._kept is not None

    @property
    @override
    def native_value(self) -> Value:
        """The newest value that can be true, in kWh."""
        return self._kept
