"""The simulated inverter: responses, refusals and deviations as observed on real ones."""

from collections.abc import Coroutine
from datetime import timedelta
from itertools import pairwise
from typing import Any

from modbus_connection import (
    IllegalDataAddressError,
    IllegalDataValueError,
    IllegalFunctionError,
    ModbusConnectionError,
    ModbusTimeoutError,
    ModbusUnit,
    ServerDeviceBusyError,
)
import pytest

from custom_components.alphaess_live.alphaess.registers import Strings
from custom_components.alphaess_live.simulator.behaviour import (
    DEFAULT_BEHAVIOUR,
    Behaviour,
    Reply,
)
from custom_components.alphaess_live.simulator.demo import demo_unit, simulate
from custom_components.alphaess_live.simulator.journal import (
    MAX_REQUESTS,
    FunctionCode,
    Request,
)
from custom_components.alphaess_live.simulator.models import (
    AC_COUPLED,
    SINGLE_PHASE,
    THREE_PHASE,
)
from custom_components.alphaess_live.simulator.simulated_inverter import (
    SimulatedInverter,
)
from custom_components.alphaess_live.simulator.sky import Day
from tests.simulator.moments import NOON


@pytest.fixture
def unit() -> SimulatedInverter:
    """A three-phase house at noon; its clock does not advance."""
    return simulate(THREE_PHASE, NOON, soc=50, speed=0)


def test_simulated_inverter_is_a_modbus_unit(unit: SimulatedInverter) -> None:
    assert isinstance(unit, ModbusUnit)
    unit.set_message_spacing(0.1)
    unit.require_timeout(2)
    unit.require_connect_delay(1)


@pytest.mark.parametrize(
    ("address", "count"), [(0x0010, 39), (0x0100, 73), (0x0400, 83), (0x0880, 11)]
)
async def test_read_lengths_of_other_clients_are_accepted(
    unit: SimulatedInverter, address: int, count: int
) -> None:
    assert len(await unit.read_holding_registers(address, count)) == count


async def test_undefined_address_inside_a_span_reads_zero(
    unit: SimulatedInverter,
) -> None:
    assert await unit.read_holding_registers(0x0149, 1) == [0]


@pytest.mark.parametrize(
    ("address", "count"),
    [(0x0002, 1), (0x0001, 2), (0x0030, 100), (0x1100, 1), (0x1900, 4), (0xFFFF, 1)],
)
async def test_request_with_one_unserved_address_is_refused(
    unit: SimulatedInverter, address: int, count: int
) -> None:
    with pytest.raises(IllegalDataAddressError):
        await unit.read_holding_registers(address, count)


@pytest.mark.parametrize("count", [0, 101, 125])
async def test_request_of_invalid_length_is_refused(
    unit: SimulatedInverter, count: int
) -> None:
    with pytest.raises(IllegalDataValueError):
        await unit.read_holding_registers(0x0100, count)


@pytest.mark.parametrize("address", [0x0010, 0x0126, 0x0743])
async def test_write_to_a_measurement_is_refused(
    unit: SimulatedInverter, address: int
) -> None:
    with pytest.raises(IllegalDataAddressError):
        await unit.write_register(address, 1)


async def test_other_functions_are_refused(unit: SimulatedInverter) -> None:
    requests: list[Coroutine[Any, Any, object]] = [
        unit.read_input_registers(0, 1),
        unit.read_coils(0, 1),
        unit.read_discrete_inputs(0, 1),
        unit.write_coil(0, True),
        unit.write_coils(0, [True]),
        unit.read_exception_status(),
        unit.report_server_id(),
        unit.mask_write_register(0, 0, 0),
        unit.read_write_registers(0, 1, 0, [0]),
        unit.read_fifo_queue(0),
        unit.read_device_identification(),
        unit.read_file_record(0, 0, 1),
        unit.write_file_record(0, 0, [0]),
        unit.diagnostics(0),
        unit.get_comm_event_counter(),
        unit.get_comm_event_log(),
    ]
    for request in requests:
        with pytest.raises(IllegalFunctionError):
            await request


async def test_journal_records_each_request(unit: SimulatedInverter) -> None:
    await unit.read_holding_registers(0x0100, 3)
    await unit.write_register(0x0880, 0)
    await unit.write_registers(0x0881, [0, 32_000])
    with pytest.raises(IllegalDataAddressError):
        await unit.read_holding_registers(0x0002, 1)
    assert unit.journal.requests == (
        Request(FunctionCode.READ, 0x0100, 3),
        Request(FunctionCode.WRITE_ONE, 0x0880, 1, (0,)),
        Request(FunctionCode.WRITE, 0x0881, 2, (0, 32_000)),
        Request(FunctionCode.READ, 0x0002, 1),
    )
    assert unit.journal.written == unit.journal.requests[1:3]
    assert (unit.journal.reads, unit.journal.writes) == (2, 2)
    unit.journal.clear()
    assert not unit.journal.requests


async def test_journal_when_full_drops_the_oldest_but_counts_all(
    unit: SimulatedInverter,
) -> None:
    for _ in range(MAX_REQUESTS + 5):
        unit.journal.record(Request(FunctionCode.READ, 0x0100, 1))
    assert len(unit.journal.requests) == MAX_REQUESTS
    assert unit.journal.reads == MAX_REQUESTS + 5


async def test_silent_inverter_times_out(unit: SimulatedInverter) -> None:
    unit.behaviour = Behaviour(silent=True)
    with pytest.raises(ModbusTimeoutError):
        await unit.read_holding_registers(0x0100, 1)
    unit.behaviour = Behaviour()
    assert await unit.read_holding_registers(0x0102, 1) == [500]


async def test_slow_inverter_responds_after_its_delay(unit: SimulatedInverter) -> None:
    unit.behaviour = Behaviour(delay=0.001)
    assert await unit.read_holding_registers(0x0102, 1) == [500]


async def test_exception_code_is_returned_for_each_request(
    unit: SimulatedInverter,
) -> None:
    unit.behaviour = Behaviour(exception=6)
    with pytest.raises(ServerDeviceBusyError):
        await unit.read_holding_registers(0x0100, 1)


@pytest.mark.parametrize(
    ("reply", "error"),
    [(Reply.REFUSED, IllegalDataAddressError), (Reply.SILENT, ModbusTimeoutError)],
)
async def test_each_write_function_can_be_refused_or_silent(
    unit: SimulatedInverter, reply: Reply, error: type[Exception]
) -> None:
    unit.behaviour = Behaviour(single_write=reply)
    with pytest.raises(error):
        await unit.write_register(0x0880, 1)
    unit.behaviour = Behaviour(block_write_of_one=reply)
    with pytest.raises(error):
        await unit.write_registers(0x0880, [1])
    unit.behaviour = Behaviour(block_write=reply)
    with pytest.raises(error):
        await unit.write_registers(0x0881, [0, 1])
    assert (await unit.read_holding_registers(0x0880, 3)) == [0, 0, 32_000]


async def test_models_differ_in_their_write_functions() -> None:
    single = simulate(SINGLE_PHASE, NOON, soc=50, speed=0)
    with pytest.raises(IllegalDataAddressError):
        await single.write_registers(0x0880, [0])
    await single.write_register(0x0880, 0)
    coupled = simulate(AC_COUPLED, NOON, soc=50, speed=0)
    with pytest.raises(ModbusTimeoutError):
        await coupled.write_register(0x0880, 0)
    await coupled.write_registers(0x0880, [0])
    with pytest.raises(IllegalDataAddressError):
        await coupled.write_registers(0x0881, [0] * 10)


async def test_ignored_write_is_acknowledged_but_not_applied(
    unit: SimulatedInverter,
) -> None:
    unit.behaviour = Behaviour(ignores_writes=True)
    await unit.write_register(0x0880, 1)
    assert await unit.read_holding_registers(0x0880, 1) == [0]


async def test_word_override_replaces_the_simulated_word(
    unit: SimulatedInverter,
) -> None:
    unit.behaviour = Behaviour(word_overrides={0x0126: 0x7FFF})
    assert await unit.read_holding_registers(0x0126, 1) == [0x7FFF]
    unit.behaviour = Behaviour()
    assert await unit.read_holding_registers(0x0126, 1) != [0x7FFF]


async def test_settings_written_are_stored_and_applied(unit: SimulatedInverter) -> None:
    await unit.write_register(0x0850, 20)
    await unit.write_registers(0x0856, [1, 2, 3, 4])
    assert unit.house.reserve == 20
    assert await unit.read_holding_registers(0x0855, 3) == [95, 1, 2]


async def test_clock_accepts_only_valid_times(
    unit: SimulatedInverter,
) -> None:
    await unit.write_registers(0x0740, [26 << 8 | 7, 2 << 8 | 3, 4 << 8 | 5])
    unit.advance(1)
    assert await unit.read_holding_registers(0x0742, 1) == [4 << 8 | 6]
    assert unit.house.clock == NOON + timedelta(seconds=1)
    with pytest.raises(IllegalDataValueError):
        await unit.write_register(0x0740, 13)


async def test_switch_off_and_on_drops_and_restores_the_connection(
    unit: SimulatedInverter,
) -> None:
    states: list[bool] = []
    unsubscribe = unit.on_connection_lost(lambda: states.append(unit.connected))
    await unit.read_holding_registers(0x0100, 1)
    unit.switch_off()
    assert states == [False]
    with pytest.raises(ModbusConnectionError):
        await unit.read_holding_registers(0x0100, 1)
    unit.switch_on()
    await unit.read_holding_registers(0x0100, 1)
    assert unit.connected
    unsubscribe()
    unit.switch_off()
    assert states == [False]


async def test_house_clock_runs_at_the_requested_speed() -> None:
    seconds = [100.0]
    unit = simulate(THREE_PHASE, NOON, soc=50, speed=60, now=lambda: seconds[0])
    seconds[0] += 1.99
    await unit.read_holding_registers(0x0100, 1)
    assert unit.house.clock == NOON + timedelta(seconds=119)
    seconds[0] += 0.01
    unit.advance_to_now()
    assert unit.house.clock == NOON + timedelta(seconds=120)


def test_house_without_given_soc_is_simulated_from_midnight() -> None:
    unit = simulate(THREE_PHASE, NOON)
    assert unit.house.clock == NOON
    assert unit.house.battery.soc != 40
    assert unit.house.counters.strings > THREE_PHASE.equipment.initial_counters.strings


def test_demo_inverter_has_the_present_time_and_grown_counters() -> None:
    def on(day: int) -> SimulatedInverter:
        return demo_unit(lambda: NOON.replace(month=11, day=day).astimezone())

    first, second = on(3), on(4)
    assert first.house.clock == NOON.replace(month=11, day=3)
    assert first.house.counters.strings > THREE_PHASE.equipment.initial_counters.strings
    assert second.house.counters.grid_export > first.house.counters.grid_export


def test_block_is_renewed_at_the_interval_of_the_device() -> None:
    unit = simulate(THREE_PHASE, NOON, speed=0, day=Day.BROKEN_CLOUDS)
    unit.behaviour = Behaviour(refresh_seconds={"strings": 3})
    seen, true = [], []
    for _ in range(300):
        unit.advance(1)
        seen.append(Strings.decode(unit.words()).pv1_power)
        true.append(unit.house.flow.strings[0])
    changes = sum(now != then for now, then in pairwise(true))
    renewals = sum(now != then for now, then in pairwise(seen))
    assert 20 < renewals <= 100 < changes
    assert set(seen) < set(true)
    unit.behaviour = DEFAULT_BEHAVIOUR
    unit.advance(1)
    assert Strings.decode(unit.words()).pv1_power == unit.house.flow.strings[0]
