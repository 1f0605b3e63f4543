"""How an inverter is read is chosen, and choices that defeat each other are explained."""

from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigEntryState, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
import pytest

from .test_add_inverter import add_demo

pytestmark = pytest.mark.usefixtures("socket_enabled")


CHOICE = {
    "model_family": "smile_b3",
    "snapshot_interval": 30,
    "check_interval": 10,
    "live_interval": 3,
    "slow_interval": 120,
    "groups": ["backup", "safety"],
    "message_spacing": 0.3,
    "controls": False,
    "stop_on_unload": False,
    "end_at_target": True,
}


async def settings(hass: HomeAssistant, entry: ConfigEntry) -> ConfigFlowResult:
    options = hass.config_entries.options
    menu = await options.async_init(entry.entry_id)
    return await options.async_configure(menu["flow_id"], {"next_step_id": "settings"})


async def choose(
    hass: HomeAssistant, flow: ConfigFlowResult, **choice: Any
) -> ConfigFlowResult:
    result = await hass.config_entries.options.async_configure(flow["flow_id"], choice)
    await hass.async_block_till_done()
    return result


async def test_how_it_is_read_can_be_chosen(hass: HomeAssistant) -> None:
    entry = (await add_demo(hass))["result"]
    form = await settings(hass, entry)
    result = await choose(hass, form, **CHOICE)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert entry.options == CHOICE
    assert entry.state is ConfigEntryState.LOADED


async def test_the_contract_is_what_applies_unless_somebody_chooses(
    hass: HomeAssistant,
) -> None:
    entry = (await add_demo(hass))["result"]
    form = await settings(hass, entry)
    await choose(hass, form)
    assert entry.options == {
        "model_family": "automatic",
        "snapshot_interval": 10,
        "check_interval": 5,
        "live_interval": 2,
        "slow_interval": 300,
        "groups": ["backup", "settings"],
        "message_spacing": 0.1,
        "controls": True,
        "stop_on_unload": True,
        "end_at_target": False,
    }


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"live_interval": 11}, {"live_interval": "live_above_check"}),
        ({"check_interval": 31}, {"check_interval": "check_above_snapshot"}),
        (
            {"snapshot_interval": 121},
            {"snapshot_interval": "snapshot_above_slow"},
        ),
    ],
)
async def test_intervals_that_defeat_each_other_are_explained(
    hass: HomeAssistant, wrong: dict[str, int], error: dict[str, str]
) -> None:
    entry = (await add_demo(hass))["result"]
    form = await settings(hass, entry)
    result = await choose(hass, form, **CHOICE | wrong)
    assert result["errors"] == error
    assert not entry.options
    await choose(hass, result, **CHOICE)
    assert entry.options == CHOICE
