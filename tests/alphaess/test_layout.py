"""Firmware from before V1.22 keeps other things where we look for strings and states: none may be shown."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from modbus_connection.mock import MockModbusUnit
import pytest

from custom_components.alphaess_live.alphaess.errors import (
    CommunicationError,
    NotAnInverterError,
    OldFirmwareError,
)
from custom_components.alphaess_live.alphaess.identity import identify
from custom_components.alphaess_live.alphaess.inverter import Inverter
from custom_components.alphaess_live.alphaess.maps import (
    ALL_VERSIONS,
    SINCE_V122,
    check_map_version,
)
from custom_components.alphaess_live.alphaess.registers import (
    BLOCKS,
    Clock,
    InverterState,
    MoreStrings,
    System,
)

from .conftest import Clock as Time
from .units import ADDRESSES, SMILE_T10, THREE_PHASE, complete, recorded, refuse, serve

SYSTEM = {a: w for a, w in THREE_PHASE.items() if 0x0740 <= a < 0x0753}
V121 = {**SMILE_T10, **SYSTEM}
"""The recorded T10 as its firmware would be after V1.20 moved the system, before V1.22."""

type Serve = Callable[[Mapping[int, int]], MockModbusUnit]

with_either = pytest.mark.parametrize(
    "serving",
    [
        pytest.param(recorded, id="refuses the rest"),
        pytest.param(complete, id="sends zeros for the rest"),
    ],
)


def test_read_by_the_later_map_a_t10_would_make_173_megawatts() -> None:
    memory = dict.fromkeys(range(0x0900), 0) | SMILE_T10
    assert MoreStrings.decode(memory).pv5_power == 2647 << 16


@with_either
async def test_a_recorded_t10_shows_what_lies_where_it_always_lay(
    serving: Serve,
) -> None:
    inverter = Inverter(serving(SMILE_T10))
    snapshot = await inverter.read()
    assert inverter.served_blocks == ALL_VERSIONS
    assert list(snapshot.string_powers) == [115, 0, 0]
    assert snapshot.output is not None
    assert snapshot.output_frequency is not None
    assert snapshot.output.power == 201
    assert snapshot.output_frequency.grid_frequency == 49.98
    assert snapshot.power.pv == 115
    assert snapshot.power.load is None
    assert snapshot.derived.pv_energy_total is None
    assert all(
        getattr(snapshot, block.name) is None
        for block in BLOCKS
        if block not in ALL_VERSIONS
    )


@with_either
async def test_nor_do_its_power_values_change_between_snapshots(
    serving: Serve,
) -> None:
    inverter = Inverter(serving(SMILE_T10))
    renewed = await inverter.read_power(await inverter.read())
    assert renewed.power.pv == 115
    assert renewed.more_strings is None


@with_either
async def test_a_recorded_t10_cannot_be_set_up(serving: Serve) -> None:
    with pytest.raises(NotAnInverterError):
        identify(await Inverter(serving(SMILE_T10)).read())


async def test_its_owner_is_told_that_the_firmware_is_old() -> None:
    with pytest.raises(OldFirmwareError):
        await check_map_version(recorded(SMILE_T10))


async def test_a_device_with_a_clock_or_without_strings_is_not_called_old() -> None:
    await check_map_version(complete(THREE_PHASE))
    unit = complete({})
    refuse(unit, ADDRESSES)
    await check_map_version(unit)


@with_either
async def test_between_the_two_moves_strings_4_to_6_and_the_state_are_not_believed(
    serving: Serve,
) -> None:
    inverter = Inverter(serving(V121))
    snapshot = await inverter.read()
    assert snapshot.system is not None
    assert inverter.served_blocks.isdisjoint(SINCE_V122)
    assert snapshot.more_strings is None
    assert snapshot.state is None
    assert snapshot.power.pv == 115


async def test_a_clock_that_shows_a_time_proves_the_layout_as_the_system_does() -> None:
    unit = complete(THREE_PHASE)
    refuse(unit, System.addresses())
    snapshot = await Inverter(unit).read()
    assert snapshot.system is None
    assert snapshot.grid is not None


async def test_a_layout_once_proven_outlives_a_refusal(clock: Time) -> None:
    unit = complete(THREE_PHASE)
    inverter = Inverter(unit)
    first = await inverter.read()
    for block in (Clock, System, InverterState):
        refuse(unit, block.addresses())
    clock.let_pass(timedelta(minutes=6))
    snapshot = await inverter.read()
    assert snapshot.state is None
    assert snapshot.grid == first.grid
    assert snapshot.more_strings == first.more_strings


async def test_an_unproven_layout_is_looked_at_again_with_the_next_snapshot() -> None:
    unit = complete(THREE_PHASE)
    refuse(unit, [*Clock.addresses(), *System.addresses()])
    inverter = Inverter(unit)
    assert (await inverter.read()).grid is None
    serve(unit, [*Clock.addresses(), *System.addresses()])
    assert (await inverter.read()).grid is not None


async def test_nothing_at_all_is_no_reading() -> None:
    unit = complete({})
    refuse(unit, ADDRESSES)
    with pytest.raises(CommunicationError):
        await Inverter(unit).read()
