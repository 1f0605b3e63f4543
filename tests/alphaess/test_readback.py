"""Giving an order over a link that loses answers: what is known afterwards, and what is not."""

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from modbus_connection import ModbusConnectionError, ModbusTimeoutError
import pytest

from custom_components.alphaess_live.alphaess.dispatch import STOP, charge
from custom_components.alphaess_live.alphaess.errors import (
    CommunicationError,
    ErrorKind,
    Verdict,
    WriteOutcomeUnknownError,
)
from custom_components.alphaess_live.alphaess.modbus_request import PollStats
from custom_components.alphaess_live.alphaess.verify import (
    apply_dispatch,
    stop_dispatch,
)
from custom_components.alphaess_live.alphaess.writer import (
    START_ADDRESS,
    WriteFunction,
    Writer,
)
from custom_components.alphaess_live.simulator.behaviour import Reply
from custom_components.alphaess_live.simulator.demo import simulate
from custom_components.alphaess_live.simulator.models import MODELS
from custom_components.alphaess_live.simulator.simulated_inverter import (
    SimulatedInverter,
)

ORDER = charge(power=3000, target_soc=80, duration=3600)


class LosesAnswers(SimulatedInverter):
    """Takes what is written, and stays silent about it."""

    loses = True

    async def write_registers(self, address: int, values: list[int]) -> None:
        await super().write_registers(address, values)
        if self.loses:
            raise ModbusTimeoutError("the answer was lost")


class BreaksOff(SimulatedInverter):
    """Drops the connection as soon as something was written, and never comes back."""

    async def write_registers(self, address: int, values: list[int]) -> None:
        await super().write_registers(address, values)
        self.switch_off()
        raise ModbusConnectionError("the connection broke")


class BusyAfterwards(SimulatedInverter):
    """Takes what is written, and has no time for anything after that."""

    async def write_registers(self, address: int, values: list[int]) -> None:
        await super().write_registers(address, values)
        self.behaviour = replace(self.behaviour, exception=6)


def house[Unit: SimulatedInverter](kind: type[Unit], **habits: Any) -> Unit:
    noon = datetime(2025, 6, 15, 13)  # noqa: DTZ001 - the house's own clock
    imagined = simulate(MODELS["three_phase"], noon, speed=0, soc=50)
    inverter = kind(imagined.house, imagined.model, speed=0)
    inverter.behaviour = replace(inverter.behaviour, **habits)
    return inverter


def writer(inverter: SimulatedInverter) -> Writer:
    return Writer(inverter, PollStats())


async def test_an_order_whose_answer_was_lost_is_found_by_reading_back() -> None:
    inverter = house(LosesAnswers)
    one = writer(inverter)
    result = await apply_dispatch(one, ORDER, before=STOP)
    assert result.verdict is Verdict.APPLIED
    assert len(inverter.journal.written) == 1
    assert not one.learned


async def test_a_stop_whose_answer_was_lost_is_found_by_reading_back() -> None:
    inverter = house(LosesAnswers)
    one = writer(inverter)
    before = (await apply_dispatch(one, ORDER, before=STOP)).applied
    one.learned["order_1"] = WriteFunction.BLOCK
    result = await stop_dispatch(one, before=before)
    assert result.verdict is Verdict.APPLIED
    assert inverter.journal.written[-1].address == START_ADDRESS


async def test_a_stop_that_nobody_answers_is_unknown() -> None:
    inverter = house(SimulatedInverter)
    one = writer(inverter)
    before = (await apply_dispatch(one, ORDER, before=STOP)).applied
    inverter.behaviour = replace(
        inverter.behaviour, single_write=Reply.SILENT, block_write_of_one=Reply.SILENT
    )
    with pytest.raises(WriteOutcomeUnknownError) as caught:
        await stop_dispatch(one, before=before)
    assert caught.value.kind is ErrorKind.TIMEOUT


async def test_a_stop_that_is_refused_says_what_still_runs() -> None:
    inverter = house(SimulatedInverter)
    one = writer(inverter)
    before = (await apply_dispatch(one, ORDER, before=STOP)).applied
    inverter.behaviour = replace(
        inverter.behaviour, single_write=Reply.REFUSED, block_write_of_one=Reply.REFUSED
    )
    result = await stop_dispatch(one, before=before)
    assert result.verdict is Verdict.REFUSED
    assert result.applied == before


async def test_a_link_that_breaks_while_an_order_is_written_leaves_it_unknown() -> None:
    with pytest.raises(WriteOutcomeUnknownError) as caught:
        await apply_dispatch(writer(house(BreaksOff)), ORDER, before=STOP)
    assert caught.value.kind is ErrorKind.RESET


async def test_a_device_that_is_silent_to_whole_orders_gets_them_piece_by_piece() -> (
    None
):
    inverter = house(
        SimulatedInverter, block_write=Reply.SILENT, block_write_of_one=Reply.SILENT
    )
    one = writer(inverter)
    assert (await apply_dispatch(one, ORDER, before=STOP)).verdict is Verdict.APPLIED
    assert one.learned["order_9"] is WriteFunction.SINGLE
    inverter.journal.clear()
    await apply_dispatch(one, replace(ORDER, power=-2000), before=STOP)
    functions = {request.function for request in inverter.journal.written}
    assert functions == {0x06}


@dataclass
class GoesAway:
    """Refuses an order, and answers nothing after that."""

    inverter: SimulatedInverter

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inverter, name)

    async def write_register(self, address: int, value: int) -> None:
        try:
            await self.inverter.write_register(address, value)
        finally:
            self.inverter.switch_off()


async def test_a_refusal_that_cannot_be_read_back_is_unknown() -> None:
    unit: Any = GoesAway(
        house(
            SimulatedInverter,
            block_write=Reply.REFUSED,
            block_write_of_one=Reply.REFUSED,
            single_write=Reply.REFUSED,
        )
    )
    with pytest.raises(WriteOutcomeUnknownError):
        await apply_dispatch(writer(unit), ORDER, before=STOP)


async def test_a_busy_inverter_took_nothing() -> None:
    inverter = house(SimulatedInverter, exception=6)
    with pytest.raises(CommunicationError) as caught:
        await apply_dispatch(writer(inverter), ORDER, before=STOP)
    assert caught.value.kind is ErrorKind.BUSY
    assert not isinstance(caught.value, WriteOutcomeUnknownError)


async def test_an_inverter_that_is_busy_after_it_was_told_may_have_taken_it() -> None:
    inverter = house(BusyAfterwards)
    with pytest.raises(WriteOutcomeUnknownError) as caught:
        await apply_dispatch(writer(inverter), ORDER, before=STOP)
    assert caught.value.kind is ErrorKind.BUSY
    assert inverter.words()[START_ADDRESS]


async def test_an_inverter_without_orders_says_so() -> None:
    inverter = house(SimulatedInverter)
    served = tuple(one for one in inverter.model.served if one.start != 0x0880)
    inverter.model = replace(inverter.model, served=served)
    with pytest.raises(CommunicationError, match="no dispatch orders"):
        await writer(inverter).read_order()
