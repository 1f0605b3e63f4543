"""The simulated charging and discharging periods, by the inverter's clock."""

from collections.abc import Iterable
from datetime import datetime, time, timedelta
from typing import Any

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.alphaess_live.alphaess.registers import ActivePeriods
from custom_components.alphaess_live.alphaess.schedule import PERIOD_FIELDS, Schedule
from custom_components.alphaess_live.simulator.demo import simulate
from custom_components.alphaess_live.simulator.energy_flow import Flow
from custom_components.alphaess_live.simulator.house import MAX_TRACKING_ERROR_WATTS
from custom_components.alphaess_live.simulator.models import MODELS, THREE_PHASE
from custom_components.alphaess_live.simulator.simulated_inverter import (
    SimulatedInverter,
)
from custom_components.alphaess_live.simulator.sky import Day
from tests.simulator.moments import MIDNIGHT, NOON

NIGHT = Schedule(
    active_periods=ActivePeriods.BOTH,
    charge_period_1_start=time(1),
    charge_period_1_end=time(5),
    charge_period_2_start=time(22, 30),
    charge_period_2_end=time(0, 15),
    discharge_period_1_start=time(17),
    discharge_period_1_end=time(21),
    charge_target=80,
    discharge_floor=20,
)
DISCHARGE = [1, 0, 34_500, 0, 32_000, 2, 50, 0, 1_800]
"""2500 W down to 20 % for half an hour."""
MINUTE = st.integers(0, 24 * 60 - 1)


def _set(unit: SimulatedInverter, schedule: Schedule) -> None:
    for address, word in schedule.encode(minutes=True).items():
        unit.write_as_app(address, word)


def _unit(
    start: datetime, schedule: Schedule = NIGHT, *, soc: float = 50.0, **options: Any
) -> SimulatedInverter:
    unit = simulate(THREE_PHASE, start, soc=soc, speed=0, **options)
    _set(unit, schedule)
    return unit


def _flow(unit: SimulatedInverter, seconds: int = 1) -> Flow:
    unit.advance(seconds)
    return unit.house.flow


def _at(hour: int, minute: int = 0) -> datetime:
    return MIDNIGHT.replace(hour=hour, minute=minute)


@pytest.mark.parametrize(
    "moment", [_at(1), _at(4, 59), _at(22, 30), _at(23), _at(0, 14)]
)
def test_charge_period_charges_from_the_grid(
    moment: datetime,
) -> None:
    flow = _flow(_unit(moment))
    assert flow.battery == -THREE_PHASE.equipment.pack.charge
    assert flow.grid > 8_000


@pytest.mark.parametrize("moment", [_at(0, 15), _at(0, 59), _at(5), _at(22, 29)])
def test_battery_outside_of_each_period_is_idle(moment: datetime) -> None:
    flow = _flow(_unit(moment, day=Day.WINTER))
    assert flow.battery == 0
    assert flow.grid == flow.load


@pytest.mark.parametrize("moment", [_at(17), _at(20, 59)])
def test_discharge_period_supplies_the_house(moment: datetime) -> None:
    assert _flow(_unit(moment, day=Day.WINTER)).battery > 0


def test_surplus_outside_of_discharge_periods_is_charged() -> None:
    flow = _flow(_unit(NOON))
    assert flow.battery < -1_000
    assert flow.grid <= MAX_TRACKING_ERROR_WATTS


@pytest.mark.parametrize(
    ("active", "power_at_1", "power_at_6"),
    [("off", 1, 1), ("charge", -1, 1), ("discharge", 0, 0), ("both", -1, 0)],
)
def test_active_periods_select_the_effective_periods(
    active: str, power_at_1: int, power_at_6: int
) -> None:
    def sign(moment: datetime) -> int:
        unit = _unit(moment, day=Day.WINTER)
        _set(unit, Schedule(active_periods=ActivePeriods(active)))
        power = _flow(unit).battery
        return (power > 0) - (power < 0)

    assert (sign(_at(1)), sign(_at(6))) == (power_at_1, power_at_6)


@pytest.mark.parametrize("seconds", [7, 3_000, 18_000])
def test_period_lasts_exactly_whatever_the_step_length(
    seconds: int,
) -> None:
    unit = _unit(
        MIDNIGHT,
        Schedule(
            active_periods=ActivePeriods.CHARGE,
            charge_period_1_start=time(1),
            charge_period_1_end=time(1, 2),
            charge_target=100,
        ),
        day=Day.WINTER,
        soc=30,
    )
    before = unit.house.counters.charge_from_grid
    for _ in range(18_000 // seconds):
        unit.advance(seconds)
    from_grid = unit.house.counters.charge_from_grid - before
    assert from_grid == 120 * THREE_PHASE.equipment.pack.charge


def test_charge_target_ends_grid_charging_but_not_pv_charging() -> None:
    all_day = Schedule(
        active_periods=ActivePeriods.CHARGE,
        charge_period_1_start=time(0),
        charge_period_1_end=time(20),
        charge_target=60,
    )
    unit = _unit(MIDNIGHT, all_day)
    assert _flow(unit, 3 * 3600).battery == 0
    assert unit.house.battery.soc == pytest.approx(60, abs=0.01)
    assert _flow(unit, 12 * 3600).battery <= 0
    assert unit.house.battery.soc > 90


def test_charge_target_below_soc_holds_the_battery() -> None:
    unit = _unit(_at(1))
    _set(unit, Schedule(charge_target=10))
    assert _flow(unit).battery == 0


def test_discharge_period_stops_at_the_floor() -> None:
    unit = _unit(_at(17), soc=20.3, day=Day.WINTER)
    unit.advance(3 * 3600)
    assert unit.house.battery.soc == pytest.approx(20, abs=0.05)
    assert unit.house.flow.battery == 0


async def test_wrong_clock_shifts_the_periods() -> None:
    unit = _unit(_at(1))
    await unit.write_registers(0x0740, [26 << 8 | 6, 1 << 8 | 18, 0])
    assert _flow(unit).battery > 0
    assert _flow(unit, 4 * 3600 + 1_800).battery == -THREE_PHASE.equipment.pack.charge


def test_periods_follow_the_wall_clock_if_set() -> None:
    unit = _unit(_at(0, 30))
    unit.set_wall_clock(lambda: _at(2))
    assert _flow(unit, 600).battery == -THREE_PHASE.equipment.pack.charge
    unit.set_wall_clock(lambda: _at(6))
    assert _flow(unit).battery == 0


def test_order_has_priority_over_periods_until_it_ends() -> None:
    unit = _unit(_at(2))
    unit.write_as_app(0x0880, *DISCHARGE)
    assert _flow(unit, 1_800).battery == 2_500
    assert _flow(unit).battery == -THREE_PHASE.equipment.pack.charge


def test_periods_remain_after_a_power_outage() -> None:
    unit = _unit(_at(2))
    unit.switch_off()
    unit.switch_on()
    assert _flow(unit).battery < 0


def test_registers_show_the_charging_of_a_period() -> None:
    unit = _unit(_at(2))
    before = unit.words()
    unit.advance(900)
    after = unit.words()
    assert after[0x0126] == 0x10000 - THREE_PHASE.equipment.pack.charge
    assert after[0x0440] == 1
    assert after[0x0102] > before[0x0102]
    assert after[0x0125] > before[0x0125]


def _minutes(start: int, end: int) -> Iterable[int]:
    return range(start, end) if start <= end else (*range(start, 1440), *range(end))


@settings(max_examples=60, deadline=None)
@given(
    name=st.sampled_from(list(MODELS)),
    active=st.sampled_from(ActivePeriods),
    ends=st.tuples(*[MINUTE] * len(PERIOD_FIELDS)),
    target=st.integers(4, 100),
    floor=st.integers(4, 100),
    soc=st.floats(4, 100),
    begin=MINUTE,
    day=st.sampled_from(Day),
    steps=st.lists(st.integers(1, 1_800), min_size=1, max_size=6),
)
def test_any_schedule_is_followed_and_energy_balances(
    name: str, active: ActivePeriods, ends: tuple[int, ...], **case: Any
) -> None:
    start = MIDNIGHT + timedelta(minutes=case["begin"])
    unit = simulate(MODELS[name], start, day=case["day"], soc=case["soc"], speed=0)
    target, floor = case["target"], case["floor"]
    fields: dict[str, Any] = {"charge_target": target, "discharge_floor": floor}
    fields |= {
        end: time(*divmod(at, 60)) for end, at in zip(PERIOD_FIELDS, ends, strict=True)
    }
    _set(unit, Schedule(active_periods=active, **fields))
    charging = {*_minutes(*ends[0:2]), *_minutes(*ends[2:4])}
    discharging = {*_minutes(*ends[4:6]), *_minutes(*ends[6:8])}
    if active not in ("charge", "both"):
        charging = set()
    if active not in ("discharge", "both"):
        discharging = set(range(1440))
    for seconds in case["steps"]:
        house = unit.house
        for _ in range(seconds // 60 + 1):
            clock, before = house.clock, house.battery.soc
            unit.advance(1)
            flow, minute = house.flow, clock.hour * 60 + clock.minute
            assert flow.load == flow.solar + flow.battery + flow.grid
            if minute in charging or minute not in discharging or before <= floor:
                assert flow.battery <= 0
            if minute in charging and before < target - 0.1:
                assert flow.battery < 0
            if flow.battery < 0 and (minute not in charging or before >= target):
                assert flow.grid <= MAX_TRACKING_ERROR_WATTS + 2
            unit.advance(59)
