"""The settings step of the options flow stores settings, and reports intervals in the wrong order."""

from datetime import timedelta
from typing import Any

from homeassistant.config_entries import ConfigEntry, ConfigEntryState, ConfigFlowResult
from homeassistant.core import HomeAssistant
from homeassistant.data_entry_flow import FlowResultType
from homeassistant.util.dt import utcnow
import pytest
from pytest_homeassistant_custom_component.common import async_fire_time_changed

from custom_components.alphaess_live.control import orders
from custom_components.alphaess_live.control.dispatch_status import DispatchOwner

from .conftest import add, inverter
from .test_add_inverter import add_demo

pytestmark = pytest.mark.usefixtures("socket_enabled")


SETTINGS = {
    "model_family": "smile_b3",
    "snapshot_interval": 30,
    "check_interval": 10,
    "live_interval": 3,
    "slow_interval": 120,
    "power_update_interval": 20,
    "groups": ["backup", "safety"],
    "message_spacing": 0.3,
    "controls": False,
    "stop_on_unload": False,
    "end_at_target": True,
}


async def open_settings(hass: HomeAssistant, entry: ConfigEntry) -> ConfigFlowResult:
    options = hass.config_entries.options
    menu = await options.async_init(entry.entry_id)
    return await options.async_configure(menu["flow_id"], {"next_step_id": "settings"})


async def submit_settings(
    hass: HomeAssistant, flow: ConfigFlowResult, **choice: Any
) -> ConfigFlowResult:
    result = await hass.config_entries.options.async_configure(flow["flow_id"], choice)
    await hass.async_block_till_done()
    return result


async def test_chosen_settings_are_stored(hass: HomeAssistant) -> None:
    entry = (await add_demo(hass))["result"]
    form = await open_settings(hass, entry)
    result = await submit_settings(hass, form, **SETTINGS)
    assert result["type"] is FlowResultType.CREATE_ENTRY
    assert entry.options == SETTINGS
    assert entry.state is ConfigEntryState.LOADED


async def test_defaults_of_the_settings_are_those_of_the_contract(
    hass: HomeAssistant,
) -> None:
    entry = (await add_demo(hass))["result"]
    form = await open_settings(hass, entry)
    await submit_settings(hass, form)
    assert entry.options == {
        "model_family": "automatic",
        "snapshot_interval": 10,
        "check_interval": 5,
        "live_interval": 2,
        "slow_interval": 300,
        "power_update_interval": 10,
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
async def test_intervals_in_the_wrong_order_are_reported(
    hass: HomeAssistant, wrong: dict[str, int], error: dict[str, str]
) -> None:
    entry = (await add_demo(hass))["result"]
    form = await open_settings(hass, entry)
    result = await submit_settings(hass, form, **SETTINGS | wrong)
    assert result["errors"] == error
    assert not entry.options
    await submit_settings(hass, result, **SETTINGS)
    assert entry.options == SETTINGS


UNTOUCHED = {"stop_on_unload": True, "end_at_target": True, "snapshot_interval": 20}


@pytest.mark.parametrize(
    ("change", "reloads", "runs_on"),
    [
        (UNTOUCHED, False, True),
        ({"stop_on_unload": False}, False, True),
        ({"groups": ["backup"]}, True, True),
        ({"model_family": "smile_b3"}, True, True),
        ({"message_spacing": 0.3}, True, False),
        ({"message_spacing": 0.3, "stop_on_unload": False}, True, True),
    ],
)
async def test_option_that_does_not_touch_the_link_keeps_our_dispatch(
    hass: HomeAssistant, change: dict[str, Any], *, reloads: bool, runs_on: bool
) -> None:
    async with inverter() as server:
        entry = await add(hass, server)
        before = entry.runtime_data
        await orders.hold(before.controller, duration=3600)
        await submit_settings(hass, await open_settings(hass, entry), **change)
        assert entry.state is ConfigEntryState.LOADED
        assert (entry.runtime_data is not before) is reloads
        dispatch = entry.runtime_data.controller.dispatch
        assert dispatch
        assert dispatch.active is runs_on
        assert (dispatch.owner is DispatchOwner.OURS) is runs_on


async def test_intervals_are_applied_without_a_reload(hass: HomeAssistant) -> None:
    entry = (await add_demo(hass))["result"]
    before = entry.runtime_data.coordinator
    intervals = {"snapshot_interval": 20, "check_interval": 7, "live_interval": 3}
    form = await open_settings(hass, entry)
    await submit_settings(hass, form, **intervals, slow_interval=90)
    assert entry.runtime_data.coordinator is before
    assert before.intervals.snapshot == timedelta(seconds=20)
    assert before.inverter.slow_interval == timedelta(seconds=90)
    async_fire_time_changed(hass, utcnow() + timedelta(seconds=1))
    await hass.async_block_till_done(wait_background_tasks=True)
    assert before.update_interval == timedelta(seconds=7)


async def test_settings_of_an_unloaded_entry_are_stored(hass: HomeAssistant) -> None:
    entry = (await add_demo(hass))["result"]
    await hass.config_entries.async_unload(entry.entry_id)
    await submit_settings(hass, await open_settings(hass, entry), end_at_target=True)
    assert entry.options["end_at_target"] is True
    assert entry.state is ConfigEntryState.NOT_LOADED
