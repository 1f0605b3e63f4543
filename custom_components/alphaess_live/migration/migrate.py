"""Taking over the names of another integration's entities, so that what was recorded goes on as ours."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from homeassistant.const import ATTR_RESTORED, ATTR_UNIT_OF_MEASUREMENT
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er, restore_state

from ..const import DOMAIN, entity_unique_id
from ..coordinator import InverterCoordinator
from ..statistics.metadata import RecordedSeries, can_convert, load_series, parse_float
from .predecessors import match_entity
from .registry_settings import registry_settings
from .splice import Splice, find_splice, splice, vacate_id


class MoveVerdict(StrEnum):
    """What becomes of one old entity; the sentences are among the texts, as history_…."""

    READY = "ready"
    MOVED = "moved"
    DONE = "done"
    IN_USE = "in_use"
    TOO_SOON = "too_soon"
    UNKNOWN = "unknown"
    NO_SENSOR = "no_sensor"
    NOT_SERVED = "not_served"
    DISABLED = "disabled"
    NO_VALUE = "no_value"
    OTHER_KIND = "other_kind"
    OTHER_UNIT = "other_unit"
    AMBIGUOUS = "ambiguous"


@dataclass(frozen=True, kw_only=True)
class EntityMove:
    """One old entity, and what becomes of it."""

    old: str
    key: str
    """Ours."""
    source: str | None = None
    """Where it comes from; None for what a user named."""
    same_counter: bool = False
    ours: str | None = None
    """The name that our entity has now."""
    verdict: MoveVerdict = MoveVerdict.READY
    splice: Splice | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    """What a user made of the old one, and ours takes over."""


async def plan(
    coordinator: InverterCoordinator, named: Mapping[str, str] | None = None
) -> list[EntityMove]:
    """Find out what can be moved: what the user named, or all that is known of others."""
    hass = coordinator.hass
    wanted = dict(_known(hass))
    if named:
        wanted = {
            old: _named(wanted.get(old), old, key=key) for old, key in named.items()
        }
    pasts = await load_series(hass, list(wanted))
    moves = [
        replace(move, ours=_entity_id(coordinator, move.key))
        for move in wanted.values()
        if named or pasts[move.old].exists
    ]
    keys = Counter(move.key for move in moves)
    return [
        await _judged(hass, move, past=pasts[move.old], rivals=keys[move.key] - 1)
        for move in moves
    ]


async def carry_out(hass: HomeAssistant, moves: list[EntityMove]) -> list[EntityMove]:
    """Move what is ready. The recorder keeps the order in which it is told."""
    registry, kept = er.async_get(hass), restore_state.async_get(hass).last_states
    seams = [move.splice for move in moves if move.splice]
    for seam in seams:
        if registry.async_is_registered(seam.old):
            registry.async_remove(seam.old)
        # What the other one said last is not what ours begins with.
        kept.pop(seam.old, None)
        vacate_id(hass, seam)
        registry.async_update_entity(seam.ours, new_entity_id=seam.old)
    if seams:
        await splice(hass, seams)
    for move in moves:
        if move.splice:
            registry.async_update_entity(move.old, **move.settings)
            _rewrite_state(hass, move.old)
    return [
        replace(move, verdict=MoveVerdict.MOVED) if move.splice else move
        for move in moves
    ]


def _rewrite_state(hass: HomeAssistant, entity_id: str) -> None:
    """Repeat a state: the first one under the new name went to the young past, which was there then."""
    if state := hass.states.get(entity_id):
        hass.states.async_set(
            entity_id, state.state, state.attributes, force_update=True
        )


def _known(hass: HomeAssistant) -> Iterator[tuple[str, EntityMove]]:
    """Go through what others registered, be it in use, left over or deleted not long ago."""
    registry = er.async_get(hass)
    entries: list[er.RegistryEntry | er.DeletedRegistryEntry] = [
        *registry.deleted_entities.values(),
        *registry.entities.values(),
    ]
    for entry in entries:
        if found := match_entity(entry.platform, entry.unique_id):
            yield (
                entry.entity_id,
                EntityMove(
                    old=entry.entity_id,
                    key=found.key,
                    source=found.source,
                    same_counter=found.has_our_counter,
                ),
            )


def _named(known: EntityMove | None, old: str, *, key: str) -> EntityMove:
    """Believe a user; only of what is known anyway the counters are known, too."""
    return known if known and known.key == key else EntityMove(old=old, key=key)


def _entity_id(coordinator: InverterCoordinator, key: str) -> str | None:
    registry = er.async_get(coordinator.hass)
    unique_id = entity_unique_id(coordinator.identity.serial, key)
    return registry.async_get_entity_id("sensor", DOMAIN, unique_id)


async def _judged(
    hass: HomeAssistant, move: EntityMove, *, past: RecordedSeries, rivals: int
) -> EntityMove:
    verdict = _verdict(hass, move, past)
    if verdict is MoveVerdict.READY and rivals:
        verdict = MoveVerdict.AMBIGUOUS
    if verdict is not MoveVerdict.READY or move.ours is None:
        return replace(move, verdict=verdict)
    names = move.old, move.ours
    seam = await find_splice(hass, past, names=names, same_counter=move.same_counter)
    return replace(move, splice=seam, settings=registry_settings(hass, *names))


def _verdict(
    hass: HomeAssistant, move: EntityMove, past: RecordedSeries
) -> MoveVerdict:
    registry = er.async_get(hass)
    if move.ours is None:
        return MoveVerdict.NOT_SERVED
    if move.old == move.ours:
        return MoveVerdict.DONE
    if verdict := _obstacle(hass, move.old, past):
        return verdict
    if registry.entities[move.ours].disabled:
        return MoveVerdict.DISABLED
    return _fit(hass, move.ours, past)


def _obstacle(
    hass: HomeAssistant, old: str, past: RecordedSeries
) -> MoveVerdict | None:
    """Find out why an old entity's name cannot be had, whatever it means."""
    if not old.startswith("sensor."):
        return MoveVerdict.NO_SENSOR
    if _is_provided(hass, old):
        return MoveVerdict.IN_USE
    if past.has_uncompiled_state:
        # Two counters within the same five minutes would look like one that fell.
        return MoveVerdict.TOO_SOON
    if not past.exists and not er.async_get(hass).async_is_registered(old):
        return MoveVerdict.UNKNOWN
    return None


def _is_provided(hass: HomeAssistant, entity_id: str) -> bool:
    """Whether somebody stands behind it; what is only remembered since the start does not count."""
    state = hass.states.get(entity_id)
    return state is not None and not state.attributes.get(ATTR_RESTORED)


def _fit(hass: HomeAssistant, ours: str, past: RecordedSeries) -> MoveVerdict:
    """Compare what the two entities measure, as far as the recorder can tell."""
    state = hass.states.get(ours)
    if past.statistics is None:
        return MoveVerdict.READY
    if state is None:
        return MoveVerdict.NO_VALUE
    state_class = str(state.attributes.get("state_class", ""))
    counts = state_class.startswith("total")
    if past.is_counter != counts or not (counts or state_class == "measurement"):
        return MoveVerdict.OTHER_KIND
    if parse_float(state.state) is None:
        return MoveVerdict.NO_VALUE
    if not can_convert(state.attributes.get(ATTR_UNIT_OF_MEASUREMENT), past):
        return MoveVerdict.OTHER_UNIT
    return MoveVerdict.READY
