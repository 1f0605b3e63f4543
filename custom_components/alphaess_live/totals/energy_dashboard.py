"""Our energies on Home Assistant's energy dashboard: added beside what is there, and taken away again."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self, cast

from homeassistant.components.energy.data import (
    EnergyPreferencesUpdate,
    async_get_manager,
)
from homeassistant.config_entries import ConfigEntry
from homeassistant.const import ATTR_CONFIG_ENTRY_ID
from homeassistant.core import (
    HomeAssistant,
    ServiceCall,
    ServiceResponse,
    SupportsResponse,
)
from homeassistant.exceptions import ServiceValidationError
from homeassistant.helpers import config_validation as cv, entity_registry as er
from homeassistant.helpers.service import async_get_config_entry
import probatio

from ..const import CONF_ENERGY_SOURCES, DOMAIN
from ..storage import update_entry_data

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


@dataclass(frozen=True)
class Dashboard:
    """What is on the dashboard, and what an inverter has to do with it."""

    there: list[Source]
    """All that is there, whosever it is."""
    new: list[Source]
    """What of the inverter's would join it."""
    left_out: list[Source]
    """What of the inverter's would not: it is there, or would count twice."""
    added: list[Source]
    """What we have added, as it still is."""

    @classmethod
    async def of(cls, hass: HomeAssistant, entry: ConfigEntry) -> Self:
        """Compare what is there with what the inverter offers."""
        manager = await async_get_manager(hass)
        preferences = manager.data or manager.default_preferences()
        there = cast(list[Source], list(preferences["energy_sources"]))
        ours = sources(_entities(hass, entry))
        new = to_add(ours, there)
        others = without(there, entry.data.get(CONF_ENERGY_SOURCES, []))
        return cls(
            there=there,
            new=new,
            left_out=[source for source in ours if source not in new],
            added=[source for source in there if source not in others],
        )


def has_dashboard(hass: HomeAssistant) -> bool:
    """Tell whether this Home Assistant has an energy dashboard at all."""
    return "energy" in hass.config.components


async def add(hass: HomeAssistant, entry: ConfigEntry) -> Dashboard:
    """Add what is not there yet; answers with what was found."""
    found = await Dashboard.of(hass, entry)
    if found.new:
        await _save(hass, [*found.there, *found.new])
        known = entry.data.get(CONF_ENERGY_SOURCES, [])
        _remember(hass, entry, [*known, *found.new])
    return found


async def remove(hass: HomeAssistant, entry: ConfigEntry) -> Dashboard:
    """Take away what we have added; answers with what was found."""
    found = await Dashboard.of(hass, entry)
    if found.added:
        kept = [source for source in found.there if source not in found.added]
        await _save(hass, kept)
    _remember(hass, entry, [])
    return found


def statistics(of: Iterable[Source]) -> Iterator[str]:
    """Name the statistics that sources are made of."""
    wished = dict.fromkeys(stat for wishes in _WISHES.values() for stat in wishes)
    for source in of:
        yield from (source[stat] for stat in wished if source.get(stat))


def _entities(hass: HomeAssistant, entry: ConfigEntry) -> dict[str, str]:
    """Find our enabled sensors by their keys."""
    entities = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    return {
        entity.unique_id.partition("_")[2]: entity.entity_id
        for entity in entities
        if entity.domain == "sensor" and not entity.disabled
    }


async def _save(hass: HomeAssistant, all_sources: list[Source]) -> None:
    manager = await async_get_manager(hass)
    update = {"energy_sources": all_sources}
    await manager.async_update(cast(EnergyPreferencesUpdate, update))


def _remember(hass: HomeAssistant, entry: ConfigEntry, added: list[Source]) -> None:
    update_entry_data(hass, entry, **{CONF_ENERGY_SOURCES: added})


async def _add(call: ServiceCall) -> ServiceResponse:
    found = await add(call.hass, _entry(call))
    return {"added": cast(Any, found.new), "left_out": cast(Any, found.left_out)}


async def _remove(call: ServiceCall) -> ServiceResponse:
    found = await remove(call.hass, _entry(call))
    return {"removed": cast(Any, found.added)}


def _entry(call: ServiceCall) -> ConfigEntry:
    """Find whose energies are meant, where there is something to add them to."""
    if not has_dashboard(call.hass):
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="no_energy_dashboard"
        )
    return async_get_config_entry(
        call.hass, DOMAIN, call.data.get(ATTR_CONFIG_ENTRY_ID)
    )


_WHICH = probatio.Schema({probatio.Optional(ATTR_CONFIG_ENTRY_ID): cv.string})

ENERGY_ACTIONS = (
    ("add_to_energy_dashboard", _add, _WHICH, SupportsResponse.OPTIONAL),
    ("remove_from_energy_dashboard", _remove, _WHICH, SupportsResponse.OPTIONAL),
)
