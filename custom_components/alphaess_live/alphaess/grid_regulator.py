"""The grid target: which battery power makes the meter show a requested power, reading by reading."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Self

from .dispatch import (
    DURATION_RANGE_SECONDS,
    MAX_PENDING_ORDERS,
    MAX_SOC_PERCENT,
    MIN_SOC_PERCENT,
    POWER_RANGE_WATTS,
    hold,
    require_range,
    rounded_to_registers,
)
from .pending_effect import STEADY_WATTS, PendingEffect
from .registers import DispatchOrder
from .snapshot import Power

HOLD_GRID = "hold_grid"
"""The action of a grid target, in `GridTarget.to_dict`."""

DEFAULT_MIN_SOC_PERCENT = 10

DEAD_BAND_WATTS = 50
"""A smaller deviation at the meter is not corrected; it is also the idle power of a battery."""
WRITE_INTERVAL_SECONDS = 2.0
"""The shortest time from one order to the next."""
LEASE_SECONDS = 60
"""How long each order runs: so late it ends if this program does not renew it."""
MAX_LEASE_SECONDS = 120
"""The same where the power is read less often than usual."""
READINGS_PER_LEASE = 4
MAX_READING_AGE_SECONDS = 10
"""Without a newer reading of grid and battery, nothing is ordered or renewed."""
AT_BOUND_SECONDS = 10
"""How long the battery must be at its floor or ceiling until the grid target ends."""
BOUND_TOLERANCE_PERCENT = 0.5
"""The register counts the bounds in steps of 0.4 %."""

TRANSITION_MARGIN = 1.25
"""How much more than the change that is under way a new one must be."""
LIMIT_SECONDS = 300
"""How long a limit of the inverter is respected before more is ordered again."""
MAX_RETRY_SECONDS = LEASE_SECONDS / 2
"""The longest pause after orders that were not applied; it doubles with each of them."""
MIN_OVERSHOOT_WATTS = 200
OVERSHOOT_SHARE = 0.5
"""Something else has answered the same deviation if the meter moves by so much more than the battery."""
OVERSHOOT_SECONDS = 300
"""How long after that only a part of each deviation is corrected."""
OVERSHOOT_GAIN = 0.5
"""Which share of a deviation is corrected then: two batteries at one meter correct it together."""
MAX_SHORTFALL_SHARE = 0.1
"""A battery that deviates more from its order is limited by something else: its power is not raised further."""


@dataclass(frozen=True, kw_only=True)
class GridTarget:
    """A power at the meter that the battery holds: W, %, s."""

    power: int
    """Above 0 import, below 0 export."""
    min_soc: float
    max_soc: float
    max_power: int
    """Of the battery, in both directions."""
    duration: int
    limit: bool = False
    """Whether the battery acts only beyond the power: the meter may have any value between it and 0."""

    def __post_init__(self) -> None:
        """Raise InvalidDispatchError for a value out of range."""
        most, durations = POWER_RANGE_WATTS[-1], DURATION_RANGE_SECONDS
        require_range(self.power, "power", minimum=-most, maximum=most, unit="W")
        require_range(
            self.max_power,
            "max_power",
            minimum=POWER_RANGE_WATTS[0],
            maximum=most,
            unit="W",
        )
        lowest, highest = MIN_SOC_PERCENT, MAX_SOC_PERCENT
        require_range(
            self.max_soc, "max_soc", minimum=lowest + 1, maximum=highest, unit="%"
        )
        require_range(
            self.min_soc, "min_soc", minimum=lowest, maximum=self.max_soc - 1, unit="%"
        )
        require_range(
            self.duration,
            "duration",
            minimum=durations[0],
            maximum=durations[-1],
            unit="s",
        )

    def to_dict(self) -> dict[str, Any]:
        """Return the target as the API and the storage have it."""
        return {"action": HOLD_GRID} | asdict(self)

    @classmethod
    def from_dict(cls, stored: Mapping[str, Any]) -> Self:
        """Build it from its stored form."""
        return cls(**{one.name: stored[one.name] for one in fields(cls)})

    def battery_power(self, needed: float) -> float:
        """Return the power of the battery (W) for what the meter would show without it."""
        low, high = sorted((0, self.power)) if self.limit else (self.power, self.power)
        return needed - min(max(needed, low), high)

    def order(self, power: int, *, duration: int) -> DispatchOrder:
        """Return the order that discharges (above 0) or charges (below 0) with this power, in W."""
        order = replace(hold(duration=DURATION_RANGE_SECONDS[0]), duration=duration)
        if not power:
            return order
        bound = self.min_soc if power > 0 else self.max_soc
        return replace(order, power=power, target_soc=bound)

    def may_have_ordered(
        self, running: DispatchOrder, *, order_seconds: int, seconds_left: float
    ) -> bool:
        """Whether a running order can be one of this target, which ends in so many seconds.

        Its orders last `order_seconds`, or less, so that they differ; the last one ends with
        the target. The inverter may have limited the power.
        """
        is_whole = 0 <= order_seconds - running.duration <= MAX_PENDING_ORDERS
        is_last = seconds_left <= running.duration < order_seconds
        if not running.start or not (is_whole or is_last) or not running.duration:
            return False
        power = min(max(int(running.power), -self.max_power), self.max_power)
        order = self.order(power, duration=int(running.duration))
        # The bound stays the same if the inverter has limited the power to 0 W.
        bounds = (self.min_soc, self.max_soc, order.target_soc)
        return any(
            running == rounded_to_registers(replace(order, target_soc=bound))
            for bound in (bounds if not power else bounds[-1:])
        )


def order_seconds(interval: float) -> int:
    """Return how long each order runs; `interval` is the time from one reading to the next."""
    return round(
        min(max(LEASE_SECONDS, READINGS_PER_LEASE * interval), MAX_LEASE_SECONDS)
    )


@dataclass(frozen=True, kw_only=True)
class GridRegulator:
    """What is known at one moment of a grid target: the newest reading, and the order that runs.

    Times are in seconds of a clock that is never set. The battery's own power is a part of
    each reading, so an order that has no effect yet does not look like a deviation. Once
    the battery changes its power, the meter may be older than that: a `PendingEffect` says
    until when the previous reading counts.
    """

    target: GridTarget
    battery: float
    """Power of the battery in the newest reading."""
    grid: float
    """What the meter showed in it."""
    needed: float
    """What the meter would have shown without the battery, in the newest reading that counts."""
    wanted: int
    """The power for the battery that follows from it."""
    read_at: float = 0.0
    """When the newest reading began."""
    ordered: int = 0
    """The power that the inverter has read back."""
    ordered_at: float = 0.0
    tried_at: float = 0.0
    """When an order was written last, whether it was applied or not."""
    failures: int = 0
    """How many orders in a row were not applied."""
    verified_at: float = 0.0
    """When the order was read back: an older reading does not show it."""
    lease_seconds: float = 0.0
    tolerance: float = DEAD_BAND_WATTS
    """How much the next order must differ from the one that runs."""
    shortfall: float = 0.0
    """By how much a battery that follows its order deviates from it."""
    max_charge: float = POWER_RANGE_WATTS[-1]
    """The inverter's own limits, as its answers have shown them."""
    max_discharge: float = POWER_RANGE_WATTS[-1]
    limited_at: float = 0.0
    """When the inverter has limited an order last."""
    pending: PendingEffect | None = None
    """Of a power that not all values of the readings contain yet."""
    overshot_at: float | None = None
    """When the meter has last answered to an order with more than that."""
    at_bound_since: float | None = None
    """Since when a floor or ceiling has kept the battery from holding the target."""

    @classmethod
    def begin(cls, target: GridTarget, power: Power, at: float) -> Self | None:
        """Start with the newest reading; None if it lacks the power of grid or battery."""
        if power.battery is None or power.grid is None:
            return None
        needed = power.battery + power.grid
        empty = cls(
            target=target,
            battery=power.battery,
            grid=power.grid,
            needed=needed,
            wanted=0,
            read_at=at,
        )
        return empty.with_wanted(power, at)

    def update(self, power: Power, at: float) -> Self:
        """Return the regulator after a reading that began at this time."""
        if power.battery is None or power.grid is None or at < self.verified_at:
            return self
        moved = abs(power.battery - self.battery)
        before = self.pending
        if before is None and moved > STEADY_WATTS:
            # It changes by itself, as at its bounds: the meter may show that later.
            before = PendingEffect(
                battery=self.battery, grid=self.grid, expected=power.battery, since=at
            )
        pending = before and before.after_reading(
            power.battery, power.grid, moved=moved, at=at
        )
        read = replace(
            self, battery=power.battery, grid=power.grid, read_at=at, pending=pending
        )
        if pending is None or pending.is_overdue(at):
            read = read.with_needed(moved)
        if before and pending is None:
            read = read.with_overshoot(before, at)
        return read.with_wanted(power, at)

    def with_needed(self, moved: float) -> Self:
        """Use the newest reading; `moved` is how much the battery's power has changed in it."""
        needed = self.battery + self.grid
        change = max(moved, abs(self.ordered - self.battery))
        is_steady = moved <= STEADY_WATTS and abs(needed - self.needed) <= STEADY_WATTS
        doubt = TRANSITION_MARGIN * change if self.pending else 0.0
        follows = abs(self.ordered - self.battery) <= MAX_SHORTFALL_SHARE * abs(
            self.ordered
        )
        shortfall = self.shortfall
        if follows and is_steady:
            shortfall = self.ordered - self.battery
        return replace(
            self,
            needed=needed,
            tolerance=DEAD_BAND_WATTS + doubt,
            shortfall=shortfall,
        )

    def with_overshoot(self, effect: PendingEffect, at: float) -> Self:
        """Correct less at once if the meter has answered an order with more than the battery did."""
        change = abs(effect.expected - effect.battery)
        overshoot = effect.overshoot(self.needed)
        if change < MIN_OVERSHOOT_WATTS or overshoot < OVERSHOOT_SHARE * change:
            return self
        return replace(self, overshot_at=at)

    def _gain(self, at: float) -> float:
        since = self.overshot_at
        is_recent = since is not None and at - since < OVERSHOOT_SECONDS
        return OVERSHOOT_GAIN if is_recent else 1.0

    def with_wanted(self, power: Power, at: float) -> Self:
        """Compute the power that follows from the newest reading, within the bounds."""
        wanted = self.target.battery_power(self.needed)
        beyond = self._percent_beyond_bound(wanted, power.soc)
        # Near the bound the inverter may have stopped by itself.
        is_idle = abs(self.battery) < DEAD_BAND_WATTS < abs(self.ordered)
        is_at_bound = beyond >= (-BOUND_TOLERANCE_PERCENT if is_idle else 0)
        blocks_target = is_at_bound and self._ends_at_bound(wanted)
        most = MAX_SHORTFALL_SHARE * abs(wanted)
        wanted += min(max(self.shortfall, -most), most)
        since = self.at_bound_since
        return replace(
            self,
            wanted=0 if beyond >= 0 else round(self._limited(wanted, at)),
            at_bound_since=(at if since is None else since) if blocks_target else None,
        )

    def _percent_beyond_bound(self, wanted: float, soc: float | None) -> float:
        """Return how far the battery is beyond the bound to which this power brings it."""
        if soc is None or not wanted:
            return -MAX_SOC_PERCENT
        target = self.target
        return target.min_soc - soc if wanted > 0 else soc - target.max_soc

    def _ends_at_bound(self, wanted: float) -> bool:
        """Whether the target cannot be held without this power."""
        if abs(wanted) <= DEAD_BAND_WATTS:
            return False
        if not self.target.limit:
            return True
        return (wanted > 0) is (self.target.power >= 0)

    def _limited(self, power: float, at: float) -> float:
        charge = discharge = float(self.target.max_power)
        if at - self.limited_at < LIMIT_SECONDS:
            charge = min(charge, self.max_charge)
            discharge = min(discharge, self.max_discharge)
        return min(max(power, -charge), discharge)

    def is_at_bound(self, at: float) -> bool:
        """Whether the battery has been at its floor or ceiling for so long that the target ends."""
        since = self.at_bound_since
        return since is not None and at - since >= AT_BOUND_SECONDS

    def next_power(self, now: float, *, ends_at: float) -> int | None:
        """Return the power to order now; None if the order that runs is right until the next reading."""
        if not self.may_order(now) or now - self.read_at > MAX_READING_AGE_SECONDS:
            return None
        correction = self.wanted - self.ordered
        # What is left of a deviation is not known before the last correction shows.
        counts = not self.wanted or self.pending is None or self.pending.is_overdue(now)
        if counts and abs(correction) > self.tolerance:
            return self.ordered + round(self._gain(now) * correction)
        is_due = self._is_due(now, ends_at) or self._is_astray()
        return self.ordered if is_due else None

    def _is_astray(self) -> bool:
        """Whether the battery has left its order: then the order is given again, if it runs at all."""
        if self.pending is None or self.pending.since <= self.ordered_at:
            return False
        most = max(STEADY_WATTS, MAX_SHORTFALL_SHARE * abs(self.ordered))
        return abs(self.battery - self.ordered) > most

    def may_order(self, now: float) -> bool:
        """Whether the last order, applied or not, is old enough for another one."""
        pause = WRITE_INTERVAL_SECONDS
        if self.failures:
            pause = min(pause * 2.0**self.failures, MAX_RETRY_SECONDS)
        return now - self.tried_at >= pause

    def _is_due(self, now: float, ends_at: float) -> bool:
        """Whether the order has to be renewed. The last one ends with the target."""
        age = now - self.ordered_at
        is_last = self.ordered_at + self.lease_seconds >= ends_at - 1
        return age >= self.lease_seconds / 2 and not is_last

    def order(
        self, power: int, *, seconds_left: float, interval: float
    ) -> DispatchOrder:
        """Return the order of a power; `interval` is the time from one reading to the next."""
        duration = min(order_seconds(interval), max(seconds_left, 1))
        return self.target.order(power, duration=round(duration))

    def after_order(
        self, requested: DispatchOrder, applied: DispatchOrder, *, at: float, now: float
    ) -> Self:
        """Return the regulator after an order that was written at `at` and has read back by `now`."""
        after = replace(
            self,
            ordered=int(applied.power),
            ordered_at=at,
            tried_at=at,
            failures=0,
            verified_at=now,
            lease_seconds=applied.duration,
            pending=self._pending_after(int(applied.power), at),
        )
        if abs(applied.power) >= abs(requested.power):
            return after
        if requested.power < 0:
            return replace(after, max_charge=abs(applied.power), limited_at=now)
        return replace(after, max_discharge=applied.power, limited_at=now)

    def _pending_after(self, ordered: int, at: float) -> PendingEffect | None:
        """Return what is pending after an order: a renewal changes nothing."""
        if ordered == self.ordered and self.ordered_at and not self._is_astray():
            return self.pending
        expected = ordered - self.shortfall
        return PendingEffect(
            battery=self.battery, grid=self.grid, expected=expected, since=at
        )

    def after_failure(self, at: float) -> Self:
        """Return the regulator after an order, written at `at`, that was not applied, as far as is known."""
        return replace(self, tried_at=at, failures=self.failures + 1)
