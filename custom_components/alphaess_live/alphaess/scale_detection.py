"""Detects the scales of a device from raw values that would be impossible with the default scale."""

from collections.abc import Callable

from .maps import CURRENT, RegisterMap
from .registers.register import Memory
from .scales import (
    AC_POWER,
    CELL_VOLTAGE,
    CUT_OFF_CHARGE,
    GRID_VOLTAGE,
    INVERTER_TEMPERATURE,
    PROFILES,
    STANDARD,
    TOTAL_ENERGY,
    ModelFamily,
    ScaleProfile,
    ScaleVariant,
)

type Value = Callable[[str, str], float]
"""Returns a value at its default scale, by the names of block and field; KeyError if it was not read."""

type Rule = Callable[[Value], bool]


def detect_scales(memory: Memory, register_map: RegisterMap = CURRENT) -> ScaleProfile:
    """Return the variants whose alternative scale is proven by these words alone."""
    return ScaleDetector(register_map).update(memory)


class ScaleDetector:
    """Collects the evidence of one device; a scale that is detected is kept."""

    def __init__(self, register_map: RegisterMap = CURRENT) -> None:
        """Start without evidence."""
        self._map = register_map
        self._observed: ScaleProfile = STANDARD
        """Variants of which there was evidence for or against."""
        self._suspected: ScaleProfile = STANDARD
        """Variants whose last evidence was for the alternative scale."""

    def update(self, memory: Memory) -> ScaleProfile:
        """Return what is detected: by the first evidence, or by two in a row, since one may be a spike."""

        def value(block: str, field: str) -> float:
            number: float = self._map.block(block).registers[field].decode(memory)
            return number

        results = {variant: _apply(rule, value) for variant, rule in RULES}
        decided = frozenset(one for one, holds in results.items() if holds is not None)
        proven = frozenset(one for one, holds in results.items() if holds)
        detected = proven & (self._suspected | decided - self._observed)
        self._suspected = proven | self._suspected - decided
        self._observed |= decided
        if CELL_VOLTAGE in detected:
            # Only a SMILE-B3 sends hundredths of a volt, and no raw value proves its other scales.
            detected |= PROFILES[ModelFamily.SMILE_B3]
        return detected


def _apply(rule: Rule, value: Value) -> bool | None:
    """Apply a rule; None where its registers were not read or are not in the map."""
    try:
        return rule(value)
    except KeyError:
        return None


def _grid_voltage(value: Value) -> bool:
    return value("grid", "voltage_l1") > 1000


def _cell_voltage(value: Value) -> bool:
    """No cell has less than 1 V."""
    return 0 < value("battery", "cell_voltage_max") < 1


def _inverter_temperature(value: Value) -> bool:
    return value("state", "temperature") > 100


def _total_energy(value: Value) -> bool:
    """The system's PV total must be near the sum of its parts, not ten times as much."""
    parts = value("state", "pv_energy_total") + max(
        value("pv_meter", "energy_1_total"), value("pv_meter", "energy_2_total")
    )
    return parts > 10 and 8 < value("totals", "pv_energy_total") / parts < 12


def _ac_power(value: Value) -> bool:
    """Without sun the output has the battery's power, not ten times as much.

    A large load that was switched on between two updates looks the same; but then the
    output's voltage and current agree with its power.
    """
    strings = sum(value("strings", f"pv{n}_power") for n in (1, 2, 3))
    battery = value("battery", "power")
    if strings or abs(battery) < 300:
        return False
    power = value("output", "power")
    return 7 < power / battery < 13 and abs(power) > 5 * _apparent_power(value)


def _apparent_power(value: Value) -> float:
    """Return the product of the output's voltage and current in VA; no real power is higher."""
    return sum(
        value("output", f"voltage_l{n}") * abs(value("output", f"current_l{n}"))
        for n in (1, 2, 3)
    )


def _cut_off_charge(value: Value) -> bool:
    """No battery is charged above 100 %."""
    limits = (value("periods", one) for one in ("discharge_floor", "charge_target"))
    return any(100 < limit <= 1000 for limit in limits)


RULES: tuple[tuple[ScaleVariant, Rule], ...] = (
    (GRID_VOLTAGE, _grid_voltage),
    (CELL_VOLTAGE, _cell_voltage),
    (INVERTER_TEMPERATURE, _inverter_temperature),
    (TOTAL_ENERGY, _total_energy),
    (AC_POWER, _ac_power),
    (CUT_OFF_CHARGE, _cut_off_charge),
)
"""A rule returns whether the words prove the alternative scale."""
