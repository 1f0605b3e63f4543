"""Our dispatch ends at its target and on unloading; an issue is raised when it is overwritten."""

import asyncio
from datetime import UTC, datetime, timedelta

from freezegun import freeze_time
from homeassistant.core import HomeAssistant
from homeassistant.helpers import issue_registry as ir
import pytest

from custom_components.alphaess_live.alphaess.errors import (
    CommunicationError,
)
from custom_components.alphaess_live.alphaess.writer import START_ADDRESS
from custom_components.alphaess_live.const import DOMAIN
from custom_components.alphaess_live.control import orders
from custom_components.alphaess_live.control.supervisor import stop_control
from custom_components.alphaess_live.simulator.simulated_battery import SimulatedBattery

from ..conftest import House, LoopClock, poll, set_behaviour, set_up
from ..orders import (
    APP_ORDER,
    PV_SWITCH_ADDRESS,
    charge,
    dispatch_status,
    read_order,
    write_app_order,
)

END_AT_TARGET = {"message_spacing": 0, "end_at_target": True}


def set_idle_battery(house: House, soc: float) -> None:
    """Replace the house's battery by an idle one with this state of charge."""
    pack = house.inverter.house.equipment.pack
    house.inverter.house.battery = SimulatedBattery(pack, soc)
    house.inverter.advance(2)


class SteppedClock:
    """A clock that a test moves ahead instead of waiting."""

    def __init__(self, hass: HomeAssistant, house: House, clock: LoopClock) -> None:
        self._hass = hass
        self._house = house
        self._clock = clock
        self._now = datetime.now(UTC)
        self._next = clock()

    async def advance(self, seconds: int) -> None:
        """Poll after these seconds, also if the last poll has taken some; the house's time stands still."""
        self._now += timedelta(seconds=seconds)
        self._next += seconds
        self._clock.skipped += self._next - self._clock()
        # With a frozen clock of asyncio, no request would ever be answered.
        with freeze_time(self._now, real_asyncio=True):
            await poll(self._house)
            await self._hass.async_block_till_done(wait_background_tasks=True)


@pytest.fixture
def stepped_clock(
    hass: HomeAssistant, live_house: House, loop_clock: LoopClock
) -> SteppedClock:
    return SteppedClock(hass, live_house, loop_clock)


@pytest.mark.parametrize("options", [END_AT_TARGET])
async def test_charge_with_battery_idle_at_target_is_stopped(
    live_house: House, stepped_clock: SteppedClock
) -> None:
    await charge(live_house)
    set_idle_battery(live_house, 80)
    for seconds in (5, 6):
        await stepped_clock.advance(seconds)
        assert dispatch_status(live_house) == ("charging", "alphaess_live")
    await stepped_clock.advance(11)
    assert dispatch_status(live_house) == ("idle", "none")
    assert not read_order(live_house).start


@pytest.mark.parametrize("options", [END_AT_TARGET])
async def test_discharge_with_battery_idle_at_target_is_stopped(
    live_house: House, stepped_clock: SteppedClock
) -> None:
    await orders.discharge(
        live_house.controller, power=2000, target_soc=20, duration=3600
    )
    set_idle_battery(live_house, 20)
    # A battery does not discharge to 20 % in an instant.
    live_house.coordinator.inverter.plausibility.value_filter.forget()
    for _ in range(3):
        await stepped_clock.advance(11)
    assert dispatch_status(live_house) == ("idle", "none")


@pytest.mark.parametrize("options", [END_AT_TARGET])
async def test_hold_with_idle_battery_is_not_stopped(
    live_house: House, stepped_clock: SteppedClock
) -> None:
    await orders.hold(live_house.controller, duration=3600)
    set_idle_battery(live_house, 80)
    for _ in range(3):
        await stepped_clock.advance(11)
    assert dispatch_status(live_house) == ("holding", "alphaess_live")


async def test_charge_at_target_without_the_option_is_not_stopped(
    live_house: House, stepped_clock: SteppedClock
) -> None:
    await charge(live_house)
    set_idle_battery(live_house, 80)
    for _ in range(3):
        await stepped_clock.advance(11)
    assert dispatch_status(live_house) == ("charging", "alphaess_live")


async def test_dispatch_not_ended_by_the_inverter_is_stopped(
    live_house: House, stepped_clock: SteppedClock
) -> None:
    await charge(live_house, duration=600)
    await stepped_clock.advance(655)
    assert dispatch_status(live_house) == ("charging", "alphaess_live")
    await stepped_clock.advance(11)
    assert dispatch_status(live_house) == ("idle", "none")
    assert not read_order(live_house).start


async def test_stop_that_is_ignored_is_repeated_at_growing_intervals(
    live_house: House,
    stepped_clock: SteppedClock,
    issue_registry: ir.IssueRegistry,
    caplog: pytest.LogCaptureFixture,
) -> None:
    issue = f"dispatch_not_ended_{live_house.entry.entry_id}"
    await charge(live_house, duration=600)
    await stepped_clock.advance(655)
    set_behaviour(live_house, ignores_writes=True)
    journal, writes = live_house.inverter.journal, []
    for _ in range(100):
        journal.clear()
        await stepped_clock.advance(6)
        writes.append(journal.writes)
    # After 0, 10, 30, 70, 150 and 310 s; the next one after 610 s.
    assert sum(writes) == 6
    assert issue_registry.async_get_issue(DOMAIN, issue)
    levels = [
        record.levelname
        for record in caplog.records
        if "did not end a dispatch as requested" in record.message
    ]
    assert levels == ["WARNING", *["DEBUG"] * 5]
    set_behaviour(live_house, ignores_writes=False)
    await stepped_clock.advance(300)
    assert dispatch_status(live_house) == ("idle", "none")
    await poll(live_house, full=True)
    assert not issue_registry.async_get_issue(DOMAIN, issue)


@pytest.mark.parametrize("options", [END_AT_TARGET])
async def test_new_order_when_the_previous_is_done_is_not_stopped(
    hass: HomeAssistant, live_house: House, stepped_clock: SteppedClock
) -> None:
    await charge(live_house)
    set_idle_battery(live_house, 80)
    await stepped_clock.advance(11)
    set_behaviour(live_house, readback_lag=0.1)
    ordered = hass.async_create_task(charge(live_house, target_soc=95))
    await stepped_clock.advance(11)
    await ordered
    await stepped_clock.advance(1)
    assert dispatch_status(live_house) == ("charging", "alphaess_live")


@pytest.mark.parametrize("options", [END_AT_TARGET])
async def test_charge_at_target_with_pv_off_is_not_stopped(
    live_house: House, stepped_clock: SteppedClock
) -> None:
    await charge(live_house, pv=False)
    set_idle_battery(live_house, 80)
    for _ in range(3):
        await stepped_clock.advance(11)
    assert dispatch_status(live_house) == ("charging", "alphaess_live")


async def test_pv_switched_on_by_the_inverter_is_not_written_again(
    live_house: House, stepped_clock: SteppedClock
) -> None:
    await charge(live_house, duration=600, pv=False)
    live_house.inverter.advance(601)
    await stepped_clock.advance(601)
    live_house.inverter.journal.clear()
    live_house.inverter.write_as_app(PV_SWITCH_ADDRESS, 2)
    await stepped_clock.advance(11)
    assert live_house.inverter.journal.requests
    assert not live_house.inverter.journal.writes


async def test_overwritten_dispatch_raises_an_issue_until_it_ends(
    live_house: House, issue_registry: ir.IssueRegistry
) -> None:
    issue = f"dispatch_overwritten_{live_house.entry.entry_id}"
    await charge(live_house)
    write_app_order(live_house)
    await poll(live_house, full=True)
    assert dispatch_status(live_house) == ("charging", "other")
    assert issue_registry.async_get_issue(DOMAIN, issue)
    live_house.inverter.write_as_app(START_ADDRESS, 0)
    await poll(live_house, full=True)
    assert not issue_registry.async_get_issue(DOMAIN, issue)


async def test_foreign_dispatch_after_our_stop_raises_no_issue(
    live_house: House, issue_registry: ir.IssueRegistry
) -> None:
    await charge(live_house)
    await orders.stop(live_house.controller)
    write_app_order(live_house)
    await poll(live_house, full=True)
    assert dispatch_status(live_house) == ("charging", "other")
    issue = f"dispatch_overwritten_{live_house.entry.entry_id}"
    assert not issue_registry.async_get_issue(DOMAIN, issue)


async def test_unload_leaves_a_foreign_dispatch_running(
    hass: HomeAssistant, live_house: House
) -> None:
    await charge(live_house)
    write_app_order(live_house)
    await hass.config_entries.async_unload(live_house.entry.entry_id)
    assert read_order(live_house) == APP_ORDER


async def test_unload_stops_our_dispatch(
    hass: HomeAssistant, live_house: House
) -> None:
    await charge(live_house)
    await hass.config_entries.async_unload(live_house.entry.entry_id)
    assert not read_order(live_house).start


@pytest.mark.parametrize("options", [{"message_spacing": 0, "stop_on_unload": False}])
async def test_reload_with_stop_on_unload_off_keeps_our_dispatch(
    hass: HomeAssistant, live_house: House
) -> None:
    await charge(live_house)
    entry = live_house.entry
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert dispatch_status(live_house) == ("charging", "alphaess_live")


@pytest.mark.parametrize("options", [{"message_spacing": 0, "stop_on_unload": False}])
@pytest.mark.parametrize(
    ("seconds_over", "owner"), [(30, "alphaess_live"), (90, "other")]
)
async def test_order_that_runs_on_is_ours_until_a_minute_after_its_end(
    hass: HomeAssistant, live_house: House, seconds_over: int, owner: str
) -> None:
    await charge(live_house, duration=600)
    await hass.config_entries.async_unload(live_house.entry.entry_id)
    later = datetime.now(UTC) + timedelta(seconds=600 + seconds_over)
    with freeze_time(later, real_asyncio=True, tick=True):
        await set_up(hass, live_house)
        # The first reading may be refused: the last connection is just being closed.
        await poll(live_house, full=True)
        assert dispatch_status(live_house) == ("charging", owner)


async def test_reload_with_controls_switched_off_writes_nothing(
    hass: HomeAssistant, live_house: House
) -> None:
    await charge(live_house)
    writes, entry = live_house.inverter.journal.writes, live_house.entry
    off = entry.options | {"controls": False}
    hass.config_entries.async_update_entry(entry, options=off)
    await hass.config_entries.async_reload(entry.entry_id)
    await hass.async_block_till_done()
    assert dispatch_status(live_house) == ("charging", "alphaess_live")
    assert live_house.inverter.journal.writes == writes


async def test_order_waiting_for_the_last_stop_is_not_written(
    live_house: House,
) -> None:
    await charge(live_house)
    ending = asyncio.ensure_future(stop_control(live_house.controller))
    await asyncio.sleep(0)
    late = asyncio.ensure_future(charge(live_house))
    await ending
    with pytest.raises(CommunicationError):
        await late
    assert not read_order(live_house).start


async def test_update_after_stop_control_logs_no_error(
    live_house: House, caplog: pytest.LogCaptureFixture
) -> None:
    await stop_control(live_house.controller)
    live_house.coordinator.async_update_listeners()
    assert "Unexpected error" not in caplog.text
