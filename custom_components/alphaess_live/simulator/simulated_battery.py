"""A battery: what it stores, what it gives back, and what it refuses."""

from dataclasses import dataclass

JOULES_PER_WATT_HOUR = 3600
"""In a watt-hour."""
FULL_PERCENT = 100.0
TAPER_FROM_PERCENT = 94.0
"""From here on (%) cells are balanced and take less and less."""
TRICKLE_SHARE = 0.04
"""Of the full charge power, what is left at the very end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """What was bought: size and limits of the battery."""

    capacity: int
    """Wh."""
    modules: int
    charge: int
    """At most, W."""
    discharge: int
    """At most, W."""
    cells: int
    """In series."""
    floor: float = 4.0
    """The battery's own protection opens below this state of charge (%)."""
    efficiency: float = 0.97
    """One way; so 94 % of what goes in comes out again."""


class SimulatedBattery:
    """The same battery at work: integer watts at its terminals, energy inside."""

    def __init__(self, pack: Pack, soc: float) -> None:
        """Install the battery, charged so far (%)."""
        self.pack = pack
        self._full = pack.capacity * JOULES_PER_WATT_HOUR
        self._stored = soc / FULL_PERCENT * self._full

    @property
    def soc(self) -> float:
        """How full it is (%)."""
        return FULL_PERCENT * self._stored / self._full

    def can_charge(self, seconds: int, *, until: float = FULL_PERCENT) -> int:
        """Tell the most it takes for so long without going over the target (W)."""
        room = min(until, FULL_PERCENT) / FULL_PERCENT * self._full - self._stored
        slowed = self._taper_factor() * self.pack.charge
        return max(0, int(min(slowed, room / self.pack.efficiency / seconds)))

    def can_discharge(self, seconds: int, *, until: float = 0.0) -> int:
        """Tell the most it gives for so long without going under the target (W)."""
        left = self._stored - max(until, self.pack.floor) / FULL_PERCENT * self._full
        return max(
            0, int(min(self.pack.discharge, left * self.pack.efficiency / seconds))
        )

    def exchange(self, power: int, seconds: int) -> None:
        """Give (power above 0) or take (below 0) for so long."""
        loss = self.pack.efficiency if power < 0 else 1 / self.pack.efficiency
        self._stored -= power * loss * seconds

    def _taper_factor(self) -> float:
        if self.soc <= TAPER_FROM_PERCENT:
            return 1.0
        return max(
            TRICKLE_SHARE,
            (FULL_PERCENT - self.soc) / (FULL_PERCENT - TAPER_FROM_PERCENT),
        )
