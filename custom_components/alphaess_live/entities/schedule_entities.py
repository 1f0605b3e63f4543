"""What every entity of the schedule shares: it shows what the inverter says, and sets one thing."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any, override

from homeassistant.components.number import NumberDeviceClass, NumberEntity, NumberMode
from homeassistant.const import EntityCategory, UnitOfRatio
from homeassistant.helpers.entity import Entity

from ..alphaess.registers import FeedIn, Periods
from ..alphaess.schedule import MAX_SOC_PERCENT, MIN_SOC_PERCENT, SOC_FIELDS, Schedule
from ..control.feed_in import limit_feed_in
from ..control.settings import current_schedule, set_schedule
from ..coordinator import InverterCoordinator
from ..entity import AlphaEssEntity
from ..exceptions import translate_errors
from .dynamic import EntityCandidate


def schedule_entities(
    coordinator: InverterCoordinator,
    make: Callable[[InverterCoordinator, str], Entity],
    *names: str,
) -> Iterator[EntityCandidate]:
    """Show things about the schedule where the inverter has one."""
    for name in names:
        yield EntityCandidate(
            key=name, part=Periods.name, make=partial(make, coordinator, name)
        )


class ScheduleEntity(AlphaEssEntity):
    """One thing about the schedule, called as the schedule calls it."""

    _attr_entity_category = EntityCategory.CONFIG
    _attr_entity_registry_enabled_default = False

    def __init__(self, coordinator: InverterCoordinator, key: str) -> None:
        """Remember what it is about."""
        super().__init__(coordinator, key, context=Periods.name)
        self._name = key

    @property
    @override
    def available(self) -> bool:
        """Whether the inverter is there, and its schedule known."""
        return super().available and current_schedule(self.coordinator) is not None

    @property
    def set_to(self) -> Any:
        """What the inverter says; None for what it does not say, or nonsense."""
        told = current_schedule(self.coordinator)
        return told and getattr(told, self._name)

    async def set(self, value: Any) -> None:
        """Set it, and wait until it is verified. Raises Home Assistant's own, translated errors."""
        with translate_errors():
            wish = replace(Schedule(), **{self._name: value})
            await set_schedule(self.coordinator, wish)


def setting_numbers(coordinator: InverterCoordinator) -> Iterator[EntityCandidate]:
    """Show the numbers that the inverter serves."""
    yield from schedule_entities(coordinator, ShareNumber, *SOC_FIELDS)
    part = FeedIn.name
    limit = partial(FeedInNumber, coordinator, key := "feed_in_limit", context=part)
    yield EntityCandidate(key=key, part=part, make=limit)


class ShareNumber(ScheduleEntity, NumberEntity):
    """A state of charge at which the periods stop to charge, or the battery to give."""

    _attr_device_class = NumberDeviceClass.BATTERY
    _attr_native_min_value = MIN_SOC_PERCENT
    _attr_native_max_value = MAX_SOC_PERCENT
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
        with translate_errors():
            await limit_feed_in(self.coordinator, share=value)
