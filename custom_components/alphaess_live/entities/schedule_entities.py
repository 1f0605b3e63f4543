"""Entities of the charging schedule and the feed-in limit: each shows and writes one setting."""

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
    """List entities of the schedule, for an inverter that has one."""
    for name in names:
        yield EntityCandidate(
            key=name, part=Periods.name, make=partial(make, controller, name)
        )


class ScheduleEntity(ControlEntity):
    """One setting of the schedule; its key is the field of `Schedule`."""

    _attr_entity_category = EntityCategory.CONFIG
    _attr_entity_registry_enabled_default = False

    def __init__(self, controller: InverterController, key: str) -> None:
        """Show and write the field with this key."""
        super().__init__(controller, key, context=Periods.name)
        self._field = key

    @property
    @override
    def available(self) -> bool:
        """Whether the inverter is connected and its schedule is known."""
        return super().available and current_schedule(self.coordinator) is not None

    @property
    def setting(self) -> Any:
        """The value in the inverter; None if it is not served, or not valid."""
        schedule = current_schedule(self.coordinator)
        return schedule and getattr(schedule, self._field)

    async def write(self, value: Any) -> None:
        """Write a value, and wait until it is verified. Raises translated Home Assistant errors."""
        with translate_errors():
            requested = replace(Schedule(), **{self._field: value})
            await set_schedule(self.controller, requested, context=self.caller)


def setting_numbers(controller: InverterController) -> Iterator[EntityCandidate]:
    """List the numbers that are settings of the inverter."""
    yield from schedule_entities(controller, SocLimitNumber, *SOC_FIELDS)
    part = FeedIn.name
    limit = partial(FeedInNumber, controller, key := "feed_in_limit", context=part)
    yield EntityCandidate(key=key, part=part, make=limit)


class SocLimitNumber(ScheduleEntity, NumberEntity):
    """A state of charge at which a charging period, or discharging, ends."""

    _attr_device_class = NumberDeviceClass.BATTERY
    _attr_native_min_value = MIN_SOC_PERCENT
    _attr_native_max_value = MAX_SOC_PERCENT
    _attr_native_step = 1
    _attr_native_unit_of_measurement = UnitOfRatio.PERCENTAGE
    _attr_mode = NumberMode.BOX

    @property
    @override
    def native_value(self) -> float | None:
        """The value in the inverter, in percent."""
        value: float | None = self.setting
        return value

    @override
    async def async_set_native_value(self, value: float) -> None:
        """Write the value, and wait until it is verified."""
        await self.write(value)


class FeedInNumber(ControlEntity, NumberEntity):
    """The share of the rated PV power that may be exported."""

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
        """Whether the inverter is connected and its limit is known."""
        return super().available and self._limit is not None

    @property
    @override
    def native_value(self) -> float | None:
        """The limit in the inverter, in percent."""
        return self._limit.limit if self._limit else None

    @override
    async def async_set_native_value(self, value: float) -> None:
        """Write the limit, and wait until it is verified. A dispatch of ours is stopped first."""
        with translate_errors():
            await limit_feed_in(self.controller, share=value, context=self.caller)
