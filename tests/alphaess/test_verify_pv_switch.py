"""The PV switch: written with an order or while it runs, and verified by reading back."""

from dataclasses import replace
from datetime import datetime
from typing import Any

from hypothesis import HealthCheck, given, settings, strategies as st
import pytest

from custom_components.alphaess_live.alphaess.dispatch import (
    STOP,
    charge,
    discharge,
    hold,
    pv_enabled,
)
from custom_components.alphaess_live.alphaess.errors import Verdict
from custom_components.alphaess_live.alphaess.modbus_request import PollStats
from custom_components.alphaess_live.alphaess.registers import (
    DispatchDetail,
    DispatchOrder,
)
from custom_components.alphaess_live.alphaess.verify import (
    apply_dispatch,
    set_pv_switch,
    stop_dispatch,
)
from custom_components.alphaess_live.alphaess.writer import WriteFunction, Writer
from custom_components.alphaess_live.simulator.behaviour import Reply
from custom_components.alphaess_live.simulator.demo import simulate
from custom_components.alphaess_live.simulator.models import MODELS
from custom_components.alphaess_live.simulator.simulated_inverter import (
    SimulatedInverter,
)

ORDER = charge(power=3000, target_soc=80, duration=3600)
ORDER_ADDRESSES = list(range(0x0880, 0x0889))
ORDER_AND_PV_ADDRESSES = list(range(0x0880, 0x088B))
PV_SWITCH = 0x088A
ENERGY_ROUTING = 0x0889
WITHOUT_DEADLINE = settings(
    deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)


@pytest.fixture(autouse=True)
def no_delays(monkeypatch: pytest.MonkeyPatch) -> None:
    """Repeat the reads without pauses."""
    where = "custom_components.alphaess_live.alphaess.verify.READBACK_DELAYS_SECONDS"
    monkeypatch.setattr(where, (0, 0))


def inverter(**behaviour: Any) -> SimulatedInverter:
    noon = datetime(2025, 6, 15, 13)  # noqa: DTZ001 - the house's local time
    one = simulate(MODELS["three_phase"], noon, speed=0, soc=50)
    one.behaviour = replace(one.behaviour, **behaviour)
    return one


def writer(unit: SimulatedInverter) -> Writer:
    return Writer(unit, PollStats(), served={DispatchDetail})


def written_addresses(unit: SimulatedInverter) -> list[int]:
    """Return the written addresses, in the order of writing."""
    return [
        at
        for one in unit.journal.written
        for at in range(one.address, one.address + one.count)
    ]


ORDERS = st.one_of(
    st.builds(
        charge,
        power=st.integers(1, 20_000),
        target_soc=st.floats(4, 100),
        duration=st.integers(60, 86_400),
    ),
    st.builds(
        discharge,
        power=st.integers(1, 20_000),
        target_soc=st.floats(4, 99.7),
        duration=st.integers(60, 86_400),
    ),
    st.builds(hold, duration=st.integers(60, 86_400)),
)


@WITHOUT_DEADLINE
@given(ORDERS)
async def test_order_without_pv_switch_writes_nine_registers(
    order: DispatchOrder,
) -> None:
    unit = inverter()
    one = writer(unit)
    result = await apply_dispatch(one, order, before=await one.read_order())
    assert result.verdict is Verdict.APPLIED
    assert written_addresses(unit) == ORDER_ADDRESSES
    await stop_dispatch(one, before=result.applied)
    assert written_addresses(unit) == [*ORDER_ADDRESSES, ORDER_ADDRESSES[0]]


@WITHOUT_DEADLINE
@given(ORDERS, st.booleans(), st.integers(0, 0xFFFF))
async def test_order_with_pv_switch_writes_eleven_and_keeps_0889(
    order: DispatchOrder,
    pv: bool,  # noqa: FBT001 - generated
    routing: int,
) -> None:
    unit = inverter()
    unit.write_as_app(ENERGY_ROUTING, routing)
    one = writer(unit)
    result = await apply_dispatch(one, order, before=await one.read_order(), pv=pv)
    assert (result.verdict, result.applied_pv) == (Verdict.APPLIED, pv)
    assert written_addresses(unit) == ORDER_AND_PV_ADDRESSES
    assert unit.words()[PV_SWITCH] == (1 if pv else 2)
    assert unit.words()[ENERGY_ROUTING] == routing


@pytest.mark.parametrize(
    "behaviour",
    [
        {"block_write": Reply.REFUSED},
        {"block_write": Reply.REFUSED, "block_write_of_one": Reply.REFUSED},
        {"block_write": Reply.SILENT, "block_write_of_one": Reply.SILENT},
    ],
)
async def test_order_by_register_writes_pv_switch_before_start_flag(
    behaviour: dict[str, Any],
) -> None:
    unit = inverter(**behaviour)
    one = writer(unit)
    await one.read_order()
    unit.journal.clear()
    result = await apply_dispatch(one, ORDER, before=STOP, pv=False)
    assert result.verdict is Verdict.APPLIED
    assert written_addresses(unit)[-2:] == [PV_SWITCH, 0x0880]
    assert ENERGY_ROUTING not in written_addresses(unit)[len(ORDER_AND_PV_ADDRESSES) :]
    assert one.learned["order_11"] is WriteFunction.SINGLE
    assert "order_9" not in one.learned
    unit.advance(1)
    assert not unit.house.flow.solar


@pytest.mark.parametrize("pv", [True, False])
async def test_order_whose_pv_switch_is_ignored_is_stopped(*, pv: bool) -> None:
    unit = inverter(ignores_pv_switch=True)
    unit.behaviour = replace(unit.behaviour, ignores_pv_switch=False)
    await unit.write_registers(PV_SWITCH, [2 if pv else 1])
    unit.behaviour = replace(unit.behaviour, ignores_pv_switch=True)
    one = writer(unit)
    result = await apply_dispatch(one, ORDER, before=await one.read_order(), pv=pv)
    assert result.verdict is Verdict.PV_IGNORED
    assert result.applied_pv is not pv
    assert not (await one.read_order()).start


async def test_ignored_order_with_pv_switch_leaves_the_running_order() -> None:
    unit = inverter()
    one = writer(unit)
    first = await apply_dispatch(one, ORDER, before=await one.read_order())
    unit.behaviour = replace(unit.behaviour, ignores_writes=True)
    other = replace(ORDER, power=-2000)
    result = await apply_dispatch(one, other, before=first.applied, pv=False)
    assert result.verdict is Verdict.IGNORED
    assert not result.is_partly_applied
    assert (await one.read_order()).power == -3000


async def test_clamped_order_with_pv_switch_is_clamped() -> None:
    unit = inverter(power_limit=2000)
    one = writer(unit)
    result = await apply_dispatch(one, ORDER, before=await one.read_order(), pv=False)
    assert (result.verdict, result.applied_pv) == (Verdict.CLAMPED, False)


async def test_pv_switch_of_the_running_order_takes_one_write() -> None:
    unit = inverter()
    one = writer(unit)
    running = (await apply_dispatch(one, ORDER, before=await one.read_order())).applied
    for on, word in ((False, 2), (True, 1)):
        unit.journal.clear()
        result = await set_pv_switch(one, on=on, running=running)
        assert (result.verdict, result.applied_pv) == (Verdict.APPLIED, on)
        (request,) = unit.journal.written
        assert (request.address, request.values) == (PV_SWITCH, (word,))


@pytest.mark.parametrize(
    ("behaviour", "verdict"),
    [
        ({"ignores_writes": True}, Verdict.PV_IGNORED),
        ({"ignores_pv_switch": True}, Verdict.PV_IGNORED),
        (
            {"block_write_of_one": Reply.REFUSED, "single_write": Reply.REFUSED},
            Verdict.REFUSED,
        ),
    ],
)
async def test_pv_switch_not_applied_leaves_the_order_running(
    behaviour: dict[str, Any], verdict: Verdict
) -> None:
    unit = inverter()
    one = writer(unit)
    running = (await apply_dispatch(one, ORDER, before=await one.read_order())).applied
    unit.behaviour = replace(unit.behaviour, **behaviour)
    result = await set_pv_switch(one, on=False, running=running)
    assert (result.verdict, result.applied_pv) == (verdict, True)
    assert (await one.read_order()).start


async def test_stop_resets_pv_switch_before_the_start_flag() -> None:
    unit = inverter(keeps_pv_switch=True)
    one = writer(unit)
    running = (
        await apply_dispatch(one, ORDER, before=await one.read_order(), pv=False)
    ).applied
    unit.journal.clear()
    result = await stop_dispatch(one, before=running)
    assert (result.verdict, result.applied_pv) == (Verdict.APPLIED, True)
    assert written_addresses(unit) == [PV_SWITCH, 0x0880]


async def test_stop_whose_pv_switch_is_ignored_stops_the_order() -> None:
    unit = inverter(keeps_pv_switch=True)
    one = writer(unit)
    running = (
        await apply_dispatch(one, ORDER, before=await one.read_order(), pv=False)
    ).applied
    unit.behaviour = replace(unit.behaviour, ignores_pv_switch=True)
    result = await stop_dispatch(one, before=running)
    assert (result.verdict, result.applied_pv) == (Verdict.PV_IGNORED, False)
    assert not (await one.read_order()).start


@pytest.mark.parametrize("reply", [Reply.REFUSED, Reply.SILENT])
async def test_stop_whose_pv_switch_has_no_response_stops_the_order(
    reply: Reply,
) -> None:
    unit = inverter(pv_switch_alone=reply)
    one = writer(unit)
    running = (
        await apply_dispatch(one, ORDER, before=await one.read_order(), pv=False)
    ).applied
    result = await stop_dispatch(one, before=running)
    assert (result.verdict, result.applied_pv) == (Verdict.APPLIED, True)
    assert not (await one.read_order()).start


async def test_order_of_older_firmware_is_read_without_pv_switch() -> None:
    unit = inverter()
    one = Writer(unit, PollStats())
    await one.read_order()
    assert [request.count for request in unit.journal.requests] == [9]
    assert one.detail is None
    assert pv_enabled(one.detail) is None
    assert pv_enabled(DispatchDetail(energy_routing=None, pv_switch=None)) is None
