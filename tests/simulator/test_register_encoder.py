"""Simulated registers: exact values of the house, on each model."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from hypothesis import given, settings, strategies as st
import pytest

from custom_components.alphaess_live.alphaess import inverter as reading, slow_blocks
from custom_components.alphaess_live.alphaess.identity import identify
from custom_components.alphaess_live.alphaess.inverter import Inverter
from custom_components.alphaess_live.alphaess.registers import (
    BLOCKS,
    Clock,
    Echonet,
    Grid,
    InverterVersions,
    Packs,
    PvMeter,
    PvMeterCt,
    StringsTotal,
    SystemSuffix,
)
from custom_components.alphaess_live.alphaess.snapshot import Snapshot
from custom_components.alphaess_live.simulator.demo import simulate
from custom_components.alphaess_live.simulator.energy_flow import in_kilowatt_hours
from custom_components.alphaess_live.simulator.models import (
    AC_COUPLED,
    MODELS,
    SINGLE_PHASE,
    THREE_PHASE,
    Model,
)
from custom_components.alphaess_live.simulator.simulated_inverter import (
    SimulatedInverter,
)
from custom_components.alphaess_live.simulator.sky import Day
from tests.alphaess.units import read_totals
from tests.simulator.moments import MIDNIGHT, NOON

HALF_PAST = NOON.replace(second=30)
MAX_REQUESTS = 6
MAX_FIRST_REQUESTS = 20

ALL_MODELS = pytest.mark.parametrize("model", MODELS.values(), ids=MODELS)


def _unit(
    model: Model, start: datetime = HALF_PAST, **options: float
) -> SimulatedInverter:
    return simulate(model, start, speed=0, **options)  # type: ignore[arg-type]


async def _snapshot(unit: SimulatedInverter) -> Snapshot:
    return await read_totals(Inverter(unit, unit.model.profile))


@ALL_MODELS
@settings(max_examples=15, deadline=None)
@given(
    day=st.sampled_from(Day),
    seed=st.integers(0, 1 << 40),
    soc=st.floats(4, 100),
    minute=st.integers(0, 1439),
)
async def test_snapshot_equals_the_simulated_house(
    model: Model, day: Day, seed: int, soc: float, minute: int
) -> None:
    start = MIDNIGHT.replace(month=3) + timedelta(minutes=minute)
    unit = simulate(model, start, day=day, seed=seed, soc=soc, speed=0)
    unit.advance(600)
    snapshot, house, flow = await _snapshot(unit), unit.house, unit.house.flow
    power, counters = snapshot.power, house.counters
    assert (power.battery, power.grid) == (flow.battery, flow.grid)
    assert (power.pv, power.load) == (flow.solar, flow.load)
    assert power.soc == round(house.battery.soc, 1)
    assert snapshot.output
    assert snapshot.output.power == flow.inverter
    assert snapshot.grid
    assert snapshot.battery
    assert snapshot.grid.import_energy_total == in_kilowatt_hours(
        counters.grid_import, step=0.01
    )
    assert snapshot.grid.export_energy_total == in_kilowatt_hours(
        counters.grid_export, step=0.01
    )
    assert snapshot.battery.charge_energy_total == in_kilowatt_hours(
        counters.charge, step=0.1
    )
    assert snapshot.battery.discharge_energy_total == in_kilowatt_hours(
        counters.discharge, step=0.1
    )
    assert snapshot.grid.power == sum(
        (snapshot.grid.power_l1, snapshot.grid.power_l2, snapshot.grid.power_l3)
    )


@ALL_MODELS
async def test_each_block_decoded_and_encoded_is_unchanged(model: Model) -> None:
    unit = _unit(model)
    words = unit.words()
    for block in BLOCKS:
        known = {a: words.get(a, 0) for a in block.addresses()}
        decoded = block.decode(known, model.profile)
        assert decoded.encode(model.profile) == known, block.name


@ALL_MODELS
async def test_snapshot_takes_few_requests_and_no_writes(model: Model) -> None:
    unit = _unit(model)
    inverter = Inverter(unit, model.profile)
    await inverter.read()
    unit.journal.clear()
    await inverter.read()
    assert unit.journal.reads <= MAX_REQUESTS
    assert unit.journal.writes == 0


async def test_first_snapshot_of_all_blocks_takes_few_requests() -> None:
    unit = _unit(THREE_PHASE)
    await Inverter(unit).read()
    assert unit.journal.reads <= MAX_FIRST_REQUESTS


@ALL_MODELS
async def test_identity_equals_that_of_the_model(model: Model) -> None:
    identity = identify(await _snapshot(_unit(model)))
    assert identity.serial == model.serial
    assert identity.phases == model.equipment.phases
    assert identity.strings == len(model.equipment.roofs)
    assert identity.ac_coupled == (model.equipment.ac_roof is not None)
    assert identity.battery_capacity == model.equipment.pack.capacity / 1000
    assert identity.battery_modules == model.equipment.pack.modules


@ALL_MODELS
async def test_scales_are_detected_from_the_raw_words(
    model: Model, monkeypatch: pytest.MonkeyPatch
) -> None:
    inverter, snapshot = Inverter(_unit(model)), None
    for at in (0, 30, 60):
        for module in (reading, slow_blocks):
            monkeypatch.setattr(module, "monotonic", lambda at=at: at)
        snapshot = await inverter.read()
    assert inverter.profile.alternatives == model.profile.alternatives
    assert snapshot
    assert snapshot.grid
    assert snapshot.grid.voltage_l1 == pytest.approx(230, abs=10)
    assert snapshot.battery
    assert snapshot.battery.cell_voltage_min == pytest.approx(3.3, abs=0.2)


async def test_smile_b3_has_the_peculiarities_of_the_recorded_one() -> None:
    unit = _unit(AC_COUPLED)
    unit.advance(60)
    snapshot = await _snapshot(unit)
    assert snapshot.grid
    assert snapshot.battery
    assert snapshot.pv_meter
    assert snapshot.system
    assert snapshot.versions == InverterVersions(
        master_version="", slave_version="", serial=""
    )
    assert snapshot.grid.current_l1 == 0 != snapshot.grid.power
    assert snapshot.battery.soh == snapshot.battery.remaining_time == 0
    assert snapshot.pv_meter.energy_2_total > 3_204
    assert snapshot.pv_meter.energy_1_total < 1
    assert unit.words()[0x0014] > 2_000
    assert unit.words()[0x0435] > 2_000
    assert snapshot.suffix is None
    assert snapshot.detail is None


async def test_single_phase_model_has_no_values_on_other_phases() -> None:
    snapshot = await _snapshot(_unit(SINGLE_PHASE))
    assert snapshot.grid
    grid = snapshot.grid
    assert grid.voltage_l2 == grid.voltage_l3 == grid.power_l2 == grid.power_l3 == 0


async def test_block_that_a_model_lacks_is_refused() -> None:
    inverter = Inverter(_unit(SINGLE_PHASE))
    snapshot = await inverter.read()
    assert inverter.refused_blocks == {PvMeter, PvMeterCt, StringsTotal, Echonet}, (
        "extend the served addresses in simulator/models.py if the model has the block"
    )
    assert snapshot.pv_meter is None
    assert snapshot.strings_total is None
    assert snapshot.grid is not None


async def test_values_that_are_not_modelled_are_neutral() -> None:
    unit = _unit(THREE_PHASE)
    snapshot = await _snapshot(unit)
    assert snapshot.packs == Packs.decode(dict.fromkeys(Packs.addresses(), 0))
    # A counter that reads 0 is unknown until it has done so for some time.
    neutral = PvMeter.decode(dict.fromkeys(PvMeter.addresses(), 0))
    unknown: dict[str, Any] = dict.fromkeys(("energy_1_total", "energy_2_total"))
    assert snapshot.pv_meter == replace(neutral, **unknown)
    assert snapshot.suffix == SystemSuffix(version_suffix="R1")


async def test_battery_values_follow_its_charge() -> None:
    full = await _snapshot(_unit(THREE_PHASE, soc=100))
    empty = await _snapshot(_unit(THREE_PHASE, MIDNIGHT, soc=4))
    half = await _snapshot(_unit(THREE_PHASE, MIDNIGHT, soc=50))
    assert full.battery
    assert empty.battery
    assert half.battery
    assert full.battery.state == "full"
    assert full.battery.charge_current_limit == 0
    assert empty.battery.state == "charge_only"
    assert half.battery.state == "ready"
    assert full.battery.voltage > half.battery.voltage > empty.battery.voltage
    assert half.battery.remaining_time > 60
    assert full.battery.remaining_time == 0


async def test_clock_shows_the_time_of_the_house() -> None:
    unit = _unit(THREE_PHASE)
    unit.advance(90)
    snapshot = await _snapshot(unit)
    assert snapshot.clock == Clock(time=HALF_PAST + timedelta(seconds=90))
    assert (await unit.read_holding_registers(0x0740, 1)) == [26 << 8 | 6]


async def test_grid_frequency_and_power_factor_are_plausible() -> None:
    snapshot = await _snapshot(_unit(THREE_PHASE))
    assert isinstance(snapshot.grid, Grid)
    assert 49.9 < snapshot.grid.frequency < 50.1
    assert -1 <= snapshot.grid.power_factor <= -0.9
