"""One click in the options puts an inverter on the energy dashboard; one more takes it off again."""

from typing import Any

from homeassistant.config_entries import ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest

from ..conftest import House
from ..totals.test_energy_dashboard import METER, SOLAR, begin, there


@pytest.fixture(autouse=True)
def _with_a_dashboard(hass: HomeAssistant) -> None:
    hass.config.components.add("energy")


async def opened(hass: HomeAssistant, house: House) -> ConfigFlowResult:
    """Choose the energy dashboard in the options."""
    options = hass.config_entries.options
    menu = await options.async_init(house.entry.entry_id)
    assert menu["menu_options"] == ["settings", "energy"]
    return await options.async_configure(menu["flow_id"], {"next_step_id": "energy"})


async def submit(hass: HomeAssistant, form: ConfigFlowResult) -> ConfigFlowResult:
    """Click what the form offers."""
    assert form["type"] is FlowResultType.FORM
    return await hass.config_entries.options.async_configure(form["flow_id"], {})


def told(form: ConfigFlowResult, what: str) -> list[str]:
    """Read one of the form's lists."""
    placeholders: Any = form["description_placeholders"]
    return [line.removeprefix("- ") for line in placeholders[what].splitlines()]


async def test_it_shows_what_joins_and_adds_that(
    hass: HomeAssistant, live_house: House
) -> None:
    form = await opened(hass, live_house)
    assert form["step_id"] == "energy_add"
    for key in ("grid_import_energy_total", "grid_power", "battery_soc"):
        state = hass.states.get(live_house.entity_id(hass, key))
        assert state
        assert state.name in told(form, "ours")
    assert told(form, "others") == ["–"]
    assert await there(hass) == []
    end = await submit(hass, form)
    assert (end["type"], end["reason"]) == (FlowResultType.ABORT, "energy_added")
    assert [one["type"] for one in await there(hass)] == ["grid", "solar", "battery"]


async def test_once_it_is_there_it_offers_to_take_that_away_and_leaves_the_rest(
    hass: HomeAssistant, live_house: House
) -> None:
    await begin(hass, METER, SOLAR)
    form = await opened(hass, live_house)
    assert told(form, "others") == ["sensor.meter", "sensor.roof", "sensor.w"]
    await submit(hass, form)
    assert len(await there(hass)) == 4
    again = await opened(hass, live_house)
    assert again["step_id"] == "energy_remove"
    assert told(again, "ours") == told(form, "ours")
    end = await submit(hass, again)
    assert end["reason"] == "energy_removed"
    assert await there(hass) == [METER, SOLAR]


async def test_what_somebody_added_by_hand_is_neither_added_nor_taken(
    hass: HomeAssistant, live_house: House
) -> None:
    await submit(hass, await opened(hass, live_house))
    by_hand = [one | {"name": "mine"} for one in await there(hass)]
    await begin(hass, *by_hand)
    end = await opened(hass, live_house)
    assert end["reason"] == "nothing_to_add"
    assert await there(hass) == by_hand


async def test_without_an_energy_dashboard_it_says_so(
    hass: HomeAssistant, live_house: House
) -> None:
    hass.config.components.remove("energy")
    end = await opened(hass, live_house)
    assert end["reason"] == "no_energy_dashboard"


async def test_a_click_reloads_nothing(hass: HomeAssistant, live_house: House) -> None:
    before = live_house.coordinator
    await submit(hass, await opened(hass, live_house))
    await hass.async_block_till_done()
    assert live_house.coordinator is before
