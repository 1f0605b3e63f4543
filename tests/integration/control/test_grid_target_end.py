"""What ends a grid target, and what does not: bounds, other orders, lost connections, crashes."""

import asyncio
from datetime import timedelta
from typing import Any

from homeassistant.core import Event
import pytest

from custom_components.alphaess_live.alphaess.errors import (
    NotAppliedError,
    WriteOutcomeUnknownError,
)
from custom_components.alphaess_live.alphaess.grid_regulator import LEASE_SECONDS
from custom_components.alphaess_live.alphaess.write_policy import DISPATCH_ADDRESSES
from custom_components.alphaess_live.alphaess.writer import START_ADDRESS
from custom_components.alphaess_live.const import DOMAIN
from custom_components.alphaess_live.control import orders
from custom_components.alphaess_live.control.feed_in import limit_feed_in
from custom_components.alphaess_live.control.order_report import EndReason
from custom_components.alphaess_live.exceptions import (
    ControlsOffError,
    ForeignDispatchError,
)
from custom_components.alphaess_live.simulator.sky import Day

from ..conftest import bring_back, lose, poll, set_behaviour, set_up
from ..orders import charge, dispatch_status, read_order, write_app_order
from .grid_house import NIGHT, WITHIN_WATTS, GridHouse


async def test_target_ends_at_its_time(night: GridHouse) -> None:
    await night.hold(duration=90)
    await night.run(75)
    assert dispatch_status(night.house)[1] == "alphaess_live"
    await night.run(26)
    assert dispatch_status(night.house) == ("idle", "none")
    assert night.record.reason is EndReason.TIME_OVER
    assert night.house.controller.regulation is None
    assert not night.house.coordinator.has_live_clients


@pytest.mark.parametrize(
    ("soc", "power", "bounds"),
    [
        (20, 0, {"min_soc": 20}),
        (80, 2000, {"max_soc": 80}),
        (20, 100, {"min_soc": 20, "limit": True}),
    ],
)
async def test_target_ends_at_the_bound_that_it_needs(
    night: GridHouse, soc: float, power: int, bounds: dict[str, Any]
) -> None:
    night.set_battery(soc)
    await night.run(12)
    outcome = await night.hold(power, **bounds)
    assert outcome.target_reached
    await night.run(9)
    assert night.house.controller.regulation
    assert night.battery[-1] == 0
    await night.run(8)
    assert not read_order(night.house).start
    assert night.record.reason is EndReason.TARGET_REACHED


async def test_limit_of_import_does_not_end_with_a_full_battery(
    night: GridHouse,
) -> None:
    night.set_battery(80)
    night.set_day(Day.SUNNY, NIGHT.replace(hour=12))
    await night.run(12)
    outcome = await night.hold(2000, limit=True, max_soc=80)
    assert not outcome.target_reached
    await night.run(30)
    assert night.house.controller.regulation
    assert night.battery[-1] == 0


async def test_target_near_its_floor_ends_when_the_inverter_stops(
    night: GridHouse,
) -> None:
    # The register of the floor has 20.4 % in place of 20.3 %.
    night.set_battery(20.41)
    await night.run(12)
    await night.hold(min_soc=20.3)
    await night.run(40)
    assert not read_order(night.house).start
    assert night.record.reason is EndReason.TARGET_REACHED


@pytest.mark.parametrize(
    ("end", "reason"),
    [
        (lambda house: orders.stop(house.controller), EndReason.STOPPED),
        (charge, EndReason.REPLACED),
        (
            lambda house: orders.hold(house.controller, duration=600),
            EndReason.REPLACED,
        ),
        (
            lambda house: limit_feed_in(house.controller, share=50),
            EndReason.STOPPED,
        ),
    ],
)
async def test_another_order_ends_the_target(
    night: GridHouse, end: Any, reason: EndReason
) -> None:
    await night.hold()
    await night.run(10)
    await end(night.house)
    order = read_order(night.house)
    night.load.watts = 2500
    await night.run(10)
    assert read_order(night.house) == order
    records = night.house.entry.runtime_data.dispatch_log.records
    [ended] = [one for one in records if one.is_grid_target]
    assert ended.reason is reason
    assert night.house.controller.regulation is None


async def test_new_target_replaces_the_one_that_runs(night: GridHouse) -> None:
    await night.hold()
    await night.run(10)
    await night.hold(1000)
    await night.run(10)
    assert night.deviation(3, 1000) <= WITHIN_WATTS
    await orders.stop(night.house.controller)
    await night.run(4)
    assert not read_order(night.house).start


async def test_stop_that_the_inverter_ignores_ends_the_target_too(
    night: GridHouse,
) -> None:
    await night.hold()
    await night.run(10)
    set_behaviour(night.house, ignores_writes=True)
    with pytest.raises(NotAppliedError):
        await orders.stop(night.house.controller)
    set_behaviour(night.house, ignores_writes=False)
    await night.run(LEASE_SECONDS + 10)
    assert dispatch_status(night.house) == ("idle", "none")


async def test_order_that_is_refused_leaves_the_target_alone(
    night: GridHouse,
) -> None:
    await night.hold()
    await night.run(10)
    set_behaviour(night.house, ignores_writes=True)
    with pytest.raises(NotAppliedError):
        await charge(night.house)
    set_behaviour(night.house, ignores_writes=False)
    night.load.watts = 2500
    await night.run(10)
    assert night.deviation(3) <= WITHIN_WATTS


async def test_order_with_unknown_outcome_ends_the_target(night: GridHouse) -> None:
    await night.hold()
    await night.run(10)
    set_behaviour(night.house, drops_link_after_write=True)
    with pytest.raises(WriteOutcomeUnknownError):
        await charge(night.house)
    set_behaviour(night.house, silent=False, drops_link_after_write=False)
    await night.run(15)
    assert dispatch_status(night.house) == ("charging", "alphaess_live")
    assert read_order(night.house).duration == 3600


async def test_foreign_order_ends_the_target_and_is_kept(
    night: GridHouse, events: list[Event]
) -> None:
    await night.hold()
    await night.run(10)
    write_app_order(night.house)
    order = read_order(night.house)
    night.load.watts = 2500
    await night.run(15)
    assert read_order(night.house) == order
    assert dispatch_status(night.house)[1] == "other"
    assert night.house.controller.regulation is None
    ended = [event.data for event in events if event.data["type"] == "ended"]
    assert [data["reason"] for data in ended] == ["overwritten"]


async def test_foreign_stop_ends_the_target(night: GridHouse) -> None:
    await night.hold()
    await night.run(20)
    night.house.inverter.write_as_app(START_ADDRESS, 0)
    await night.run(15)
    assert not read_order(night.house).start
    assert night.house.controller.regulation is None
    assert night.record.reason is EndReason.UNKNOWN


async def test_foreign_dispatch_is_not_replaced_unless_taken_over(
    night: GridHouse,
) -> None:
    write_app_order(night.house)
    await night.run(12)
    with pytest.raises(ForeignDispatchError):
        await night.hold()
    assert night.house.controller.regulation is None
    await night.hold(take_over=True)
    await night.run(10)
    assert night.deviation(3) <= WITHIN_WATTS


async def test_loss_of_the_link_ends_the_target_with_its_lease(
    night: GridHouse,
) -> None:
    await night.hold()
    await night.run(10)
    await lose(night.hass, night.house)
    night.house.inverter._off = False  # noqa: SLF001 - only the link is lost
    await night.run(LEASE_SECONDS)
    assert not read_order(night.house).start
    await bring_back_link(night)
    await night.run(12)
    assert not read_order(night.house).start
    assert night.record.reason is EndReason.NOT_RENEWED
    assert night.house.controller.regulation is None


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


async def test_inverter_that_may_not_discharge_ends_the_target(
    night: GridHouse,
) -> None:
    await night.hold(2000)
    await night.run(10)
    set_behaviour(night.house, ignores_discharge=True)
    night.load.watts = 4000
    await night.run(20)
    assert night.house.controller.regulation is None
    assert not read_order(night.house).start


async def test_target_after_a_crash_is_ended_as_ours(
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
    await night.run(12)
    assert not read_order(night.house).start
    assert dispatch_status(night.house) == ("idle", "none")
    assert night.record.reason is EndReason.NOT_RENEWED


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
