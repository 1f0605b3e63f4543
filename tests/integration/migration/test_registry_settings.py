"""Settings that a user made for an old entity are taken over by the entity that continues it."""

from homeassistant.core import HomeAssistant
from homeassistant.helpers import (
    area_registry as ar,
    category_registry as cr,
    entity_registry as er,
    label_registry as lr,
)
from homeassistant.helpers.entity_registry import RegistryEntry, RegistryEntryHider
import pytest

from ..conftest import House
from .conftest import (
    ENTRY,
    GRID,
    Old,
    compile_now,
    hour,
    migrate,
    record,
    register,
    series,
)

USER = RegistryEntryHider.USER


async def register_with_series(hass: HomeAssistant) -> None:
    """Register the old entity, with a recorded series."""
    register(hass, GRID)
    await record(hass, GRID, [100], end=hour(1))


def set_all_settings(hass: HomeAssistant, entity_id: str, word: str) -> None:
    """Set everything that a user can set for an entity; each value contains the word."""
    registry = er.async_get(hass)
    entry = registry.entities[entity_id]
    label = lr.async_get(hass).async_create(f"{word} label")
    kind = cr.async_get(hass).async_create(scope=word, name=word)
    registry.async_update_entity(
        entity_id,
        name=f"{word} name",
        icon=f"mdi:{word}",
        area_id=ar.async_get(hass).async_create(f"{word} area").id,
        labels={label.label_id},
        categories={word: kind.category_id},
        aliases=[*entry.aliases, f"{word} alias"],
        hidden_by=USER,
    )


def ours(hass: HomeAssistant, house: House) -> RegistryEntry:
    return er.async_get(hass).entities[house.entity_id(hass, "grid_power")]


def words(entry: RegistryEntry) -> set[str]:
    return {alias for alias in entry.aliases if isinstance(alias, str)}


@pytest.mark.parametrize("removed", [False, True])
async def test_settings_of_the_old_entity_are_taken_over(
    hass: HomeAssistant, home: House, *, removed: bool
) -> None:
    await register_with_series(hass)
    set_all_settings(hass, GRID.entity_id, "old")
    if removed:
        er.async_get(hass).async_remove(GRID.entity_id)
    [planned] = (await migrate(hass)).values()
    [move] = (await migrate(hass, apply=True)).values()
    assert set(move["taken_over"]) == {
        *("name", "icon", "area", "hidden"),
        *("labels", "categories", "aliases"),
    }
    assert planned["taken_over"] == move["taken_over"]
    entry = ours(hass, home)
    assert entry.entity_id == GRID.entity_id
    assert (entry.name, entry.icon) == ("old name", "mdi:old")
    assert (entry.area_id, entry.labels) == ("old_area", {"old_label"})
    assert entry.categories.keys() == {"old"}
    assert (words(entry), entry.hidden_by) == ({"old alias"}, USER)
    state = hass.states.get(GRID.entity_id)
    assert state
    assert state.attributes["friendly_name"].endswith("old name")
    assert state.attributes["icon"] == "mdi:old"


async def test_settings_of_our_entity_are_kept(
    hass: HomeAssistant, home: House
) -> None:
    await register_with_series(hass)
    set_all_settings(hass, GRID.entity_id, "old")
    set_all_settings(hass, home.entity_id(hass, "grid_power"), "new")
    [move] = (await migrate(hass, apply=True)).values()
    assert set(move["taken_over"]) == {"labels", "categories", "aliases"}
    entry = ours(hass, home)
    assert (entry.name, entry.icon) == ("new name", "mdi:new")
    assert (entry.area_id, entry.labels) == ("new_area", {"new_label", "old_label"})
    assert entry.categories.keys() == {"new", "old"}
    assert words(entry) == {"new alias", "old alias"}


async def test_disabled_old_entity_does_not_disable_ours(
    hass: HomeAssistant, home: House
) -> None:
    await register_with_series(hass)
    er.async_get(hass).async_update_entity(
        GRID.entity_id,
        disabled_by=er.RegistryEntryDisabler.USER,
        hidden_by=RegistryEntryHider.INTEGRATION,
    )
    [move] = (await migrate(hass, apply=True)).values()
    assert (move["verdict"], move["taken_over"]) == ("moved", [])
    entry = ours(hass, home)
    assert (entry.disabled_by, entry.hidden_by) == (None, None)


async def test_load_energy_continues_from_the_sum_of_the_old_one(
    hass: HomeAssistant, home: House
) -> None:
    old = Old(
        unique_id=f"{ENTRY}_total_house_load",
        entity_id="sensor.alphaess_total_house_load",
        unit="kWh",
        counts=True,
    )
    register(hass, old)
    await record(hass, old, [20_000, 20_009], end=hour(1))
    [move] = (await migrate(hass, apply=True)).values()
    assert (move["verdict"], move["energy_between"]) == ("moved", 0)
    assert home.entity_id(hass, "load_energy_total") == old.entity_id
    await compile_now(hass)
    newest = (await series(hass, old.entity_id, period="5minute"))[-1]
    assert newest["sum"] == pytest.approx(9)
