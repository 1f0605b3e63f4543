"""A grid target over lost connections, unloads, clock jumps and crashes: its lease ends what is not renewed."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from custom_components.alphaess_live.alphaess.grid_regulator import LEASE_SECONDS
from custom_components.alphaess_live.alphaess.registers import Grid
from custom_components.alphaess_live.alphaess.write_policy import DISPATCH_ADDRESSES
from custom_components.alphaess_live.alphaess.writer import START_ADDRESS
from custom_components.alphaess_live.const import DOMAIN
from custom_components.alphaess_live.control.order_report import EndReason
from custom_components.alphaess_live.exceptions import (
    ControlsOffError,
)
from custom_components.alphaess_live.simulator.behaviour import Reply

from ..conftest import bring_back, lose, poll, set_behaviour, set_up
from ..orders import APP_ORDER, dispatch_status, read_order, write_app_order
from .grid_house import WITHIN_WATTS, GridHouse


async def test_renewal_with_unknown_outcome_does_not_end_the_target(
    night: GridHouse,
) -> None:
    await night.hold()
    await night.run(10)
    set_behaviour(night.house, drops_link_after_write=True)
    night.load.watts = 2500
    await night.run(3)
    set_behaviour(night.house, silent=False, drops_link_after_write=False)
    night.load.watts = 1500
    await night.run(15)
    assert night.deviation(3) <= WITHIN_WATTS
    assert night.record.reason is None


async def test_loss_of_the_link_ends_the_target_with_its_lease(
    night: GridHouse,
) -> None:
    await night.hold()
    await night.run(10)
    await lose_link(night)
    await night.run(LEASE_SECONDS)
    assert not read_order(night.house).start
    await bring_back_link(night)
    await night.run(12)
    assert not read_order(night.house).start
    assert night.record.reason is EndReason.NOT_RENEWED
    assert night.house.controller.regulation is None


async def test_target_whose_link_comes_back_after_its_time_was_not_renewed(
    night: GridHouse,
) -> None:
    await night.hold(duration=300)
    await night.run(30)
    await lose_link(night)
    await night.run(400)
    await bring_back_link(night)
    await night.run(12)
    assert night.record.reason is EndReason.NOT_RENEWED
    assert night.record.ended_at
    # Not as long as the link was lost: its last order ended before.
    ran = (night.record.ended_at - night.record.started_at).total_seconds()
    assert 30 < ran <= 31 + LEASE_SECONDS


async def test_end_that_a_renewal_finds_is_logged_without_another_reading(
    night: GridHouse,
) -> None:
    await night.hold()
    await night.run(10)
    await lose_link(night)
    await night.run(LEASE_SECONDS + 10)
    await bring_back_link(night)
    await night.hass.async_block_till_done(wait_background_tasks=True)
    assert night.house.controller.regulation is None
    assert night.record.reason is EndReason.NOT_RENEWED


async def test_target_lasts_from_its_first_write_if_the_host_was_asleep(
    night: GridHouse,
) -> None:
    set_behaviour(night.house, block_write=Reply.REFUSED, delay=0.05)
    ordering = asyncio.ensure_future(night.hold(duration=300))
    while night.house.inverter.journal.writes < 3:
        await asyncio.sleep(0.01)
    night.clock.tick(90)
    night.loop_clock.skipped += 90
    set_behaviour(night.house, delay=0)
    outcome = await ordering
    assert outcome.expires_at
    left = (outcome.expires_at - datetime.now(UTC)).total_seconds()
    assert 298 <= left <= 300
    assert night.record.expires_at == outcome.expires_at


async def lose_link(night: GridHouse) -> None:
    """Let the port of the inverter answer no more, while the inverter works on."""
    await lose(night.hass, night.house)
    night.house.inverter._off = False  # noqa: SLF001 - only the link is lost


async def bring_back_link(night: GridHouse) -> None:
    """Let the port of the inverter answer again; its order was not lost."""
    await night.house.server.switch_on()
    await poll(night.house)
    await night.hass.async_block_till_done()


async def test_short_loss_of_the_link_does_not_end_the_target(
    night: GridHouse,
) -> None:
    await night.hold()
    await night.run(10)
    await night.house.server.switch_off()
    await night.run(15)
    assert not night.house.coordinator.connection.connected
    await bring_back_link(night)
    night.load.watts = 2500
    await night.run(15)
    assert night.deviation(5) <= WITHIN_WATTS
    assert night.record.reason is None


async def test_inverter_that_restarts_ends_the_target(night: GridHouse) -> None:
    await night.hold()
    await night.run(10)
    await lose(night.hass, night.house)
    await bring_back(night.hass, night.house)
    await night.run(15)
    assert not read_order(night.house).start
    assert night.record.reason is EndReason.INVERTER_RESTARTED


@pytest.mark.parametrize(
    "options", [{"message_spacing": 0, "stop_on_unload": False}, {"message_spacing": 0}]
)
async def test_unload_stops_the_target_whatever_the_option(night: GridHouse) -> None:
    await night.hold()
    await night.run(10)
    record = night.house.entry.runtime_data.dispatch_log
    await night.hass.config_entries.async_unload(night.house.entry.entry_id)
    assert not read_order(night.house).start
    assert record.records[-1].reason is EndReason.UNLOAD


async def test_controls_switched_off_write_nothing_more(night: GridHouse) -> None:
    await night.hold()
    await night.run(10)
    night.house.inverter.journal.clear()
    entry = night.house.entry
    off = dict(entry.options) | {"controls": False}
    night.hass.config_entries.async_update_entry(entry, options=off)
    night.load.watts = 2500
    await night.run(LEASE_SECONDS + 10)
    assert not night.house.inverter.journal.written
    assert not read_order(night.house).start
    with pytest.raises(ControlsOffError):
        await night.hold()


async def test_cancelled_caller_leaves_a_target_that_is_held(
    night: GridHouse,
) -> None:
    set_behaviour(night.house, delay=0.05)
    ordering = asyncio.ensure_future(night.hold())
    while not night.house.inverter.journal.writes:
        await asyncio.sleep(0.01)
    ordering.cancel()
    await asyncio.gather(ordering, return_exceptions=True)
    await night.hass.async_block_till_done()
    set_behaviour(night.house, delay=0)
    night.load.watts = 2500
    await night.run(10)
    assert night.deviation(3) <= WITHIN_WATTS


@pytest.mark.parametrize("hours", [-5, 5])
async def test_clock_jump_does_not_change_the_end(night: GridHouse, hours: int) -> None:
    await night.hold(duration=120)
    await night.run(20)
    night.clock.tick(timedelta(hours=hours))
    night.load.watts = 2500
    await night.run(90)
    assert night.deviation(60) <= WITHIN_WATTS
    await night.run(20)
    assert not read_order(night.house).start


async def test_target_after_a_crash_is_ours_and_ends_with_its_lease(
    night: GridHouse, hass_storage: dict[str, Any]
) -> None:
    await night.hold()
    await night.run(10)
    entry, key = night.house.entry, f"{DOMAIN}.{night.house.entry.entry_id}"
    [stored] = hass_storage[key]["data"]["leases"]
    assert stored["grid_target"]["power"] == 0
    files = {name: dict(content) for name, content in hass_storage.items()}
    words = night.house.inverter.words()
    order = [words[at] for at in DISPATCH_ADDRESSES]
    await night.hass.config_entries.async_unload(entry.entry_id)
    # What the file and the inverter had when the process was killed.
    hass_storage.update(files)
    night.house.inverter.write_as_app(START_ADDRESS, *order)
    await set_up(night.hass, night.house)
    assert dispatch_status(night.house)[1] == "alphaess_live"
    night.house.inverter.journal.clear()
    await night.run(LEASE_SECONDS + 12)
    assert not night.house.inverter.journal.written
    assert not read_order(night.house).start
    assert dispatch_status(night.house) == ("idle", "none")
    assert night.record.reason is EndReason.NOT_RENEWED


@pytest.mark.parametrize(
    "changes",
    [{"duration": 90}, {"duration": LEASE_SECONDS}, {"duration": 60, "target_soc": 90}],
)
async def test_short_order_of_another_program_after_a_crash_runs_on(
    night: GridHouse, hass_storage: dict[str, Any], changes: dict[str, Any]
) -> None:
    await night.hold(duration=8 * 3600)
    await night.run(10)
    entry = night.house.entry
    files = {name: dict(content) for name, content in hass_storage.items()}
    await night.hass.config_entries.async_unload(entry.entry_id)
    hass_storage.update(files)
    foreign = replace(APP_ORDER, power=-2000, target_soc=100)
    write_app_order(night.house, replace(foreign, **changes))
    night.house.inverter.journal.clear()
    await set_up(night.hass, night.house)
    is_distinct = changes != {"duration": LEASE_SECONDS}
    if is_distinct:
        assert dispatch_status(night.house)[1] == "other"
    for power in (-2100, -2200, -2300):
        await night.run(20)
        write_app_order(night.house, replace(foreign, power=power, **changes))
    await night.run(20)
    assert dispatch_status(night.house)[1] == "other"
    assert not night.house.inverter.journal.written


async def test_target_whose_lease_ended_during_a_crash_is_logged(
    night: GridHouse, hass_storage: dict[str, Any]
) -> None:
    await night.hold()
    await night.run(10)
    entry, inverter = night.house.entry, night.house.inverter
    files = {name: dict(content) for name, content in hass_storage.items()}
    order = [inverter.words()[at] for at in DISPATCH_ADDRESSES]
    await night.hass.config_entries.async_unload(entry.entry_id)
    hass_storage.update(files)
    inverter.write_as_app(START_ADDRESS, *order)
    inverter.advance(LEASE_SECONDS)
    night.clock.tick(LEASE_SECONDS)
    inverter.journal.clear()
    await set_up(night.hass, night.house)
    await night.run(6)
    assert not inverter.journal.written
    assert night.record.reason is EndReason.NOT_RENEWED
    assert not night.house.controller.leases


async def test_order_of_another_program_after_a_crash_is_not_ended(
    night: GridHouse, hass_storage: dict[str, Any]
) -> None:
    await night.hold()
    await night.run(10)
    entry = night.house.entry
    files = {name: dict(content) for name, content in hass_storage.items()}
    await night.hass.config_entries.async_unload(entry.entry_id)
    hass_storage.update(files)
    write_app_order(night.house)
    await set_up(night.hass, night.house)
    await night.run(30)
    assert dispatch_status(night.house)[1] == "other"
    assert read_order(night.house).start


@pytest.mark.parametrize("seconds", [20, 100, 400])
async def test_stop_by_the_app_ends_the_target(night: GridHouse, seconds: int) -> None:
    await night.hold()
    await night.run(seconds)
    night.house.inverter.write_as_app(START_ADDRESS, 0)
    await night.run(20)
    assert not read_order(night.house).start
    assert night.house.controller.regulation is None
    assert night.record.reason


async def test_target_without_readings_of_the_meter_ends_with_its_lease(
    night: GridHouse,
) -> None:
    night.load.watts = 3000
    await night.hold()
    await night.run(20)
    power = Grid.registers["power"]
    unknown = dict.fromkeys(range(power.address, power.end), 0x7FFF)
    set_behaviour(night.house, word_overrides=unknown)
    await night.run(20)
    night.load.watts = 300
    written = sum(night.writes)
    await night.run(2 * LEASE_SECONDS)
    assert sum(night.writes) == written
    assert not read_order(night.house).start
    assert night.record.reason is EndReason.NOT_RENEWED
