"""Alternating current: how powers share out over the phases, and what volts and amperes follow."""

from collections.abc import Iterable
from math import hypot

from .appliances import PhasePowers
from .chance import smooth_random_at
from .house import House

_VOLTS_PER_WATT = 0.0004
"""Volts that each imported watt costs on a phase, and each exported one adds."""


def split(power: int, phases: int) -> PhasePowers:
    """Share a power out evenly; what does not divide goes to L1."""
    if phases == 1:
        return (power, 0, 0)
    third = power // 3
    return (power - 2 * third, third, third)


def drawn(house: House) -> PhasePowers:
    """Tell what the appliances draw on each phase there is."""
    if house.equipment.phases == 1:
        return (sum(house.flow.drawn), 0, 0)
    return house.flow.drawn


def grid_powers(house: House) -> PhasePowers:
    """Tell the grid power of each phase; together they are the grid power, to the watt."""
    phases = house.equipment.phases
    inverter = split(house.flow.inverter, phases)
    roof = split(house.flow.ac_solar, phases)
    first, second, third = (
        used - made - sun
        for used, made, sun in zip(drawn(house), inverter, roof, strict=True)
    )
    return first, second, third


def frequency(house: House) -> float:
    """Tell the grid's frequency; it wanders around 50 Hz."""
    return round(
        49.97 + 0.06 * smooth_random_at(house.seed + 7, _seconds(house) / 20), 2
    )


def voltages(house: House) -> tuple[float, float, float]:
    """Tell the voltage of each phase there is; 0 for the others."""
    first, second, third = (
        _voltage(house, phase, power) if phase < house.equipment.phases else 0.0
        for phase, power in enumerate(grid_powers(house))
    )
    return first, second, third


def volts(house: House) -> dict[str, float]:
    """Name the voltages as the blocks do."""
    return by_phase("voltage", voltages(house))


def amperes(house: House, powers: PhasePowers) -> dict[str, float]:
    """Name the currents that carry these powers, signed as they are."""
    pairs = zip(powers, voltages(house), strict=True)
    return by_phase("current", (watts / volt if volt else 0 for watts, volt in pairs))


def powers_with_reactive(
    powers: PhasePowers, reactive: PhasePowers
) -> dict[str, float]:
    """Name active, reactive and apparent power and power factor of each phase."""
    pairs = tuple(zip(powers, reactive, strict=True))
    return (
        by_phase("power", powers)
        | by_phase("reactive_power", reactive)
        | by_phase("apparent_power", (apparent(*pair) for pair in pairs))
        | by_phase("power_factor", (factor(*pair) for pair in pairs))
    )


def by_phase(name: str, values: Iterable[float]) -> dict[str, float]:
    """Name a value of each phase as the blocks do: `power_l1`, `power_l2`, `power_l3`."""
    return {f"{name}_l{phase}": value for phase, value in enumerate(values, 1)}


def apparent(active: int, reactive: int) -> int:
    """Combine active and reactive power."""
    return round(hypot(active, reactive))


def factor(active: int, reactive: int) -> float:
    """Tell the power factor; its sign is that of the power."""
    both = apparent(active, reactive)
    return round(active / both, 2) if both else 0.0


def _voltage(house: House, phase: int, power: int) -> float:
    wander = smooth_random_at(house.seed + 8 + phase, _seconds(house) / 60)
    return 229.5 + 3.5 * wander - _VOLTS_PER_WATT * power


def _seconds(house: House) -> float:
    return (
        house.clock.toordinal() * 86400
        + house.clock.hour * 3600
        + (house.clock.minute * 60 + house.clock.second)
    )
