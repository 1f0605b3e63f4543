"""Between two snapshots the power values alone are renewed: in one burst, and nothing else is touched."""

from dataclasses import replace

from modbus_connection import IllegalDataAddressError, ModbusTimeoutError
import pytest

from custom_components.alphaess_live.alphaess.errors import CommunicationError
from custom_components.alphaess_live.alphaess.inverter import Inverter

from .units import THREE_PHASE, complete, load


async def test_the_power_values_take_four_requests_and_leave_the_rest() -> None:
    unit = complete(THREE_PHASE)
    inverter = Inverter(unit)
    first = await inverter.read()
    unit.read_events.clear()
    load(unit, dict.fromkeys(range(0x0900), 1))
    power = await inverter.read_power(first)
    assert len(unit.read_events) == 4
    assert (power.power.battery, power.power.grid, power.power.soc) == (1, 65537, 0.1)
    assert power.power.pv == 7 * 65537
    assert power.measured_at >= first.measured_at
    assert first.grid is not None
    assert first.battery is not None
    assert power.grid == replace(first.grid, power=65537)
    assert power.battery == replace(first.battery, power=1, soc=0.1)
    untouched = ("output", "state", "dispatch", "totals", "system", "clock")
    assert all(getattr(power, part) is getattr(first, part) for part in untouched)


async def test_power_values_that_are_not_served_are_not_asked_for() -> None:
    unit = complete(THREE_PHASE)
    inverter = Inverter(unit)
    last = replace(await inverter.read(), pv_meter=None, more_strings=None)
    unit.read_events.clear()
    renewed = await inverter.read_power(last)
    assert renewed.pv_meter is None
    assert [event.address for event in unit.read_events] == [0x0021, 0x0102, 0x041F]


async def test_a_refused_power_value_makes_a_full_reading() -> None:
    unit = complete(THREE_PHASE)
    inverter = Inverter(unit)
    first = await inverter.read()
    unit.fail_read(0x0021, IllegalDataAddressError())
    renewed = await inverter.read_power(first)
    assert renewed.grid is None
    assert renewed.battery == first.battery
    assert inverter.stats.snapshots == 2


async def test_power_values_that_stay_out_are_a_failure_too() -> None:
    unit = complete(THREE_PHASE)
    inverter = Inverter(unit)
    first = await inverter.read()
    unit.fail_requests(ModbusTimeoutError("silent"))
    with pytest.raises(CommunicationError):
        await inverter.read_power(first)
    assert inverter.stats.failures == 1
