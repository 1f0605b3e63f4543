"""The status of the running dispatch: action, owner and remaining time."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from ..alphaess.dispatch import (
    BatteryAction,
    HoldBlock,
    battery_action,
    hold_block,
    on_off,
    pv_enabled,
    to_dict,
)
from ..alphaess.grid_regulator import GridTarget
from ..alphaess.lease import OrderedBy
from ..alphaess.registers import DispatchDetail, DispatchOrder
from ..alphaess.snapshot import Power, Snapshot
from ..alphaess.write_policy import DISPATCH_ADDRESSES

IDLE_WATTS = 50
"""A battery at its target still has a small power."""
EFFECT_TIME = timedelta(seconds=10)
"""An inverter follows an order after some seconds."""
TARGET_TOLERANCE_PERCENT = 0.5
"""The target register counts in steps of 0.4 %, and the battery rounds its state of charge."""

HOLDING_AT_TARGET = "holding_at_target"
"""The status of a charge or discharge whose target is reached, in place of its action."""

HOLDING_GRID = "holding_grid"
"""The status of a grid target, whatever the battery does for it."""


class DispatchOwner(StrEnum):
    """Who controls the battery."""

    NONE = "none"
    """No dispatch runs: the inverter balances the house by itself."""
    OURS = "alphaess_live"
    OTHER = "other"
    """The vendor's app, or another program."""


@dataclass(frozen=True, kw_only=True)
class DispatchStatus:
    """What the inverter's order registers contain, and what is known of our own order."""

    order: DispatchOrder
    detail: DispatchDetail | None
    owner: DispatchOwner
    expires_at: datetime | None
    """UTC; None for a dispatch that is not ours: its register does not count down."""
    ordered_by: OrderedBy | None = None
    """None for a dispatch that is not ours, too."""
    target_reached: bool = False
    """Whether a charge or discharge has no further effect than to hold the battery."""
    grid_target: GridTarget | None = None
    """What our order is for, if it changes all the time; `expires_at` is its end."""

    @property
    def battery_action(self) -> BatteryAction:
        """What the order makes the battery do."""
        return battery_action(self.order)

    @property
    def status(self) -> str:
        """The action, that a charge or discharge is at its target, or that the meter is held."""
        if self.grid_target:
            return HOLDING_GRID
        return HOLDING_AT_TARGET if self.target_reached else self.battery_action.value

    @property
    def active(self) -> bool:
        """Whether a dispatch runs."""
        return bool(self.order.start)

    @property
    def remaining(self) -> int | None:
        """Seconds until it ends; None as for `expires_at`."""
        if self.expires_at is None:
            return None
        left = (self.expires_at - datetime.now(UTC)).total_seconds()
        return max(0, round(left))

    @property
    def power(self) -> int | None:
        """W, positive to discharge; 0 of a hold, whose register may have a limit; None without a dispatch."""
        if not self.active:
            return None
        return 0 if self.block else int(self.order.power)

    @property
    def block(self) -> HoldBlock | None:
        """What a hold keeps the battery from doing; None for other orders."""
        return hold_block(self.order)

    @property
    def mode(self) -> str | None:
        """The datasheet's name of the mode; None for a code that no document names."""
        return self.order.mode.value if self.order.mode else None

    @property
    def pv(self) -> str | None:
        """Whether PV may produce, on or off; None without a dispatch, or without that switch."""
        return on_off(pv_enabled(self.detail)) if self.active else None

    def applied(self, requested: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """Return the order as the API has it; of a grid target the whole, not the order of this moment.

        `pv` is in it while the panels are off, and if the order has requested either.
        """
        target, pv = self.grid_target, self.pv
        content = target.to_dict() if target else to_dict(self.order)
        if pv and (pv == "off" or "pv" in (requested or {})):
            content |= {"pv": pv}
        return content

    def to_dict(self) -> dict[str, Any]:
        """Return what actions and the API show: W (positive to discharge), %, s."""
        target = self.grid_target
        return {
            "active": self.active,
            "mode": self.mode,
            "power": self.power,
            "target_soc": self.order.target_soc if self.active else None,
            "target_reached": self.target_reached,
            "duration": self._duration,
            "remaining": self.remaining,
            "expires_at": self.expires_at,
            "pv": self.pv,
            "block": None if target else self.block,
            "grid_target": target
            and {
                name: value
                for name, value in target.to_dict().items()
                if name not in ("action", "duration")
            },
            "controlled_by": self.owner.value,
        }

    @property
    def _duration(self) -> int | None:
        if self.grid_target:
            return self.grid_target.duration
        # After its end, the registers still contain the order.
        return int(self.order.duration) if self.active else None

    @property
    def raw(self) -> dict[str, int]:
        """The register words by address, as in `0x0880`."""
        words = self.order.encode()
        return {f"0x{at:04X}": words[at] for at in DISPATCH_ADDRESSES}


def has_reached_target(
    order: DispatchOrder, latest: Snapshot | None, *, since: datetime | None
) -> bool:
    """Whether an order is at its target: the state of charge is there, or nearly, with almost no power.

    `since` is when it was written, if that is known: a power from before it takes effect
    shows nothing.
    """
    if latest is None:
        return False
    power = latest.power
    has_effect = since is None or latest.measured_at >= since + EFFECT_TIME
    return is_past_target(order, power.soc) or (
        has_effect and is_idle_at_target(order, power)
    )


def is_past_target(
    order: DispatchOrder, soc: float | None, *, tolerance: float = 0
) -> bool:
    """Whether a charge or discharge begins, or is, at its target or beyond it; all in %."""
    if soc is None:
        return False
    match battery_action(order):
        case BatteryAction.CHARGING:
            return soc >= order.target_soc - tolerance
        case BatteryAction.DISCHARGING:
            return soc <= order.target_soc + tolerance
        case _:
            return False


def is_idle_at_target(order: DispatchOrder, power: Power) -> bool:
    """Whether the battery is at the target of an order, with almost no power."""
    if power.battery is None or abs(power.battery) >= IDLE_WATTS:
        return False
    return is_past_target(order, power.soc, tolerance=TARGET_TOLERANCE_PERCENT)
