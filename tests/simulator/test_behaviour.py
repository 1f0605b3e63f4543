"""Simulated faults: set on request, and only then."""

import pytest

from custom_components.alphaess_live.alphaess.faults import FAULT_WORDS
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


async def active_faults(unit: SimulatedInverter) -> list[str]:
    """Return the active faults of an inverter, as a client decodes them."""
    inverter, tracker = Inverter(unit), FaultTracker()
    tracker.update(await inverter.read(), inverter.profile)
    return [fault.bit_id for fault in tracker.since]


@pytest.mark.parametrize("model", MODELS.values(), ids=list(MODELS))
async def test_simulated_inverter_by_default_has_no_faults(model: Model) -> None:
    unit = simulate(model, NOON, speed=0)
    for _ in range(24):
        assert await active_faults(unit) == []
        unit.advance(3600)
    assert await active_faults(demo_unit(lambda: NOON, model=model)) == []


@pytest.mark.parametrize("source", [word.reading.key for word in FAULT_WORDS])
async def test_bits_of_each_fault_word_can_be_set(source: str) -> None:
    unit = simulate(THREE_PHASE, NOON, speed=0)
    unit.set_faults(source, 0, 17, 31)
    assert set(await active_faults(unit)) == {f"{source}.{n}" for n in (0, 17, 31)}
    unit.set_faults(source, 17)
    assert await active_faults(unit) == [f"{source}.17"]
    unit.set_faults(source)
    assert await active_faults(unit) == []


def test_each_fault_word_has_a_simulated_register() -> None:
    assert {word.reading.key for word in FAULT_WORDS} <= set(FAULT_REGISTERS)


async def test_fault_options_set_the_bits() -> None:
    words = "--fault inverter_fault_1:7 --fault battery_fault:3 --fault battery_fault:4"
    unit = command.build_unit(command.parse(words.split()), NOON)
    assert set(await active_faults(unit)) == {
        "inverter_fault_1.7",
        "battery_fault.3",
        "battery_fault.4",
    }
