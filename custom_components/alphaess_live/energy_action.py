"""Adds our energies to Home Assistant's energy dashboard, beside what is there, and takes them away again."""

from collections.abc import Iterable, Mapping
from typing import Any, cast

from homeassistant.components.energy.data import (
    EnergyPreferencesUpdate,
    async_get_manager,
)
from homeassistant.const import ATTR_CONFIG_ENTRY_ID
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
)
from homeassistant.helpers import config_validation as cv, entity_registry as er
from homeassistant.helpers.service import async_get_config_entry
import probatio

from .const import CONF_ENERGY_SOURCES, DOMAIN
from .coordinator import AlphaEssConfigEntry

type Source = dict[str, Any]

_STATISTICS = ("stat_energy_from", "stat_energy_to", "stat_rate")

_WISHES: dict[str, dict[str, str]] = {
    "grid": {
        "stat_energy_from": "grid_import_energy_total",
        "stat_energy_to": "grid_export_energy_total",
        "stat_rate": "grid_power",
    },
    "solar": {"stat_energy_from": "pv_energy_total", "stat_rate": "pv_power"},
    "battery": {
        "stat_energy_from": "battery_discharge_energy_total",
        "stat_energy_to": "battery_charge_energy_total",
        "stat_rate": "battery_power",
        "stat_soc": "battery_soc",
    },
}
"""What the dashboard asks for, and the key of ours that answers."""


def sources(found: Mapping[str, str]) -> list[Source]:
    """Compose the sources of the entities that there are: their ids, by key.

    Without its energies a source is left out; live power and charge are extras.
    """
    composed: list[Source] = []
    for kind, wishes in _WISHES.items():
        source: Source = {"type": kind}
        source |= {stat: found[key] for stat, key in wishes.items() if key in found}
        energies = {stat for stat in wishes if stat.startswith("stat_energy")}
        if energies <= source.keys():
            composed.append(
                source | ({"cost_adjustment_day": 0} if kind == "grid" else {})
            )
    return composed


def to_add(ours: Iterable[Source], there: Iterable[Source]) -> list[Source]:
    """Leave out what somebody added already, and a second meter of the grid: it would count twice."""
    known = list(there)
    used = {source.get(stat) for source in known for stat in _STATISTICS}
    has_grid = any(source["type"] == "grid" for source in known)
    return [
        source
        for source in ours
        if not used & {source[stat] for stat in _STATISTICS if stat in source}
        and not (has_grid and source["type"] == "grid")
    ]


def without(there: Iterable[Source], added: Iterable[Source]) -> list[Source]:
    """Take away what was added, unless somebody has changed it since: then it is theirs."""
    ours = [_told(source) for source in added]
    return [source for source in there if _told(source) not in ours]


def _told(source: Source) -> Source:
    """Leave out what the dashboard's own editor writes for nothing."""
    return {key: value for key, value in source.items() if value is not None}


async def _add(call: ServiceCall) -> ServiceResponse:
    entry = _entry(call)
    there = await _sources(call.hass)
    ours = sources(_entities(call.hass, entry))
    new = to_add(ours, there)
    if new:
        await _save(call.hass, [*there, *new])
        known = entry.data.get(CONF_ENERGY_SOURCES, [])
        _remember(call.hass, entry, [*known, *new])
    left = [source for source in ours if source not in new]
    return {"added": cast(Any, new), "left_out": cast(Any, left)}


async def _remove(call: ServiceCall) -> ServiceResponse:
    entry = _entry(call)
    there = await _sources(call.hass)
    kept = without(there, entry.data.get(CONF_ENERGY_SOURCES, []))
    removed = [source for source in there if source not in kept]
    if removed:
        await _save(call.hass, kept)
    _remember(call.hass, entry, [])
    return {"removed": cast(Any, removed)}


def _entry(call: ServiceCall) -> AlphaEssConfigEntry:
    return async_get_config_entry(
        call.hass, DOMAIN, call.data.get(ATTR_CONFIG_ENTRY_ID)
    )


def _entities(hass: HomeAssistant, entry: AlphaEssConfigEntry) -> dict[str, str]:
    """Find our enabled sensors by their keys."""
    entities = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    return {
        entity.unique_id.partition("_")[2]: entity.entity_id
        for entity in entities
        if entity.domain == "sensor" and not entity.disabled
    }


async def _sources(hass: HomeAssistant) -> list[Source]:
    manager = await async_get_manager(hass)
    preferences = manager.data or manager.default_preferences()
    return cast(list[Source], list(preferences["energy_sources"]))


async def _save(hass: HomeAssistant, all_sources: list[Source]) -> None:
    manager = await async_get_manager(hass)
    update = {"energy_sources": all_sources}
    await manager.async_update(cast(EnergyPreferencesUpdate, update))


def _remember(
    hass: HomeAssistant, entry: AlphaEssConfigEntry, added: list[Source]
) -> None:
    data = entry.data | {CONF_ENERGY_SOURCES: added}
    hass.config_entries.async_update_entry(entry, data=data)


_WHICH = probatio.Schema({probatio.Optional(ATTR_CONFIG_ENTRY_ID): cv.string})

ENERGY_ACTIONS = (
    ("add_to_energy_dashboard", _add, _WHICH, SupportsResponse.OPTIONAL),
    ("remove_from_energy_dashboard", _remove, _WHICH, SupportsResponse.OPTIONAL),
)
