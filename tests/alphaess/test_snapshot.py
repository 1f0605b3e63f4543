"""The values that are derived from the blocks: sums, signs, and missing parts."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from custom_components.alphaess_live.alphaess.registers import (
    BLOCKS,
    Battery,
    Grid,
    InverterState,
    MoreStrings,
    PvMeter,
    Strings,
)
from custom_components.alphaess_live.alphaess.registers.block import Block
from custom_components.alphaess_live.alphaess.registers.register import Quantity
from custom_components.alphaess_live.alphaess.snapshot import READINGS, Power, Snapshot

NOON = datetime(2025, 6, 21, 12, tzinfo=UTC)


def empty[B: Block](block: type[B]) -> B:
    """Build a block whose words are all 0."""
    return block.decode(dict.fromkeys(block.addresses(), 0))


def house(
    *, grid: float = 0, battery: float = 0, pv: float = 0, ac: float = 0
) -> Snapshot:
    """Build a snapshot of a house with all parts."""
    return Snapshot(
        measured_at=NOON,
        grid=replace(empty(Grid), power=grid),
        battery=replace(empty(Battery), power=battery, soc=64.5),
        strings=replace(empty(Strings), pv1_power=pv),
        more_strings=empty(MoreStrings),
        pv_meter=replace(empty(PvMeter), power=ac),
        state=empty(InverterState),
    )


@pytest.mark.parametrize(
    ("grid", "battery", "pv", "load"),
    [
        (200, -1500, 2000, 700),
        (-3000, -2000, 5500, 500),
        (0, 650, 0, 650),
        (-40, 0, 0, 0),
    ],
)
def test_load_is_the_sum_of_pv_battery_and_grid(
    grid: float, battery: float, pv: float, load: float
) -> None:
    assert house(grid=grid, battery=battery, pv=pv).derived.load_power == load


def test_load_is_none_where_a_term_is_missing() -> None:
    whole = house(grid=200)
    without_grid = replace(whole, grid=None)
    without_battery = replace(whole, battery=None)
    assert (without_grid.power.grid, without_grid.power.load) == (None, None)
    assert (without_battery.power.battery, without_battery.power.load) == (None, None)


def test_pv_power_is_none_without_any_pv() -> None:
    snapshot = replace(house(), strings=None, more_strings=None, pv_meter=None)
    assert snapshot.power.pv is None
    assert not snapshot.string_powers
    assert replace(snapshot, state=None).derived.pv_energy_total is None


def test_pv_power_adds_the_meter_whatever_its_sign() -> None:
    for power in (300, -300):
        assert house(pv=1000, ac=power, grid=-900).power.pv == 1300


def test_pv_power_and_load_are_unknown_while_a_meter_may_measure_a_wallbox() -> None:
    for power in (300, -300):
        snapshot = house(pv=1000, ac=power, grid=-700)
        assert snapshot.power.pv is None
        assert snapshot.derived.load_power is None


@pytest.mark.parametrize("part", ["grid", "battery", "strings"])
def test_power_of_a_meter_is_unknown_while_another_part_is_unavailable(
    part: str,
) -> None:
    snapshot = house(ac=3000, grid=-2500)
    assert snapshot.pv_meter_power == 3000
    assert replace(snapshot, unavailable=frozenset({part})).pv_meter_power is None
    assert replace(snapshot, pv_meter=None).pv_meter_power is None


def test_pv_power_adds_all_six_strings() -> None:
    strings = replace(empty(Strings), pv1_power=1, pv2_power=2, pv3_power=4)
    more = replace(empty(MoreStrings), pv4_power=8, pv5_power=16, pv6_power=32)
    snapshot = Snapshot(measured_at=NOON, strings=strings, more_strings=more)
    assert list(snapshot.string_powers) == [1, 2, 4, 8, 16, 32]
    assert snapshot.power.pv == 63


@pytest.mark.parametrize(
    ("grid", "bought", "sold"), [(250, 250, 0), (-250, 0, 250), (0, 0, 0)]
)
def test_grid_power_is_divided_into_import_and_export(
    grid: float, bought: float, sold: float
) -> None:
    balance = house(grid=grid).derived
    assert (balance.grid_import_power, balance.grid_export_power) == (bought, sold)


@pytest.mark.parametrize(
    ("battery", "charge", "discharge"), [(-900, 900, 0), (900, 0, 900)]
)
def test_battery_power_is_divided_into_charge_and_discharge(
    battery: float, charge: float, discharge: float
) -> None:
    balance = house(battery=battery).derived
    assert balance.battery_charge_power == charge
    assert balance.battery_discharge_power == discharge


def test_snapshots_are_equal_whenever_they_were_measured() -> None:
    assert house(grid=1) == replace(house(grid=1), measured_at=datetime.now(UTC))
    assert house(grid=1) != house(grid=2)


def test_keys_of_readings_are_unique() -> None:
    assert len({reading.key for reading in READINGS}) == len(READINGS)


def test_register_and_derived_value_are_readings() -> None:
    registers = sum(len(block.registers) for block in BLOCKS)
    derived = [reading for reading in READINGS if reading.part == "derived"]
    assert len(READINGS) == registers + len(derived)
    assert {reading.key for reading in derived} >= {"load_power", "pv_power"}
    assert all(reading.quantity for reading in derived)


def test_reading_returns_its_value() -> None:
    by_key = {reading.key: reading for reading in READINGS}
    snapshot = house(battery=-700)
    assert by_key["battery_soc"].of(snapshot) == 64.5
    assert by_key["battery_soc"].quantity is Quantity.CHARGE
    assert by_key["battery_charge_power"].of(snapshot) == 700
    assert by_key["ems_serial"].of(snapshot) is None


def test_block_has_an_attribute_of_the_snapshot() -> None:
    for block in BLOCKS:
        assert getattr(Snapshot(measured_at=NOON), block.name) is None


def test_empty_snapshot_has_no_power_values() -> None:
    power = Snapshot(measured_at=NOON).power
    assert power == Power(soc=None, battery=None, pv=None, grid=None)
    assert power.load is None


@pytest.mark.parametrize(
    ("ac_balance", "previous", "load"),
    [
        (3450, 500, 3500),
        (3800, 500, 3500),
        (1000, 900, 1000),
        (1000, 1200, 1200),
        (0, 3500, 3500),
        (None, 900, 3500),
        (1000, None, 3500),
        (-900, -1200, 0),
    ],
    ids=[
        "kettle",
        "losses",
        "cloud",
        "edge",
        "outage",
        "no output",
        "first",
        "negative",
    ],
)
def test_load_is_a_median_where_the_sum_on_the_ac_side_differs(
    ac_balance: float | None, previous: float | None, load: float
) -> None:
    power = Power(
        soc=50,
        pv=2000,
        battery=500,
        grid=1000,
        ac_balance=ac_balance,
        previous_balance=previous,
    )
    assert power.load == load


@pytest.mark.parametrize(
    ("previous", "load"), [(595, 595), (None, 0), (-2800, 0)], ids=str
)
def test_load_is_the_previous_one_while_the_meter_is_late(
    previous: float | None, load: float
) -> None:
    # A discharge of 6 kW has just ended, but the meter still shows its export.
    power = Power(
        soc=50,
        pv=6774,
        battery=0,
        grid=-9666,
        ac_balance=-2950,
        previous_balance=previous,
    )
    assert power.load == load


def test_snapshots_with_the_same_values_and_another_load_differ() -> None:
    late = replace(house(pv=6774, battery=0, grid=-9666), previous_balance=595)
    zero = replace(late, previous_balance=None)
    assert (late.power.load, zero.power.load) == (595, 0)
    assert late != zero
    assert not late.power.shows_same_as(zero.power)
    assert zero == replace(zero, previous_balance=-2800, measured_at=NOON)
    assert zero != zero.power
