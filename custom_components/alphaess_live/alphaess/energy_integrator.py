"""What the house has used, summed up from its power: no register counts it."""

from datetime import datetime, timedelta

_JOULES = 3_600_000


class EnergyIntegrator:
    """Sums up the load in kWh, and the time for which nobody knows it.

    The other way would be to add up the counters: PV + imported - exported +
    discharged - charged. They step by 0.1 kWh, each at another moment, so that sum
    falls as often as it rises, and an hour of it is up to half a kWh off. The powers
    come from one burst and agree with each other. What the inverter itself loses is
    in both: PV and battery are measured on its DC side.
    """

    def __init__(self, max_gap: timedelta) -> None:
        """Begin at 0. Over a longer silence than is bridged, nothing is made up."""
        self.energy = 0.0
        self.unknown_time = timedelta()
        """How long the load was not known between the first sample and the last."""
        self.started_at: datetime | None = None
        """When the first sample was taken."""
        self._max_gap = max_gap
        self._last: tuple[datetime, float] | None = None

    @property
    def last_at(self) -> datetime | None:
        """When the last sample was taken."""
        return self._last[0] if self._last else None

    def add(self, load: float | None, at: datetime) -> None:
        """Take a sample in W; None while a term is missing, which is silence."""
        if load is None:
            return
        if self._last:
            begun, before = self._last
            self._add_interval((before + load) / 2, at - begun)
        else:
            self.started_at = at
        self._last = at, load

    def _add_interval(self, mean: float, gap: timedelta) -> None:
        # A clock that is set back makes a gap below 0: neither used nor unknown.
        if gap > self._max_gap:
            self.unknown_time += gap
        elif gap > timedelta():
            self.energy += mean * gap.total_seconds() / _JOULES
