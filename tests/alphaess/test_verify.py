"""Orders over a link that loses responses: verified, or reported as unknown."""

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


class LosesResponses(SimulatedInverter):
    """Applies each write, but does not respond to it."""

    loses_response = True

    async def write_registers(self, address: int, values: list[int]) -> None:
        await super().write_registers(address, values)
        if self.loses_response:
            raise ModbusTimeoutError("the response was lost")


class DropsConnection(SimulatedInverter):
    """Drops the connection after the first write, and stays off."""

    async def write_registers(self, address: int, values: list[int]) -> None:
        await super().write_registers(address, values)
        self.switch_off()
        raise ModbusConnectionError("the connection broke")


class BusyAfterWrite(SimulatedInverter):
    """Applies the first write, and is busy after that."""

    async def write_registers(self, address: int, values: list[int]) -> None:
        await super().write_registers(address, values)
        self.behaviour = replace(self.behaviour, exception=6)


def simulated[Unit: SimulatedInverter](kind: type[Unit], **behaviour: Any) -> Unit:
    noon = datetime(2025, 6, 15, 13)  # noqa: DTZ001 - the house's local time
    template = simulate(MODELS["three_phase"], noon, speed=0, soc=50)
    inverter = kind(template.house, template.model, speed=0)
    inverter.behaviour = replace(inverter.behaviour, **behaviour)
    return inverter


def writer(inverter: SimulatedInverter) -> Writer:
    return Writer(inverter, PollStats())


async def test_order_with_lost_response_is_verified_by_read_back() -> None:
    inverter = simulated(LosesResponses)
    one = writer(inverter)
    result = await apply_dispatch(one, ORDER, before=STOP)
    assert result.verdict is Verdict.APPLIED
    assert len(inverter.journal.written) == 1
    assert not one.learned


async def test_stop_with_lost_response_is_verified_by_read_back() -> None:
    inverter = simulated(LosesResponses)
    one = writer(inverter)
    before = (await apply_dispatch(one, ORDER, before=STOP)).applied
    one.learned["order_1"] = WriteFunction.BLOCK
    result = await stop_dispatch(one, before=before)
    assert result.verdict is Verdict.APPLIED
    assert inverter.journal.written[-1].address == START_ADDRESS


async def test_stop_without_response_leaves_outcome_unknown() -> None:
    inverter = simulated(SimulatedInverter)
    one = writer(inverter)
    before = (await apply_dispatch(one, ORDER, before=STOP)).applied
    inverter.behaviour = replace(
        inverter.behaviour, single_write=Reply.SILENT, block_write_of_one=Reply.SILENT
    )
    with pytest.raises(WriteOutcomeUnknownError) as caught:
        await stop_dispatch(one, before=before)
    assert caught.value.kind is ErrorKind.TIMEOUT


async def test_refused_stop_returns_the_running_order() -> None:
    inverter = simulated(SimulatedInverter)
    one = writer(inverter)
    before = (await apply_dispatch(one, ORDER, before=STOP)).applied
    inverter.behaviour = replace(
        inverter.behaviour, single_write=Reply.REFUSED, block_write_of_one=Reply.REFUSED
    )
    result = await stop_dispatch(one, before=before)
    assert result.verdict is Verdict.REFUSED
    assert result.applied == before


async def test_connection_lost_during_order_leaves_outcome_unknown() -> None:
    with pytest.raises(WriteOutcomeUnknownError) as caught:
        await apply_dispatch(writer(simulated(DropsConnection)), ORDER, before=STOP)
    assert caught.value.kind is ErrorKind.RESET


async def test_order_without_response_is_written_by_register() -> None:
    inverter = simulated(
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
class SwitchesOff:
    """Switches off after the first single write."""

    inverter: SimulatedInverter

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inverter, name)

    async def write_register(self, address: int, value: int) -> None:
        try:
            await self.inverter.write_register(address, value)
        finally:
            self.inverter.switch_off()


async def test_refused_order_without_read_back_leaves_outcome_unknown() -> None:
    unit: Any = SwitchesOff(
        simulated(
            SimulatedInverter,
            block_write=Reply.REFUSED,
            block_write_of_one=Reply.REFUSED,
            single_write=Reply.REFUSED,
        )
    )
    with pytest.raises(WriteOutcomeUnknownError):
        await apply_dispatch(writer(unit), ORDER, before=STOP)


async def test_busy_inverter_has_applied_no_order() -> None:
    inverter = simulated(SimulatedInverter, exception=6)
    with pytest.raises(CommunicationError) as caught:
        await apply_dispatch(writer(inverter), ORDER, before=STOP)
    assert caught.value.kind is ErrorKind.BUSY
    assert not isinstance(caught.value, WriteOutcomeUnknownError)


async def test_inverter_busy_after_the_write_leaves_outcome_unknown() -> None:
    inverter = simulated(BusyAfterWrite)
    with pytest.raises(WriteOutcomeUnknownError) as caught:
        await apply_dispatch(writer(inverter), ORDER, before=STOP)
    assert caught.value.kind is ErrorKind.BUSY
    assert inverter.words()[START_ADDRESS]


async def test_inverter_without_dispatch_raises_communication_error() -> None:
    inverter = simulated(SimulatedInverter)
    served = tuple(one for one in inverter.model.served if one.start != 0x0880)
    inverter.model = replace(inverter.model, served=served)
    with pytest.raises(CommunicationError, match="no dispatch orders"):
        await writer(inverter).read_order()
