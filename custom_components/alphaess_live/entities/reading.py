"""A reading on the dashboard: it comes and goes with the inverter."""

from datetime import datetime
from typing import override

from homeassistant.components.sensor import SensorEntity, SensorEntityDescription
from homeassistant.util import dt as dt_util

from ..alphaess.snapshot import Reading, Value
from ..coordinator import InverterCoordinator
from ..entity import AlphaEssEntity


class ReadingSensor(AlphaEssEntity, SensorEntity):
    """One reading; unavailable while its block, or the whole inverter, is away."""

    def __init__(
        self,
        coordinator: InverterCoordinator,
        reading: Reading,
        description: SensorEntityDescription,
    ) -> None:
        """Show a reading of the inverter's snapshots, as described."""
        super().__init__(coordinator, reading.key, context=reading.part)
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
