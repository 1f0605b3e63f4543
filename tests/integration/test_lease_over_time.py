"""An order outlives a restart, ends by itself, and is stopped by who gave it."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

from freezegun import freeze_time
from homeassistant.core import HomeAssistant
import pytest

from custom_components.alphaess_live.const import DOMAIN
from custom_components.alphaess_live.simulator.simulated_inverter import (
    SimulatedInverter,
)

from .conftest import House, poll, set_up
from .test_control import APP, app_orders, charge, order_of, seen


async def test_an_order_outlives_home_assistant_and_is_still_ours(
    hass: HomeAssistant, live_house: House, hass_storage: dict[str, Any]
) -> None:
    outcome = await charge(live_house)
    await hass.async_block_till_done()
    kept = hass_storage[f"{DOMAIN}.{live_house.entry.entry_id}"]["data"]
    assert len(kept["leases"]) == 1
    told = live_house.controller.dispatch
    assert told
    assert told.expires_at == outcome.expires_at


async def test_a_restarted_inverter_has_forgotten_our_order(live_house: House) -> None:
    await charge(live_house)
    live_house.inverter.switch_off()
    live_house.inverter.switch_on()
    await poll(live_house, full=True)
    assert seen(live_house) == ("idle", "none")
    await charge(live_house)
    assert seen(live_house) == ("charging", "alphaess_live")


async def test_an_order_ends_by_itself(live_house: House) -> None:
    await charge(live_house, duration=60)
    live_house.inverter.advance(61)
    live_house.inverter.journal.clear()
    await poll(live_house, full=True)
    assert seen(live_house) == ("idle", "none")
    assert not live_house.inverter.journal.written


async def test_starting_writes_nothing_whatever_runs(
    hass: HomeAssistant, house: House
) -> None:
    app_orders(house)
    await set_up(hass, house)
    assert house.inverter.journal.writes == 0
    assert order_of(house) == APP


async def test_unloading_stops_ours(hass: HomeAssistant, live_house: House) -> None:
    await charge(live_house)
    await hass.config_entries.async_unload(live_house.entry.entry_id)
    assert not order_of(live_house).start


@pytest.mark.parametrize("options", [{"message_spacing": 0, "stop_on_unload": False}])
async def test_unloading_lets_ours_run_on_if_the_user_wants_so(
    hass: HomeAssistant, live_house: House
) -> None:
    await charge(live_house)
    entry = live_house.entry
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert seen(live_house) == ("charging", "alphaess_live")


async def test_switching_the_controls_off_writes_nothing_not_even_a_stop(
    hass: HomeAssistant, live_house: House
) -> None:
    await charge(live_house)
    writes, entry = live_house.inverter.journal.writes, live_house.entry
    off = entry.options | {"controls": False}
    hass.config_entries.async_update_entry(entry, options=off)
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert seen(live_house) == ("charging", "alphaess_live")
    assert live_house.inverter.journal.writes == writes


async def test_removing_an_inverter_forgets_its_leases(
    hass: HomeAssistant, live_house: House, hass_storage: dict[str, Any]
) -> None:
    await charge(live_house)
    await hass.config_entries.async_remove(live_house.entry.entry_id)
    await hass.async_block_till_done()
    assert f"{DOMAIN}.{live_house.entry.entry_id}" not in hass_storage
    assert not order_of(live_house).start


@pytest.mark.parametrize("options", [{"message_spacing": 0, "stop_on_unload": False}])
async def test_an_order_on_its_way_is_forgotten_with_its_inverter(
    hass: HomeAssistant, house: House, hass_storage: dict[str, Any]
) -> None:
    house.entry.add_to_hass(hass)
    imagined = house.entry.data | {"transport": "demo"}
    hass.config_entries.async_update_entry(house.entry, data=imagined)
    await set_up(hass, house)
    # The demo inverter goes on answering: nobody hangs up on it.
    demo = house.coordinator.inverter.unit
    assert isinstance(demo, SimulatedInverter)
    demo.behaviour = replace(demo.behaviour, delay=0.1)
    ordering = asyncio.ensure_future(charge(house))
    while not demo.journal.writes:
        await asyncio.sleep(0.01)
    await hass.config_entries.async_remove(house.entry.entry_id)
    await ordering
    await hass.async_block_till_done()
    assert f"{DOMAIN}.{house.entry.entry_id}" not in hass_storage


@pytest.mark.usefixtures("loop_clock")
@pytest.mark.parametrize("jump", [timedelta(hours=5), timedelta(hours=-5)])
async def test_an_order_lasts_as_long_as_ordered_though_the_hosts_clock_is_set(
    hass: HomeAssistant, live_house: House, jump: timedelta
) -> None:
    outcome = await charge(live_house)
    assert outcome.expires_at
    with freeze_time(datetime.now(UTC) + jump, real_asyncio=True):
        await poll(live_house, full=True)
        await hass.async_block_till_done(wait_background_tasks=True)
        assert order_of(live_house).start
        told = live_house.controller.dispatch
        assert told
        assert told.expires_at
        assert told.remaining == pytest.approx(3600, abs=5)
        expected = outcome.expires_at + jump
        assert abs(told.expires_at - expected) < timedelta(seconds=5)


@pytest.mark.usefixtures("loop_clock")
async def test_the_end_of_an_order_is_seen_though_the_hosts_clock_was_set_back(
    live_house: House,
) -> None:
    await charge(live_house)
    live_house.inverter.advance(3601)
    with freeze_time(datetime.now(UTC) - timedelta(hours=5), real_asyncio=True):
        await poll(live_house, full=True)
        assert seen(live_house) == ("idle", "none")
