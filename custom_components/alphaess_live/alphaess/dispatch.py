"""Dispatch orders: builds them, describes them, and compares them with what reads back."""

from collections.abc import Collection, Set as AbstractSet
from dataclasses import dataclass, replace
from enum import StrEnum
from math import isfinite
from typing import Any

from .errors import (
    SUCCESS,
    FieldKind,
    InvalidDispatchError,
    InvalidValueError,
    NoRatedPowerError,
    PointlessDischargeError,
    Verdict,
)
from .registers import DispatchDetail, DispatchMode, DispatchOrder
from .registers.enums import PvSwitch

POWER_RANGE_WATTS = range(1, 20_001)
"""More than any household inverter delivers, and the limit of other clients [senalse; koegler]."""
DURATION_RANGE_SECONDS = range(60, 86_401)
"""The register allows years, but an order that is never stopped should end within a day."""
MIN_SOC_PERCENT, MAX_SOC_PERCENT = 4, 100
"""Limits of a target, here and in the charging periods."""
MAX_PENDING_ORDERS = 16
"""Orders of this program that may run at the same time, or still begin to."""

STOP = DispatchOrder(
    start=0,
    power=0,
    reactive_power=0,
    mode=DispatchMode.NONE,
    target_soc=0,
    duration=0,
)


class HoldBlock(StrEnum):
    """What a hold keeps the battery from doing."""

    BOTH = "both"
    DISCHARGE = "discharge"
    """The battery may charge from PV, but neither discharges nor charges from the grid."""
    CHARGE = "charge"
    """The battery may supply the house, but is not charged."""


class BatteryAction(StrEnum):
    """What an order makes the battery do."""

    IDLE = "idle"
    """No order runs: the inverter balances the house by itself."""
    CHARGING = "charging"
    DISCHARGING = "discharging"
    HOLDING = "holding"
    OTHER = "other"
    """A mode that this program does not use."""


@dataclass(frozen=True, kw_only=True)
class DispatchResult:
    """The order that was requested, and the one that reads back."""

    verdict: Verdict
    requested: DispatchOrder
    applied: DispatchOrder
    requested_pv: bool | None = None
    """Whether PV may produce; None if the order does not set it."""
    applied_pv: bool | None = None

    @property
    def is_partly_applied(self) -> bool:
        """Whether the order runs without its power or mode, or with another PV switch."""
        return self.verdict is Verdict.PV_IGNORED or (
            self.verdict is Verdict.IGNORED
            and _lacks_effect(self.applied, rounded_to_registers(self.requested))
        )


def charge(*, power: float, target_soc: float, duration: float) -> DispatchOrder:
    """Return an order to charge with `power` W up to `target_soc` %, for at most `duration` s.

    Raises InvalidDispatchError, as `discharge` and `hold` do.
    """
    _validate(power=power, target_soc=target_soc)
    return _soc_control(-power, target_soc, duration=duration)


def discharge(*, power: float, target_soc: float, duration: float) -> DispatchOrder:
    """Return an order to discharge with `power` W down to `target_soc` %, for at most `duration` s.

    Raises PointlessDischargeError, too: for a target that its register rounds to 100 %.
    """
    _validate(power=power, target_soc=target_soc)
    order = _soc_control(power, target_soc, duration=duration)
    if rounded_to_registers(order).target_soc >= MAX_SOC_PERCENT:
        raise PointlessDischargeError
    return order


def hold(
    *,
    duration: float,
    block: HoldBlock = HoldBlock.BOTH,
    rated_power: int = 0,
) -> DispatchOrder:
    """Return an order that keeps the battery from charging, discharging or both, for `duration` s.

    Both is SOC control with 0 W [senalse #8]. Against discharging, the battery charges
    with what PV has left, up to `rated_power` W: mode 1 with a power below 0 [senalse #8];
    raises NoRatedPowerError while that is not known. Against charging it is mode 19
    [vendor]; sources disagree on its effect [carrel].
    """
    order = _soc_control(0, MAX_SOC_PERCENT, duration=duration)
    match block:
        case HoldBlock.BOTH:
            return order
        case HoldBlock.DISCHARGE:
            if not rated_power:
                raise NoRatedPowerError("block")
            most = min(rated_power, POWER_RANGE_WATTS[-1])
            return replace(order, mode=DispatchMode.PV_CHARGE_ONLY, power=-most)
        case HoldBlock.CHARGE:
            return replace(order, mode=DispatchMode.NO_CHARGE)


_BLOCK_OF_MODE = {
    DispatchMode.PV_CHARGE_ONLY: HoldBlock.DISCHARGE,
    DispatchMode.OSW_PV_CHARGE_ONLY: HoldBlock.DISCHARGE,
    DispatchMode.NO_CHARGE: HoldBlock.CHARGE,
    DispatchMode.OSW_NO_CHARGE: HoldBlock.CHARGE,
}


def hold_block(order: DispatchOrder) -> HoldBlock | None:
    """Return what a running order blocks; None for one that is no hold."""
    if battery_action(order) is not BatteryAction.HOLDING:
        return None
    return _BLOCK_OF_MODE.get(order.mode, HoldBlock.BOTH) if order.mode else None


def battery_action(order: DispatchOrder) -> BatteryAction:
    """Return what an order makes the battery do."""
    if not order.start:
        return BatteryAction.IDLE
    if order.mode in _BLOCK_OF_MODE:
        return BatteryAction.HOLDING
    if order.mode not in (DispatchMode.SOC_CONTROL, DispatchMode.OSW_SOC_CONTROL):
        return BatteryAction.OTHER
    if not order.power:
        return BatteryAction.HOLDING
    return BatteryAction.CHARGING if order.power < 0 else BatteryAction.DISCHARGING


_ACTIONS = {
    BatteryAction.IDLE: "stop",
    BatteryAction.CHARGING: "charge",
    BatteryAction.DISCHARGING: "discharge",
    BatteryAction.HOLDING: "hold",
    BatteryAction.OTHER: "other",
}


def to_dict(order: DispatchOrder, *, pv: bool | None = None) -> dict[str, Any]:
    """Return an order as the API has it, in W, % and s; `pv` as in `on_off`."""
    action = battery_action(order)
    content: dict[str, Any] = {"action": _ACTIONS[action]}
    if action is BatteryAction.OTHER:
        content |= {"mode": order.mode and order.mode.value}
    block = hold_block(order)
    if block not in (None, HoldBlock.BOTH):
        content |= {"block": block}
    if action not in (BatteryAction.IDLE, BatteryAction.HOLDING):
        content |= {"power": abs(order.power), "target_soc": order.target_soc}
    if action is not BatteryAction.IDLE:
        content |= {"duration": order.duration}
    if switch := on_off(pv):
        content |= {"pv": switch}
    return content


def applied_to_dict(
    requested: DispatchOrder, applied: DispatchOrder, *, pv: bool | None = None
) -> dict[str, Any]:
    """Return what reads back as `to_dict` does; a hold with less power than requested has that, too."""
    content, block = to_dict(applied, pv=pv), hold_block(requested)
    is_limited = applied.power != rounded_to_registers(requested).power
    if block and block is hold_block(applied) and is_limited:
        content |= {"power": abs(applied.power)}
    return content


def on_off(pv: bool | None) -> str | None:  # noqa: FBT001 - the value to convert
    """Return the PV switch as the API has it: on, off, or None if the order does not set it."""
    return None if pv is None else "on" if pv else "off"


def pv_enabled(detail: DispatchDetail | None) -> bool | None:
    """Return whether PV may produce during the order; None if the firmware has no PV switch."""
    if detail is None or detail.pv_switch is None:
        return None
    return detail.pv_switch is not PvSwitch.OFF


def rounded_to_registers(order: DispatchOrder) -> DispatchOrder:
    """Round an order to the steps of its registers: this is how it reads back once it is applied."""
    return DispatchOrder.decode(order.encode())


def compare(
    requested: DispatchOrder,
    applied: DispatchOrder,
    *,
    before: DispatchOrder,
    earlier: Collection[DispatchOrder] = (),
    requested_pv: bool | None = None,
    applied_pv: bool | None = None,
) -> DispatchResult:
    """Compare the requested order with the one that reads back.

    `before` ran until then; `earlier` are orders that may still take effect: they are not
    the requested one with less power.
    """
    verdict = _verdict(
        rounded_to_registers(requested), applied, others={before, *earlier}
    )
    if verdict in SUCCESS and requested_pv not in (None, applied_pv):
        verdict = Verdict.PV_IGNORED
    return DispatchResult(
        verdict=verdict,
        requested=requested,
        applied=applied,
        requested_pv=requested_pv,
        applied_pv=applied_pv,
    )


def _verdict(
    requested: DispatchOrder,
    applied: DispatchOrder,
    *,
    others: AbstractSet[DispatchOrder],
) -> Verdict:
    if applied == requested or not (applied.start or requested.start):
        return Verdict.APPLIED
    is_other = applied in others or any(
        one.duration == applied.duration and may_result_from(one, applied)
        for one in others
    )
    if is_other or _lacks_effect(applied, requested):
        return Verdict.IGNORED
    if may_result_from(requested, applied):
        return Verdict.CLAMPED
    return Verdict.OVERWRITTEN


def may_result_from(requested: DispatchOrder, running: DispatchOrder) -> bool:
    """Whether this is the requested order, perhaps with less power or a shorter duration."""
    return (
        running == replace(requested, power=running.power, duration=running.duration)
        and running.power * requested.power >= 0
        and abs(running.power) <= abs(requested.power)
        and 0 < running.duration <= requested.duration
    )


def make_distinguishable(
    order: DispatchOrder,
    before: DispatchOrder,
    pending: Collection[DispatchOrder] = (),
) -> DispatchOrder:
    """Make an order differ from the running one, and from those that may still take effect: by seconds, if by nothing else.

    If two were equal, reading back could not show which one was applied; also if the
    inverter limits the power of one as it has limited that of the other.
    """
    rounded = rounded_to_registers(order)
    taken = {before.duration} if may_result_from(rounded, before) else set()
    taken |= {
        one.duration
        for one in pending
        if may_result_from(_lasting(rounded, one), one)
        or may_result_from(one, _lasting(rounded, one))
    }
    duration = order.duration
    while round(duration) in taken:
        duration -= 1
    return replace(order, duration=duration)


def _lasting(order: DispatchOrder, other: DispatchOrder) -> DispatchOrder:
    """Return an order with the duration of another one."""
    return replace(order, duration=other.duration)


def _lacks_effect(applied: DispatchOrder, requested: DispatchOrder) -> bool:
    """Whether a requested order runs without its power, or in another mode: it does something else."""
    if applied.mode != requested.mode:
        return applied == replace(requested, mode=applied.mode)
    without_power = requested.power and not applied.power
    return bool(without_power) and may_result_from(requested, applied)


def require_number(value: object, field: str) -> float:
    """Return the value of a field that takes a number. Raises InvalidValueError for anything else.

    An integer that no float can contain is one of these, too.
    """
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise InvalidValueError(field, value, FieldKind.NUMBER)
    try:
        is_finite = isfinite(value)
    except OverflowError:
        is_finite = False
    if not is_finite:
        raise InvalidValueError(field, value, FieldKind.NUMBER)
    return float(value)


def require_range(
    value: float, field: str, *, minimum: float, maximum: float, unit: str
) -> None:
    """Raise InvalidDispatchError unless the value is a number in this range."""
    if isinstance(value, bool) or not minimum <= value <= maximum:
        raise InvalidDispatchError(field, minimum=minimum, maximum=maximum, unit=unit)


def _soc_control(power: float, target_soc: float, *, duration: float) -> DispatchOrder:
    minimum, maximum = DURATION_RANGE_SECONDS[0], DURATION_RANGE_SECONDS[-1]
    require_range(duration, "duration", minimum=minimum, maximum=maximum, unit="s")
    return DispatchOrder(
        start=1,
        power=round(power),
        reactive_power=0,
        mode=DispatchMode.SOC_CONTROL,
        target_soc=target_soc,
        duration=round(duration),
    )


def _validate(*, power: float, target_soc: float) -> None:
    minimum, maximum = POWER_RANGE_WATTS[0], POWER_RANGE_WATTS[-1]
    require_range(power, "power", minimum=minimum, maximum=maximum, unit="W")
    require_range(
        target_soc,
        "target_soc",
        minimum=MIN_SOC_PERCENT,
        maximum=MAX_SOC_PERCENT,
        unit="%",
    )
