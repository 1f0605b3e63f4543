"""Owner, remaining time and end of the dispatch that runs."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from freezegun import freeze_time
from homeassistant.core import HomeAssistant
import pytest

from custom_components.alphaess_live.control.dispatch_status import (
    EFFECT_TIME,
    has_reached_target,
)
from custom_components.alphaess_live.control.orders import hold

from ..conftest import House, poll
from ..orders import charge, dispatch_status, read_order, set_soc, write_app_order


async def test_foreign_dispatch_is_shown_by_the_next_snapshot(
    live_house: House,
) -> None:
    write_app_order(live_house)
    await poll(live_house, full=True)
    assert dispatch_status(live_house) == ("charging", "other")
    dispatch = live_house.controller.dispatch
    assert dispatch
    assert dispatch.remaining is None


async def test_order_is_not_at_its_target_by_the_power_before_it(
    live_house: House,
) -> None:
    await set_soc(live_house, 99.6)
    await hold(live_house.controller, duration=3600)
    live_house.inverter.advance(30)
    await poll(live_house, full=True)
    assert live_house.coordinator.latest
    assert live_house.coordinator.latest.power.battery == 0
    await charge(live_house, target_soc=100)
    assert dispatch_status(live_house) == ("charging", "alphaess_live")
    dispatch = live_house.controller.dispatch
    assert dispatch
    idle = replace(live_house.coordinator.latest, measured_at=datetime.now(UTC))
    begun = idle.measured_at - EFFECT_TIME
    assert has_reached_target(dispatch.order, idle, since=begun)
    later = begun + timedelta(seconds=1)
    assert not has_reached_target(dispatch.order, idle, since=later)


@pytest.mark.usefixtures("loop_clock")
@pytest.mark.parametrize("jump", [timedelta(hours=5), timedelta(hours=-5)])
async def test_expiry_after_a_jump_of_the_host_clock_keeps_the_duration(
    hass: HomeAssistant, live_house: House, jump: timedelta
) -> None:
    outcome = await charge(live_house)
    assert outcome.expires_at
    with freeze_time(datetime.now(UTC) + jump, real_asyncio=True):
        await poll(live_house, full=True)
        await hass.async_block_till_done(wait_background_tasks=True)
        assert read_order(live_house).start
        dispatch = live_house.controller.dispatch
        assert dispatch
        assert dispatch.expires_at
        assert dispatch.remaining == pytest.approx(3600, abs=5)
        expected = outcome.expires_at + jump
        assert abs(dispatch.expires_at - expected) < timedelta(seconds=5)


@pytest.mark.usefixtures("loop_clock")
async def test_end_of_dispatch_after_host_clock_set_back_is_shown(
    live_house: House,
) -> None:
    await charge(live_house)
    live_house.inverter.advance(3601)
    with freeze_time(datetime.now(UTC) - timedelta(hours=5), real_asyncio=True):
        await poll(live_house, full=True)
        assert dispatch_status(live_house) == ("idle", "none")
