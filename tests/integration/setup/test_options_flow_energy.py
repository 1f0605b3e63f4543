"""The energy step of the options flow adds an inverter to the energy dashboard, and removes it."""

from typing import Any

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest

from ..conftest import House
from ..totals.test_energy_dashboard import METER, SOLAR, dashboard_sources, set_sources


@pytest.fixture(autouse=True)
def _with_a_dashboard(hass: HomeAssistant) -> None:
    hass.config.components.add("energy")


async def open_energy_step(hass: HomeAssistant, house: House) -> ConfigFlowResult:
    """Open the energy step of the options flow."""
    options = hass.config_entries.options
    menu = await options.async_init(house.entry.entry_id)
    assert menu["menu_options"] == ["settings", "energy"]
    return await options.async_configure(menu["flow_id"], {"next_step_id": "energy"})


async def submit(hass: HomeAssistant, form: ConfigFlowResult) -> ConfigFlowResult:
    """Submit the form."""
    assert form["type"] is FlowResultType.FORM
    return await hass.config_entries.options.async_configure(form["flow_id"], {})


def listed(form: ConfigFlowResult, what: str) -> list[str]:
    """Return a list of the form."""
    placeholders: Any = form["description_placeholders"]
    return [line.removeprefix("- ") for line in placeholders[what].splitlines()]


async def test_energy_step_lists_and_adds_the_missing_sources(
    hass: HomeAssistant, live_house: House
) -> None:
    form = await open_energy_step(hass, live_house)
    assert form["step_id"] == "energy_add"
    for key in ("grid_import_energy_total", "grid_power", "battery_soc"):
        state = hass.states.get(live_house.entity_id(hass, key))
        assert state
        assert state.name in listed(form, "ours")
    assert listed(form, "others") == ["–"]
    assert await dashboard_sources(hass) == []
    end = await submit(hass, form)
    assert (end["type"], end["reason"]) == (FlowResultType.ABORT, "energy_added")
    assert [one["type"] for one in await dashboard_sources(hass)] == [
        "grid",
        "solar",
        "battery",
    ]


async def test_energy_step_removes_our_sources_and_keeps_others(
    hass: HomeAssistant, live_house: House
) -> None:
    await set_sources(hass, METER, SOLAR)
    form = await open_energy_step(hass, live_house)
    assert listed(form, "others") == ["sensor.meter", "sensor.roof", "sensor.w"]
    await submit(hass, form)
    assert len(await dashboard_sources(hass)) == 4
    again = await open_energy_step(hass, live_house)
    assert again["step_id"] == "energy_remove"
    assert listed(again, "ours") == listed(form, "ours")
    end = await submit(hass, again)
    assert end["reason"] == "energy_removed"
    assert await dashboard_sources(hass) == [METER, SOLAR]


async def test_energy_step_leaves_sources_added_by_hand_unchanged(
    hass: HomeAssistant, live_house: House
) -> None:
    await submit(hass, await open_energy_step(hass, live_house))
    by_hand = [one | {"name": "mine"} for one in await dashboard_sources(hass)]
    await set_sources(hass, *by_hand)
    end = await open_energy_step(hass, live_house)
    assert end["reason"] == "nothing_to_add"
    assert await dashboard_sources(hass) == by_hand


async def test_energy_step_without_a_dashboard_aborts_with_the_reason(
    hass: HomeAssistant, live_house: House
) -> None:
    hass.config.components.remove("energy")
    end = await open_energy_step(hass, live_house)
    assert end["reason"] == "no_energy_dashboard"


async def test_energy_step_does_not_reload_the_entry(
    hass: HomeAssistant, live_house: House
) -> None:
    before = live_house.coordinator
    await submit(hass, await open_energy_step(hass, live_house))
    await hass.async_block_till_done()
    assert live_house.coordinator is before
