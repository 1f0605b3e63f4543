"""An imagined inverter complains when it is told to, and only then."""

import pytest

from custom_components.alphaess_live.alphaess.faults import FAULT_WORDS as TOLD
from custom_components.alphaess_live.alphaess.faults.fault_tracker import FaultTracker
from custom_components.alphaess_live.alphaess.inverter import Inverter
from custom_components.alphaess_live.simulator import __main__ as command
from custom_components.alphaess_live.simulator.behaviour import FAULT_REGISTERS
from custom_components.alphaess_live.simulator.demo import demo_unit, simulate
from custom_components.alphaess_live.simulator.models import MODELS, THREE_PHASE, Model
from custom_components.alphaess_live.simulator.simulated_inverter import (
    SimulatedInverter,
)
from tests.simulator.moments import NOON


async def complaints_of(unit: SimulatedInverter) -> list[str]:
    """Name what an inverter complains about, as who reads it understands it."""
    reader, complaints = Inverter(unit), FaultTracker()
    complaints.update(await reader.read(), reader.profile)
    return [fault.bit_id for fault in complaints.since]


@pytest.mark.parametrize("model", MODELS.values(), ids=list(MODELS))
async def test_nothing_is_wrong_unless_it_was_ordered(model: Model) -> None:
    unit = simulate(model, NOON, speed=0)
    for _ in range(24):
        assert await complaints_of(unit) == []
        unit.advance(3600)
    assert await complaints_of(demo_unit(lambda: NOON, model=model)) == []


@pytest.mark.parametrize("source", [word.reading.key for word in TOLD])
async def test_every_word_can_complain_with_each_of_its_bits(source: str) -> None:
    unit = simulate(THREE_PHASE, NOON, speed=0)
    unit.set_faults(source, 0, 17, 31)
    assert set(await complaints_of(unit)) == {f"{source}.{n}" for n in (0, 17, 31)}
    unit.set_faults(source, 17)
    assert await complaints_of(unit) == [f"{source}.17"]
    unit.set_faults(source)
    assert await complaints_of(unit) == []


def test_every_word_that_is_told_can_be_ordered() -> None:
    assert {word.reading.key for word in TOLD} <= set(FAULT_REGISTERS)


async def test_faults_are_ordered_on_the_command_line() -> None:
    words = "--fault inverter_fault_1:7 --fault battery_fault:3 --fault battery_fault:4"
    unit = command.build_unit(command.parse(words.split()), NOON)
    assert set(await complaints_of(unit)) == {
        "inverter_fault_1.7",
        "battery_fault.3",
        "battery_fault.4",
    }
