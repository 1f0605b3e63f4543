"""Dispatch orders of the simulated inverter: executed within limits, until they end."""

from datetime import datetime

import pytest

from custom_components.alphaess_live.alphaess.registers import (
    DispatchMode,
    DispatchOrder,
)
from custom_components.alphaess_live.alphaess.registers.enums import DISPATCH_MODES
from custom_components.alphaess_live.simulator.behaviour import Behaviour
from custom_components.alphaess_live.simulator.demo import simulate
from custom_components.alphaess_live.simulator.models import THREE_PHASE
from custom_components.alphaess_live.simulator.simulated_inverter import (
    SimulatedInverter,
)
from tests.simulator.moments import MIDNIGHT, NOON

START = 0x0880

CHARGE = [1, 0, 29_000, 0, 32_000, 2, 225, 0, 3_600]
"""3000 W to 90 % for an hour."""
DISCHARGE = [1, 0, 34_500, 0, 32_000, 2, 50, 0, 1_800]
"""2500 W down to 20 % for half an hour."""
HOLD = [1, 0, 32_000, 0, 32_000, 2, 250, 0, 3_600]


def _unit(start: datetime = MIDNIGHT, soc: float = 50.0) -> SimulatedInverter:
    return simulate(THREE_PHASE, start, soc=soc, speed=0)


async def _order(unit: SimulatedInverter, words: list[int], seconds: int = 1) -> int:
    """Write an order, advance the time, and return the battery's power in W."""
    await unit.write_registers(START, words)
    unit.advance(seconds)
    return unit.house.flow.battery


async def _read(unit: SimulatedInverter) -> DispatchOrder:
    words = await unit.read_holding_registers(START, 9)
    return DispatchOrder.decode(dict(enumerate(words, START)))


@pytest.mark.parametrize(
    ("words", "power"), [(CHARGE, -3_000), (DISCHARGE, 2_500), (HOLD, 0)]
)
async def test_recorded_order_is_executed(words: list[int], power: int) -> None:
    assert await _order(_unit(), words) == power


async def test_order_written_reads_back() -> None:
    unit = _unit()
    await _order(unit, CHARGE)
    order = await _read(unit)
    assert (order.start, order.power, order.target_soc) == (1, -3_000, 90)
    assert order.mode is DispatchMode.SOC_CONTROL


async def test_order_ends_by_itself_without_counting_down() -> None:
    unit = _unit()
    await _order(unit, CHARGE, 3_599)
    assert (await _read(unit)).start == 1
    assert (await _read(unit)).duration == 3_600
    unit.advance(1)
    order = await _read(unit)
    assert (order.start, order.power, order.duration) == (0, -3_000, 3_600)
    unit.advance(1)
    assert unit.house.flow.battery > 0


async def test_order_ends_exactly_whatever_the_step_length() -> None:
    unit = _unit(soc=30)
    await _order(unit, [*CHARGE[:8], 61], 10_000)
    charged = unit.house.counters.charge - THREE_PHASE.equipment.initial_counters.charge
    assert charged == 61 * 3_000


async def test_order_at_its_target_holds_with_the_start_flag_set() -> None:
    unit = _unit(soc=89.9)
    assert await _order(unit, CHARGE, 900) == 0
    assert unit.house.battery.soc == pytest.approx(90, abs=0.05)
    assert (await _read(unit)).start == 1


async def test_discharge_stops_at_its_target_even_below_the_reserve() -> None:
    unit = _unit(soc=6)
    power = await _order(unit, [1, 0, 40_000, 0, 32_000, 2, 12, 0, 9_000], 8_000)
    assert power == pytest.approx(0, abs=5)
    assert unit.house.battery.soc == pytest.approx(4.8, abs=0.05)


@pytest.mark.parametrize(
    ("word", "target", "power"), [(12_000, 225, -8_000), (52_000, 25, 7_000)]
)
async def test_power_above_battery_or_feed_in_limit_is_clamped(
    word: int, target: int, power: int
) -> None:
    unit = _unit()
    words = [1, 0, word, 0, 32_000, 2, target, 0, 600]
    assert await _order(unit, words) == pytest.approx(power, abs=600)


async def test_order_power_beyond_16_bits_is_decoded() -> None:
    unit = _unit()
    await _order(unit, [1, 1, 1_000, 0, 32_000, 2, 50, 0, 600])
    assert (await _read(unit)).power == 34_536


@pytest.mark.parametrize("words", [[0], [0, 0, 32_000, 0, 32_000, 0, 0, 0, 90]])
async def test_stop_returns_to_self_consumption(words: list[int]) -> None:
    unit = _unit()
    await _order(unit, CHARGE)
    assert await _order(unit, words) > 0
    assert (await _read(unit)).start == 0


async def test_order_by_single_writes_starts_with_the_mode() -> None:
    unit = _unit()
    await unit.write_register(START, 1)
    await unit.write_registers(0x0881, [0, 31_000])
    await unit.write_registers(0x0887, [0, 600])
    await unit.write_register(0x0886, 225)
    unit.advance(1)
    assert unit.house.flow.battery > 0
    await unit.write_register(0x0885, 2)
    unit.advance(1)
    assert unit.house.flow.battery == -1_000


async def test_order_with_start_flag_last_starts_with_it() -> None:
    unit = _unit()
    await unit.write_registers(0x0881, [*CHARGE[1:], 0, 0])
    unit.advance(1)
    assert unit.house.flow.battery > 0
    assert await _order(unit, [1]) == -3_000


async def test_order_time_restarts_with_its_duration_not_its_power() -> None:
    unit = _unit()
    await _order(unit, CHARGE, 3_000)
    await unit.write_registers(0x0881, [0, 30_000])
    unit.advance(601)
    assert (await _read(unit)).start == 0
    await _order(unit, CHARGE, 3_000)
    await _order(unit, CHARGE, 3_000)
    assert (await _read(unit)).start == 1


@pytest.mark.parametrize(
    ("mode", "at_night", "at_noon"),
    [
        (1, 0, -2_000),
        (3, 0, -2_000),
        (5, 0, -2_000),
        (6, -2_000, -2_000),
        (7, -2_000, -2_000),
        (19, 0, 0),
        (21, 0, -2_000),
        (22, -2_000, -2_000),
        (25, 0, 0),
    ],
)
async def test_each_mode_behaves_as_observed(
    mode: int, at_night: int, at_noon: int
) -> None:
    words = [1, 0, 30_000, 0, 32_000, mode, 225, 0, 600]
    assert min(0, await _order(_unit(MIDNIGHT), words)) == at_night
    assert min(0, await _order(_unit(NOON), words)) == at_noon


async def test_full_output_mode_adds_battery_power_to_pv() -> None:
    unit = _unit(NOON)
    unit.write_as_app(0x0800, 100)
    await _order(unit, [1, 0, 32_000, 0, 32_000, 4, 0, 0, 600])
    assert unit.house.flow.inverter == pytest.approx(10_000, abs=80)


@pytest.mark.parametrize("mode", sorted(DISPATCH_MODES))
async def test_energy_balances_in_each_mode(mode: int) -> None:
    unit = _unit(NOON)
    await _order(unit, [1, 0, 31_000, 0, 32_000, mode, 100, 0, 600], 300)
    flow = unit.house.flow
    assert flow.load == flow.solar + flow.battery + flow.grid


async def test_unknown_mode_balances_the_house() -> None:
    assert await _order(_unit(), [1, 0, 32_000, 0, 32_000, 99, 0, 0, 600]) > 0


async def test_order_beyond_the_limits_reads_back_clamped() -> None:
    unit = _unit()
    unit.behaviour = Behaviour(power_limit=2_000, duration_limit=900)
    await _order(unit, CHARGE)
    order = await _read(unit)
    assert (order.power, order.duration) == (-2_000, 900)


async def test_discharge_ignored_by_the_grid_code_has_no_power() -> None:
    unit = _unit()
    unit.behaviour = Behaviour(ignores_discharge=True)
    assert await _order(unit, DISCHARGE) == 0
    assert (await _read(unit)).power == 0
    assert await _order(unit, CHARGE) == -3_000


async def test_read_back_is_delayed_by_its_lag() -> None:
    seconds = [0.0]
    unit = simulate(THREE_PHASE, MIDNIGHT, soc=50, now=lambda: seconds[0])
    unit.behaviour = Behaviour(readback_lag=2.0)
    await unit.write_registers(START, CHARGE)
    seconds[0] = 1.9
    assert (await _read(unit)).start == 0
    seconds[0] = 2.1
    assert (await _read(unit)).start == 1


async def test_order_of_the_app_is_executed() -> None:
    unit = _unit()
    unit.write_as_app(START, *DISCHARGE)
    unit.advance(1)
    assert unit.house.flow.battery == 2_500
    assert unit.journal.writes == 0


async def test_order_survives_a_disconnect_but_not_a_power_outage() -> None:
    unit = _unit()
    await _order(unit, CHARGE)
    await unit.disconnect()
    assert (await _read(unit)).start == 1
    unit.switch_off()
    unit.switch_on()
    assert (await _read(unit)).start == 0
    unit.advance(1)
    assert unit.house.flow.battery > 0


async def test_feed_in_limit_during_an_order_is_not_applied() -> None:
    unit = _unit()
    await _order(unit, HOLD)
    await unit.write_register(0x0800, 10)
    assert unit.house.feed_in == 70
    await _order(unit, [0])
    await unit.write_register(0x0800, 10)
    assert unit.house.feed_in == 10
