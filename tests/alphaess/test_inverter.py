"""Reading an inverter: order, scales, slow blocks, and what a missing response means."""

from datetime import timedelta

from modbus_connection import IllegalDataAddressError, ModbusTimeoutError
from modbus_connection.mock import MockModbusUnit, WriteEvent
import pytest

from custom_components.alphaess_live.alphaess.errors import (
    CommunicationError,
    ErrorKind,
    IllegalRequestError,
)
from custom_components.alphaess_live.alphaess.inverter import SLOW_INTERVAL, Inverter
from custom_components.alphaess_live.alphaess.maps import check_map_version
from custom_components.alphaess_live.alphaess.registers import (
    BLOCKS,
    Backup,
    Clock,
    MoreStrings,
    System,
)
from custom_components.alphaess_live.alphaess.registers.block import BlockGroup
from custom_components.alphaess_live.alphaess.scales import (
    GRID_VOLTAGE,
    PROFILES,
    ModelFamily,
    ScaleProfile,
)
from custom_components.alphaess_live.alphaess.snapshot import READINGS
from tests.images import IMAGES, Image

from .conftest import Clock as Time
from .units import (
    SMILE_B3,
    THREE_PHASE,
    UNLIMITED,
    asks_for,
    complete,
    confirmed_identity,
    load,
    read_totals,
    refuse,
    scales_of,
)

WHOLE = [image for image in IMAGES if "ems_serial" in image.display]


class ShortUnit(MockModbusUnit):
    """Responds one register less than was requested."""

    async def read_holding_registers(self, address: int, count: int) -> list[int]:
        return (await super().read_holding_registers(address, count))[:-1]


@pytest.mark.parametrize("image", WHOLE, ids=lambda image: image.name)
async def test_snapshot_has_the_values_of_the_display(image: Image) -> None:
    scales = scales_of(image.holding)
    snapshot = await read_totals(Inverter(complete(image.holding), scales))
    shown = {reading.key: reading.of(snapshot) for reading in READINGS}
    # A total that reads 0 is not shown at first: an inverter sends zeros while it starts.
    zeros = {key: None for key, value in image.display.items() if _is_zero(key, value)}
    assert {key: shown[key] for key in image.display} == {**image.display, **zeros}


def _is_zero(key: str, value: object) -> bool:
    return "energy" in key and key.endswith("_total") and value == 0


async def test_first_snapshot_takes_17_requests_and_the_next_one_6() -> None:
    inverter = Inverter(complete(THREE_PHASE))
    first = await inverter.read()
    assert inverter.stats.last_requests == 17
    second = await inverter.read()
    assert inverter.stats.last_requests == 6
    assert inverter.stats.requests == 23
    assert inverter.stats.snapshots == 2
    assert second == first


async def test_snapshot_reads_the_power_values_first() -> None:
    unit = complete(THREE_PHASE)
    await Inverter(unit).read()
    starts = [event.address for event in unit.read_events]
    assert starts[:4] == [0x0010, 0x0090, 0x0100, 0x0400]


async def test_slow_block_is_read_every_five_minutes(clock: Time) -> None:
    unit = complete(THREE_PHASE)
    scales = PROFILES[ModelFamily.STANDARD]
    inverter = Inverter(
        unit,
        scales,
        max_requests=UNLIMITED,
        known_identity=confirmed_identity(THREE_PHASE),
    )
    first = await inverter.read()
    unit.read_events.clear()
    clock.let_pass(SLOW_INTERVAL)
    assert (await inverter.read()).system == first.system
    assert not any(asks_for(unit, block) for block in BLOCKS if block.slow)
    clock.let_pass(timedelta(seconds=1))
    await inverter.read()
    assert all(asks_for(unit, block) for block in BLOCKS if block.slow)


async def test_slow_block_is_read_again_after_an_outage(clock: Time) -> None:
    unit = complete(THREE_PHASE)
    inverter = Inverter(unit)
    await inverter.read()
    load(unit, SMILE_B3)
    assert (await inverter.read(after_outage=True)).system == System.decode(SMILE_B3)
    assert clock.seconds == 0


async def test_slow_block_refused_after_an_outage_is_none() -> None:
    unit = complete(THREE_PHASE)
    inverter = Inverter(unit)
    await inverter.read()
    unit.fail_read(0x0743, IllegalDataAddressError())
    assert (await inverter.read(after_outage=True)).system is None


@pytest.mark.parametrize("after", [0, 3, 8])
async def test_reading_with_a_timeout_fails_as_a_whole(
    after: int,
) -> None:
    unit = complete(THREE_PHASE)
    inverter = Inverter(unit)
    await inverter.read()
    silent = unit.read_events[after].address
    unit.fail_read(silent, ModbusTimeoutError("silent"))
    with pytest.raises(CommunicationError) as caught:
        await inverter.read(after_outage=True)
    assert caught.value.kind is ErrorKind.TIMEOUT
    assert inverter.stats.failures == 1
    assert inverter.stats.snapshots == 1


async def test_response_that_is_too_short_is_a_protocol_error() -> None:
    mock = complete(THREE_PHASE)
    unit = ShortUnit(mock._conn, 85)  # noqa: SLF001 - its only way in
    load(unit, THREE_PHASE)
    with pytest.raises(CommunicationError) as caught:
        await Inverter(unit).read()
    assert caught.value.kind is ErrorKind.PROTOCOL


async def test_reading_writes_nothing() -> None:
    unit = complete(THREE_PHASE)
    writes: list[WriteEvent] = []
    unit.on_write(writes.append)
    inverter = Inverter(unit)
    await inverter.read_power(await inverter.read())
    await check_map_version(unit)
    assert writes == []
    assert {event.register_type for event in unit.read_events} == {"holding"}


async def test_scale_is_unknown_for_a_minute_then_kept(clock: Time) -> None:
    unit = complete(SMILE_B3)
    inverter = Inverter(unit)
    voltages = []
    for _ in range(3):
        snapshot = await inverter.read()
        assert snapshot.grid is not None
        voltages.append(snapshot.grid.voltage_l1)
        clock.let_pass(timedelta(seconds=30))
    assert voltages == [None, None, 243.6]
    chosen = PROFILES[ModelFamily.SMILE_B3]
    assert inverter.profile.alternatives == chosen.alternatives
    load(unit, {0x0014: 999, 0x010A: 0})
    snapshot = await inverter.read()
    assert snapshot.grid is not None
    assert snapshot.grid.voltage_l1 == 99.9


async def test_chosen_scale_is_not_changed(clock: Time) -> None:
    chosen = PROFILES[ModelFamily.STANDARD]
    inverter = Inverter(complete(SMILE_B3), profile=chosen)
    for _ in range(3):
        snapshot = await inverter.read()
        clock.let_pass(timedelta(hours=1))
        assert snapshot.grid is not None
        assert snapshot.grid.voltage_l1 is None
    assert inverter.profile == chosen


async def test_confirmed_scale_is_used_from_the_first_reading() -> None:
    known = frozenset({GRID_VOLTAGE})
    profile = ScaleProfile(alternatives=known, confirmed=known)
    inverter = Inverter(complete(SMILE_B3), profile=profile)
    snapshot = await inverter.read()
    assert snapshot.grid is not None
    assert snapshot.grid.voltage_l1 == 243.6


@pytest.mark.parametrize(("floor", "reads"), [(10, 3), (50, 40)])
async def test_periods_are_read_often_until_their_scale_is_certain(
    clock: Time, floor: int, reads: int
) -> None:
    unit = complete(THREE_PHASE)
    load(unit, {0x0850: floor, 0x0855: 100})
    inverter = Inverter(unit)
    for _ in range(100):
        await inverter.read()
        clock.let_pass(timedelta(seconds=21))
    events = [
        one
        for one in unit.read_events
        if one.address <= 0x0850 < one.address + one.count
    ]
    slow = 2100 // SLOW_INTERVAL.total_seconds()
    assert reads <= len(events) <= reads + slow
    assert inverter.stats.last_requests <= 8


async def test_block_that_answered_is_served() -> None:
    inverter = Inverter(complete(THREE_PHASE))
    await inverter.read()
    assert inverter.served_blocks == set(BLOCKS)
    assert inverter.refused_blocks == frozenset()
    assert Clock in inverter.served_blocks


async def test_device_that_refuses_everything_is_a_protocol_error() -> None:
    unit = complete(THREE_PHASE)
    unit.fail_requests(IllegalDataAddressError())
    inverter = Inverter(unit)
    with pytest.raises(CommunicationError) as caught:
        await inverter.read()
    assert caught.value.kind is ErrorKind.PROTOCOL
    assert not isinstance(caught.value.__cause__, IllegalRequestError)


async def test_snapshot_with_gaps_reads_all_measurements() -> None:
    unit = complete(THREE_PHASE)
    refuse(unit, [*MoreStrings.addresses(), *Backup.addresses()])
    inverter = Inverter(unit)
    await inverter.read()
    for word in (1, 2, 3):
        load(unit, dict.fromkeys((0x0400, 0x043B, 0x0441, 0x0453, 0x08D5), word))
        snapshot = await inverter.read()
        assert snapshot.output
        assert snapshot.state
        assert snapshot.detail
        assert snapshot.totals
        assert snapshot.output.voltage_l1 == word / 10
        assert (snapshot.state.fault_1, snapshot.totals.fault) == (word, word)
        assert snapshot.detail.battery_voltage == word


async def test_rediscovered_inverter_reads_across_a_group_not_polled() -> None:
    unit = complete(THREE_PHASE)
    groups = set(BlockGroup) - {BlockGroup.BACKUP}
    inverter = Inverter(
        unit, served_blocks={Backup}, groups=groups, max_requests=UNLIMITED
    )
    await inverter.read()
    inverter.rediscover()
    await inverter.read()
    await inverter.read()
    assert inverter.stats.last_requests == 6


async def test_image_has_the_words_that_were_read_last() -> None:
    unit = complete(THREE_PHASE)
    inverter = Inverter(unit)
    await inverter.read()
    assert {a: THREE_PHASE.get(a, 0) for a in inverter.image} == inverter.image
    unit.holding[0x0102] = 555
    await inverter.read()
    assert inverter.image[0x0102] == 555
    assert 0x0743 in inverter.image
