"""The simulated house: power balance, energy counters and limits."""

from dataclasses import astuple, replace
from datetime import datetime

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.alphaess_live.simulator.appliances import CAR, HOUSEHOLD, total
from custom_components.alphaess_live.simulator.battery_orders import (
    BatteryOrder,
    Strategy,
)
from custom_components.alphaess_live.simulator.energy_flow import (
    Flow,
    in_joules,
    in_kilowatt_hours,
)
from custom_components.alphaess_live.simulator.house import House
from custom_components.alphaess_live.simulator.models import MODELS, THREE_PHASE, Model
from custom_components.alphaess_live.simulator.simulated_battery import (
    Pack,
    SimulatedBattery,
)
from custom_components.alphaess_live.simulator.sky import Day
from tests.simulator.moments import MIDNIGHT, NOON

MODEL = st.sampled_from(list(MODELS.values()))
ORDER = st.builds(
    BatteryOrder,
    strategy=st.sampled_from(Strategy),
    power=st.integers(-20_000, 20_000),
    target=st.none() | st.floats(4, 100),
    pv_enabled=st.booleans(),
)


def _house(
    model: Model = THREE_PHASE,
    start: datetime = NOON,
    *,
    day: Day = Day.SUNNY,
    seed: int = 1,
    soc: float = 50.0,
) -> House:
    return House(model.equipment, start, day=day, seed=seed, soc=soc)


@pytest.mark.parametrize("day", Day)
@pytest.mark.parametrize("name", MODELS)
@settings(max_examples=4, deadline=None)
@given(seed=st.integers(0, 1 << 40), soc=st.floats(4, 100))
def test_two_days_balance_exactly_and_counters_never_fall(
    name: str, day: Day, seed: int, soc: float
) -> None:
    house = _house(MODELS[name], MIDNIGHT, day=day, seed=seed, soc=soc)
    for _ in range(2 * 288):
        before = house.counters
        house.step(300)
        flow = house.flow
        assert flow.load == flow.solar + flow.battery + flow.grid
        assert sum(flow.drawn) == flow.inverter + flow.ac_solar + flow.grid
        assert min(flow.strings, default=0) >= 0
        assert flow.ac_solar >= 0
        assert flow.load > 0
        pairs = zip(astuple(before), astuple(house.counters), strict=True)
        assert all(old <= new for old, new in pairs)
        assert min(4.0, soc) <= house.battery.soc <= 100.000001


@settings(max_examples=200, deadline=None)
@given(
    model=MODEL,
    order=ORDER,
    seed=st.integers(0, 1000),
    soc=st.floats(4, 100),
    hour=st.integers(0, 23),
    seconds=st.integers(1, 3600),
    feed_in=st.integers(0, 100),
)
def test_any_order_keeps_the_balance_and_the_limits(
    model: Model,
    order: BatteryOrder,
    *,
    seed: int,
    soc: float,
    hour: int,
    seconds: int,
    feed_in: int,
) -> None:
    house = _house(model, MIDNIGHT.replace(hour=hour), seed=seed, soc=soc)
    house.order, house.feed_in = order, feed_in
    house.step(seconds)
    flow, plant = house.flow, model.equipment
    assert flow.load == flow.solar + flow.battery + flow.grid
    assert -plant.pack.charge <= flow.battery <= plant.pack.discharge
    assert -plant.rated - 1 <= flow.inverter <= plant.rated + 1
    assert 4 - 1e-6 <= house.battery.soc <= 100 + 1e-6
    if not plant.ac_roof:
        assert -flow.grid <= plant.peak * feed_in // 100 + 1
    if not order.pv_enabled:
        assert not any(flow.strings)


def test_energy_counters_equal_the_integrated_powers() -> None:
    house = _house(start=MIDNIGHT, day=Day.CLOUDY, soc=20)
    first = house.counters
    imported = exported = charged = discharged = solar = from_grid = 0
    for _ in range(24 * 60):
        house.step(60)
        flow = house.flow
        imported += 60 * max(0, flow.grid)
        exported += 60 * max(0, -flow.grid)
        charged += 60 * max(0, -flow.battery)
        discharged += 60 * max(0, flow.battery)
        solar += 60 * flow.solar
        from_grid += 60 * min(max(0, -flow.battery), max(0, flow.grid))
    last = house.counters
    assert last.grid_import - first.grid_import == imported
    assert last.grid_export - first.grid_export == exported
    assert last.charge - first.charge == charged
    assert last.discharge - first.discharge == discharged
    assert last.strings - first.strings == solar
    assert last.charge_from_grid - first.charge_from_grid == from_grid


def test_same_seed_gives_the_same_day() -> None:
    def simulate_day(seed: int) -> list[Flow]:
        house = _house(start=MIDNIGHT, day=Day.CLOUDY, seed=seed)
        flows = []
        for _ in range(48):
            house.step(1800)
            flows.append(house.flow)
        return flows

    assert simulate_day(3) == simulate_day(3)
    assert simulate_day(3) != simulate_day(4)


def test_pv_energy_is_ordered_by_the_weather() -> None:
    def pv_energy(day: Day) -> int:
        house = _house(start=MIDNIGHT, day=day)
        for _ in range(144):
            house.step(600)
        return house.counters.strings

    energies = [
        pv_energy(day) for day in (Day.SUNNY, Day.CLOUDY, Day.WINTER, Day.RAINY)
    ]
    assert energies == sorted(energies, reverse=True)


def test_pv_power_follows_the_season_unless_a_day_is_chosen() -> None:
    def max_pv_power(month: int, day: Day) -> int:
        power = 0
        for date in range(1, 29):
            house = _house(start=NOON.replace(month=month, day=date), day=day)
            power = max(power, house.flow.solar)
        return power

    assert max_pv_power(12, Day.TODAY) < max_pv_power(6, Day.TODAY) * 0.75
    assert max_pv_power(12, Day.SUNNY) == pytest.approx(
        max_pv_power(6, Day.SUNNY), rel=0.03
    )


def test_pv_power_at_night_is_zero() -> None:
    house = _house(start=MIDNIGHT)
    assert house.flow.solar == 0
    assert house.flow.battery > 0


def test_battery_near_full_limits_its_charging_power() -> None:
    pack = Pack(capacity=10_000, modules=1, charge=5_000, discharge=5_000, cells=16)
    assert SimulatedBattery(pack, 100).can_charge(1) == 0
    assert SimulatedBattery(pack, 90).can_charge(1) == 5_000
    assert 0 < SimulatedBattery(pack, 99).can_charge(1) < 1_000
    assert SimulatedBattery(pack, 99.999).can_charge(1) > 0


def test_empty_battery_does_not_discharge() -> None:
    pack = Pack(capacity=10_000, modules=1, charge=5_000, discharge=5_000, cells=16)
    assert SimulatedBattery(pack, 4).can_discharge(1) == 0
    assert SimulatedBattery(pack, 3).can_discharge(1) == 0
    assert SimulatedBattery(pack, 50).can_discharge(1) == 5_000
    assert SimulatedBattery(pack, 50).can_discharge(1, until=60) == 0


def test_battery_returns_the_charged_energy_minus_losses() -> None:
    pack = Pack(capacity=10_000, modules=1, charge=5_000, discharge=5_000, cells=16)
    battery = SimulatedBattery(pack, 50)
    battery.exchange(-1_000, 3_600)
    battery.exchange(round(1_000 * pack.efficiency**2), 3_600)
    assert battery.soc == pytest.approx(50, abs=0.01)


def test_self_consumption_keeps_the_reserve() -> None:
    house = _house(start=MIDNIGHT, soc=10.2)
    for _ in range(60):
        house.step(60)
    assert house.battery.soc >= 10
    assert house.flow.grid > 0


def test_feed_in_limit_reduces_pv_power() -> None:
    house = _house(soc=100)
    house.step(1)
    unlimited = house.flow.solar
    house.feed_in = 10
    house.step(1)
    assert house.flow.solar < unlimited
    assert -house.flow.grid <= 990


def test_pv_power_is_limited_by_the_rated_power() -> None:
    plant = replace(THREE_PHASE.equipment, rated=4_000, feed_in=100)
    house = House(plant, NOON, soc=100)
    assert house.flow.inverter <= 4_000


def test_car_charges_on_three_phases_on_some_evenings() -> None:
    evenings = [
        total((CAR,), NOON.replace(day=date, hour=20), seed=5) for date in range(1, 29)
    ]
    assert {(0, 0, 0), (3650, 3650, 3650)} == set(evenings)


def test_household_consumption_of_a_day_is_plausible() -> None:
    used = sum(
        sum(total(HOUSEHOLD, NOON.replace(hour=hour, minute=minute), seed=1))
        for hour in range(24)
        for minute in range(60)
    )
    assert 6 < used / 60 / 1000 < 14


def test_temperatures_rise_under_load() -> None:
    house = _house(soc=50)
    house.order = BatteryOrder(strategy=Strategy.FORCED, power=6_000, target=10)
    temperatures = house.inverter_temperature, house.battery_temperature
    for _ in range(60):
        house.step(60)
    assert house.inverter_temperature > temperatures[0] + 3
    assert house.battery_temperature > temperatures[1]


def test_meter_reading_is_rounded_down_to_its_step() -> None:
    assert in_kilowatt_hours(in_joules(1.239), step=0.01) == 1.23
    assert in_kilowatt_hours(in_joules(1.239), step=0.1) == 1.2
