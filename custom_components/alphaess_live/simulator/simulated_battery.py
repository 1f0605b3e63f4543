"""The simulated battery: stored energy, power limits and losses."""

from dataclasses import dataclass

JOULES_PER_WATT_HOUR = 3600
FULL_PERCENT = 100.0
TAPER_FROM_PERCENT = 94.0
"""State of charge from which the charge power decreases."""
TRICKLE_SHARE = 0.04
"""Share of the charge power that remains at 100 %."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """Size and limits of the battery."""

    capacity: int
    """Wh."""
    modules: int
    charge: int
    """Maximum power (W)."""
    discharge: int
    """Maximum power (W)."""
    cells: int
    """In series."""
    floor: float = 4.0
    """State of charge (%) below which the battery's own protection opens."""
    efficiency: float = 0.97
    """Of charging and of discharging each: 94 % round trip."""


class SimulatedBattery:
    """The state of the battery: integer watts at its terminals, stored joules."""

    def __init__(self, pack: Pack, soc: float) -> None:
        """Start at this state of charge (%)."""
        self.pack = pack
        self._full = pack.capacity * JOULES_PER_WATT_HOUR
        self._stored = soc / FULL_PERCENT * self._full

    @property
    def soc(self) -> float:
        """State of charge (%)."""
        return FULL_PERCENT * self._stored / self._full

    def can_charge(self, seconds: int, *, until: float = FULL_PERCENT) -> int:
        """Compute the maximum charge power (W) that does not exceed the target in these seconds."""
        room = min(until, FULL_PERCENT) / FULL_PERCENT * self._full - self._stored
        slowed = self._taper_factor() * self.pack.charge
        return max(0, int(min(slowed, room / self.pack.efficiency / seconds)))

    def can_discharge(self, seconds: int, *, until: float = 0.0) -> int:
        """Compute the maximum discharge power (W) that does not go below the target in these seconds."""
        left = self._stored - max(until, self.pack.floor) / FULL_PERCENT * self._full
        return max(
            0, int(min(self.pack.discharge, left * self.pack.efficiency / seconds))
        )

    def exchange(self, power: int, seconds: int) -> None:
        """Discharge (power above 0) or charge (below 0) for these seconds."""
        loss = self.pack.efficiency if power < 0 else 1 / self.pack.efficiency
        self._stored -= power * loss * seconds

    def _taper_factor(self) -> float:
        if self.soc <= TAPER_FROM_PERCENT:
            return 1.0
        return max(
            TRICKLE_SHARE,
            (FULL_PERCENT - self.soc) / (FULL_PERCENT - TAPER_FROM_PERCENT),
        )
