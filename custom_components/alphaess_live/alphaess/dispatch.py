"""Charge, discharge, hold, stop: the order that says so, what it reads like, whether it was taken."""

from dataclasses import dataclass, replace
from enum import StrEnum
from math import isfinite
from typing import Any

from .errors import InvalidDispatchError
from .registers import DispatchDetail, DispatchMode, DispatchOrder
from .registers.enums import PvSwitch

POWER = range(1, 20_001)
"""W; above what any inverter of the family does, clients in the field cap here (senalse, Axel)."""
DURATION = range(60, 86_401)
"""s; the register takes years, but an order that nobody ends should end within a day."""
LOWEST, FULL = 4, 100
"""% that a target may be."""

STOP = DispatchOrder(
    start=0,
    power=0,
    reactive_power=0,
    mode=DispatchMode.NONE,
    target_soc=0,
    duration=0,
)


class Doing(StrEnum):
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


TAKEN = (Verdict.APPLIED, Verdict.CLAMPED)
"""What an order may count as done with."""


@dataclass(frozen=True, kw_only=True)
class Result:
    """An order, and what the inverter says that it does instead or indeed."""

    verdict: Verdict
    requested: DispatchOrder
    applied: DispatchOrder
    requested_pv: bool | None = None
    """Whether the panels may produce; None where nothing was said of them."""
    applied_pv: bool | None = None

    @property
    def is_half_done(self) -> bool:
        """Whether the order runs without its power, or not with the panels as they should be."""
        without_power = replace(as_read(self.requested), power=0)
        return self.verdict is Verdict.PV_IGNORED or (
            self.verdict is Verdict.IGNORED and self.applied == without_power
        )


def charge(*, power: float, target_soc: float, duration: int) -> DispatchOrder:
    """Order a charge with so many W up to so many %, for so many s at most.

    Raises InvalidOrderError, as the next two do.
    """
    _check(power=power, target_soc=target_soc)
    return _forced(-power, target_soc, duration=duration)


def discharge(*, power: float, target_soc: float, duration: int) -> DispatchOrder:
    """Order a discharge with so many W down to so many %, for so many s at most."""
    _check(power=power, target_soc=target_soc)
    return _forced(power, target_soc, duration=duration)


def hold(*, duration: int) -> DispatchOrder:
    """Order the battery to rest: a dispatch at 0 W (senalse #8), which no target ends."""
    return _forced(0, FULL, duration=duration)


def doing(order: DispatchOrder) -> Doing:
    """Say what an order makes of the battery."""
    if not order.start:
        return Doing.IDLE
    if order.mode not in (DispatchMode.SOC_CONTROL, DispatchMode.OSW_SOC_CONTROL):
        return Doing.OTHER
    if not order.power:
        return Doing.HOLDING
    return Doing.CHARGING if order.power < 0 else Doing.DISCHARGING


_ACTIONS = {
    Doing.IDLE: "stop",
    Doing.CHARGING: "charge",
    Doing.DISCHARGING: "discharge",
    Doing.HOLDING: "hold",
    Doing.OTHER: "other",
}


def told(order: DispatchOrder, *, pv: bool | None = None) -> dict[str, Any]:
    """Lay an order out as the words in which a user gives one: W, % and s."""
    what = doing(order)
    words: dict[str, Any] = {"action": _ACTIONS[what]}
    if what is Doing.OTHER:
        words |= {"mode": order.mode and order.mode.value}
    if what in (Doing.CHARGING, Doing.DISCHARGING, Doing.OTHER):
        words |= {"power": abs(order.power), "target_soc": order.target_soc}
    if what is not Doing.IDLE:
        words |= {"duration": order.duration}
    if word := pv_word(pv):
        words |= {"pv": word}
    return words


def pv_word(pv: bool | None) -> str | None:  # noqa: FBT001 - the thing itself
    """Say in the user's word whether the panels may produce; None where nothing is said of them."""
    return None if pv is None else "on" if pv else "off"


def lets_pv(detail: DispatchDetail | None) -> bool | None:
    """Say whether an order lets the panels produce; None where its firmware has no say in it."""
    if detail is None or detail.pv_switch is None:
        return None
    return detail.pv_switch is not PvSwitch.OFF


def as_read(order: DispatchOrder) -> DispatchOrder:
    """Round an order to the steps of its registers: how it reads back if it is taken."""
    return DispatchOrder.decode(order.encode())


def judge(
    requested: DispatchOrder,
    applied: DispatchOrder,
    *,
    before: DispatchOrder,
    requested_pv: bool | None = None,
    applied_pv: bool | None = None,
) -> Result:
    """Compare what was ordered with what reads back once it has settled."""
    verdict = _verdict(as_read(requested), applied, before=before)
    if verdict in TAKEN and requested_pv not in (None, applied_pv):
        verdict = Verdict.PV_IGNORED
    return Result(
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


def _forced(power: float, target_soc: float, *, duration: int) -> DispatchOrder:
    if not isfinite(duration) or int(duration) not in DURATION:
        least, most = DURATION[0], DURATION[-1]
        raise InvalidDispatchError("duration", least=least, most=most, unit="s")
    return DispatchOrder(
        start=1,
        power=int(power),
        reactive_power=0,
        mode=DispatchMode.SOC_CONTROL,
        target_soc=target_soc,
        duration=int(duration),
    )


def _check(*, power: float, target_soc: float) -> None:
    if not isfinite(power) or int(power) not in POWER:
        raise InvalidDispatchError("power", least=POWER[0], most=POWER[-1], unit="W")
    if not LOWEST <= target_soc <= FULL:
        raise InvalidDispatchError("target_soc", least=LOWEST, most=FULL, unit="%")
