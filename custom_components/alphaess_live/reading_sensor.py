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


class ReadingSensor(AlphaEssEntity, SensorEntity):
    """One reading; unavailable while its block, or the whole inverter, is away."""

    def __init__(
        self,
        coordinator: InverterCoordinator,
        reading: Reading,
        description: SensorEntityDescription,
    ) -> None:
        """Show a reading of the inverter's snapshots, as described."""
        super().__init__(coordinator, reading.key)
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

    A gap or a zero would show up in the energy dashboard. What was shown before a
    restart guards what is read after it, as one snapshot guards the next.
    """

    def __init__(
        self,
        coordinator: InverterCoordinator,
        reading: Reading,
        description: SensorEntityDescription,
    ) -> None:
        """Begin without a value."""
        super().__init__(coordinator, reading, description)
        self._total = Total()

    @override
    async def async_added_to_hass(self) -> None:
        """Go on from the last value before the restart."""
        await super().async_added_to_hass()
        kept = await self.async_get_last_sensor_data()
        state = await self.async_get_last_state()
        if kept and state and isinstance(kept.native_value, int | float):
            self._total = Total(float(kept.native_value), state.last_updated)
        self._note()

    @callback
    @override
    def _handle_coordinator_update(self) -> None:
        self._note()
        super()._handle_coordinator_update()

    def _note(self) -> None:
        """Take the newest sample, unless it cannot be."""
        data = self.coordinator.data
        sample = self.reading.of(data) if data else None
        if data is None or not isinstance(sample, int | float):
            return
        total, screen = self._total, self.coordinator.inverter.screen
        if reason := total.admit(sample, data.taken, most=screen.most):
            key, shown = self.reading.key, total.value
            screen.reject(Rejection(key, data.taken, sample, shown, reason))

    @property
    @override
    def available(self) -> bool:
        """Whether there is a value to show: fresh or kept."""
        return self.native_value is not None

    @property
    @override
    def native_value(self) -> Value:
        """The newest value that can be true, in kWh."""
        return self._total.value
