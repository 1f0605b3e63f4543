"""The power that flows between the components of a house, as the diagram of the followed system shows it."""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ..alphaess.identity import Identity
from ..alphaess.snapshot import Power, Snapshot

GRID, INVERTER, HOME, BATTERY = "grid", "backup_unit", "home_usage", "battery_1"
"""The names of the followed system for components that every house has."""

AC_SOLAR = "solar_ac"
"""PV behind an inverter of its own."""

type SolarPowers = Mapping[str, float | None]
"""The power of each source of PV in W, by the name of its component."""


def solar_names(identity: Identity) -> tuple[str, ...]:
    """Return the names of the strings, and of the AC-coupled PV."""
    strings = tuple(f"solar_{index}" for index in range(1, identity.strings + 1))
    return (*strings, AC_SOLAR) if identity.ac_coupled else strings


def solar_powers(snapshot: Snapshot, identity: Identity) -> SolarPowers:
    """Return the power of each source of PV; None where the inverter does not serve it."""
    powers: dict[str, float | None] = dict.fromkeys(solar_names(identity))
    for index, power in enumerate(snapshot.string_powers[: identity.strings], 1):
        powers[f"solar_{index}"] = power
    if identity.ac_coupled:
        powers[AC_SOLAR] = snapshot.pv_meter_power
    return powers


def flow_targets(solar: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield each pair of components between which power can flow, from source to target."""
    yield GRID, INVERTER
    yield INVERTER, GRID
    yield INVERTER, HOME
    yield INVERTER, BATTERY
    yield BATTERY, INVERTER
    for name in solar:
        yield name, INVERTER


def flows_to_json(power: Power, solar: SolarPowers) -> dict[str, Any]:
    """Convert power values to components and flows, in W; None where a value is unknown."""
    imported, exported = _positive(power.grid), _negative(power.grid)
    discharged, charged = _positive(power.battery), _negative(power.battery)
    outputs = {GRID: imported, BATTERY: discharged, **solar}
    inputs = {GRID: exported, BATTERY: charged, HOME: power.load}
    components = {
        GRID: {"currentIn": imported, "currentOut": exported},
        INVERTER: {
            "currentIn": _sum((imported, discharged, power.pv)),
            "currentOut": _sum(inputs.values()),
        },
        HOME: {"currentIn": power.load},
        BATTERY: {"currentIn": charged, "currentOut": discharged},
    } | {name: {"currentOut": value} for name, value in solar.items()}
    flows = {
        f"{source}_to_{target}": {
            "current": inputs[target] if source == INVERTER else outputs[source]
        }
        for source, target in flow_targets(solar)
    }
    return {"batterySOC": power.soc, "components": components, "flows": flows}


def _positive(value: float | None) -> float | None:
    return None if value is None else max(value, 0)


def _negative(value: float | None) -> float | None:
    return None if value is None else max(-value, 0)


def _sum(values: Iterable[float | None]) -> float | None:
    known = list(values)
    return None if None in known else sum(value for value in known if value is not None)
