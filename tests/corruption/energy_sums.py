"""Adds up the energy sensors by the recorder's rule, and compares the sums with the energy that flowed."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

RESET_SHARE = 0.9
"""The recorder regards a `total_increasing` state below this share of the last one as a reset."""
TOLERANCE_KWH = 0.05
"""Largest difference between a sum and the energy that flowed, besides the step of the register."""
STEP_KWH = 0.1
SPIKE_KWH = 0.5
"""A number of a counter that is too high by less is possible; the total waits until the counter is there."""
MAX_GAP_KWH = 160
"""What can flow in the longest gap of an example."""


@dataclass
class EnergySum:
    """The sum of one `total_increasing` sensor, as the recorder compiles it from the same states."""

    last: float
    base: float
    """What the register really had when the first state was measured, in kWh."""
    sum: float = 0.0

    def add(self, state: float) -> bool:
        """Add a recorded state; return whether it is lower than the last one."""
        is_reset = 0 <= state < RESET_SHARE * self.last
        self.sum += state if is_reset else state - self.last
        fell, self.last = state < self.last, state
        return fell

    def excess(self, true: float) -> float:
        """Return by how many kWh the sum exceeds the energy that flowed, or lacks some (negative)."""
        error = self.sum - (true - self.base)
        tolerance = TOLERANCE_KWH + STEP_KWH
        return max(error - tolerance, 0) if error > 0 else min(error + tolerance, 0)


class EnergySums:
    """The sums of all lifetime totals of one entry, over reloads and restarts."""

    def __init__(self) -> None:
        """Start without a state."""
        self._sums: dict[str, EnergySum] = {}

    def add(
        self, key: str, state: float, true_energies: Callable[[str], Sequence[float]]
    ) -> str | None:
        """Add a state of a sensor; return what is wrong with it by itself.

        `true_energies` returns all numbers so far. The first state may be an earlier one.
        """
        if key not in self._sums:
            true = true_energies(key)
            is_spike = 0 < state - true[-1] <= SPIKE_KWH
            is_base = state in true or is_spike
            self._sums[key] = EnergySum(state, state if is_base else true[-1])
            return None
        before = self._sums[key].last
        fell = self._sums[key].add(state)
        return f"{key} falls from {before} to {state}" if fell else None

    @property
    def by_key(self) -> dict[str, float]:
        """The sums, in kWh."""
        return {key: one.sum for key, one in self._sums.items()}

    def too_high(self, true: Mapping[str, float]) -> Iterator[str]:
        """Yield the sums that contain energy that did not flow."""
        for key, one in self._sums.items():
            if key in true and one.excess(true[key]) > 0:
                yield self._text(key, true)

    def too_low(self, true: Mapping[str, float]) -> Iterator[str]:
        """Yield the sums that lack energy that flowed."""
        for key, one in self._sums.items():
            if key in true and one.excess(true[key]) < 0:
                yield self._text(key, true)

    def begin_odd(self, key: str, lowest: float) -> None:
        """Let a sum begin with an odd number, because that was sent so often that it is accepted.

        Where that is lower, the true number looks like growth, as far as so much can have
        flowed. Where it is not, energy counts from when the odd number was read: since
        then the true one has been at least `lowest`.
        """
        if one := self._sums.get(key):
            first = one.last - one.sum
            is_low = 0 < one.base - first <= MAX_GAP_KWH
            one.base = first if is_low else min(one.base, lowest)

    def _text(self, key: str, true: Mapping[str, float]) -> str:
        one = self._sums[key]
        flowed = true[key] - one.base
        return f"{key} adds {one.sum:.2f} kWh, but {flowed:.2f} kWh flowed"
