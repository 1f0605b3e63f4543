"""Warnings in the answer to an order that is applied, but may not do what is expected of it."""

from dataclasses import dataclass

from ..alphaess.dispatch import BatteryAction, battery_action
from ..alphaess.registers import DispatchOrder
from ..alphaess.schedule import Schedule
from .controller import InverterController

NO_LIMIT_PERCENT = 100


@dataclass(frozen=True, kw_only=True)
class OrderWarning:
    """One warning: a code for programs, and an English sentence."""

    code: str
    message: str


def feed_in_warnings(
    controller: InverterController, order: DispatchOrder
) -> tuple[OrderWarning, ...]:
    """Warn about a discharge while a feed-in limit is set: it does not restrain the discharge [alpha-ems; rudyh]."""
    data = controller.coordinator.data
    limit = data.feed_in.limit if data and data.feed_in else None
    is_discharge = battery_action(order) is BatteryAction.DISCHARGING
    if not is_discharge or limit is None or limit >= NO_LIMIT_PERCENT:
        return ()
    message = (
        f"The feed-in limit is {limit:g} %, but an inverter does not follow it during a "
        "dispatch: what the house does not need of this discharge is exported."
    )
    return (OrderWarning(code="feed_in_limit", message=message),)


def period_warnings(schedule: Schedule) -> tuple[OrderWarning, ...]:
    """Warn about charging or discharging that is switched on without a period: the inverter does nothing."""
    return tuple(
        OrderWarning(
            code=f"no_{kind}_period",
            message=f"The {kind} periods are switched on, but all of them have no length.",
        )
        for kind in schedule.without_period
    )
