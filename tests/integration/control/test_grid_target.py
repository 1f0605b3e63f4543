"""The grid target in a simulated house: how the meter follows the loads, and what is written and stored."""

from dataclasses import replace
from typing import Any

from homeassistant.core import Event
from homeassistant.helpers.storage import Store
import pytest

from custom_components.alphaess_live.alphaess.errors import (
    Feature,
    InvalidDispatchError,
    UnsupportedFeatureError,
)
from custom_components.alphaess_live.alphaess.write_policy import DISPATCH_ADDRESSES
from custom_components.alphaess_live.const import DOMAIN
from custom_components.alphaess_live.control import orders
from custom_components.alphaess_live.simulator.behaviour import Reply
from custom_components.alphaess_live.simulator.sky import Day

from ..conftest import record_event_types, set_behaviour
from ..orders import dispatch_status
from .grid_house import NIGHT, WITHIN_WATTS, GridHouse, reversals

KETTLE_WATTS = 2000


@pytest.mark.parametrize("power", [0, 3000, -1500])
async def test_meter_shows_the_target(night: GridHouse, power: int) -> None:
    outcome = await night.hold(power)
    assert outcome.verified
    assert outcome.applied == outcome.requested
    await night.run(10)
    assert night.deviation(3, power) <= WITHIN_WATTS


async def test_kettle_is_balanced_within_3_seconds_without_reversal(
    night: GridHouse,
) -> None:
    await night.hold()
    await night.run(10)
    for phase in range(6):
        # At each moment between two readings.
        await night.run(20 + phase)
        night.load.watts += KETTLE_WATTS if phase % 2 == 0 else -KETTLE_WATTS
        await night.run(20)
        after = night.grid[-20:]
        assert all(abs(grid) <= WITHIN_WATTS for grid in after[3:]), after
        assert reversals(night.battery[-20:]) == 0
    assert sum(night.writes) <= 0.5 * len(night.writes)
    addresses = {
        address
        for request in night.house.inverter.journal.written
        for address in range(request.address, request.address + len(request.values))
    }
    assert addresses <= {*DISPATCH_ADDRESSES}


async def test_clouds_cause_no_more_than_a_write_every_2_seconds(
    night: GridHouse,
) -> None:
    night.set_day(Day.BROKEN_CLOUDS, NIGHT.replace(hour=12))
    await night.hold()
    await night.run(180)
    assert sum(night.writes) <= 90
    assert all(sum(night.writes[at : at + 2]) <= 1 for at in range(180))
    mean = sum(map(abs, night.grid[10:])) / len(night.grid[10:])
    free = [abs(b + g) for b, g in zip(night.battery, night.grid, strict=True)]
    assert mean < sum(free[10:]) / len(free[10:]) / 2


@pytest.mark.parametrize(
    "behaviour", [{"effect_delay": seconds} for seconds in (2, 4, 5, 6)]
)
async def test_slow_inverter_does_not_oscillate(night: GridHouse) -> None:
    await night.hold()
    await night.run(20)
    for watts in (2500, 500, 2500):
        night.load.watts = watts
        await night.run(30)
        assert night.deviation(10) <= WITHIN_WATTS
        assert reversals(night.battery[-30:]) == 0


@pytest.mark.parametrize("behaviour", [{"power_limit": 1500}])
async def test_inverter_that_limits_power_gets_no_write_storm(
    night: GridHouse,
) -> None:
    await night.hold()
    await night.run(10)
    night.load.watts = 3000
    await night.run(60)
    assert night.battery[-1] == 1500
    # The order that is limited, and a renewal.
    assert sum(night.writes[-60:]) <= 4
    night.load.watts = 500
    await night.run(10)
    assert night.deviation(3) <= WITHIN_WATTS


@pytest.mark.parametrize("behaviour", [{"power_limit": 1500}])
async def test_first_order_that_is_limited_is_applied_with_its_power(
    night: GridHouse,
) -> None:
    night.load.watts = 3000
    await night.run(6)
    outcome = await night.hold()
    assert outcome.requested["max_power"] == 8000
    assert outcome.applied["max_power"] == 1500


async def test_battery_that_cannot_follow_does_not_oscillate(
    night: GridHouse,
) -> None:
    night.load.watts = 9500
    await night.hold()
    await night.run(40)
    assert night.battery[-1] == 8000
    assert reversals(night.battery) == 0
    assert sum(night.writes) <= 5
    night.load.watts = 1000
    await night.run(12)
    assert night.deviation(3) <= WITHIN_WATTS


async def test_steady_house_gets_only_renewals(night: GridHouse) -> None:
    await night.hold()
    await night.run(10)
    before = sum(night.writes)
    await night.run(120)
    assert 3 <= sum(night.writes) - before <= 4
    assert dispatch_status(night.house) == ("discharging", "alphaess_live")
    assert night.deviation(120) <= WITHIN_WATTS


async def test_max_power_limits_the_battery(night: GridHouse) -> None:
    night.load.watts = 3000
    await night.run(6)
    await night.hold(max_power=1000)
    await night.run(10)
    assert night.battery[-1] == 1000


async def test_limit_lets_the_battery_rest_below_it(night: GridHouse) -> None:
    await night.hold(2000, limit=True)
    await night.run(10)
    assert night.battery[-1] == 0
    night.load.watts = 3500
    await night.run(10)
    assert night.deviation(3, 2000) <= WITHIN_WATTS
    night.load.watts = 800
    await night.run(10)
    assert night.battery[-1] == 0


async def test_limit_lets_surplus_charge_the_battery(night: GridHouse) -> None:
    night.set_day(Day.SUNNY, NIGHT.replace(hour=12))
    await night.run(6)
    await night.hold(2000, limit=True)
    await night.run(10)
    assert night.battery[-1] < -1000
    assert night.deviation(3) <= WITHIN_WATTS


@pytest.mark.parametrize("behaviour", [{"keeps_time": True}])
async def test_order_whose_time_is_not_restarted_is_started_again(
    night: GridHouse,
) -> None:
    await night.hold()
    await night.run(200)
    assert night.house.controller.regulation
    assert night.record.reason is None
    assert sum(abs(grid) > WITHIN_WATTS for grid in night.grid[10:]) <= 15


async def test_order_that_is_not_applied_is_repeated(night: GridHouse) -> None:
    await night.hold()
    await night.run(10)
    set_behaviour(night.house, ignores_writes=True)
    night.load.watts = 1500
    await night.run(3)
    assert night.house.controller.regulation
    set_behaviour(night.house, ignores_writes=False)
    await night.run(10)
    assert night.deviation(3) <= WITHIN_WATTS


async def test_power_that_is_unknown_cannot_be_held(night: GridHouse) -> None:
    snapshot = night.house.coordinator.latest
    assert snapshot
    night.house.coordinator.latest = replace(snapshot, grid=None)
    night.house.inverter.journal.clear()
    with pytest.raises(UnsupportedFeatureError) as caught:
        await night.hold()
    assert caught.value.feature is Feature.GRID_POWER
    assert not night.house.inverter.journal.written


@pytest.mark.parametrize(
    ("field_name", "fields"),
    [
        ("power", {"power": 20_001}),
        ("power", {"power": -20_001}),
        ("min_soc", {"min_soc": 3}),
        ("min_soc", {"min_soc": 80, "max_soc": 80}),
        ("max_soc", {"max_soc": 101}),
        ("max_power", {"max_power": 0}),
        ("duration", {"duration": 59}),
    ],
)
async def test_target_out_of_range_sends_no_request(
    night: GridHouse, field_name: str, fields: dict[str, Any]
) -> None:
    with pytest.raises(InvalidDispatchError) as caught:
        await night.hold(**fields)
    assert caught.value.field == field_name
    assert not night.house.inverter.journal.requests


async def test_target_is_one_record_with_the_number_of_renewals(
    night: GridHouse, events: list[Event]
) -> None:
    messages = record_event_types(night.house)
    await night.hold()
    await night.run(10)
    night.load.watts = 2500
    await night.run(90)
    await orders.stop(night.house.controller)
    await night.hass.async_block_till_done()
    assert [event.data["type"] for event in events] == ["started", "ended"]
    on_feed = [one for one in messages if one.startswith("dispatch_")]
    assert on_feed == ["dispatch_started", "dispatch_ended"]
    ended = events[-1].data
    assert ended["renewals"] == sum(night.writes)
    assert ended["applied"]["action"] == "hold_grid"
    assert ended["energy"]["discharged"] > 0.05
    records = night.house.entry.runtime_data.dispatch_log.records
    assert len(records) == 1


async def test_renewals_are_not_stored(
    night: GridHouse, monkeypatch: pytest.MonkeyPatch
) -> None:
    await night.hold()
    await night.run(4)
    saved: list[str] = []
    for name in ("async_save", "async_delay_save"):
        save = getattr(Store, name)

        def record(store: Any, *args: Any, save: Any = save) -> Any:
            saved.append(store.key)
            return save(store, *args)

        monkeypatch.setattr(Store, name, record)
    night.load.watts = 2500
    await night.run(90)
    assert sum(night.writes) >= 3
    key = f"{DOMAIN}.{night.house.entry.entry_id}"
    assert not {key, f"{key}.dispatch"} & {*saved}
    await orders.stop(night.house.controller)
    assert {key, f"{key}.dispatch"} <= {*saved}


async def test_first_order_takes_three_requests(night: GridHouse) -> None:
    await night.hold()
    journal = night.house.inverter.journal
    assert len(journal.written) == 1
    dispatch_requests = [one for one in journal.requests if one.address == 0x0880]
    assert len(dispatch_requests) == 3


@pytest.mark.parametrize(
    ("behaviour", "options"),
    [
        (
            {"refresh_seconds": {"grid": seconds}},
            {"message_spacing": 0, "live_interval": live},
        )
        for seconds, live in ((5, 1), (6, 2), (10, 2))
    ],
)
async def test_meter_that_is_renewed_seldom_does_not_cause_oscillation(
    night: GridHouse,
) -> None:
    await night.hold()
    await night.run(20)
    for watts in (2500, 500):
        night.load.watts = watts
        await night.run(40)
        assert night.deviation(25) <= WITHIN_WATTS
        assert reversals(night.battery[-40:]) == 0


@pytest.mark.parametrize("options", [{"message_spacing": 0, "live_interval": 1}])
@pytest.mark.parametrize(
    "failure", [{"ignores_writes": True}, {"block_write": Reply.FAILED}]
)
async def test_writes_that_fail_are_no_more_than_one_in_2_seconds(
    night: GridHouse, failure: dict[str, Any]
) -> None:
    await night.hold()
    await night.run(10)
    set_behaviour(night.house, **failure)
    night.load.watts = 2500
    journal = night.house.inverter.journal
    before = journal.writes
    await night.run(30)
    assert 2 <= journal.writes - before <= 6
    assert night.house.controller.regulation
