"""The recorded series of an old entity and of ours become one series."""

from functools import partial
import logging
from typing import Any

from homeassistant.components.energy.data import async_get_manager
from homeassistant.components.energy.validate import async_validate
from homeassistant.components.recorder.history import get_significant_states
from homeassistant.components.recorder.statistics import get_metadata
from homeassistant.core import HomeAssistant
from homeassistant.helpers import entity_registry as er
from homeassistant.helpers.recorder import get_instance
from homeassistant.setup import async_setup_component
import pytest

from ..conftest import House, poll
from .conftest import (
    ENTRY,
    GRID,
    IMPORTED,
    Old,
    compile_now,
    hour,
    migrate,
    record,
    register,
    series,
)


def shown(hass: HomeAssistant, house: House, key: str) -> float:
    return float(house.state(hass, key))


async def states(hass: HomeAssistant, entity_id: str) -> list[str]:
    found: dict[str, list[Any]] = await get_instance(hass).async_add_executor_job(
        get_significant_states, hass, hour(1000), None, [entity_id]
    )
    return [state.state for state in found.get(entity_id, [])]


async def test_counter_continues_from_the_sum_of_the_old_one(
    hass: HomeAssistant, home: House
) -> None:
    now = shown(hass, home, "grid_import_energy_total")
    register(hass, IMPORTED)
    await record(hass, IMPORTED, [now - 9, now - 5, now - 2], end=hour(1))
    [move] = (await migrate(hass, apply=True)).values()
    assert move["verdict"] == "moved"
    assert move["energy_between"] == pytest.approx(2, abs=0.01)
    await compile_now(hass)
    assert [row["sum"] for row in await series(hass, IMPORTED.entity_id)] == [0, 4, 7]
    newest = (await series(hass, IMPORTED.entity_id, period="5minute"))[-1]
    assert newest["state"] == pytest.approx(now)
    assert newest["sum"] == pytest.approx(9)


async def test_measurements_continue_in_the_same_series(
    hass: HomeAssistant, home: House
) -> None:
    now = shown(hass, home, "grid_power")
    register(hass, GRID)
    await record(hass, GRID, [100, 200], end=hour(1))
    await migrate(hass, apply=True)
    await compile_now(hass)
    assert [row["mean"] for row in await series(hass, GRID.entity_id)] == [100, 200]
    newest = (await series(hass, GRID.entity_id, period="5minute"))[-1]
    assert newest["mean"] == pytest.approx(now)


async def test_history_shows_the_states_of_both(
    hass: HomeAssistant, home: House
) -> None:
    now = home.state(hass, "grid_power")
    register(hass, GRID)
    await record(hass, GRID, [123], end=hour(1))
    await migrate(hass, apply=True)
    assert home.entity_id(hass, "grid_power") == GRID.entity_id
    await compile_now(hass)
    history = await states(hass, GRID.entity_id)
    assert history[0] == "123"
    assert history[-1] == now


async def test_rows_of_ours_after_the_old_series_are_added(
    hass: HomeAssistant, home: House
) -> None:
    now = shown(hass, home, "grid_import_energy_total")
    ours = Old(
        unique_id="",
        entity_id=home.entity_id(hass, "grid_import_energy_total"),
        unit="kWh",
        counts=True,
    )
    attributes = hass.states.get(ours.entity_id)
    assert attributes
    await record(hass, ours, [now - 3, now - 1], end=hour(1))
    hass.states.async_set(ours.entity_id, str(now), attributes.attributes)
    register(hass, IMPORTED)
    await record(hass, IMPORTED, [now - 9, now - 5], end=hour(3))
    move = (await migrate(hass, apply=True))[IMPORTED.entity_id]
    assert move["hours_added"] == 2
    await compile_now(hass)
    rows = await series(hass, IMPORTED.entity_id)
    assert [row["sum"] for row in rows] == pytest.approx([0, 4, 6, 8])
    newest = (await series(hass, IMPORTED.entity_id, period="5minute"))[-1]
    assert newest["sum"] == pytest.approx(9)
    assert not await series(hass, ours.entity_id)


async def test_counter_with_another_start_continues_without_a_jump(
    hass: HomeAssistant, home: House
) -> None:
    old = Old(
        unique_id=f"{ENTRY}_AL1234 - Charge",
        entity_id="sensor.al1234_charge",
        unit="kWh",
        platform="alphaess",
        counts=True,
    )
    register(hass, old)
    await record(hass, old, [10, 15], end=hour(1))
    [move] = (await migrate(hass, apply=True)).values()
    assert move["key"] == "battery_charge_energy_total"
    assert move["energy_between"] == 0
    await compile_now(hass)
    newest = (await series(hass, old.entity_id, period="5minute"))[-1]
    assert newest["state"] == shown(hass, home, "battery_charge_energy_total")
    assert newest["sum"] == pytest.approx(5)


async def test_counter_with_implausible_growth_continues_without_a_jump(
    hass: HomeAssistant, home: House
) -> None:
    now = shown(hass, home, "grid_import_energy_total")
    register(hass, IMPORTED)
    await record(hass, IMPORTED, [now - 5004, now - 5000], end=hour(1))
    [move] = (await migrate(hass, apply=True)).values()
    assert move["energy_between"] == 0
    await compile_now(hass)
    newest = (await series(hass, IMPORTED.entity_id, period="5minute"))[-1]
    assert newest["sum"] == pytest.approx(4)


async def test_series_in_another_unit_continues_in_that_unit(
    hass: HomeAssistant, home: House
) -> None:
    old = Old(unique_id="", entity_id="sensor.grid_in_kilowatts", unit="kW")
    await record(hass, old, [0.5], end=hour(1))
    now = shown(hass, home, "grid_power")
    await migrate(hass, apply=True, entities={old.entity_id: "grid_power"})
    await compile_now(hass)
    assert [row["mean"] for row in await series(hass, old.entity_id)] == [500]
    newest = (await series(hass, old.entity_id, period="5minute"))[-1]
    assert newest["mean"] == pytest.approx(now)
    metadata = await get_instance(hass).async_add_executor_job(
        partial(get_metadata, hass, statistic_ids={old.entity_id})
    )
    assert metadata[old.entity_id][1]["unit_of_measurement"] == "kW"


async def test_energy_dashboard_needs_no_change(
    hass: HomeAssistant, home: House
) -> None:
    assert await async_setup_component(hass, "energy", {})
    manager = await async_get_manager(hass)
    grid: Any = {
        "type": "grid",
        "stat_energy_from": IMPORTED.entity_id,
        "stat_energy_to": None,
        "stat_cost": None,
        "entity_energy_price": None,
        "number_energy_price": None,
        "stat_compensation": None,
        "entity_energy_price_export": None,
        "number_energy_price_export": None,
        "cost_adjustment_day": 0,
    }
    preferences: Any = {"energy_sources": [grid]}
    await manager.async_update(preferences)
    now = shown(hass, home, "grid_import_energy_total")
    register(hass, IMPORTED)
    await record(hass, IMPORTED, [now - 3, now - 2], end=hour(1))
    errors = (await async_validate(hass)).as_dict()
    assert any(errors["energy_sources"])
    await migrate(hass, apply=True)
    await compile_now(hass)
    assert not any((await async_validate(hass)).as_dict()["energy_sources"])
    state = hass.states.get(IMPORTED.entity_id)
    assert state
    assert float(state.state) == now


async def test_entity_is_updated_under_its_new_id(
    hass: HomeAssistant, home: House
) -> None:
    before = home.entity_id(hass, "grid_power")
    register(hass, GRID)
    await record(hass, GRID, [100], end=hour(1))
    await migrate(hass, apply=True)
    assert hass.states.get(before) is None
    entry = er.async_get(hass).async_get(GRID.entity_id)
    assert entry
    assert entry.platform == "alphaess_live"
    home.inverter.advance(3600)
    await poll(home, full=True)
    await hass.async_block_till_done()
    snapshot = home.coordinator.data
    assert snapshot
    assert shown(hass, home, "grid_power") == snapshot.power.grid


async def test_recorder_logs_no_warning(
    hass: HomeAssistant, home: House, caplog: pytest.LogCaptureFixture
) -> None:
    now = shown(hass, home, "grid_import_energy_total")
    for old, value in ((GRID, 100), (IMPORTED, now - 1)):
        register(hass, old)
        await record(hass, old, [value], end=hour(1))
    await migrate(hass, apply=True)
    await compile_now(hass)
    warnings = [one for one in caplog.records if one.levelno >= logging.WARNING]
    assert not [one for one in warnings if "recorder" in one.name]


async def test_series_without_statistics_continues_with_ours(
    hass: HomeAssistant, home: House
) -> None:
    before = home.entity_id(hass, "grid_power")
    await compile_now(hass)
    assert await series(hass, before, period="5minute")
    changed_at = hour(1).timestamp()
    hass.states.async_set(GRID.entity_id, "77", timestamp=changed_at)
    hass.states.async_set(GRID.entity_id, "unavailable", timestamp=changed_at + 1)
    await compile_now(hass)
    hass.states.async_remove(GRID.entity_id)
    register(hass, GRID)
    await migrate(hass, apply=True)
    assert await series(hass, GRID.entity_id, period="5minute")
    assert not await series(hass, before, period="5minute")
    assert (await states(hass, GRID.entity_id))[0] == "77"
