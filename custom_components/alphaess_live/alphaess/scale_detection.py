"""Which scales a device uses, where its raw values prove it."""

from collections.abc import Callable

from .registers import (
    Battery,
    Grid,
    InverterOutput,
    InverterState,
    Periods,
    PvMeter,
    Strings,
    SystemTotals,
)
from .registers.block import Block
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

type Rule = Callable[[Memory], bool]


def detect_scales(memory: Memory) -> ScaleProfile:
    """Find the variants whose other scale these words prove.

    Words that prove nothing leave a variant out: it keeps what was known before.
    Words that are missing prove nothing.
    """
    return ScaleDetector().update(memory)


class ScaleDetector:
    """What one device's words have shown so far: a scale that is believed in is kept for good."""

    def __init__(self) -> None:
        """Begin without having seen any."""
        self._observed: ScaleProfile = STANDARD
        self._suspected: ScaleProfile = STANDARD

    def update(self, memory: Memory) -> ScaleProfile:
        """Say what is proven: at first sight, or else twice in a row, since once may be a spike."""
        held = {variant: _apply(proof, memory) for variant, proof in RULES}
        told = frozenset(one for one, holds in held.items() if holds is not None)
        proven = frozenset(one for one, holds in held.items() if holds)
        believed = proven & (self._suspected | told - self._observed)
        self._suspected = proven | self._suspected - told
        self._observed |= told
        if CELL_VOLTAGE in believed:
            # Only a SMILE-B3 sends centivolts, and it has oddities that prove nothing by themselves.
            believed |= PROFILES[ModelFamily.SMILE_B3]
        return believed


def _apply(proof: Rule, memory: Memory) -> bool | None:
    """Try a proof; None where its words are missing."""
    try:
        return proof(memory)
    except KeyError:
        return None


def _default_value(block: type[Block], name: str, memory: Memory) -> float:
    """Read a register at its usual scale."""
    value: float = block.registers[name].decode(memory)
    return value


def _grid_voltage(memory: Memory) -> bool:
    return _default_value(Grid, "voltage_l1", memory) > 1000


def _cell_voltage(memory: Memory) -> bool:
    """A cell below 1 V is no cell: then the raw value counts centivolts."""
    return 0 < _default_value(Battery, "cell_voltage_max", memory) < 1


def _inverter_temperature(memory: Memory) -> bool:
    return _default_value(InverterState, "temperature", memory) > 100


def _total_energy(memory: Memory) -> bool:
    """The system's PV total must be near what its parts add up to, not ten times that."""
    parts = _default_value(InverterState, "pv_energy_total", memory) + max(
        _default_value(PvMeter, "energy_1_total", memory),
        _default_value(PvMeter, "energy_2_total", memory),
    )
    return (
        parts > 10
        and 8 < _default_value(SystemTotals, "pv_energy_total", memory) / parts < 12
    )


def _ac_power(memory: Memory) -> bool:
    """With no sun, what the battery gives is what comes out, not ten times that.

    A kettle switched on between two reports looks alike; but then the output's own
    volts and amperes agree with its watts.
    """
    sun = sum(_default_value(Strings, f"pv{n}_power", memory) for n in (1, 2, 3))
    battery = _default_value(Battery, "power", memory)
    if sun or abs(battery) < 300:
        return False
    power = _default_value(InverterOutput, "power", memory)
    return 7 < power / battery < 13 and abs(power) > 5 * _apparent_power(memory)


def _cut_off_charge(memory: Memory) -> bool:
    """No battery is charged above 100 %."""
    ends = (
        _default_value(Periods, end, memory)
        for end in ("discharge_floor", "charge_target")
    )
    return any(100 < end <= 1000 for end in ends)


def _apparent_power(memory: Memory) -> float:
    """What the inverter's volts and amperes make, in VA; no real power is above it."""
    return sum(
        _default_value(InverterOutput, f"voltage_l{n}", memory)
        * abs(_default_value(InverterOutput, f"current_l{n}", memory))
        for n in (1, 2, 3)
    )


RULES: tuple[tuple[ScaleVariant, Rule], ...] = (
    (GRID_VOLTAGE, _grid_voltage),
    (CELL_VOLTAGE, _cell_voltage),
    (INVERTER_TEMPERATURE, _inverter_temperature),
    (TOTAL_ENERGY, _total_energy),
    (AC_POWER, _ac_power),
    (CUT_OFF_CHARGE, _cut_off_charge),
)
