"""What reading costs: few requests for everything, fewer for a snapshot, and a bounded number to get acquainted."""

from datetime import timedelta

import pytest

from custom_components.alphaess_live.alphaess.inverter import Inverter
from custom_components.alphaess_live.simulator.demo import simulate
from custom_components.alphaess_live.simulator.models import MODELS
from custom_components.alphaess_live.simulator.simulated_inverter import (
    SimulatedInverter,
)
from tests.devices import DEVICES
from tests.simulator.clock import NOON

EVERYTHING = 20
"""Requests, with all groups polled; also on the day on which what was refused is tried again."""
SNAPSHOT = 6
ACQUAINTANCE = 45


@pytest.fixture(params=(*MODELS, *DEVICES))
def unit(request: pytest.FixtureRequest) -> SimulatedInverter:
    name: str = request.param
    if name in MODELS:
        return simulate(MODELS[name], NOON, speed=0)
    return DEVICES[name]()


async def cost(inverter: Inverter) -> int:
    await inverter.read()
    return inverter.stats.last_requests


async def test_getting_acquainted_costs_a_bounded_number_of_requests(
    unit: SimulatedInverter,
) -> None:
    assert await cost(Inverter(unit)) <= ACQUAINTANCE


async def test_everything_costs_twenty_requests_once_the_inverter_is_known(
    unit: SimulatedInverter,
) -> None:
    inverter = Inverter(unit, slow_interval=timedelta(0))
    await inverter.read()
    assert await cost(inverter) <= EVERYTHING


async def test_a_snapshot_costs_six_requests_whatever_is_refused(
    unit: SimulatedInverter,
) -> None:
    inverter = Inverter(unit)
    await inverter.read()
    for _ in range(4):
        assert await cost(inverter) <= SNAPSHOT


async def test_the_measurements_alone_cost_less(unit: SimulatedInverter) -> None:
    inverter = Inverter(unit, groups=frozenset(), slow_interval=timedelta(0))
    everything = Inverter(unit, slow_interval=timedelta(0))
    await inverter.read()
    await everything.read()
    assert await cost(inverter) < await cost(everything)
