"""Implausible counters are removed from snapshots; plausible values are not changed."""

from modbus_connection.mock import MockModbusUnit
import pytest

from custom_components.alphaess_live.alphaess.inverter import Inverter
from custom_components.alphaess_live.alphaess.monotonic_counter import RejectionReason
from custom_components.alphaess_live.alphaess.plausibility import KEPT_REJECTIONS
from custom_components.alphaess_live.alphaess.registers import (
    Grid,
    InverterState,
    System,
)
from custom_components.alphaess_live.alphaess.snapshot import Snapshot
from tests.images import IMAGES, Image

from .units import THREE_PHASE, complete, load

SPIKE = Grid.registers["power"].encode(1_000_000)
POWER = Grid.registers["power"].decode(THREE_PHASE)
TOTAL = Grid.registers["import_energy_total"]
TRUE_TOTAL = TOTAL.decode(THREE_PHASE)


async def met() -> tuple[MockModbusUnit, Inverter, Snapshot]:
    """Read an inverter once."""
    unit = complete(THREE_PHASE)
    inverter = Inverter(unit)
    return unit, inverter, await inverter.read()


@pytest.mark.parametrize("image", IMAGES, ids=lambda image: image.name)
async def test_recorded_values_are_not_rejected(image: Image) -> None:
    inverter = Inverter(complete(image.holding))
    first = await inverter.read()
    await inverter.read_power(first)
    await inverter.read()
    assert inverter.stats.rejected_samples == 0


async def test_total_that_decreases_once_keeps_its_value() -> None:
    unit, inverter, first = await met()
    load(unit, TOTAL.encode(0) | InverterState.registers["pv_energy_total"].encode(0))
    for _ in range(10):
        snapshot = await inverter.read()
        assert snapshot.grid == first.grid
        assert snapshot.derived.pv_energy_total == first.derived.pv_energy_total
    assert inverter.stats.rejected_samples == 20
    assert len(inverter.plausibility.rejections) == KEPT_REJECTIONS
    assert {one.reason for one in inverter.plausibility.rejections} == {
        RejectionReason.DECREASED
    }


async def test_power_reading_is_no_confirmation_of_a_total() -> None:
    unit, inverter, _ = await met()
    load(unit, TOTAL.encode(7))
    shown = []
    for _ in range(3):
        snapshot = await inverter.read()
        for _ in range(4):
            snapshot = await inverter.read_power(snapshot)
        assert snapshot.grid
        shown.append(snapshot.grid.import_energy_total)
    assert shown == [TRUE_TOTAL, TRUE_TOTAL, 7]


async def test_total_of_another_inverter_is_not_compared() -> None:
    unit, inverter, _ = await met()
    other = System.registers["serial"].encode("AL7019999999999")
    load(unit, other | TOTAL.encode(7))
    other_inverter = await inverter.read(after_outage=True)
    assert other_inverter.grid
    assert other_inverter.grid.import_energy_total == 7
    load(unit, THREE_PHASE)
    back = await inverter.read(after_outage=True)
    assert back.grid
    assert back.grid.import_energy_total == TRUE_TOTAL
    assert inverter.stats.rejected_samples == 0
