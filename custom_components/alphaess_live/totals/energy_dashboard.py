"""Adds the inverter's energies to Home Assistant's energy dashboard, and removes them again."""

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

type EnergySource = dict[str, Any]

_STATISTICS = ("stat_energy_from", "stat_energy_to", "stat_rate")

_KEYS_BY_STATISTIC: dict[str, dict[str, str]] = {
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
"""The fields of each source of the dashboard, and the key of the sensor for each field."""


def energy_sources(entity_ids: Mapping[str, str]) -> list[EnergySource]:
    """Build the sources from the ids of the available sensors, by key.

    A source needs its energies; power and state of charge are optional.
    """
    built: list[EnergySource] = []
    for kind, keys in _KEYS_BY_STATISTIC.items():
        source: EnergySource = {"type": kind}
        source |= {
            stat: entity_ids[key] for stat, key in keys.items() if key in entity_ids
        }
        energies = {stat for stat in keys if stat.startswith("stat_energy")}
        if energies <= source.keys():
            built.append(
                source | ({"cost_adjustment_day": 0} if kind == "grid" else {})
            )
    return built


def addable_sources(
    ours: Iterable[EnergySource], present: Iterable[EnergySource]
) -> list[EnergySource]:
    """Select the sources that are not on the dashboard. A second grid meter would count twice."""
    others = list(present)
    used = {source.get(stat) for source in others for stat in _STATISTICS}
    has_grid_source = any(source["type"] == "grid" for source in others)
    return [
        source
        for source in ours
        if not used & {source[stat] for stat in _STATISTICS if stat in source}
        and not (has_grid_source and source["type"] == "grid")
    ]


def without_added(
    present: Iterable[EnergySource], added: Iterable[EnergySource]
) -> list[EnergySource]:
    """Remove the sources that we added. A source that a user has changed since stays."""
    ours = [_without_empty(source) for source in added]
    return [source for source in present if _without_empty(source) not in ours]


def _without_empty(source: EnergySource) -> EnergySource:
    """Leave out the fields that the editor of the dashboard sets to None."""
    return {key: value for key, value in source.items() if value is not None}


@dataclass(frozen=True)
class Dashboard:
    """The sources on the dashboard, and those of one inverter."""

    present: list[EnergySource]
    """All sources on the dashboard."""
    addable: list[EnergySource]
    """Sources of the inverter that can be added."""
    left_out: list[EnergySource]
    """Sources of the inverter that are on the dashboard already, or would count twice."""
    added: list[EnergySource]
    """Sources on the dashboard that we added, unchanged."""

    @classmethod
    async def load(cls, hass: HomeAssistant, entry: ConfigEntry) -> Self:
        """Load the dashboard, and compare it with the sources of the inverter."""
        manager = await async_get_manager(hass)
        preferences = manager.data or manager.default_preferences()
        present = cast(list[EnergySource], list(preferences["energy_sources"]))
        ours = energy_sources(_sensors_by_key(hass, entry))
        addable = addable_sources(ours, present)
        others = without_added(present, entry.data.get(CONF_ENERGY_SOURCES, []))
        return cls(
            present=present,
            addable=addable,
            left_out=[source for source in ours if source not in addable],
            added=[source for source in present if source not in others],
        )


def has_dashboard(hass: HomeAssistant) -> bool:
    """Whether this Home Assistant has an energy dashboard."""
    return "energy" in hass.config.components


async def add_sources(hass: HomeAssistant, entry: ConfigEntry) -> Dashboard:
    """Add the missing sources. Returns the dashboard before the change."""
    dashboard = await Dashboard.load(hass, entry)
    if dashboard.addable:
        await _save_sources(hass, [*dashboard.present, *dashboard.addable])
        earlier = entry.data.get(CONF_ENERGY_SOURCES, [])
        _store_added(hass, entry, [*earlier, *dashboard.addable])
    return dashboard


async def remove_sources(hass: HomeAssistant, entry: ConfigEntry) -> Dashboard:
    """Remove the sources that we added. Returns the dashboard before the change."""
    dashboard = await Dashboard.load(hass, entry)
    if dashboard.added:
        others = [
            source for source in dashboard.present if source not in dashboard.added
        ]
        await _save_sources(hass, others)
    _store_added(hass, entry, [])
    return dashboard


def statistic_ids(selected: Iterable[EnergySource]) -> Iterator[str]:
    """List the statistic ids that sources consist of."""
    statistic_names = dict.fromkeys(
        stat for keys in _KEYS_BY_STATISTIC.values() for stat in keys
    )
    for source in selected:
        yield from (source[stat] for stat in statistic_names if source.get(stat))


def _sensors_by_key(hass: HomeAssistant, entry: ConfigEntry) -> dict[str, str]:
    """Find the ids of the enabled sensors of an inverter, by key."""
    entities = er.async_entries_for_config_entry(er.async_get(hass), entry.entry_id)
    return {
        entity.unique_id.partition("_")[2]: entity.entity_id
        for entity in entities
        if entity.domain == "sensor" and not entity.disabled
    }


async def _save_sources(hass: HomeAssistant, all_sources: list[EnergySource]) -> None:
    manager = await async_get_manager(hass)
    update = {"energy_sources": all_sources}
    await manager.async_update(cast(EnergyPreferencesUpdate, update))


def _store_added(
    hass: HomeAssistant, entry: ConfigEntry, added: list[EnergySource]
) -> None:
    update_entry_data(hass, entry, **{CONF_ENERGY_SOURCES: added})


async def _add(call: ServiceCall) -> ServiceResponse:
    dashboard = await add_sources(call.hass, _entry_of(call))
    return {
        "added": cast(Any, dashboard.addable),
        "left_out": cast(Any, dashboard.left_out),
    }


async def _remove(call: ServiceCall) -> ServiceResponse:
    dashboard = await remove_sources(call.hass, _entry_of(call))
    return {"removed": cast(Any, dashboard.added)}


def _entry_of(call: ServiceCall) -> ConfigEntry:
    """Find the config entry of a call. Raises ServiceValidationError without a dashboard."""
    if not has_dashboard(call.hass):
        raise ServiceValidationError(
            translation_domain=DOMAIN, translation_key="no_energy_dashboard"
        )
    return async_get_config_entry(
        call.hass, DOMAIN, call.data.get(ATTR_CONFIG_ENTRY_ID)
    )


_SCHEMA = probatio.Schema({probatio.Optional(ATTR_CONFIG_ENTRY_ID): cv.string})

ENERGY_ACTIONS = (
    ("add_to_energy_dashboard", _add, _SCHEMA, SupportsResponse.OPTIONAL),
    ("remove_from_energy_dashboard", _remove, _SCHEMA, SupportsResponse.OPTIONAL),
)
