"""AC quantities by phase: powers, voltages, currents, power factors, frequency."""

from collections.abc import Iterable
from math import hypot

from .appliances import PhasePowers
from .house import House
from .sky import seconds_of, smooth_random_at

_VOLTS_PER_WATT = 0.0004
"""Voltage drop for each imported watt on a phase."""


def split(power: int, phases: int) -> PhasePowers:
    """Split a power evenly over the phases; the remainder goes to L1."""
    if phases == 1:
        return (power, 0, 0)
    third = power // 3
    return (power - 2 * third, third, third)


def drawn(house: House) -> PhasePowers:
    """Compute the power of the appliances on each existing phase (W)."""
    if house.equipment.phases == 1:
        return (sum(house.flow.drawn), 0, 0)
    return house.flow.drawn


def grid_powers(house: House) -> PhasePowers:
    """Compute the grid power of each phase (W); the sum is exactly the grid power."""
    phases = house.equipment.phases
    inverter = split(house.flow.inverter, phases)
    roof = split(house.flow.ac_solar, phases)
    first, second, third = (
        used - made - sun
        for used, made, sun in zip(drawn(house), inverter, roof, strict=True)
    )
    return first, second, third


def frequency(house: House) -> float:
    """Compute the grid frequency (Hz); it varies around 50 Hz."""
    wander = smooth_random_at(house.seed + 7, seconds_of(house.clock) / 20)
    return round(49.97 + 0.06 * wander, 2)


def voltages(house: House) -> tuple[float, float, float]:
    """Compute the voltage of each existing phase (V); 0 for the others."""
    first, second, third = (
        _voltage(house, phase, power) if phase < house.equipment.phases else 0.0
        for phase, power in enumerate(grid_powers(house))
    )
    return first, second, third


def volts(house: House) -> dict[str, float]:
    """Compute the voltages under the field names of the blocks."""
    return by_phase("voltage", voltages(house))


def amperes(house: House, powers: PhasePowers) -> dict[str, float]:
    """Compute the currents of these powers (A), with their sign."""
    pairs = zip(powers, voltages(house), strict=True)
    return by_phase("current", (watts / volt if volt else 0 for watts, volt in pairs))


def powers_with_reactive(
    powers: PhasePowers, reactive: PhasePowers
) -> dict[str, float]:
    """Compute active, reactive and apparent power and power factor of each phase."""
    pairs = tuple(zip(powers, reactive, strict=True))
    return (
        by_phase("power", powers)
        | by_phase("reactive_power", reactive)
        | by_phase("apparent_power", (apparent(*pair) for pair in pairs))
        | by_phase("power_factor", (factor(*pair) for pair in pairs))
    )


def by_phase(name: str, values: Iterable[float]) -> dict[str, float]:
    """Map the values of the phases to field names: `power_l1`, `power_l2`, `power_l3`."""
    return {f"{name}_l{phase}": value for phase, value in enumerate(values, 1)}


def apparent(active: int, reactive: int) -> int:
    """Compute the apparent power (VA)."""
    return round(hypot(active, reactive))


def factor(active: int, reactive: int) -> float:
    """Compute the power factor, with the sign of the power."""
    both = apparent(active, reactive)
    return round(active / both, 2) if both else 0.0


def _voltage(house: House, phase: int, power: int) -> float:
    wander = smooth_random_at(house.seed + 8 + phase, seconds_of(house.clock) / 60)
    return 229.5 + 3.5 * wander - _VOLTS_PER_WATT * power
