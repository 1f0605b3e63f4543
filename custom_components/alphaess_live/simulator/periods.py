"""The charge and discharge periods: the battery orders that follow from them, by the inverter's clock."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, time, timedelta

from ..alphaess.registers import ActivePeriods
from ..alphaess.schedule import Schedule, Window
from .battery_orders import SELF_CONSUMPTION, BatteryOrder, Strategy

_DAY = timedelta(days=1)


def period_orders(schedule: Schedule, now: datetime) -> tuple[BatteryOrder, ...]:
    """Compute the battery orders at this moment without a dispatch.

    Two windows that overlap, one of each kind, are not documented; the simulated inverter
    then charges.
    """
    charging, discharging = _on(schedule, _CHARGE), _on(schedule, _DISCHARGE)
    if charging and _within(schedule, _CHARGE, now.time()):
        top_up = BatteryOrder(
            strategy=Strategy.FULL_CHARGE, target=schedule.charge_target
        )
        return top_up, _SOLAR_ONLY
    if discharging and not _within(schedule, _DISCHARGE, now.time()):
        return (_SOLAR_ONLY,)
    return (SELF_CONSUMPTION,)


def seconds_until_change(schedule: Schedule, now: datetime) -> int | None:
    """Compute the seconds until a window begins or ends; None without windows."""
    time_of_day = timedelta(hours=now.hour, minutes=now.minute, seconds=now.second)
    ends = (_since_midnight(end) for window in schedule.windows for end in window)
    left = [(end - time_of_day) % _DAY or _DAY for end in ends]
    return int(min(left).total_seconds()) if left else None


_CHARGE, _DISCHARGE = ActivePeriods.CHARGE, ActivePeriods.DISCHARGE
_SOLAR_ONLY = BatteryOrder(strategy=Strategy.SOLAR_ONLY)


def _on(schedule: Schedule, kind: ActivePeriods) -> bool:
    return schedule.active_periods in (kind, ActivePeriods.BOTH)


def _within(schedule: Schedule, kind: ActivePeriods, now: time) -> bool:
    """Whether this time is within a window of this kind."""
    windows: Iterator[Window] = replace(schedule, active_periods=kind).windows
    return any(
        start <= now < end if start <= end else now >= start or now < end
        for start, end in windows
    )


def _since_midnight(moment: time) -> timedelta:
    return timedelta(hours=moment.hour, minutes=moment.minute)
