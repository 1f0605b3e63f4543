"""An order ends once the battery rests at its target, if the user wants that."""

from datetime import UTC, datetime, timedelta

from freezegun import freeze_time
from homeassistant.core import HomeAssistant
import pytest

from custom_components.alphaess_live.control import orders
from custom_components.alphaess_live.simulator.simulated_battery import SimulatedBattery

from .conftest import House, LoopClock, poll
from .test_control import charge, misbehave, order_of, seen
from .test_pv_switch import PV_SWITCH

ENDING = {"message_spacing": 0, "end_at_target": True}


def rest_at(house: House, soc: float) -> None:
    """Put a battery in the house that is charged so far, and let it come to rest."""
    pack = house.inverter.house.equipment.pack
    house.inverter.house.battery = SimulatedBattery(pack, soc)
    house.inverter.advance(2)


class Later:
    """A clock that runs ahead, so that nobody has to wait."""

    def __init__(self, hass: HomeAssistant, house: House, clock: LoopClock) -> None:
        self._hass = hass
        self._house = house
        self._clock = clock
        self._now = datetime.now(UTC)

    async def by(self, seconds: int) -> None:
        """Ask the inverter once more, so many seconds later; its house's time stands still."""
        self._now += timedelta(seconds=seconds)
        self._clock.skipped += seconds
        # Without the real clock of asyncio, nothing would ever be answered.
        with freeze_time(self._now, real_asyncio=True):
            await poll(self._house)
            await self._hass.async_block_till_done(wait_background_tasks=True)


@pytest.fixture
def later(hass: HomeAssistant, live_house: House, loop_clock: LoopClock) -> Later:
    return Later(hass, live_house, loop_clock)


@pytest.mark.parametrize("options", [ENDING])
async def test_a_charge_ends_once_the_battery_rests_at_its_target(
    live_house: House, later: Later
) -> None:
    await charge(live_house)
    rest_at(live_house, 80)
    for seconds in (5, 6):
        await later.by(seconds)
        assert seen(live_house) == ("charging", "alphaess_live")
    await later.by(11)
    assert seen(live_house) == ("idle", "none")
    assert not order_of(live_house).start


@pytest.mark.parametrize("options", [ENDING])
async def test_a_discharge_ends_once_the_battery_rests_at_its_target(
    live_house: House, later: Later
) -> None:
    await orders.discharge(
        live_house.controller, power=2000, target_soc=20, duration=3600
    )
    rest_at(live_house, 20)
    for _ in range(3):
        await later.by(11)
    assert seen(live_house) == ("idle", "none")


@pytest.mark.parametrize("options", [ENDING])
async def test_a_battery_that_rests_short_of_its_target_is_not_done(
    live_house: House, later: Later
) -> None:
    await orders.hold(live_house.controller, duration=3600)
    rest_at(live_house, 80)
    for _ in range(3):
        await later.by(11)
    assert seen(live_house) == ("holding", "alphaess_live")


async def test_a_battery_at_its_target_is_held_there_unless_the_user_chose_otherwise(
    live_house: House, later: Later
) -> None:
    await charge(live_house)
    rest_at(live_house, 80)
    for _ in range(3):
        await later.by(11)
    assert seen(live_house) == ("charging", "alphaess_live")


async def test_an_order_that_the_inverter_forgets_to_end_is_ended(
    live_house: House, later: Later
) -> None:
    await charge(live_house, duration=600)
    await later.by(655)
    assert seen(live_house) == ("charging", "alphaess_live")
    await later.by(11)
    assert seen(live_house) == ("idle", "none")
    assert not order_of(live_house).start


@pytest.mark.parametrize("options", [ENDING])
async def test_an_order_that_comes_as_the_one_before_is_done_is_not_ended_with_it(
    hass: HomeAssistant, live_house: House, later: Later
) -> None:
    await charge(live_house)
    rest_at(live_house, 80)
    await later.by(11)
    misbehave(live_house, readback_lag=0.1)
    ordered = hass.async_create_task(charge(live_house, target_soc=95))
    await later.by(11)
    await ordered
    await later.by(1)
    assert seen(live_house) == ("charging", "alphaess_live")


@pytest.mark.parametrize("options", [ENDING])
async def test_an_order_that_keeps_the_panels_off_has_still_something_to_do(
    live_house: House, later: Later
) -> None:
    await charge(live_house, pv=False)
    rest_at(live_house, 80)
    for _ in range(3):
        await later.by(11)
    assert seen(live_house) == ("charging", "alphaess_live")


async def test_panels_that_the_inverter_switched_on_are_ours_no_longer(
    live_house: House, later: Later
) -> None:
    await charge(live_house, duration=600, pv=False)
    live_house.inverter.advance(601)
    await later.by(601)
    live_house.inverter.journal.clear()
    live_house.inverter.write_as_app(PV_SWITCH, 2)
    await later.by(11)
    assert live_house.inverter.journal.requests
    assert not live_house.inverter.journal.writes
