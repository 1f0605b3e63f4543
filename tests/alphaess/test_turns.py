"""Where holes cost a seventh request, blocks take turns to wait: each value is two snapshots old at most (three with two holes), and none counts twice."""

from datetime import timedelta

from modbus_connection import ModbusTimeoutError
from modbus_connection.mock import MockModbusUnit
import pytest

from custom_components.alphaess_live.alphaess.errors import CommunicationError
from custom_components.alphaess_live.alphaess.faults.fault_tracker import FaultTracker
from custom_components.alphaess_live.alphaess.inverter import Inverter
from custom_components.alphaess_live.alphaess.partial_read import POWER_FIELDS
from custom_components.alphaess_live.alphaess.registers import (
    BLOCKS,
    Backup,
    InverterDetail,
    InverterOutput,
    InverterState,
    MoreStrings,
    StringsTotal,
    SystemTotals,
)
from custom_components.alphaess_live.alphaess.registers.block import Block, BlockGroup
from custom_components.alphaess_live.alphaess.scales import STANDARD
from custom_components.alphaess_live.alphaess.slow_blocks import SLOW_INTERVAL

from .conftest import Clock
from .units import THREE_PHASE, asks_for, complete, load, refuse, serve

TAKING_TURNS = (SystemTotals, InverterState, InverterOutput)


@pytest.fixture
def unit() -> MockModbusUnit:
    """Refuse PV strings 4 to 6, as older firmware does: that tears the inverter's registers in two."""
    unit = complete(THREE_PHASE)
    refuse(unit, MoreStrings.addresses())
    return unit


@pytest.fixture
async def inverter(unit: MockModbusUnit) -> Inverter:
    """Know an inverter already."""
    inverter = Inverter(unit)
    await inverter.read()
    unit.read_events.clear()
    return inverter


async def asked(unit: MockModbusUnit, inverter: Inverter) -> set[type[Block]]:
    """Read once, and say which of those that take turns were asked for."""
    unit.read_events.clear()
    await inverter.read()
    assert inverter.stats.last_requests <= 6
    return {block for block in TAKING_TURNS if asks_for(unit, block)}


def test_no_power_of_the_balance_and_no_order_ever_waits() -> None:
    waiting = {block for block in BLOCKS if block.may_wait}
    assert waiting == {
        InverterOutput,
        InverterState,
        InverterDetail,
        StringsTotal,
        SystemTotals,
    }
    assert waiting.isdisjoint(excerpt.block for excerpt in POWER_FIELDS)


async def test_each_waits_in_turn_and_nobody_twice_in_a_row(
    unit: MockModbusUnit, inverter: Inverter
) -> None:
    turns = [await asked(unit, inverter) for _ in range(4)]
    assert (
        turns
        == [
            {SystemTotals, InverterOutput},
            {InverterState, InverterOutput},
        ]
        * 2
    )


async def test_with_two_holes_each_waits_twice_and_nobody_three_times_in_a_row(
    unit: MockModbusUnit,
) -> None:
    refuse(unit, Backup.addresses())
    inverter = Inverter(unit)
    await inverter.read()
    read = [await asked(unit, inverter) for _ in range(9)]
    for three in zip(read, read[1:], read[2:], strict=False):
        assert set().union(*three) == set(TAKING_TURNS)
    assert all(len(one) == 1 for one in read)


async def test_a_hole_before_the_strings_is_no_seventh_request_either() -> None:
    unit = complete(THREE_PHASE)
    refuse(unit, Backup.addresses())
    inverter = Inverter(unit)
    await inverter.read()
    read = [await asked(unit, inverter) for _ in range(4)]
    turns = [{SystemTotals}, {InverterOutput}]
    assert [one - {InverterState} for one in read] == turns * 2


async def test_what_waits_is_shown_as_it_was_and_one_snapshot_later_as_it_is(
    unit: MockModbusUnit, inverter: Inverter
) -> None:
    load(unit, {0x043B: 1})
    snapshot = await inverter.read()
    assert snapshot.waiting == {"state", "detail", "strings_total"}
    assert snapshot.unavailable == set()
    assert snapshot.state is not None
    assert snapshot.state.fault_1 == 0
    snapshot = await inverter.read()
    assert snapshot.waiting == {"totals"}
    assert snapshot.state is not None
    assert snapshot.state.fault_1 == 1


async def test_nobody_waits_where_six_requests_will_do() -> None:
    inverter = Inverter(complete(THREE_PHASE))
    await inverter.read()
    assert (await inverter.read()).waiting == set()


async def test_everything_is_read_after_an_outage_on_a_full_cycle_and_on_demand(
    inverter: Inverter, clock: Clock
) -> None:
    assert (await inverter.read()).waiting
    assert not (await inverter.read(after_outage=True)).waiting
    assert (await inverter.read()).waiting
    inverter.turns.end()
    assert not (await inverter.read()).waiting
    assert (await inverter.read()).waiting
    clock.let_pass(SLOW_INTERVAL + timedelta(seconds=1))
    assert not (await inverter.read()).waiting


async def test_somebody_who_wants_everything_at_once_does_not_spoil_the_reading_on_its_way(
    unit: MockModbusUnit, inverter: Inverter, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = unit.read_holding_registers

    async def interrupted(address: int, count: int) -> list[int]:
        inverter.turns.end()
        return await ask(address, count)

    monkeypatch.setattr(unit, "read_holding_registers", interrupted)
    snapshot = await inverter.read()
    assert snapshot.waiting == {"state", "detail", "strings_total"}
    assert snapshot.unavailable == set()
    assert snapshot.state is not None
    assert not (await inverter.read()).waiting


async def test_a_reading_that_fails_makes_nobody_wait_twice(
    unit: MockModbusUnit, inverter: Inverter
) -> None:
    unit.fail_read(0x0880, ModbusTimeoutError())
    with pytest.raises(CommunicationError):
        await inverter.read()
    unit.fail_read(0x0880, None)
    assert await asked(unit, inverter) == {InverterState, InverterOutput}


async def test_a_fault_is_neither_raised_nor_cleared_by_what_waits(
    unit: MockModbusUnit, inverter: Inverter
) -> None:
    complaints, news = FaultTracker(), list[tuple[bool, str]]()
    for word in (1, 1, 0, 0):
        load(unit, {0x08D5: word})
        for _ in range(2):
            complaints.update(await inverter.read(), STANDARD)
            news += [(one.raised, one.fault.code) for one in complaints.drain()]
    assert news == [
        (True, "ems_network_card_faulty"),
        (False, "ems_network_card_faulty"),
    ]


async def test_a_counter_that_begins_anew_is_believed_after_three_readings_of_it(
    unit: MockModbusUnit, inverter: Inverter
) -> None:
    load(unit, dict.fromkeys(SystemTotals.addresses(), 0) | {0x08D3: 10})
    shown = []
    for _ in range(6):
        totals = (await inverter.read()).totals
        assert totals is not None
        shown.append(totals.pv_energy_total)
    assert shown[0] > 1
    assert shown == [*[shown[0]] * 4, 1, 1]
    assert inverter.stats.rejected_samples == 2


async def test_what_may_wait_and_is_refused_is_asked_for_again_at_once(
    unit: MockModbusUnit, inverter: Inverter
) -> None:
    refuse(unit, SystemTotals.addresses())
    snapshot = await inverter.read()
    assert snapshot.totals is None
    assert snapshot.unavailable == {"totals"}
    unit.read_events.clear()
    assert (await inverter.read()).totals is None
    assert asks_for(unit, SystemTotals)
    serve(unit, SystemTotals.addresses())
    assert (await inverter.read()).totals is not None


async def test_what_may_wait_and_was_never_served_is_asked_for_tomorrow(
    unit: MockModbusUnit,
) -> None:
    refuse(unit, SystemTotals.addresses())
    inverter = Inverter(unit)
    await inverter.read()
    assert SystemTotals in inverter.refused_blocks
    assert await asked(unit, inverter) == {InverterState, InverterOutput}
    assert (await inverter.read()).totals is None


async def test_what_waits_is_not_missing_from_the_image(inverter: Inverter) -> None:
    whole = inverter.image.keys()
    for _ in range(3):
        await inverter.read()
        assert inverter.image.keys() == whole


async def test_new_firmware_makes_no_hole_of_a_group_that_is_not_polled() -> None:
    unit = complete(THREE_PHASE)
    inverter = Inverter(
        unit, served_blocks={Backup}, groups=set(BlockGroup) - {BlockGroup.BACKUP}
    )
    await inverter.read()
    inverter.rediscover()
    await inverter.read()
    assert (await inverter.read()).waiting == set()
    assert inverter.stats.last_requests == 6
