"""What a refusal leaves unknown until it has lasted, and what is read in spite of it."""

from collections.abc import Iterable
from datetime import timedelta

from freezegun.api import FrozenDateTimeFactory
from modbus_connection import ModbusTimeoutError
from modbus_connection.mock import MockModbusUnit
import pytest

from custom_components.alphaess_live.alphaess.errors import CommunicationError
from custom_components.alphaess_live.alphaess.inverter import Inverter
from custom_components.alphaess_live.alphaess.monotonic_counter import FEW_SAMPLES
from custom_components.alphaess_live.alphaess.registers import (
    MoreStrings,
    PeriodMinutes,
    PvMeter,
    Strings,
    StringsTotal,
)
from custom_components.alphaess_live.alphaess.registers.block import Block
from custom_components.alphaess_live.alphaess.retry_schedule import (
    FIRST_RETRY,
    RETRY_INTERVAL_OF_SERVED,
    SETTLED_AFTER,
)
from custom_components.alphaess_live.alphaess.unsupported_blocks import MISSING_AFTER

from .conftest import Clock
from .readers import POLL, Reader
from .units import THREE_PHASE, complete, read_totals, refuse, serve

PV_BLOCKS = [Strings, MoreStrings, PvMeter]


@pytest.mark.parametrize("block", PV_BLOCKS, ids=lambda block: block.name)
async def test_block_refused_at_first_is_read_once_it_is_answered(
    block: type[Block], clock: Clock
) -> None:
    unit = complete(THREE_PHASE)
    expected = (await Inverter(unit).read()).power
    refuse(unit, block.addresses())
    inverter = Inverter(unit)
    for _ in range(int(SETTLED_AFTER / FIRST_RETRY) - 1):
        snapshot = await inverter.read()
        assert snapshot.power.grid == expected.grid
        assert snapshot.power.load is not None  # Most inverters lack some block.
        assert block in inverter.unsupported.refused.unsettled
        clock.let_pass(FIRST_RETRY)
    serve(unit, block.addresses())
    clock.let_pass(SETTLED_AFTER / 4)
    for _ in range(3):
        snapshot = await inverter.read()
    assert (snapshot.power.pv, snapshot.power.load) == (expected.pv, expected.load)


async def test_energy_begins_with_a_meter_that_is_refused_at_first(
    clock: Clock, frozen_clock: FrozenDateTimeFactory
) -> None:
    reader = Reader(frozen_clock, strings=5000, meter_1=0.05, meter_2=3000)
    refuse(reader.unit, PvMeter.addresses())
    await reader.read(times=2)
    serve(reader.unit, PvMeter.addresses())
    for _ in range(4):
        clock.let_pass(POLL)
        energy = await reader.read()
    assert energy == 8000


async def test_refused_blocks_are_requested_at_once_after_an_outage(
    clock: Clock,
) -> None:
    unit = complete(THREE_PHASE)
    refuse(unit, [*Strings.addresses(), *StringsTotal.addresses()])
    inverter = Inverter(unit)
    for _ in range(24 * 6):
        clock.let_pass(SETTLED_AFTER)
        await inverter.read()
    serve(unit, [*Strings.addresses(), *StringsTotal.addresses()])
    assert (await inverter.read()).strings is None
    await inverter.read(after_outage=True)  # It reads all else.
    for _ in range(2):
        snapshot = await inverter.read()
    assert snapshot.strings is not None
    assert snapshot.strings_total is not None
    assert inverter.refused_blocks == frozenset()


@pytest.mark.parametrize(
    "name", ["energy_1_total", "energy_2_total", "voltage_l1", "frequency"]
)
async def test_meter_without_one_register_shows_its_power(name: str) -> None:
    register = PvMeter.registers[name]
    unit = complete(
        THREE_PHASE
        | PvMeter.registers["power"].encode(-1500)
        | PvMeter.registers["energy_1_total"].encode(5)
        | PvMeter.registers["energy_2_total"].encode(3000)
    )
    before = await read_totals(Inverter(unit))
    refuse(unit, range(register.address, register.end))
    snapshot = await read_totals(Inverter(unit))
    assert snapshot.pv_meter
    assert getattr(snapshot.pv_meter, name) is None
    assert snapshot.pv_meter.power == -1500
    is_counter = name.startswith("energy")  # Its direction is unknown without both.
    assert snapshot.power.pv == (None if is_counter else before.power.pv)


async def test_served_meter_whose_counter_is_refused_keeps_its_power() -> None:
    unit = complete(THREE_PHASE)
    inverter = Inverter(unit)
    before = await read_totals(inverter)
    refuse(unit, [PvMeter.registers["energy_1_total"].address])
    snapshot = await inverter.read()
    assert snapshot.unavailable == set()
    assert snapshot.power == before.power


REBOOT = timedelta(minutes=12)
SNAPSHOT = timedelta(seconds=10)


def ignore(unit: MockModbusUnit, addresses: Iterable[int]) -> None:
    """Do not answer for addresses."""
    for address in addresses:
        unit.fail_read(address, ModbusTimeoutError("no answer"))


async def poll(inverter: Inverter, clock: Clock, *, times: int) -> int:
    """Read as often as that, every 10 s; return how many readings failed."""
    failed = 0
    is_lost = False
    for _ in range(times):
        try:
            await inverter.read(after_outage=is_lost)
            is_lost = False
        except CommunicationError:
            failed, is_lost = failed + 1, True
        clock.let_pass(SNAPSHOT)
    return failed


@pytest.mark.parametrize(
    "block", [*PV_BLOCKS, PeriodMinutes], ids=lambda block: block.name
)
async def test_refusal_before_a_reboot_of_new_firmware_settles_nothing(
    block: type[Block], clock: Clock
) -> None:
    unit = complete(THREE_PHASE)
    inverter = Inverter(unit)
    before = await read_totals(inverter)
    refuse(unit, block.addresses())
    inverter.rediscover()
    await inverter.read(after_outage=True)
    for _ in range(2):
        clock.let_pass(REBOOT)
        snapshot = await inverter.read(after_outage=True)
        assert snapshot.unavailable == {block.name}
        assert inverter.refused_blocks == set()
    serve(unit, block.addresses())
    snapshot = await inverter.read(after_outage=True)
    assert snapshot.power == before.power


async def test_block_that_waits_for_its_first_request_is_decided_later(
    clock: Clock,
) -> None:
    unit = complete(THREE_PHASE)
    inverter = Inverter(unit)
    before = await read_totals(inverter)
    inverter.rediscover()
    clock.let_pass(REBOOT)
    refuse(unit, PvMeter.addresses())
    snapshot = await inverter.read(after_outage=True)
    assert snapshot.unavailable == {"pv_meter"}
    for _ in range(int(SETTLED_AFTER / FIRST_RETRY)):
        assert PvMeter in inverter.served_blocks
        clock.let_pass(FIRST_RETRY)
        snapshot = await inverter.read()
    assert inverter.refused_blocks == {PvMeter}
    assert snapshot.power == before.power


async def test_removed_meter_is_missing_after_a_day_and_its_energy_is_kept(
    clock: Clock, frozen_clock: FrozenDateTimeFactory
) -> None:
    reader = Reader(frozen_clock, strings=5000, meter_1=0.05, meter_2=3000)
    assert await reader.read(times=FEW_SAMPLES) == 8000
    refuse(reader.unit, PvMeter.addresses())
    hour = timedelta(hours=1)
    for _ in range(int(MISSING_AFTER / hour)):
        assert await reader.read() == 8000
        assert reader.snapshot.power.load is None
        clock.let_pass(hour)
    assert await reader.read() == 8000
    assert reader.snapshot.power.load is not None
    assert PvMeter not in reader.inverter.served_blocks
    for _ in range(24):
        clock.let_pass(timedelta(hours=1))
        await reader.read()
    serve(reader.unit, PvMeter.addresses())
    clock.let_pass(RETRY_INTERVAL_OF_SERVED)
    await reader.read(times=2)
    assert PvMeter in reader.inverter.served_blocks


async def test_new_house_with_every_second_reading_lost_gets_its_decision(
    clock: Clock,
) -> None:
    unit = complete(THREE_PHASE)
    refuse(unit, [*PvMeter.addresses(), *StringsTotal.addresses()])
    inverter = Inverter(unit)
    grid = 0x0021
    for _ in range(3 * int(SETTLED_AFTER / timedelta(minutes=1))):
        for _ in range(3):
            ignore(unit, [grid])
            assert await poll(inverter, clock, times=1) == 1
            serve(unit, [grid])
            snapshot = await inverter.read(after_outage=True)
            clock.let_pass(SNAPSHOT)
        assert snapshot.power.load == 2100
    assert not inverter.unsupported.refused.unsettled


@pytest.mark.parametrize("block", [PvMeter, MoreStrings], ids=lambda block: block.name)
async def test_refused_block_that_times_out_later_fails_few_readings(
    block: type[Block], clock: Clock
) -> None:
    unit = complete(THREE_PHASE)
    refuse(unit, block.addresses())
    inverter = Inverter(unit)
    assert await poll(inverter, clock, times=60) == 0
    ignore(unit, block.addresses())
    assert await poll(inverter, clock, times=3 * 360) <= 15
    assert await poll(inverter, clock, times=3 * 360) <= 4


async def test_refused_register_that_times_out_later_fails_few_readings(
    clock: Clock,
) -> None:
    unit = complete(THREE_PHASE)
    inverter = Inverter(unit)
    await read_totals(inverter)
    register = PvMeter.registers["frequency"].address
    refuse(unit, [register])
    assert await poll(inverter, clock, times=60) == 0
    ignore(unit, [register])
    assert await poll(inverter, clock, times=3 * 360) <= 15
    clock.let_pass(MISSING_AFTER)
    assert await poll(inverter, clock, times=360) <= 2
    assert (await inverter.read()).power.load == 2100
    serve(unit, [register])
    clock.let_pass(MISSING_AFTER)
    assert await poll(inverter, clock, times=1) == 0
    assert inverter.limits.refused_fields == {}


async def test_new_block_that_times_out_leaves_the_power_unknown(
    clock: Clock,
) -> None:
    unit = complete(THREE_PHASE)
    inverter = Inverter(unit)
    ignore(unit, PvMeter.addresses())
    assert await poll(inverter, clock, times=3) == 2
    serve(unit, PvMeter.addresses())
    snapshot = await inverter.read()
    assert (snapshot.power.pv, snapshot.power.load) == (None, None)
    clock.let_pass(FIRST_RETRY)
    snapshot = await inverter.read()
    assert snapshot.pv_meter
    assert snapshot.undecided == set()


async def test_new_block_that_always_times_out_is_missing_after_four(
    clock: Clock,
) -> None:
    unit = complete(THREE_PHASE)
    inverter = Inverter(unit)
    ignore(unit, PvMeter.addresses())
    assert await poll(inverter, clock, times=8) == 4
    assert (await inverter.read()).power.load == 2100
