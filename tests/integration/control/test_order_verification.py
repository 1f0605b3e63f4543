"""Orders that the inverter ignores, refuses, clamps or applies in part: what is reported and what stays."""

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial

import pytest

from custom_components.alphaess_live.alphaess.dispatch import HoldBlock
from custom_components.alphaess_live.alphaess.errors import (
    CommunicationError,
    NotAppliedError,
    WriteOutcomeUnknownError,
)
from custom_components.alphaess_live.alphaess.writer import START_ADDRESS
from custom_components.alphaess_live.control import orders
from custom_components.alphaess_live.exceptions import ForeignDispatchError
from custom_components.alphaess_live.simulator.behaviour import Reply
from custom_components.alphaess_live.simulator.journal import FunctionCode

from ..conftest import House, poll, set_behaviour
from ..orders import (
    APP_ORDER,
    charge,
    dispatch_status,
    read_order,
    write_app_order,
)


async def test_ignored_order_raises_not_applied(live_house: House) -> None:
    set_behaviour(live_house, ignores_writes=True)
    with pytest.raises(NotAppliedError) as caught:
        await charge(live_house)
    assert caught.value.requested["action"] == "charge"
    assert caught.value.applied == {"action": "stop"}
    assert dispatch_status(live_house) == ("idle", "none")


async def test_ignored_change_leaves_the_running_order_ours(
    live_house: House,
) -> None:
    await charge(live_house)
    set_behaviour(live_house, ignores_writes=True)
    with pytest.raises(NotAppliedError) as caught:
        await charge(live_house)
    assert caught.value.applied["power"] == 3000
    assert dispatch_status(live_house) == ("charging", "alphaess_live")


async def test_ignored_stop_raises_not_applied(live_house: House) -> None:
    await charge(live_house)
    set_behaviour(live_house, ignores_writes=True)
    with pytest.raises(NotAppliedError):
        await orders.stop(live_house.controller)
    assert dispatch_status(live_house) == ("charging", "alphaess_live")


async def test_discharge_applied_as_hold_is_stopped(
    live_house: House,
) -> None:
    set_behaviour(live_house, ignores_discharge=True)
    with pytest.raises(NotAppliedError) as caught:
        await orders.discharge(
            live_house.controller, power=2000, target_soc=20, duration=600
        )
    assert caught.value.applied["action"] == "hold"
    assert not read_order(live_house).start
    assert dispatch_status(live_house) == ("idle", "none")


async def test_hold_without_its_power_is_reported_with_that(live_house: House) -> None:
    set_behaviour(live_house, power_limit=0)
    hold = partial(orders.hold, live_house.controller, duration=600)
    with pytest.raises(NotAppliedError) as caught:
        await hold(block=HoldBlock.DISCHARGE)
    requested = {"action": "hold", "block": "discharge", "duration": 600}
    assert caught.value.requested == requested
    assert caught.value.applied == requested | {"power": 0}
    assert not read_order(live_house).start


async def test_hold_with_less_power_is_reported_with_that_and_stays_one_dispatch(
    live_house: House,
) -> None:
    set_behaviour(live_house, power_limit=1200)
    hold = partial(orders.hold, live_house.controller, duration=600)
    outcome = await hold(block=HoldBlock.DISCHARGE)
    requested = {"action": "hold", "block": "discharge", "duration": 600}
    assert outcome.requested == requested
    assert outcome.applied == requested | {"power": 1200}
    await poll(live_house, full=True)
    [record] = live_house.entry.runtime_data.dispatch_log.records
    assert record.applied == outcome.applied
    assert "power" not in (await hold()).applied


async def test_clamped_order_reports_the_applied_values(live_house: House) -> None:
    set_behaviour(live_house, power_limit=2500, duration_limit=1800)
    outcome = await charge(live_house)
    assert (outcome.requested["power"], outcome.requested["duration"]) == (3000, 3600)
    assert (outcome.applied["power"], outcome.applied["duration"]) == (2500, 1800)
    assert outcome.expires_at
    assert outcome.expires_at <= datetime.now(UTC) + timedelta(seconds=1800)
    assert dispatch_status(live_house) == ("charging", "alphaess_live")


async def test_repeated_order_that_is_limited_again_is_applied(
    live_house: House,
) -> None:
    set_behaviour(live_house, power_limit=2000)
    first = await charge(live_house)
    second = await charge(live_house)
    assert second.verified
    assert second.applied["power"] == 2000
    assert first.expires_at
    assert live_house.controller.lease
    assert live_house.controller.lease.expires == second.expires_at
    assert read_order(live_house).duration == second.applied["duration"] == 3599


async def test_late_read_back_is_awaited(live_house: House) -> None:
    set_behaviour(live_house, readback_lag=0.6)
    outcome = await charge(live_house)
    assert outcome.applied["power"] == 3000


async def test_block_write_of_one_refused_function_06_is_learned(
    live_house: House,
) -> None:
    set_behaviour(live_house, block_write_of_one=Reply.REFUSED)
    await charge(live_house)
    await orders.stop(live_house.controller)
    await charge(live_house)
    live_house.inverter.journal.clear()
    await orders.stop(live_house.controller)
    (request,) = live_house.inverter.journal.written
    assert request.function is FunctionCode.WRITE_ONE


async def test_single_write_unanswered_only_block_writes_are_sent(
    live_house: House,
) -> None:
    set_behaviour(live_house, single_write=Reply.SILENT)
    await charge(live_house)
    await orders.stop(live_house.controller)
    functions = {one.function for one in live_house.inverter.journal.written}
    assert functions == {FunctionCode.WRITE}


async def test_order_without_block_writes_writes_the_start_flag_last(
    live_house: House,
) -> None:
    set_behaviour(
        live_house, block_write=Reply.REFUSED, block_write_of_one=Reply.REFUSED
    )
    await charge(live_house)
    assert read_order(live_house).power == -3000
    live_house.inverter.journal.clear()
    await charge(live_house, power=2000)
    written = live_house.inverter.journal.written
    assert all(one.function is FunctionCode.WRITE_ONE for one in written)
    assert (written[0].address, written[0].values) == (START_ADDRESS, (0,))
    assert (written[-1].address, written[-1].values) == (START_ADDRESS, (1,))
    assert read_order(live_house).power == -2000


async def test_order_with_every_function_refused_raises_not_applied(
    live_house: House,
) -> None:
    set_behaviour(
        live_house,
        block_write=Reply.REFUSED,
        block_write_of_one=Reply.REFUSED,
        single_write=Reply.REFUSED,
    )
    with pytest.raises(NotAppliedError):
        await charge(live_house)
    assert dispatch_status(live_house) == ("idle", "none")


@pytest.mark.parametrize("reply", [Reply.REFUSED, Reply.FAILED])
async def test_order_that_is_refused_does_not_make_a_foreign_one_ours(
    live_house: House, reply: Reply
) -> None:
    set_behaviour(
        live_house, block_write=reply, block_write_of_one=reply, single_write=reply
    )
    with pytest.raises(NotAppliedError):
        await charge(live_house, power=5000, target_soc=100, duration=7200)
    set_behaviour(live_house, block_write=Reply.ACCEPTED)
    write_app_order(
        live_house, replace(APP_ORDER, power=-2500, duration=3600, target_soc=100)
    )
    await poll(live_house, full=True)
    assert dispatch_status(live_house) == ("charging", "other")
    with pytest.raises(ForeignDispatchError):
        await orders.stop(live_house.controller)


async def test_order_that_is_refused_after_no_answer_has_no_known_outcome(
    live_house: House,
) -> None:
    set_behaviour(
        live_house,
        block_write=Reply.SILENT,
        block_write_of_one=Reply.REFUSED,
        single_write=Reply.REFUSED,
    )
    with pytest.raises(WriteOutcomeUnknownError):
        await charge(live_house)
    # The write without an answer may still take effect, and is then ours.
    assert live_house.controller.has_pending_order


async def test_order_to_busy_inverter_raises_no_unknown_outcome(
    live_house: House,
) -> None:
    set_behaviour(live_house, exception=6)
    with pytest.raises(CommunicationError) as caught:
        await charge(live_house)
    assert not isinstance(caught.value, WriteOutcomeUnknownError)
    # It cannot take effect later: an equal order is of another program.
    assert not live_house.controller.leases


async def test_order_overwritten_before_read_back_raises_not_applied(
    live_house: House,
) -> None:
    set_behaviour(live_house, delay=0.05)
    order = asyncio.create_task(charge(live_house))
    while read_order(live_house).power != -3000:
        await asyncio.sleep(0.005)
    write_app_order(live_house)
    with pytest.raises(NotAppliedError) as caught:
        await order
    assert caught.value.applied["power"] == 5000
    assert read_order(live_house) == APP_ORDER
    assert dispatch_status(live_house) == ("charging", "other")
