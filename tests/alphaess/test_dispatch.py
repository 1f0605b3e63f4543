"""What an order is in words, what it reads like, and how it is written."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from typing import Any

from hypothesis import given, strategies as st
from modbus_connection import ModbusUnit
import pytest

from custom_components.alphaess_live.alphaess.dispatch import (
    STOP,
    BatteryAction,
    battery_action,
    charge,
    compare,
    discharge,
    hold,
    rounded_to_registers,
    to_dict,
)
from custom_components.alphaess_live.alphaess.errors import (
    IllegalRequestError,
    InvalidDispatchError,
    Verdict,
)
from custom_components.alphaess_live.alphaess.modbus_request import PollStats
from custom_components.alphaess_live.alphaess.registers import (
    DispatchMode,
    DispatchOrder,
)
from custom_components.alphaess_live.alphaess.registers.enums import DISPATCH_MODES
from custom_components.alphaess_live.alphaess.write_policy import (
    DISPATCH_ADDRESSES,
    FORBIDDEN,
    INSTALLATION_ADDRESSES,
    SETTING_ADDRESSES,
)
from custom_components.alphaess_live.alphaess.writer import WriteFunction, Writer
from custom_components.alphaess_live.simulator.behaviour import Reply
from custom_components.alphaess_live.simulator.demo import simulate
from custom_components.alphaess_live.simulator.models import MODELS
from custom_components.alphaess_live.simulator.simulated_inverter import (
    SimulatedInverter,
)

STEP = 0.4
"""%; what one step of the target's register stands for."""

POWERS = st.integers(1, 20_000)
TARGETS = st.floats(4, 100)
DURATIONS = st.integers(60, 86_400)


def unit() -> SimulatedInverter:
    noon = datetime(2025, 6, 15, 13)  # noqa: DTZ001 - the house's own clock
    return simulate(MODELS["three_phase"], noon, speed=0, soc=50)


def writer(inverter: ModbusUnit) -> Writer:
    return Writer(inverter, PollStats())


@given(POWERS, TARGETS, DURATIONS, st.sampled_from((charge, discharge)))
def test_every_order_reads_back_as_it_was_given(
    power: int, target: float, duration: int, order_to: Callable[..., DispatchOrder]
) -> None:
    order = order_to(power=power, target_soc=target, duration=duration)
    read = rounded_to_registers(order)
    assert replace(read, target_soc=order.target_soc) == order
    assert abs(read.target_soc - target) <= STEP
    assert to_dict(read)["power"] == power
    assert compare(order, read, before=STOP).verdict is Verdict.APPLIED


@given(POWERS, TARGETS, DURATIONS, st.sampled_from((charge, discharge)))
def test_no_order_touches_anything_but_its_nine_registers(
    power: int, target: float, duration: int, order_to: Callable[..., DispatchOrder]
) -> None:
    words = order_to(power=power, target_soc=target, duration=duration).encode()
    assert sorted(words) == list(range(0x0880, 0x0889)) == list(DISPATCH_ADDRESSES)
    assert all(0 <= word <= 0xFFFF for word in words.values())
    forbidden = {
        at
        for span in (*SETTING_ADDRESSES, *INSTALLATION_ADDRESSES, *FORBIDDEN)
        for at in span
    }
    assert not forbidden & words.keys()


@given(DURATIONS)
def test_a_hold_is_an_order_at_no_power_that_no_target_ends(duration: int) -> None:
    order = rounded_to_registers(hold(duration=duration))
    assert (order.power, order.target_soc, order.duration) == (0, 100, duration)
    assert battery_action(order) is BatteryAction.HOLDING
    assert to_dict(order) == {"action": "hold", "duration": duration}


@pytest.mark.parametrize(
    ("order", "words"),
    [
        (
            charge(power=3000, target_soc=80, duration=3600),
            [1, 0, 29000, 0, 32000, 2, 200, 0, 3600],
        ),
        (
            charge(power=20_000, target_soc=100, duration=86_400),
            [1, 0, 12000, 0, 32000, 2, 255, 1, 20864],
        ),
        (
            discharge(power=5000, target_soc=10, duration=60),
            [1, 0, 37000, 0, 32000, 2, 25, 0, 60],
        ),
        (
            discharge(power=20_000, target_soc=4, duration=60),
            [1, 0, 52000, 0, 32000, 2, 10, 0, 60],
        ),
        (hold(duration=900), [1, 0, 32000, 0, 32000, 2, 255, 0, 900]),
    ],
)
def test_the_words_are_those_that_the_field_sends(
    order: DispatchOrder, words: list[int]
) -> None:
    assert [order.encode()[at] for at in DISPATCH_ADDRESSES] == words


@pytest.mark.parametrize(("code", "mode"), DISPATCH_MODES.items())
def test_every_mode_of_the_table_has_a_name(code: int, mode: DispatchMode) -> None:
    words = hold(duration=60).encode() | {0x0885: code}
    order = DispatchOrder.decode(words)
    assert order.mode is mode
    ours = mode in (DispatchMode.SOC_CONTROL, DispatchMode.OSW_SOC_CONTROL)
    assert battery_action(order) is (
        BatteryAction.HOLDING if ours else BatteryAction.OTHER
    )
    if not ours:
        assert to_dict(order)["mode"] == mode.value


def test_a_mode_that_no_document_names_is_somebody_elses() -> None:
    order = DispatchOrder.decode(hold(duration=60).encode() | {0x0885: 99})
    assert battery_action(order) is BatteryAction.OTHER
    assert to_dict(order)["mode"] is None


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1, 0])
def test_what_is_no_number_is_no_order(value: float) -> None:
    for changes in ({"power": value}, {"target_soc": value}, {"duration": value}):
        usual: dict[str, Any] = {"power": 3000, "target_soc": 80, "duration": 3600}
        with pytest.raises(InvalidDispatchError) as caught:
            charge(**usual | changes)
        assert [caught.value.field] == list(changes)


ASKED = discharge(power=3000, target_soc=20, duration=3600)
APP = charge(power=5000, target_soc=100, duration=5580)


@pytest.mark.parametrize(
    ("reads", "verdict"),
    [
        (ASKED, Verdict.APPLIED),
        (replace(ASKED, power=2500), Verdict.CLAMPED),
        (replace(ASKED, duration=1800), Verdict.CLAMPED),
        (replace(ASKED, power=0), Verdict.IGNORED),
        (STOP, Verdict.IGNORED),
        (replace(ASKED, power=3001), Verdict.OVERWRITTEN),
        (replace(ASKED, power=-2500), Verdict.OVERWRITTEN),
        (replace(ASKED, target_soc=24), Verdict.OVERWRITTEN),
        (replace(ASKED, duration=7200), Verdict.OVERWRITTEN),
        (replace(ASKED, start=0), Verdict.OVERWRITTEN),
        (APP, Verdict.OVERWRITTEN),
    ],
)
def test_what_reads_back_tells_what_became_of_an_order(
    reads: DispatchOrder, verdict: Verdict
) -> None:
    assert compare(ASKED, reads, before=STOP).verdict is verdict


@pytest.mark.parametrize("power", [-3000, 1, 3000])
def test_a_battery_that_does_not_rest_is_no_weaker_hold(power: int) -> None:
    asked, before = hold(duration=3600), replace(ASKED, power=power, target_soc=100)
    left = replace(before, duration=3600)
    for earlier in (STOP, replace(before, duration=7200)):
        assert compare(asked, left, before=earlier).verdict is Verdict.OVERWRITTEN


def test_any_order_that_does_not_run_is_a_stop() -> None:
    left = replace(ASKED, start=0)
    assert compare(STOP, left, before=ASKED).verdict is Verdict.APPLIED
    assert compare(STOP, ASKED, before=ASKED).verdict is Verdict.IGNORED
    assert compare(STOP, APP, before=ASKED).verdict is Verdict.OVERWRITTEN


async def test_a_function_that_no_longer_works_is_unlearned() -> None:
    inverter = unit()
    one = writer(inverter)
    one.learned["order_1"] = WriteFunction.SINGLE
    inverter.behaviour = replace(inverter.behaviour, single_write=Reply.REFUSED)
    await one.write_start(0)
    assert one.learned["order_1"] is WriteFunction.BLOCK


async def test_an_order_that_is_torn_half_way_does_not_run() -> None:
    inverter = unit()
    inverter.behaviour = replace(inverter.behaviour, block_write=Reply.REFUSED)
    one = writer(inverter)
    await one.write_order_by_register(ASKED)
    inverter.behaviour = replace(inverter.behaviour, single_write=Reply.REFUSED)
    with pytest.raises(IllegalRequestError):
        await one.write_order_by_register(APP)
    assert not (await one.read_order()).start
