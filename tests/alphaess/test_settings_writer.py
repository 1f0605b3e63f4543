"""Settings: few writes, in a safe order, verified by reading back."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from math import inf
from typing import Any

from modbus_connection import ModbusError, ModbusTimeoutError, ServerDeviceBusyError
import pytest

from custom_components.alphaess_live.alphaess import settings_writer
from custom_components.alphaess_live.alphaess.errors import (
    CommunicationError,
    ErrorKind,
    TooManyWritesError,
    WriteOutcomeUnknownError,
)
from custom_components.alphaess_live.alphaess.flash_wear import DAILY_LIMIT_WRITES
from custom_components.alphaess_live.alphaess.modbus_request import PollStats
from custom_components.alphaess_live.alphaess.settings_writer import (
    SettingsReading,
    SettingsWrite,
    read_settings,
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


def inverter_with(**behaviour: Any) -> SimulatedInverter:
    noon = datetime(2025, 6, 15, 13)  # noqa: DTZ001 - the house's local time
    inverter = simulate(MODELS["three_phase"], noon, speed=0, soc=50)
    inverter.behaviour = replace(inverter.behaviour, **behaviour)
    return inverter


def writer(inverter: SimulatedInverter) -> Writer:
    return Writer(inverter, PollStats())


def reading(words: Mapping[int, int]) -> SettingsReading:
    """Return words that were read by one request, and prove what is set."""
    return SettingsReading(words=words, spans=(range(min(words), max(words) + 1),))


async def change(
    one: Writer, requested: dict[int, int], *, addresses: range = PERIODS
) -> SettingsWrite:
    """Read the settings, then change them."""
    before = reading(await one.read(addresses))
    return await write_settings(one, requested, before=before)


def writes(inverter: SimulatedInverter) -> list[tuple[int, tuple[int, ...]]]:
    return [(one.address, one.values) for one in inverter.journal.written]


async def test_adjacent_settings_are_one_write_and_the_switch_comes_last() -> None:
    inverter = inverter_with()
    result = await change(writer(inverter), ON)
    assert result.is_applied
    assert result.flash_writes == 3
    assert writes(inverter) == [(0x0856, (1, 5)), (0x085E, (30, 45)), (0x084F, (1,))]


async def test_periods_are_switched_off_before_other_changes() -> None:
    inverter = inverter_with()
    one = writer(inverter)
    await change(one, ON)
    inverter.journal.clear()
    await change(one, {0x084F: 0, 0x0850: 20, 0x0857: 6})
    assert writes(inverter) == [(0x084F, (0,)), (0x0850, (20,)), (0x0857, (6,))]


async def test_unchanged_settings_are_read_back_and_not_written() -> None:
    inverter = inverter_with()
    one = writer(inverter)
    await change(one, ON)
    inverter.journal.clear()
    result = await change(one, ON)
    assert (result.is_applied, result.flash_writes) == (True, 0)
    assert len(inverter.journal.requests) == 2
    assert not inverter.journal.written


@pytest.mark.parametrize(
    ("address", "addresses"),
    [(0x0850, PERIODS), (0x084F, PERIODS), (0x0800, FEED_IN_ADDRESSES)],
)
async def test_word_that_only_seemed_to_be_set_is_written(
    address: int, addresses: range
) -> None:
    inverter = inverter_with()
    one = writer(inverter)
    before = await one.read(addresses)
    right = before[address]
    requested = {address: 2 if right != 2 else 3}
    result = await write_settings(one, requested, before=reading(before | requested))
    assert (result.is_applied, result.flash_writes) == (True, 1)
    assert inverter.words()[address] == requested[address]


async def test_word_that_only_seemed_to_be_set_joins_the_others() -> None:
    inverter = inverter_with()
    one = writer(inverter)
    before = await one.read(PERIODS)
    result = await write_settings(one, ON, before=reading(before | {0x085F: 45}))
    assert (result.is_applied, result.flash_writes) == (True, 4)
    assert ON.items() <= inverter.words().items()


async def test_settings_are_read_until_two_readings_are_the_same() -> None:
    one = writer(inverter_with())
    unit, odd = one.unit, iter((21, 20, 21, 21))
    right = await one.read(PERIODS)

    class OddUnit:
        async def read_holding_registers(self, address: int, count: int) -> list[int]:
            words = await unit.read_holding_registers(address, count)
            return [words[0], next(odd, 20), *words[2:]]

    one.unit = OddUnit()  # type: ignore[assignment]
    assert await read_settings(one, PERIODS) == reading(right | {0x0850: 21})
    odd = iter((21, 20, 21, 20))
    with pytest.raises(CommunicationError):
        await read_settings(one, PERIODS)


async def test_whole_schedule_takes_two_writes() -> None:
    inverter = inverter_with()
    await change(writer(inverter), dict.fromkeys(PERIODS, 3))
    assert len(inverter.journal.written) == 2


@pytest.mark.parametrize(
    ("behaviour", "expected"),
    [
        ({"block_write_of_one": Reply.REFUSED}, 3),
        ({"single_write": Reply.SILENT}, 3),
        ({"block_write_of_one": Reply.REFUSED, "block_write": Reply.REFUSED}, 5),
    ],
)
async def test_settings_are_written_with_the_supported_function(
    behaviour: dict[str, Reply], expected: int
) -> None:
    inverter = inverter_with(**behaviour)
    one = writer(inverter)
    result = await change(one, ON)
    assert result.is_applied
    assert result.flash_writes == expected
    inverter.journal.clear()
    await change(one, {0x084F: 0, 0x0856: 2, 0x0857: 6})
    assert len(inverter.journal.written) == one.flash_writes.total - expected


async def test_refused_change_counts_no_write_and_returns_current_value() -> None:
    inverter = inverter_with(settings=Reply.REFUSED)
    one = writer(inverter)
    result = await change(one, {0x0850: 30})
    assert (result.is_applied, result.refused, result.flash_writes) == (False, True, 0)
    assert result.read_back[0x0850] == 10


@pytest.mark.parametrize(
    ("behaviour", "current"),
    [
        ({"ignores_settings": True}, 10),
        ({"setting_limits": {0x0850: range(10, 21)}}, 20),
    ],
)
async def test_ignored_or_clamped_change_is_not_applied(
    behaviour: dict[str, Any], current: int
) -> None:
    result = await change(writer(inverter_with(**behaviour)), {0x0850: 30})
    assert (result.is_applied, result.refused, result.flash_writes) == (False, False, 1)
    assert result.read_back[0x0850] == current


async def test_connection_lost_after_write_leaves_outcome_unknown() -> None:
    one = writer(inverter_with(drops_link_after_write=True))
    with pytest.raises(WriteOutcomeUnknownError):
        await change(one, {0x0850: 30})
    assert one.flash_writes.total == 1


async def test_interrupted_change_does_not_switch_the_periods_on() -> None:
    inverter = inverter_with(drops_link_after_write=True)
    with pytest.raises(WriteOutcomeUnknownError):
        await change(writer(inverter), ON)
    assert inverter.words()[0x0856] == 1
    assert inverter.words()[0x084F] == 0


class LosesOneResponse(SimulatedInverter):
    """Applies each write, but loses the response to the first one."""

    loses_response = True

    async def write_registers(self, address: int, values: list[int]) -> None:
        await super().write_registers(address, values)
        if self.loses_response:
            self.loses_response = False
            raise ModbusTimeoutError("the response was lost")


@pytest.mark.parametrize("learned", [{}, {"settings": WriteFunction.BLOCK}])
async def test_write_with_lost_response_is_not_repeated(
    learned: dict[str, WriteFunction],
) -> None:
    simulated = inverter_with()
    inverter = LosesOneResponse(simulated.house, simulated.model, speed=0)
    one = writer(inverter)
    one.learned |= learned
    result = await change(one, ON)
    assert result.is_applied
    assert result.flash_writes == 3 == len(inverter.journal.written)


async def test_settings_without_any_response_leave_outcome_unknown() -> None:
    one = writer(inverter_with(settings=Reply.SILENT))
    with pytest.raises(WriteOutcomeUnknownError) as caught:
        await change(one, {0x0850: 30})
    assert caught.value.kind is ErrorKind.TIMEOUT
    assert one.flash_writes.total == 2


async def test_busy_inverter_has_applied_nothing() -> None:
    inverter = inverter_with()
    one = writer(inverter)
    before = reading(await one.read(FEED_IN_ADDRESSES))
    inverter.behaviour = replace(inverter.behaviour, exception=6)
    with pytest.raises(CommunicationError) as caught:
        await write_settings(one, {0x0800: 40}, before=before)
    assert not isinstance(caught.value, WriteOutcomeUnknownError)
    assert one.flash_writes.total == 0


async def test_change_above_the_daily_limit_writes_nothing() -> None:
    inverter = inverter_with()
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


async def test_feed_in_limit_is_written_only_if_it_differs() -> None:
    inverter = inverter_with()
    one = writer(inverter)
    for _ in range(2):
        assert (await change(one, {0x0800: 40}, addresses=FEED_IN_ADDRESSES)).is_applied
    assert writes(inverter) == [(0x0800, (40,))]


async def test_order_and_clock_count_no_flash_write() -> None:
    one = writer(inverter_with())
    await one.write_start(0)
    await one.write_clock(datetime(2026, 2, 28))  # noqa: DTZ001 - the inverter's local time
    assert one.flash_writes.total == 0


class BlankUnit:
    """An inverter whose settings, and all else from 0x0800 to 0x08FF, read as zeros some times."""

    def __init__(self, inverter: SimulatedInverter, *, times: float) -> None:
        self.inverter = inverter
        self.times = times

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inverter, name)

    async def read_holding_registers(self, address: int, count: int) -> list[int]:
        words = await self.inverter.read_holding_registers(address, count)
        self.times -= 1
        is_blank = self.times >= 0 and 0x0800 <= address < 0x0900
        return [0] * count if is_blank else list(words)


SWITCHES = [(0x084F, PERIODS), (0x0800, FEED_IN_ADDRESSES)]


async def blank_writer(address: int, addresses: range, *, times: float) -> Writer:
    """Return the writer of an inverter whose setting is 1, and reads as 0."""
    one = writer(inverter_with())
    await change(one, {address: 1}, addresses=addresses)
    one.unit = BlankUnit(one.unit, times=times)  # type: ignore[arg-type]
    return one


@pytest.mark.parametrize(("address", "addresses"), SWITCHES)
@pytest.mark.parametrize("times", [3, 8, inf])
async def test_settings_of_an_inverter_that_starts_are_written(
    monkeypatch: pytest.MonkeyPatch, address: int, addresses: range, times: float
) -> None:
    monkeypatch.setattr(settings_writer, "BLANK_DELAYS_SECONDS", (0, 0, 0))
    one = await blank_writer(address, addresses, times=times)
    before = await read_settings(one, addresses)
    result = await write_settings(one, {address: 0}, before=before)
    assert (result.is_applied, result.flash_writes) == (True, 1)
    assert one.unit.inverter.words()[address] == 0  # type: ignore[attr-defined]


async def test_limit_of_0_that_is_set_already_is_not_written() -> None:
    inverter = inverter_with()
    one = writer(inverter)
    await change(one, {0x0800: 0}, addresses=FEED_IN_ADDRESSES)
    before = await read_settings(one, FEED_IN_ADDRESSES)
    result = await write_settings(one, {0x0800: 0}, before=before)
    assert (result.is_applied, result.flash_writes) == (True, 0)


async def test_only_setting_of_an_inverter_is_written_though_it_reads_0(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(settings_writer, "BLANK_DELAYS_SECONDS", (0,))
    others = frozenset({*range(0x0801, 0x0812), *PERIODS})
    one = writer(inverter_with(refused_addresses=others))
    await change(one, {0x0800: 0}, addresses=FEED_IN_ADDRESSES)
    before = await read_settings(one, FEED_IN_ADDRESSES)
    for limit in (0, 5):
        result = await write_settings(one, {0x0800: limit}, before=before)
        assert (result.is_applied, result.flash_writes) == (True, 1)


async def test_blank_settings_are_compared_with_others_before_a_write_only() -> None:
    inverter = inverter_with()
    one = writer(inverter)
    await change(one, {0x0800: 0}, addresses=FEED_IN_ADDRESSES)
    inverter.journal.clear()
    before = await read_settings(one, FEED_IN_ADDRESSES)
    assert before.is_certain
    assert len(inverter.journal.requests) == 3
    await write_settings(one, {0x0800: 5}, before=before)
    # Written and read back; not compared with others again, which may be odd by now.
    assert len(inverter.journal.requests) == 5


async def test_settings_that_are_refused_after_the_write_are_no_answer() -> None:
    inverter = inverter_with()
    one = writer(inverter)
    before = await read_settings(one, FEED_IN_ADDRESSES)
    refused = frozenset(FEED_IN_ADDRESSES)
    inverter.behaviour = replace(inverter.behaviour, refused_addresses=refused)
    with pytest.raises(CommunicationError) as caught:
        await write_settings(one, {0x0800: before.words[0x0800]}, before=before)
    assert caught.value.kind is ErrorKind.PROTOCOL
    assert one.flash_writes.total == 0


class FailingUnit(BlankUnit):
    """An inverter of which all settings but the feed-in limit fail."""

    error: type[ModbusError] = ModbusTimeoutError

    async def read_holding_registers(self, address: int, count: int) -> list[int]:
        if 0x0801 <= address < 0x0900:
            self.times -= 1
            raise self.error("no answer")
        return list(await self.inverter.read_holding_registers(address, count))


async def test_other_settings_that_time_out_do_not_prevent_a_write(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(settings_writer, "BLANK_DELAYS_SECONDS", (0, 0, 0))
    one = writer(inverter_with())
    await change(one, {0x0800: 0}, addresses=FEED_IN_ADDRESSES)
    one.unit = unit = FailingUnit(one.unit, times=0)  # type: ignore[arg-type]
    before = await read_settings(one, FEED_IN_ADDRESSES)
    assert not before.is_certain
    assert unit.times == -3  # Each of the others once.
    result = await write_settings(one, {0x0800: 0}, before=before)
    assert (result.is_applied, result.flash_writes) == (True, 1)
    unit.error = ServerDeviceBusyError
    with pytest.raises(CommunicationError) as caught:
        await read_settings(one, FEED_IN_ADDRESSES)
    assert caught.value.kind is ErrorKind.BUSY
