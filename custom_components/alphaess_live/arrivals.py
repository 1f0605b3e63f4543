"""Adds sensors as soon as the inverter shows what they are of, however late that is."""

from collections.abc import Callable, Iterable

from homeassistant.components.sensor import DOMAIN as SENSOR, SensorEntity
from homeassistant.core import callback
from homeassistant.helpers import entity_registry as er

from .alphaess.datasheet import BLOCKS
from .alphaess.presence import is_present
from .alphaess.snapshot import READINGS, Reading
from .const import DOMAIN
from .coordinator import InverterCoordinator

type Make = Callable[[Reading], SensorEntity]
type Add = Callable[[Iterable[SensorEntity]], None]


class Arrivals:
    """Waits for what is not there yet: a block, a string, a phase, a pack, a meter.

    What was there once has an entry in the registry, and is there from the start,
    also at night or while the inverter is away.
    """

    def __init__(
        self, coordinator: InverterCoordinator, make: Make, *, add: Add
    ) -> None:
        """Begin to wait for everything."""
        self._coordinator = coordinator
        self._make = make
        self._add = add
        self._registry = er.async_get(coordinator.hass)
        self._awaited = {reading.key: reading for reading in READINGS}

    @callback
    def look(self) -> None:
        """Add what is there now."""
        offered = {block.name for block in self._coordinator.inverter.offered}
        told_of = offered | {"balance"}
        waiting = [one for one in self._awaited.values() if one.part in told_of]
        come = [one for one in waiting if self._is_there(one)]
        for reading in come:
            del self._awaited[reading.key]
        if come:
            self._add([self._make(reading) for reading in come])

    @callback
    def remove_unpolled(self) -> None:
        """Remove what belongs to a group that the user does not want any more."""
        polled = {block.name for block in self._coordinator.inverter.polled}
        unwanted = {block.name for block in BLOCKS} - polled
        for reading in READINGS:
            if reading.part in unwanted and (known := self._entity_id(reading)):
                self._registry.async_remove(known)

    def _is_there(self, reading: Reading) -> bool:
        known = self._entity_id(reading) is not None
        return known or is_present(reading, self._coordinator.data)

    def _entity_id(self, reading: Reading) -> str | None:
        unique_id = self._coordinator.identity.unique_id(reading.key)
        return self._registry.async_get_entity_id(SENSOR, DOMAIN, unique_id)
