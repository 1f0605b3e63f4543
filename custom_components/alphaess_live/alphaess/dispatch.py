"""Charge, discharge, hold, stop: the order that says so, what it reads like, whether it was taken."""

from dataclasses import dataclass, replace
from enum import StrEnum
from math import isfinite
from typing import Any

from .errors import InvalidDispatchError
from .registers import DispatchDetail, DispatchMode, DispatchOrder
from .registers.enums import PvSwitch

POWER_RANGE_WATTS = range(1, 20_001)
"""W; more than any household inverter delivers, and the limit of other clients [senalse; koegler]."""
DURATION_RANGE_SECONDS = range(60, 86_401)
"""s; the register takes years, but an order that nobody ends should end within a day."""
MIN_SOC_PERCENT, MAX_SOC_PERCENT = 4, 100
"""% of a target, here and in the charging periods."""

STOP = DispatchOrder(
    start=0,
    power=0,
    reactive_power=0,
    mode=DispatchMode.NONE,
    target_soc=0,
    duration=0,
)


class BatteryAction(StrEnum):
    """What an order makes of the battery."""

    IDLE = "idle"
    """No order: the inverter follows the house."""
    CHARGING = "charging"
    DISCHARGING = "discharging"
    HOLDING = "holding"
    OTHER = "other"
    """A mode that is none of ours."""


class Verdict(StrEnum):
    """What became of an order."""

    APPLIED = "applied"
    CLAMPED = "clamped"
    """Taken, but weaker or shorter: the inverter's limits."""
    REFUSED = "refused"
    """Answered with an error."""
    IGNORED = "ignored"
    """Acknowledged and not done, or done without the power."""
    OVERWRITTEN = "overwritten"
    """Something else reads back: another program was faster."""
    PV_IGNORED = "pv_ignored"
    """The order was taken, and what it says of the panels was not."""


SUCCESS = (Verdict.APPLIED, Verdict.CLAMPED)
"""What an order may count as done with."""


@dataclass(frozen=True, kw_only=True)
class DispatchResult:
    """An order, and what the inverter says that it does instead or indeed."""

    verdict: Verdict
    requested: DispatchOrder
    applied: DispatchOrder
    requested_pv: bool | None = None
    """Whether the panels may produce; None where nothing was said of them."""
    applied_pv: bool | None = None

    @property
    def is_partly_applied(self) -> bool:
        """Whether the order runs without its power, or not with the panels as they should be."""
        without_power = replace(rounded_to_registers(self.requested), power=0)
        return self.verdict is Verdict.PV_IGNORED or (
            self.verdict is Verdict.IGNORED and self.applied == without_power
        )


def charge(*, power: float, target_soc: float, duration: int) -> DispatchOrder:
    """Order a charge with so many W up to so many %, for so many s at most.

    Raises InvalidOrderError, as the next two do.
    """
    _validate(power=power, target_soc=target_soc)
    return _soc_control(-power, target_soc, duration=duration)


def discharge(*, power: float, target_soc: float, duration: int) -> DispatchOrder:
    """Order a discharge with so many W down to so many %, for so many s at most."""
    _validate(power=power, target_soc=target_soc)
    return _soc_control(power, target_soc, duration=duration)


def hold(*, duration: int) -> DispatchOrder:
    """Return an order that keeps the battery idle: 0 W [senalse #8], without a target that would end it."""
    return _soc_control(0, MAX_SOC_PERCENT, duration=duration)


def battery_action(order: DispatchOrder) -> BatteryAction:
    """Say what an order makes of the battery."""
    if not order.start:
        return BatteryAction.IDLE
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
    """Lay an order out as the words in which a user gives one: W, % and s."""
    what = battery_action(order)
    words: dict[str, Any] = {"action": _ACTIONS[what]}
    if what is BatteryAction.OTHER:
        words |= {"mode": order.mode and order.mode.value}
    if what in (BatteryAction.CHARGING, BatteryAction.DISCHARGING, BatteryAction.OTHER):
        words |= {"power": abs(order.power), "target_soc": order.target_soc}
    if what is not BatteryAction.IDLE:
        words |= {"duration": order.duration}
    if word := on_off(pv):
        words |= {"pv": word}
    return words


def on_off(pv: bool | None) -> str | None:  # noqa: FBT001 - the thing itself
    """Say in the user's word whether the panels may produce; None where nothing is said of them."""
    return None if pv is None else "on" if pv else "off"


def pv_enabled(detail: DispatchDetail | None) -> bool | None:
    """Say whether an order lets the panels produce; None where its firmware has no say in it."""
    if detail is None or detail.pv_switch is None:
        return None
    return detail.pv_switch is not PvSwitch.OFF


def rounded_to_registers(order: DispatchOrder) -> DispatchOrder:
    """Round an order to the steps of its registers: how it reads back if it is taken."""
    return DispatchOrder.decode(order.encode())


def compare(
    requested: DispatchOrder,
    applied: DispatchOrder,
    *,
    before: DispatchOrder,
    requested_pv: bool | None = None,
    applied_pv: bool | None = None,
) -> DispatchResult:
    """Compare what was ordered with what reads back once it has settled."""
    verdict = _verdict(rounded_to_registers(requested), applied, before=before)
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
    asked: DispatchOrder, applied: DispatchOrder, *, before: DispatchOrder
) -> Verdict:
    if applied == asked or not (applied.start or asked.start):
        return Verdict.APPLIED
    if applied == before or applied == replace(asked, power=0):
        return Verdict.IGNORED
    return Verdict.CLAMPED if _is_weaker(applied, asked) else Verdict.OVERWRITTEN


def _is_weaker(applied: DispatchOrder, asked: DispatchOrder) -> bool:
    """Whether this is the same order within tighter limits."""
    same = replace(asked, power=applied.power, duration=applied.duration)
    return (
        applied == same
        and applied.power * asked.power >= 0
        and abs(applied.power) <= abs(asked.power)
        and 0 < applied.duration <= asked.duration
    )


def _soc_control(power: float, target_soc: float, *, duration: int) -> DispatchOrder:
    if not isfinite(duration) or int(duration) not in DURATION_RANGE_SECONDS:
        least, most = DURATION_RANGE_SECONDS[0], DURATION_RANGE_SECONDS[-1]
        raise InvalidDispatchError("duration", least=least, most=most, unit="s")
    return DispatchOrder(
        start=1,
        power=int(power),
        reactive_power=0,
        mode=DispatchMode.SOC_CONTROL,
        target_soc=target_soc,
        duration=int(duration),
    )


def _validate(*, power: float, target_soc: float) -> None:
    if not isfinite(power) or int(power) not in POWER_RANGE_WATTS:
        raise InvalidDispatchError(
            "power", least=POWER_RANGE_WATTS[0], most=POWER_RANGE_WATTS[-1], unit="W"
        )
    if not MIN_SOC_PERCENT <= target_soc <= MAX_SOC_PERCENT:
        raise InvalidDispatchError(
            "target_soc",
            least=MIN_SOC_PERCENT,
            most=MAX_SOC_PERCENT,
            unit="%",
        )
