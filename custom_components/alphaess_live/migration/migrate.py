"""Moves entity ids of another integration to our entities, so that the recorded series continue."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from homeassistant.const import ATTR_RESTORED, ATTR_UNIT_OF_MEASUREMENT, Platform
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er

from ..coordinator import InverterCoordinator
from ..entity import registered_entity_id
from ..statistics.metadata import RecordedSeries, can_convert, load_series, parse_float
from ..storage import forget_stored_state
from .predecessors import match_entity
from .registry_settings import registry_settings
from .splice import Splice, apply_splices, find_splice, vacate_id


class MoveVerdict(StrEnum):
    """Result for one old entity; each has a text with the translation key history_<verdict>."""

    READY = "ready"
    MOVED = "moved"
    DONE = "done"
    IN_USE = "in_use"
    NOT_COMPILED = "too_soon"
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
    """One old entity, and the entity of ours that continues its series."""

    old: str
    """Entity id."""
    key: str
    """Key of our entity."""
    source: str | None = None
    """Name of the integration that it comes from; None if a user chose it."""
    same_counter: bool = False
    """Whether both show the same counter of the inverter."""
    ours: str | None = None
    """Current entity id of ours; None if there is none."""
    verdict: MoveVerdict = MoveVerdict.READY
    splice: Splice | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    """Registry settings of the old entity that ours takes over."""


async def plan_moves(
    coordinator: InverterCoordinator, chosen_keys: Mapping[str, str] | None = None
) -> list[EntityMove]:
    """Plan the moves of the chosen keys by old entity id, or of all known predecessors."""
    hass = coordinator.hass
    candidates = dict(_predecessor_entities(hass))
    if chosen_keys:
        candidates = {
            old: _chosen(candidates.get(old), old, key=key)
            for old, key in chosen_keys.items()
        }
    series_by_id = await load_series(hass, list(candidates))
    moves = [
        replace(move, ours=registered_entity_id(coordinator, Platform.SENSOR, move.key))
        for move in candidates.values()
        if chosen_keys or series_by_id[move.old].exists
    ]
    moves_per_key = Counter(move.key for move in moves)
    return [
        await _with_verdict(
            hass,
            move,
            old_series=series_by_id[move.old],
            other_candidates=moves_per_key[move.key] - 1,
        )
        for move in moves
    ]


async def apply_moves(hass: HomeAssistant, moves: list[EntityMove]) -> list[EntityMove]:
    """Apply the moves that are ready. The recorder processes its tasks in order."""
    registry = er.async_get(hass)
    splices = [move.splice for move in moves if move.splice]
    for splice in splices:
        if registry.async_is_registered(splice.old):
            registry.async_remove(splice.old)
        forget_stored_state(hass, splice.old)
        vacate_id(hass, splice)
        registry.async_update_entity(splice.ours, new_entity_id=splice.old)
    if splices:
        await apply_splices(hass, splices)
    for move in moves:
        if move.splice:
            registry.async_update_entity(move.old, **move.settings)
            _rewrite_state(hass, move.old)
    return [
        replace(move, verdict=MoveVerdict.MOVED) if move.splice else move
        for move in moves
    ]


def _rewrite_state(hass: HomeAssistant, entity_id: str) -> None:
    """Write a state again: the first one under the new id was recorded for the series before the splice."""
    if state := hass.states.get(entity_id):
        hass.states.async_set(
            entity_id, state.state, state.attributes, force_update=True
        )


def _predecessor_entities(hass: HomeAssistant) -> Iterator[tuple[str, EntityMove]]:
    """Find the entities of known predecessors in the registry, also those deleted recently."""
    registry = er.async_get(hass)
    entries: list[er.RegistryEntry | er.DeletedRegistryEntry] = [
        *registry.deleted_entities.values(),
        *registry.entities.values(),
    ]
    for entry in entries:
        if match := match_entity(entry.platform, entry.unique_id):
            yield (
                entry.entity_id,
                EntityMove(
                    old=entry.entity_id,
                    key=match.key,
                    source=match.source,
                    same_counter=match.has_our_counter,
                ),
            )


def _chosen(candidate: EntityMove | None, old: str, *, key: str) -> EntityMove:
    """Use the user's key. Whether the counter is the same is known only for known predecessors."""
    if candidate and candidate.key == key:
        return candidate
    return EntityMove(old=old, key=key)


async def _with_verdict(
    hass: HomeAssistant,
    move: EntityMove,
    *,
    old_series: RecordedSeries,
    other_candidates: int,
) -> EntityMove:
    verdict = _verdict(hass, move, old_series)
    if verdict is MoveVerdict.READY and other_candidates:
        verdict = MoveVerdict.AMBIGUOUS
    if verdict is not MoveVerdict.READY or move.ours is None:
        return replace(move, verdict=verdict)
    entity_ids = move.old, move.ours
    splice = await find_splice(
        hass, old_series, entity_ids=entity_ids, same_counter=move.same_counter
    )
    return replace(move, splice=splice, settings=registry_settings(hass, *entity_ids))


def _verdict(
    hass: HomeAssistant, move: EntityMove, old_series: RecordedSeries
) -> MoveVerdict:
    registry = er.async_get(hass)
    if move.ours is None:
        return MoveVerdict.NOT_SERVED
    if move.old == move.ours:
        return MoveVerdict.DONE
    if verdict := _reason_against(hass, move.old, old_series):
        return verdict
    if registry.entities[move.ours].disabled:
        return MoveVerdict.DISABLED
    return _compare_series(hass, move.ours, old_series)


def _reason_against(
    hass: HomeAssistant, old: str, old_series: RecordedSeries
) -> MoveVerdict | None:
    """Find the reason why an old entity id cannot be used; None if it can."""
    if not old.startswith("sensor."):
        return MoveVerdict.NO_SENSOR
    if _is_in_use(hass, old):
        return MoveVerdict.IN_USE
    if old_series.has_uncompiled_state:
        # Two counters within the same five minutes would be recorded as one that was reset.
        return MoveVerdict.NOT_COMPILED
    if not old_series.exists and not er.async_get(hass).async_is_registered(old):
        return MoveVerdict.UNKNOWN
    return None


def _is_in_use(hass: HomeAssistant, entity_id: str) -> bool:
    """Whether an integration provides the entity; a state restored at the start does not count."""
    state = hass.states.get(entity_id)
    return state is not None and not state.attributes.get(ATTR_RESTORED)


def _compare_series(
    hass: HomeAssistant, ours: str, old_series: RecordedSeries
) -> MoveVerdict:
    """Compare kind and unit of the two series, as far as they are recorded."""
    state = hass.states.get(ours)
    if old_series.statistics is None:
        return MoveVerdict.READY
    if state is None:
        return MoveVerdict.NO_VALUE
    state_class = str(state.attributes.get("state_class", ""))
    counts = state_class.startswith("total")
    if old_series.is_counter != counts or not (counts or state_class == "measurement"):
        return MoveVerdict.OTHER_KIND
    if parse_float(state.state) is None:
        return MoveVerdict.NO_VALUE
    if not can_convert(state.attributes.get(ATTR_UNIT_OF_MEASUREMENT), old_series):
        return MoveVerdict.OTHER_UNIT
    return MoveVerdict.READY
