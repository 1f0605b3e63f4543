"""Energy totals that continue over outages and restarts: those of the ledger, and the energy of the load."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple, Protocol, override

from homeassistant.const import ATTR_UNIT_OF_MEASUREMENT, UnitOfEnergy
from homeassistant.core import HomeAssistant, State
from homeassistant.util import dt as dt_util
from homeassistant.util.unit_conversion import EnergyConverter

from ..alphaess.pv_energy import LateEnergy
from ..coordinator import InverterCoordinator
from ..statistics.buckets import Period, TimeRange
from ..statistics.metadata import parse_float
from ..statistics.query import HistoryUnavailableError, query_states

UNKNOWN_SECONDS = "unknown_seconds"
"""Attribute of the load's energy: seconds in which the power was not known. The energy lacks them."""


class EnergyTotal(Protocol):
    """A total in kWh, shared by all sensors that show it."""

    @property
    def value(self) -> float | None:
        """The newest plausible value; None before the first."""

    @property
    def confirmed_at(self) -> datetime | None:
        """Until when the value contains all energy: earlier than the last sample while growth is not confirmed."""

    @property
    def late_energies(self) -> Sequence[LateEnergy]:
        """What the value contains since `confirmed_at` or before, but was counted in a longer gap."""
        return ()

    def restore(self, value: float, at: datetime) -> None:
        """Continue from the value that was shown before a restart, unless that is done already."""


class LedgerTotal(EnergyTotal):
    """A lifetime counter, or the PV energy, as the inverter's energy ledger has it."""

    def __init__(self, coordinator: InverterCoordinator, key: str) -> None:
        """Show a total of the ledger."""
        self._ledger = coordinator.inverter.ledger
        self._key = key

    @property
    @override
    def value(self) -> float | None:
        return self._ledger.value(self._key)

    @property
    @override
    def confirmed_at(self) -> datetime | None:
        return self._ledger.confirmed_at(self._key)

    @property
    @override
    def late_energies(self) -> Sequence[LateEnergy]:
        return self._ledger.late_energies(self._key)

    @override
    def restore(self, value: float, at: datetime) -> None:
        self._ledger.restore(self._key, value, at)

    @property
    def offset(self) -> float:
        """What is added to the inverter's own number, in kWh."""
        return self._ledger.offset(self._key)

    @property
    def register_value(self) -> float | None:
        """The inverter's own number, in kWh."""
        return self._ledger.register_value(self._key)


class RestoredLoad(EnergyTotal):
    """The energy that the house has used: the sum before the restart, and since."""

    def __init__(self, coordinator: InverterCoordinator) -> None:
        """Start at 0; `restore` adds the sum before the restart."""
        self._integrator = coordinator.load_integrator
        self._restored_energy = 0.0
        self._restored_until: datetime | None = None
        self._restored_unknown_time = timedelta()

    @property
    @override
    def value(self) -> float | None:
        if self.until is None:
            return None
        return self._restored_energy + self._integrator.energy

    @property
    @override
    def confirmed_at(self) -> datetime | None:
        return self.until

    @property
    def until(self) -> datetime | None:
        """When the load was last known."""
        return self._integrator.last_at or self._restored_until

    @property
    def unknown_time(self) -> timedelta:
        """Time in which the load was not known: outages, and while Home Assistant was off."""
        integrator = self._integrator
        return self._restored_unknown_time + integrator.unknown_time + self._off_time

    @property
    def _off_time(self) -> timedelta:
        started_at = self._integrator.started_at
        if self._restored_until is None or started_at is None:
            return timedelta()
        return max(started_at - self._restored_until, timedelta())

    @override
    def restore(self, value: float, at: datetime) -> None:
        # The two sensors of the load may have been stored at different times.
        self._restored_energy = max(self._restored_energy, value)
        self._restored_until = max(self._restored_until or at, at)

    def restore_unknown_time(self, unknown_time: timedelta) -> None:
        """Add the unknown time from before the restart."""
        self._restored_unknown_time = max(self._restored_unknown_time, unknown_time)


class RecordedEnergy(NamedTuple):
    """A recorded state of an energy sensor."""

    value: float
    """kWh."""
    at: datetime
    unknown_time: timedelta


async def latest_recorded(
    hass: HomeAssistant, entity_id: str, since: datetime
) -> RecordedEnergy | None:
    """Read the highest value since a time from the recorder; None without one.

    After a crash this is newer than the restore state, which is stored every 15 minutes.
    """
    time_range = TimeRange(
        start=since, end=dt_util.utcnow(), period=Period.FIVE_MINUTES
    )
    try:
        states = await query_states(hass, entity_id, time_range)
    except HistoryUnavailableError:
        return None
    energies = (energy for state in states if (energy := _recorded_energy(state)))
    return max(energies, default=None)


def _recorded_energy(state: State) -> RecordedEnergy | None:
    """Convert a state from the unit that a user chose for it; None for a state without a value."""
    value = parse_float(state.state)
    unit = state.attributes.get(ATTR_UNIT_OF_MEASUREMENT)
    if value is None or unit not in EnergyConverter.VALID_UNITS:
        return None
    energy = EnergyConverter.convert(value, unit, UnitOfEnergy.KILO_WATT_HOUR)
    unknown_time = timedelta(seconds=state.attributes.get(UNKNOWN_SECONDS, 0))
    return RecordedEnergy(energy, state.last_updated, unknown_time)
