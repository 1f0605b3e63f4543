"""Operating strategies of the battery: self-consumption, and what a dispatch order can select."""

from dataclasses import dataclass
from enum import StrEnum


class Strategy(StrEnum):
    """How the battery's power is chosen."""

    FOLLOW = "follow"
    """Follow the house: charge the surplus, discharge the deficit."""
    FORCED = "forced"
    """Use the ordered power, whatever the house draws."""
    SOLAR_ONLY = "solar_only"
    """Charge the surplus; never discharge."""
    NO_CHARGE = "no_charge"
    """Discharge the deficit; never charge."""
    FULL_OUTPUT = "full_output"
    """Discharge until the inverter runs at its rated power."""
    FULL_CHARGE = "full_charge"
    """Charge at the maximum power, from PV and grid."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatteryOrder:
    """One order; it applies until another replaces it."""

    strategy: Strategy = Strategy.FOLLOW
    power: int = 0
    """W, above 0 to discharge: the forced power; its magnitude limits the other strategies, unless it is 0."""
    target: float | None = None
    """State of charge (%) at which a forced charge or discharge ends."""
    pv_enabled: bool = True
    """Whether the strings may produce."""

    def battery_power(self, followed: int, *, output: int) -> int:
        """Compute the battery's power (W).

        `followed` is the power that balances the house, `output` the power for rated output.
        """
        match self.strategy:
            case Strategy.FORCED:
                return self.power
            case Strategy.FULL_OUTPUT:
                return self._within_limits(max(0, output))
            case Strategy.FULL_CHARGE:
                return self._within_limits(-(1 << 31))
            case Strategy.SOLAR_ONLY:
                return self._within_limits(min(0, followed))
            case Strategy.NO_CHARGE:
                return self._within_limits(max(0, followed))
            case Strategy.FOLLOW:
                return self._within_limits(followed)

    def _within_limits(self, power: int) -> int:
        limit = abs(self.power)
        return max(-limit, min(limit, power)) if limit else power


SELF_CONSUMPTION = BatteryOrder()
"""The default without an order."""
