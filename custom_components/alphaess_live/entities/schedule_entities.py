"""What every entity of the schedule shares: it shows what the inverter says, and sets one thing."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any, override

from homeassistant.components.number import NumberDeviceClass, NumberEntity, NumberMode
from homeassistant.const import EntityCategory, UnitOfRatio
from homeassistant.helpers.entity import Entity

from ..alphaess.dispatch import MAX_SOC_PERCENT, MIN_SOC_PERCENT
from ..alphaess.registers import FeedIn, Periods
from ..alphaess.schedule import SOC_FIELDS, Schedule
from ..control.controller import InverterController
from ..control.feed_in import limit_feed_in
from ..control.settings import current_schedule, set_schedule
from ..entity import ControlEntity
from ..exceptions import translate_errors
from .dynamic import EntityCandidate


def schedule_entities(
    controller: InverterController,
    make: Callable[[InverterController, str], Entity],
    *names: str,
) -> Iterator[EntityCandidate]:
    """Show things about the schedule where the inverter has one."""
    for name in names:
        yield EntityCandidate(
            key=name, part=Periods.name, make=partial(make, controller, name)
        )


class ScheduleEntity(ControlEntity):
    """One thing about the schedule, called as the schedule calls it."""

    _attr_entity_category = EntityCategory.CONFIG
    _attr_entity_registry_enabled_default = False

    def __init__(self, controller: InverterController, key: str) -> None:
        """Remember what it is about."""
        super().__init__(controller, key, context=Periods.name)
        self._name = key

    @property
    @override
    def available(self) -> bool:
        """Whether the inverter is there, and its schedule known."""
        return super().available and current_schedule(self.coordinator) is not None

    @property
    def setting(self) -> Any:
        """What the inverter says; None for what it does not say, or nonsense."""
        schedule = current_schedule(self.coordinator)
        return schedule and getattr(schedule, self._name)

    async def write(self, value: Any) -> None:
        """Set it, and wait until it is verified. Raises Home Assistant's own, translated errors."""
        with translate_errors():
            requested = replace(Schedule(), **{self._name: value})
            await set_schedule(self.controller, requested)


def setting_numbers(controller: InverterController) -> Iterator[EntityCandidate]:
    """Show the numbers that the inverter serves."""
    yield from schedule_entities(controller, ShareNumber, *SOC_FIELDS)
    part = FeedIn.name
    limit = partial(FeedInNumber, controller, key := "feed_in_limit", context=part)
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
        value: float | None = self.setting
        return value

    @override
    async def async_set_native_value(self, value: float) -> None:
        """Set it, and wait until it is verified."""
        await self.write(value)


class FeedInNumber(ControlEntity, NumberEntity):
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
            await limit_feed_in(self.controller, share=value)
