"""Repair flows: a new address, and the inverter's clock."""

from dataclasses import replace
from functools import partial
from typing import Any

from homeassistant.core import HomeAssistant
import pytest
from pytest_homeassistant_custom_component.typing import ClientSessionGenerator

from custom_components.alphaess_live.monitor.issues import (
    CLOCK,
    CONNECTION_LOST,
)
from custom_components.alphaess_live.simulator.behaviour import DEFAULT_BEHAVIOUR, Reply
from custom_components.alphaess_live.simulator.server import serve

from .conftest import House, poll
from .repair_flows import find_issue, read_clock, run_fix_flow, stay_disconnected


async def test_address_flow_opens_the_reconfigure_form(
    hass: HomeAssistant,
    live_house: House,
    hass_client: ClientSessionGenerator,
) -> None:
    live_house.inverter.behaviour = replace(DEFAULT_BEHAVIOUR, silent=True)
    await poll(live_house)
    await stay_disconnected(hass, live_house, minutes=16)
    issue = find_issue(hass, live_house, CONNECTION_LOST)
    assert issue
    assert (issue.translation_key, issue.is_fixable) == ("away_timeout", True)
    first_form, result = await run_fix_flow(
        hass, hass_client, live_house, CONNECTION_LOST
    )
    assert first_form["step_id"] == "address"
    assert (result["type"], result["reason"]) == ("abort", "asked_for_address")
    kind, flow_id = result["next_flow"]
    assert kind == "config_flow"
    assert find_issue(hass, live_house, CONNECTION_LOST)
    live_house.inverter.behaviour = DEFAULT_BEHAVIOUR
    async with serve(live_house.inverter) as moved_server:
        typed = {"host": "127.0.0.1", "port": moved_server.port, "unit_id": 85}
        form = hass.config_entries.flow.async_get(flow_id)
        assert form["step_id"] == "reconfigure"
        reconfigured = await hass.config_entries.flow.async_configure(flow_id, typed)
        assert reconfigured["reason"] == "reconfigure_successful"
        await hass.async_block_till_done()
        assert live_house.entry.data["port"] == moved_server.port
        assert live_house.state(hass, "modbus") == "on"
        assert find_issue(hass, live_house, CONNECTION_LOST) is None
        await hass.config_entries.async_unload(live_house.entry.entry_id)


async def test_address_flow_of_a_removed_entry_aborts(
    hass: HomeAssistant, live_house: House, hass_client: ClientSessionGenerator
) -> None:
    live_house.inverter.behaviour = replace(DEFAULT_BEHAVIOUR, silent=True)
    await poll(live_house)
    await stay_disconnected(hass, live_house, minutes=16)
    remove = partial(hass.config_entries.async_remove, live_house.entry.entry_id)
    _, result = await run_fix_flow(
        hass, hass_client, live_house, CONNECTION_LOST, meanwhile=remove
    )
    assert (result["type"], result["reason"]) == ("abort", "not_loaded")


@pytest.mark.parametrize(
    ("options", "reason"),
    [({"message_spacing": 0, "controls": False}, "controls_off")],
)
async def test_clock_flow_with_controls_off_aborts(
    hass: HomeAssistant,
    live_house: House,
    hass_client: ClientSessionGenerator,
    *,
    reason: str,
) -> None:
    await read_clock(hass, live_house, hours_ahead=2)
    _, result = await run_fix_flow(hass, hass_client, live_house, CLOCK)
    assert (result["type"], result["reason"]) == ("abort", reason)
    assert not live_house.inverter.journal.written
    assert find_issue(hass, live_house, CLOCK)


@pytest.mark.parametrize(
    ("behaviour", "reason"),
    [
        (replace(DEFAULT_BEHAVIOUR, block_write=Reply.REFUSED), "refused"),
        (replace(DEFAULT_BEHAVIOUR, ignores_writes=True), "refused"),
        (replace(DEFAULT_BEHAVIOUR, exception=6), "unanswered"),
    ],
    ids=["refused", "ignored", "busy"],
)
async def test_clock_flow_that_cannot_set_it_aborts_with_the_reason(
    hass: HomeAssistant,
    live_house: House,
    hass_client: ClientSessionGenerator,
    *,
    behaviour: Any,
    reason: str,
) -> None:
    await read_clock(hass, live_house, hours_ahead=2)
    live_house.inverter.behaviour = behaviour
    _, result = await run_fix_flow(hass, hass_client, live_house, CLOCK)
    assert (result["type"], result["reason"]) == ("abort", reason)
    assert find_issue(hass, live_house, CLOCK)


async def test_clock_flow_of_an_unloaded_entry_aborts(
    hass: HomeAssistant,
    live_house: House,
    hass_client: ClientSessionGenerator,
) -> None:
    await read_clock(hass, live_house, hours_ahead=2)
    await hass.config_entries.async_unload(live_house.entry.entry_id)
    _, result = await run_fix_flow(hass, hass_client, live_house, CLOCK)
    assert (result["type"], result["reason"]) == ("abort", "not_loaded")


async def test_clock_flow_of_a_removed_entry_aborts(
    hass: HomeAssistant, live_house: House, hass_client: ClientSessionGenerator
) -> None:
    await read_clock(hass, live_house, hours_ahead=3)
    entry = live_house.entry.entry_id
    remove = partial(hass.config_entries.async_remove, entry)
    _, result = await run_fix_flow(
        hass, hass_client, live_house, CLOCK, meanwhile=remove
    )
    assert result["reason"] == "not_loaded"
