"""Register maps: blocks of another firmware are not used, and a second map is only data."""

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
from custom_components.alphaess_live.alphaess.installed import is_installed
from custom_components.alphaess_live.alphaess.inverter import SLOW_INTERVAL, Inverter
from custom_components.alphaess_live.alphaess.maps import (
    ALL_VERSIONS,
    CURRENT,
    SINCE_V122,
    V117,
    check_map_version,
)
from custom_components.alphaess_live.alphaess.registers import (
    BLOCKS,
    Clock,
    Grid,
    InverterState,
    MoreStrings,
    System,
)
from custom_components.alphaess_live.alphaess.snapshot import (
    READINGS,
    Snapshot,
    Value,
)
from custom_components.alphaess_live.diagnostics import redact_image
from tests.t10_v117 import T10_DISPLAY, OldGrid, OldSystem, t10_image

from .conftest import Clock as Time
from .units import (
    ADDRESSES,
    SMILE_T10,
    THREE_PHASE,
    asks_for,
    complete,
    load,
    read_totals,
    recorded,
    refuse,
    serve,
)

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


def test_t10_read_by_the_current_map_would_have_173_megawatts() -> None:
    memory = dict.fromkeys(range(0x0900), 0) | SMILE_T10
    assert MoreStrings.decode(memory).pv5_power == 2647 << 16


@with_either
async def test_recorded_t10_has_only_blocks_of_all_versions(
    serving: Serve,
) -> None:
    inverter = Inverter(serving(SMILE_T10))
    snapshot = await read_totals(inverter)
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
async def test_recorded_t10_has_the_same_power_values_between_snapshots(
    serving: Serve,
) -> None:
    inverter = Inverter(serving(SMILE_T10))
    renewed = await inverter.read_power(await read_totals(inverter))
    assert renewed.power.pv == 115
    assert renewed.more_strings is None


@with_either
async def test_recorded_t10_is_not_identified(serving: Serve) -> None:
    with pytest.raises(NotAnInverterError):
        identify(await Inverter(serving(SMILE_T10)).read())


async def test_recorded_t10_is_reported_as_old_firmware() -> None:
    with pytest.raises(OldFirmwareError):
        await check_map_version(recorded(SMILE_T10))


async def test_device_with_a_clock_or_without_strings_is_not_old() -> None:
    await check_map_version(complete(THREE_PHASE))
    unit = complete({})
    refuse(unit, ADDRESSES)
    await check_map_version(unit)


@with_either
async def test_firmware_v121_has_no_strings_4_to_6_and_no_state(
    serving: Serve,
) -> None:
    inverter = Inverter(serving(V121))
    snapshot = await read_totals(inverter)
    assert snapshot.system is not None
    assert inverter.served_blocks.isdisjoint(SINCE_V122)
    assert snapshot.more_strings is None
    assert snapshot.state is None
    assert snapshot.power.pv == 115


async def test_clock_with_a_time_confirms_the_map() -> None:
    unit = complete(THREE_PHASE)
    refuse(unit, System.addresses())
    snapshot = await Inverter(unit).read()
    assert snapshot.system is None
    assert snapshot.grid is not None


async def test_confirmed_map_stays_confirmed_after_a_refusal(clock: Time) -> None:
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


async def test_unconfirmed_map_is_checked_with_the_next_snapshot() -> None:
    unit = complete(THREE_PHASE)
    refuse(unit, [*Clock.addresses(), *System.addresses()])
    inverter = Inverter(unit)
    assert (await inverter.read()).grid is None
    serve(unit, [*Clock.addresses(), *System.addresses()])
    assert (await inverter.read()).grid is not None


async def test_device_without_any_register_is_a_communication_error() -> None:
    unit = complete({})
    refuse(unit, ADDRESSES)
    with pytest.raises(CommunicationError):
        await Inverter(unit).read()


def values(snapshot: Snapshot) -> dict[str, Value]:
    """Return what a snapshot has of the display of the T10."""
    readings = (reading for reading in READINGS if reading.key in T10_DISPLAY)
    return {reading.key: reading.of(snapshot) for reading in readings}


async def test_second_map_reads_the_recorded_values() -> None:
    inverter = Inverter(recorded(t10_image()), register_map=V117)
    snapshot = await read_totals(inverter)
    assert values(snapshot) == T10_DISPLAY
    assert inverter.served_blocks == set(V117.blocks)
    assert inverter.refused_blocks == frozenset()
    assert snapshot.unavailable == frozenset()
    assert snapshot.power.load == 0
    assert snapshot.derived.pv_power == 115
    assert snapshot.derived.pv_energy_total is None


async def test_second_map_reads_new_power_values_between_snapshots() -> None:
    unit = recorded(t10_image())
    inverter = Inverter(unit, register_map=V117)
    snapshot = await read_totals(inverter)
    assert values(await inverter.read_power(snapshot)) == T10_DISPLAY
    load(unit, OldGrid.registers["power"].encode(350))
    unit.read_events.clear()
    renewed = await inverter.read_power(snapshot)
    assert renewed.power.grid == 350
    assert [event.address for event in unit.read_events] == [
        0x0006,
        0x0012,
        0x0102,
        0x040C,
    ]


async def test_second_map_identifies_its_inverter() -> None:
    inverter = Inverter(recorded(t10_image()), register_map=V117)
    identity = identify(await inverter.read())
    assert identity.serial == "AL2002021099999"
    assert identity.firmware == "1.1.95"
    assert identity.model == "hybrid inverter, three-phase"
    assert identity.battery_modules == 4


async def test_second_map_recognizes_another_inverter_after_an_outage() -> None:
    unit = recorded(t10_image())
    inverter = Inverter(unit, register_map=V117, serials={"AL2002021099999"})
    await inverter.read(after_outage=True)
    load(unit, OldSystem.registers["serial"].encode("AL2002021000000"))
    with pytest.raises(CommunicationError):
        await inverter.read(after_outage=True)


async def test_second_map_reads_slow_blocks_every_few_minutes(clock: Time) -> None:
    unit = recorded(t10_image())
    inverter = Inverter(unit, register_map=V117)
    await inverter.read()
    unit.read_events.clear()
    await inverter.read()
    assert not asks_for(unit, OldSystem)
    clock.let_pass(SLOW_INTERVAL + timedelta(seconds=1))
    await inverter.read()
    assert asks_for(unit, OldSystem)


def test_image_of_second_map_is_redacted() -> None:
    image = redact_image(t10_image(), V117)
    assert OldSystem.decode(image).serial == "AL0000000000000"


async def test_field_missing_in_a_map_is_not_installed() -> None:
    snapshot = await Inverter(recorded(t10_image()), register_map=V117).read()
    installed = {one.key for one in READINGS if is_installed(one, snapshot)}
    assert installed >= {"grid_power", "grid_power_l2", "inverter_temperature"}
    assert installed.isdisjoint({"grid_frequency", "inverter_fault_1"})


def test_map_without_a_block_has_no_block_of_that_name() -> None:
    with pytest.raises(KeyError):
        V117.block("dispatch")
    assert V117.block("grid") is OldGrid
    assert CURRENT.named({"grid", "unknown"}) == {Grid}
