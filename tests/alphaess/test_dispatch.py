"""Dispatch orders: their registers, their form in the API, and the comparison with what reads back."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hypothesis import given, strategies as st
import pytest

from custom_components.alphaess_live.alphaess.dispatch import (
    STOP,
    BatteryAction,
    HoldBlock,
    battery_action,
    charge,
    compare,
    discharge,
    hold,
    hold_block,
    make_distinguishable,
    rounded_to_registers,
    to_dict,
)
from custom_components.alphaess_live.alphaess.errors import (
    InvalidDispatchError,
    PointlessDischargeError,
    Verdict,
)
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

TARGET_STEP_PERCENT = 0.4
"""The % of one step of the target's register."""

POWERS = st.integers(1, 20_000)
TARGETS = st.floats(4, 99.7)
"""Targets of both orders; 100 % is one of charging alone."""
DURATIONS = st.integers(60, 86_400)


@given(POWERS, TARGETS, DURATIONS, st.sampled_from((charge, discharge)))
def test_order_encoded_and_decoded_is_unchanged(
    power: int, target: float, duration: int, order_to: Callable[..., DispatchOrder]
) -> None:
    order = order_to(power=power, target_soc=target, duration=duration)
    read = rounded_to_registers(order)
    assert replace(read, target_soc=order.target_soc) == order
    assert abs(read.target_soc - target) <= TARGET_STEP_PERCENT
    assert to_dict(read)["power"] == power
    assert compare(order, read, before=STOP).verdict is Verdict.APPLIED


@given(st.floats(99, 100))
def test_discharge_never_writes_a_target_of_100_percent(target: float) -> None:
    try:
        order = discharge(power=3000, target_soc=target, duration=3600)
    except PointlessDischargeError:
        assert round(target * 2.5) == 250
    else:
        assert order.encode()[0x0886] == round(target * 2.5) < 250


@given(POWERS, TARGETS, DURATIONS, st.sampled_from((charge, discharge)))
def test_order_encoded_uses_only_its_nine_registers(
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
def test_hold_has_no_power_and_a_target_that_does_not_end_it(duration: int) -> None:
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
def test_order_words_equal_those_of_other_clients(
    order: DispatchOrder, words: list[int]
) -> None:
    assert [order.encode()[at] for at in DISPATCH_ADDRESSES] == words


@pytest.mark.parametrize(("code", "mode"), DISPATCH_MODES.items())
def test_mode_of_each_documented_code_is_decoded(code: int, mode: DispatchMode) -> None:
    words = hold(duration=60).encode() | {0x0885: code}
    order = DispatchOrder.decode(words)
    assert order.mode is mode
    block = {
        DispatchMode.SOC_CONTROL: HoldBlock.BOTH,
        DispatchMode.OSW_SOC_CONTROL: HoldBlock.BOTH,
        DispatchMode.PV_CHARGE_ONLY: HoldBlock.DISCHARGE,
        DispatchMode.OSW_PV_CHARGE_ONLY: HoldBlock.DISCHARGE,
        DispatchMode.NO_CHARGE: HoldBlock.CHARGE,
        DispatchMode.OSW_NO_CHARGE: HoldBlock.CHARGE,
    }.get(mode)
    assert hold_block(order) is block
    assert battery_action(order) is (
        BatteryAction.HOLDING if block else BatteryAction.OTHER
    )
    if not block:
        assert to_dict(order)["mode"] == mode.value


def test_mode_of_unknown_code_is_another_programs() -> None:
    order = DispatchOrder.decode(hold(duration=60).encode() | {0x0885: 99})
    assert battery_action(order) is BatteryAction.OTHER
    assert to_dict(order)["mode"] is None


@pytest.mark.parametrize("value", [float("nan"), float("inf"), -1, 0])
def test_order_with_invalid_number_is_rejected(value: float) -> None:
    for changes in ({"power": value}, {"target_soc": value}, {"duration": value}):
        valid: dict[str, Any] = {"power": 3000, "target_soc": 80, "duration": 3600}
        with pytest.raises(InvalidDispatchError) as caught:
            charge(**valid | changes)
        assert [caught.value.field] == list(changes)


REQUESTED = discharge(power=3000, target_soc=20, duration=3600)
APP = charge(power=5000, target_soc=100, duration=5580)


@pytest.mark.parametrize(
    ("read_back", "verdict"),
    [
        (REQUESTED, Verdict.APPLIED),
        (replace(REQUESTED, power=2500), Verdict.CLAMPED),
        (replace(REQUESTED, duration=1800), Verdict.CLAMPED),
        (replace(REQUESTED, power=0), Verdict.IGNORED),
        (STOP, Verdict.IGNORED),
        (replace(REQUESTED, power=3001), Verdict.OVERWRITTEN),
        (replace(REQUESTED, power=-2500), Verdict.OVERWRITTEN),
        (replace(REQUESTED, target_soc=24), Verdict.OVERWRITTEN),
        (replace(REQUESTED, duration=7200), Verdict.OVERWRITTEN),
        (replace(REQUESTED, start=0), Verdict.OVERWRITTEN),
        (APP, Verdict.OVERWRITTEN),
    ],
)
def test_compare_of_requested_and_read_back_gives_verdict(
    read_back: DispatchOrder, verdict: Verdict
) -> None:
    assert compare(REQUESTED, read_back, before=STOP).verdict is verdict


def test_compare_with_limited_earlier_order_is_ignored() -> None:
    earlier = replace(REQUESTED, power=4000, duration=1800)
    limited = replace(earlier, power=2500)
    result = compare(REQUESTED, limited, before=STOP, earlier=[earlier])
    assert result.verdict is Verdict.IGNORED
    limited = replace(REQUESTED, power=2500)
    result = compare(REQUESTED, limited, before=STOP, earlier=[earlier])
    assert result.verdict is Verdict.CLAMPED


@pytest.mark.parametrize(
    ("before", "pending", "duration"),
    [
        (STOP, [], 3600),
        (REQUESTED, [], 3599),
        (replace(REQUESTED, power=2500), [], 3599),
        (replace(REQUESTED, power=4000), [], 3600),
        (STOP, [REQUESTED], 3599),
        (REQUESTED, [replace(REQUESTED, duration=3599)], 3598),
        (STOP, [REQUESTED, replace(REQUESTED, duration=3599)], 3598),
        (STOP, [replace(REQUESTED, power=4000)], 3599),
        (STOP, [replace(REQUESTED, power=2000)], 3599),
        (STOP, [replace(REQUESTED, duration=3500)], 3600),
        (STOP, [APP], 3600),
    ],
)
def test_order_has_a_duration_that_no_other_like_it_has(
    before: DispatchOrder, pending: list[DispatchOrder], duration: int
) -> None:
    fresh = make_distinguishable(REQUESTED, before, pending)
    assert fresh == replace(REQUESTED, duration=duration)


@pytest.mark.parametrize("power", [-3000, 1, 3000])
def test_compare_of_hold_with_any_power_is_overwritten(power: int) -> None:
    requested, before = (
        hold(duration=3600),
        replace(REQUESTED, power=power, target_soc=100),
    )
    applied = replace(before, duration=3600)
    for earlier in (STOP, replace(before, duration=7200)):
        assert (
            compare(requested, applied, before=earlier).verdict is Verdict.OVERWRITTEN
        )


def test_compare_of_stop_with_any_order_not_running_is_applied() -> None:
    applied = replace(REQUESTED, start=0)
    assert compare(STOP, applied, before=REQUESTED).verdict is Verdict.APPLIED
    assert compare(STOP, REQUESTED, before=REQUESTED).verdict is Verdict.IGNORED
    assert compare(STOP, APP, before=REQUESTED).verdict is Verdict.OVERWRITTEN


@pytest.mark.parametrize("start", [0, 1])
def test_words_of_0_are_a_power_in_an_order_only(start: int) -> None:
    words = dict.fromkeys(DispatchOrder.addresses(), 0) | {0x0880: start}
    order = DispatchOrder.decode(words)
    assert order.power == (-32_000 if start else None)
    assert order.reactive_power == (-32_000 if start else None)
    assert order.encode() == words
