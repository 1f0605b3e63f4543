"""Our sources are added to the energy dashboard and removed again; other sources are left unchanged."""

from typing import Any

from homeassistant.components.energy.data import (
    ENERGY_SOURCE_SCHEMA,
    async_get_manager,
)
from homeassistant.core import Context, HomeAssistant
from homeassistant.exceptions import ServiceValidationError, Unauthorized
import pytest
from pytest_homeassistant_custom_component.common import MockUser

from custom_components.alphaess_live.const import DOMAIN

from ..conftest import House

SOLAR = {"type": "solar", "stat_energy_from": "sensor.roof", "stat_rate": "sensor.w"}
METER = {
    "type": "grid",
    "stat_energy_from": "sensor.meter",
    "number_energy_price": 0.3,
    "cost_adjustment_day": 0.0,
}


@pytest.fixture(autouse=True)
def _with_a_dashboard(hass: HomeAssistant) -> None:
    """Mark the energy integration as loaded. Its own setup would need a recorder and a frontend."""
    hass.config.components.add("energy")


async def call(hass: HomeAssistant, name: str, **who: Any) -> Any:
    """Call an action of the integration."""
    return await hass.services.async_call(
        DOMAIN, name, {}, blocking=True, return_response=True, **who
    )


async def dashboard_sources(hass: HomeAssistant) -> list[Any]:
    """Read the sources of the dashboard."""
    manager = await async_get_manager(hass)
    return list(manager.data["energy_sources"]) if manager.data else []


async def set_sources(hass: HomeAssistant, *sources: Any) -> None:
    """Set the sources of the dashboard."""
    manager = await async_get_manager(hass)
    await manager.async_update({"energy_sources": list(sources)})  # type: ignore[typeddict-item]


async def test_add_adds_grid_solar_and_battery_once(
    hass: HomeAssistant,
    live_house: House,
) -> None:
    answer = await call(hass, "add_to_energy_dashboard")
    found = await dashboard_sources(hass)
    assert answer["added"] == found
    assert [source["type"] for source in found] == ["grid", "solar", "battery"]
    assert found[0]["stat_rate"] == live_house.entity_id(hass, "grid_power")
    assert ENERGY_SOURCE_SCHEMA(found)
    again = await call(hass, "add_to_energy_dashboard")
    assert (again["added"], await dashboard_sources(hass)) == ([], found)


async def test_remove_leaves_sources_of_the_user_unchanged(
    hass: HomeAssistant,
    live_house: House,
) -> None:
    assert live_house.coordinator
    await set_sources(hass, METER, SOLAR)
    answer = await call(hass, "add_to_energy_dashboard")
    assert [source["type"] for source in answer["left_out"]] == ["grid"]
    found = await dashboard_sources(hass)
    assert found[:2] == [METER, SOLAR]
    assert len(found) == 4
    await call(hass, "remove_from_energy_dashboard")
    assert await dashboard_sources(hass) == [METER, SOLAR]


async def test_remove_keeps_a_source_that_was_changed_since(
    hass: HomeAssistant,
    live_house: House,
) -> None:
    assert live_house.coordinator
    await call(hass, "add_to_energy_dashboard")
    grid, *others = await dashboard_sources(hass)
    priced = grid | {"number_energy_price": 0.3}
    await set_sources(hass, priced, *(one | {"stat_cost": None} for one in others))
    await call(hass, "remove_from_energy_dashboard")
    assert await dashboard_sources(hass) == [priced]


async def test_add_by_a_user_without_admin_rights_is_refused(
    hass: HomeAssistant,
    live_house: House,
    hass_read_only_user: MockUser,
) -> None:
    assert live_house.coordinator
    who = Context(user_id=hass_read_only_user.id)
    with pytest.raises(Unauthorized):
        await call(hass, "add_to_energy_dashboard", context=who)
    assert await dashboard_sources(hass) == []


async def test_add_without_an_energy_dashboard_is_refused_with_the_reason(
    hass: HomeAssistant,
    live_house: House,
) -> None:
    assert live_house.coordinator
    hass.config.components.remove("energy")
    with pytest.raises(
        ServiceValidationError, match="Energy dashboard is not available"
    ):
        await call(hass, "add_to_energy_dashboard")
    assert await dashboard_sources(hass) == []
