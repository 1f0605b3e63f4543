"""Limits of a device: refused registers in essential blocks, refused sizes and gaps. Each is learned once."""

from dataclasses import replace
from datetime import timedelta

from hypothesis import given, strategies as st
from modbus_connection import IllegalDataAddressError
import pytest

from custom_components.alphaess_live.alphaess.device_limits import (
    MIN_COUNT,
    DeviceLimits,
)
from custom_components.alphaess_live.alphaess.field_subset import FieldSubset
from custom_components.alphaess_live.alphaess.identity import identify
from custom_components.alphaess_live.alphaess.installed import is_installed
from custom_components.alphaess_live.alphaess.inverter import MAX_REQUESTS, Inverter
from custom_components.alphaess_live.alphaess.maps import CURRENT
from custom_components.alphaess_live.alphaess.read_plan import MAX_COUNT, is_small_gap
from custom_components.alphaess_live.alphaess.registers import (
    Battery,
    Grid,
    PvMeter,
    Strings,
    System,
)
from custom_components.alphaess_live.alphaess.registers.block import Block
from custom_components.alphaess_live.alphaess.retry_schedule import (
    FIRST_RETRY,
    RETRY_INTERVAL,
)
from custom_components.alphaess_live.alphaess.snapshot import READINGS
from custom_components.alphaess_live.simulator.demo import simulate
from custom_components.alphaess_live.simulator.models import MODELS
from custom_components.alphaess_live.simulator.simulated_inverter import (
    SimulatedInverter,
)
from tests.simulator.moments import NOON

from .conftest import Clock
from .units import THREE_PHASE, complete, read_totals, refuse, serve

MAX_SNAPSHOT = 8
SOH = Battery.registers["soh"].address


def device(**behaviour: object) -> SimulatedInverter:
    """Return a simulated three-phase hybrid whose time stands still."""
    unit = simulate(MODELS["three_phase"], NOON, speed=0)
    unit.behaviour = replace(unit.behaviour, **behaviour)  # type: ignore[arg-type]
    return unit


def restored(inverter: Inverter) -> Inverter:
    """Return the inverter as it is after a restart."""
    again = Inverter(inverter.unit, served_blocks=set(inverter.served_blocks))
    again.unsupported.mark_refused(*inverter.refused_blocks, settled=True)
    again.limits.restore(inverter.limits.to_dict(), CURRENT.block)
    return again


async def assert_no_refusals(inverter: Inverter, readings: int = 5) -> None:
    """Check that readings need few requests, and that each of these is answered."""
    unit = inverter.unit
    assert isinstance(unit, SimulatedInverter)
    habits = unit.behaviour
    for number in range(readings):
        unit.journal.clear()
        snapshot = await inverter.read()
        await inverter.read_power(snapshot)
        for request in unit.journal.requests:
            assert request.count <= habits.max_registers
            addresses = range(request.address, request.address + request.count)
            assert habits.refused_addresses.isdisjoint(addresses)
        assert inverter.stats.last_requests <= MAX_SNAPSHOT or not number


ESSENTIAL_FIELDS = [
    pytest.param(block, name, id=f"{block.name}_{name}")
    for block in (Grid, Battery, System)
    for name in block.registers
    if name not in {"soc", "power", "serial"}
]


@pytest.mark.parametrize(("block", "name"), ESSENTIAL_FIELDS)
async def test_one_refused_register_of_an_essential_block_hides_it_alone(
    block: type[Block], name: str
) -> None:
    whole = await Inverter(device()).read()
    unit = device(refused_addresses=frozenset({block.registers[name].address}))
    inverter = Inverter(unit)
    snapshot = await inverter.read()
    expected = replace(getattr(whole, block.name), **{name: None})
    assert getattr(snapshot, block.name) == expected
    assert snapshot.power == whole.power
    assert snapshot.refused_keys == {block.prefix + name}
    assert snapshot.unavailable == set()
    assert identify(snapshot).serial == identify(whole).serial
    await assert_no_refusals(inverter)
    await assert_no_refusals(restored(inverter))


@pytest.mark.parametrize(("block", "name"), [(Grid, "power"), (Battery, "soc")])
async def test_essential_block_without_its_live_value_is_none(
    block: type[Block], name: str, clock: Clock
) -> None:
    unit = complete(THREE_PHASE)
    refuse(unit, [block.registers[name].address])
    inverter = Inverter(unit)
    assert getattr(await inverter.read(), block.name) is None
    clock.let_pass(timedelta(seconds=10))
    unit.read_events.clear()
    assert getattr(await inverter.read(), block.name) is None
    first = min(block.addresses())
    assert sum(event.address == first for event in unit.read_events) == 1
    serve(unit, [block.registers[name].address])
    assert getattr(await inverter.read(), block.name) is not None


async def test_essential_block_refused_for_a_while_is_divided_later(
    clock: Clock,
) -> None:
    unit = complete(THREE_PHASE)
    refuse(unit, Battery.addresses())
    inverter = Inverter(unit)
    assert (await inverter.read()).battery is None
    serve(unit, Battery.addresses())
    refuse(unit, [SOH])
    assert (await inverter.read()).battery is None
    clock.let_pass(FIRST_RETRY)
    snapshot = await inverter.read()
    assert snapshot.battery is not None
    assert snapshot.battery.soh is None


async def test_one_of_two_refused_registers_is_read_again_after_a_day(
    clock: Clock,
) -> None:
    unit = complete(THREE_PHASE)
    fault = Battery.registers["fault"]
    refuse(unit, [SOH, fault.address])
    inverter = Inverter(unit)
    given_up = {
        "battery_warning",
        "battery_fault",
    }  # It would take a request of its own.
    both = {"battery_soh", *given_up}
    assert (await inverter.read()).refused_keys == both
    serve(unit, [SOH])
    clock.let_pass(RETRY_INTERVAL / 2)
    assert (await inverter.read()).refused_keys == both
    clock.let_pass(RETRY_INTERVAL / 2)
    snapshot = await inverter.read()
    assert snapshot.refused_keys == {"battery_fault"}
    assert snapshot.battery
    assert snapshot.battery.soh == Battery.decode(THREE_PHASE).soh


async def test_refused_register_is_not_installed() -> None:
    snapshot = await Inverter(device(refused_addresses=frozenset({SOH}))).read()
    installed = {one.key for one in READINGS if is_installed(one, snapshot)}
    assert "battery_soc" in installed
    assert "battery_soh" not in installed


async def test_many_refused_registers_take_a_limited_number_of_requests() -> None:
    every_other = frozenset(
        register.address
        for name, register in list(Grid.registers.items())[::2]
        if name != "power"
    )
    inverter = Inverter(device(refused_addresses=every_other))
    snapshot = await inverter.read()
    assert snapshot.grid is not None
    assert snapshot.grid.power is not None
    assert inverter.stats.requests <= 60


@pytest.mark.parametrize("largest", [84, 83, 79, 65, 50, 49])
async def test_refused_size_is_learned_and_not_tried_again(largest: int) -> None:
    whole = await read_totals(Inverter(device()))
    inverter = Inverter(device(max_registers=largest))
    await read_totals(inverter)
    for _ in range(3):
        assert await inverter.read() == whole
    assert inverter.limits.max_count <= largest
    assert inverter.refused_blocks == (await _refused_of(device()))
    await assert_no_refusals(inverter)
    again = restored(inverter)
    assert again.limits.max_count == inverter.limits.max_count
    await assert_no_refusals(again)


async def _refused_of(unit: SimulatedInverter) -> frozenset[type[Block]]:
    inverter = Inverter(unit)
    await inverter.read()
    return inverter.refused_blocks


@pytest.mark.parametrize("largest", [MIN_COUNT, 16, 20, 25, 38, 40, 48])
async def test_size_smaller_than_a_block_divides_the_block(largest: int) -> None:
    whole = await read_totals(Inverter(device()))
    inverter = Inverter(device(max_registers=largest))
    assert await read_totals(inverter) == whole
    assert inverter.limits.max_count <= largest
    before = inverter.stats.requests
    unit = inverter.unit
    assert isinstance(unit, SimulatedInverter)
    unit.journal.clear()
    assert await inverter.read() == whole
    assert all(one.count <= largest for one in unit.journal.requests)
    assert inverter.stats.requests - before <= 45


IMPORT = Grid.registers["import_energy_total"].address


async def test_register_refused_for_some_minutes_is_read_again(clock: Clock) -> None:
    unit = device()
    inverter = Inverter(unit)
    whole = await read_totals(inverter)
    assert whole.grid
    for seconds in (60, 200):
        unit.behaviour = replace(unit.behaviour, refused_addresses=frozenset({IMPORT}))
        for _ in range(seconds // 10):
            clock.let_pass(timedelta(seconds=10))
            snapshot = await inverter.read()
            assert snapshot.refused_keys == {"grid_import_energy_total"}
        unit.behaviour = replace(unit.behaviour, refused_addresses=frozenset())
        for _ in range(8):
            clock.let_pass(timedelta(seconds=10))
            snapshot = await inverter.read()
        assert snapshot.grid == whole.grid
        assert inverter.limits.to_dict() == {}
        clock.let_pass(timedelta(seconds=10))


async def test_refused_register_is_read_with_the_first_snapshot_after_an_outage(
    clock: Clock,
) -> None:
    unit = device(refused_addresses=frozenset({IMPORT}))
    inverter = Inverter(unit)
    await inverter.read()
    clock.let_pass(timedelta(seconds=5))
    assert inverter.limits.refused_fields
    unit.behaviour = replace(unit.behaviour, refused_addresses=frozenset())
    assert not (await inverter.read(after_outage=True)).refused_keys
    snapshot = await read_totals(inverter)
    assert snapshot.grid
    assert snapshot.grid.import_energy_total


async def test_register_that_stays_refused_is_requested_ever_more_rarely(
    clock: Clock,
) -> None:
    unit = device(refused_addresses=frozenset({IMPORT}))
    inverter = Inverter(unit)
    await inverter.read()
    refused = []
    for _ in range(22 * 60):
        unit.journal.clear()
        clock.let_pass(timedelta(minutes=1))
        await inverter.read()
        refused += [
            one
            for one in unit.journal.requests
            if IMPORT in range(one.address, one.address + one.count)
        ]
    assert 10 <= len(refused) <= 40
    assert {one.count for one in refused} == {2}


async def test_refused_size_is_tried_again_after_a_firmware_change() -> None:
    unit = device(max_registers=65)
    inverter = Inverter(unit)
    await inverter.read()
    await inverter.read()
    assert inverter.limits.max_count <= 65
    unit.behaviour = replace(unit.behaviour, max_registers=100)
    inverter.rediscover()
    await inverter.read(after_outage=True)
    await inverter.read()
    assert inverter.limits.max_count == MAX_COUNT
    assert inverter.stats.last_requests == 6


async def test_gap_that_is_refused_is_learned_and_not_read_across() -> None:
    unit = device()
    inverter = Inverter(unit)
    await inverter.read()
    # No two blocks of the map have a small gap that is not served; these fields have one.
    left, right = (
        FieldSubset(Strings, ("pv1_power",)),
        FieldSubset(Strings, ("pv2_power",)),
    )
    (request,) = inverter.limits.plan([left, right], is_small_gap)
    unit.behaviour = replace(unit.behaviour, refused_addresses=frozenset({0x0421}))
    await inverter._reader.read(request)  # noqa: SLF001 - no two blocks have such a gap
    assert inverter.limits.refused_gaps == {0x0421, 0x0422}
    assert inverter.limits.max_count == MAX_COUNT
    assert len(inverter.limits.plan([left, right], is_small_gap)) == 2


async def test_temporary_refusal_of_a_request_is_not_learned() -> None:
    unit = complete(THREE_PHASE)
    inverter = Inverter(unit)
    first = await inverter.read()
    inverter.limits.largest_answered = 39
    read = unit.read_holding_registers
    refused = False

    async def refuse_once(address: int, count: int) -> list[int]:
        nonlocal refused
        if address == 0x0100 and not refused:
            refused = True
            return await read(0xFFFF, count)
        return await read(address, count)

    unit.fail_read(0xFFFF, IllegalDataAddressError())
    unit.read_holding_registers = refuse_once  # type: ignore[method-assign]
    assert await inverter.read() == first
    assert refused
    assert inverter.limits.to_dict() == {}


async def test_unsupported_block_is_not_divided_at_each_poll() -> None:
    unit = complete(THREE_PHASE)
    refuse(unit, [*Grid.addresses(), *PvMeter.addresses()])
    inverter = Inverter(unit)
    await inverter.read()
    assert PvMeter in inverter.refused_blocks
    for _ in range(3):
        await inverter.read()
        assert inverter.stats.last_requests <= MAX_REQUESTS


@given(
    st.integers(MIN_COUNT, MAX_COUNT),
    st.sets(st.sampled_from(sorted(set(Battery.registers) - {"soc", "power"}))),
)
def test_parts_of_a_block_cover_what_is_not_refused(
    count: int, refused: set[str]
) -> None:
    limits = DeviceLimits(max_count=count)
    if refused:
        limits.refused_fields = {Battery: frozenset(refused)}
    plan = limits.plan([Battery], is_small_gap)
    read = {a for one in plan for a in range(one.start, one.start + one.count)}
    assert read == limits.wanted_addresses(Battery)
    assert all(one.count <= count for one in plan)


@pytest.mark.parametrize(
    "stored",
    [
        {"max_count": "many"},
        {"refused_fields": [1]},
        {"refused_gaps": 7},
    ],
)
def test_limits_that_cannot_be_read_change_nothing(stored: dict[str, object]) -> None:
    limits = DeviceLimits()
    with pytest.raises((LookupError, TypeError, ValueError, AttributeError)):
        limits.restore(stored, CURRENT.block)
    assert limits.to_dict() == {}


async def test_refused_fields_of_a_newer_release_are_kept_and_not_requested(
    clock: Clock,
) -> None:
    names = {"battery": ["fault", "newer"], "grid": ["newer"], "newer": ["power"]}
    unit = complete(THREE_PHASE)
    inverter = Inverter(unit)
    inverter.limits.restore({"refused_fields": names}, CURRENT.block)
    assert inverter.limits.refused_fields == {Battery: {"fault"}}
    for _ in range(4):
        await inverter.read()
        clock.let_pass(FIRST_RETRY)
    names["battery"] = ["newer"]
    assert inverter.limits.to_dict() == {"refused_fields": names}
    inverter.rediscover()
    assert inverter.limits.to_dict() == {}


async def test_block_with_four_refused_registers_takes_two_requests() -> None:
    names = ("temperature_min", "soh", "remaining_time", "charge_power_limit")
    refused = frozenset(Battery.registers[name].address for name in names)
    inverter = Inverter(device(refused_addresses=refused))
    snapshot = await inverter.read()
    assert snapshot.battery
    assert all(getattr(snapshot.battery, name) is None for name in names)
    assert snapshot.battery.power is not None
    assert len(inverter.limits.parts(Battery)) == 2
    await assert_no_refusals(inverter)
