"""What ends a grid target, and what does not: its time, its bounds, other orders."""

import asyncio
from typing import Any

from homeassistant.core import Event
import pytest

from custom_components.alphaess_live.alphaess.errors import (
    NotAppliedError,
    WriteOutcomeUnknownError,
)
from custom_components.alphaess_live.alphaess.grid_regulator import LEASE_SECONDS
from custom_components.alphaess_live.alphaess.writer import START_ADDRESS
from custom_components.alphaess_live.control import orders
from custom_components.alphaess_live.control.feed_in import limit_feed_in
from custom_components.alphaess_live.control.order_report import EndReason
from custom_components.alphaess_live.exceptions import (
    ForeignDispatchError,
)
from custom_components.alphaess_live.simulator.sky import Day

from ..conftest import set_behaviour
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
    status = night.house.controller.dispatch
    assert status
    assert outcome.target_reached
    assert status.target_reached
    assert night.record.target_reached_at
    await night.run(9)
    assert night.house.controller.regulation
    assert night.battery[-1] == 0
    await night.run(8)
    assert not read_order(night.house).start
    assert night.record.reason is EndReason.TARGET_REACHED


async def test_stop_at_the_bound_that_is_ignored_leaves_the_end_to_the_lease(
    night: GridHouse,
) -> None:
    night.set_battery(20)
    await night.run(12)
    await night.hold(min_soc=20)
    set_behaviour(night.house, ignores_writes=True)
    await night.run(14)
    set_behaviour(night.house, ignores_writes=False)
    night.house.inverter.journal.clear()
    assert night.house.controller.regulation is None
    await night.run(LEASE_SECONDS)
    assert not read_order(night.house).start
    assert not night.house.inverter.journal.written


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


async def test_stop_that_comes_before_a_renewal_is_final(night: GridHouse) -> None:
    await night.hold()
    # For so long that an inverter may have ended the order by itself.
    await night.run(58)
    controller = night.house.controller
    async with controller.lock:
        stopping = asyncio.ensure_future(orders.stop(controller))
        await asyncio.sleep(0)
    # The lock is free, and the stop waits for its turn.
    night.load.watts = 2500
    night.house.inverter.advance(1)
    night.deliver_reading(grid=2000)
    await stopping
    await night.run(6)
    assert not read_order(night.house).start


async def test_order_that_comes_before_the_end_is_not_stopped(
    night: GridHouse,
) -> None:
    night.set_battery(20)
    await night.run(12)
    await night.hold(min_soc=20)
    await night.run(8)
    controller = night.house.controller
    async with controller.lock:
        ordering = asyncio.ensure_future(charge(night.house))
        await asyncio.sleep(0)
    # The lock is free, the order waits for its turn, and the battery was at its floor for long enough.
    night.loop_clock.skipped += 5
    night.deliver_reading()
    await ordering
    await night.hass.async_block_till_done(wait_background_tasks=True)
    assert dispatch_status(night.house) == ("charging", "alphaess_live")


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
