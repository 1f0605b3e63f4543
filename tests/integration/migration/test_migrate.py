"""Which entities of other integrations are found, and why some of them cannot be moved."""

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
CHOSEN = Old(unique_id="", entity_id="sensor.somebodys_meter", unit="W")


async def test_migrate_without_apply_moves_nothing(
    hass: HomeAssistant, home: House
) -> None:
    before = home.entity_id(hass, "grid_power")
    register(hass, GRID)
    await record(hass, GRID, [100], end=hour(1))
    [move] = (await migrate(hass)).values()
    assert move["verdict"] == "ready"
    assert move["key"] == "grid_power"
    assert move["our_entity_id"] == before
    assert move["source"].startswith("AlphaESS Modbus")
    assert home.entity_id(hass, "grid_power") == before
    assert er.async_get(hass).async_is_registered(GRID.entity_id)


async def test_second_migrate_finds_all_done(hass: HomeAssistant, home: House) -> None:
    register(hass, GRID)
    await record(hass, GRID, [100], end=hour(1))
    await migrate(hass, apply=True)
    [move] = (await migrate(hass, apply=True)).values()
    assert move["verdict"] == "done"
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
async def test_entities_of_every_predecessor_are_found(
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
    [move] = (await migrate(hass)).values()
    assert move["key"] == key
    assert move["entity_id"] == old.entity_id


async def test_entity_of_a_removed_integration_is_moved(
    hass: HomeAssistant, home: House
) -> None:
    register(hass, GRID)
    er.async_get(hass).async_remove(GRID.entity_id)
    await record(hass, GRID, [100], end=hour(1))
    [move] = (await migrate(hass, apply=True)).values()
    assert move["verdict"] == "moved"
    assert home.entity_id(hass, "grid_power") == GRID.entity_id


async def test_restored_state_of_an_old_entity_does_not_block_the_move(
    hass: HomeAssistant, home: House
) -> None:
    register(hass, PACKAGE)
    await record(hass, PACKAGE, [100], end=hour(1))
    hass.states.async_set(PACKAGE.entity_id, "unavailable", {"restored": True})
    [move] = (await migrate(hass, apply=True)).values()
    assert move["verdict"] == "moved"
    assert home.entity_id(hass, "grid_power") == PACKAGE.entity_id


async def test_migrate_while_the_old_integration_runs_moves_nothing(
    hass: HomeAssistant, home: House
) -> None:
    before = home.entity_id(hass, "grid_power")
    register(hass, GRID)
    await record(hass, GRID, [100], end=hour(1))
    register(hass, IMPORTED)
    await record(hass, IMPORTED, [1, 2], end=hour(1))
    hass.states.async_set(IMPORTED.entity_id, "2")
    moves = await migrate(hass)
    assert moves[IMPORTED.entity_id]["verdict"] == "in_use"
    assert moves[GRID.entity_id]["verdict"] == "ready"
    with pytest.raises(ServiceValidationError) as refused:
        await migrate(hass, apply=True)
    assert refused.value.translation_key == "history_in_use"
    assert home.entity_id(hass, "grid_power") == before


async def test_entity_with_uncompiled_states_is_not_moved_yet(
    hass: HomeAssistant, home: House
) -> None:
    before = home.entity_id(hass, "grid_import_energy_total")
    register(hass, IMPORTED)
    await record(hass, IMPORTED, [1, 2], end=hour(1))
    hass.states.async_set(IMPORTED.entity_id, "3")
    hass.states.async_remove(IMPORTED.entity_id)
    moves = await migrate(hass, apply=True)
    assert moves[IMPORTED.entity_id]["verdict"] == "too_soon"
    assert home.entity_id(hass, "grid_import_energy_total") == before


async def test_two_old_entities_for_one_of_ours_need_a_choice(
    hass: HomeAssistant, home: House
) -> None:
    for old in (GRID, PACKAGE):
        register(hass, old)
        await record(hass, old, [100], end=hour(1))
    moves = await migrate(hass, apply=True)
    assert {one["verdict"] for one in moves.values()} == {"ambiguous"}
    chosen = {PACKAGE.entity_id: "grid_power"}
    moves = await migrate(hass, apply=True, entities=chosen)
    assert moves[PACKAGE.entity_id]["verdict"] == "moved"
    assert home.entity_id(hass, "grid_power") == PACKAGE.entity_id
    moves = await migrate(hass, apply=True)
    assert moves[GRID.entity_id]["verdict"] == "ambiguous"
    assert home.entity_id(hass, "grid_power") == PACKAGE.entity_id


async def test_entity_without_recorded_data_is_not_listed(
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
        (CHOSEN.entity_id, "no_such_key", "not_served"),
        (CHOSEN.entity_id, "battery_soc", "other_unit"),
        (CHOSEN.entity_id, "grid_import_energy_total", "other_kind"),
        (CHOSEN.entity_id, "inverter_work_mode", "other_kind"),
        (CHOSEN.entity_id, "grid_apparent_power", "disabled"),
    ],
)
async def test_wrong_choice_is_refused_with_the_reason(
    hass: HomeAssistant, home: House, old: str, key: str, verdict: str
) -> None:
    assert home.entry.runtime_data
    await record(hass, CHOSEN, [100], end=hour(1))
    assert (await migrate(hass, entities={old: key}))[old]["verdict"] == verdict
    with pytest.raises(ServiceValidationError) as refused:
        await migrate(hass, entities={old: key}, apply=True)
    assert refused.value.translation_key == f"history_{verdict}"
    assert hass.states.get(CHOSEN.entity_id) is None


async def test_migrate_during_an_outage_has_no_value(
    hass: HomeAssistant, home: House
) -> None:
    register(hass, GRID)
    await record(hass, GRID, [100], end=hour(1))
    await home.server.switch_off()
    home.inverter.switch_off()
    await home.coordinator.async_refresh()
    assert (await migrate(hass))[GRID.entity_id]["verdict"] == "no_value"


@pytest.mark.usefixtures("home")
async def test_migrate_by_a_user_without_admin_rights_is_refused(
    hass: HomeAssistant, hass_read_only_user: Any
) -> None:
    hass_read_only_user.groups = [await hass.auth.async_get_group(GROUP_ID_USER)]
    with pytest.raises(Unauthorized):
        await migrate(hass, context=Context(user_id=hass_read_only_user.id))


@pytest.mark.usefixtures("live_house")
async def test_migrate_without_a_recorder_is_refused(
    hass: HomeAssistant,
) -> None:
    with pytest.raises(HomeAssistantError) as refused:
        await migrate(hass)
    assert refused.value.translation_key == "no_recorder"


async def test_explanation_is_in_the_configured_language(
    hass: HomeAssistant, home: House
) -> None:
    assert home.entry.runtime_data
    await hass.config.async_update(language="de")
    await hass.async_block_till_done()
    register(hass, GRID)
    await record(hass, GRID, [100], end=hour(1))
    move = (await migrate(hass))[GRID.entity_id]
    assert move["explanation"] == f"{GRID.entity_id} kann übernommen werden."
