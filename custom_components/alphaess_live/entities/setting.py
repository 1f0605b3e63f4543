"""What every entity of the schedule shares: it shows what the inverter says, and sets one thing."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any, override

from homeassistant.const import EntityCategory
from homeassistant.helpers.entity import Entity

from ..alphaess.datasheet import Periods
from ..alphaess.schedule import Schedule
from ..border import told_to_user
from ..control.settings import schedule, set_schedule
from ..coordinator import InverterCoordinator
from ..entity import AlphaEssEntity
from .arrivals import Expected


def schedule_entities(
    coordinator: InverterCoordinator,
    make: Callable[[InverterCoordinator, str], Entity],
    *names: str,
) -> Iterator[Expected]:
    """Show things about the schedule where the inverter has one."""
    for name in names:
        yield Expected(
            key=name, part=Periods.name, make=partial(make, coordinator, name)
        )


class ScheduleEntity(AlphaEssEntity):
    """One thing about the schedule, called as the schedule calls it."""

    _attr_entity_category = EntityCategory.CONFIG
    _attr_entity_registry_enabled_default = False

    def __init__(self, coordinator: InverterCoordinator, key: str) -> None:
        """Remember what it is about."""
        super().__init__(coordinator, key, part=Periods.name)
        self._name = key

    @property
    @override
    def available(self) -> bool:
        """Whether the inverter is there, and its schedule known."""
        return super().available and schedule(self.coordinator) is not None

    @property
    def set_to(self) -> Any:
        """What the inverter says; None for what it does not say, or nonsense."""
        told = schedule(self.coordinator)
        return told and getattr(told, self._name)

    async def set(self, value: Any) -> None:
        """Set it, and wait until it is verified. Raises Home Assistant's own, translated errors."""
        with told_to_user():
            wish = replace(Schedule(), **{self._name: value})
            await set_schedule(self.coordinator, wish)
