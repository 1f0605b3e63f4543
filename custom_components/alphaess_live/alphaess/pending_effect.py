"""Whether a reading shows a new power of the battery in both of its values: at the battery, and at the meter."""

from dataclasses import dataclass, replace
from typing import Self

STEADY_WATTS = 100
"""Two readings with this difference are equal."""
EFFECT_SECONDS = 10
"""So long an inverter may need to follow an order; a later reading counts, with doubt, if it does not follow."""
METER_SECONDS = 20
"""The longest time from one value of a meter to the next, if the values differ."""
REACHED_SHARE = 0.5
"""The part of a change after which the battery is following its order."""
TOLERANCE_SHARE = 0.1


@dataclass(frozen=True, kw_only=True)
class PendingEffect:
    """A change of the battery's power, and what the reading before it showed: W, s.

    A meter is renewed once a second or only every few seconds, and its register says not
    when. So a value counts as measured after the change only if it has changed accordingly,
    or once more than that.
    """

    battery: float
    grid: float
    expected: float
    """What the battery changes to."""
    since: float
    """When it was ordered, or seen."""
    grid_at_change: float | None = None
    """The first other value of the meter once the battery had changed: it may be from before that."""
    changed_at: float | None = None
    """When the battery has changed; None while it has not."""

    def after_reading(
        self, battery: float, grid: float, *, moved: float, at: float
    ) -> Self | None:
        """Return what is pending after a reading; None if both values are of the new power.

        `moved` is how much the battery's power has changed since the previous reading.
        """
        if not self._is_reached(battery, moved):
            return self
        after = self if self.changed_at else replace(self, changed_at=at)
        if grid == self.grid:
            return after
        is_small = abs(self.expected - self.battery) <= STEADY_WATTS
        if is_small or self._is_explained(battery, grid):
            return None
        if after.grid_at_change is None:
            return replace(after, grid_at_change=grid, changed_at=at)
        is_renewed = grid != after.grid_at_change
        is_old = after.changed_at and at - after.changed_at >= METER_SECONDS
        return None if is_renewed or is_old else after

    def _is_reached(self, battery: float, moved: float) -> bool:
        """Whether the battery has followed, as far as it will."""
        change = self.expected - self.battery
        progress = battery - self.battery
        if progress * change < 0 or abs(progress) < REACHED_SHARE * abs(change):
            return False
        return moved <= STEADY_WATTS or abs(battery - self.expected) <= max(
            STEADY_WATTS, TOLERANCE_SHARE * abs(self.expected)
        )

    def _is_explained(self, battery: float, grid: float) -> bool:
        """Whether the meter shows what the battery has changed, and nothing else."""
        change = battery - self.battery
        other = change + grid - self.grid
        return abs(other) <= max(STEADY_WATTS, TOLERANCE_SHARE * abs(change))

    def is_overdue(self, at: float) -> bool:
        """Whether the battery should have changed by now: what it does instead counts."""
        return self.changed_at is None and at - self.since >= EFFECT_SECONDS

    def overshoot(self, needed: float) -> float:
        """Return by how much the meter has moved beyond the change, in its direction; 0 if it has not.

        `needed` is what the meter would show now without the battery.
        """
        change = self.expected - self.battery
        beyond = (self.battery + self.grid - needed) * (1 if change > 0 else -1)
        return max(beyond, 0.0)
