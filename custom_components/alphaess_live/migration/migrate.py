"""Taking over the names of another integration's entities, so that what was recorded goes on as ours."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any

from homeassistant.const import ATTR_RESTORED, ATTR_UNIT_OF_MEASUREMENT
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er, restore_state

from ..const import DOMAIN
from ..coordinator import InverterCoordinator
from ..statistics.metadata import RecordedSeries, can_convert, load_series, parse_float
from .predecessors import forebear
from .registry_settings import heritage
from .splice import Seam, find_seam, free_name, join


class Verdict(StrEnum):
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
class Move:
    """One old entity, and what becomes of it."""

    old: str
    key: str
    """Ours."""
    source: str | None = None
    """Where it comes from; None for what a user named."""
    same_counter: bool = False
    ours: str | None = None
    """The name that our entity has now."""
    verdict: Verdict = Verdict.READY
    seam: Seam | None = None
    heritage: Mapping[str, Any] = field(default_factory=dict)
    """What a user made of the old one, and ours takes over."""


async def plan(
    coordinator: InverterCoordinator, named: Mapping[str, str] | None = None
) -> list[Move]:
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


async def carry_out(hass: HomeAssistant, moves: list[Move]) -> list[Move]:
    """Move what is ready. The recorder keeps the order in which it is told."""
    registry, kept = er.async_get(hass), restore_state.async_get(hass).last_states
    seams = [move.seam for move in moves if move.seam]
    for seam in seams:
        if registry.async_is_registered(seam.old):
            registry.async_remove(seam.old)
        # What the other one said last is not what ours begins with.
        kept.pop(seam.old, None)
        free_name(hass, seam)
        registry.async_update_entity(seam.ours, new_entity_id=seam.old)
    if seams:
        await join(hass, seams)
    for move in moves:
        if move.seam:
            registry.async_update_entity(move.old, **move.heritage)
            _say_again(hass, move.old)
    return [
        replace(move, verdict=Verdict.MOVED) if move.seam else move for move in moves
    ]


def _say_again(hass: HomeAssistant, entity_id: str) -> None:
    """Repeat a state: the first one under the new name went to the young past, which was there then."""
    if state := hass.states.get(entity_id):
        hass.states.async_set(
            entity_id, state.state, state.attributes, force_update=True
        )


def _known(hass: HomeAssistant) -> Iterator[tuple[str, Move]]:
    """Go through what others registered, be it in use, left over or deleted not long ago."""
    registry = er.async_get(hass)
    entries: list[er.RegistryEntry | er.DeletedRegistryEntry] = [
        *registry.deleted_entities.values(),
        *registry.entities.values(),
    ]
    for entry in entries:
        if found := forebear(entry.platform, entry.unique_id):
            yield (
                entry.entity_id,
                Move(
                    old=entry.entity_id,
                    key=found.key,
                    source=found.source,
                    same_counter=found.has_our_counter,
                ),
            )


def _named(known: Move | None, old: str, *, key: str) -> Move:
    """Believe a user; only of what is known anyway the counters are known, too."""
    return known if known and known.key == key else Move(old=old, key=key)


def _entity_id(coordinator: InverterCoordinator, key: str) -> str | None:
    registry = er.async_get(coordinator.hass)
    unique_id = coordinator.identity.unique_id(key)
    return registry.async_get_entity_id("sensor", DOMAIN, unique_id)


async def _judged(
    hass: HomeAssistant, move: Move, *, past: RecordedSeries, rivals: int
) -> Move:
    verdict = _verdict(hass, move, past)
    if verdict is Verdict.READY and rivals:
        verdict = Verdict.AMBIGUOUS
    if verdict is not Verdict.READY or move.ours is None:
        return replace(move, verdict=verdict)
    names = move.old, move.ours
    seam = await find_seam(hass, past, names=names, same_counter=move.same_counter)
    return replace(move, seam=seam, heritage=heritage(hass, *names))


def _verdict(hass: HomeAssistant, move: Move, past: RecordedSeries) -> Verdict:
    registry = er.async_get(hass)
    if move.ours is None:
        return Verdict.NOT_SERVED
    if move.old == move.ours:
        return Verdict.DONE
    if verdict := _obstacle(hass, move.old, past):
        return verdict
    if registry.entities[move.ours].disabled:
        return Verdict.DISABLED
    return _fit(hass, move.ours, past)


def _obstacle(hass: HomeAssistant, old: str, past: RecordedSeries) -> Verdict | None:
    """Find out why an old entity's name cannot be had, whatever it means."""
    if not old.startswith("sensor."):
        return Verdict.NO_SENSOR
    if _is_provided(hass, old):
        return Verdict.IN_USE
    if past.has_uncompiled_state:
        # Two counters within the same five minutes would look like one that fell.
        return Verdict.TOO_SOON
    if not past.exists and not er.async_get(hass).async_is_registered(old):
        return Verdict.UNKNOWN
    return None


def _is_provided(hass: HomeAssistant, entity_id: str) -> bool:
    """Whether somebody stands behind it; what is only remembered since the start does not count."""
    state = hass.states.get(entity_id)
    return state is not None and not state.attributes.get(ATTR_RESTORED)


def _fit(hass: HomeAssistant, ours: str, past: RecordedSeries) -> Verdict:
    """Compare what the two entities measure, as far as the recorder can tell."""
    state = hass.states.get(ours)
    if past.statistics is None:
        return Verdict.READY
    if state is None:
        return Verdict.NO_VALUE
    state_class = str(state.attributes.get("state_class", ""))
    counts = state_class.startswith("total")
    if past.is_counter != counts or not (counts or state_class == "measurement"):
        return Verdict.OTHER_KIND
    if parse_float(state.state) is None:
        return Verdict.NO_VALUE
    if not can_convert(state.attributes.get(ATTR_UNIT_OF_MEASUREMENT), past):
        return Verdict.OTHER_UNIT
    return Verdict.READY
