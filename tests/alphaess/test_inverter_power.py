"""The power values between two snapshots: few requests, and nothing else changes."""

from dataclasses import replace

from modbus_connection import IllegalDataAddressError, ModbusTimeoutError
import pytest

from custom_components.alphaess_live.alphaess.errors import CommunicationError
from custom_components.alphaess_live.alphaess.inverter import Inverter
from custom_components.alphaess_live.alphaess.registers import (
    Battery,
    Grid,
    InverterOutput,
    MoreStrings,
    PvMeter,
    Strings,
)
from custom_components.alphaess_live.alphaess.snapshot import Power

from .units import THREE_PHASE, complete, load

STRING_WATTS = (3000, 2700, 300, 200, 100, 50)


async def test_power_reading_takes_4_requests_and_changes_only_power() -> None:
    unit = complete(THREE_PHASE)
    inverter = Inverter(unit)
    first = await inverter.read()
    unit.read_events.clear()
    load(unit, dict.fromkeys(range(0x0900), 1))
    load(unit, Grid.registers["power"].encode(-1000))
    load(unit, Battery.registers["power"].encode(-2000))
    load(unit, Battery.registers["soc"].encode(65))
    load(unit, InverterOutput.registers["power"].encode(3600))
    for block, names in ((Strings, (1, 2, 3)), (MoreStrings, (4, 5, 6))):
        for n in names:
            load(unit, block.registers[f"pv{n}_power"].encode(STRING_WATTS[n - 1]))
    load(unit, PvMeter.registers["power"].encode(100))
    power = await inverter.read_power(first)
    assert len(unit.read_events) == 4
    pv = sum(STRING_WATTS) + 100
    assert power.power == Power(battery=-2000, grid=-1000, soc=65, pv=pv)
    assert power.measured_at >= first.measured_at
    assert first.grid is not None
    assert first.battery is not None
    assert power.grid == replace(first.grid, power=-1000)
    assert power.battery == replace(first.battery, power=-2000, soc=65)
    assert (power.output, power.ac_output) == (first.output, 3600)
    untouched = ("output", "state", "dispatch", "totals", "system", "clock")
    assert all(getattr(power, part) is getattr(first, part) for part in untouched)


async def test_power_value_of_a_missing_block_is_not_requested() -> None:
    unit = complete(THREE_PHASE)
    inverter = Inverter(unit)
    last = replace(await inverter.read(), pv_meter=None, more_strings=None)
    unit.read_events.clear()
    renewed = await inverter.read_power(last)
    assert renewed.pv_meter is None
    assert [event.address for event in unit.read_events] == [0x0021, 0x0102, 0x040C]


async def test_refused_power_value_causes_a_full_reading() -> None:
    unit = complete(THREE_PHASE)
    inverter = Inverter(unit)
    first = await inverter.read()
    unit.fail_read(0x0021, IllegalDataAddressError())
    renewed = await inverter.read_power(first)
    assert renewed.grid is None
    assert renewed.battery == first.battery
    assert inverter.stats.snapshots == 2


async def test_power_reading_with_a_timeout_fails() -> None:
    unit = complete(THREE_PHASE)
    inverter = Inverter(unit)
    first = await inverter.read()
    unit.fail_requests(ModbusTimeoutError("silent"))
    with pytest.raises(CommunicationError):
        await inverter.read_power(first)
    assert inverter.stats.failures == 1
