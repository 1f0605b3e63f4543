"""Power flow of the house at one moment, and the lifetime energy counters."""

from dataclasses import astuple, dataclass

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


@dataclass(frozen=True, slots=True)
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
        each_second = EnergyCounters(
            grid_import=bought,
            grid_export=max(0, -flow.grid),
            strings=sum(flow.strings),
            ac_solar=flow.ac_solar,
            charge=charge,
            discharge=max(0, flow.battery),
            charge_from_grid=min(charge, bought),
        )
        return self.plus(each_second, seconds)

    def plus(self, growth: EnergyCounters, times: int) -> EnergyCounters:
        """Add the growth of a second or of a day, this many times."""
        grown = zip(astuple(self), astuple(growth), strict=True)
        return EnergyCounters(*(before + times * more for before, more in grown))


def in_joules(kilowatt_hours: float) -> int:
    """Convert kWh to joules."""
    return round(kilowatt_hours * 3_600_000)


def in_kilowatt_hours(joules: int, *, step: float) -> float:
    """Convert joules to kWh, truncated to the meter's step."""
    steps = joules // round(step * 3_600_000)
    return round(steps * step, 2)
