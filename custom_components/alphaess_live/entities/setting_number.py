"""Limits that are kept in the inverter: what may be exported, and how far the battery is charged and emptied."""

from collections.abc import Iterator
from functools import partial
from typing import override

from homeassistant.components.number import NumberDeviceClass, NumberEntity, NumberMode
from homeassistant.const import EntityCategory, UnitOfRatio

from ..alphaess.datasheet import FeedIn
from ..alphaess.schedule import FULL, LOWEST, SHARES
from ..border import told_to_user
from ..control.feed_in import limit_feed_in
from ..coordinator import InverterCoordinator
from ..entity import AlphaEssEntity
from .arrivals import Expected
from .setting import ScheduleEntity, schedule_entities


def setting_numbers(coordinator: InverterCoordinator) -> Iterator[Expected]:
    """Show the numbers that the inverter serves."""
    yield from schedule_entities(coordinator, ShareNumber, *SHARES)
    part = FeedIn.name
    limit = partial(FeedInNumber, coordinator, key := "feed_in_limit", part=part)
    yield Expected(key=key, part=part, make=limit)


class ShareNumber(ScheduleEntity, NumberEntity):
    """A state of charge at which the periods stop to charge, or the battery to give."""

    _attr_device_class = NumberDeviceClass.BATTERY
    _attr_native_min_value = LOWEST
    _attr_native_max_value = FULL
    _attr_native_step = 1
    _attr_native_unit_of_measurement = UnitOfRatio.PERCENTAGE
    _attr_mode = NumberMode.BOX

    @property
    @override
    def native_value(self) -> float | None:
        """What the inverter says."""
        value: float | None = self.set_to
        return value

    @override
    async def async_set_native_value(self, value: float) -> None:
        """Set it, and wait until it is verified."""
        await self.set(value)


class FeedInNumber(AlphaEssEntity, NumberEntity):
    """How much of the panels' power may be exported."""

    _attr_entity_category = EntityCategory.CONFIG
    _attr_entity_registry_enabled_default = False
    _attr_native_min_value = 0
    _attr_native_max_value = 100
    _attr_native_step = 1
    _attr_native_unit_of_measurement = UnitOfRatio.PERCENTAGE
    _attr_mode = NumberMode.BOX

    @property
    def _limit(self) -> FeedIn | None:
        data = self.coordinator.data
        return data.feed_in if data else None

    @property
    @override
    def available(self) -> bool:
        """Whether the inverter is there, and its limit known."""
        return super().available and self._limit is not None

    @property
    @override
    def native_value(self) -> float | None:
        """What the inverter says."""
        return self._limit.limit if self._limit else None

    @override
    async def async_set_native_value(self, value: float) -> None:
        """Set it, and wait until it is verified; our dispatch gives way, somebody else's does not."""
        with told_to_user():
            await limit_feed_in(self.coordinator, share=value)
