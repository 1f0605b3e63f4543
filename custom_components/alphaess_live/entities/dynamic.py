"""Adds entities as soon as the inverter shows what they are of, however late that is."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from homeassistant.const import Platform
from homeassistant.core import callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from ..const import DOMAIN, entity_unique_id
from ..coordinator import ON_SNAPSHOT, InverterCoordinator


def _always() -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityCandidate:
    """An entity that is there now, or may be later: new firmware brings blocks, the sun brings strings."""

    key: str
    make: Callable[[], Entity]
    part: str | None = None
    """The block that it is all about; None if it is of several."""
    is_available: Callable[[], bool] = _always
    """What else there must be; asked in the order in which entities are expected."""


class DynamicEntities:
    """Waits for the entities of one platform that are not there yet."""

    def __init__(
        self,
        coordinator: InverterCoordinator,
        expected: Iterable[EntityCandidate],
        *,
        add: AddConfigEntryEntitiesCallback,
    ) -> None:
        """Begin to wait for everything."""
        self._inverter = coordinator.inverter
        self._awaited = {one.key: one for one in expected}
        self._add = add

    @callback
    def look(self) -> None:
        """Add what is there now."""
        told_of = {None, *(block.name for block in self._inverter.available_blocks)}
        waiting = [one for one in self._awaited.values() if one.part in told_of]
        # One by one: what is made of one may be what the next one waits for.
        come = [self._make(one) for one in waiting if one.is_available()]
        if come:
            self._add(come)

    def _make(self, one: EntityCandidate) -> Entity:
        del self._awaited[one.key]
        return one.make()


def add_when_available(
    coordinator: InverterCoordinator,
    platform: Platform,
    expected: Iterable[EntityCandidate],
    *,
    add: AddConfigEntryEntitiesCallback,
    wanted: bool = True,
) -> None:
    """Add what there is, and what comes until the entry is unloaded.

    What belongs to a group that the user does not want any more is removed.
    """
    known = tuple(expected)
    _remove_unpolled(coordinator, platform, known)
    if wanted:
        arrivals = DynamicEntities(coordinator, known, add=add)
        arrivals.look()
        unsubscribe = coordinator.async_add_listener(arrivals.look, ON_SNAPSHOT)
        coordinator.config_entry.async_on_unload(unsubscribe)


def entity_id(
    coordinator: InverterCoordinator, platform: Platform, key: str
) -> str | None:
    """Find an entity that was there once; None if it never was."""
    unique_id = entity_unique_id(coordinator.identity.serial, key)
    registry = er.async_get(coordinator.hass)
    return registry.async_get_entity_id(platform, DOMAIN, unique_id)


def _remove_unpolled(
    coordinator: InverterCoordinator,
    platform: Platform,
    known: Iterable[EntityCandidate],
) -> None:
    inverter = coordinator.inverter
    polled = {block.name for block in inverter.polled_blocks}
    unwanted = {block.name for block in inverter.register_map.blocks} - polled
    registry = er.async_get(coordinator.hass)
    for one in known:
        if one.part in unwanted and (left := entity_id(coordinator, platform, one.key)):
            registry.async_remove(left)
