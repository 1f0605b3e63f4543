"""Our energies join the energy dashboard, and leave it, without touching anybody else's."""

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
    """Its own setup would bring a recorder and a frontend; of it we use its preferences."""
    hass.config.components.add("energy")


async def act(hass: HomeAssistant, name: str, **who: Any) -> Any:
    """Call an action of ours."""
    return await hass.services.async_call(
        DOMAIN, name, {}, blocking=True, return_response=True, **who
    )


async def there(hass: HomeAssistant) -> list[Any]:
    """Look at the dashboard's sources."""
    manager = await async_get_manager(hass)
    return list(manager.data["energy_sources"]) if manager.data else []


async def begin(hass: HomeAssistant, *sources: Any) -> None:
    """Let somebody set up the dashboard before."""
    manager = await async_get_manager(hass)
    await manager.async_update({"energy_sources": list(sources)})  # type: ignore[typeddict-item]


async def test_grid_solar_and_battery_join_with_live_power_once(
    hass: HomeAssistant,
    live_house: House,
) -> None:
    answer = await act(hass, "add_to_energy_dashboard")
    found = await there(hass)
    assert answer["added"] == found
    assert [source["type"] for source in found] == ["grid", "solar", "battery"]
    assert found[0]["stat_rate"] == live_house.entity_id(hass, "grid_power")
    assert ENERGY_SOURCE_SCHEMA(found)
    again = await act(hass, "add_to_energy_dashboard")
    assert (again["added"], await there(hass)) == ([], found)


async def test_what_is_there_stays_and_comes_back_untouched(
    hass: HomeAssistant,
    live_house: House,
) -> None:
    assert live_house.coordinator
    await begin(hass, METER, SOLAR)
    answer = await act(hass, "add_to_energy_dashboard")
    assert [source["type"] for source in answer["left_out"]] == ["grid"]
    found = await there(hass)
    assert found[:2] == [METER, SOLAR]
    assert len(found) == 4
    await act(hass, "remove_from_energy_dashboard")
    assert await there(hass) == [METER, SOLAR]


async def test_what_somebody_changed_since_is_theirs(
    hass: HomeAssistant,
    live_house: House,
) -> None:
    assert live_house.coordinator
    await act(hass, "add_to_energy_dashboard")
    grid, *others = await there(hass)
    priced = grid | {"number_energy_price": 0.3}
    await begin(hass, priced, *(one | {"stat_cost": None} for one in others))
    await act(hass, "remove_from_energy_dashboard")
    assert await there(hass) == [priced]


async def test_only_an_administrator_may(
    hass: HomeAssistant,
    live_house: House,
    hass_read_only_user: MockUser,
) -> None:
    assert live_house.coordinator
    who = Context(user_id=hass_read_only_user.id)
    with pytest.raises(Unauthorized):
        await act(hass, "add_to_energy_dashboard", context=who)
    assert await there(hass) == []


async def test_without_an_energy_dashboard_nothing_is_added_and_it_says_why(
    hass: HomeAssistant,
    live_house: House,
) -> None:
    assert live_house.coordinator
    hass.config.components.remove("energy")
    with pytest.raises(
        ServiceValidationError, match="Energy dashboard is not available"
    ):
        await act(hass, "add_to_energy_dashboard")
    assert await there(hass) == []
