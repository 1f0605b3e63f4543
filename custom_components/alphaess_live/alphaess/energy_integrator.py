"""Energy of the house's load, integrated from its power, because no register contains it."""

from datetime import datetime, timedelta

from .monotonic_counter import JOULES_PER_KWH


class EnergyIntegrator:
    """Integrates a power to kWh, and adds up the time for which it was not known.

    The alternative is to add the counters: PV + imported - exported + discharged -
    charged. They have steps of 0.1 kWh, each at another moment, so that their sum
    decreases as often as it grows, and is wrong by up to 0.5 kWh in an hour. The powers
    are read close together and are consistent. The losses of the inverter are part of
    both: PV and battery are measured on its DC side.
    """

    def __init__(self, max_gap: timedelta) -> None:
        """Start at 0. A longer time without samples is not integrated."""
        self.energy = 0.0
        """kWh since the first sample."""
        self.unknown_time = timedelta()
        """Time between the first and the last sample for which the power is unknown."""
        self.started_at: datetime | None = None
        """When the first sample was measured."""
        self._max_gap = max_gap
        self._last: tuple[datetime, float] | None = None

    @property
    def last_at(self) -> datetime | None:
        """When the last sample was measured."""
        return self._last[0] if self._last else None

    def add(self, power: float | None, at: datetime) -> None:
        """Add a sample in W; None if the power is not known."""
        if power is None:
            return
        if self._last:
            last_at, last_power = self._last
            self._add_interval((last_power + power) / 2, at - last_at)
        else:
            self.started_at = at
        self._last = at, power

    def _add_interval(self, mean_power: float, length: timedelta) -> None:
        # A clock that is set back makes a length below 0, which adds nothing.
        if length > self._max_gap:
            self.unknown_time += length
        elif length > timedelta():
            self.energy += mean_power * length.total_seconds() / JOULES_PER_KWH
