"""Changing settings: as few writes as can be, in an order that is safe, and only what reads back is believed."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from modbus_connection import ModbusTimeoutError
import pytest

from custom_components.alphaess_live.alphaess.errors import (
    CommunicationError,
    ErrorKind,
    TooManyWritesError,
    WriteOutcomeUnknownError,
)
from custom_components.alphaess_live.alphaess.flash_wear import DAILY_LIMIT_WRITES
from custom_components.alphaess_live.alphaess.modbus_request import PollStats
from custom_components.alphaess_live.alphaess.settings_writer import (
    SettingsWrite,
    write_settings,
)
from custom_components.alphaess_live.alphaess.write_policy import (
    FEED_IN_ADDRESSES,
    SETTING_ADDRESSES,
)
from custom_components.alphaess_live.alphaess.writer import WriteFunction, Writer
from custom_components.alphaess_live.simulator.behaviour import Reply
from custom_components.alphaess_live.simulator.demo import simulate
from custom_components.alphaess_live.simulator.models import MODELS
from custom_components.alphaess_live.simulator.simulated_inverter import (
    SimulatedInverter,
)

PERIODS = SETTING_ADDRESSES[1]
WINDOW = {0x0856: 1, 0x0857: 5, 0x085E: 30, 0x085F: 45}
"""Charge from 01:30 to 05:45."""
ON = WINDOW | {0x084F: 1}


def house(**habits: Any) -> SimulatedInverter:
    noon = datetime(2025, 6, 15, 13)  # noqa: DTZ001 - the house's own clock
    inverter = simulate(MODELS["three_phase"], noon, speed=0, soc=50)
    inverter.behaviour = replace(inverter.behaviour, **habits)
    return inverter


def writer(inverter: SimulatedInverter) -> Writer:
    return Writer(inverter, PollStats())


async def change(
    one: Writer, wish: dict[int, int], *, addresses: range = PERIODS
) -> SettingsWrite:
    """Change settings as an order does: after a look at them."""
    return await write_settings(one, wish, before=await one.read(addresses))


def writes(inverter: SimulatedInverter) -> list[tuple[int, tuple[int, ...]]]:
    return [(one.address, one.values) for one in inverter.journal.written]


async def test_neighbours_that_differ_are_one_write_and_the_switch_is_the_last() -> (
    None
):
    inverter = house()
    kept = await change(writer(inverter), ON)
    assert kept.is_applied
    assert kept.flash_writes == 3
    assert writes(inverter) == [(0x0856, (1, 5)), (0x085E, (30, 45)), (0x084F, (1,))]


async def test_periods_are_switched_off_before_anything_else_about_them_changes() -> (
    None
):
    inverter = house()
    one = writer(inverter)
    await change(one, ON)
    inverter.journal.clear()
    await change(one, {0x084F: 0, 0x0850: 20, 0x0857: 6})
    assert writes(inverter) == [(0x084F, (0,)), (0x0850, (20,)), (0x0857, (6,))]


async def test_what_is_so_already_is_neither_written_nor_read_again() -> None:
    inverter = house()
    one = writer(inverter)
    await change(one, ON)
    inverter.journal.clear()
    kept = await change(one, ON)
    assert (kept.is_applied, kept.flash_writes) == (True, 0)
    assert len(inverter.journal.requests) == 1
    assert not inverter.journal.written


async def test_a_whole_schedule_is_two_writes() -> None:
    inverter = house()
    await change(writer(inverter), dict.fromkeys(PERIODS, 3))
    assert len(inverter.journal.written) == 2


@pytest.mark.parametrize(
    ("habits", "expected"),
    [
        ({"block_write_of_one": Reply.REFUSED}, 3),
        ({"single_write": Reply.SILENT}, 3),
        ({"block_write_of_one": Reply.REFUSED, "block_write": Reply.REFUSED}, 5),
    ],
)
async def test_an_inverter_is_written_to_in_the_way_that_it_takes(
    habits: dict[str, Reply], expected: int
) -> None:
    inverter = house(**habits)
    one = writer(inverter)
    kept = await change(one, ON)
    assert kept.is_applied
    assert kept.flash_writes == expected
    inverter.journal.clear()
    await change(one, {0x084F: 0, 0x0856: 2, 0x0857: 6})
    assert len(inverter.journal.written) == one.flash_writes.total - expected


async def test_a_refused_change_is_no_wear_and_what_is_there_is_told() -> None:
    inverter = house(settings=Reply.REFUSED)
    one = writer(inverter)
    kept = await change(one, {0x0850: 30})
    assert (kept.is_applied, kept.refused, kept.flash_writes) == (False, True, 0)
    assert kept.read_back[0x0850] == 10


@pytest.mark.parametrize(
    ("habits", "there"),
    [
        ({"ignores_settings": True}, 10),
        ({"setting_limits": {0x0850: range(10, 21)}}, 20),
    ],
)
async def test_a_change_that_is_ignored_or_clamped_is_not_done(
    habits: dict[str, Any], there: int
) -> None:
    kept = await change(writer(house(**habits)), {0x0850: 30})
    assert (kept.is_applied, kept.refused, kept.flash_writes) == (False, False, 1)
    assert kept.read_back[0x0850] == there


async def test_an_inverter_that_dies_after_a_write_leaves_it_unknown() -> None:
    one = writer(house(drops_link_after_write=True))
    with pytest.raises(WriteOutcomeUnknownError):
        await change(one, {0x0850: 30})
    assert one.flash_writes.total == 1


async def test_a_torn_change_has_not_switched_the_periods_on() -> None:
    inverter = house(drops_link_after_write=True)
    with pytest.raises(WriteOutcomeUnknownError):
        await change(writer(inverter), ON)
    assert inverter.words()[0x0856] == 1
    assert inverter.words()[0x084F] == 0


class LosesOneAnswer(SimulatedInverter):
    """Takes what is written, and is silent about it once."""

    loses = True

    async def write_registers(self, address: int, values: list[int]) -> None:
        await super().write_registers(address, values)
        if self.loses:
            self.loses = False
            raise ModbusTimeoutError("the answer was lost")


@pytest.mark.parametrize("known", [{}, {"settings": WriteFunction.BLOCK}])
async def test_a_write_whose_answer_was_lost_is_not_made_again(
    known: dict[str, WriteFunction],
) -> None:
    imagined = house()
    inverter = LosesOneAnswer(imagined.house, imagined.model, speed=0)
    one = writer(inverter)
    one.learned |= known
    kept = await change(one, ON)
    assert kept.is_applied
    assert kept.flash_writes == 3 == len(inverter.journal.written)


async def test_an_inverter_that_takes_no_writes_and_says_nothing_leaves_it_unknown() -> (
    None
):
    one = writer(house(settings=Reply.SILENT))
    with pytest.raises(WriteOutcomeUnknownError) as caught:
        await change(one, {0x0850: 30})
    assert caught.value.kind is ErrorKind.TIMEOUT
    assert one.flash_writes.total == 2


async def test_a_busy_inverter_has_written_nothing() -> None:
    inverter = house()
    one = writer(inverter)
    before = await one.read(FEED_IN_ADDRESSES)
    inverter.behaviour = replace(inverter.behaviour, exception=6)
    with pytest.raises(CommunicationError) as caught:
        await write_settings(one, {0x0800: 40}, before=before)
    assert not isinstance(caught.value, WriteOutcomeUnknownError)
    assert one.flash_writes.total == 0


async def test_above_the_bound_no_change_is_begun() -> None:
    inverter = house()
    one = writer(inverter)
    for _ in range(DAILY_LIMIT_WRITES - 2):
        one.flash_writes.record()
    with pytest.raises(TooManyWritesError):
        await change(one, ON)
    assert not inverter.journal.written
    assert (await change(one, {0x0850: 30})).is_applied
    assert (await change(one, {0x0850: 30})).is_applied
    with pytest.raises(TooManyWritesError):
        await change(one, {0x0850: 31, 0x0855: 80})


async def test_the_limit_of_the_feed_in_is_written_only_if_it_changes() -> None:
    inverter = house()
    one = writer(inverter)
    for _ in range(2):
        assert (await change(one, {0x0800: 40}, addresses=FEED_IN_ADDRESSES)).is_applied
    assert writes(inverter) == [(0x0800, (40,))]


async def test_an_order_wears_out_nothing() -> None:
    one = writer(house())
    await one.write_start(0)
    await one.write_clock(datetime(2026, 2, 28))  # noqa: DTZ001 - the inverter's own time
    assert one.flash_writes.total == 0
