"""Energy of the house's load, integrated from its power, because no register contains it."""

from datetime import datetime, timedelta

from .counter_samples import JOULES_PER_KWH

NEGATIVE_WATTS = -100
"""Below this, a sum of sources is more than an error of measurement."""
NEGATIVE_TIME = timedelta(minutes=10)
"""Clouds and large loads make the sum negative for seconds only."""


class NegativeLoad:
    """Detects that the sum of all sources stays below 0, which no house does.

    Another inverter that is not measured, or a meter with the wrong sign or at the wrong
    place, look like that.
    """

    def __init__(self) -> None:
        """Start without any sample."""
        self._since: datetime | None = None
        self._last: datetime | None = None

    @property
    def since(self) -> datetime | None:
        """Since when, once it lasts; otherwise None."""
        if self._since is None or self._last is None:
            return None
        return self._since if self._last - self._since >= NEGATIVE_TIME else None

    def update(self, balance: float | None, at: datetime) -> None:
        """Evaluate the sum of all sources, in W."""
        if balance is None or balance > NEGATIVE_WATTS:
            self._since = None
        elif self._since is None:
            self._since = at
        self._last = at


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
        self.max_gap = max_gap
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
        if length > self.max_gap:
            self.unknown_time += length
        elif length > timedelta():
            self.energy += mean_power * length.total_seconds() / JOULES_PER_KWH
