"""An inverter that does not do what it is told is found out, and what it did is said."""

from datetime import UTC, datetime, timedelta

import pytest

from custom_components.alphaess_live.alphaess.errors import (
    CommunicationError,
    NotAppliedError,
    WriteOutcomeUnknownError,
)
from custom_components.alphaess_live.alphaess.writer import START_ADDRESS
from custom_components.alphaess_live.control import orders
from custom_components.alphaess_live.simulator.behaviour import Reply
from custom_components.alphaess_live.simulator.journal import FunctionCode

from .conftest import House
from .test_control import charge, misbehave, order_of, seen


async def test_an_inverter_that_ignores_writes_is_found_out(live_house: House) -> None:
    misbehave(live_house, ignores_writes=True)
    with pytest.raises(NotAppliedError) as caught:
        await charge(live_house)
    assert caught.value.requested["action"] == "charge"
    assert caught.value.applied == {"action": "stop"}
    assert seen(live_house) == ("idle", "none")


async def test_an_ignored_change_leaves_the_order_that_runs_ours(
    live_house: House,
) -> None:
    await charge(live_house)
    misbehave(live_house, ignores_writes=True)
    with pytest.raises(NotAppliedError) as caught:
        await charge(live_house)
    assert caught.value.applied["power"] == 3000
    assert seen(live_house) == ("charging", "alphaess_live")


async def test_an_ignored_stop_is_an_error(live_house: House) -> None:
    await charge(live_house)
    misbehave(live_house, ignores_writes=True)
    with pytest.raises(NotAppliedError):
        await orders.stop(live_house.controller)
    assert seen(live_house) == ("charging", "alphaess_live")


async def test_a_discharge_that_is_not_allowed_does_not_stay_as_a_hold(
    live_house: House,
) -> None:
    misbehave(live_house, ignores_discharge=True)
    with pytest.raises(NotAppliedError) as caught:
        await orders.discharge(
            live_house.controller, power=2000, target_soc=20, duration=600
        )
    assert caught.value.applied["action"] == "hold"
    assert not order_of(live_house).start
    assert seen(live_house) == ("idle", "none")


async def test_a_clamped_order_says_to_what(live_house: House) -> None:
    misbehave(live_house, power_limit=2500, duration_limit=1800)
    outcome = await charge(live_house)
    assert (outcome.requested["power"], outcome.requested["duration"]) == (3000, 3600)
    assert (outcome.applied["power"], outcome.applied["duration"]) == (2500, 1800)
    assert outcome.expires_at
    assert outcome.expires_at <= datetime.now(UTC) + timedelta(seconds=1800)
    assert seen(live_house) == ("charging", "alphaess_live")


async def test_a_read_back_that_lags_is_waited_for(live_house: House) -> None:
    misbehave(live_house, readback_lag=0.6)
    outcome = await charge(live_house)
    assert outcome.applied["power"] == 3000


async def test_where_single_block_writes_are_refused_the_other_function_is_learned(
    live_house: House,
) -> None:
    misbehave(live_house, block_write_of_one=Reply.REFUSED)
    await charge(live_house)
    await orders.stop(live_house.controller)
    await charge(live_house)
    live_house.inverter.journal.clear()
    await orders.stop(live_house.controller)
    (request,) = live_house.inverter.journal.written
    assert request.function is FunctionCode.WRITE_ONE


async def test_an_inverter_that_never_answers_single_writes_is_not_asked_for_one(
    live_house: House,
) -> None:
    misbehave(live_house, single_write=Reply.SILENT)
    await charge(live_house)
    await orders.stop(live_house.controller)
    functions = {one.function for one in live_house.inverter.journal.written}
    assert functions == {FunctionCode.WRITE}


async def test_without_block_writes_the_start_flag_is_written_last(
    live_house: House,
) -> None:
    misbehave(live_house, block_write=Reply.REFUSED, block_write_of_one=Reply.REFUSED)
    await charge(live_house)
    assert order_of(live_house).power == -3000
    live_house.inverter.journal.clear()
    await charge(live_house, power=2000)
    written = live_house.inverter.journal.written
    assert all(one.function is FunctionCode.WRITE_ONE for one in written)
    assert (written[0].address, written[0].values) == (START_ADDRESS, (0,))
    assert (written[-1].address, written[-1].values) == (START_ADDRESS, (1,))
    assert order_of(live_house).power == -2000


async def test_an_inverter_that_takes_no_function_refuses(live_house: House) -> None:
    misbehave(
        live_house,
        block_write=Reply.REFUSED,
        block_write_of_one=Reply.REFUSED,
        single_write=Reply.REFUSED,
    )
    with pytest.raises(NotAppliedError):
        await charge(live_house)
    assert seen(live_house) == ("idle", "none")


async def test_a_busy_inverter_is_no_unknown_state(live_house: House) -> None:
    misbehave(live_house, exception=6)
    with pytest.raises(CommunicationError) as caught:
        await charge(live_house)
    assert not isinstance(caught.value, WriteOutcomeUnknownError)
