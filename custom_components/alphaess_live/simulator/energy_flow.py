"""Power flow of the house at one moment, and the lifetime energy counters."""

from dataclasses import dataclass, replace

from .appliances import PhasePowers


@dataclass(frozen=True, slots=True, kw_only=True)
class Flow:
    """Integer watts, as the registers carry them; they balance exactly."""

    strings: tuple[int, ...]
    """Each string of panels at the inverter."""
    ac_solar: int
    """Panels with an inverter of their own, seen by the PV meter."""
    battery: int
    """Above 0: discharging."""
    loss: int
    """Loss of the inverter."""
    drawn: PhasePowers
    """Power of the appliances on each phase."""
    grid: int
    """Above 0: import."""

    @property
    def solar(self) -> int:
        """Total PV power."""
        return sum(self.strings) + self.ac_solar

    @property
    def load(self) -> int:
        """Load as the registers show it: the appliances and the inverter's loss."""
        return sum(self.drawn) + self.loss

    @property
    def inverter(self) -> int:
        """The inverter's AC side; below 0 it charges from AC."""
        return sum(self.strings) + self.battery - self.loss


@dataclass(frozen=True, slots=True, kw_only=True)
class EnergyCounters:
    """Lifetime energy in joules (watt-seconds): integers, so that nothing is lost."""

    grid_import: int = 0
    grid_export: int = 0
    strings: int = 0
    ac_solar: int = 0
    charge: int = 0
    discharge: int = 0
    charge_from_grid: int = 0

    def after(self, flow: Flow, seconds: int) -> EnergyCounters:
        """Add the energy of this flow over these seconds."""
        charge = max(0, -flow.battery)
        bought = max(0, flow.grid)
        return replace(
            self,
            grid_import=self.grid_import + bought * seconds,
            grid_export=self.grid_export + max(0, -flow.grid) * seconds,
            strings=self.strings + sum(flow.strings) * seconds,
            ac_solar=self.ac_solar + flow.ac_solar * seconds,
            charge=self.charge + charge * seconds,
            discharge=self.discharge + max(0, flow.battery) * seconds,
            charge_from_grid=self.charge_from_grid + min(charge, bought) * seconds,
        )

    def plus_days(self, each_day: EnergyCounters, days: int) -> EnergyCounters:
        """Add the energy of this many days."""
        return EnergyCounters(
            grid_import=self.grid_import + days * each_day.grid_import,
            grid_export=self.grid_export + days * each_day.grid_export,
            strings=self.strings + days * each_day.strings,
            ac_solar=self.ac_solar + days * each_day.ac_solar,
            charge=self.charge + days * each_day.charge,
            discharge=self.discharge + days * each_day.discharge,
            charge_from_grid=self.charge_from_grid + days * each_day.charge_from_grid,
        )


def in_joules(kilowatt_hours: float) -> int:
    """Convert kWh to joules."""
    return round(kilowatt_hours * 3_600_000)


def in_kilowatt_hours(joules: int, *, step: float) -> float:
    """Convert joules to kWh, truncated to the meter's step."""
    steps = joules // round(step * 3_600_000)
    return round(steps * step, 2)
