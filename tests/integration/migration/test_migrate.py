"""Which entities of others are found, and why some of them cannot go on as ours."""

from typing import Any

from homeassistant.auth.const import GROUP_ID_USER
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import (
    HomeAssistantError,
    ServiceValidationError,
    Unauthorized,
)
from homeassistant.helpers import entity_registry as er
import pytest

from ..conftest import House
from .conftest import ENTRY, GRID, IMPORTED, Old, hour, migrate, record, register

PACKAGE = Old(
    unique_id="AlphaESS_Power_Grid",
    entity_id="sensor.alphaess_power_grid_yaml",
    unit="W",
    platform="modbus",
)
NAMED = Old(unique_id="", entity_id="sensor.somebodys_meter", unit="W")


async def test_nothing_is_moved_unless_asked_for(
    hass: HomeAssistant, home: House
) -> None:
    before = home.entity_id(hass, "grid_power")
    register(hass, GRID)
    await record(hass, GRID, [100], end=hour(1))
    [told] = (await migrate(hass)).values()
    assert told["verdict"] == "ready"
    assert told["key"] == "grid_power"
    assert told["our_entity_id"] == before
    assert told["source"].startswith("AlphaESS Modbus")
    assert home.entity_id(hass, "grid_power") == before
    assert er.async_get(hass).async_is_registered(GRID.entity_id)


async def test_a_second_call_finds_all_done(hass: HomeAssistant, home: House) -> None:
    register(hass, GRID)
    await record(hass, GRID, [100], end=hour(1))
    await migrate(hass, apply=True)
    [told] = (await migrate(hass, apply=True)).values()
    assert told["verdict"] == "done"
    assert home.entity_id(hass, "grid_power") == GRID.entity_id


@pytest.mark.parametrize(
    ("unique_id", "platform", "key"),
    [
        (f"{ENTRY}_soc_battery", "alphaess_modbus", "battery_soc"),
        ("AlphaESS_SoC_Battery", "modbus", "battery_soc"),
        ("AlphaESS_Current_House_Load", "template", "load_power"),
        ("PV_TotalPower_Battery", "modbus", "battery_power"),
        (f"{ENTRY}_pv_total", "alphaess_controller", "pv_strings_power"),
        (f"{ENTRY}_AL01 - Instantaneous Load", "alphaess", "load_power"),
    ],
)
async def test_entities_of_every_known_integration_are_found(
    hass: HomeAssistant, home: House, unique_id: str, platform: str, key: str
) -> None:
    assert home.entry.runtime_data
    old = Old(
        unique_id=unique_id,
        entity_id="sensor.what_it_was_called",
        unit="%" if key == "battery_soc" else "W",
        platform=platform,
    )
    register(hass, old)
    await record(hass, old, [50], end=hour(1))
    [told] = (await migrate(hass)).values()
    assert told["key"] == key
    assert told["entity_id"] == old.entity_id


async def test_an_integration_that_was_removed_is_remembered(
    hass: HomeAssistant, home: House
) -> None:
    register(hass, GRID)
    er.async_get(hass).async_remove(GRID.entity_id)
    await record(hass, GRID, [100], end=hour(1))
    [told] = (await migrate(hass, apply=True)).values()
    assert told["verdict"] == "moved"
    assert home.entity_id(hass, "grid_power") == GRID.entity_id


async def test_what_only_home_assistant_remembers_is_not_in_the_way(
    hass: HomeAssistant, home: House
) -> None:
    register(hass, PACKAGE)
    await record(hass, PACKAGE, [100], end=hour(1))
    hass.states.async_set(PACKAGE.entity_id, "unavailable", {"restored": True})
    [told] = (await migrate(hass, apply=True)).values()
    assert told["verdict"] == "moved"
    assert home.entity_id(hass, "grid_power") == PACKAGE.entity_id


async def test_nothing_moves_while_the_other_integration_runs(
    hass: HomeAssistant, home: House
) -> None:
    before = home.entity_id(hass, "grid_power")
    register(hass, GRID)
    await record(hass, GRID, [100], end=hour(1))
    register(hass, IMPORTED)
    await record(hass, IMPORTED, [1, 2], end=hour(1))
    hass.states.async_set(IMPORTED.entity_id, "2")
    told = await migrate(hass)
    assert told[IMPORTED.entity_id]["verdict"] == "in_use"
    assert told[GRID.entity_id]["verdict"] == "ready"
    with pytest.raises(ServiceValidationError) as refused:
        await migrate(hass, apply=True)
    assert refused.value.translation_key == "history_in_use"
    assert home.entity_id(hass, "grid_power") == before


async def test_what_had_a_value_until_a_moment_ago_waits_for_its_statistics(
    hass: HomeAssistant, home: House
) -> None:
    before = home.entity_id(hass, "grid_import_energy_total")
    register(hass, IMPORTED)
    await record(hass, IMPORTED, [1, 2], end=hour(1))
    hass.states.async_set(IMPORTED.entity_id, "3")
    hass.states.async_remove(IMPORTED.entity_id)
    told = await migrate(hass, apply=True)
    assert told[IMPORTED.entity_id]["verdict"] == "too_soon"
    assert home.entity_id(hass, "grid_import_energy_total") == before


async def test_two_old_entities_for_one_of_ours_are_left_to_the_user(
    hass: HomeAssistant, home: House
) -> None:
    for old in (GRID, PACKAGE):
        register(hass, old)
        await record(hass, old, [100], end=hour(1))
    told = await migrate(hass, apply=True)
    assert {one["verdict"] for one in told.values()} == {"ambiguous"}
    chosen = {PACKAGE.entity_id: "grid_power"}
    told = await migrate(hass, apply=True, entities=chosen)
    assert told[PACKAGE.entity_id]["verdict"] == "moved"
    assert home.entity_id(hass, "grid_power") == PACKAGE.entity_id
    told = await migrate(hass, apply=True)
    assert told[GRID.entity_id]["verdict"] == "ambiguous"
    assert home.entity_id(hass, "grid_power") == PACKAGE.entity_id


async def test_an_entity_without_a_past_is_not_mentioned(
    hass: HomeAssistant, home: House
) -> None:
    assert home.entry.runtime_data
    register(hass, GRID)
    assert not await migrate(hass)


@pytest.mark.parametrize(
    ("old", "key", "verdict"),
    [
        ("sensor.nobody_knows_this", "grid_power", "unknown"),
        ("switch.somebodys_meter", "grid_power", "no_sensor"),
        (NAMED.entity_id, "no_such_key", "not_served"),
        (NAMED.entity_id, "battery_soc", "other_unit"),
        (NAMED.entity_id, "grid_import_energy_total", "other_kind"),
        (NAMED.entity_id, "inverter_work_mode", "other_kind"),
        (NAMED.entity_id, "grid_apparent_power", "disabled"),
    ],
)
async def test_what_a_user_names_wrongly_is_refused_with_its_reason(
    hass: HomeAssistant, home: House, old: str, key: str, verdict: str
) -> None:
    assert home.entry.runtime_data
    await record(hass, NAMED, [100], end=hour(1))
    assert (await migrate(hass, entities={old: key}))[old]["verdict"] == verdict
    with pytest.raises(ServiceValidationError) as refused:
        await migrate(hass, entities={old: key}, apply=True)
    assert refused.value.translation_key == f"history_{verdict}"
    assert hass.states.get(NAMED.entity_id) is None


async def test_an_inverter_that_is_away_has_no_value_to_go_on_with(
    hass: HomeAssistant, home: House
) -> None:
    register(hass, GRID)
    await record(hass, GRID, [100], end=hour(1))
    await home.server.switch_off()
    home.inverter.switch_off()
    await home.coordinator.async_refresh()
    assert (await migrate(hass))[GRID.entity_id]["verdict"] == "no_value"


@pytest.mark.usefixtures("home")
async def test_only_administrators_may_take_names_over(
    hass: HomeAssistant, hass_read_only_user: Any
) -> None:
    hass_read_only_user.groups = [await hass.auth.async_get_group(GROUP_ID_USER)]
    with pytest.raises(Unauthorized):
        await migrate(hass, context=Context(user_id=hass_read_only_user.id))


@pytest.mark.usefixtures("live_house")
async def test_without_a_recorder_there_is_nothing_to_go_on_from(
    hass: HomeAssistant,
) -> None:
    with pytest.raises(HomeAssistantError) as refused:
        await migrate(hass)
    assert refused.value.translation_key == "no_recorder"


async def test_the_answer_speaks_the_language_of_the_house(
    hass: HomeAssistant, home: House
) -> None:
    assert home.entry.runtime_data
    await hass.config.async_update(language="de")
    await hass.async_block_till_done()
    register(hass, GRID)
    await record(hass, GRID, [100], end=hour(1))
    told = (await migrate(hass))[GRID.entity_id]
    assert told["explanation"] == f"{GRID.entity_id} kann übernommen werden."
