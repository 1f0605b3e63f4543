"""What the inverter can be told to do with the battery, apart from its own will."""

from dataclasses import dataclass
from enum import StrEnum


class Strategy(StrEnum):
    """What decides the battery's power."""

    FOLLOW = "follow"
    """The house: charge what is left over, give what is missing."""
    FORCED = "forced"
    """The order: so many watts, whatever the house does."""
    SOLAR_ONLY = "solar_only"
    """Charge what is left over; never discharge."""
    NO_CHARGE = "no_charge"
    """Give what is missing; never charge."""
    FULL_OUTPUT = "full_output"
    """Help the sun to reach the inverter's full power."""
    FULL_CHARGE = "full_charge"
    """Charge as fast as possible, from wherever it comes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BatteryOrder:
    """One order; it holds until another replaces it."""

    strategy: Strategy = Strategy.FOLLOW
    power: int = 0
    """W, above 0 to discharge: the forced power; its size limits the other strategies, 0 does not."""
    target: float | None = None
    """State of charge (%) at which a forced charge or discharge ends."""
    pv_enabled: bool = True
    """Whether the strings may produce."""

    def battery_power(self, followed: int, *, output: int) -> int:
        """Choose the battery's power, given what the house wishes and full output would take."""
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
"""Self-consumption: what the inverter does when nobody tells it anything."""
