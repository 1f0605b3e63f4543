"""Adds entities when the inverter serves their data, also long after setup, and removes unpolled ones."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from homeassistant.const import Platform
from homeassistant.core import callback
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.entity import Entity
from homeassistant.helpers.entity_platform import AddConfigEntryEntitiesCallback

from ..control.options import has_controls
from ..coordinator import ON_SNAPSHOT, InverterCoordinator
from ..entity import registered_entity_id


def _always() -> bool:
    return True


@dataclass(frozen=True, slots=True, kw_only=True)
class EntityCandidate:
    """An entity that is added now or later: new firmware adds blocks, PV strings are found by day."""

    key: str
    make: Callable[[], Entity]
    part: str | None = None
    """Name of the block that it shows; None if it needs several."""
    is_available: Callable[[], bool] = _always
    """What else it needs. Called in the order of the candidates."""


class DynamicEntities:
    """The candidates of one platform that are not added yet."""

    def __init__(
        self,
        coordinator: InverterCoordinator,
        candidates: Iterable[EntityCandidate],
        *,
        add: AddConfigEntryEntitiesCallback,
    ) -> None:
        """Add nothing yet."""
        self._inverter = coordinator.inverter
        self._missing = {candidate.key: candidate for candidate in candidates}
        self._add = add

    @callback
    def add_available(self) -> None:
        """Add the candidates that are available now."""
        served = {None, *(block.name for block in self._inverter.available_blocks)}
        waiting = [
            candidate
            for candidate in self._missing.values()
            if candidate.part in served
        ]
        # One by one: an entity may make the next candidate available.
        entities = [
            self._make(candidate) for candidate in waiting if candidate.is_available()
        ]
        if entities:
            self._add(entities)

    def _make(self, candidate: EntityCandidate) -> Entity:
        del self._missing[candidate.key]
        return candidate.make()


def add_when_available(
    coordinator: InverterCoordinator,
    platform: Platform,
    candidates: Iterable[EntityCandidate],
    *,
    add: AddConfigEntryEntitiesCallback,
) -> None:
    """Add the available entities now, and the others when they are, until the entry is unloaded.

    Entities of a register group that is not polled any more are removed.
    """
    all_candidates = tuple(candidates)
    _remove_unpolled(coordinator, platform, all_candidates)
    entities = DynamicEntities(coordinator, all_candidates, add=add)
    entities.add_available()
    unsubscribe = coordinator.async_add_listener(entities.add_available, ON_SNAPSHOT)
    coordinator.config_entry.async_on_unload(unsubscribe)


def add_controls_when_available(
    coordinator: InverterCoordinator,
    platform: Platform,
    candidates: Iterable[EntityCandidate],
    *,
    add: AddConfigEntryEntitiesCallback,
) -> None:
    """Do the same for entities that write; add none where the user has switched controls off."""
    if has_controls(coordinator):
        add_when_available(coordinator, platform, candidates, add=add)
    else:
        _remove_unpolled(coordinator, platform, candidates)


def _remove_unpolled(
    coordinator: InverterCoordinator,
    platform: Platform,
    all_candidates: Iterable[EntityCandidate],
) -> None:
    inverter = coordinator.inverter
    polled = {block.name for block in inverter.polled_blocks}
    unwanted = {block.name for block in inverter.register_map.blocks} - polled
    registry = er.async_get(coordinator.hass)
    for candidate in all_candidates:
        if candidate.part in unwanted and (
            entity := registered_entity_id(coordinator, platform, candidate.key)
        ):
            registry.async_remove(entity)
